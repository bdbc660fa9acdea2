package creditnotes

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// Actions under which the audit log records what verify compares with the
// database: the chain of the log then covers every seal and every file.
const (
	// ActionIssued records the seal of an issued note and of its lines; the
	// subject is the number, After an IssuedEvidence as JSON.
	ActionIssued = "credit_note.issued"
	// ActionRendered records the files of a note; the subject is the number,
	// After the SHA-256 of each kind of file as JSON.
	ActionRendered = "credit_note.rendered"
	// ActionResent records one more mailing; After is a ResentEvidence as JSON.
	ActionResent = "credit_note.resent"
	// ActionExcluded records the lines of a run that stand on no note: sessions
	// that were excluded or withdrawn, and why. The subject is the name of the
	// run, After the seal.
	ActionExcluded = ActionRun + "excluded"
	// ActionMailSettled records what a person knows of a mail of which the
	// program does not know whether it arrived: arrived, or again.
	ActionMailSettled = "credit_note.mail_settled"
	// ActionRun begins the actions that move a run from stage to stage:
	// run.begun, run.released, …; the subject is the name of the run.
	ActionRun = "run."
	// ActionMonthClosed records that a month was closed into a journal; the subject
	// is the month, After a ClosedEvidence as JSON.
	ActionMonthClosed = "accounting.closed"
	// ActionJournalExported records the files of a journal when they are made; the
	// subject is the month, After an ExportedEvidence as JSON.
	ActionJournalExported = "accounting.exported"
	// ActionSettled records what a run settled when it is issued; the subject is
	// the name of the run, After a RunEvidence as JSON.
	ActionSettled = ActionRun + "settled"
)

// IssuedEvidence is what the audit log records when a note is issued.
type IssuedEvidence struct {
	Seal  string `json:"seal"`            // Note.Hash
	Lines string `json:"lines,omitempty"` // NoteLines.Seal; empty: no lines
	// Mail is Mailing.Seal of the mail that was queued with the note, or NoMail;
	// empty: issued by a version that did not record it.
	Mail string `json:"mail,omitempty"`
}

// NoMail says in IssuedEvidence that no mail was queued with the note.
const NoMail = "none"

// RunEvidence is what the audit log records of a run when it is issued, beside
// the seals of its notes.
type RunEvidence struct {
	Month entities.Month `json:"month"`
	Date  entities.Date  `json:"date"`           // of its documents
	Notes string         `json:"notes"`          // SHA-256 over the notes of the run, also those without a document, and their order
	Held  string         `json:"held,omitempty"` // SHA-256 over the sessions that the run held, and why; empty: none
}

// AuditRecord is one entry of the audit log as verify reads it.
type AuditRecord struct {
	ID                          int64
	Who, Action, Subject, After string
	Hash                        string
}

// AuditChain is the result of a walk through the audit log.
type AuditChain struct {
	Checked int64     // entries whose hash fits
	Broken  int64     // the first entry that was changed, removed or added; 0: none
	Head    AuditHead // the last entry
}

// AuditHead names an entry of the audit log and its hash. Kept outside of the
// database it proves that everything up to that entry is unchanged.
type AuditHead struct {
	ID   int64  `json:"id"`
	Hash string `json:"hash"` // SHA-256, hexadecimal
}

// String writes the head as ID:HASH.
func (h AuditHead) String() string { return fmt.Sprintf("%d:%s", h.ID, h.Hash) }

