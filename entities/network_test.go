package entities

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/sessions"
)

// sample is a small sound network.
type sample struct {
	list       []Entity
	stations   []Station
	connectors []Connector
	media      []Medium
	partners   []Partner
}

func newSample() *sample {
	op := entity("op", "")
	op.TimeZone = "Europe/Berlin"
	return &sample{
		list: []Entity{op, entity("a", "op"), entity("b", "op"), entity("c", "op")},
		stations: []Station{
			{Key: "ST-2", TimeZone: "Europe/London", Owners: []Ownership{{From: "2026-07-01", Entity: "b"}, {From: "2026-01-01", Entity: "a"}}},
			{Key: "ST-1", TimeZone: "Europe/Berlin", Owners: []Ownership{{From: "2022-01-01", Entity: "a"}}},
			{Key: "ST-3", TimeZone: "Europe/Berlin"},
		},
		connectors: []Connector{
			{ID: 30, EVSEID: "DE*VLT*E3", Number: 1, Station: "ST-3"},
			{ID: 20, EVSEID: "DE*VLT*E2", Number: 1, Station: "ST-2", PowerType: DC, MaxPowerKW: 150_000_000},
			{ID: 10, EVSEID: "DE*VLT*E1", Number: 1, Station: "ST-1", PowerType: AC},
			{ID: 11, EVSEID: "DE*VLT*E1", Number: 2, Station: "ST-1"},
			{ID: 99, EVSEID: "DE*VLT*E9", Number: 1},
		},
		media:    []Medium{{UID: "04A1B2C3D4", Issuer: "a"}},
		partners: []Partner{{CountryCode: "DE", PartyID: "ABC"}},
	}
}

func (s *sample) build() (*Network, error) {
	return NewNetwork(s.list, s.stations, s.connectors, s.media, s.partners)
}

