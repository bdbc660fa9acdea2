package network

import (
	"context"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// affected is a change of prices as a person has typed it in, before it is saved.
type affected struct {
	record  creditnotes.Record
	isNew   bool
	seen    string                     // of the record; empty: what the form says it has seen
	config  *creditnotes.Configuration // what is saved then
	title   string
	change  []string  // it in words
	since   time.Time // when it begins; zero: it has no beginning
	reprice string    // cost rate at which its sessions were credited; empty: none, or several
}

// affectsView says what a change affects.
type affectsView struct {
	*page.FormState
	Title, Action string
	Fields        []hiddenField // the form as it was sent
	Change        []string
	Said          []string
	Connectors    int
	Media         int
	Held          int64 // sessions for want of a price at these connectors
	More          bool  // of them at least
	Effect        string
	Month         entities.Month
}

// hiddenField is a field of the form that is saved.
type hiddenField struct{ Name, Value string }

// sure names the field by which the visitor says that a change may be saved.
const sure = "sure"

// asksFirst shows what a change affects, unless the visitor has seen it or nothing
// uses what is changed. What is wrong with the change is said at the form.
func (v *Visit) asksFirst(b *snapshot.Snapshot, f *page.FormState, a *affected) (asked bool, err error) {
	if f.Checked(sure) || !f.Ok() {
		return false, nil
	}
	seen := a.seen
	if seen == "" && !a.isNew {
		seen = f.Sent()
	}
	tried, err := v.Store.TryRecord(v.R.Context(), v.Name(), a.record, seen, a.config)
	if f.Fail(err) {
		return false, nil
	}
	if a.record.Section == creditnotes.SectionRates {
		a.since = versionsSince(b.Config.Tariffs.CostRates, tried.Tariffs.CostRates, a.since)
	}
	places, media := concerned(b, tried, a.since)
	if len(places) == 0 && media == 0 {
		return false, nil
	}
	view := affectsView{
		FormState: f, Title: a.title, Action: v.R.URL.Path, Change: a.change, Said: v.consequences(a.since),
		Connectors: len(places), Media: media, Month: v.ThisMonth(),
	}
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		if name == "do" || name == sure {
			continue
		}
		for _, value := range f.Values[name] {
			view.Fields = append(view.Fields, hiddenField{name, value})
		}
	}
	if view.Held, view.More, err = v.heldAt(places); err != nil {
		return false, err
	}
	if v.May(access.Preview) {
		view.Effect = "/tariffs/what-if/" + v.askEffect(a, places, tried)
	}
	return true, v.ShowForm(f, "affects", a.title, view)
}

// versionsSince is when the versions of cost rates begin to differ, else the moment
// given. A version that no session was credited by is corrected in place: then it
// counts from the beginning of that version.
func versionsSince(before, after []tariffs.CostRate, given time.Time) time.Time {
	found := false
	for _, r := range after {
		if slices.ContainsFunc(before, func(have tariffs.CostRate) bool { return reflect.DeepEqual(have, r) }) {
			continue
		}
		if !found || r.ValidFrom.Before(given) {
			given, found = r.ValidFrom, true
		}
	}
	return given
}

// concerned finds the connectors at which a changed configuration may decide
// another price from a moment on, and counts the media with another sales tariff.
func concerned(b *snapshot.Snapshot, tried *creditnotes.Configuration, since time.Time) (places []int64, media int) {
	changes := tariffs.Compare(&b.Config.Tariffs, &tried.Tariffs)
	then := map[int64][]entities.ConnectorTariff{}
	for i := range tried.Connectors {
		then[tried.Connectors[i].ID] = tried.Connectors[i].Tariffs
	}
	for _, p := range b.Network.AllPlaces() {
		if changes.Concerns(p, since) || !slices.Equal(p.Connector.Tariffs, then[p.Connector.ID]) {
			places = append(places, p.Connector.ID)
		}
	}
	for i := range tried.Media {
		if changes.ConcernsSales(tried.Media[i].SalesTariff) {
			media++
		}
	}
	return places, media
}

