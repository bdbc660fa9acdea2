package snapshot_test

import (
	"bytes"
	"os"
	"slices"
	"testing"
	"time"

	"creditrun/cmd/creditrun/demo"
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/intake"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/store/storetest"
	"creditrun/internal/web/webtest"
	"creditrun/tariffs"
)

func TestMain(m *testing.M) {
	status := m.Run()
	webtest.Clean()
	os.Exit(status)
}

// seen is who of the three sees something.
type seen struct{ operator, owner, other bool }

var (
	everyone = seen{true, true, true}
	owners   = seen{true, true, false}
	others   = seen{true, false, true}
	operator = seen{true, false, false}
)

// sold is the moment at which SWB-01 goes from stadtwerke to hotelgruppe.
const sold = entities.Moment("2026-06-01")

// network is the demo network, in which SWB-01 is sold and LP-FLAT has conditions
// for each of the companies.
func network(t *testing.T) *snapshot.Snapshot {
	t.Helper()
	read, err := intake.ReadNetwork(demo.NetworkName, bytes.NewReader(demo.Network()))
	if err != nil {
		t.Fatal(err)
	}
	config, _, err := read.Configuration()
	if err != nil {
		t.Fatal(err)
	}
	for i := range config.Connectors {
		config.Connectors[i].ID = int64(i + 1)
	}
	for i := range config.Tariffs.CostRates {
		config.Tariffs.CostRates[i].Version = i + 1
	}
	for i := range config.Stations {
		if s := &config.Stations[i]; s.Key == "SWB-01" {
			s.Owners = append(s.Owners, entities.Ownership{From: sold, Entity: "hotelgruppe"})
		}
	}
	for i := range config.Tariffs.ChargePoint {
		if c := &config.Tariffs.ChargePoint[i]; c.Key == "LP-FLAT" {
			c.Purchase = append(c.Purchase, tariffs.Condition{Rate: "flat", From: "2022-01-01", When: tariffs.Filter{Station: "x operating_company=stadtwerke"}})
		}
	}
	s := snapshot.New(config, 1)
	if s.Err != nil {
		t.Fatal(s.Err)
	}
	return s
}

// visitors are users of the operator, of stadtwerke and of hotelgruppe.
func visitors(s *snapshot.Snapshot) (list [3]*access.Visitor) {
	for i, entity := range []string{webtest.Operator, "stadtwerke", "hotelgruppe"} {
		list[i] = s.Visitor(&access.User{Name: entity, Entity: entity, Active: true, Roles: []access.Role{access.Viewer}}, nil)
	}
	return list
}

func connectorOf(s *snapshot.Snapshot, station string) *entities.Connector {
	return s.Places()[station][0].Connector
}

