package month

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// runView is one part of the page of a run; only what that part shows is
// filled in.
type runView struct {
	Run     *creditnotes.Run
	Path    string // of the run
	Badge   string
	Tabs    []runTab
	Part    string
	Trouble troubleView
	// DateOpen says that the run will be dated the day on which it is issued.
	DateOpen bool

	// The first part.
	Totals      []creditnotes.NoteTotal // of credit notes
	Fees        []creditnotes.NoteTotal // of fee invoices
	Cancelled   []creditnotes.NoteTotal // of both, cancelled since
	Control     sheetLine
	Held        []heldLine // by reason
	Failed      short[failedLine]
	Undelivered []undeliveredLine
	Talk        talk
	Progress    progressView
	May         runActions
	Confirm     page.ConfirmView

	Sheet   sheetView
	Notes   notesView
	Waiting heldView
	Review  reviewView

	badList error // what is wrong with what the address asks of the list
}

// runActions are what the visitor can do to a run now.
type runActions struct {
	Approve  bool
	OwnDraft bool // it waits for another person than the visitor
	Discard  bool
	Continue bool
	Issues   bool // to continue it issues documents
	Send     bool
	Export   bool
	ZIP      string // where the documents can be downloaded together; empty: nowhere
}

// The parts of a run's page, in the order of the tabs.
var runParts = []string{"", "notes", "fees", "owners", "held", "changes"}

func tabs(base, current string) (list []runTab) {
	for _, part := range runParts {
		tab := runTab{Path: base, Key: fmt.Sprintf("run_part_%s", part), Current: part == current}
		if part == "" {
			tab.Key = "run_part_overview"
		} else {
			tab.Path += "part=" + part
		}
		list = append(list, tab)
	}
	return list
}

// run finds the run that the address names.
func (v *Visit) run() (*creditnotes.Run, error) {
	return v.Store.RunByName(v.R.Context(), v.R.PathValue("name"))
}

// RunPage shows a run, or one part of it.
func (v *Visit) RunPage() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	return v.showRun(run, nil)
}

// showRun shows a run, with what was wrong with an action on top.
func (v *Visit) showRun(run *creditnotes.Run, problem error) error {
	view, err := v.runView(run)
	if err != nil {
		return err
	}
	title := v.Message("run_title", "Run", run.Name)
	if problem = errors.Join(problem, view.badList); problem != nil {
		return v.Retry(problem, "run", title, view)
	}
	return v.Show("run", title, view)
}

func (v *Visit) runView(run *creditnotes.Run) (view runView, err error) {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return view, err
	}
	path := page.RunPath(run.Name)
	part := v.R.URL.Query().Get("part")
	view = runView{Run: run, Path: path, Badge: stageBadge(run.Stage), Part: part, Tabs: tabs(path+"?", part), Confirm: v.ConfirmView()}
	view.DateOpen = !run.DateGiven && run.Stage.Numberless()
	l := v.partOfRun(path)
	switch part {
	case "":
		return view, v.overview(b, &view)
	case "notes":
		view.Notes, err = v.runNotes(b, run, l, numbering.CreditNote)
	case "fees":
		view.Notes, err = v.runNotes(b, run, l, numbering.Invoice)
	case "owners":
		var owners []creditnotes.OwnerResult
		owners, err = v.Store.OwnerResults(v.R.Context(), run.ID)
		view.Sheet = sheets(b, owners, l)
	case "held":
		var groups []creditnotes.HeldGroup
		groups, err = v.Store.RunHeld(v.R.Context(), run.ID)
		var latest bool
		if err == nil {
			latest, err = v.isLatest(run)
		}
		view.Waiting = held(b, groups, l, heldByRun(latest))
		if err == nil {
			err = v.addHeldOf(b, run, &view.Waiting)
		}
	case "changes":
		view.Review, err = v.review(b, run)
	default:
		err = v.Nowhere()
	}
	view.badList = l.Err()
	return view, err
}

// mostBlockers is how many sessions that others are held for a run shows.
const mostBlockers = 20

// addHeldOf adds what others are held for, and what is credited with a warning.
func (v *Visit) addHeldOf(b *snapshot.Snapshot, run *creditnotes.Run, view *heldView) error {
	blockers, err := v.Store.RunBlockers(v.R.Context(), run.ID, mostBlockers)
	if err != nil {
		return err
	}
	warned, err := v.Store.RunWarned(v.R.Context(), run.ID)
	view.addBlockers(blockers)
	view.addWarned(b, warned)
	return err
}

// overview fills in the first part of the page.
func (v *Visit) overview(b *snapshot.Snapshot, view *runView) error {
	ctx, run := v.R.Context(), view.Run
	owners, err := v.Store.OwnerResults(ctx, run.ID)
	if err != nil {
		return err
	}
	view.Control, view.Failed = sheetTotal(b, owners), v.failedLines(b, withoutLeftOut(owners))
	if view.Talk, err = v.talkOf(b, run); err != nil {
		return err
	}
	groups, err := v.Store.RunHeld(ctx, run.ID)
	if err != nil {
		return err
	}
	latest, err := v.isLatest(run)
	if err != nil {
		return err
	}
	view.Held = heldReasons(groups, heldByRun(latest))
	sums, err := v.Store.RunSums(ctx, []int64{run.ID})
	if err != nil {
		return err
	}
	view.Totals = totalsOfKind(b, sums[run.ID], numbering.CreditNote)
	view.Fees = totalsOfKind(b, sums[run.ID], numbering.Invoice)
	cancelled, err := v.Store.RunCancelled(ctx, []int64{run.ID})
	if err != nil {
		return err
	}
	view.Cancelled = page.MainFirst(cancelled[run.ID], b.Currency(), page.CurrencyOf)
	view.Control.Net = view.Totals
	undelivered, err := v.Store.RunUndelivered(ctx, run.ID, page.LinesPerPage)
	if err != nil {
		return err
	}
	for _, u := range undelivered {
		view.Undelivered = append(view.Undelivered, undeliveredLine{u, b.Names(u.Recipient)})
	}
	if view.Progress, err = v.progress(run, nil); err != nil {
		return err
	}
	if view.Trouble, err = v.trouble(run, view.Progress.Stopped); err != nil {
		return err
	}
	view.May, err = v.runActions(run)
	return err
}

