package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// restoreRow is a row of restores.
type restoreRow struct {
	ID           int64      `gorm:"column:id"`
	RestoredAt   time.Time  `gorm:"column:restored_at"`
	RestoredBy   string     `gorm:"column:restored_by"`
	BackupAt     time.Time  `gorm:"column:backup_at"`
	BackupHead   string     `gorm:"column:backup_head"`
	ComparedAt   *time.Time `gorm:"column:compared_at"`
	ComparedWith string     `gorm:"column:compared_with"`
	Documents    string     `gorm:"column:documents"`
	ConfirmedAt  *time.Time `gorm:"column:confirmed_at"`
	ConfirmedBy  string     `gorm:"column:confirmed_by"`
}

// TableName implements schema.Tabler.
func (restoreRow) TableName() string { return "restores" }

// lostRow is a row of lost_numbers.
type lostRow struct {
	Range     string `gorm:"column:range_key"`
	Scope     string `gorm:"column:scope"`
	Period    string `gorm:"column:period"`
	Sequence  int64  `gorm:"column:sequence"`
	Number    string `gorm:"column:number"`
	SHA256    string `gorm:"column:sha256"`
	Reason    string `gorm:"column:reason"`
	RestoreID int64  `gorm:"column:restore_id"`
}

// TableName implements schema.Tabler.
func (lostRow) TableName() string { return "lost_numbers" }

// openRestore is the newest restore that waits to be confirmed, or nil.
func openRestore(db *gorm.DB) (*restoreRow, error) {
	return first[restoreRow](db.Where("confirmed_at IS NULL").Order("id DESC"))
}

func (r *restoreRow) domain() (*creditnotes.Restored, error) {
	out := &creditnotes.Restored{
		At: r.RestoredAt.UTC(), By: r.RestoredBy, BackupAt: r.BackupAt.UTC(), ComparedAt: orZero(r.ComparedAt), ComparedWith: r.ComparedWith,
	}
	return out, json.Unmarshal([]byte(r.Documents), &out.Twice)
}

// Restored returns the restore that waits to be confirmed, or nil.
func (s *Store) Restored(ctx context.Context) (*creditnotes.Restored, error) {
	row, err := openRestore(s.db(ctx))
	if err != nil || row == nil {
		return nil, err
	}
	out, err := row.domain()
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	err = s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM deliveries WHERE "+waitingMails).Scan(&out.Waiting)
	return out, translateError(err)
}

// waitingMails are the mailings of which a restored database does not know
// whether they were sent after the backup.
const waitingMails = `(state IN ('queued', 'sending') OR state = 'incomplete' AND EXISTS (
	SELECT 1 FROM delivery_recipients r WHERE r.delivery_id = deliveries.id AND r.state IN ('queued', 'deferred')))`

// confirmed refuses, with a NotReady fault, to issue or send anything in a
// database that was restored, until a person has confirmed it.
func (tx *Tx) confirmed() error { return confirmed(tx.db) }

func confirmed(db *gorm.DB) error {
	row, err := openRestore(db)
	if err != nil || row == nil {
		return err
	}
	return (&creditnotes.Restored{BackupAt: row.BackupAt}).Fault()
}

// ConfirmRestore ends the wait after a restore: a person says that no document
// was issued after the backup. Numbers that would be given twice, as far as a
// comparison has found them, forbid it. Mails that waited when the backup was
// made go out or are parked.
func (s *Store) ConfirmRestore(ctx context.Context, who string, waiting creditnotes.WaitingMails) error {
	return s.inTx(ctx, func(tx *Tx) error {
		row, restored, err := tx.lockRestore()
		if err != nil {
			return err
		}
		if len(restored.Twice) > 0 {
			return fault.New(fault.Conflict, "restore_numbers_twice", fault.Args{"number": restored.Twice[0].Number})
		}
		return tx.confirmRestore(row, who, "", waiting)
	})
}

// lockRestore returns the restore that waits, locked; where there is none it is
// a Conflict fault.
func (tx *Tx) lockRestore() (*restoreRow, *creditnotes.Restored, error) {
	if err := tx.lockConfiguration(); err != nil {
		return nil, nil, err
	}
	row, err := openRestore(tx.db)
	if err != nil {
		return nil, nil, err
	}
	if row == nil {
		return nil, nil, fault.New(fault.Conflict, "restore_none", nil)
	}
	restored, err := row.domain()
	return row, restored, err
}