// TestWhoSeesWhat is the table of the rules: each for a user of the operator, one
// of the Sub-CPO stadtwerke, and one of the Sub-CPO hotelgruppe.
func TestWhoSeesWhat(t *testing.T) {
	s := network(t)
	station := func(key string) func(*access.Visitor) bool {
		return func(who *access.Visitor) bool { return snapshot.SeesStation(who, s.Network.Station(key)) }
	}
	note := func(recipient string, owners ...string) func(*access.Visitor) bool {
		return func(who *access.Visitor) bool { return snapshot.SeesNote(who, recipient, owners) }
	}
	line := func(owner string, state creditnotes.State) func(*access.Visitor) bool {
		return func(who *access.Visitor) bool {
			return snapshot.SeesLine(who, &creditnotes.HistoryLine{Owner: owner, NoteState: state})
		}
	}
	session := func(key string, start time.Time) func(*access.Visitor) bool {
		return func(who *access.Visitor) bool {
			one := &sessions.Session{ConnectorID: connectorOf(s, key).ID, Start: start}
			if holdings := s.Holdings(who); s.SeesSession(who, one) != (holdings == nil || holdings.Have(one.ConnectorID, start)) {
				t.Errorf("%s: the listing of sessions does not agree", who.User.Name)
			}
			return s.SeesSession(who, one)
		}
	}
	condition := func(f tariffs.Filter) func(*access.Visitor) bool {
		return func(who *access.Visitor) bool {
			c := tariffs.Condition{When: f, From: "2022-01-01"}
			tried := []tariffs.Tried{{Rule: tariffs.ChargePointRule, Tariff: "LP-FLAT", Condition: c.String(), When: &f}}
			stored := []tariffs.Tried{{Rule: tariffs.ChargePointRule, Tariff: "LP-FLAT", Condition: c.String()}}
			if len(s.TriedSeen(who, tried)) != len(s.TriedSeen(who, stored)) {
				t.Errorf("%s: a stored path with %q does not agree", who.User.Name, c.String())
			}
			if (len(s.TriedSeen(who, tried)) == 1) != s.Concerns(who, &f) {
				t.Errorf("%s: a path with %q does not agree", who.User.Name, c.String())
			}
			return s.Concerns(who, &f)
		}
	}
	ownersSeen := func(entity string) func(*access.Visitor) bool {
		return func(who *access.Visitor) bool {
			list := snapshot.OwnersSeen(who, s.Network.Station("SWB-01").Owners)
			return slices.ContainsFunc(list, func(o entities.Ownership) bool { return o.Entity == entity })
		}
	}
	assigned := func(from, to entities.Moment) func(*access.Visitor) bool {
		return func(who *access.Visitor) bool {
			shown := snapshot.AssignmentsSeen(who, s.Network.Station("SWB-01"), s.Network.Zone())
			return shown(entities.ConnectorTariff{From: from, To: to})
		}
	}
	before, after := time.Date(2026, 5, 31, 12, 0, 0, 0, time.UTC), time.Date(2026, 6, 2, 12, 0, 0, 0, time.UTC)
	for name, rule := range map[string]struct {
		sees func(*access.Visitor) bool
		want seen
	}{
		"a station":                               {station("SWB-02"), owners},
		"a station of a sub-entity":               {station("PKH-01"), owners},
		"a station that was sold":                 {station("SWB-01"), everyone},
		"a station of another":                    {station("HOT-01"), others},
		"the former owner":                        {ownersSeen("stadtwerke"), owners},
		"the owner now":                           {ownersSeen("hotelgruppe"), others},
		"a tariff before the sale":                {assigned("2022-01-01", sold), owners},
		"a tariff after the sale":                 {assigned(sold, ""), others},
		"a tariff before and after":               {assigned("2022-01-01", ""), everyone},
		"a note to the Sub-CPO":                   {note("stadtwerke", "stadtwerke"), owners},
		"a note of a sub-entity to another":       {note("cafe", "stadtwerke-parken"), owners},
		"a note of several owners to the parent":  {note("stadtwerke", "stadtwerke", "cafe"), owners},
		"a note of which one owner is another's":  {note("cafe", "stadtwerke", "cafe"), operator},
		"a note without owners":                   {note("cafe"), operator},
		"a line":                                  {line("stadtwerke", creditnotes.Issued), owners},
		"a line of another":                       {line("hotel-alpen", creditnotes.Zero), others},
		"a line on a draft":                       {line("stadtwerke", creditnotes.Draft), operator},
		"a session before the sale":               {session("SWB-01", before), owners},
		"a session after the sale":                {session("SWB-01", after), others},
		"a session before the first owner":        {session("SWB-01", time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)), operator},
		"a condition without filters":             {condition(tariffs.Filter{}), everyone},
		"a condition on power":                    {condition(tariffs.Filter{PowerType: entities.DC}), everyone},
		"a condition on a company":                {condition(tariffs.Filter{OperatingCompany: "stadtwerke-parken"}), owners},
		"a condition on a station":                {condition(tariffs.Filter{Station: "HOT-01"}), others},
		"a condition on a station of old":         {condition(tariffs.Filter{Station: "gone"}), operator},
		"a condition on an EVSE":                  {condition(tariffs.Filter{EVSEID: connectorOf(s, "SWB-02").EVSEID}), owners},
		"a condition on an EVSE in small letters": {condition(tariffs.Filter{EVSEID: "de*mst*e0201"}), owners},
		"a condition on an EVSE of old":           {condition(tariffs.Filter{EVSEID: "DE*NOBODY"}), operator},
		// The sentence of this one can be read in two ways; it is in LP-FLAT.
		"a condition with a hostile key": {condition(tariffs.Filter{Station: "x operating_company=stadtwerke"}), operator},
		"a sum of conditions": {func(who *access.Visitor) bool {
			return len(s.TriedSeen(who, []tariffs.Tried{{Rule: tariffs.ChargePointRule, Count: 30}, {Rule: tariffs.CommunityRule, Condition: "from=2022-01-01"}})) == 2
		}, everyone},
		"a sentence that cannot be read": {func(who *access.Visitor) bool {
			return len(s.TriedSeen(who, []tariffs.Tried{{Rule: tariffs.ChargePointRule, Condition: "near=the sea"}})) == 1
		}, operator},
		"a charge-point tariff":   {func(who *access.Visitor) bool { return s.TariffsSeen(who).ChargePoint("LP-SALES") }, others},
		"one at stations of both": {func(who *access.Visitor) bool { return s.TariffsSeen(who).ChargePoint("LP-DC") }, everyone},
		"its rate":                {func(who *access.Visitor) bool { return s.TariffsSeen(who).Rate("dc-blocking") }, everyone},
		"a COMMUNITY tariff":      {func(who *access.Visitor) bool { return s.TariffsSeen(who).Community("COM-AC") }, everyone},
		"one of another":          {func(who *access.Visitor) bool { return s.TariffsSeen(who).Community("COM-CH") }, operator},
		"a rate for one company":  {func(who *access.Visitor) bool { return s.TariffsSeen(who).Rate("flat-alpen") }, others},
		"a rate of sales only":    {func(who *access.Visitor) bool { return s.TariffsSeen(who).Rate("drive") }, operator},
		"a tariff that is unused": {func(who *access.Visitor) bool { return s.TariffsSeen(who).ChargePoint("LP-NONE") }, operator},
		"the scope of the listing": {func(who *access.Visitor) bool {
			return snapshot.Scope(who) == nil || slices.Contains(snapshot.Scope(who), "hotelgruppe")
		}, others},
		"to whom a note was mailed": {func(who *access.Visitor) bool { return snapshot.SeesMailings(who, "stadtwerke") }, owners},
	} {
		who := visitors(s)
		if got := (seen{rule.sees(who[0]), rule.sees(who[1]), rule.sees(who[2])}); got != rule.want {
			t.Errorf("%s: seen by %+v, want %+v", name, got, rule.want)
		}
	}
}

