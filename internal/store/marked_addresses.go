package store

import (
	"context"
	"time"

	"gorm.io/gorm/clause"

	"creditrun/creditnotes"
)

// markRow is a row of marked_addresses.
type markRow struct {
	Address  string    `gorm:"column:address;primaryKey"`
	Kind     string    `gorm:"column:kind"`
	Reason   string    `gorm:"column:reason"`
	Number   string    `gorm:"column:number"`
	Bounce   string    `gorm:"column:bounce"`
	MarkedAt time.Time `gorm:"column:marked_at"`
	MarkedBy string    `gorm:"column:marked_by"`
}

// TableName implements schema.Tabler.
func (markRow) TableName() string { return "marked_addresses" }

// markAddresses marks addresses that are not marked yet, returns those, and
// suppresses the mails that wait for them.
func (tx *Tx) markAddresses(b creditnotes.Bounce, m *bounced, marks []markRow) (fresh []markRow, err error) {
	var entries []Entry
	for _, mark := range marks {
		mark.Number, mark.Bounce, mark.MarkedAt, mark.MarkedBy = m.number, b.Hash, utc(tx.now()), b.Who
		n, err := affected(tx.db.Clauses(clause.OnConflict{DoNothing: true}).Create(&mark))
		if err != nil {
			return nil, bounceError(err)
		}
		if n == 0 {
			continue
		}
		fresh = append(fresh, mark)
		evidence := bounceEvidence{mark.Kind, mark.Reason, mark.Number, mark.Bounce, b.Reporter, b.Mailbox}
		entries = append(entries, Entry{Who: b.Who, Action: AddressMarked, Subject: mark.Address, After: evidence.text()})
	}
	if err := tx.suppressWaiting(fresh); err != nil {
		return nil, err
	}
	return fresh, tx.audit(entries...)
}

// suppressWaiting takes addresses that were just marked out of the mails that
// wait.
func (tx *Tx) suppressWaiting(marks []markRow) error {
	if len(marks) == 0 {
		return nil
	}
	rows, err := find[recipientRow](tx.db.Where("state IN ('queued', 'deferred')").Order("delivery_id"))
	if err != nil {
		return bounceError(err)
	}
	for _, w := range rows {
		for _, mark := range marks {
			if creditnotes.AddressKey(w.Address) != mark.Address {
				continue
			}
			m := &bounced{id: w.DeliveryID}
			if err := tx.scanRow("UPDATE deliveries SET state = state WHERE id = $1 RETURNING state, reply", []any{m.id}, &m.state, &m.reply); err != nil {
				return bounceError(err)
			}
			if err := tx.changeRecipients(m, []creditnotes.DeliveryRecipient{suppressed(w.Address, mark)}); err != nil {
				return err
			}
		}
	}
	return nil
}

func suppressed(address string, mark markRow) creditnotes.DeliveryRecipient {
	return creditnotes.DeliveryRecipient{Address: address, State: creditnotes.RecipientSuppressed, Reply: mark.Reason}
}

// suppress leaves the marked addresses out of mailings that are queued. A
// mailing of which nothing is left has failed from the start; it stands among
// the open ones until a person has corrected an address and sends it again.
func (tx *Tx) suppress(list []creditnotes.Delivery) error {
	rows, err := find[markRow](tx.db)
	if err != nil || len(rows) == 0 {
		return bounceError(err)
	}
	marks := make(map[string]markRow, len(rows))
	for _, row := range rows {
		marks[row.Address] = row
	}
	for i := range list {
		d := &list[i]
		var to []creditnotes.DeliveryRecipient
		out := 0
		for _, address := range d.To {
			r := creditnotes.DeliveryRecipient{Address: address, State: creditnotes.RecipientQueued}
			if mark, marked := marks[creditnotes.AddressKey(address)]; marked {
				r, out = suppressed(address, mark), out+1
				d.Reply = mark.Reason
			}
			to = append(to, r)
		}
		if out > 0 && len(d.Recipients) == 0 {
			d.Recipients, d.State = to, creditnotes.StateOf(to)
		}
	}
	return nil
}

// MarkedAddresses lists the addresses that get no more mails.
func (s *Store) MarkedAddresses(ctx context.Context) ([]creditnotes.MarkedAddress, error) {
	list, err := collect(ctx, s.readSQL, func(m *creditnotes.MarkedAddress) []any {
		return []any{&m.Address, &m.Kind, &m.Reason, &m.Number, &m.MarkedAt, &m.MarkedBy, &m.Reporter}
	}, `SELECT m.address, m.kind, m.reason, m.number, m.marked_at, m.marked_by, b.reporter
		FROM marked_addresses m JOIN bounces b ON b.hash = m.bounce ORDER BY m.address`)
	for i := range list {
		list[i].MarkedAt = list[i].MarkedAt.UTC()
	}
	return list, bounceError(err)
}

// LiftAddress ends the mark of an address: mails go to it again. An address
// without a mark is a NotFound fault.
func (s *Store) LiftAddress(ctx context.Context, who, address string) error {
	key := creditnotes.AddressKey(address)
	return s.inTx(ctx, func(tx *Tx) error {
		m, err := first[markRow](tx.db.Where("address = ?", key))
		if err != nil {
			return bounceError(err)
		}
		if m == nil {
			return addressUnmarked(address)
		}
		n, err := affected(tx.db.Delete(m))
		if err != nil || n == 0 {
			return bounceError(err)
		}
		evidence := bounceEvidence{Kind: m.Kind, Reason: m.Reason, Number: m.Number, Report: m.Bounce}
		return tx.audit(Entry{Who: who, Action: AddressLifted, Subject: key, Before: evidence.text()})
	})
}
