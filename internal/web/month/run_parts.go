package month

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// What the page of a run and that of a preview have in common.

// short is the beginning of a list that is rarely long.
type short[T any] struct {
	Lines []T
	Count int // of all
}

// runTab leads to one part of a run.
type runTab struct {
	Path, Key string
	Current   bool
}

// sheetLine is a control sheet: of an owner, of sessions without an owner, or
// in total.
type sheetLine struct {
	Owner, Name string
	creditnotes.Control
	Balanced bool
	Links    map[string]string       // to the sessions, by outcome; nil: there are no such lists
	Net      []creditnotes.NoteTotal // of the credit notes with what is credited
}

// sheetView is the control sheet per owner.
type sheetView struct {
	Lines []sheetLine
	Total sheetLine
	List  *page.List
}

func sheetOf(b *snapshot.Snapshot, owner string, c creditnotes.Control) sheetLine {
	return sheetLine{Owner: owner, Name: b.Names(owner), Control: c, Balanced: c.Balanced()}
}

// sheets shows the owners who had a session.
func sheets(b *snapshot.Snapshot, owners []creditnotes.OwnerResult, l *page.List) sheetView {
	view := sheetView{Total: sheetTotal(b, owners), List: l}
	l.Empty = "run_sheet_none"
	with := slices.DeleteFunc(mergedOwners(owners), func(o creditnotes.OwnerResult) bool { return o.Control == creditnotes.Control{} })
	for _, o := range page.Rows(l, with, sheetColumns(b)...) {
		view.Lines = append(view.Lines, sheetOf(b, o.Owner, o.Control))
	}
	return view
}

// linkNext leads from the outcomes of a preview to the sessions, where the open month
// says the same: it knows no months to come and no owners that fail.
func (line *sheetLine) linkNext(month, now entities.Month, failed int) {
	if now.Before(month) || failed > 0 {
		return
	}
	if month == now {
		month = "" // all that waits
	}
	line.Links = map[string]string{}
	for _, state := range []creditnotes.SessionState{
		creditnotes.SessionCredited, creditnotes.SessionHeld, creditnotes.SessionZero, creditnotes.SessionExcluded, creditnotes.SessionWithdrawn,
	} {
		line.Links[string(state)] = nextPath(state, month, "", "")
	}
}

// sheetTotal adds up all owners.
func sheetTotal(b *snapshot.Snapshot, owners []creditnotes.OwnerResult) sheetLine {
	var total creditnotes.Control
	for _, o := range owners {
		total = total.Plus(o.Control)
	}
	return sheetOf(b, "", total)
}

// mergedOwners sorts the sheets by owner and makes one of those of sessions
// without an owner, which comes last.
func mergedOwners(owners []creditnotes.OwnerResult) []creditnotes.OwnerResult {
	var none creditnotes.OwnerResult
	var list []creditnotes.OwnerResult
	for _, o := range owners {
		if o.Owner == "" {
			none.Control = none.Control.Plus(o.Control)
			continue
		}
		list = append(list, o)
	}
	slices.SortStableFunc(list, func(x, y creditnotes.OwnerResult) int { return cmp.Compare(x.Owner, y.Owner) })
	return append(list, none)
}

// failedLine is an owner without a credit note, and where that can be fixed.
type failedLine struct {
	Owner, Name string
	Text        string
	Fix         string // address; empty: the visitor cannot
}

func (v *Visit) failedLines(b *snapshot.Snapshot, owners []creditnotes.OwnerResult) (list short[failedLine]) {
	for _, o := range mergedOwners(owners) {
		if o.Failed == nil {
			continue
		}
		if list.Count++; list.Count > page.LinesPerPage {
			continue
		}
		link := cmp.Or(v.FixLink(o.Failed, b), v.NearestAllowed(page.EntityPath(o.Owner)))
		list.Lines = append(list.Lines, failedLine{o.Owner, b.Names(o.Owner), v.Texts.PageFault(v.Lang, o.Failed), link})
	}
	return list
}

// heldLine counts sessions that wait for one reason.
type heldLine struct {
	Owner, Name string
	Reason      sessions.Reason
	Sessions    int
	Energy      money.Quantity
	Path        string // of the sessions
}

// heldView are the sessions that wait: by reason, and by owner and reason.
type heldView struct {
	Reasons  []heldLine
	Owners   []heldLine
	Total    heldLine
	List     *page.List
	Blockers []blockerLine
	Warned   []heldLine // credited with a warning, by owner and reason
}

