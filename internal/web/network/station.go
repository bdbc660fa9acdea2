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
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/tariffs"
)

// stationView is one station.
type stationView struct {
	Station    *entities.Station
	Address    string
	Operator   bool        // the visitor is one
	Owners     []ownerLine // the last one first
	Connectors []connectorLine
	Months     []entities.Month // whose sessions are linked

	ChangeOwners, ChangeTariffs bool
	Check                       bool // the visitor may check signed meter data again
	Entities                    page.Offered
	Places                      []page.Choice
	ChargePoint, Community      []page.Choice
	Form                        stationForm
	Owner, Tariff, Kind, Meter  *page.FormState
	Keys                        []meterKeyLine
	Kinds                       []page.Choice
	Waiting                     []proposalView // for a second person
	Choose                      *communityChoice
	Confirm                     page.ConfirmView
}

// stationForm is what was typed in.
type stationForm struct {
	OwnerFrom, Owner                            string
	From, To, Connector, ChargePoint, Community string
	Key, KeyFrom                                string
}

// The forms of the page of a station.
const (
	ownerForm  = "owner"
	kindForm   = "kind"
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
func (v *Visit) stationSeen() (*snapshot.Snapshot, *entities.Station, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	s := b.Network.Station(v.R.PathValue("key"))
	if s == nil || !v.SeesStation(s) {
		return nil, nil, v.Nowhere()
	}
	return b, s, nil
}

// StationPage shows a station.
func (v *Visit) StationPage() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	return v.showStation(b, s, stationForm{}, v.Form(ownerForm))
}

func (v *Visit) showStation(b *snapshot.Snapshot, s *entities.Station, typed stationForm, f *page.FormState) error {
	if typed.From == "" {
		typed.ChargePoint, typed.Community = asBefore, asBefore
	}
	view := stationView{Station: s, Address: v.address(s), Operator: v.Who.Operator, Form: typed, Owner: f.In(ownerForm), Tariff: f.In(tariffForm), Kind: f.In(kindForm), Meter: f.In(keyForm)}
	choose := f.In(communityForm)
	for _, one := range []*page.FormState{view.Owner, view.Tariff, view.Kind, view.Meter, choose} {
		if err := v.See(one, page.Record(creditnotes.SectionStations, s.Key)); err != nil {
			return err
		}
	}
	view.Choose = v.communityChoice(b, s, choose)
	view.Confirm = v.ConfirmTo(page.StationPath(s.Key)).On(view.Owner)
	var err error
	if view.Waiting, err = v.waiting(creditnotes.ProposalFilter{Subject: s.Key, Matter: creditnotes.MatterOwner}); err != nil {
		return err
	}
	view.ChangeOwners, view.ChangeTariffs = v.mayChangeStations()
	view.Check = v.May(access.JudgeSessions)
	view.Owners, view.Keys = v.ownerLines(b, s), v.meterKeyLines(b.Places()[s.Key])
	view.Kinds = v.Choices("station_kind_%s", string(cmp.Or(s.Kind, entities.Charging)), stationKinds...)
	shown := v.assignmentsSeen(s, b.Network.StationZone(s.Key))
	for _, p := range b.Places()[s.Key] {
		view.Connectors = append(view.Connectors, v.connectorLine(p, shown))
		view.Places = append(view.Places, page.Choice{Value: placeName(p.Connector), Text: placeName(p.Connector)})
	}
	for i, m := 0, entities.MonthOf(v.Now(), v.Zone()); i < 3; i, m = i+1, m.Prev() {
		view.Months = append(view.Months, m)
	}
	if view.ChangeTariffs {
		view.ChargePoint = chargePointChoices(b.Config.Tariffs.ChargePoint, entities.Date(v.Today()))
		view.Community = communityChoices(b.Config.Tariffs.Community, entities.Date(v.Today()))
	}
	if view.ChangeOwners {
		view.Entities = v.Offer(b, page.OfferedEntities)
	}
	return v.ShowForm(f, "station", cmp.Or(s.Name, s.Key), view)
}

// placeName tells the connectors of a network apart.
func placeName(c *entities.Connector) string { return c.EVSEID + "/" + strconv.Itoa(c.Number) }

