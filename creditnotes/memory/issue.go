package memory

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// WriteIssue implements creditnotes.IssueStore.
func (s *Store) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	return s.write(ctx, func(t *tx) error {
		if f := t.confirmed(); f != nil {
			return f
		}
		return fn(&issueWriter{reportReader{t.Data}, t})
	})
}

type issueWriter struct {
	reportReader
	t *tx
}

func (w *issueWriter) Drafts(runID int64) ([]*creditnotes.Note, error) {
	return w.t.notesWhere(func(n *creditnotes.Note) bool {
		return n.RunID == runID && n.State == creditnotes.Draft && n.Kind != numbering.Cancellation
	}), nil
}

func (w *issueWriter) Redate(run *creditnotes.Run, date entities.Date, notes []*creditnotes.Note) error {
	if r := w.t.run(run.ID); r != nil {
		r.DocumentDate = date
	}
	for _, n := range notes {
		if stored := w.t.note(n.ID); stored != nil && stored.State == creditnotes.Draft {
			stored.Date, stored.Document = n.Date, copied(n.Document)
		}
	}
	return nil
}

func (w *issueWriter) TakeNumbers(r *numbering.Range, c numbering.Counter, n int) (int64, error) {
	if w.t.Configuration.Range(r.Key) == nil {
		return 0, fmt.Errorf("number range %q is not there", r.Key)
	}
	count, known := w.t.Counters[c]
	if !known {
		start := r.Start(w.t.counts(r.Key, &c.Scope) == 0)
		count = Range{start, start}
	}
	first := count.Next
	count.Next += int64(n)
	w.t.Counters[c] = count
	return first, nil
}

func (w *issueWriter) AddCancellation(n *creditnotes.Note, withdrawn []int64) error {
	t, args := w.t, fault.Args{"number": n.Document.CancelsNumber}
	for i := range t.Runs {
		if t.Runs[i].Stage == creditnotes.StageDrafting {
			return fault.New(fault.Conflict, "cancel_while_drafting", args)
		}
	}
	if by := t.cancelledBy(n.Cancels); by != nil {
		args["by"] = by.Number
		return fault.New(fault.Conflict, "cancel_twice", args)
	}
	n.ID = t.takeIDs("credit_notes", 1)
	if err := t.saveNotes([]*creditnotes.Note{n}); err != nil {
		return err
	}
	undone := map[int64]bool{n.Cancels: true}
	for _, id := range withdrawn {
		t.Withdrawn[id], undone[id] = n.ID, true
	}
	for i := range t.Lines {
		if undone[t.Lines[i].NoteID] {
			t.Lines[i].Live = false
		}
	}
	for i := range t.Own {
		if undone[t.Own[i].NoteID] {
			t.Own[i].Live = false
		}
	}
	for use, note := range t.CarryUses {
		if undone[note] {
			delete(t.CarryUses, use)
		}
	}
	return nil
}

func (w *issueWriter) SettleObjection(cancelled, cancellation *creditnotes.Note, who string) error {
	if w.t.settleObjection(cancelled.ID, who, creditnotes.ObjectionCancelled, cancellation.Number) {
		w.t.audit(who, "objection."+string(creditnotes.ObjectionCancelled), cancelled.Number, string(creditnotes.ObjectionOpen), cancellation.Number)
	}
	return nil
}

func (w *issueWriter) Issue(notes []*creditnotes.Note, who string) error {
	for _, n := range notes {
		stored := w.t.note(n.ID)
		if stored == nil || stored.State != creditnotes.Draft {
			return fmt.Errorf("issue %s: the draft is gone", n.Number)
		}
		if slices.ContainsFunc(w.t.Notes, func(other creditnotes.Note) bool { return other.Number == n.Number }) {
			return fmt.Errorf("issue %s: the number is taken", n.Number)
		}
		stored.State, stored.Number, stored.Range, stored.Scope, stored.Period = creditnotes.Issued, n.Number, n.Range, n.Scope, n.Period
		stored.Sequence, stored.IssuedAt, stored.Hash, stored.MailedWith = n.Sequence, utc(n.IssuedAt), n.Hash, n.MailedWith
		w.t.bookNote(stored, who)
		w.t.Jobs[n.ID] = stored.IssuedAt
		mail := creditnotes.NoMail
		for _, d := range w.t.Deliveries {
			if carries(&d, n) {
				mail = (creditnotes.Mailing{Number: n.Number, MessageID: d.MessageID, To: d.To}).Seal()
			}
		}
		w.t.audit(who, creditnotes.ActionIssued, n.Number, "", jsonOf(creditnotes.IssuedEvidence{
			Seal: n.Hash, Lines: w.t.noteLines(n.ID).Seal, Mail: mail}))
	}
	return nil
}

