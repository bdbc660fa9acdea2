package network

import (
	"cmp"
	"slices"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// stationEditView is the form of a station's master data. A new one is given its
// first owner, too.
type stationEditView struct {
	*page.FormState
	Station     entities.Station
	New         bool
	Action      string
	Back        string
	Kinds       []page.Choice
	Countries   []page.Choice
	Owner, From string
	Entities    page.Offered
	Delete      *deletion
}

// StationNewPage shows the form of a station that is not there yet.
func (v *Visit) StationNewPage() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	s := entities.Station{TimeZone: b.Network.Zone().String()}
	if operator := b.Operator(); operator != nil {
		s.Country = operator.Country
	}
	f := v.Form("")
	return v.showStationForm(b, f, s, f.Text("owner"), v.Today())
}

// StationEditPage shows the form of a station that is there.
func (v *Visit) StationEditPage() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	return v.showStationForm(b, v.Form(""), *s, "", "")
}

func (v *Visit) showStationForm(b *snapshot.Snapshot, f *page.FormState, s entities.Station, owner, from string) error {
	key := v.R.PathValue("key")
	if err := v.See(f, page.Record(creditnotes.SectionStations, key)); err != nil {
		return err
	}
	view := stationEditView{FormState: f, Station: s, New: key == "", Action: "/stations/new", Back: "/stations", Owner: owner, From: from}
	title := v.Message("station_new")
	if !view.New {
		title, view.Back = s.Key, page.StationPath(key)
		view.Action = view.Back + "/edit"
		var err error
		if view.Delete, err = v.deletionOf(creditnotes.SectionStations, key, view.Back); err != nil {
			return err
		}
	}
	view.Kinds = v.Choices("station_kind_%s", string(cmp.Or(s.Kind, entities.Charging)), stationKinds...)
	view.Countries = []page.Choice{{}}
	for _, code := range v.Texts.SortCountries(v.Lang, entities.Countries()) {
		view.Countries = append(view.Countries, page.Choice{Value: code, Text: v.Texts.Country(v.Lang, code), Chosen: code == s.Country})
	}
	view.Entities = v.Offer(b, page.OfferedEntities)
	return v.ShowForm(f, "station_edit", title, view)
}

// SaveStation stores a new station with its first owner, or the master data of
// one that is there.
func (v *Visit) SaveStation() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	f, key := v.Form(""), v.R.PathValue("key")
	s, isNew := entities.Station{Key: f.Text("key")}, key == ""
	if !isNew {
		_, stored, err := v.stationSeen()
		if err != nil {
			return err
		}
		s = *stored
	}
	f.About("station", s.Key)
	s.Name, s.TimeZone, s.Kind = f.Text("name"), f.Text("time_zone"), entities.StationKind(f.Text("kind"))
	s.Street, s.Postcode, s.City, s.Country = f.Text("street"), f.Text("postcode"), f.Text("city"), f.Text("country")
	s.Until = untilIn(f)
	if !slices.Contains(stationKinds, string(s.Kind)) {
		f.Say("kind", "station_kind_wrong")
	}
	owner, from := f.Text("owner"), f.Text("from")
	if isNew && owner != "" {
		s.Owners = []entities.Ownership{{From: entities.Moment(f.At("from", "station_from").Day()), Entity: owner}}
	}
	config := &creditnotes.Configuration{Stations: []entities.Station{s}}
	if !f.Ok() || f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionStations, s.Key), isNew, config)) {
		return v.showStationForm(b, f, s, owner, from)
	}
	if isNew {
		return v.Done(page.StationPath(s.Key)+"/connectors", "station_saved", "Station", s.Key)
	}
	return v.Done(page.StationPath(s.Key), "station_saved", "Station", s.Key)
}

// connectorsView is the form of the connectors of a station.
type connectorsView struct {
	*page.FormState
	Station *entities.Station
	Path    string
	Rows    []connectorRow
	Types   []page.Choice
}

// connectorRow is one connector as it is typed. What tells it apart stays as it
// is once it is stored.
type connectorRow struct {
	Row                          int
	EVSE, Number, Type, MaxPower string
	Power                        []page.Choice
	Known                        bool // it is stored
}

