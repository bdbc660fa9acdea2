package month

import (
	"cmp"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// calendarView is what comes in the next weeks, by day.
type calendarView struct {
	Events []calendarEvent
	Until  entities.Date
	More   int // that are not listed
}

// calendarEvent is something that happens on a day.
type calendarEvent struct {
	Day  entities.Date
	Kind string // of a message: calendar_<kind>
	What string // whom or what it is about
	Sums []page.Sum
	Link string // empty: the visitor may not open it
}

// How far the calendar looks, in days, and how many events it lists.
const (
	calendarDays = 60
	mostEvents   = 25
)

// calendarPart is the calendar of the operator.
func (v *Visit) calendarPart(b *snapshot.Snapshot) error {
	today := b.Day(v.Now())
	view := calendarView{Until: today.AddDays(calendarDays)}
	for _, read := range []func(*snapshot.Snapshot, entities.Date) ([]calendarEvent, error){v.runComes, v.moneyComes, v.papersEnd} {
		list, err := read(b, today)
		if err != nil {
			return err
		}
		view.Events = append(view.Events, list...)
	}
	view.Events = slices.DeleteFunc(view.Events, func(e calendarEvent) bool { return e.Day.Before(today) || view.Until.Before(e.Day) })
	slices.SortStableFunc(view.Events, func(x, y calendarEvent) int {
		return cmp.Or(cmp.Compare(x.Day, y.Day), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.What, y.What))
	})
	if view.More = max(0, len(view.Events)-mostEvents); view.More > 0 {
		view.Events = view.Events[:mostEvents]
	}
	return v.Part("home", "calendar", view)
}

// runComes is the next scheduled run.
func (v *Visit) runComes(b *snapshot.Snapshot, _ entities.Date) ([]calendarEvent, error) {
	settings := b.Config.Settings
	if !settings.Active || !settings.CreditRun {
		return nil, nil
	}
	at := creditnotes.NewMonthEnd(settings, v.Zone()).Next(v.Now()).In(v.Zone())
	month := entities.DateOf(at, v.Zone()).AddDays(-settings.ReviewDays).Month()
	return []calendarEvent{{Day: entities.DateOf(at, v.Zone()), Kind: "run", What: v.Texts.Month(v.Lang, month) + ", " + at.Format("15:04"), Link: v.NearestAllowed("/runs")}}, nil
}

// moneyComes is what falls due to be paid, the batches that wait for their day, and
// the reminders that are due today.
func (v *Visit) moneyComes(b *snapshot.Snapshot, today entities.Date) (list []calendarEvent, err error) {
	ctx := v.R.Context()
	accounts, err := v.Store.OpenAccountsOn(ctx, today)
	if err != nil {
		return nil, err
	}
	forecast := payouts.ForecastOf(today, b.Config.Settings.MinimumPayout, accounts)
	for _, day := range forecast.Days {
		list = append(list, calendarEvent{Day: day.Day, Kind: "due", Sums: []page.Sum{{Currency: day.Currency, Amount: day.Amount}}, Link: v.NearestAllowed("/cash")})
	}
	batches, err := v.Store.PayoutsToCome(ctx, today)
	if err != nil {
		return nil, err
	}
	for _, day := range batches {
		list = append(list, calendarEvent{Day: day.Day, Kind: "payout", Sums: []page.Sum{{Currency: day.Currency, Amount: day.Amount}}, Link: v.NearestAllowed("/payouts/all")})
	}
	due, err := v.Store.DueReminders(ctx, today)
	for _, r := range due {
		if r.Apart == "" {
			list = append(list, calendarEvent{Day: today, Kind: "reminder", What: b.Names(r.Recipient.Key), Sums: []page.Sum{{Currency: r.Currency, Amount: r.Amount}}, Link: v.NearestAllowed("/reminders")})
		}
	}
	return list, err
}

// papersEnd are the agreements, contracts, certificates and other documents that end.
func (v *Visit) papersEnd(b *snapshot.Snapshot, _ entities.Date) (list []calendarEvent, err error) {
	for i := range b.Config.Entities {
		e := &b.Config.Entities[i]
		if day := e.Agreement.ValidUntil; day != "" {
			list = append(list, calendarEvent{Day: day, Kind: "agreement", What: e.DisplayName(), Link: v.NearestAllowed(page.EntityPath(e.Key))})
		}
	}
	for i := range b.Config.Contracts {
		c := &b.Config.Contracts[i]
		last := c.Ended
		if last.IsZero() && !c.AutoRenew {
			last = c.To
		}
		if c.Active && !last.IsZero() {
			list = append(list, calendarEvent{Day: last.LastDay(), Kind: "contract", What: c.Key + " · " + b.Names(c.Owner), Link: v.NearestAllowed("/contracts/" + c.Key)})
		}
	}
	documents, err := v.Store.EntityDocuments(v.R.Context(), creditnotes.EntityDocumentFilter{Valid: true})
	for i := range documents {
		if d := &documents[i]; d.ValidUntil != "" {
			list = append(list, calendarEvent{Day: d.ValidUntil, Kind: "document", What: b.Names(d.Entity) + " · " + d.Name, Link: v.NearestAllowed(page.EntityPath(d.Entity))})
		}
	}
	return list, err
}