func (w *issueWriter) AddDeliveries(list []creditnotes.Delivery) error {
	if len(list) == 0 {
		return nil
	}
	first := w.t.takeIDs("deliveries", len(list))
	for i := range list {
		list[i].ID = first + int64(i)
		d := copied(list[i])
		d.Recipients = nil
		for _, to := range d.To {
			r := creditnotes.DeliveryRecipient{Address: to, State: creditnotes.RecipientQueued}
			for _, mark := range w.t.MarkedAddresses {
				if mark.Address == creditnotes.AddressKey(to) {
					r.State, r.Reply, d.Reply = creditnotes.RecipientSuppressed, mark.Reason, mark.Reason
				}
			}
			d.Recipients = append(d.Recipients, r)
		}
		d.State = creditnotes.StateOf(d.Recipients)
		list[i].State, list[i].Reply = d.State, d.Reply
		w.t.Deliveries = append(w.t.Deliveries, d)
	}
	return nil
}

func (w *issueWriter) Resend(d *creditnotes.Delivery, messageID func(copy int) string) error {
	d.Copy = 0
	note := w.t.note(d.NoteID)
	for _, other := range w.t.Deliveries {
		if other.NoteID == d.NoteID && other.ReportID == d.ReportID || note != nil && carries(&other, note) {
			d.Copy = max(d.Copy, other.Copy+1)
		}
	}
	d.MessageID = messageID(d.Copy)
	list := []creditnotes.Delivery{*d}
	err := w.AddDeliveries(list)
	*d = list[0]
	return err
}

func (w *issueWriter) AdvanceRun(run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	return w.t.advance(run, from, to, who)
}

func (w *issueWriter) Audit(who, action, subject, before, after string) error {
	w.t.audit(who, action, subject, before, after)
	return nil
}

// LastDocument implements creditnotes.IssueStore.
func (s *Store) LastDocument(_ context.Context, numberRange string) (last creditnotes.LastDocument, err error) {
	for _, n := range s.read().Notes {
		if n.Range == numberRange && n.Number != "" && !n.Date.Before(last.Date) {
			last = creditnotes.LastDocument{Number: n.Number, Date: n.Date}
		}
	}
	return last, nil
}

// unrendered reports whether an issued note has no files.
func (d *Data) unrendered(n *creditnotes.Note) bool {
	return n.State == creditnotes.Issued && !slices.ContainsFunc(d.Files, func(f creditnotes.File) bool { return f.NoteID == n.ID })
}

// SaveFiles implements creditnotes.NoteStore.
func (s *Store) SaveFiles(ctx context.Context, noteID int64, files []creditnotes.File) error {
	return s.write(ctx, func(t *tx) error {
		note := t.note(noteID)
		if note == nil || note.Number == "" {
			return fmt.Errorf("note %d is not issued", noteID)
		}
		if !t.unrendered(note) {
			return nil
		}
		sums := map[creditnotes.FileKind]string{}
		for _, f := range files {
			f.NoteID, f.Content = noteID, bytes.Clone(f.Content)
			sum := sha256.Sum256(f.Content)
			f.SHA256 = hex.EncodeToString(sum[:])
			sums[f.Kind] = f.SHA256
			t.Files = append(t.Files, f)
		}
		delete(t.Jobs, noteID)
		t.audit("render", creditnotes.ActionRendered, note.Number, "", jsonOf(sums))
		return t.complete(note.RunID)
	})
}

