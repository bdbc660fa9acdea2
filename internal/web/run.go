package web

import (
	"errors"
	"fmt"
	"net/url"
	"slices"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
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
	Totals      []creditnotes.NoteTotal
	Control     sheetLine
	Held        []heldLine // by reason
	Failed      short[failedLine]
	Undelivered []undeliveredLine
	Progress    progressView
	May         runActions
	Confirm     confirmView

	Sheet   sheetView
	Notes   notesView
	Waiting heldView
	Changes changesView

	badList error // what is wrong with what the address asks of the list
}

// runActions are what the visitor can do to a run now.
type runActions struct {
	Approve  bool
	OwnDraft bool // it waits for somebody else than the visitor
	Discard  bool
	Continue bool
	Issues   bool // to continue it issues documents
	Send     bool
	Export   bool
	ZIP      string // where the documents can be downloaded together; empty: nowhere
}

// The parts of a run's page, in the order of the tabs.
var runParts = []string{"", "notes", "owners", "held", "changes"}

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
func (v *visit) run() (*creditnotes.Run, error) {
	return v.Store.RunByName(v.r.Context(), v.r.PathValue("name"))
}

// runPage shows a run, or one part of it.
func (v *visit) runPage() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	return v.showRun(run, nil)
}

// showRun shows a run, with what was wrong with an action on top.
func (v *visit) showRun(run *creditnotes.Run, problem error) error {
	view, err := v.runView(run)
	if err != nil {
		return err
	}
	title := v.message("run_title", "Run", run.Name)
	if problem = errors.Join(problem, view.badList); problem != nil {
		return v.retry(problem, "run", title, view)
	}
	return v.show("run", title, view)
}

func (v *visit) runView(run *creditnotes.Run) (view runView, err error) {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return view, err
	}
	path := runPath(run.Name)
	part := v.r.URL.Query().Get("part")
	view = runView{Run: run, Path: path, Badge: stageBadge(run.Stage), Part: part, Tabs: tabs(path+"?", part), Confirm: v.confirmView()}
	view.DateOpen = !run.DateGiven && run.Stage.Numberless()
	l := v.partOfRun(path)
	switch part {
	case "":
		return view, v.overview(b, &view)
	case "notes":
		view.Notes, err = v.runNotes(b, run, l)
	case "owners":
		var owners []creditnotes.OwnerResult
		owners, err = v.Store.OwnerResults(v.r.Context(), run.ID)
		view.Sheet = sheets(b, owners, l)
	case "held":
		var groups []creditnotes.HeldGroup
		groups, err = v.Store.RunHeld(v.r.Context(), run.ID)
		view.Waiting = held(b, groups, l)
		if err == nil {
			err = v.addHeldOf(b, run, &view.Waiting)
		}
	case "changes":
		var c *creditnotes.Comparison
		if c, err = v.Runner.CompareRun(v.r.Context(), run); err == nil {
			view.Changes = v.changes(b, c, l)
		}
	default:
		err = v.nowhere()
	}
	view.badList = l.Err()
	return view, err
}

// mostBlockers is how many sessions that others are held for a run shows.
const mostBlockers = 20

// addHeldOf adds what others are held for, and what is credited with a warning.
func (v *visit) addHeldOf(b *snapshot.Snapshot, run *creditnotes.Run, view *heldView) error {
	blockers, err := v.Store.RunBlockers(v.r.Context(), run.ID, mostBlockers)
	if err != nil {
		return err
	}
	warned, err := v.Store.RunWarned(v.r.Context(), run.ID)
	view.addBlockers(blockers)
	view.addWarned(b, warned)
	return err
}

