package store

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/proof"
	"creditrun/numbering"
)

// SaveDrafts implements creditnotes.DraftWriter.
func (w *draftWriter) SaveDrafts(notes []*creditnotes.Note) error {
	if len(notes) == 0 {
		return nil
	}
	err := w.tx.saveNotes(notes)
	if err != nil && errors.Is(err, gorm.ErrDuplicatedKey) && ofTurns(err) {
		return fault.Wrap(fault.Conflict, "draft_overtaken", fault.Args{"run": w.run.Name}, err)
	}
	return err
}

// ofTurns reports whether a duplicate is that of the index positions_turn.
func ofTurns(err error) bool {
	return strings.Contains(err.Error(), "positions_turn") || strings.Contains(err.Error(), "positions.turn")
}

func (tx *Tx) saveNotes(notes []*creditnotes.Note) error {
	ids, err := entityIDs(tx.db)
	if err != nil {
		return err
	}
	var parts noteParts
	for _, note := range notes {
		parts.add(note, ids)
	}
	return parts.save(tx)
}

// issueWriter issues notes.
type issueWriter struct {
	reportReader
	tx   *Tx
	jobs *jobQueue
	// What is signed of the run, where a key is there.
	key    ed25519.PrivateKey
	secret proof.Secret
	trees  *sessionTrees
	notes  []*creditnotes.Note
}

// WriteIssue implements creditnotes.IssueStore.
func (s *Store) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	jobs, err := s.jobQueue()
	if err != nil {
		return err
	}
	return s.durably(ctx, func(tx *Tx) error {
		if err := tx.confirmed(); err != nil {
			return err
		}
		return fn(&issueWriter{reportReader: reportReader{tx.sql, tx.dialect}, tx: tx, jobs: jobs, key: s.proofKey})
	})
}

// Drafts implements creditnotes.IssueWriter.
func (w *issueWriter) Drafts(runID int64) ([]*creditnotes.Note, error) {
	return notesWhere(w.tx.db, "n.run_id = $1 AND n.state = 'draft' AND n.kind <> 'cancellation'", runID)
}

// Redate implements creditnotes.IssueWriter.
func (w *issueWriter) Redate(run *creditnotes.Run, date entities.Date, notes []*creditnotes.Note) error {
	if _, err := w.tx.exec("UPDATE runs SET document_date = $1 WHERE id = $2", string(date), run.ID); err != nil {
		return fmt.Errorf("date run %s: %w", run.Name, err)
	}
	for _, n := range notes {
		_, err := w.tx.exec("UPDATE credit_notes SET date = $1, document = $2 WHERE id = $3 AND state = 'draft'",
			string(n.Date), jsonOf(n.Document), n.ID)
		if err != nil {
			return fmt.Errorf("date the drafts of run %s: %w", run.Name, err)
		}
	}
	return nil
}

// LastDocument implements creditnotes.IssueStore.
func (s *Store) LastDocument(ctx context.Context, numberRange string) (last creditnotes.LastDocument, err error) {
	list, err := collect(ctx, s.readSQL, func(d *creditnotes.LastDocument) []any { return []any{&d.Number, &d.Date} },
		"SELECT number, date FROM credit_notes WHERE range_key = $1 ORDER BY date DESC, id DESC LIMIT 1", numberRange)
	if err != nil || len(list) == 0 {
		return last, err
	}
	return list[0], nil
}

// TakeNumbers implements creditnotes.IssueWriter. The counter's row is locked
// from here to the end of the transaction, so the block has no gap and no one
// else's number in it; a rollback gives it back.
func (w *issueWriter) TakeNumbers(r *numbering.Range, c numbering.Counter, n int) (first int64, err error) {
	// Whether this is the first counter of the range decides where it starts;
	// the range's row keeps two transactions from both being first.
	if _, err := w.tx.exec("UPDATE number_ranges SET next = next WHERE key = $1", r.Key); err != nil {
		return 0, fmt.Errorf("number range %q: %w", r.Key, err)
	}
	var others int
	err = w.tx.scanRow("SELECT count(*) FROM number_counters WHERE range_key = $1 AND scope = $2", []any{r.Key, c.Scope}, &others)
	if err != nil {
		return 0, fmt.Errorf("number range %q: %w", r.Key, err)
	}
	start := r.Start(others == 0)
	err = w.tx.scanRow(`INSERT INTO number_counters (range_key, scope, period, first, next) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (range_key, scope, period) DO UPDATE SET next = number_counters.next + $6
		RETURNING next - $6`, []any{r.Key, c.Scope, c.Period, start, start + int64(n), int64(n)}, &first)
	if err != nil {
		return 0, fmt.Errorf("number range %q: %w", r.Key, err)
	}
	return first, nil
}