// isLatest reports whether a run is the latest that was not discarded.
func (v *Visit) isLatest(run *creditnotes.Run) (bool, error) {
	runs, err := v.Store.Runs(v.R.Context())
	for i := range runs {
		if runs[i].Stage != creditnotes.StageDiscarded && runs[i].ID > run.ID {
			return false, err
		}
	}
	return true, err
}

// runActions tells what the visitor can do to a run now.
func (v *Visit) runActions(run *creditnotes.Run) (may runActions, err error) {
	may.Send, may.Export = v.May(access.Send), v.May(access.Export)
	if zip := "/notes.zip?run=" + url.QueryEscape(run.Name); run.Stage == creditnotes.StageCompleted && v.CanOpen(zip) {
		may.ZIP = zip
	}
	waits := waitsForApproval(run)
	if waits && v.May(access.Approve) {
		switch err := v.Runner.MayApprove(v.R.Context(), run, v.Name()); {
		case err == nil:
			may.Approve = true
		case fault.Is(err, fault.Forbidden):
			may.OwnDraft = true
		default:
			return may, err
		}
	}
	stopped, err := v.stopped(v.R.Context(), run, run.Stage)
	if err != nil {
		return may, err
	}
	may.Continue = stopped && v.May(access.Draft)
	may.Issues = run.Stage == creditnotes.StageReleased || run.Settings.Release == creditnotes.ReleaseAutomatic
	may.Discard = (run.Stage == creditnotes.StageDrafted || run.Stage == creditnotes.StageDrafting) && v.May(access.Draft)
	return may, nil
}

// waitsForApproval reports whether a run waits for a second person.
func waitsForApproval(run *creditnotes.Run) bool {
	return run.Stage == creditnotes.StageDrafted && run.Settings.Release == creditnotes.ReleaseApprove
}

// runNotes lists the documents of a kind of a run by number, and what was settled without
// one.
func (v *Visit) runNotes(b *snapshot.Snapshot, run *creditnotes.Run, l *page.List, kind numbering.DocumentType) (view notesView, err error) {
	ctx := v.R.Context()
	view.List, view.Kind, l.Empty = l, kind, "run_notes_none"
	if kind == numbering.Invoice {
		l.Empty = "run_fees_none"
	}
	l.SetOrder("number")
	l.SetHeads(noteHeads("number")...)
	state := creditnotes.Issued
	if run.Stage.Numberless() {
		state = creditnotes.Draft
	}
	list, err := v.Store.ListNotes(ctx, notesByState(run.Name, state, kind), l.Page("number"))
	if err != nil {
		return view, err
	}
	l.Cursors(list.Next, list.Previous)
	for i := range list.Notes {
		view.Lines = append(view.Lines, noteEntryLine(b, run.Name, &list.Notes[i], state))
	}
	for _, silent := range []creditnotes.State{creditnotes.Zero, creditnotes.Carried} {
		list, err := v.Store.ListNotes(ctx, notesByState(run.Name, silent, kind), creditnotes.Page{OldestFirst: true, Limit: page.LinesPerPage})
		if err != nil {
			return view, err
		}
		for i := range list.Notes {
			view.Silent = append(view.Silent, noteEntryLine(b, run.Name, &list.Notes[i], silent))
		}
	}
	sums, err := v.Store.RunSums(ctx, []int64{run.ID})
	view.Totals = totalsOfKind(b, sums[run.ID], kind)
	return view, err
}

// ResendOfRun mails one note of a run once more, or all that did not reach
// everyone.
func (v *Visit) ResendOfRun() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if v.R.FormValue("all") == "true" {
		return v.resendAll(run)
	}
	number := v.R.FormValue("number")
	undelivered, err := v.Store.Undelivered(v.R.Context(), run.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(undelivered, func(u creditnotes.Undelivered) bool { return u.Number == number }) { // sent again already, or never failed
		return v.Redirect(page.RunPath(run.Name))
	}
	if _, err := v.Runner.Resend(v.R.Context(), creditnotes.ResendRequest{Number: number, Who: v.Name()}); err != nil {
		return v.showRun(run, err)
	}
	return v.Done(page.RunPath(run.Name), "run_sent_again", "Number", number)
}

// resendAll mails everything of a run again that failed, and says which notes
// were left out and why.
func (v *Visit) resendAll(run *creditnotes.Run) error {
	resent, err := v.Runner.ResendRun(v.R.Context(), run.Name, creditnotes.AddressesPresent, v.Name())
	if err != nil {
		return v.showRun(run, err)
	}
	if len(resent.Skipped) == 0 {
		return v.Done(page.RunPath(run.Name), "run_all_sent_again", "Count", len(resent.Queued))
	}
	var skipped fault.List
	for _, s := range resent.Skipped {
		skipped = append(skipped, s.Reason)
	}
	if len(resent.Queued) > 0 {
		v.Faults = append(v.Faults, page.ProblemLine{Text: v.Message("run_all_sent_again", "Count", len(resent.Queued))})
	}
	return v.showRun(run, skipped)
}
