package web

import (
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// homeView is the first page of a user of the operator.
type homeView struct {
	Next  nextRun
	Last  *lastRun // nil: none yet
	Month monthView
}

// home is the first page after the login: that of the operator, or the portal
// of a Sub-CPO.
func (v *visit) home() error {
	b, err := v.books(v.r.Context())
	switch {
	case err != nil:
		return err
	case len(b.Config.Entities) == 0:
		return v.showAs("welcome", "welcome_title", nil)
	case !v.who.Operator:
		return v.portal(b)
	}
	view := homeView{}
	runs, err := v.Store.Runs(v.r.Context())
	if err != nil {
		return err
	}
	if view.Next, err = v.nextRun(b, runs); err != nil {
		return err
	}
	if view.Last, err = v.lastRun(b, runs); err != nil {
		return err
	}
	view.Month = v.monthView(b)
	return v.showAs("home", "menu_home", view)
}

// nextRun is when the next run fires, in words.
type nextRun struct {
	Month    entities.Month // that it credits
	At       string         // Monday, 30 November 2026, 23:30
	In       string         // 18 days 12 hours
	Zone     string
	Due      []entities.Month // that should have been run by now
	Approve  bool             // somebody has to release it
	Active   bool
	Licensed bool
	Change   bool // the visitor may switch it on
}

// homePart renews a part of the page: the countdown of the operator, or the
// figures of the month, which are the own ones for a Sub-CPO.
func (v *visit) homePart() error {
	b, err := v.network()
	if err != nil {
		return err
	}
	switch part := v.r.PathValue("part"); {
	case part == "month" && !v.who.Operator:
		return v.part("portal", "month", v.ownMonth(b))
	case part == "month":
		return v.part("home", "month", v.monthView(b))
	case part != "next" || !v.who.Operator:
		return v.nowhere()
	}
	runs, err := v.Store.Runs(v.r.Context())
	if err != nil {
		return err
	}
	next, err := v.nextRun(b, runs)
	if err != nil {
		return err
	}
	return v.part("home", "next", next)
}

func (v *visit) nextRun(b *books, runs []creditnotes.Run) (next nextRun, err error) {
	settings := b.Config.Settings
	next = nextRun{
		Active: settings.Active, Licensed: settings.CreditRun, Change: v.may(access.ChangeSettings),
		Approve: settings.Release == creditnotes.ReleaseApprove,
	}
	if b.Network == nil || !settings.Active || !settings.CreditRun {
		return next, nil
	}
	now, zone := v.Now(), v.zone()
	if next.Due, err = creditnotes.Due(b.Config, runs, now); err != nil {
		return next, err
	}
	at := creditnotes.NewMonthEnd(settings, zone).Next(now).In(zone)
	next.Zone = zone.String()
	next.Month = entities.DateOf(at, zone).AddDays(-settings.ReviewDays).Month()
	if next.At, err = v.inWords(at); err != nil {
		return next, err
	}
	next.In, err = v.countdown(at.Sub(now))
	return next, err
}

// weekdays are the messages of the days of the week, Sunday first.
var weekdays = [...]string{
	"home_sunday", "home_monday", "home_tuesday", "home_wednesday", "home_thursday", "home_friday", "home_saturday",
}

// inWords writes an instant with the day of the week.
func (v *visit) inWords(at time.Time) (string, error) {
	weekday, err := v.text(weekdays[at.Weekday()])
	if err != nil {
		return "", err
	}
	month := v.Texts.Month(v.lang, entities.DateOf(at, at.Location()).Month())
	return v.text("home_moment", "Weekday", weekday, "Day", at.Day(), "Month", month, "Time", at.Format("15:04"))
}

// countdown writes how long something lasts in its two largest units, rounded
// up to whole minutes.
func (v *visit) countdown(left time.Duration) (string, error) {
	minutes := int((left + time.Minute - 1) / time.Minute)
	parts := []struct {
		key string
		n   int
	}{{"home_days", minutes / (24 * 60)}, {"home_hours", minutes / 60 % 24}, {"home_minutes", minutes % 60}}
	words := ""
	for i, shown := 0, 0; i < len(parts) && shown < 2; i++ {
		if parts[i].n == 0 && shown == 0 && i < len(parts)-1 {
			continue
		}
		shown++
		if parts[i].n == 0 && words != "" {
			continue
		}
		one, err := v.text(parts[i].key, "Count", parts[i].n)
		if err != nil {
			return "", err
		}
		if words != "" {
			words += " "
		}
		words += one
	}
	return words, nil
}

// lastRun is the latest run with what became of it.
type lastRun struct {
	creditnotes.Run
	Totals     []creditnotes.NoteTotal
	Draft      bool // the totals are those of a draft
	Deliveries []deliveryCount
	Link       string
}

// deliveryCount counts the notes of a run whose latest mailing is in a state
// that somebody should look at.
type deliveryCount struct {
	State creditnotes.DeliveryState
	Notes int
	Link  string
}

func (v *visit) lastRun(b *books, runs []creditnotes.Run) (*lastRun, error) {
	for _, run := range runs {
		if run.Stage == creditnotes.StageDiscarded {
			continue
		}
		last := &lastRun{Run: run, Link: v.way("/runs/" + run.Name)}
		filter := creditnotes.NoteFilter{Run: run.Name}
		switch run.Stage {
		case creditnotes.StageDrafting, creditnotes.StageDrafted, creditnotes.StageReleased:
			last.Draft, filter.State = true, creditnotes.Draft
		}
		var err error
		if last.Totals, err = v.Store.NoteTotals(v.r.Context(), filter); err != nil {
			return nil, err
		}
		mainFirst(last.Totals, b.mainCurrency(), currencyOf)
		last.Deliveries, err = v.openDeliveries(run.Name)
		return last, err
	}
	return nil, nil
}

func (v *visit) openDeliveries(run string) (counts []deliveryCount, err error) {
	for _, state := range []creditnotes.DeliveryState{
		creditnotes.DeliveryQueued, creditnotes.DeliverySending, creditnotes.DeliveryFailed, creditnotes.DeliveryParked,
	} {
		totals, err := v.Store.NoteTotals(v.r.Context(), creditnotes.NoteFilter{Run: run, Delivery: state})
		if err != nil {
			return nil, err
		}
		one := deliveryCount{State: state, Link: v.way("/notes?run=" + run + "&delivery=" + string(state))}
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
	Owed     []sum
	Earlier  creditnotes.Tally // of other months, waiting too
	Late     []sum
	Charts   []*dayChart
	Days     []dayLine
	Held     []heldReason
	Findings []*findingGroup
	Ready    bool // nothing at all was found
}

// sum is an amount in a currency.
type sum struct {
	Currency string
	Amount   money.Amount
}

// dayLine is a day of the month.
type dayLine struct {
	creditnotes.DayTally
	Sums []sum
}

// heldReason counts the sessions that wait for one reason.
type heldReason struct {
	Reason sessions.Reason
	creditnotes.Count
	Link string
}

// monthView shows what is known of the current month.
func (v *visit) monthView(b *books) monthView {
	view := monthView{Month: entities.MonthOf(v.Now(), v.zone())}
	now, counting := v.monthSoFar()
	view.Counting = counting
	if now == nil {
		return view
	}
	view.AsOf = now.At.In(v.zone()).Format(time.TimeOnly)
	if now.Err != nil {
		view.Problems = v.whyNot(now.Err)
		return view
	}
	month := now.Sums
	view.Known = true
	main := b.mainCurrency()
	view.Sessions, view.Energy, view.Owed = month.Total.Sessions, month.Total.Energy, sumsOf(month.Total.Owed, main)
	view.Earlier, view.Late = month.Earlier, sumsOf(month.Earlier.Owed, main)
	for _, owed := range view.Owed {
		if chart := newDayChart(month.Days, owed.Currency); chart != nil {
			view.Charts = append(view.Charts, chart)
		}
	}
	for _, day := range month.Days {
		if day.Sessions > 0 || len(day.Owed) > 0 {
			view.Days = append(view.Days, dayLine{day, sumsOf(day.Owed, main)})
		}
	}
	for _, held := range month.Held {
		link := v.way("/sessions?state=held&reason=" + string(held.Reason))
		view.Held = append(view.Held, heldReason{held.Reason, held.Count, link})
	}
	view.Findings = v.findings(now.Ready.Findings, b)
	view.Ready = len(view.Findings) == 0
	return view
}

// whyNot says why there are no figures; what is not meant for people is in the
// log.
func (v *visit) whyNot(err error) (sentences []string) {
	for _, f := range fault.Of(err) {
		sentences = append(sentences, v.Texts.Fault(v.lang, f))
	}
	if len(sentences) == 0 {
		sentences = append(sentences, v.Texts.Fault(v.lang, fault.New(fault.Invalid, "unexpected", nil)))
	}
	return sentences
}

// sumsOf rounds exact sums to the minor unit of their currencies; the main
// currency comes first.
func sumsOf(owed map[string]money.Micros, main string) (sums []sum) {
	for _, currency := range sortedKeys(owed) {
		sums = append(sums, sum{currency, owed[currency].Round(digitsOf(currency))})
	}
	mainFirst(sums, main, func(s sum) string { return s.Currency })
	return sums
}

// mainFirst puts what is in the main currency first and leaves the order of
// the others.
func mainFirst[T any](list []T, main string, currency func(T) string) {
	rank := func(one T) int {
		if currency(one) == main {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b T) int { return rank(a) - rank(b) })
}

func currencyOf(t creditnotes.NoteTotal) string { return t.Currency }

// mainCurrency is that of the operator.
func (b *books) mainCurrency() string {
	if operator := b.Operator(); operator != nil {
		return operator.Currency
	}
	return ""
}
