package network

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// heldView is what the next run would hold: by reason, by age, and for one reason
// by connector.
type heldView struct {
	Known    bool // there is an open month
	Deadline int  // after how many days a session is overdue; 0: never
	Reasons  []heldReason
	Ages     []heldAge
	Total    heldAge
	Reason   sessions.Reason // whose connectors are listed
	Places   []heldPlace
	More     bool // there are more connectors than are listed
	Assign   bool // tariffs can be assigned to them

	Form                   *page.FormState
	From                   string
	ChargePoint, Community []page.Choice
}

// heldReason adds up what is held for one reason.
type heldReason struct {
	Reason sessions.Reason
	heldAge
	Oldest  time.Time
	Path    string // of the sessions
	Places  string // of the connectors
	Current bool
}

// heldAge adds up what has been held for some time.
type heldAge struct {
	From, Until int    // days; Until 0: no end
	Path        string // of the sessions
	creditnotes.Count
	Late, Unknown int64
	Worth         []page.Sum
	worth         map[string]money.Micros
}

func (a *heldAge) add(s *creditnotes.NextHeld) {
	a.Count, a.Late, a.Unknown = a.Count.Plus(s.Count), a.Late+s.Late, a.Unknown+s.Unknown
	if a.worth == nil {
		a.worth = map[string]money.Micros{}
	}
	if s.Currency != "" {
		a.worth[s.Currency] += s.Worth
	}
}

// heldPlace is a connector at which sessions are held.
type heldPlace struct {
	creditnotes.HeldPlace
	Value                  string // of its box: the connector and what was seen of its station
	Name, Station          string
	Owner                  string // name; empty: no one
	ChargePoint, Community string // tariffs now
	Link, Path             string // to the station, and to the sessions
	Chosen                 bool
}

// heldAges are the bounds of ages in days.
var heldAges = []int{30, 60, 90}

// mostHeldPlaces is how many connectors the page lists.
const mostHeldPlaces = 200

const assignForm = "assign"

// HeldPage shows what the next run would hold.
func (v *Visit) HeldPage() error { return v.showHeld(v.Form("")) }

func (v *Visit) showHeld(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	deadline := b.Config.Settings.HeldDeadlineDays
	today := entities.DateOf(v.Now(), b.Network.Zone())
	var since []time.Time
	for _, days := range heldAges {
		since = append(since, today.AddDays(-days).In(b.Network.Zone()))
	}
	var late time.Time
	if deadline > 0 {
		late = today.AddDays(-deadline).In(b.Network.Zone())
	}
	sums, err := v.Store.HeldSums(v.R.Context(), since, late)
	if err != nil {
		return err
	}
	state, err := v.Store.OpenState(v.R.Context())
	if err != nil {
		return err
	}
	view := heldView{Known: state.Book != nil, Deadline: deadline, Form: f.In(assignForm)}
	v.addHeld(b, &view, sums)
	if err := v.addPlaces(b, &view, f); err != nil {
		return err
	}
	return v.ShowForm(f, "held", "held_title", view)
}

// addHeld adds up by reason and by age.
func (v *Visit) addHeld(b *snapshot.Snapshot, view *heldView, sums []creditnotes.NextHeld) {
	main, from := b.Currency(), 0
	for _, most := range append(slices.Clone(heldAges), 0) {
		view.Ages = append(view.Ages, heldAge{From: from, Until: most, Path: v.heldBetween(from, most)})
		from = most + 1
	}
	for i := range sums {
		s := &sums[i]
		view.Total.add(s)
		view.Ages[s.Age].add(s)
		at := slices.IndexFunc(view.Reasons, func(r heldReason) bool { return r.Reason == s.Reason })
		if at < 0 {
			at = len(view.Reasons)
			query := "reason=" + string(s.Reason)
			view.Reasons = append(view.Reasons, heldReason{Reason: s.Reason, Oldest: s.Oldest, Path: "/sessions?next=held&" + query, Places: "/sessions/held?" + query + "#places"})
		}
		r := &view.Reasons[at]
		r.add(s)
		if s.Oldest.Before(r.Oldest) {
			r.Oldest = s.Oldest
		}
	}
	slices.SortStableFunc(view.Reasons, func(a, b heldReason) int { return cmp.Compare(b.Sessions, a.Sessions) })
	view.Total.Worth = page.SumsOf(view.Total.worth, main)
	for i := range view.Reasons {
		view.Reasons[i].Worth = page.SumsOf(view.Reasons[i].worth, main)
	}
	for i := range view.Ages {
		view.Ages[i].Worth = page.SumsOf(view.Ages[i].worth, main)
	}
}

// heldBetween lists the held sessions that ended between two numbers of days ago.
func (v *Visit) heldBetween(from, until int) string {
	today := entities.DateOf(v.Now(), v.Zone())
	path := "/sessions?next=held"
	if from > 0 {
		path += "&until=" + string(today.AddDays(-from))
	}
	if until > 0 {
		path += "&from=" + string(today.AddDays(-until))
	}
	return path
}

