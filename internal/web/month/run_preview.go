package month

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// Preview is what pages show of a run that is not kept.
type Preview struct {
	Notes    []previewedNote // credit notes
	Fees     []previewedNote // fee invoices
	Silent   []previewedNote // settled without one
	Owners   []creditnotes.OwnerResult
	Held     []creditnotes.HeldGroup
	Warned   []creditnotes.HeldGroup
	Blockers []creditnotes.Blocker
	Changes  *creditnotes.Comparison
}

// previewedNote is a note of a preview.
type previewedNote struct {
	Recipient       string
	Owners          []string
	Date            entities.Date
	Currency        string
	Net, Tax, Gross money.Amount
	State           creditnotes.State
	Kind            numbering.DocumentType
}

func previewOf(report *creditnotes.Report, changes *creditnotes.Comparison) Preview {
	return Preview{
		Notes: previewedNotes(report.Notes), Fees: previewedNotes(report.Fees), Silent: previewedNotes(report.Silent), Owners: report.Owners,
		Held: heldGroups(report.Held), Warned: heldGroups(report.Warned), Blockers: creditnotes.Blockers(report.Held), Changes: changes,
	}
}

func previewedNotes(notes []*creditnotes.Note) []previewedNote {
	list := make([]previewedNote, len(notes))
	for i, n := range notes {
		list[i] = previewedNote{n.Recipient, n.Owners, n.Date, n.Currency, n.Net, n.Tax, n.Gross, n.State, n.Kind}
	}
	return list
}

// previewView is a preview, or the page that waits for it.
type previewView struct {
	Month entities.Month
	Date  entities.Date // empty: the day of issue
	Path  string        // of the preview
	Begun time.Time
	Ready bool
	Done  int  // of so many owners, while it is being made
	Of    int  // 0: not known
	Draft bool // the visitor may start a run
	Tabs  []runTab
	Part  string

	Totals  []creditnotes.NoteTotal // of credit notes
	Fees    []creditnotes.NoteTotal // of fee invoices
	Control sheetLine
	Held    []heldLine
	Failed  short[failedLine]

	Sheet   sheetView
	Notes   notesView
	Waiting heldView
	Changes changesView
}

// PreviewPage shows the run of a month without keeping it. What takes longer
// than a moment goes on in the background, and the page asks again.
func (v *Visit) PreviewPage() error {
	q, subject, err := v.previewAsked()
	if err != nil {
		return err
	}
	task, err := v.Work.Previews.Join(v.R.Context(), v.Name(), subject, v.makePreview(q))
	if err != nil {
		return err
	}
	state, path := task.Within(answerWithin), previewPath(q.Month, q.DocumentDate)
	view := previewView{
		Month: q.Month, Date: q.DocumentDate, Path: path, Begun: state.Begun, Part: v.R.FormValue("part"), Draft: v.May(access.Draft),
		Tabs: tabs(path+"&", v.R.FormValue("part")), Done: state.Progress.Done, Of: state.Progress.Of,
	}
	title, err := v.Text("preview_title", "Month", v.Texts.Month(v.Lang, q.Month))
	if err != nil {
		return err
	}
	if !state.Over() {
		return v.Show("run_preview", title, view)
	}
	if state.Err != nil { // it is said once; who looks again makes it anew
		if err := v.Work.Previews.Forget(v.R.Context(), state.ID); err != nil {
			return err
		}
		return state.Err
	}
	view.Ready = true
	if err := v.fillPreview(&view, &state.Value); err != nil {
		return err
	}
	return v.Show("run_preview", title, view)
}

// previewAsked reads which preview is asked for, and what its task is about: a
// changed configuration makes another.
func (v *Visit) previewAsked() (q creditnotes.Request, subject string, err error) {
	month := v.R.FormValue("month")
	if month == "" {
		runs, err := v.Store.Runs(v.R.Context())
		if err != nil {
			return q, "", err
		}
		next, err := v.nextMonth(runs)
		if err != nil {
			return q, "", err
		}
		month = string(next)
	}
	if q, err = v.request(month, v.R.FormValue("date")); err != nil {
		return q, "", err
	}
	b, err := v.Network()
	if err != nil {
		return q, "", err
	}
	return q, PreviewSubject(q, b.Version), nil
}

// PreviewSubject is what the task of a preview is about.
func PreviewSubject(q creditnotes.Request, version int64) string {
	return fmt.Sprintf("%s %s v%d", q.Month, q.DocumentDate, version)
}