// AddCancellation implements creditnotes.IssueWriter. It takes the lock under
// which runs begin, so that none begins to draft what it is about to change, and
// no other process cancels the same note.
func (w *issueWriter) AddCancellation(n *creditnotes.Note, withdrawn []int64) error {
	if err := w.tx.lockSessions(); err != nil {
		return err
	}
	var drafting int
	if err := w.tx.scanRow("SELECT count(*) FROM runs WHERE stage = 'drafting'", nil, &drafting); err != nil {
		return err
	}
	if drafting > 0 {
		return fault.New(fault.Conflict, "cancel_while_drafting", fault.Args{"number": n.Document.CancelsNumber})
	}
	var by string
	err := w.tx.scanRow("SELECT coalesce(max(number), '') FROM credit_notes WHERE cancels = $1", []any{n.Cancels}, &by)
	if err != nil {
		return err
	}
	if by != "" {
		return fault.New(fault.Conflict, "cancel_twice", fault.Args{"number": n.Document.CancelsNumber, "by": by})
	}
	id, err := w.tx.takeIDs("credit_notes", 1)
	if err != nil {
		return err
	}
	n.ID = id
	if err := w.tx.saveNotes([]*creditnotes.Note{n}); err != nil {
		return err
	}
	for _, id := range withdrawn {
		if _, err := w.tx.exec("INSERT INTO withdrawn_notes (note_id, cancellation_id) VALUES ($1, $2)", id, n.ID); err != nil {
			return fmt.Errorf("withdraw with %s: %w", n.Document.CancelsNumber, err)
		}
	}
	for _, id := range append(withdrawn, n.Cancels) {
		if err := w.tx.touchCharged("o.note_id = $1", id); err != nil {
			return err
		}
		if err := w.tx.forgetSums("l.note_id = $1", id); err != nil {
			return err
		}
		if _, err := w.tx.exec("UPDATE lines SET live = false WHERE note_id = $1 AND live", id); err != nil {
			return fmt.Errorf("lines of %s: %w", n.Document.CancelsNumber, err)
		}
		if _, err := w.tx.exec("UPDATE own_charges SET live = false WHERE note_id = $1 AND live", id); err != nil {
			return fmt.Errorf("own charging of %s: %w", n.Document.CancelsNumber, err)
		}
		if _, err := w.tx.exec("DELETE FROM carry_uses WHERE note_id = $1", id); err != nil {
			return fmt.Errorf("carried into %s: %w", n.Document.CancelsNumber, err)
		}
	}
	return nil
}

