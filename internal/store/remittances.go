package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
	"creditrun/numbering"
)

// remittanceRow is a row of remittance_advices.
type remittanceRow struct {
	PayoutID int64     `gorm:"column:payout_id"`
	Content  string    `gorm:"column:content"`
	Hash     string    `gorm:"column:hash"`
	FrozenAt time.Time `gorm:"column:frozen_at"`
}

// TableName implements schema.Tabler.
func (remittanceRow) TableName() string { return "remittance_advices" }

// remittanceFileRow is a row of remittance_files.
type remittanceFileRow struct {
	PayoutID  int64     `gorm:"column:payout_id"`
	Kind      string    `gorm:"column:kind"`
	MediaType string    `gorm:"column:media_type"`
	SHA256    string    `gorm:"column:sha256"`
	Content   []byte    `gorm:"column:content"`
	CreatedAt time.Time `gorm:"column:created_at;autoCreateTime:false"`
}

// TableName implements schema.Tabler.
func (remittanceFileRow) TableName() string { return "remittance_files" }

// ExecutedPayouts implements creditnotes.RemittanceStore.
func (s *Store) ExecutedPayouts(ctx context.Context) (list []creditnotes.Remittance, err error) {
	err = s.snapshot(ctx, func(v view) error {
		executed, err := payoutsBy(ctx, v, s.dialect, v.db.Where("state = 'executed' AND NOT advised AND id NOT IN (SELECT payout_id FROM remittance_advices)"))
		for _, p := range executed {
			a := creditnotes.Remittance{PayoutID: p.ID, Payout: p.Number, Recipient: p.Entity, Currency: p.Currency, Amount: p.Amount,
				ExecutedOn: p.ExecutedOn, Account: strings.TrimLeft(entities.LastFour(p.Payee.IBAN), "• ")}
			for _, i := range p.Items {
				a.Items = append(a.Items, creditnotes.PaidDocument{Kind: i.Kind, Reference: i.Reference, Date: i.Value, Amount: i.Amount})
			}
			list = append(list, a)
		}
		return err
	})
	return list, err
}

// AddRemittance implements creditnotes.RemittanceStore.
func (s *Store) AddRemittance(ctx context.Context, who string, f *creditnotes.FrozenRemittance, number string, mail *creditnotes.Delivery) (added bool, err error) {
	err = s.durably(ctx, func(tx *Tx) error {
		added = false
		if err := tx.lock("payouts"); err != nil {
			return err
		}
		row, err := first[payoutRow](tx.db.Where("id = ? AND state = ? AND id NOT IN (SELECT payout_id FROM remittance_advices)", f.PayoutID, string(payouts.Executed)))
		if err != nil || row == nil {
			return err
		}
		added = true
		if err := create(tx.db, remittanceRow{f.PayoutID, string(f.Content), f.SHA256, utc(f.FrozenAt)}); err != nil {
			return err
		}
		if _, err := tx.exec("UPDATE payouts SET advised = true WHERE id = $1", f.PayoutID); err != nil {
			return err
		}
		if err := tx.audit(Entry{Who: who, Action: creditnotes.ActionAdvised, Subject: number, After: f.SHA256}); err != nil || mail == nil {
			return err
		}
		return tx.queueAdvice(who, number, mail)
	})
	return added, err
}

// queueAdvice queues the mail of an advice. It begins at once: its file is made
// when it is sent.
func (tx *Tx) queueAdvice(who, number string, mail *creditnotes.Delivery) error {
	queue, err := tx.jobs()
	if err != nil {
		return err
	}
	w := &issueWriter{tx: tx, jobs: queue}
	if err := w.AddDeliveries([]creditnotes.Delivery{*mail}); err != nil {
		return err
	}
	seal := (creditnotes.Mailing{MessageID: mail.MessageID, To: mail.To}).Seal()
	return tx.audit(Entry{Who: who, Action: creditnotes.ActionAdviceMailed, Subject: number, After: seal})
}

// RemittanceOf implements creditnotes.RemittanceStore.
func (s *Store) RemittanceOf(ctx context.Context, number string) (*creditnotes.FrozenRemittance, error) {
	row, err := first[remittanceRow](s.db(ctx).Where("payout_id = (SELECT id FROM payouts WHERE number = ?)", number))
	return frozenRemittance(row, err, number)
}

// RemittanceByID implements creditnotes.RemittanceStore.
func (s *Store) RemittanceByID(ctx context.Context, payoutID int64) (*creditnotes.FrozenRemittance, error) {
	row, err := first[remittanceRow](s.db(ctx).Where("payout_id = ?", payoutID))
	return frozenRemittance(row, err, payoutNumber(payoutID))
}

func frozenRemittance(row *remittanceRow, err error, number string) (*creditnotes.FrozenRemittance, error) {
	if err != nil || row == nil {
		return nil, errorOr(err, fault.New(fault.NotFound, "payout_unknown", fault.Args{"payout": number}))
	}
	return &creditnotes.FrozenRemittance{PayoutID: row.PayoutID, Content: []byte(row.Content), SHA256: row.Hash, FrozenAt: row.FrozenAt.UTC()}, nil
}

// carriedAdvice is the letter of the advice that a mailing carries.
func (s *Store) carriedAdvice(ctx context.Context, d *creditnotes.Delivery) (*creditnotes.Note, error) {
	frozen, err := s.RemittanceByID(ctx, d.PayoutID)
	if err != nil {
		return nil, err
	}
	if d.Remittance, err = frozen.Remittance(); err != nil {
		return nil, err
	}
	return d.Remittance.Letter(), nil
}

// RemittanceFiles implements creditnotes.RemittanceStore.
func (s *Store) RemittanceFiles(ctx context.Context, payoutID int64) (files []creditnotes.File, err error) {
	rows, err := find[remittanceFileRow](s.db(ctx).Where("payout_id = ?", payoutID).Order("kind"))
	for _, r := range rows {
		kind := creditnotes.FileKind(r.Kind)
		files = append(files, creditnotes.File{PayoutID: r.PayoutID, Kind: kind, Name: kind.FileName(numbering.FileName(payoutNumber(payoutID))),
			MediaType: r.MediaType, SHA256: r.SHA256, Content: r.Content})
	}
	return files, err
}

// SaveRemittanceFiles implements creditnotes.RemittanceStore. The audit log records
// the hashes of the files as those of a note.
func (s *Store) SaveRemittanceFiles(ctx context.Context, payoutID int64, files []creditnotes.File) error {
	return s.durably(ctx, func(tx *Tx) error {
		if err := tx.lock("payouts"); err != nil {
			return err
		}
		stored, err := find[remittanceFileRow](tx.db.Where("payout_id = ?", payoutID))
		if err != nil || len(stored) > 0 {
			return err // another process has stored them
		}
		sums := map[creditnotes.FileKind]string{}
		for _, f := range files {
			sum := sha256.Sum256(f.Content)
			sums[f.Kind] = hex.EncodeToString(sum[:])
			row := remittanceFileRow{payoutID, string(f.Kind), f.MediaType, sums[f.Kind], f.Content, utc(tx.now())}
			if err := create(tx.db, row); err != nil {
				return fmt.Errorf("remittance advice of %s: %w", payoutNumber(payoutID), err)
			}
		}
		return tx.audit(renderedEntry("render", payoutNumber(payoutID), sums))
	})
}

// RemittanceDeliveries implements creditnotes.RemittanceStore.
func (s *Store) RemittanceDeliveries(ctx context.Context, payoutID int64) ([]creditnotes.Delivery, error) {
	return s.deliveriesOf(ctx, "payout_id = ?", payoutID)
}