// overview fills in the first part of the page.
func (v *visit) overview(b *snapshot.Snapshot, view *runView) error {
	ctx, run := v.r.Context(), view.Run
	owners, err := v.Store.OwnerResults(ctx, run.ID)
	if err != nil {
		return err
	}
	view.Control, view.Failed = sheetTotal(b, owners), v.failedLines(b, owners)
	groups, err := v.Store.RunHeld(ctx, run.ID)
	if err != nil {
		return err
	}
	view.Held = heldReasons(groups)
	sums, err := v.Store.RunSums(ctx, []int64{run.ID})
	if err != nil {
		return err
	}
	view.Totals = mainFirst(sums[run.ID], b.Currency(), currencyOf)
	undelivered, err := v.Store.RunUndelivered(ctx, run.ID, linesPerPage)
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

// runActions tells what the visitor can do to a run now.
func (v *visit) runActions(run *creditnotes.Run) (may runActions, err error) {
	may.Send, may.Export = v.may(access.Send), v.may(access.Export)
	if zip := "/notes.zip?run=" + url.QueryEscape(run.Name); run.Stage == creditnotes.StageCompleted && v.canOpen(zip) {
		may.ZIP = zip
	}
	waits := waitsForApproval(run)
	if waits && v.may(access.Approve) {
		switch err := v.Runner.MayApprove(v.r.Context(), run, v.name()); {
		case err == nil:
			may.Approve = true
		case fault.Is(err, fault.Forbidden):
			may.OwnDraft = true
		default:
			return may, err
		}
	}
	stopped, err := v.stopped(v.r.Context(), run, run.Stage)
	if err != nil {
		return may, err
	}
	may.Continue = stopped && v.may(access.Draft)
	may.Issues = run.Stage == creditnotes.StageReleased || run.Settings.Release == creditnotes.ReleaseAutomatic
	may.Discard = (run.Stage == creditnotes.StageDrafted || run.Stage == creditnotes.StageDrafting) && v.may(access.Draft)
	return may, nil
}

// waitsForApproval tells whether a run waits for a second person.
func waitsForApproval(run *creditnotes.Run) bool {
	return run.Stage == creditnotes.StageDrafted && run.Settings.Release == creditnotes.ReleaseApprove
}

// runNotes lists the documents of a run by number, and what was settled without
// one.
func (v *visit) runNotes(b *snapshot.Snapshot, run *creditnotes.Run, l *List) (view notesView, err error) {
	ctx := v.r.Context()
	view.List, l.Empty = l, "run_notes_none"
	l.SetOrder("number")
	l.SetHeads(noteHeads("number")...)
	state := creditnotes.Issued
	if run.Stage.Numberless() {
		state = creditnotes.Draft
	}
	list, err := v.Store.ListNotes(ctx, notesByState(run.Name, state), l.Page("number"))
	if err != nil {
		return view, err
	}
	l.Cursors(list.Next, list.Previous)
	for i := range list.Notes {
		view.Lines = append(view.Lines, noteEntryLine(b, run.Name, &list.Notes[i], state))
	}
	for _, silent := range []creditnotes.State{creditnotes.Zero, creditnotes.Carried} {
		list, err := v.Store.ListNotes(ctx, notesByState(run.Name, silent), creditnotes.Page{OldestFirst: true, Limit: linesPerPage})
		if err != nil {
			return view, err
		}
		for i := range list.Notes {
			view.Silent = append(view.Silent, noteEntryLine(b, run.Name, &list.Notes[i], silent))
		}
	}
	sums, err := v.Store.RunSums(ctx, []int64{run.ID})
	view.Totals = mainFirst(sums[run.ID], b.Currency(), currencyOf)
	return view, err
}

// draftView is a note that has no number.
type draftView struct {
	Note      *creditnotes.Note
	Run, Path string
	Name      string // of the recipient
	Owners    string
}

// draftPage shows a note of a run that has no number: a draft, or what was
// settled without a document.
func (v *visit) draftPage() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	id, err := parseID(v.r.PathValue("id"))
	if err != nil {
		return v.nowhere()
	}
	note, err := v.Store.Note(v.r.Context(), id)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return err
	case err != nil || note.RunID != run.ID:
		return v.nowhere()
	case note.Number != "":
		return v.redirect(numberPath(note.Number))
	}
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	title := v.message("draft_title", "Recipient", b.Names(note.Recipient))
	return v.show("run_draft", title, draftView{
		Note: note, Run: run.Name, Path: runPath(run.Name), Name: b.Names(note.Recipient), Owners: b.Names(note.Owners...),
	})
}

// resendOfRun mails one note of a run once more, or all that did not reach
// everybody.
func (v *visit) resendOfRun() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	if v.r.FormValue("all") == "true" {
		return v.resendAll(run)
	}
	number := v.r.FormValue("number")
	undelivered, err := v.Store.Undelivered(v.r.Context(), run.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(undelivered, func(u creditnotes.Undelivered) bool { return u.Number == number }) { // sent again already, or never failed
		return v.redirect(runPath(run.Name))
	}
	if _, err := v.Runner.Resend(v.r.Context(), creditnotes.ResendRequest{Number: number, Who: v.name()}); err != nil {
		return v.showRun(run, err)
	}
	return v.done(runPath(run.Name), "run_sent_again", "Number", number)
}

// resendAll mails everything of a run again that failed, and says which notes
// were left out and why.
func (v *visit) resendAll(run *creditnotes.Run) error {
	resent, err := v.Runner.ResendRun(v.r.Context(), run.Name, creditnotes.AddressesPresent, v.name())
	if err != nil {
		return v.showRun(run, err)
	}
	if len(resent.Skipped) == 0 {
		return v.done(runPath(run.Name), "run_all_sent_again", "Count", len(resent.Queued))
	}
	var skipped fault.List
	for _, s := range resent.Skipped {
		skipped = append(skipped, s.Reason)
	}
	if len(resent.Queued) > 0 {
		v.faults = append(v.faults, problemLine{Text: v.message("run_all_sent_again", "Count", len(resent.Queued))})
	}
	return v.showRun(run, skipped)
}