// newConnectors is how many connectors can be added at once.
const newConnectors = 4

// ConnectorsPage shows the form of the connectors of a station.
func (v *Visit) ConnectorsPage() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	return v.showConnectors(b, s, v.Form(""))
}

func (v *Visit) showConnectors(b *snapshot.Snapshot, s *entities.Station, f *page.FormState) error {
	if err := v.See(f, page.Record(creditnotes.SectionStations, s.Key)); err != nil {
		return err
	}
	view := connectorsView{FormState: f, Station: s, Path: page.StationPath(s.Key), Types: page.PlainChoices("", usualTypes(b)...)}
	places := b.Places()[s.Key]
	for i := range len(places) + newConnectors {
		row := connectorRow{Row: i}
		power := entities.PowerType("")
		if i < len(places) {
			c := places[i].Connector
			row.EVSE, row.Number, row.Type, row.Known, power = c.EVSEID, strconv.Itoa(c.Number), c.Type, true, c.PowerType
			if c.MaxPowerKW > 0 {
				row.MaxPower = v.Figure(c.MaxPowerKW.String())
			}
		}
		if !f.Ok() {
			at := connectorPrefix(i)
			row.EVSE, row.Number, row.Type, row.MaxPower = f.Text(at+"evse"), f.Text(at+"number"), f.Text(at+"type"), f.Text(at+"max")
			power = entities.PowerType(f.Text(at + "power"))
		}
		for _, p := range []entities.PowerType{"", entities.AC, entities.DC} {
			row.Power = append(row.Power, page.Choice{Value: string(p), Text: string(p), Chosen: p == power})
		}
		view.Rows = append(view.Rows, row)
	}
	return v.ShowForm(f, "connectors", v.Message("connectors_title", "Station", cmp.Or(s.Name, s.Key)), view)
}

// connectorPrefix begins the names of the inputs of a connector, counted from 0.
func connectorPrefix(i int) string { return "c" + strconv.Itoa(i) + "_" }

// usualTypes are the connector types that the network has, and those that most
// networks have.
func usualTypes(b *snapshot.Snapshot) []string {
	list := append(connectorTypes(b)[2:], "IEC_62196_T2", "IEC_62196_T2_COMBO", "CHADEMO", "DOMESTIC_F")
	slices.Sort(list)
	return slices.Compact(list)
}

// SaveConnectors stores the connectors of a station. A row without an EVSE id is
// left out; one that was stored before keeps its tariffs.
func (v *Visit) SaveConnectors() error {
	b, s, err := v.stationSeen()
	if err != nil {
		return err
	}
	f := v.Form("")
	stored := map[string]*entities.Connector{}
	for _, p := range b.Places()[s.Key] {
		stored[placeName(p.Connector)] = p.Connector
	}
	config := &creditnotes.Configuration{}
	for i := range min(len(stored)+newConnectors, page.MaxRows) {
		at := connectorPrefix(i)
		if f.Text(at+"evse") == "" {
			continue
		}
		c := entities.Connector{
			EVSEID: f.Text(at + "evse"), Number: int(f.At(at+"number", "connector_number").Whole()), Station: s.Key, Type: f.Text(at + "type"),
			PowerType: entities.PowerType(f.Text(at + "power")), MaxPowerKW: money.Quantity(f.At(at+"max", "connector_max").Decimal(money.MicroDecimals)),
		}
		if f.Text(at+"number") == "" {
			c.Number = 1
		}
		if have := stored[placeName(&c)]; have != nil {
			c.ID, c.Tariffs, c.MeterKeys = have.ID, have.Tariffs, have.MeterKeys
		}
		config.Connectors = append(config.Connectors, c)
	}
	if len(config.Connectors) == 0 {
		f.Say(connectorPrefix(len(stored))+"evse", "connector_evse_missing")
	}
	if !f.Ok() || f.Fail(v.SaveRecord(f, page.Record(creditnotes.SectionStations, s.Key), false, config)) {
		return v.showConnectors(b, s, f)
	}
	return v.Done(page.StationPath(s.Key), "connectors_saved", "Station", s.Key)
}