// evidence gathers what the audit log says was done.
type evidence struct {
	issued    map[string]IssuedEvidence      // by number
	rendered  map[string]map[FileKind]string // by number: SHA-256 by kind
	begunBy   map[string]string              // by run
	released  map[string]string              // by run: who released it
	stage     map[string]Stage               // by run: the last stage recorded
	excluded  map[string]string              // by run: the seal of the lines without a note
	mails     map[string]map[string]bool     // by number: the seals of the mails that were queued
	allMails  map[string]bool                // by number: every mail was recorded
	settled   map[string]RunEvidence         // by run; none of runs that an older version issued
	reports   map[string]string              // by name of the settlement report: its hash
	reminders map[string]ReminderEvidence    // by number
	documents map[int64]DocumentEvidence     // by id
	advices   map[string]string              // by number of the payout: the hash of its remittance advice
	closed    map[string]string              // by month of a journal: the hash of its content
	exported  map[string]map[string]string   // by month of a journal: the hash of each file
	proven    map[string]string              // by run: its signed head
	expected  AuditHead                      // an entry known from elsewhere
	met       bool                           // the expected entry is in the log, unchanged
	broken    []int64                        // entries that cannot be read
}

func newEvidence(expected AuditHead) *evidence {
	return &evidence{
		issued: map[string]IssuedEvidence{}, rendered: map[string]map[FileKind]string{},
		begunBy: map[string]string{}, released: map[string]string{}, stage: map[string]Stage{}, excluded: map[string]string{},
		mails: map[string]map[string]bool{}, allMails: map[string]bool{}, settled: map[string]RunEvidence{}, reports: map[string]string{}, advices: map[string]string{},
		documents: map[int64]DocumentEvidence{}, reminders: map[string]ReminderEvidence{}, closed: map[string]string{}, exported: map[string]map[string]string{}, proven: map[string]string{}, expected: expected,
	}
}

// add takes one entry of the audit log, in the order of the log.
func (e *evidence) add(r AuditRecord) {
	if r.ID == e.expected.ID && r.Hash == e.expected.Hash {
		e.met = true
	}
	var err error
	switch r.Action {
	case ActionIssued:
		var issued IssuedEvidence
		err = json.Unmarshal([]byte(r.After), &issued)
		e.issued[r.Subject] = issued
		if issued.Mail != "" {
			e.allMails[r.Subject] = true
			e.mailed(r.Subject, issued.Mail)
		}
	case ActionResent:
		var resent ResentEvidence
		if json.Unmarshal([]byte(r.After), &resent) == nil && resent.MessageID != "" {
			e.mailed(r.Subject, Mailing{Number: r.Subject, MessageID: resent.MessageID, To: resent.To}.Seal())
		}
	case ActionRendered:
		files := map[FileKind]string{}
		err = json.Unmarshal([]byte(r.After), &files)
		e.rendered[r.Subject] = files
	case ActionFileMade:
		err = e.fileMade(r)
	case ActionProven:
		e.proven[r.Subject] = r.After
	case ActionExcluded:
		e.excluded[r.Subject] = r.After
	case ActionReported:
		e.reports[r.Subject] = r.After
		e.allMails[r.Subject] = true
	case ActionAdvised:
		e.advices[r.Subject] = r.After
		e.allMails[r.Subject] = true
	case ActionReportMailed, ActionAdviceMailed:
		e.mailed(r.Subject, r.After)
	case ActionReminderSent:
		err = e.reminder(r.Subject, r.After)
	case ActionEntityDocumentStored:
		err = e.document(r.After)
	case ActionSettled:
		var settled RunEvidence
		err = json.Unmarshal([]byte(r.After), &settled)
		e.settled[r.Subject] = settled
	case ActionMonthClosed, ActionJournalExported:
		err = e.journal(r)
	case ActionRun + "begun":
		e.begunBy[r.Subject] = r.Who
		e.stage[r.Subject] = StageDrafting
	case ActionRun + string(StageReleased):
		e.released[r.Subject] = r.Who
		e.stage[r.Subject] = StageReleased
	case ActionRun + string(StageDrafted), ActionRun + string(StageIssued), ActionRun + string(StageCompleted), ActionRun + string(StageDiscarded):
		e.stage[r.Subject] = Stage(r.Action[len(ActionRun):])
	}
	if err != nil {
		e.broken = append(e.broken, r.ID)
	}
}