func (s *sample) mustBuild(t testing.TB) *Network {
	t.Helper()
	n, err := s.build()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheOwnerIsWhoOwnedTheStationWhenTheSessionStarted(t *testing.T) {
	n := newSample().mustBuild(t)
	cases := map[string]string{ // London: an hour behind Berlin
		"2025-12-31T23:59:59Z":        "",
		"2026-01-01T00:00:00Z":        "a",
		"2026-06-30T22:59:59.999999Z": "a",
		"2026-06-30T23:00:00Z":        "b",
		"2030-01-01T00:00:00Z":        "b",
	}
	place := n.Place(20)
	for at, want := range cases {
		got := ""
		if e := place.Owner(instant(t, at)); e != nil {
			got = e.Key
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", at, got, want)
		}
		if slow := place.Station.OwnerAt(instant(t, at), place.Zone); slow != want {
			t.Errorf("%s: the station says %q, want %q", at, slow, want)
		}
	}
	if place.HomeOwner().Key != "a" || n.Place(30).HomeOwner() != nil || n.Place(30).Owner(instant(t, "2026-01-01T00:00:00Z")) != nil {
		t.Error("wrong home owner")
	}
}

func TestOwnershipMayBeginAtAnInstant(t *testing.T) {
	s := newSample()
	s.stations[1].Owners = append(s.stations[1].Owners, Ownership{From: "2026-05-05T12:00:00+09:00", Entity: "c"})
	p := s.mustBuild(t).Place(10)
	if p.Owner(instant(t, "2026-05-05T02:59:59Z")).Key != "a" || p.Owner(instant(t, "2026-05-05T03:00:00Z")).Key != "c" {
		t.Error("the owner does not change at noon in Tokyo")
	}
}

func TestOwnerDoesNotAllocate(t *testing.T) {
	n, at := newSample().mustBuild(t), instant(t, "2026-05-05T00:00:00Z")
	session := &sessions.Session{MediumUID: "0000", Partner: "de-xyz", Start: at}
	if got := testing.AllocsPerRun(100, func() { n.Place(20).Owner(at); n.Class(session) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

func TestPlacesAreFoundByConnectorByEVSEAndByOwner(t *testing.T) {
	n := newSample().mustBuild(t)
	ids := func(places []*Place) []int64 {
		var out []int64
		for _, p := range places {
			out = append(out, p.Connector.ID)
		}
		return out
	}
	if diff := cmp.Diff([]int64{10, 11, 20}, ids(n.Places(n.Tree.Entity("a")))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{20}, ids(n.Places(n.Tree.Entity("b")))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{10, 11, 20, 30}, ids(n.AllPlaces())); diff != "" {
		t.Error(diff)
	}
	if n.Places(nil) != nil || n.Places(n.Tree.Entity("c")) != nil || n.Place(99) != nil || n.PlaceOf("DE*VLT*E9", 1) != nil {
		t.Error("a place nobody claims is found")
	}
	if p := n.PlaceOf("de*vlt*e1", 2); p == nil || p.Connector.ID != 11 || p.Station.Key != "ST-1" || p.Zone.String() != "Europe/Berlin" {
		t.Errorf("got %v", p)
	}
}

func TestStationsAreFoundByKeyAndByOwner(t *testing.T) {
	n := newSample().mustBuild(t)
	keys := func(list []*Station) []string {
		var out []string
		for _, s := range list {
			out = append(out, s.Key)
		}
		return out
	}
	if diff := cmp.Diff([]string{"ST-1", "ST-2", "ST-3"}, keys(n.Stations())); diff != "" {
		t.Error(diff)
	}
	spring, autumn := instant(t, "2026-03-01T00:00:00Z"), instant(t, "2026-10-01T00:00:00Z")
	if diff := cmp.Diff([]string{"ST-1", "ST-2"}, keys(n.StationsOwned(n.Tree.Entity("a"), spring))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"ST-1"}, keys(n.StationsOwned(n.Tree.Entity("a"), autumn))); diff != "" {
		t.Error(diff)
	}
	if n.StationOwner("ST-2", autumn).Key != "b" || n.StationOwner("gone", autumn) != nil || n.StationsOwned(nil, autumn) != nil {
		t.Error("wrong owner of a station")
	}
	if n.Station("ST-2").Owners[0].Entity != "a" || n.Station("gone") != nil || n.StationZone("gone") != nil || n.StationZone("ST-2").String() != "Europe/London" {
		t.Error("wrong station")
	}
	if n.Operator().Key != "op" || n.Zone().String() != "Europe/Berlin" {
		t.Error("wrong operator")
	}
}

func TestAConnectorWithoutAnIDIsFoundByItsEVSEOnly(t *testing.T) {
	s := newSample()
	for i := range s.connectors {
		s.connectors[i].ID = 0
	}
	n := s.mustBuild(t)
	if n.Place(0) != nil || n.PlaceOf("DE*VLT*E2", 1) == nil || len(n.AllPlaces()) != 4 {
		t.Error("connectors that are not stored yet are confused")
	}
}

func TestClassIsWhatTheSourceStatedElseDerived(t *testing.T) {
	n := newSample().mustBuild(t)
	cases := map[string]struct {
		session sessions.Session
		want    sessions.Class
	}{
		"stated, whatever the medium":   {sessions.Session{Class: sessions.Community, MediumUID: "04A1B2C3D4"}, sessions.Community},
		"a medium of the network":       {sessions.Session{MediumUID: "04A1B2C3D4", Partner: "DE*ABC"}, sessions.Internal},
		"the same in small letters":     {sessions.Session{MediumUID: "04a1b2c3d4"}, sessions.Internal},
		"a partner in the list":         {sessions.Session{MediumUID: "FFFF", Partner: "DE*ABC"}, sessions.Bilateral},
		"spelled with a hyphen":         {sessions.Session{Partner: "DE-ABC"}, sessions.Bilateral},
		"spelled without":               {sessions.Session{Partner: "DEABC"}, sessions.Bilateral},
		"in small letters":              {sessions.Session{Partner: "de*abc"}, sessions.Bilateral},
		"a partner that is not":         {sessions.Session{Partner: "DE*XYZ"}, sessions.Community},
		"a name instead of a partner":   {sessions.Session{Partner: "ABC Mobility"}, sessions.Community},
		"nothing known":                 {sessions.Session{}, sessions.Community},
		"the partner as part of others": {sessions.Session{Partner: "DEABCD"}, sessions.Community},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := n.Class(&c.session); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestPartnersAreKnownInEverySpelling(t *testing.T) {
	for in, want := range map[string]string{
		"DE*ABC": "DEABC", "de-abc": "DEABC", "DEabc": "DEABC", "NL*1A2": "NL1A2",
		"": "", "ABC Mobility": "", "D1*ABC": "", "DE*ÄBC": "", "DE*AB": "",
	} {
		key, ok := partnerKeyOf(in)
		if ok != (want != "") || ok && string(key[:]) != want {
			t.Errorf("%q: got %q, %t, want %q", in, key, ok, want)
		}
	}
}

func TestABrokenNetworkReportsEverythingAtOnce(t *testing.T) {
	cases := map[string]struct {
		breakIt func(*sample)
		want    []string
	}{
		"the operator has no zone":    {func(s *sample) { s.list[0].TimeZone = "" }, []string{"operator_zone_missing entity=op"}},
		"the operator's zone is none": {func(s *sample) { s.list[0].TimeZone = "Local" }, []string{"operator_zone_unknown entity=op zone=Local"}},
		"a station without zone":      {func(s *sample) { s.stations[0].TimeZone = "" }, []string{"station_zone_missing station=ST-2"}},
		"a station's zone is none":    {func(s *sample) { s.stations[0].TimeZone = "Europe/Hamburg" }, []string{"station_zone_unknown station=ST-2 zone=Europe/Hamburg"}},
		"a station twice":             {func(s *sample) { s.stations[0].Key = "ST-1" }, []string{"station_twice station=ST-1", "connector_station_unknown connector=1 evse=DE*VLT*E2 station=ST-2"}},
		"a station without key":       {func(s *sample) { s.stations[2].Key, s.connectors[0].Station = "", "" }, []string{"station_key_empty name="}},
		"an unknown owner":            {func(s *sample) { s.stations[1].Owners[0].Entity = "x" }, []string{"station_owner_unknown entity=x from=2022-01-01 station=ST-1"}},
		"an owner from no moment":     {func(s *sample) { s.stations[1].Owners[0].From = "soon" }, []string{"station_owner_from_invalid entity=a from=soon station=ST-1"}},
		"two owners at once": {
			func(s *sample) {
				s.stations[1].Owners = append(s.stations[1].Owners, Ownership{From: "2021-12-31T23:00:00Z", Entity: "b"})
			},
			[]string{"station_owners_same_moment entity=b from=2021-12-31T23:00:00Z other=a station=ST-1"},
		},
		"an unknown station":   {func(s *sample) { s.connectors[0].Station = "gone" }, []string{"connector_station_unknown connector=1 evse=DE*VLT*E3 station=gone"}},
		"a connector twice":    {func(s *sample) { s.connectors[3].Number = 1 }, []string{"connector_twice connector=1 evse=DE*VLT*E1"}},
		"an id twice":          {func(s *sample) { s.connectors[3].ID = 10 }, []string{"connector_id_twice connector=2 evse=DE*VLT*E1 id=10"}},
		"a connector nameless": {func(s *sample) { s.connectors[0].EVSEID = "" }, []string{"connector_without_evse connector=1 station=ST-3"}},
		"three-phase power":    {func(s *sample) { s.connectors[0].PowerType = "AC_3" }, []string{"connector_power_type connector=1 evse=DE*VLT*E3 value=AC_3"}},
		"negative power":       {func(s *sample) { s.connectors[0].MaxPowerKW = -1_500_000 }, []string{"connector_power_negative connector=1 evse=DE*VLT*E3 value=-1.5"}},
		"a tariff from no moment": {
			func(s *sample) { s.connectors[0].Tariffs = []ConnectorTariff{{From: "x"}} },
			[]string{"connector_tariff_moment_invalid connector=1 evse=DE*VLT*E3 from=x to="},
		},
		"a tariff that ends before it begins": {
			func(s *sample) {
				s.connectors[0].Tariffs = []ConnectorTariff{{From: "2026-02-01", To: "2026-01-01"}, {To: "2026-01-01"}, {From: "2026-01-01"}}
			},
			[]string{"connector_tariff_period_empty connector=1 evse=DE*VLT*E3 from=2026-02-01 to=2026-01-01"},
		},
		"keys of meters without a period": {
			func(s *sample) {
				s.connectors[0].MeterKeys = []MeterKey{{From: "2026-02-01", Until: "2026-01-01"}, {Until: "2026-01-01"}, {From: "x"}}
			},
			[]string{"connector_meter_key_period connector=1 evse=DE*VLT*E3 from=2026-02-01 until=2026-01-01", "connector_meter_key_period connector=1 evse=DE*VLT*E3 from=x until="},
		},
		"an unknown issuer":      {func(s *sample) { s.media[0].Issuer = "x" }, []string{"medium_issuer_unknown issuer=x medium=******C3D4"}},
		"a medium twice":         {func(s *sample) { s.media = append(s.media, Medium{UID: "04a1b2c3d4", Issuer: "b"}) }, []string{"medium_twice issuer=b medium=******c3d4"}},
		"a medium without uid":   {func(s *sample) { s.media[0].UID = "" }, []string{"medium_uid_empty issuer=a medium="}},
		"a partner twice":        {func(s *sample) { s.partners = append(s.partners, Partner{CountryCode: "de", PartyID: "abc"}) }, []string{"partner_twice partner=de*abc"}},
		"a partner that is none": {func(s *sample) { s.partners[0].PartyID = "ABCD" }, []string{"partner_id_invalid partner=DE*ABCD"}},
		"tree and station":       {func(s *sample) { s.list[1].Parent, s.stations[0].TimeZone = "gone", "" }, []string{"tree_orphan entity=a parent=gone", "station_zone_missing station=ST-2"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSample()
			c.breakIt(s)
			n, err := s.build()
			if n != nil {
				t.Error("a network was built")
			}
			if diff := cmp.Diff(c.want, faultTexts(err)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheNetworkKeepsItsOwnStations(t *testing.T) {
	s := newSample()
	given := slices.Clone(s.stations[0].Owners)
	n := s.mustBuild(t)
	if diff := cmp.Diff(given, s.stations[0].Owners); diff != "" {
		t.Error("the caller's owners were sorted", diff)
	}
	s.stations[1].Key, s.connectors[0].ID = "changed", 77
	if n.Station("ST-1").Key != "ST-1" || n.Place(30).Connector.ID != 30 {
		t.Error("the caller's changes reach the network")
	}
}

func BenchmarkOwner(b *testing.B) {
	n, at := newSample().mustBuild(b), time.Date(2026, 5, 5, 0, 0, 0, 0, time.UTC)
	p := n.Place(20)
	for b.Loop() {
		p.Owner(at)
	}
}