// blockerLine is a session that others are held for.
type blockerLine struct {
	creditnotes.Blocker
	Path string
}

// addBlockers shows the sessions that others are held for.
func (view *heldView) addBlockers(list []creditnotes.Blocker) {
	for _, blocker := range list {
		view.Blockers = append(view.Blockers, blockerLine{blocker, page.SessionPath(blocker.SessionID)})
	}
}

// addWarned shows what is credited with a warning.
func (view *heldView) addWarned(b *snapshot.Snapshot, groups []creditnotes.HeldGroup) {
	for _, g := range groups {
		view.Warned = append(view.Warned, heldLine{Owner: g.Owner, Name: b.Names(g.Owner), Reason: g.Reason, Sessions: g.Sessions, Energy: g.Energy})
	}
}

func held(b *snapshot.Snapshot, groups []creditnotes.HeldGroup, l *page.List, path heldPath) heldView {
	view := heldView{Reasons: heldReasons(groups, path), List: l}
	l.Empty = "run_held_none"
	for _, line := range view.Reasons {
		view.Total.Sessions += line.Sessions
		view.Total.Energy += line.Energy
	}
	for _, g := range page.Rows(l, groups, heldColumns(b)...) {
		view.Owners = append(view.Owners, heldLine{g.Owner, b.Names(g.Owner), g.Reason, g.Sessions, g.Energy, path(g.Owner, g.Reason)})
	}
	return view
}

// heldReasons adds the owners up.
func heldReasons(groups []creditnotes.HeldGroup, path heldPath) (lines []heldLine) {
	for _, g := range groups {
		i := slices.IndexFunc(lines, func(l heldLine) bool { return l.Reason == g.Reason })
		if i < 0 {
			i = len(lines)
			lines = append(lines, heldLine{Reason: g.Reason, Path: path("", g.Reason)})
		}
		lines[i].Sessions += g.Sessions
		lines[i].Energy += g.Energy
	}
	slices.SortFunc(lines, func(x, y heldLine) int {
		return cmp.Or(cmp.Compare(y.Sessions, x.Sessions), cmp.Compare(x.Reason, y.Reason))
	})
	return lines
}

// heldPath is the list of the sessions that are held of an owner for a reason,
// with as many rows as were counted; empty: there is no such list.
type heldPath func(owner string, reason sessions.Reason) string

// heldByRun lists what a run held: only of the latest run is that known of single
// sessions.
func heldByRun(latest bool) heldPath {
	return func(owner string, reason sessions.Reason) string {
		if !latest {
			return ""
		}
		return sessionsPath("state", string(creditnotes.SessionHeld), "reason", string(reason), "owner", owner)
	}
}

// nextPath lists what the next run would make of the sessions that wait of a
// month and of those before; zero: of all.
func nextPath(next creditnotes.SessionState, month entities.Month, reason sessions.Reason, owner string) string {
	until := ""
	if !month.IsZero() && reason != sessions.InTheFuture { // of every month
		until = string(month.LastDay())
	}
	return sessionsPath("next", string(next), "reason", string(reason), "owner", owner, "until", until)
}

// heldByNext lists what the run of a month would hold, as the open month says. It
// knows no obstacles of owners, and nothing of months to come.
func heldByNext(month, now entities.Month) heldPath {
	return func(owner string, reason sessions.Reason) string {
		if now.Before(month) || reason == sessions.OwnerFailed || reason == sessions.NotDue {
			return ""
		}
		if month == now {
			return nextPath(creditnotes.SessionHeld, "", reason, owner) // all that waits
		}
		return nextPath(creditnotes.SessionHeld, month, reason, owner)
	}
}

// sessionsPath lists sessions; names and values of the filter in turn.
func sessionsPath(filter ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(filter); i += 2 {
		if filter[i+1] != "" {
			q.Set(filter[i], filter[i+1])
		}
	}
	return "/sessions?" + q.Encode()
}

// noteLine is one note of a run.
type noteLine struct {
	Path            string // empty: nothing more to see
	PDF             string // address of the document of a draft; empty: none
	Number          string // empty: a draft
	Recipient, Name string
	Owners          string // names
	Date            entities.Date
	Currency        string
	Net, Tax, Gross money.Amount
	Delivery        creditnotes.DeliveryState
	State           creditnotes.State
	CancelledBy     string
}

// notesView are the notes of a kind of a run: the documents, and what was settled without
// one.
type notesView struct {
	Kind   numbering.DocumentType
	Totals []creditnotes.NoteTotal
	Lines  []noteLine
	Silent []noteLine
	List   *page.List
}

