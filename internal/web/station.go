package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/snapshot"
	"creditrun/tariffs"
)

// mostSuggestions is how many names a form suggests; of more it only takes the
// key that is typed in.
const mostSuggestions = 300

// stationView is one station.
type stationView struct {
	Station    *entities.Station
	Address    string
	Owners     []ownerLine // the last one first
	Connectors []connectorLine
	Months     []entities.Month // whose sessions are linked

	ChangeOwners, ChangeTariffs bool
	Entities                    []choice
	Places                      []choice
	ChargePoint, Community      []choice
	Form                        stationForm
	Owner, Tariff               *form
	Waiting                     []proposalView // for a second person
	Confirm                     confirmView
}

// stationForm is what was typed in.
type stationForm struct {
	OwnerFrom, Owner                            string
	From, To, Connector, ChargePoint, Community string
}

// The forms of the page of a station.
const (
	ownerForm  = "owner"
	tariffForm = "tariff"
)

// asBefore chooses the tariff that a connector has already, so that a new
// charge-point tariff does not take away the COMMUNITY tariff unnoticed.
const asBefore = "="

// ownerLine is one owner in time.
type ownerLine struct {
	From, Until string
	Entity      *entities.Entity // nil: none of the visitor's
	Current     bool
}

// connectorLine is one connector with its tariffs over time.
type connectorLine struct {
	*entities.Connector
	Power   string
	Tariffs []assignedLine // the last one first
	Missing bool           // there is none now
}

// assignedLine is an entry of a connector's tariffs.
type assignedLine struct {
	entities.ConnectorTariff
	FromText, UntilText string
	Current             bool
}

// stationSeen finds a station that the visitor may see.
func (v *visit) stationSeen() (*snapshot.Snapshot, *entities.Station, error) {
	b, err := v.network()
	if err != nil {
		return nil, nil, err
	}
	s := b.Network.Station(v.r.PathValue("key"))
	if s == nil || !v.seesStation(s) {
		return nil, nil, v.nowhere()
	}
	return b, s, nil
}

// stationPage shows a station.
func (v *visit) stationPage() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	return v.showStation(b, s, stationForm{}, v.form(ownerForm))
}

func (v *visit) showStation(b *snapshot.Snapshot, s *entities.Station, typed stationForm, f *form) error {
	if typed.From == "" {
		typed.ChargePoint, typed.Community = asBefore, asBefore
	}
	view := stationView{Station: s, Address: v.address(s), Form: typed, Owner: f.In(ownerForm), Tariff: f.In(tariffForm)}
	for _, one := range []*form{view.Owner, view.Tariff} {
		if err := v.see(one, record(creditnotes.SectionStations, s.Key)); err != nil {
			return err
		}
	}
	view.Confirm = v.confirmTo(stationPath(s.Key)).on(view.Owner)
	var err error
	if view.Waiting, err = v.waiting(creditnotes.ProposalFilter{Subject: s.Key, Matter: creditnotes.MatterOwner}); err != nil {
		return err
	}
	view.ChangeOwners, view.ChangeTariffs = v.mayChangeStations()
	view.Owners = v.ownerLines(b, s)
	shown := v.assignmentsSeen(s, b.Network.StationZone(s.Key))
	for _, p := range b.Places()[s.Key] {
		view.Connectors = append(view.Connectors, v.connectorLine(p, shown))
		view.Places = append(view.Places, choice{Value: placeName(p.Connector), Text: placeName(p.Connector)})
	}
	for i, m := 0, entities.MonthOf(v.Now(), v.zone()); i < 3; i, m = i+1, m.Prev() {
		view.Months = append(view.Months, m)
	}
	if view.ChangeTariffs {
		view.ChargePoint = tariffChoices(b.Config.Tariffs.ChargePoint, func(t tariffs.ChargePointTariff) (string, string) { return t.Key, t.Name })
		view.Community = tariffChoices(b.Config.Tariffs.Community, func(t tariffs.CommunityTariff) (string, string) { return t.Key, t.Name })
	}
	if walk := b.Network.Tree.Walk(); view.ChangeOwners && len(walk) <= mostSuggestions {
		for _, e := range walk {
			view.Entities = append(view.Entities, choice{Value: e.Key, Text: e.Name})
		}
	}
	return v.showForm(f, "station", cmp.Or(s.Name, s.Key), view)
}

// stationPath is the address of a station's page.
func stationPath(key string) string { return "/stations/" + url.PathEscape(key) }

// placeName tells the connectors of a network apart.
func placeName(c *entities.Connector) string { return c.EVSEID + "/" + strconv.Itoa(c.Number) }

