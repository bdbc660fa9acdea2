package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// deliveryRow is a row of deliveries.
type deliveryRow struct {
	ID         int64      `gorm:"column:id"`
	NoteID     int64      `gorm:"column:note_id"`
	Copy       int        `gorm:"column:copy"`
	State      string     `gorm:"column:state"`
	Recipients jsonText   `gorm:"column:recipients"`
	ReplyTo    string     `gorm:"column:reply_to"`
	MessageID  string     `gorm:"column:message_id"`
	Attempts   int        `gorm:"column:attempts"`
	Reply      string     `gorm:"column:reply"`
	CreatedAt  time.Time  `gorm:"column:created_at;autoCreateTime:false"`
	SendingAt  *time.Time `gorm:"column:sending_at"`
	SentAt     *time.Time `gorm:"column:sent_at"`
}

func deliveryRowOf(d *creditnotes.Delivery) deliveryRow {
	return deliveryRow{
		ID: d.ID, NoteID: d.NoteID, Copy: d.Copy, State: string(d.State), Recipients: jsonOf(d.To), ReplyTo: d.ReplyTo,
		MessageID: d.MessageID, Attempts: d.Attempts, Reply: d.Reply, CreatedAt: utc(d.CreatedAt), SentAt: utcOrNull(d.SentAt),
	}
}

func (r deliveryRow) delivery() (creditnotes.Delivery, error) {
	d := creditnotes.Delivery{
		ID: r.ID, NoteID: r.NoteID, Copy: r.Copy, State: creditnotes.DeliveryState(r.State), ReplyTo: r.ReplyTo,
		MessageID: r.MessageID, Attempts: r.Attempts, Reply: r.Reply, CreatedAt: r.CreatedAt.UTC(), SentAt: orZero(r.SentAt),
	}
	return d, r.Recipients.read("recipients", &d.To)
}

// Deliveries lists the mailings of a note, the original first.
func (s *Store) Deliveries(ctx context.Context, noteID int64) ([]creditnotes.Delivery, error) {
	var list []creditnotes.Delivery
	for row, err := range eachRow[deliveryRow](ctx, s.readSQL, "deliveries", "WHERE note_id = $1 ORDER BY copy", noteID) {
		if err != nil {
			return nil, err
		}
		d, err := row.delivery()
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	all := make([]*creditnotes.Delivery, len(list))
	for i := range list {
		all[i] = &list[i]
	}
	return list, s.addRecipients(ctx, all)
}

// DeliveryCounts counts the mailings by state.
func (s *Store) DeliveryCounts(ctx context.Context) (map[creditnotes.DeliveryState]int, error) {
	type count struct {
		state creditnotes.DeliveryState
		n     int
	}
	rows, err := collect(ctx, s.readSQL, func(c *count) []any { return []any{&c.state, &c.n} },
		"SELECT state, count(*) FROM deliveries GROUP BY state")
	counts := make(map[creditnotes.DeliveryState]int, len(rows))
	for _, c := range rows {
		counts[c.state] = c.n
	}
	return counts, err
}

// Delivery returns a mailing with its note and the files to be attached.
func (s *Store) Delivery(ctx context.Context, id int64) (*creditnotes.Delivery, *creditnotes.Note, []creditnotes.File, error) {
	rows, err := allRows[deliveryRow](ctx, s.readSQL, "deliveries", "WHERE id = $1", id)
	if err != nil {
		return nil, nil, nil, err
	}
	if len(rows) == 0 {
		return nil, nil, nil, fault.New(fault.NotFound, "delivery_unknown", fault.Args{"delivery": id})
	}
	d, err := rows[0].delivery()
	if err != nil {
		return nil, nil, nil, err
	}
	note, err := s.Note(ctx, d.NoteID)
	if err != nil {
		return nil, nil, nil, err
	}
	if d.MarkedCopy, err = s.acceptedBefore(ctx, &d); err != nil {
		return nil, nil, nil, err
	}
	files, err := s.Files(ctx, d.NoteID)
	files = slices.DeleteFunc(files, func(f creditnotes.File) bool { return !f.Kind.Mailed() })
	return &d, note, files, err
}

// acceptedBefore reports whether a server has accepted another mailing of the
// note.
func (s *Store) acceptedBefore(ctx context.Context, d *creditnotes.Delivery) (accepted bool, err error) {
	err = s.readSQL.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM deliveries WHERE note_id = $1 AND id <> $2 AND state = 'sent')",
		d.NoteID, d.ID).Scan(&accepted)
	return accepted, explain(err)
}

// StartSending moves a mailing that is queued, or whose sender died, to sending
// and counts the attempt. It succeeds only if the mailing has had attempt-1
// attempts so far; otherwise somebody else has taken it: a Conflict fault.
func (s *Store) StartSending(ctx context.Context, id int64, attempt int) error {
	return s.durably(ctx, func(tx *Tx) error {
		n, err := tx.exec(`UPDATE deliveries SET state = 'sending', attempts = $1, sending_at = $2
			WHERE id = $3 AND attempts = $4 AND state IN ('queued', 'sending')`, attempt, s.now(), id, attempt-1)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "delivery_taken", fault.Args{"delivery": id})
		}
		return err
	})
}

// Finish records how an attempt ended, and what became of the recipients that
// are decided. It applies to mailings that are queued, sending or parked:
// knowing what happened is better than being parked.
func (s *Store) Finish(ctx context.Context, id int64, state creditnotes.DeliveryState, reply string, at time.Time,
	recipients ...creditnotes.DeliveryRecipient) error {
	return s.durably(ctx, func(tx *Tx) error {
		changed, err := tx.deliveryChanges(id, state)
		if err != nil {
			return err
		}
		var sent *time.Time
		if state == creditnotes.DeliverySent {
			sent = &at
		}
		n, err := tx.exec(`UPDATE deliveries SET state = $1, reply = $2, sent_at = $3
			WHERE id = $4 AND state IN ('queued', 'sending', 'parked')`, string(state), reply, sent, id)
		if err != nil || n == 0 {
			return err
		}
		if err := tx.saveRecipients(id, recipients); err != nil || !changed {
			return err
		}
		switch state {
		case creditnotes.DeliveryFailed, creditnotes.DeliveryParked:
			return tx.tellDelivery(id)
		}
		return nil
	})
}

// deliveryChanges tells whether a mailing is in another state than this one.
// The row stays locked: of two processes that park it, one changes it.
func (tx *Tx) deliveryChanges(id int64, state creditnotes.DeliveryState) (bool, error) {
	var before string
	err := tx.scanRow("UPDATE deliveries SET state = state WHERE id = $1 RETURNING state", []any{id}, &before)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return before != string(state), err
}

// ReadyDeliveries counts the mailings that could be sent now, with their
// documents stored: those that are queued, and those whose sending is so old
// that it counts as that of a process that died (Work.SendingGrace).
func (s *Store) ReadyDeliveries(ctx context.Context, grace time.Duration) (n int, err error) {
	err = s.readSQL.QueryRowContext(ctx, `SELECT count(*) FROM deliveries d
		WHERE (d.state = 'queued' OR d.state = 'sending' AND d.sending_at <= $1)
			AND EXISTS (SELECT 1 FROM files f WHERE f.note_id = d.note_id)`, utc(s.now().Add(-grace))).Scan(&n)
	return n, explain(err)
}
