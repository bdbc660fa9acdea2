package network

import (
	"maps"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// stationsView lists stations.
type stationsView struct {
	List     *page.List
	States   []page.Choice
	Entities []page.Choice
	Types    []page.Choice
	Stations []placeLine
	Operator bool
	Change   bool
}

// stationFilter narrows the list.
type stationFilter struct {
	Text   string // in key, name, address or EVSE id
	Owner  string // key of the entity
	State  string // no_tariff or no_owner
	Type   string // of a connector, or AC or DC
	Tariff string // key of a charge-point or COMMUNITY tariff
}

// placeLine is one station as it is now.
type placeLine struct {
	Station    *entities.Station
	Owner      *entities.Entity // nil: no one
	OwnerSeen  bool
	Connectors []connectorKind
	Tariffs    []string
	NoTariff   int // connectors without any
	Ended      bool
}

// connectorKind counts equal connectors of a station.
type connectorKind struct {
	Count int
	Type  string
	Power string // AC or DC and kW
}

// Stations lists the stations that the visitor sees, filtered.
func (v *Visit) Stations() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/stations", Fields: []string{"q", "owner", "type", "state", "tariff"}, Size: page.RowsPerPage, Order: "key", Empty: "stations_none",
	})
	states := []string{"no_tariff", "no_owner"}
	filter := stationFilter{Text: l.Text("q"), Owner: l.Text("owner"), State: l.Choice("state", states...), Type: l.Text("type"), Tariff: l.Text("tariff")}
	view := stationsView{List: l, Entities: v.EntitiesOffered(b), Types: page.PlainChoices(filter.Type, connectorTypes(b)...), Operator: v.Who.Operator, Change: v.mayChangeEntities()}
	view.States = v.Choices("stations_%s", filter.State, states...)
	var found []*entities.Station
	if filter.Owner == "" || v.Who.Sees(filter.Owner) { // do not reveal stations through an owner the visitor may not see
		found = v.findStations(b, filter)
	}
	for _, s := range page.Rows(l, found, v.stationColumns(b)...) {
		line := v.placeLine(b, s)
		line.Ended = s.Until.Ended(entities.Date(v.Today()))
		view.Stations = append(view.Stations, line)
	}
	return v.ShowList("stations", "menu_stations", view, l.Err())
}

func (v *Visit) stationColumns(b *snapshot.Snapshot) []page.Column[*entities.Station] {
	now := v.Now()
	owner := func(s *entities.Station) string {
		if e := b.Network.StationOwner(s.Key, now); e != nil && v.Who.Sees(e.Key) {
			return e.Name
		}
		return ""
	}
	return []page.Column[*entities.Station]{
		{Head: page.Head{Key: "key", Message: "station"}, By: page.ByText(func(s *entities.Station) string { return s.Key })},
		{Head: page.Head{Key: "name", Message: "station_place"}, By: page.ByText(func(s *entities.Station) string { return s.Name })},
		{Head: page.Head{Key: "owner", Message: "station_owner"}, By: page.ByText(owner)},
		{Head: page.Head{Key: "connectors", Message: "station_connectors"}, By: page.By(func(s *entities.Station) int { return len(b.Places()[s.Key]) })},
		{Head: page.Head{Message: "station_tariffs_now"}},
	}
}

// connectorTypes are AC, DC and the types that the network has.
func connectorTypes(b *snapshot.Snapshot) []string {
	have := map[string]bool{}
	for _, p := range b.Network.AllPlaces() {
		have[p.Connector.Type] = true
	}
	delete(have, "")
	return append([]string{"AC", "DC"}, slices.Sorted(maps.Keys(have))...)
}

// findStations are those that the visitor sees and the filter leaves, by key; those
// that are out of service only where something is asked for.
func (v *Visit) findStations(b *snapshot.Snapshot, f stationFilter) (found []*entities.Station) {
	now, places, today := v.Now(), b.Places(), entities.Date(v.Today())
	for _, s := range b.Network.Stations() {
		if v.SeesStation(s) && !(f == stationFilter{} && s.Until.Ended(today)) && f.matches(b, s, places[s.Key], now, v.assignmentsSeen(s, b.Network.StationZone(s.Key))) {
			found = append(found, s)
		}
	}
	return found
}

