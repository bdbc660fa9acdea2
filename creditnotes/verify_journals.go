package creditnotes

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"creditrun/internal/fault"
)

// JournalBooks reads what the proof of journals needs.
type JournalBooks interface {
	// JournalProofs compares every journal with the documents and movements that
	// it books, in the order of months; those that Since leaves out are marked as
	// earlier and not looked at.
	JournalProofs(ctx context.Context) ([]JournalProof, error)
}

// JournalProof is a journal as the proof sees it.
type JournalProof struct {
	Month   string
	Earlier bool              // it was closed before what Since looks at
	Content string            // SHA-256, hexadecimal
	Files   map[string]string // SHA-256 by name
	Entries int
	Broken  []string // references of the entries that are not what they book
}

// ClosedEvidence is what the audit log records of a month that is closed.
type ClosedEvidence struct {
	Controls json.RawMessage `json:"controls"`
	Content  string          `json:"content"` // SHA-256, hexadecimal
}

// ExportedEvidence is what the audit log records of the files of a journal.
type ExportedEvidence struct {
	Format string            `json:"format"`
	Files  map[string]string `json:"files"` // SHA-256 by name
}

// journal takes what was recorded of a journal. Older versions recorded no hash:
// the controls alone, and the format as a word.
func (e *evidence) journal(r AuditRecord) error {
	if r.After == "" || r.After[0] != '{' {
		return nil
	}
	if r.Action == ActionMonthClosed {
		var closed ClosedEvidence
		err := json.Unmarshal([]byte(r.After), &closed)
		e.closed[r.Subject] = closed.Content
		return err
	}
	var made ExportedEvidence
	err := json.Unmarshal([]byte(r.After), &made)
	if e.exported[r.Subject] == nil {
		e.exported[r.Subject] = map[string]string{}
	}
	maps.Copy(e.exported[r.Subject], made.Files)
	return err
}

// journals compares journals with the documents and movements that they book, and
// with what was recorded when they were closed and exported.
func (v *Verification) journals(ctx context.Context, store VerifyStore) error {
	list, err := store.JournalProofs(ctx)
	if err != nil {
		return err
	}
	for i := range list {
		j := &list[i]
		v.Journals++
		if !j.Earlier {
			v.journal(j)
		}
		delete(v.recorded.closed, j.Month)
		delete(v.recorded.exported, j.Month)
	}
	for _, month := range slices.Sorted(maps.Keys(v.recorded.closed)) {
		v.add("verify_journal_content", fault.Args{"month": month})
	}
	return nil
}

func (v *Verification) journal(j *JournalProof) {
	for _, reference := range j.Broken {
		v.add("verify_journal", fault.Args{"month": j.Month, "reference": reference})
	}
	if recorded, known := v.recorded.closed[j.Month]; known && recorded != j.Content {
		v.add("verify_journal_content", fault.Args{"month": j.Month})
	}
	recorded := v.recorded.exported[j.Month]
	for _, name := range slices.Sorted(maps.Keys(recorded)) {
		if recorded[name] != j.Files[name] {
			v.add("verify_journal_file", fault.Args{"month": j.Month, "file": name})
		}
	}
}