// address writes where a station is.
func (v *visit) address(s *entities.Station) string {
	parts := []string{}
	for _, part := range []string{s.Street, strings.TrimSpace(s.Postcode + " " + s.City), v.Texts.Country(v.lang, s.Country)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// tariffChoices offers tariffs by key and name.
func tariffChoices[T any](list []T, of func(T) (key, name string)) []choice {
	choices := []choice{}
	for _, t := range list {
		key, name := of(t)
		if name != "" && name != key {
			name = key + " · " + name
		}
		choices = append(choices, choice{Value: key, Text: cmp.Or(name, key)})
	}
	return choices
}

// ownerLines are the owners in time, of which a Sub-CPO sees its own by name.
func (v *visit) ownerLines(b *snapshot.Snapshot, s *entities.Station) (lines []ownerLine) {
	zone := b.Network.StationZone(s.Key)
	current := b.Network.StationOwner(s.Key, v.Now())
	for i, o := range s.Owners {
		line := ownerLine{From: v.moment(o.From, zone)}
		until := time.Time{}
		if i+1 < len(s.Owners) {
			until = s.Owners[i+1].From.In(zone)
			line.Until = v.momentBefore(s.Owners[i+1].From, zone)
		}
		if v.who.Sees(o.Entity) {
			line.Entity = b.Network.Tree.Entity(o.Entity)
		}
		line.Current = current != nil && current.Key == o.Entity && !o.From.In(zone).After(v.Now()) && (until.IsZero() || v.Now().Before(until))
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return lines
}

// assignmentsSeen tells which tariffs at a station the visitor may see.
func (v *visit) assignmentsSeen(s *entities.Station, zone *time.Location) func(entities.ConnectorTariff) bool {
	return snapshot.AssignmentsSeen(v.who, s, zone)
}

func (v *visit) connectorLine(p *entities.Place, shown func(entities.ConnectorTariff) bool) connectorLine {
	now := v.Now()
	line := connectorLine{Connector: p.Connector, Power: v.power(p.Connector), Missing: !hasTariff(p, now)}
	current := tariffs.AssignedAt(p, now)
	list := slices.Clone(p.Connector.Tariffs)
	slices.SortStableFunc(list, func(a, b entities.ConnectorTariff) int { return a.From.In(p.Zone).Compare(b.From.In(p.Zone)) })
	for i, t := range list {
		if !shown(t) {
			continue
		}
		entry := assignedLine{ConnectorTariff: t, FromText: v.moment(t.From, p.Zone), Current: current != nil && *current == t}
		until := t.To
		if i+1 < len(list) && (until.IsZero() || list[i+1].From.In(p.Zone).Before(until.In(p.Zone))) {
			until = list[i+1].From // the entry that begins later wins
		}
		entry.UntilText = v.momentBefore(until, p.Zone)
		line.Tariffs = append(line.Tariffs, entry)
	}
	slices.Reverse(line.Tariffs)
	return line
}

// saveOwner adds a dated owner to a station, or replaces the one of that date.
func (v *visit) saveOwner() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	f := v.form(ownerForm)
	f.about("station", s.Key)
	typed := stationForm{OwnerFrom: f.text("from"), Owner: f.text("entity")}
	from := entities.Moment(f.at("from", "station_from").day())
	changed := *s
	changed.Owners = slices.Clone(s.Owners)
	changed.Owners = slices.DeleteFunc(changed.Owners, func(o entities.Ownership) bool { return o.From == from })
	changed.Owners = append(changed.Owners, entities.Ownership{From: from, Entity: typed.Owner})
	var waiting []creditnotes.Proposal
	if f.ok() && !f.fail(v.confirm()) {
		waiting, err = v.changeRecord(f, record(creditnotes.SectionStations, s.Key), false, true, &creditnotes.Configuration{Stations: []entities.Station{changed}})
		f.fail(err)
	}
	if !f.ok() {
		return v.showStation(b, s, typed, f)
	}
	if len(waiting) > 0 {
		return v.saved(stationPath(s.Key), waiting, "station_saved", "Station", s.Key)
	}
	return v.done(stationPath(s.Key), "station_owner_saved", "Station", s.Key, "Owner", v.entityName(typed.Owner))
}

// saveAssigned adds dated tariffs to one or all connectors of a station, or
// replaces those of that date.
func (v *visit) saveAssigned() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	f := v.form(tariffForm)
	f.about("station", s.Key)
	typed := stationForm{From: f.text("from"), To: f.text("to"), Connector: f.text("connector"), ChargePoint: f.text("charge_point"), Community: f.text("community")}
	entry := entities.ConnectorTariff{
		From: entities.Moment(f.at("from", "station_from").day()), To: f.at("to", "station_until").moment(),
		ChargePoint: typed.ChargePoint, Community: typed.Community,
	}
	if !f.ok() {
		return v.showStation(b, s, typed, f)
	}
	config, wanted := &creditnotes.Configuration{}, typed.Connector
	for _, p := range b.Places()[s.Key] {
		if wanted != "" && wanted != placeName(p.Connector) {
			continue
		}
		changed := *p.Connector
		changed.Tariffs = slices.DeleteFunc(slices.Clone(changed.Tariffs), func(t entities.ConnectorTariff) bool { return t.From == entry.From })
		changed.Tariffs = append(changed.Tariffs, keepingBefore(entry, p))
		config.Connectors = append(config.Connectors, changed)
	}
	if len(config.Connectors) == 0 {
		return v.nowhere()
	}
	if f.fail(v.saveRecord(f, record(creditnotes.SectionStations, s.Key), false, config)) {
		return v.showStation(b, s, typed, f)
	}
	return v.done(stationPath(s.Key), "station_tariff_saved", "Count", len(config.Connectors))
}

// keepingBefore fills in the tariffs that stay as they were at a connector.
func keepingBefore(entry entities.ConnectorTariff, p *entities.Place) entities.ConnectorTariff {
	before := tariffs.AssignedAt(p, entry.From.In(p.Zone))
	if before == nil {
		before = &entities.ConnectorTariff{}
	}
	if entry.ChargePoint == asBefore {
		entry.ChargePoint = before.ChargePoint
	}
	if entry.Community == asBefore {
		entry.Community = before.Community
	}
	return entry
}