// File implements creditnotes.AskedFileStore.
func (s *Store) File(ctx context.Context, noteID int64, number string, kind creditnotes.FileKind) (*creditnotes.File, error) {
	files, err := s.StoredFiles(ctx, noteID)
	for i := range files {
		if files[i].Kind == kind {
			return &files[i], nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "file_not_stored", fault.Args{"number": number, "kind": string(kind)})
	}
	return nil, err
}

// AddFile implements creditnotes.AskedFileStore.
func (s *Store) AddFile(ctx context.Context, who, number string, f creditnotes.File) error {
	return s.write(ctx, func(t *tx) error {
		if slices.ContainsFunc(t.Files, func(o creditnotes.File) bool { return o.NoteID == f.NoteID && o.Kind == f.Kind }) {
			return nil
		}
		f.Content, f.Asked = bytes.Clone(f.Content), true
		sum := sha256.Sum256(f.Content)
		f.SHA256 = hex.EncodeToString(sum[:])
		t.Files = append(t.Files, f)
		t.audit(who, creditnotes.ActionFileMade, number, "", jsonOf(map[creditnotes.FileKind]string{f.Kind: f.SHA256}))
		return nil
	})
}

// complete ends a run of which no note waits for files; one that was cancelled
// keeps no one waiting.
func (t *tx) complete(runID int64) error {
	r := t.run(runID)
	if r.Stage != creditnotes.StageIssued {
		return nil
	}
	for i := range t.Notes {
		if n := &t.Notes[i]; n.RunID == runID && t.unrendered(n) && t.cancelledBy(n.ID) == nil {
			return nil
		}
	}
	return t.advance(r.domain(), creditnotes.StageIssued, creditnotes.StageCompleted, "render")
}

// FileInfos implements creditnotes.NoteStore.
func (s *Store) FileInfos(ctx context.Context, noteID int64) (list []creditnotes.FileInfo, err error) {
	files, err := s.StoredFiles(ctx, noteID)
	for _, f := range files {
		list = append(list, creditnotes.FileInfo{Kind: f.Kind, Name: f.Name, MediaType: f.MediaType, SHA256: f.SHA256, Bytes: len(f.Content)})
	}
	return list, err
}

// StoredFiles lists the stored files of a note, the PDF first.
func (s *Store) StoredFiles(_ context.Context, noteID int64) (list []creditnotes.File, err error) {
	d := s.read()
	for _, f := range d.Files {
		if f.NoteID == noteID {
			f = copied(f)
			f.Name = f.Kind.FileName(d.fileName(noteID))
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.File) int { return strings.Compare(string(b.Kind), string(a.Kind)) })
	return list, nil
}

// fileName is the number of a note as its files are named. Where an earlier note
// has the same number but for upper and lower case, it ends in a hash.
func (d *Data) fileName(noteID int64) string {
	n := d.note(noteID)
	for i := range d.Notes {
		if o := &d.Notes[i]; strings.EqualFold(o.Number, n.Number) && cmp.Or(o.IssuedAt.Compare(n.IssuedAt), cmp.Compare(o.ID, n.ID)) < 0 {
			return numbering.FileNameApart(n.Number)
		}
	}
	return numbering.FileName(n.Number)
}

// SaveAsset keeps a file that documents will refer to and returns the SHA-256 of
// its content.
func (s *Store) SaveAsset(ctx context.Context, content []byte) (string, error) {
	sum := sha256.Sum256(content)
	name := hex.EncodeToString(sum[:])
	return name, s.write(ctx, func(t *tx) error {
		t.Assets[name] = bytes.Clone(content)
		return nil
	})
}

// Asset implements creditnotes.NoteStore.
func (s *Store) Asset(_ context.Context, sha256 string) ([]byte, error) {
	content, known := s.read().Assets[sha256]
	if !known {
		return nil, fault.New(fault.NotFound, "asset_unknown", fault.Args{"sha256": sha256})
	}
	return bytes.Clone(content), nil
}
