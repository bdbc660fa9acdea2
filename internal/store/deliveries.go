package store

import (
	"context"
	"crypto/rand"
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
	NoteID     *int64     `gorm:"column:note_id"`
	ReportID   *int64     `gorm:"column:report_id"`
	PayoutID   *int64     `gorm:"column:payout_id"`
	ReminderID *int64     `gorm:"column:reminder_id"`
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
	Handover   string     `gorm:"column:handover"`
	DueAt      *time.Time `gorm:"column:due_at"`
	JudgedAt   *time.Time `gorm:"column:judged_at"`
	Doubt      string     `gorm:"column:doubt"`
}

// TableName implements schema.Tabler.
func (deliveryRow) TableName() string { return "deliveries" }

func deliveryRowOf(d *creditnotes.Delivery) deliveryRow {
	return deliveryRow{
		ID: d.ID, NoteID: orNull(d.NoteID), ReportID: orNull(d.ReportID), PayoutID: orNull(d.PayoutID), ReminderID: orNull(d.ReminderID), Copy: d.Copy, State: string(d.State), Recipients: jsonOf(d.To), ReplyTo: d.ReplyTo,
		MessageID: d.MessageID, Attempts: d.Attempts, Reply: d.Reply, CreatedAt: utc(d.CreatedAt), SentAt: utcOrNull(d.SentAt),
		Handover: d.Handover, DueAt: utcOrNull(d.DueAt), JudgedAt: utcOrNull(d.JudgedAt), Doubt: d.Doubt,
	}
}

func (r deliveryRow) delivery() (creditnotes.Delivery, error) {
	d := creditnotes.Delivery{
		ID: r.ID, NoteID: orZero(r.NoteID), ReportID: orZero(r.ReportID), PayoutID: orZero(r.PayoutID), ReminderID: orZero(r.ReminderID), Copy: r.Copy, State: creditnotes.DeliveryState(r.State), ReplyTo: r.ReplyTo,
		MessageID: r.MessageID, Attempts: r.Attempts, Reply: r.Reply, CreatedAt: r.CreatedAt.UTC(), SentAt: orZero(r.SentAt),
		Handover: r.Handover, SendingAt: orZero(r.SendingAt), DueAt: orZero(r.DueAt), JudgedAt: orZero(r.JudgedAt), Doubt: r.Doubt,
	}
	return d, r.Recipients.read("recipients", &d.To)
}

// Deliveries lists the mailings that carry a note, the original first.
func (s *Store) Deliveries(ctx context.Context, noteID int64) ([]creditnotes.Delivery, error) {
	return s.deliveriesOf(ctx, "note_id IN (SELECT id FROM credit_notes WHERE id = ?) OR note_id IN (SELECT mailed_with FROM credit_notes WHERE id = ?)", noteID, noteID)
}

// ReportDeliveries implements creditnotes.ReportStore.
func (s *Store) ReportDeliveries(ctx context.Context, id int64) ([]creditnotes.Delivery, error) {
	return s.deliveriesOf(ctx, "report_id = ?", id)
}