// note compares an issued note and its lines with what was recorded.
func (e *evidence) note(v *Verification, n *Note, lines NoteLines) {
	recorded, known := e.issued[n.Number]
	delete(e.issued, n.Number)
	switch {
	case !known:
		v.add("verify_unrecorded", fault.Args{"number": n.Number})
	case recorded.Seal != n.Hash:
		v.add("verify_seal_recorded", fault.Args{"number": n.Number})
	case recorded.Lines != lines.Seal:
		v.add("verify_sessions", fault.Args{"number": n.Number})
	}
}

// leaveOut forgets what was recorded of notes that are there and not looked at.
func (e *evidence) leaveOut(numbers []string) {
	for _, number := range numbers {
		delete(e.issued, number)
		delete(e.rendered, number)
		delete(e.mails, number)
	}
}

// missingNotes reports the notes that were issued and are not there any more.
func (e *evidence) missingNotes(v *Verification) {
	for _, number := range slices.Sorted(maps.Keys(e.issued)) {
		v.add("verify_note_gone", fault.Args{"number": number})
		delete(e.mails, number)
	}
}

// fileMade takes what was recorded when a file was made that was asked for: once for
// each kind.
func (e *evidence) fileMade(r AuditRecord) error {
	files := map[FileKind]string{}
	if err := json.Unmarshal([]byte(r.After), &files); err != nil {
		return err
	}
	if e.rendered[r.Subject] == nil {
		e.rendered[r.Subject] = map[FileKind]string{}
	}
	for kind, sum := range files {
		if _, known := e.rendered[r.Subject][kind]; !known {
			e.rendered[r.Subject][kind] = sum
		}
	}
	return nil
}

// files compares the stored files of a note with those recorded when it was
// rendered.
func (e *evidence) files(v *Verification, number string, stored map[FileKind]string) {
	recorded := e.rendered[number]
	delete(e.rendered, number)
	kinds := map[FileKind]string{}
	maps.Copy(kinds, recorded)
	maps.Copy(kinds, stored)
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if recorded[kind] != stored[kind] {
			v.add("verify_file_recorded", fault.Args{"number": number, "kind": string(kind)})
		}
	}
}

// missingFiles reports the notes whose files were rendered and are all gone.
func (e *evidence) missingFiles(v *Verification) {
	for _, number := range slices.Sorted(maps.Keys(e.rendered)) {
		for _, kind := range slices.Sorted(maps.Keys(e.rendered[number])) {
			v.add("verify_file_recorded", fault.Args{"number": number, "kind": string(kind)})
		}
	}
}

// run compares a run with what was recorded of it: who began it, who released
// it and how far it came.
func (e *evidence) run(v *Verification, r *Run) {
	stage := e.stage[r.Name]
	delete(e.stage, r.Name)
	if began, released := e.begunBy[r.Name], e.released[r.Name]; r.CreatedBy != began || r.ApprovedBy != released {
		v.add("verify_run_people", fault.Args{"run": r.Name, "began": cmp.Or(began, "–"), "released": cmp.Or(released, "–")})
	}
	if stage != r.Stage {
		v.add("verify_run_stage", fault.Args{"run": r.Name, "stage": string(r.Stage), "recorded": string(stage)})
	}
}

// missingRuns reports the runs that were begun and are not there any more.
func (e *evidence) missingRuns(v *Verification) {
	for _, name := range slices.Sorted(maps.Keys(e.stage)) {
		v.add("verify_run_gone", fault.Args{"run": name})
	}
}

// settledRun compares what a run settled with what was recorded of it.
func (e *evidence) settledRun(v *Verification, run string, now RunEvidence) {
	recorded, known := e.settled[run]
	switch {
	case !known: // it was issued by an older version
	case recorded.Month != now.Month || recorded.Date != now.Date:
		v.add("verify_run_dates", fault.Args{"run": run, "month": string(recorded.Month), "date": string(recorded.Date)})
	case recorded.Notes != now.Notes:
		v.add("verify_run_notes", fault.Args{"run": run})
	case recorded.Held != now.Held:
		v.add("verify_run_held", fault.Args{"run": run})
	}
}