// heldAt counts the sessions that wait for a price at some connectors, among the
// connectors with the most of them; more says that there are further ones.
func (v *Visit) heldAt(places []int64) (n int64, more bool, err error) {
	list, err := v.Store.HeldPlaces(v.R.Context(), creditnotes.SessionFilter{Reason: sessions.Unpriced}, mostHeldPlaces+1)
	if err != nil {
		return 0, false, err
	}
	at := map[int64]bool{}
	for _, id := range places {
		at[id] = true
	}
	for _, p := range list[:min(len(list), mostHeldPlaces)] {
		if at[p.Connector] {
			n += p.Sessions
		}
	}
	return n, len(list) > mostHeldPlaces, nil
}

// askEffect begins to work out what the next run would make of the change, and
// returns the id of the task.
func (v *Visit) askEffect(a *affected, places []int64, tried *creditnotes.Configuration) string {
	ask := whatIfAsk{Month: v.ThisMonth(), Kind: saveChange, Since: a.since, Rate: a.reprice}
	task := v.tasks.whatIfs.Start(v.Name(), a.record.Key, func(ctx context.Context, _ *tasks.Progress) (whatIf, error) {
		effect, err := v.Runner.WhatNext(ctx, ask.Month, func(c *creditnotes.Configuration) error {
			*c = *tried
			return nil
		})
		if err != nil || ask.Since.IsZero() {
			return whatIf{Ask: ask, Effect: effect}, err
		}
		credited, err := v.Store.CreditedSince(ctx, places, ask.Rate, ask.Since)
		return whatIf{ask, effect, credited}, err
	})
	return task.State().ID
}

// consequences say in figures what it means that a change begins at a moment.
func (v *Visit) consequences(since time.Time) []string {
	if since.IsZero() {
		return []string{v.Message("affects_ever")}
	}
	now, zone := v.Now(), v.Zone()
	today, first := entities.DateOf(now, zone), entities.DateOf(since, zone)
	day := v.Texts.Date(v.Lang, first)
	switch month := v.ThisMonth(); {
	case first > today:
		days := int(first.In(time.UTC).Sub(today.In(time.UTC)).Hours()) / 24
		return []string{v.Message("affects_begins", "Day", day, "Count", days)}
	case first == today:
		return []string{v.Message("affects_today")}
	case !entities.MonthOf(since, zone).Before(month):
		return []string{v.Message("affects_this_month", "Day", day, "Month", v.Texts.Month(v.Lang, month))}
	}
	return []string{v.Message("affects_past", "Day", day)}
}

// repricesOf is the page on which the sessions of a cost rate are priced anew.
func (v *Visit) repricesOf(rate string, since time.Time) string {
	return v.LinkIfAllowed("/reprices?" + url.Values{"rate": {rate}, "from": {string(entities.DateOf(since, v.Zone()))}}.Encode())
}

// rateAt is the cost rate that a COMMUNITY tariff names at a moment, before it is
// changed; empty where it names none.
func rateAt(t *tariffs.CommunityTariff, at time.Time, zone *time.Location) string {
	if i := communityAt(t, at, zone); i >= 0 {
		return t.Versions[i].Purchase
	}
	return ""
}

// firstChange is when two lists of conditions begin to differ; the zero time where
// they do not. A condition that only ends at another time differs from the earlier
// one of the two on, any other one from its beginning.
func firstChange(before, after []tariffs.Condition, zone *time.Location) (first time.Time) {
	from := func(at time.Time) {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	ends := func(c tariffs.Condition, list []tariffs.Condition) (entities.Moment, bool) {
		i := slices.IndexFunc(list, func(o tariffs.Condition) bool {
			o.To = c.To
			return reflect.DeepEqual(c, o)
		})
		if i < 0 {
			return "", false
		}
		return list[i].To, true
	}
	for _, lists := range [2][2][]tariffs.Condition{{before, after}, {after, before}} {
		for _, c := range lists[0] {
			other, same := ends(c, lists[1])
			switch {
			case same && other == c.To:
			case !same:
				from(c.From.In(zone))
			case !other.IsZero():
				from(other.In(zone))
			}
		}
	}
	return first
}
