package creditnotestest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// ByAnna asks for a month by hand.
func ByAnna(month entities.Month) creditnotes.Request {
	return creditnotes.Request{Month: month, Trigger: creditnotes.Manual, Who: "anna"}
}

// Try runs a month and stores its documents, on the last evening of the month
// where that is still to come.
func (w *World) Try(month entities.Month) (*creditnotes.Report, error) {
	w.T.Helper()
	if last := Evening(month.LastDay()); w.Now.Before(last) {
		w.Now = last
	}
	return w.TryAs(ByAnna(month))
}

// Backdated runs a month that is over with its last day as the document date.
func (w *World) Backdated(month entities.Month) *creditnotes.Report {
	w.T.Helper()
	q := ByAnna(month)
	q.DocumentDate, q.Confirmed = month.LastDay(), true
	report, err := w.TryAs(q)
	if err != nil {
		w.T.Fatalf("run %s: %v", month, err)
	}
	return report
}

// TryAs runs what is asked for and stores its documents.
func (w *World) TryAs(q creditnotes.Request) (*creditnotes.Report, error) {
	w.T.Helper()
	run, err := w.Runner.Run(w.T.Context(), q)
	if err != nil {
		return nil, err
	}
	w.Render(run)
	return w.Report(run), nil
}

// Report reads what a run did.
func (w *World) Report(run *creditnotes.Run) *creditnotes.Report {
	w.T.Helper()
	report, err := w.Runner.Report(w.T.Context(), run)
	w.must(err)
	return report
}

// Month is Try for a month that must go well.
func (w *World) Month(month entities.Month) *creditnotes.Report {
	w.T.Helper()
	report, err := w.Try(month)
	if list := fault.Of(err); len(list) > 0 && list[0].Key == "run_nothing_open" { // no run is made for nothing
		return &creditnotes.Report{}
	}
	if err != nil {
		w.T.Fatalf("run %s: %v", month, err)
	}
	return report
}

// Tells compares the story of a month with what it should be.
func (w *World) Tells(month entities.Month, want string) *creditnotes.Report {
	w.T.Helper()
	report := w.Month(month)
	Same(w.T, Story(report), want)
	return report
}

// Run finds a run by name.
func (w *World) Run(name string) *creditnotes.Run {
	w.T.Helper()
	run, err := w.Store.RunByName(w.T.Context(), name)
	w.must(err)
	return run
}

// Failure is why a run stopped, or nil.
func (w *World) Failure(run string) *creditnotes.Failure {
	w.T.Helper()
	return w.Run(run).Failure
}

// Previewed is the preview of a month.
func (w *World) Previewed(month entities.Month) *creditnotes.Report {
	w.T.Helper()
	report, err := w.Runner.Preview(w.T.Context(), ByAnna(month))
	w.must(err)
	return report
}

// Paper makes documents of a line per session.
type Paper struct{}

// Files implements creditnotes.Renderer.
func (Paper) Files(n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) ([]creditnotes.File, error) {
	text := n.Number + " " + n.Hash + "\n"
	for d, err := range details {
		if err != nil {
			return nil, err
		}
		text += d.Session.ExternalID + " " + d.Line.NetEnergy.String() + "\n"
	}
	return []creditnotes.File{{NoteID: n.ID, Kind: creditnotes.FileCSV, Name: n.Number + ".csv", MediaType: "text/csv", Content: []byte(text)}}, nil
}

// ReportPDF implements creditnotes.Renderer: the sessions of the report.
func (Paper) ReportPDF(r *creditnotes.SettlementReport, rows creditnotes.ReportRows) ([]byte, error) {
	text := r.Name + " " + r.SHA256 + "\n"
	for l, err := range rows.Previous {
		if err != nil {
			return nil, err
		}
		text += l.Session + " collected\n"
	}
	for one, err := range rows.Records {
		if err != nil {
			return nil, err
		}
		text += one.ID + " " + one.Net + "\n"
	}
	return []byte(text), nil
}

