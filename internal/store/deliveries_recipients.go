package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
)

// recipientRow is a row of delivery_recipients.
type recipientRow struct {
	DeliveryID int64  `gorm:"column:delivery_id"`
	Position   int    `gorm:"column:position"`
	Address    string `gorm:"column:address"`
	State      string `gorm:"column:state"`
	Reply      string `gorm:"column:reply"`
}

// TableName implements schema.Tabler.
func (recipientRow) TableName() string { return "delivery_recipients" }

// queueRecipients adds the recipients of mailings, which wait where their states
// are not given.
func (tx *Tx) queueRecipients(list []creditnotes.Delivery) error {
	var rows []recipientRow
	for _, d := range list {
		if len(d.Recipients) == 0 {
			for i, to := range d.To {
				rows = append(rows, recipientRow{d.ID, i, to, string(creditnotes.RecipientQueued), ""})
			}
		}
		for i, r := range d.Recipients {
			rows = append(rows, recipientRow{d.ID, i, r.Address, string(r.State), r.Reply})
		}
	}
	return create(tx.db, rows...)
}

// saveRecipients keeps what became of a mailing at some of its recipients, and
// returns all of them.
func (tx *Tx) saveRecipients(delivery int64, recipients []creditnotes.DeliveryRecipient) (all []creditnotes.DeliveryRecipient, err error) {
	for _, r := range recipients {
		if _, err := tx.exec("UPDATE delivery_recipients SET state = $1, reply = $2 WHERE delivery_id = $3 AND address = $4",
			string(r.State), r.Reply, delivery, r.Address); err != nil {
			return nil, err
		}
	}
	return collect(tx.ctx, tx.sql, func(r *creditnotes.DeliveryRecipient) []any { return []any{&r.Address, &r.State, &r.Reply} },
		"SELECT address, state, reply FROM delivery_recipients WHERE delivery_id = $1 ORDER BY position", delivery)
}

// addRecipients fills in what is known of the recipients of mailings.
func (s *Store) addRecipients(ctx context.Context, deliveries []*creditnotes.Delivery) error {
	if len(deliveries) == 0 {
		return nil
	}
	ids, of := make([]int64, len(deliveries)), map[int64]*creditnotes.Delivery{}
	for i, d := range deliveries {
		ids[i], of[d.ID] = d.ID, d
	}
	rows, err := find[recipientRow](s.db(ctx).Where("delivery_id "+s.dialect.in("$1"), s.dialect.list(ids)).Order("delivery_id, position"))
	if err != nil {
		return fmt.Errorf("recipients of mailings: %w", err)
	}
	for _, row := range rows {
		d := of[row.DeliveryID]
		d.Recipients = append(d.Recipients, creditnotes.DeliveryRecipient{
			Address: row.Address, State: creditnotes.RecipientState(row.State), Reply: row.Reply,
		})
	}
	return nil
}

// latest is the condition for the latest mailing d of a note or report.
const latest = `NOT EXISTS (SELECT 1 FROM deliveries later WHERE later.note_id = d.note_id AND later.copy > d.copy)
	AND NOT EXISTS (SELECT 1 FROM deliveries later WHERE later.report_id = d.report_id AND later.copy > d.copy)
	AND NOT EXISTS (SELECT 1 FROM deliveries later WHERE later.payout_id = d.payout_id AND later.copy > d.copy)
	AND NOT EXISTS (SELECT 1 FROM deliveries later WHERE later.reminder_id = d.reminder_id AND later.copy > d.copy)`

// undelivered is the condition for the latest mailing d of a note that did not
// reach everyone, where nothing happens by itself.
const undelivered = `d.state IN ('failed', 'parked', 'incomplete')
	AND NOT EXISTS (SELECT 1 FROM delivery_recipients r WHERE r.delivery_id = d.id AND r.state IN ('queued', 'deferred', 'sending'))
	AND ` + latest

// Undelivered implements creditnotes.NoteStore.
func (s *Store) Undelivered(ctx context.Context, runID int64) ([]creditnotes.Undelivered, error) {
	return s.RunUndelivered(ctx, runID, creditnotes.MostRows)
}

// RunUndelivered lists what a person has to send again, in the order of the
// numbers; limit is the most that are listed.
func (s *Store) RunUndelivered(ctx context.Context, runID int64, limit int) ([]creditnotes.Undelivered, error) {
	return s.undelivered(ctx, limited("WHERE (n.run_id = $1 AND n.kind <> 'cancellation' OR p.run_id = $1) AND "+undelivered+" ORDER BY n.number, p.name", limit), runID)
}

func (s *Store) undelivered(ctx context.Context, rest string, args ...any) ([]creditnotes.Undelivered, error) {
	type row struct {
		creditnotes.Undelivered
		to jsonText
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.ID, &r.NoteID, &r.ReportID, &r.Number, &r.Recipient, &r.State, &r.Copy, &r.Attempts, &r.Reply, &r.to}
	}, `SELECT d.id, coalesce(d.note_id, 0), coalesce(d.report_id, 0), `+carriedNumber+`, `+carriedRecipient+`, d.state, d.copy, d.attempts, d.reply, d.recipients
		FROM deliveries d `+carrier+` `+rest, args...)
	if err != nil {
		return nil, err
	}
	list := make([]creditnotes.Undelivered, len(rows))
	mailings := make([]*creditnotes.Delivery, len(rows))
	for i, r := range rows {
		list[i] = r.Undelivered
		mailings[i] = &list[i].Delivery
		if err := r.to.read("recipients", &list[i].To); err != nil {
			return nil, err
		}
	}
	if err := s.addRecipients(ctx, mailings); err != nil {
		return nil, err
	}
	return list, s.addReached(ctx, list)
}

// addReached fills in which addresses accepted a mailing of the note or report.
func (s *Store) addReached(ctx context.Context, list []creditnotes.Undelivered) error {
	type mailed struct{ note, report int64 }
	notes, reports, of := []int64{}, []int64{}, map[mailed]*creditnotes.Undelivered{}
	for i := range list {
		d := &list[i]
		notes, reports = append(notes, d.NoteID), append(reports, d.ReportID)
		of[mailed{d.NoteID, d.ReportID}] = d
	}
	type accepted struct {
		mailed
		address string
	}
	rows, err := collect(ctx, s.readSQL, func(a *accepted) []any { return []any{&a.note, &a.report, &a.address} }, `
		SELECT coalesce(d.note_id, 0), coalesce(d.report_id, 0), r.address FROM deliveries d JOIN delivery_recipients r ON r.delivery_id = d.id
		WHERE (d.note_id `+s.dialect.in("$1")+` OR d.report_id `+s.dialect.in("$2")+`) AND r.state = 'accepted'
		ORDER BY d.note_id, d.report_id, d.copy, r.position`, s.dialect.list(notes), s.dialect.list(reports))
	for _, a := range rows {
		of[a.mailed].Reached = append(of[a.mailed].Reached, a.address)
	}
	return err
}