func noteEntryLine(b *snapshot.Snapshot, run string, n *creditnotes.NoteEntry, state creditnotes.State) noteLine {
	line := noteLine{
		Path: page.NumberPath(n.Number), Number: n.Number, Recipient: n.Recipient, Name: b.Names(n.Recipient), Owners: b.Names(n.Owners...),
		Date: n.Date, Currency: n.Currency, Net: n.Net, Tax: n.Tax, Gross: n.Gross, Delivery: n.Delivery, State: state, CancelledBy: n.CancelledBy,
	}
	if n.Number == "" {
		line.Path = page.DraftPath(run, n.ID)
		if state == creditnotes.Draft {
			line.PDF = line.Path + "/draft.pdf"
		}
	}
	return line
}

// previewNote shows a note that is not kept.
func previewNote(b *snapshot.Snapshot, n previewedNote) noteLine {
	return noteLine{
		Recipient: n.Recipient, Name: b.Names(n.Recipient), Owners: b.Names(n.Owners...),
		Date: n.Date, Currency: n.Currency, Net: n.Net, Tax: n.Tax, Gross: n.Gross, State: n.State,
	}
}

// notesByState asks for the documents of a kind of a run that are in a state.
func notesByState(run string, state creditnotes.State, kind numbering.DocumentType) creditnotes.NoteFilter {
	return creditnotes.NoteFilter{Run: run, State: state, Kind: kind}
}

// totalsOfKind are the totals of the documents of a kind, that of the
// operator's currency first.
func totalsOfKind(b *snapshot.Snapshot, totals []creditnotes.NoteTotal, kind numbering.DocumentType) []creditnotes.NoteTotal {
	return page.MainFirst(creditnotes.TotalsOf(totals, kind), b.Currency(), page.CurrencyOf)
}

// changeLine is what an owner gets against the month before.
type changeLine struct {
	creditnotes.NetChange
	Name    string
	Percent string // empty: nothing before
	Up      bool
}

// anomalyLine is something out of the ordinary, in words.
type anomalyLine struct {
	Owner, Name string
	Text        string
}

// changesView sets a run beside the month before.
type changesView struct {
	Month, Earlier entities.Month
	Anomalies      short[anomalyLine]
	Totals         []changeLine
	Owners         []changeLine
	List           *page.List
}

func (v *Visit) changes(b *snapshot.Snapshot, c *creditnotes.Comparison, l *page.List) changesView {
	view := changesView{Month: c.Month, Earlier: c.Earlier, List: l}
	l.Empty = "run_notes_none"
	for _, total := range c.Totals {
		view.Totals = append(view.Totals, v.changeLine(b, total))
	}
	for _, owner := range page.Rows(l, c.Owners, v.changeColumns(b, c)...) {
		view.Owners = append(view.Owners, v.changeLine(b, owner))
	}
	view.Anomalies = v.anomalies(b, c)
	return view
}

func (v *Visit) changeLine(b *snapshot.Snapshot, c creditnotes.NetChange) changeLine {
	line := changeLine{NetChange: c, Name: b.Names(c.Owner), Up: c.Difference > 0}
	if percent, ok := c.Percent(); ok {
		line.Percent = v.Texts.Number(v.Lang, int64(percent), money.PercentDecimals)
	}
	return line
}

// anomalies puts what is out of the ordinary into words.
func (v *Visit) anomalies(b *snapshot.Snapshot, c *creditnotes.Comparison) short[anomalyLine] {
	first := c.Anomalies[:min(page.LinesPerPage, len(c.Anomalies))]
	list := short[anomalyLine]{Count: len(c.Anomalies)}
	for _, a := range first {
		percent, _ := a.Percent()
		text := v.Message(fmt.Sprintf("run_anomaly_%s", a.Kind),
			"Before", v.Texts.Amount(v.Lang, a.Currency, a.Before), "Now", v.Texts.Amount(v.Lang, a.Currency, a.Now),
			"Percent", v.Texts.Percent(v.Lang, percent), "Held", v.Texts.Number(v.Lang, a.Held.Sessions, 0), "Received", v.Texts.Number(v.Lang, a.Received.Sessions, 0))
		list.Lines = append(list.Lines, anomalyLine{a.Owner, b.Names(a.Owner), text})
	}
	return list
}

// undeliveredLine is a mailing that failed.
type undeliveredLine struct {
	creditnotes.Undelivered
	Name string
}