// Render stores the documents of a run.
func (w *World) Render(run *creditnotes.Run) {
	w.T.Helper()
	notes, err := w.Store.RunNotes(w.T.Context(), run.ID)
	w.must(err)
	for _, n := range notes {
		if n.State == creditnotes.Issued {
			w.must(w.Runner.Render(w.T.Context(), n.ID, Paper{}))
		}
	}
}

// Cancel cancels a note and stores the cancellation.
func (w *World) Cancel(number string) *creditnotes.Note {
	w.T.Helper()
	note, err := w.TryCancel(number)
	w.must(err)
	w.must(w.Runner.Render(w.T.Context(), note.ID, Paper{}))
	return note
}

// TryCancel cancels a note.
func (w *World) TryCancel(number string) (*creditnotes.Note, error) {
	return w.Runner.Cancel(w.T.Context(), creditnotes.CancelRequest{Number: number, Reason: "wrong tariff", Who: "anna"})
}

// Proven reports what Verify finds but notes without files: many tests render
// none.
func (w *World) Proven() {
	w.T.Helper()
	got := slices.DeleteFunc(w.Problems(), func(key string) bool { return key == "verify_unrendered" })
	if len(got) > 0 {
		w.T.Errorf("verify: %v", got)
	}
}

// Problems are the keys of what Verify finds.
func (w *World) Problems() (keys []string) {
	w.T.Helper()
	v, err := creditnotes.Verify(context.WithoutCancel(w.T.Context()), w.Store, creditnotes.AuditHead{})
	w.must(err)
	for _, p := range v.Problems {
		if !slices.Contains(w.Ignored, p.Key) {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// Note finds a note by its number.
func (w *World) Note(number string) *creditnotes.Note {
	w.T.Helper()
	note, err := w.Store.NoteByNumber(w.T.Context(), number)
	w.must(err)
	return note
}

// Details lists the sessions of a note as its session file prints them.
func (w *World) Details(number string) string {
	w.T.Helper()
	var b strings.Builder
	for d, err := range w.Store.Details(w.T.Context(), w.Note(number)) {
		w.must(err)
		fmt.Fprintf(&b, "%s v%d %s %s kWh %s %s", d.Session.ExternalID, d.Session.Version, d.Line.Kind, d.Line.Energy, d.Line.NetEnergy+d.Own, d.Month)
		if d.CorrectionOf != "" {
			b.WriteString(" corrects " + d.CorrectionOf)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Issued lists the notes that have a number.
func (w *World) Issued() (list []*creditnotes.Note) {
	w.T.Helper()
	w.must(w.Store.Books(w.T.Context(), func(books creditnotes.VerifyStore) error {
		for note, err := range books.IssuedNotes(w.T.Context()) {
			if err != nil {
				return err
			}
			list = append(list, note)
		}
		return nil
	}))
	return list
}

// HasNumbers compares the numbers of all documents, sorted, and proves the
// books.
func (w *World) HasNumbers(want ...string) {
	w.T.Helper()
	var got []string
	for _, note := range w.Issued() {
		got = append(got, note.Number)
	}
	if slices.Sort(got); !slices.Equal(got, want) {
		w.T.Errorf("numbers %q, want %q", got, want)
	}
	w.Proven()
}

// Everything is what is stored of all documents, with their sessions and files.
func (w *World) Everything() (list []any) {
	w.T.Helper()
	for _, note := range w.Issued() {
		list = append(list, note)
		for d, err := range w.Store.Details(w.T.Context(), note) {
			w.must(err)
			list = append(list, d)
		}
		files, err := w.Store.StoredFiles(w.T.Context(), note.ID)
		w.must(err)
		list = append(list, files)
	}
	return list
}

// EveryMonth charges 10 kWh for a and for b in some months of 2026.
func (w *World) EveryMonth(months ...int) {
	w.T.Helper()
	w.Now = time.Date(2027, 2, 1, 11, 0, 0, 0, time.UTC)
	for _, m := range months {
		start := fmt.Sprintf("2026-%02d-03 10:00", m)
		w.Charged(Charge(fmt.Sprintf("A-%02d", m), "ST-1", start, "10"), Charge(fmt.Sprintf("B-%02d", m), "ST-9", start, "10"))
	}
}