func (tx *Tx) confirmRestore(row *restoreRow, who, compared string, waiting creditnotes.WaitingMails) error {
	open := tx.db.Model(&restoreRow{}).Where("confirmed_at IS NULL")
	if err := inTable(open.Updates(set{"confirmed_at": tx.now(), "confirmed_by": who})); err != nil {
		return err
	}
	if waiting != creditnotes.SendWaiting {
		if err := tx.parkWaiting(row); err != nil {
			return err
		}
	}
	if err := tx.configurationChanged(); err != nil {
		return err
	}
	queue, err := tx.jobs()
	if err != nil {
		return err
	}
	if err := errors.Join(tx.requeueMailings(queue, 0), tx.requeueNotices(), tx.requeueHooks()); err != nil {
		return err
	}
	after := jsonOf(map[string]string{"backup": row.BackupHead, "compared_with": compared, "waiting_mails": string(waiting)})
	return tx.audit(Entry{Who: who, Action: "database.confirmed", Subject: "database", After: string(after)})
}

// parkWaiting parks the mails that waited when the backup was made: no one knows
// whether they were sent after it. Notices to users are given up.
func (tx *Tx) parkWaiting(row *restoreRow) error {
	reply := "Restored from the backup of " + row.BackupAt.UTC().Format(time.RFC3339) + ": it may have been sent after it."
	ids, err := column[int64](tx.ctx, tx.sql,
		"UPDATE deliveries SET state = 'parked', reply = $1 WHERE "+waitingMails+" RETURNING id", reply)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`UPDATE delivery_recipients SET state = 'parked', reply = $1
		WHERE state IN ('queued', 'sending', 'deferred') AND delivery_id `+tx.dialect.in("$2"), reply, tx.dialect.list(ids)); err != nil {
		return err
	}
	notices := tx.db.Model(&noticeRow{}).Where("state = 'queued'")
	return inTable(notices.Updates(set{"state": string(creditnotes.DeliveryFailed), "reply": reply}))
}

// RecordComparison keeps what a comparison with an archive found. One without
// problems confirms the restore, where one waits, if the archive has documents
// that were issued after the backup: an older one proves nothing. The mails that
// waited are parked then. It reports whether it did.
func (s *Store) RecordComparison(ctx context.Context, who, with string, c *creditnotes.ArchiveComparison, clean bool) (done bool, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		done = false
		row, err := openRestore(tx.db)
		if err != nil || row == nil {
			return err
		}
		values := set{"compared_at": tx.now(), "compared_with": with, "documents": jsonOf(c.Twice)}
		if err := inTable(tx.db.Model(row).Updates(values)); err != nil || !clean || c.Later == 0 {
			return err
		}
		done = true
		return tx.confirmRestore(row, who, with, creditnotes.ParkWaiting)
	})
	return done, err
}

// AdvanceRanges keeps the numbers that a comparison has found from being given
// twice: every number of their counters up to the highest of them is recorded as
// lost with the restore, for a reason, and the counters go on behind it. It
// returns how many numbers were lost.
func (s *Store) AdvanceRanges(ctx context.Context, who, reason string) (lost int, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		lost = 0
		row, restored, err := tx.lockRestore()
		if err != nil {
			return err
		}
		if len(restored.Twice) == 0 {
			return fault.New(fault.Conflict, "restore_nothing_to_advance", nil)
		}
		config, err := loadTables(tx.db)
		if err != nil {
			return err
		}
		configuration, err := config.configuration()
		if err != nil {
			return err
		}
		if lost, err = tx.loseReminders(restored.Twice, row.ID, reason); err != nil {
			return err
		}
		for counter, documents := range byCounter(restored.Twice) {
			n, err := tx.advance(configuration.Range(counter.Range), counter, documents, row.ID, reason)
			if err != nil {
				return fmt.Errorf("number range %s: %w", counter, err)
			}
			lost += n
		}
		if err := inTable(tx.db.Model(row).Update("documents", "[]")); err != nil {
			return err
		}
		after := jsonOf(map[string]any{"reason": reason, "numbers": lost, "documents": restored.Twice})
		return tx.audit(Entry{Who: who, Action: "database.numbers_lost", Subject: "database", After: string(after)})
	})
	return lost, err
}

// byCounter are the documents of number ranges.
func byCounter(list []creditnotes.KeptDocument) map[numbering.Counter]map[int64]creditnotes.KeptDocument {
	counters := map[numbering.Counter]map[int64]creditnotes.KeptDocument{}
	for _, d := range list {
		if d.Reminder {
			continue
		}
		if counters[d.Counter] == nil {
			counters[d.Counter] = map[int64]creditnotes.KeptDocument{}
		}
		counters[d.Counter][d.Sequence] = d
	}
	return counters
}