// Issue implements creditnotes.IssueWriter. The audit log records the seal of
// each note, of its lines and of the mail that is queued with it.
func (w *issueWriter) Issue(notes []*creditnotes.Note, who string) error {
	ids := make([]int64, len(notes))
	for i, n := range notes {
		ids[i] = n.ID
		touched, err := w.tx.exec(`UPDATE credit_notes SET state = 'issued', number = $1, range_key = $2, scope = $3, period = $4,
			sequence = $5, issued_at = $6, hash = $7, mailed_with = $8 WHERE id = $9 AND state = 'draft'`,
			n.Number, n.Range, n.Scope, n.Period, n.Sequence, n.IssuedAt, n.Hash, orNull(n.MailedWith), n.ID)
		if err != nil {
			return fmt.Errorf("issue %s: %w", n.Number, err)
		}
		if touched != 1 {
			return fmt.Errorf("issue %s: the draft is gone", n.Number)
		}
	}
	if err := w.tx.bookNotes(notes, who); err != nil {
		return err
	}
	if err := w.jobs.render(w.tx, notes); err != nil {
		return err
	}
	if err := w.tx.tellIssued(notes); err != nil {
		return err
	}
	w.notes = notes
	lines, err := noteLines(w.tx.ctx, w.tx.sql, nil, w.grow(notes), "l.note_id "+w.tx.dialect.in("$1"), w.tx.dialect.list(ids))
	if err != nil {
		return err
	}
	mails, err := mailSeals(w.tx.ctx, w.tx.sql, "d.note_id "+w.tx.dialect.in("$1"), w.tx.dialect.list(ids))
	if err != nil {
		return err
	}
	numbers := map[int64]string{}
	for _, n := range notes {
		numbers[n.ID] = n.Number
	}
	entries := make([]Entry, len(notes))
	for i, n := range notes {
		mail := cmp.Or(mails[n.Number], mails[numbers[n.MailedWith]], creditnotes.NoMail)
		entries[i] = issuedEntry(who, n.Number, n.Hash, lines[n.ID], mail)
	}
	return w.tx.audit(entries...)
}

func issuedEntry(who, number, seal string, lines creditnotes.NoteLines, mail string) Entry {
	recorded := creditnotes.IssuedEvidence{Seal: seal, Lines: lines.Seal, Mail: mail}
	return Entry{Who: who, Action: creditnotes.ActionIssued, Subject: number, After: string(jsonOf(recorded))}
}

// AddDeliveries implements creditnotes.IssueWriter.
func (w *issueWriter) AddDeliveries(list []creditnotes.Delivery) error {
	if len(list) == 0 {
		return nil
	}
	first, err := w.tx.takeIDs("deliveries", len(list))
	if err != nil {
		return err
	}
	if err := w.tx.suppress(list); err != nil {
		return err
	}
	rows := make([]deliveryRow, len(list))
	for i := range list {
		list[i].ID = first + int64(i)
		rows[i] = deliveryRowOf(&list[i])
	}
	if err := create(w.tx.db, rows...); err != nil {
		return err
	}
	if err := w.tx.queueRecipients(list); err != nil {
		return err
	}
	var ready []int64 // SaveFiles starts those of notes
	for _, d := range list {
		if d.NoteID == 0 {
			ready = append(ready, d.ID)
		}
	}
	return w.jobs.deliver(w.tx, ready)
}

// Resend implements creditnotes.IssueWriter.
func (w *issueWriter) Resend(d *creditnotes.Delivery, messageID func(copy int) string) error {
	last := -1
	err := w.tx.scanRow("SELECT coalesce(max(copy), -1) FROM deliveries WHERE note_id = $1 OR note_id = (SELECT mailed_with FROM credit_notes WHERE id = $1) OR report_id = $2 OR payout_id = $3 OR reminder_id = $4",
		[]any{d.NoteID, d.ReportID, d.PayoutID, d.ReminderID}, &last)
	if err != nil {
		return err
	}
	d.Copy = last + 1
	d.MessageID = messageID(d.Copy)
	list := []creditnotes.Delivery{*d}
	if err := w.AddDeliveries(list); err != nil {
		return err
	}
	*d = list[0]
	if d.NoteID == 0 {
		return nil // it is on its way
	}
	var ready bool
	err = w.tx.scanRow("SELECT EXISTS (SELECT 1 FROM deliveries d WHERE d.id = $1 AND "+rendered+")", []any{d.ID}, &ready)
	if err != nil || !ready {
		return err // SaveFiles starts it
	}
	return w.jobs.deliver(w.tx, []int64{d.ID})
}

// AdvanceRun implements creditnotes.IssueWriter.
func (w *issueWriter) AdvanceRun(run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	if err := w.tx.advanceRun(run, from, to, who); err != nil {
		return err
	}
	return w.prove(run, who)
}

// Audit implements creditnotes.IssueWriter.
func (w *issueWriter) Audit(who, action, subject, before, after string) error {
	return w.tx.audit(Entry{Who: who, Action: action, Subject: subject, Before: before, After: after})
}