// makePreview is the work on a preview.
func (s *Pages) makePreview(q creditnotes.Request) func(context.Context, *tasks.Progress) (Preview, error) {
	return func(ctx context.Context, progress *tasks.Progress) (Preview, error) {
		runner := *s.Runner
		runner.Progress = func(_ creditnotes.Stage, done, of int) { progress.Set(done, of) }
		report, err := runner.Preview(ctx, q)
		if err != nil {
			return Preview{}, err
		}
		changes, err := s.Runner.Compare(ctx, report)
		return previewOf(report, changes), err
	}
}

// RefreshPreview makes a preview anew, for sessions may have arrived.
func (v *Visit) RefreshPreview() error {
	q, subject, err := v.previewAsked()
	if err != nil {
		return err
	}
	if err := v.Work.Previews.ForgetLatest(v.R.Context(), v.Name(), subject); err != nil {
		return err
	}
	return v.Redirect(previewPath(q.Month, q.DocumentDate))
}

func (v *Visit) fillPreview(view *previewView, p *Preview) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := v.partOfRun("/runs/preview", "month", string(view.Month), "date", string(view.Date))
	path := heldByNext(view.Month, v.ThisMonth())
	switch view.Part {
	case "":
		view.Totals = page.MainFirst(totalsOf(p.Notes), b.Currency(), page.CurrencyOf)
		view.Fees = page.MainFirst(totalsOf(p.Fees), b.Currency(), page.CurrencyOf)
		view.Control = sheetTotal(b, p.Owners)
		view.Held = heldReasons(p.Held, path)
		view.Failed = v.failedLines(b, p.Owners)
		view.Control.Net = view.Totals
		view.Control.linkNext(view.Month, v.ThisMonth(), view.Failed.Count)
	case "notes":
		view.Notes = previewNotes(b, p, p.Notes, numbering.CreditNote, l)
	case "fees":
		view.Notes = previewNotes(b, p, p.Fees, numbering.Invoice, l)
	case "owners":
		view.Sheet = sheets(b, p.Owners, l)
	case "held":
		view.Waiting = held(b, p.Held, l, path)
		view.Waiting.addBlockers(p.Blockers)
		view.Waiting.addWarned(b, p.Warned)
	case "changes":
		view.Changes = v.changes(b, p.Changes, l)
	default:
		return fault.New(fault.NotFound, "page_unknown", nil)
	}
	return errors.Join(err, l.Err())
}

func previewNotes(b *snapshot.Snapshot, p *Preview, notes []previewedNote, kind numbering.DocumentType, l *page.List) notesView {
	view := notesView{List: l, Kind: kind, Totals: page.MainFirst(totalsOf(notes), b.Currency(), page.CurrencyOf)}
	if kind == numbering.Invoice {
		l.Empty = "run_fees_none"
	}
	for _, n := range page.Rows(l, notes, previewColumns(b)...) {
		view.Lines = append(view.Lines, previewNote(b, n))
	}
	silent := slices.DeleteFunc(slices.Clone(p.Silent), func(n previewedNote) bool { return n.Kind != kind })
	for _, n := range silent[:min(page.LinesPerPage, len(silent))] {
		view.Silent = append(view.Silent, previewNote(b, n))
	}
	return view
}

// totalsOf adds up notes by currency.
func totalsOf(notes []previewedNote) (totals []creditnotes.NoteTotal) {
	for _, n := range notes {
		i := slices.IndexFunc(totals, func(t creditnotes.NoteTotal) bool { return t.Currency == n.Currency })
		if i < 0 {
			i = len(totals)
			totals = append(totals, creditnotes.NoteTotal{Currency: n.Currency})
		}
		t := &totals[i]
		t.Notes, t.Net, t.Tax, t.Gross = t.Notes+1, t.Net+n.Net, t.Tax+n.Tax, t.Gross+n.Gross
	}
	slices.SortFunc(totals, func(x, y creditnotes.NoteTotal) int { return cmp.Compare(x.Currency, y.Currency) })
	return totals
}

// heldGroups counts held sessions by owner and reason.
func heldGroups(holds []creditnotes.Hold) (groups []creditnotes.HeldGroup) {
	type place struct {
		owner  string
		reason sessions.Reason
	}
	at := map[place]int{}
	for _, h := range holds {
		i, ok := at[place{h.Owner, h.Reason}]
		if !ok {
			i = len(groups)
			at[place{h.Owner, h.Reason}] = i
			groups = append(groups, creditnotes.HeldGroup{Owner: h.Owner, Reason: h.Reason})
		}
		groups[i].Sessions++
		groups[i].Energy += h.Energy
	}
	slices.SortFunc(groups, func(x, y creditnotes.HeldGroup) int {
		return cmp.Or(cmp.Compare(x.Owner, y.Owner), cmp.Compare(x.Reason, y.Reason))
	})
	return groups
}