// advance records the numbers of a counter up to the highest document as lost.
func (tx *Tx) advance(
	r *numbering.Range, c numbering.Counter, documents map[int64]creditnotes.KeptDocument, restore int64, reason string,
) (int, error) {
	if r == nil {
		return 0, fault.New(fault.NotReady, "range_missing", fault.Args{"type": c.Range})
	}
	next, err := nextNumber(tx.ctx, tx.sql, r, c)
	if err != nil {
		return 0, err
	}
	last := next - 1
	for sequence := range documents {
		last = max(last, sequence)
	}
	if last-next >= mostLost {
		return 0, fault.New(fault.Conflict, "restore_too_many_lost", fault.Args{"counter": c.String(), "next": next, "last": last, "most": mostLost})
	}
	var rows []lostRow
	for sequence := next; sequence <= last; sequence++ {
		d := documents[sequence]
		rows = append(rows, lostRow{c.Range, c.Scope, c.Period, sequence, d.Number, d.SHA256, reason, restore})
	}
	if len(rows) == 0 {
		return 0, nil
	}
	w := &issueWriter{tx: tx}
	if _, err := w.TakeNumbers(r, c, len(rows)); err != nil {
		return 0, err
	}
	return len(rows), create(tx.db, rows...)
}

// mostLost is how many numbers a counter can lose at once: more is a file that
// is no document.
const mostLost = 100_000

// NextNumber implements creditnotes.ArchiveStore.
func (s *Store) NextNumber(ctx context.Context, r *numbering.Range, c numbering.Counter) (int64, error) {
	return nextNumber(ctx, s.readSQL, r, c)
}

func nextNumber(ctx context.Context, q querier, r *numbering.Range, c numbering.Counter) (next int64, err error) {
	err = q.QueryRowContext(ctx, "SELECT next FROM number_counters WHERE range_key = $1 AND scope = $2 AND period = $3",
		c.Range, c.Scope, c.Period).Scan(&next)
	if !errors.Is(err, sql.ErrNoRows) {
		return next, translateError(err)
	}
	var others int
	err = q.QueryRowContext(ctx, "SELECT count(*) FROM number_counters WHERE range_key = $1 AND scope = $2", c.Range, c.Scope).Scan(&others)
	return r.Start(others == 0), translateError(err)
}

// KnownDocument implements creditnotes.ArchiveStore.
func (s *Store) KnownDocument(ctx context.Context, number string) (*creditnotes.KnownDocument, error) {
	var issued, lost bool
	known := creditnotes.KnownDocument{Files: map[creditnotes.FileKind]string{}}
	err := s.readSQL.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM credit_notes WHERE number = $1),
		EXISTS (SELECT 1 FROM lost_numbers WHERE number = $1),
		EXISTS (SELECT 1 FROM lost_numbers l JOIN restores r ON r.id = l.restore_id WHERE l.number = $1 AND r.confirmed_at IS NULL)`,
		number).Scan(&issued, &lost, &known.Later)
	switch {
	case err != nil || !issued && !lost:
		return nil, translateError(err)
	case !issued:
		return &known, nil
	}
	if err := s.readSQL.QueryRowContext(ctx, "SELECT issued_at FROM credit_notes WHERE number = $1", number).Scan(&known.IssuedAt); err != nil {
		return nil, translateError(err)
	}
	known.IssuedAt = known.IssuedAt.UTC()
	type file struct{ kind, sha256 string }
	list, err := collect(ctx, s.readSQL, func(f *file) []any { return []any{&f.kind, &f.sha256} },
		"SELECT f.kind, f.sha256 FROM files f JOIN credit_notes n ON n.id = f.note_id WHERE n.number = $1", number)
	for _, f := range list {
		known.Files[creditnotes.FileKind(f.kind)] = f.sha256
	}
	return &known, err
}

// LastDocuments implements creditnotes.ArchiveStore.
func (s *Store) LastDocuments(ctx context.Context) ([]string, error) {
	return column[string](ctx, s.readSQL, `
		SELECT n.number FROM credit_notes n WHERE n.id IN (SELECT max(m.id) FROM credit_notes m
			WHERE m.number IS NOT NULL AND EXISTS (SELECT 1 FROM files f WHERE f.note_id = m.id) GROUP BY m.range_key)
		ORDER BY n.number`)
}