func (s *Store) deliveriesOf(ctx context.Context, where string, ids ...any) ([]creditnotes.Delivery, error) {
	rows, err := find[deliveryRow](s.db(ctx).Where(where, ids...).Order("copy, id"))
	if err != nil {
		return nil, err
	}
	var list []creditnotes.Delivery
	for _, row := range rows {
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

// Delivery returns a mailing with its note and the files to be attached: those of
// the note and of the settlement reports that go with it. Of a settlement report
// alone the note is its letter; without files they are yet to be made.
func (s *Store) Delivery(ctx context.Context, id int64) (*creditnotes.Delivery, *creditnotes.Note, []creditnotes.File, error) {
	row, err := first[deliveryRow](s.db(ctx).Where("id = ?", id))
	if err != nil {
		return nil, nil, nil, err
	}
	if row == nil {
		return nil, nil, nil, fault.New(fault.NotFound, "delivery_unknown", fault.Args{"delivery": id})
	}
	d, err := row.delivery()
	if err != nil {
		return nil, nil, nil, err
	}
	note, err := s.carried(ctx, &d)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := s.addRecipients(ctx, []*creditnotes.Delivery{&d}); err != nil {
		return nil, nil, nil, err
	}
	if d.MarkedCopy, err = s.acceptedBefore(ctx, &d); err != nil {
		return nil, nil, nil, err
	}
	files, err := s.attached(ctx, &d, note)
	return &d, note, files, err
}

// carried is the note that a mailing carries, or the letter of its report.
func (s *Store) carried(ctx context.Context, d *creditnotes.Delivery) (*creditnotes.Note, error) {
	switch {
	case d.PayoutID != 0:
		return s.carriedAdvice(ctx, d)
	case d.ReminderID != 0:
		return s.carriedReminder(ctx, d)
	}
	if d.ReportID == 0 {
		var err error
		if d.Joint, err = notesWhere(s.db(ctx), "n.mailed_with = $1", d.NoteID); err != nil {
			return nil, err
		}
		return s.Note(ctx, d.NoteID)
	}
	frozen, err := s.FrozenReportByID(ctx, d.ReportID)
	if err != nil {
		return nil, err
	}
	if d.Report, err = frozen.Report(); err != nil {
		return nil, err
	}
	return d.Report.Letter(), nil
}

// attached are the files of a mailing, in their order.
func (s *Store) attached(ctx context.Context, d *creditnotes.Delivery, note *creditnotes.Note) ([]creditnotes.File, error) {
	switch {
	case d.PayoutID != 0:
		return s.RemittanceFiles(ctx, d.PayoutID)
	case d.ReminderID != 0:
		return s.reminderFiles(ctx, d.ReminderID)
	case d.ReportID != 0:
		return s.reportFiles(ctx, "r.id = $1", d.ReportID)
	}
	files, err := s.Files(ctx, d.NoteID)
	if err != nil {
		return nil, err
	}
	files = creditnotes.Mailed(files, note.Document.Delivery)
	for _, n := range d.Joint {
		more, err := s.Files(ctx, n.ID)
		if err != nil {
			return nil, err
		}
		files = append(files, creditnotes.Mailed(more, n.Document.Delivery)...)
	}
	reports, err := s.reportFiles(ctx, "r.note_id = $1", d.NoteID)
	return append(files, reports...), err
}

// acceptedBefore reports whether a server has accepted another mailing of the
// note or report, for any recipient.
func (s *Store) acceptedBefore(ctx context.Context, d *creditnotes.Delivery) (accepted bool, err error) {
	err = s.readSQL.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM deliveries o JOIN delivery_recipients r ON r.delivery_id = o.id
		WHERE (o.note_id = $1 OR o.note_id = (SELECT mailed_with FROM credit_notes WHERE id = $1) OR o.report_id = $2 OR o.payout_id = $3 OR o.reminder_id = $4) AND o.id <> $5 AND r.state IN ('accepted', 'bounced'))`,
		d.NoteID, d.ReportID, d.PayoutID, d.ReminderID, d.ID).Scan(&accepted)
	return accepted, translateError(err)
}

// HandOver records that a mailing is being handed over to these of its
// recipients. It succeeds only if the mailing was not handed over since it was
// read, when before was its handover; otherwise it is a Conflict fault. The
// handover from now on is returned also with an error, because a commit may
// have succeeded although its answer was lost.
func (s *Store) HandOver(ctx context.Context, id int64, before string, to []string) (next string, err error) {
	next = rand.Text()
	return next, s.durably(ctx, func(tx *Tx) error {
		if err := tx.confirmed(); err != nil {
			return err
		}
		n, err := tx.exec(`UPDATE deliveries SET state = 'sending', handover = $1, sending_at = $2
			WHERE id = $3 AND handover = $4 AND state IN ('queued', 'incomplete', 'sending')`, next, s.now(), id, before)
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "delivery_taken", fault.Args{"delivery": id})
		}
		if err != nil {
			return err
		}
		_, err = tx.exec("UPDATE delivery_recipients SET state = 'sending' WHERE delivery_id = $1 AND address "+s.dialect.in("$2")+
			" AND state IN ('queued', 'deferred', 'sending')", id, s.dialect.texts(to))
		return err
	})
}

// Finish records how an attempt ended. An attempt whose handover is not that of
// the mailing is a Conflict fault: another process has it. It applies to
// parked mailings, too: knowing what happened is better than being parked.
func (s *Store) Finish(ctx context.Context, id int64, a creditnotes.Attempt) error {
	var settled []endedMail
	err := s.durably(ctx, func(tx *Tx) error {
		settled = nil
		var before string
		err := tx.scanRow("UPDATE deliveries SET state = state WHERE id = $1 AND handover = $2 RETURNING state", []any{id, a.Handover}, &before)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Conflict, "delivery_taken", fault.Args{"delivery": id})
		}
		if err != nil {
			return err
		}
		all, err := tx.saveRecipients(id, a.Recipients)
		if err != nil {
			return err
		}
		if err := tx.finishMailing(id, a, all); err != nil {
			return err
		}
		switch {
		case a.Doubt != "":
			err = tx.dropDoubts("id = $1 AND EXISTS (SELECT 1 FROM mail_pause)", id)
		case accepts(a.Recipients):
			settled, err = tx.settleDoubts(id)
		}
		return errors.Join(err, tx.tellEnded(id, creditnotes.DeliveryState(before), all))
	})
	if err == nil {
		s.logEnded(ctx, settled)
	}
	return err
}

// finishMailing writes the row of a mailing after an attempt.
func (tx *Tx) finishMailing(id int64, a creditnotes.Attempt, all []creditnotes.DeliveryRecipient) error {
	counts := 0
	if a.Counts {
		counts = 1
	}
	var sent, judged *time.Time
	if accepts(a.Recipients) {
		sent = utcOrNull(a.At)
	}
	if a.Counts || a.Doubt != "" {
		judged = utcOrNull(a.At)
	}
	_, err := tx.exec(`UPDATE deliveries SET state = $1, reply = $2, attempts = attempts + $3, due_at = $4, doubt = $5,
			sent_at = coalesce($6, sent_at), judged_at = coalesce(judged_at, $7)
		WHERE id = $8`, string(creditnotes.StateOf(all)), a.Reply, counts, utcOrNull(a.DueAt), a.Doubt, sent, judged, id)
	return err
}

func accepts(list []creditnotes.DeliveryRecipient) bool {
	return slices.ContainsFunc(list, func(r creditnotes.DeliveryRecipient) bool { return r.State == creditnotes.RecipientAccepted })
}

// tellEnded writes the event of a mailing that ended now with open recipients for whom
// nothing happens by itself.
func (tx *Tx) tellEnded(id int64, before creditnotes.DeliveryState, all []creditnotes.DeliveryRecipient) error {
	state := creditnotes.StateOf(all)
	waits := slices.ContainsFunc(all, func(r creditnotes.DeliveryRecipient) bool { return r.State.Waits() })
	switch {
	case state == before, waits:
		return nil
	case state == creditnotes.DeliveryFailed, state == creditnotes.DeliveryParked, state == creditnotes.DeliveryIncomplete:
		return tx.tellDelivery(id)
	}
	return nil
}

// sendable is the condition for a mailing d that could be sent: one of a note with
// its documents stored. Those of a report are made when it is sent.
const sendable = `(d.state = 'queued' OR d.state = 'incomplete'
		AND EXISTS (SELECT 1 FROM delivery_recipients r WHERE r.delivery_id = d.id AND r.state IN ('queued', 'deferred')))
	AND (d.note_id IS NULL OR ` + rendered + ")"

// rendered is the condition for a mailing d of which all documents are stored.
const rendered = `EXISTS (SELECT 1 FROM files f WHERE f.note_id = d.note_id)
	AND NOT EXISTS (SELECT 1 FROM credit_notes j WHERE j.mailed_with = d.note_id AND NOT EXISTS (SELECT 1 FROM files f WHERE f.note_id = j.id))`

// carrier joins to mailings d what they carry: the note n, the settlement report p,
// the advice of payout po, or the reminder q.
const carrier = "LEFT JOIN credit_notes n ON n.id = d.note_id LEFT JOIN settlement_reports p ON p.id = d.report_id " +
	"LEFT JOIN payouts po ON po.id = d.payout_id LEFT JOIN reminders q ON q.id = d.reminder_id"

// What a mailing with its carrier carries: the number, the name of the report, or
// the number of the payout, and the key of the recipient.
const (
	carriedNumber    = "coalesce(n.number, p.name, po.number, q.number, '')"
	carriedRecipient = "coalesce(n.recipient_key, p.recipient_key, po.entity_key, q.entity_key)"
)

// Doubts is what is known of the other mailings, where this one was refused for
// a reason that may concern all.
func (s *Store) Doubts(ctx context.Context, d *creditnotes.Delivery) (creditnotes.MailDoubts, error) {
	var out creditnotes.MailDoubts
	err := s.readSQL.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM deliveries WHERE doubt <> '' AND id <> $1),
		(SELECT count(*) FROM deliveries d WHERE d.id <> $1 AND d.doubt = '' AND (d.due_at IS NULL OR d.due_at <= $2) AND `+sendable+`)
			+ (SELECT count(*) FROM deliveries d WHERE d.id <> $1 AND d.state = 'sending' AND d.sending_at > $3)`,
		d.ID, utc(s.now()), utc(s.now().Add(-probeLasts))).
		Scan(&out.Alike, &out.Ready)
	if err != nil || d.JudgedAt.IsZero() {
		return out, translateError(err)
	}
	err = s.readSQL.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM deliveries WHERE id <> $1 AND sent_at >= $2)", d.ID, utc(d.JudgedAt)).Scan(&out.Accepted)
	return out, translateError(err)
}

// ReadyDeliveries returns the mailings that could be sent now, with their
// documents stored: those that wait, and those whose sending is so old that it
// counts as that of a process that died (Work.SendingGrace).
func (s *Store) ReadyDeliveries(ctx context.Context, grace time.Duration) ([]int64, error) {
	return column[int64](ctx, s.readSQL,
		"SELECT d.id FROM deliveries d WHERE "+sendable+" OR d.state = 'sending' AND d.sending_at <= $1", utc(s.now().Add(-grace)))
}