// address writes where a station is.
func (v *Visit) address(s *entities.Station) string {
	parts := []string{}
	for _, part := range []string{s.Street, strings.TrimSpace(s.Postcode + " " + s.City), v.Texts.Country(v.Lang, s.Country)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// tariffChoices offers tariffs by key and name.
func tariffChoices[T any](list []T, of func(T) (key, name string)) []page.Choice {
	choices := []page.Choice{}
	for _, t := range list {
		key, name := of(t)
		if name != "" && name != key {
			name = key + " · " + name
		}
		choices = append(choices, page.Choice{Value: key, Text: cmp.Or(name, key)})
	}
	return choices
}

// ownerLines are the owners in time, of which a Sub-CPO sees its own by name.
func (v *Visit) ownerLines(b *snapshot.Snapshot, s *entities.Station) (lines []ownerLine) {
	zone := b.Network.StationZone(s.Key)
	current := b.Network.StationOwner(s.Key, v.Now())
	for i, o := range s.Owners {
		line := ownerLine{From: v.moment(o.From, zone)}
		until := time.Time{}
		if i+1 < len(s.Owners) {
			until = s.Owners[i+1].From.In(zone)
			line.Until = v.momentBefore(s.Owners[i+1].From, zone)
		}
		if v.Who.Sees(o.Entity) {
			line.Entity = b.Network.Tree.Entity(o.Entity)
		}
		line.Current = current != nil && current.Key == o.Entity && !o.From.In(zone).After(v.Now()) && (until.IsZero() || v.Now().Before(until))
		lines = append(lines, line)
	}
	slices.Reverse(lines)
	return lines
}

// assignmentsSeen tells which tariffs at a station the visitor may see.
func (v *Visit) assignmentsSeen(s *entities.Station, zone *time.Location) func(entities.ConnectorTariff) bool {
	return snapshot.AssignmentsSeen(v.Who, s, zone)
}

func (v *Visit) connectorLine(p *entities.Place, shown func(entities.ConnectorTariff) bool) connectorLine {
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

// stationKinds are what a station may sell.
var stationKinds = []string{string(entities.Charging), string(entities.Machine)}

// SaveKind changes what a station sells: account statements list its sessions by
// that (settlement.md §6.3).
func (v *Visit) SaveKind() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	f := v.Form(kindForm)
	f.About("station", s.Key)
	changed := *s
	changed.Kind = entities.StationKind(f.Text("kind"))
	if !slices.Contains(stationKinds, string(changed.Kind)) {
		f.Say("kind", "station_kind_wrong")
	}
	if f.Ok() {
		_, err = v.ChangeRecord(f, page.Record(creditnotes.SectionStations, s.Key), false, false, &creditnotes.Configuration{Stations: []entities.Station{changed}})
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showStation(b, s, stationForm{}, f)
	}
	return v.Done(page.StationPath(s.Key), "station_kind_saved")
}

// SaveOwner adds a dated owner to a station, or replaces the one of that date.
func (v *Visit) SaveOwner() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	f := v.Form(ownerForm)
	f.About("station", s.Key)
	typed := stationForm{OwnerFrom: f.Text("from"), Owner: f.Text("entity")}
	from := entities.Moment(f.At("from", "station_from").Day())
	changed := *s
	changed.Owners = slices.Clone(s.Owners)
	changed.Owners = slices.DeleteFunc(changed.Owners, func(o entities.Ownership) bool { return o.From == from })
	changed.Owners = append(changed.Owners, entities.Ownership{From: from, Entity: typed.Owner})
	var waiting []creditnotes.Proposal
	if f.Ok() && !f.Fail(v.Confirm()) {
		waiting, err = v.ChangeRecord(f, page.Record(creditnotes.SectionStations, s.Key), false, true, &creditnotes.Configuration{Stations: []entities.Station{changed}})
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showStation(b, s, typed, f)
	}
	if len(waiting) > 0 {
		return v.Saved(page.StationPath(s.Key), waiting, "station_saved", "Station", s.Key)
	}
	return v.Done(page.StationPath(s.Key), "station_owner_saved", "Station", s.Key, "Owner", v.EntityName(typed.Owner))
}

// SaveAssigned adds dated tariffs to one or all connectors of a station, or
// replaces those of that date.
func (v *Visit) SaveAssigned() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	f := v.Form(tariffForm)
	f.About("station", s.Key)
	typed := stationForm{From: f.Text("from"), To: f.Text("to"), Connector: f.Text("connector"), ChargePoint: f.Text("charge_point"), Community: f.Text("community")}
	entry := entities.ConnectorTariff{
		From: entities.Moment(f.At("from", "station_from").Day()), To: f.At("to", "station_until").Moment(),
		ChargePoint: typed.ChargePoint, Community: typed.Community,
	}
	if !f.Ok() {
		return v.showStation(b, s, typed, f)
	}
	config := assigned(b, s, typed.Connector, entry)
	if len(config.Connectors) == 0 {
		return v.Nowhere()
	}
	record := page.Record(creditnotes.SectionStations, s.Key)
	if f.Text("do") == "edit" {
		return v.showStation(b, s, typed, f)
	}
	a := &affected{record: record, config: config, title: v.Message("station_tariff_add") + " · " + s.Key, since: entry.From.In(b.Network.StationZone(s.Key))}
	if asked, err := v.asksFirst(b, f, a); asked || err != nil {
		return err
	}
	if !f.Ok() || f.Fail(v.SaveRecord(f, record, false, config)) {
		return v.showStation(b, s, typed, f)
	}
	return v.Done(page.StationPath(s.Key), "station_tariff_saved", "Count", len(config.Connectors))
}

// assigned are the connectors of a station with dated tariffs more: one of them, or
// all where none is named.
func assigned(b *snapshot.Snapshot, s *entities.Station, connector string, entry entities.ConnectorTariff) *creditnotes.Configuration {
	config := &creditnotes.Configuration{}
	for _, p := range b.Places()[s.Key] {
		if connector != "" && connector != placeName(p.Connector) {
			continue
		}
		changed := *p.Connector
		changed.Tariffs = slices.DeleteFunc(slices.Clone(changed.Tariffs), func(t entities.ConnectorTariff) bool { return t.From == entry.From })
		changed.Tariffs = append(changed.Tariffs, keepingBefore(entry, p))
		config.Connectors = append(config.Connectors, changed)
	}
	return config
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
