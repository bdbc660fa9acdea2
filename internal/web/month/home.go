package month

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// homeView is the first page of a user of the operator.
type homeView struct {
	Restored string // why nothing is issued after a restore; empty: it is
	Change   bool   // the visitor may confirm it
	Next     nextRun
	Last     *lastRun // nil: none yet
	Month    monthView
	Pause    *creditnotes.MailPause // nil: mails are sent
	Inbox    []inboxLine            // what waits for the visitor
	Open     int                    // notes whose mail has not reached everyone
	Setup    *setupView             // nil: the first run is done
}

// Home is the first page after the login: that of the operator, or the portal
// of a Sub-CPO.
func (v *Visit) Home() error {
	b, err := v.Snapshot(v.R.Context())
	switch {
	case err != nil:
		return err
	case len(b.Config.Entities) == 0:
		return v.welcome(b)
	case !v.Who.Operator:
		return v.portal(b)
	}
	view := homeView{Change: v.May(access.ChangeSettings)}
	if b.Config.Restored != nil {
		view.Restored = v.Texts.PageFault(v.Lang, b.Config.Restored.Fault())
	}
	runs, err := v.Store.Runs(v.R.Context())
	if err != nil {
		return err
	}
	if view.Setup, err = v.setup(b, runs); err != nil {
		return err
	}
	if view.Next, err = v.nextRun(b, runs); err != nil {
		return err
	}
	if view.Last, err = v.lastRun(b, runs); err != nil {
		return err
	}
	if view.Pause, err = v.Store.MailPause(v.R.Context()); err != nil {
		return err
	}
	if view.Open, err = v.Store.CountOpen(v.R.Context()); err != nil {
		return err
	}
	if view.Inbox, err = v.inbox(b); err != nil {
		return err
	}
	view.Month = v.monthView(b)
	return v.ShowAs("home", "menu_home", view)
}

// HomePart renews a part of the page: the countdown of the operator, or the
// figures of the month, which are the own ones for a Sub-CPO.
func (v *Visit) HomePart() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	switch part := v.R.PathValue("part"); {
	case part == "calendar" && v.Who.Operator:
		return v.calendarPart(b)
	case part == "stand":
		return v.standPart(b)
	case part == "month" && !v.Who.Operator:
		return v.Part("portal", "month", v.ownMonth(b))
	case part == "month":
		return v.Part("home", "month", v.monthView(b))
	case part != "next" || !v.Who.Operator:
		return v.Nowhere()
	}
	runs, err := v.Store.Runs(v.R.Context())
	if err != nil {
		return err
	}
	next, err := v.nextRun(b, runs)
	if err != nil {
		return err
	}
	return v.Part("home", "next", next)
}

// lastRun is the latest run with what became of it.
type lastRun struct {
	creditnotes.Run
	Totals     []creditnotes.NoteTotal // as on the page of the run
	Cancelled  []creditnotes.NoteTotal // of these, cancelled since
	Draft      bool                    // the totals are those of a draft
	Deliveries []deliveryCount
	Link       string
}

// deliveryCount counts the notes of a run whose latest mailing is in a state
// that a person should look at.
type deliveryCount struct {
	State creditnotes.DeliveryState
	Notes int
	Link  string
}

func (v *Visit) lastRun(b *snapshot.Snapshot, runs []creditnotes.Run) (*lastRun, error) {
	for _, run := range runs {
		if run.Stage == creditnotes.StageDiscarded {
			continue
		}
		last := &lastRun{Run: run, Link: v.NearestAllowed(page.RunPath(run.Name))}
		last.Draft = run.Stage.Numberless()
		sums, err := v.Store.RunSums(v.R.Context(), []int64{run.ID})
		if err != nil {
			return nil, err
		}
		cancelled, err := v.Store.RunCancelled(v.R.Context(), []int64{run.ID})
		if err != nil {
			return nil, err
		}
		last.Totals = page.MainFirst(sums[run.ID], b.Currency(), page.CurrencyOf)
		last.Cancelled = page.MainFirst(cancelled[run.ID], b.Currency(), page.CurrencyOf)
		last.Deliveries, err = v.openDeliveries(run.Name)
		return last, err
	}
	return nil, nil
}