// addPlaces adds the connectors of one reason: the one that is asked for, else that
// a tariff is missing.
func (v *Visit) addPlaces(b *snapshot.Snapshot, view *heldView, f *page.FormState) error {
	asked := sessions.Reason(cmp.Or(v.R.FormValue("reason"), string(sessions.Unpriced)))
	at := slices.IndexFunc(view.Reasons, func(r heldReason) bool { return r.Reason == asked })
	if at < 0 {
		return nil
	}
	view.Reason, view.Reasons[at].Current = asked, true
	list, err := v.Store.HeldPlaces(v.R.Context(), creditnotes.SessionFilter{Reason: asked}, mostHeldPlaces+1)
	if err != nil {
		return err
	}
	view.More = len(list) > mostHeldPlaces
	chosen := f.All("connector")
	for _, p := range list[:min(len(list), mostHeldPlaces)] {
		line, err := v.heldPlace(b, p, asked)
		if err != nil {
			return err
		}
		line.Chosen = slices.ContainsFunc(chosen, func(one string) bool {
			id, _, _ := strings.Cut(one, " ")
			return id == strconv.FormatInt(p.Connector, 10)
		})
		view.Places = append(view.Places, line)
	}
	view.Assign = asked == sessions.Unpriced && v.May(access.ChangeTariffs)
	view.From = cmp.Or(f.Text("from"), string(entities.DateOf(view.Reasons[at].Oldest, b.Network.Zone()).Month().FirstDay()))
	view.ChargePoint = chargePointChoices(b.Config.Tariffs.ChargePoint, entities.Date(view.From))
	view.Community = communityChoices(b.Config.Tariffs.Community, entities.Date(view.From))
	for _, choices := range []struct {
		of  []page.Choice
		key string
	}{{view.ChargePoint, "charge_point"}, {view.Community, "community"}} {
		for i := range choices.of {
			choices.of[i].Chosen = choices.of[i].Value == f.Text(choices.key)
		}
	}
	return nil
}

func (v *Visit) heldPlace(b *snapshot.Snapshot, p creditnotes.HeldPlace, reason sessions.Reason) (heldPlace, error) {
	line := heldPlace{HeldPlace: p}
	place := b.Network.Place(p.Connector)
	if place == nil {
		return line, nil
	}
	seen, err := b.Config.Fingerprint(page.Record(creditnotes.SectionStations, place.Station.Key))
	line.Value, line.Name, line.Station = strconv.FormatInt(p.Connector, 10)+" "+seen, placeName(place.Connector), place.Station.Key
	line.Link, line.Path = page.StationPath(place.Station.Key), "/sessions?next=held&reason="+string(reason)+"&station="+place.Station.Key
	if owner := place.Owner(v.Now()); owner != nil {
		line.Owner = owner.Name
	}
	if now := tariffs.AssignedAt(place, v.Now()); now != nil {
		line.ChargePoint, line.Community = now.ChargePoint, now.Community
	}
	return line, err
}

// chosenPlaces are connectors of a station with what was seen of it.
type chosenPlaces struct {
	station, seen string
	places        []*entities.Place
}

// assigned are the connectors with a dated entry of tariffs more.
func (s *chosenPlaces) assigned(entry entities.ConnectorTariff) *creditnotes.Configuration {
	config := &creditnotes.Configuration{}
	for _, p := range s.places {
		changed := *p.Connector
		changed.Tariffs = slices.DeleteFunc(slices.Clone(changed.Tariffs), func(t entities.ConnectorTariff) bool { return t.From == entry.From })
		changed.Tariffs = append(changed.Tariffs, keepingBefore(entry, p))
		config.Connectors = append(config.Connectors, changed)
	}
	return config
}

// asksFirstAt shows what it affects that the chosen connectors get tariffs.
func (v *Visit) asksFirstAt(b *snapshot.Snapshot, f *page.FormState, stations []chosenPlaces, entry entities.ConnectorTariff) (bool, error) {
	if !f.Ok() {
		return false, nil
	}
	a := &affected{
		record: page.Record(creditnotes.SectionStations, stations[0].station), seen: stations[0].seen, config: &creditnotes.Configuration{},
		title: v.Message("station_tariff_add"), since: entry.From.In(v.Zone()),
	}
	for i := range stations {
		a.config.Connectors = append(a.config.Connectors, stations[i].assigned(entry).Connectors...)
	}
	return v.asksFirst(b, f, a)
}

// AssignHeld assigns tariffs to the chosen connectors, station by station. A
// station that another person changed since the page was shown stays as it is.
func (v *Visit) AssignHeld() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	f := v.Form(assignForm)
	entry := entities.ConnectorTariff{
		From: entities.Moment(f.At("from", "station_from").Day()), ChargePoint: cmp.Or(f.Text("charge_point"), asBefore), Community: cmp.Or(f.Text("community"), asBefore),
	}
	stations := chosenHeld(b, f)
	if len(stations) == 0 {
		f.Say("connector", "held_none_chosen")
	}
	if entry.ChargePoint == asBefore && entry.Community == asBefore {
		f.Say("charge_point", "held_no_tariff_chosen")
	}
	if f.Text("do") == "edit" {
		return v.showHeld(f)
	}
	if asked, err := v.asksFirstAt(b, f, stations, entry); asked || err != nil {
		return err
	}
	done := 0
	for _, s := range stations {
		if !f.Ok() {
			break
		}
		_, err := v.Store.SaveRecord(v.R.Context(), v.Name(), page.Record(creditnotes.SectionStations, s.station), s.seen, s.assigned(entry))
		if !f.Fail(err) {
			done += len(s.places)
		}
	}
	if !f.Ok() {
		return v.showHeld(f)
	}
	return v.Done("/sessions/held", "held_assigned", "Count", done)
}

// chosenHeld reads the connectors that a form names, by station.
func chosenHeld(b *snapshot.Snapshot, f *page.FormState) (list []chosenPlaces) {
	for _, value := range f.All("connector") {
		id, seen, _ := strings.Cut(value, " ")
		connector, err := strconv.ParseInt(id, 10, 64)
		place := b.Network.Place(connector)
		if err != nil || place == nil {
			continue
		}
		at := slices.IndexFunc(list, func(c chosenPlaces) bool { return c.station == place.Station.Key })
		if at < 0 {
			at = len(list)
			list = append(list, chosenPlaces{station: place.Station.Key, seen: seen})
		}
		list[at].places = append(list[at].places, place)
	}
	return list
}