// matches asks what is cheap first.
func (f *stationFilter) matches(b *snapshot.Snapshot, s *entities.Station, places []*entities.Place, now time.Time, shown func(entities.ConnectorTariff) bool) bool {
	if f.Text != "" && !stationHas(s, places, strings.ToLower(f.Text)) {
		return false
	}
	if f.Type != "" && !slices.ContainsFunc(places, func(p *entities.Place) bool {
		return p.Connector.Type == f.Type || string(p.Connector.PowerType) == f.Type
	}) {
		return false
	}
	if f.Owner != "" || f.State == "no_owner" {
		owner := ""
		if e := b.Network.StationOwner(s.Key, now); e != nil {
			owner = e.Key
		}
		if owner != f.Owner {
			return false
		}
	}
	if f.State == "no_tariff" && !slices.ContainsFunc(places, func(p *entities.Place) bool { return !hasTariff(p, now) }) {
		return false
	}
	return f.Tariff == "" || slices.ContainsFunc(places, func(p *entities.Place) bool {
		a := tariffs.AssignedAt(p, now)
		return a != nil && (a.ChargePoint == f.Tariff || a.Community == f.Tariff) && shown(*a)
	})
}

// stationHas looks for a text, in small letters, in what names a station.
func stationHas(s *entities.Station, places []*entities.Place, text string) bool {
	for _, word := range []string{s.Key, s.Name, s.Street, s.Postcode, s.City} {
		if strings.Contains(strings.ToLower(word), text) {
			return true
		}
	}
	return slices.ContainsFunc(places, func(p *entities.Place) bool { return strings.Contains(strings.ToLower(p.Connector.EVSEID), text) })
}

// hasTariff reports whether a connector has a charge-point or COMMUNITY tariff.
func hasTariff(p *entities.Place, now time.Time) bool {
	a := tariffs.AssignedAt(p, now)
	return a != nil && (a.ChargePoint != "" || a.Community != "")
}

func (v *Visit) placeLine(b *snapshot.Snapshot, s *entities.Station) placeLine {
	now := v.Now()
	line := placeLine{Station: s, Owner: b.Network.StationOwner(s.Key, now)}
	line.OwnerSeen = line.Owner != nil && v.Who.Sees(line.Owner.Key)
	shown := v.assignmentsSeen(s, b.Network.StationZone(s.Key))
	for _, p := range b.Places()[s.Key] {
		line.add(connectorKind{1, p.Connector.Type, v.power(p.Connector)})
		if !hasTariff(p, now) {
			line.NoTariff++
			continue
		}
		a := tariffs.AssignedAt(p, now)
		for _, key := range []string{a.ChargePoint, a.Community} {
			if key != "" && !slices.Contains(line.Tariffs, key) && shown(*a) {
				line.Tariffs = append(line.Tariffs, key)
			}
		}
	}
	return line
}

// add counts a connector to those that are like it.
func (l *placeLine) add(kind connectorKind) {
	for i := range l.Connectors {
		if have := &l.Connectors[i]; have.Type == kind.Type && have.Power == kind.Power {
			have.Count++
			return
		}
	}
	l.Connectors = append(l.Connectors, kind)
}

// power writes AC or DC and the most kW of a connector, as far as known.
func (v *Visit) power(c *entities.Connector) string {
	words := []string{}
	if c.PowerType != "" {
		words = append(words, string(c.PowerType))
	}
	if c.MaxPowerKW > 0 {
		kw := strings.TrimSuffix(v.Texts.Quantity(v.Lang, c.MaxPowerKW), "000")
		words = append(words, strings.TrimRight(kw, ".,")+" kW")
	}
	return strings.Join(words, " ")
}

// mayChangeStations tells which forms a station page has.
func (v *Visit) mayChangeStations() (owners, assigned bool) {
	return v.Who.Operator && v.May(access.ChangeEntities), v.Who.Operator && v.May(access.ChangeTariffs)
}