func (v *Visit) openDeliveries(run string) (counts []deliveryCount, err error) {
	for _, state := range []creditnotes.DeliveryState{
		creditnotes.DeliveryQueued, creditnotes.DeliverySending, creditnotes.DeliveryIncomplete, creditnotes.DeliveryFailed, creditnotes.DeliveryParked,
	} {
		totals, err := v.Store.NoteTotals(v.R.Context(), creditnotes.NoteFilter{Run: run, Delivery: state})
		if err != nil {
			return nil, err
		}
		one := deliveryCount{State: state, Link: v.NearestAllowed("/notes?run=" + run + "&delivery=" + string(state))}
		for _, t := range totals {
			one.Notes += t.Notes
		}
		if one.Notes > 0 {
			counts = append(counts, one)
		}
	}
	return counts, nil
}

// monthView is the current month in real time.
type monthView struct {
	Month    entities.Month
	Known    bool // there are figures
	Counting bool // newer ones are on their way
	AsOf     string
	Problems []string // why there are no figures

	Sessions int64
	Energy   money.Quantity
	Owed     []page.Sum
	Earlier  creditnotes.Tally // of other months, waiting too
	Late     []page.Sum
	Charts   []*dayChart
	Days     []dayLine
	Held     []heldReason
	Warned   []heldReason // will be credited with a warning
	Findings []*page.FindingGroup
	Ready    bool // nothing at all was found
}

// dayLine is a day of the month.
type dayLine struct {
	creditnotes.DayTally
	Sums []page.Sum
}

// heldReason counts the sessions that wait for one reason.
type heldReason struct {
	Reason sessions.Reason
	creditnotes.Count
	Link string
}

// monthView shows what is known of the current month.
func (v *Visit) monthView(b *snapshot.Snapshot) monthView {
	view := monthView{Month: entities.MonthOf(v.Now(), v.Zone())}
	month, now, counting := v.monthSoFar()
	view.Counting = month == nil || now == nil
	if now != nil && now.Err != nil {
		view.AsOf, view.Counting = now.At.In(v.Zone()).Format(time.TimeOnly), counting
		view.Problems = v.whyNot(now.Err)
		return view
	}
	if month == nil {
		return view
	}
	view.AsOf = month.at.In(v.Zone()).Format(time.TimeOnly)
	view.Known = true
	main := b.Currency()
	view.Sessions, view.Energy, view.Owed = month.Total.Sessions, month.Total.Energy, page.SumsOf(month.Total.Owed, main)
	view.Earlier, view.Late = month.Earlier, page.SumsOf(month.Earlier.Owed, main)
	for _, owed := range view.Owed {
		if chart := newDayChart(month.Days, owed.Currency); chart != nil {
			view.Charts = append(view.Charts, chart)
		}
	}
	for _, day := range month.Days {
		if day.Sessions > 0 || len(day.Owed) > 0 {
			view.Days = append(view.Days, dayLine{day, page.SumsOf(day.Owed, main)})
		}
	}
	for _, held := range month.Held {
		link := v.NearestAllowed(nextPath(creditnotes.SessionHeld, "", held.Reason, ""))
		view.Held = append(view.Held, heldReason{held.Reason, held.Count, link})
	}
	if now == nil {
		return view
	}
	for _, warned := range heldReasons(now.Ready.Warned, heldByRun(false)) {
		count := creditnotes.Count{Sessions: int64(warned.Sessions), Energy: warned.Energy}
		view.Warned = append(view.Warned, heldReason{Reason: warned.Reason, Count: count})
	}
	view.Findings = v.Findings(now.Ready.Findings, b)
	view.Ready = len(view.Findings) == 0
	return view
}

// whyNot says why there are no figures; what is not meant for people is in the
// log.
func (v *Visit) whyNot(err error) (sentences []string) {
	for _, f := range fault.Of(err) {
		sentences = append(sentences, v.Texts.PageFault(v.Lang, f))
	}
	if len(sentences) == 0 {
		sentences = append(sentences, v.Texts.PageFault(v.Lang, fault.New(fault.Invalid, "unexpected", nil)))
	}
	return sentences
}