// A user of an entity that is not there (any more) sees nothing: nothing is not
// everything.
func TestWhoBelongsNowhereSeesNothing(t *testing.T) {
	s := network(t)
	who := s.Visitor(&access.User{Name: "x", Entity: "gone", Active: true, Roles: []access.Role{access.Viewer}}, nil)
	if scope := snapshot.Scope(who); scope == nil || len(scope) > 0 {
		t.Errorf("scope %v", scope)
	}
	if s.Holdings(who) == nil || snapshot.SeesNote(who, "", nil) || snapshot.SeesAll(who, []string{""}) {
		t.Error("sees something")
	}
}

func TestTheListingOfNotesAgrees(t *testing.T) {
	st := storetest.Open(t, webtest.SQLite(t), func() time.Time { return webtest.Today })
	cache := snapshot.Cache{Store: st}
	s, err := cache.Current(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, who := range visitors(s) {
		listed := map[string]bool{}
		for n, err := range st.EachNote(t.Context(), creditnotes.NoteFilter{Scope: snapshot.Scope(who)}) {
			if err != nil {
				t.Fatal(err)
			}
			listed[n.Number] = true
		}
		for n, err := range st.EachNote(t.Context(), creditnotes.NoteFilter{}) {
			if err != nil {
				t.Fatal(err)
			}
			if sees := snapshot.SeesNote(who, n.Recipient, n.Owners); sees != listed[n.Number] {
				t.Errorf("%s, %s to %s of %v: seen %t, listed %t", who.User.Name, n.Number, n.Recipient, n.Owners, sees, listed[n.Number])
			}
		}
	}
}
