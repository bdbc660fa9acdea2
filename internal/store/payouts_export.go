package store

import (
	"context"

	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// ExportPayouts is ExportPayoutFiles where all payouts are in one file. It is nil
// where all payouts of the batch are paid by hand.
func (s *Store) ExportPayouts(ctx context.Context, who string, batch int64) (file *payouts.File, copied bool, err error) {
	files, copied, err := s.ExportPayoutFiles(ctx, who, batch, false)
	if err != nil || len(files) == 0 {
		return nil, copied, err
	}
	return &files[0], copied, nil
}

// ExportPayoutFiles makes the bank file of a batch that was approved, or with
// single one for each payout, and gives the same files again where they were
// exported before: then copied is true, and single changes nothing. There are none
// where all payouts of the batch are paid by hand.
func (s *Store) ExportPayoutFiles(ctx context.Context, who string, batch int64, single bool) (files []payouts.File, copied bool, err error) {
	err = s.durably(ctx, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		b, err := tx.batch(batch, payouts.Approved, payouts.Exported)
		if err != nil {
			return err
		}
		if copied = b.State == payouts.Exported; copied {
			files, err = tx.storedPayoutFiles(batch)
			return errorOr(err, tx.audit(Entry{Who: who, Action: "payouts.copied", Subject: batchName(batch)}))
		}
		files, err = tx.exportBatch(b, who, single)
		return err
	})
	if err != nil {
		return nil, false, err
	}
	return files, copied, nil
}

func (tx *Tx) storedPayoutFiles(batch int64) (files []payouts.File, err error) {
	rows, err := find[payoutFileRow](tx.db.Where("batch_id = ?", batch).Order("place"))
	for _, row := range rows {
		files = append(files, payouts.File{Name: row.Name, Content: row.Content})
	}
	return files, err
}

// exportBatch makes the files of a batch and tells of its payouts.
func (tx *Tx) exportBatch(b *payouts.Batch, who string, single bool) ([]payouts.File, error) {
	if err := tx.lookAgain(b); err != nil {
		return nil, err
	}
	files, err := tx.payoutFiles(b, single)
	if err != nil {
		return nil, err
	}
	changed := tx.db.Model(&payoutRow{}).Where("batch_id = ? AND state = ?", b.ID, string(payouts.Approved))
	if err := inTable(changed.Updates(set{"state": string(payouts.Exported), "changed_at": utc(tx.now()), "changed_by": who})); err != nil {
		return nil, err
	}
	if err := tx.moveBatch(b, payouts.Exported, set{"exported_at": utc(tx.now()), "exported_by": who}, who); err != nil {
		return nil, err
	}
	return files, tx.tellExported(b)
}

// payoutFiles makes the bank files of a batch and stores them.
func (tx *Tx) payoutFiles(b *payouts.Batch, single bool) ([]payouts.File, error) {
	settings, _, err := loadSettings(tx.db)
	if err != nil {
		return nil, err
	}
	operator, err := first[entityRow](tx.operator())
	if err != nil || operator == nil {
		return nil, errorOr(err, fault.New(fault.Invalid, "operator_missing", nil))
	}
	debtor, err := operator.domain()
	if err != nil {
		return nil, err
	}
	files, err := payouts.NewFiles(b, single, &debtor, bank.AddressStyle(settings.PayoutAddresses), tx.now())
	if err != nil {
		return nil, err
	}
	var rows []payoutFileRow
	for i, file := range files {
		rows = append(rows, payoutFileRow{b.ID, i, file.Name, file.Content})
	}
	return files, create(tx.db, rows...)
}

// payoutData is a payout in a payload. Amounts are in its currency.
type payoutData struct {
	Payout    string           `json:"payout"`
	Batch     int64            `json:"batch"`
	Recipient string           `json:"recipient"`
	Amount    string           `json:"amount"`
	Currency  string           `json:"currency"`
	Requested string           `json:"requested_date"`
	ByHand    bool             `json:"by_hand"`
	Items     []payoutItemData `json:"items"`
}

type payoutItemData struct {
	Kind      string `json:"kind"`
	Reference string `json:"reference"`
	Amount    string `json:"amount"`
}

// tellExported tells of the payouts of a batch that is exported now.
func (tx *Tx) tellExported(b *payouts.Batch) error {
	return tx.tell(PayoutExported, func() (list []any, err error) {
		for i := range b.Payouts {
			p := &b.Payouts[i]
			if !p.State.Standing() {
				continue
			}
			data := payoutData{p.Number, b.ID, p.Entity, amountText(p.Amount, p.Currency), p.Currency, string(b.Requested), p.ByHand(), []payoutItemData{}}
			for _, item := range p.Items {
				data.Items = append(data.Items, payoutItemData{string(item.Kind), item.Reference, amountText(item.Amount, p.Currency)})
			}
			list = append(list, data)
		}
		return list, nil
	})
}

func amountText(a money.Amount, currency string) string {
	digits, _ := money.Digits(currency)
	return a.Format(digits)
}
