package tariffs

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// busy is a network in which every rule has something to do.
const busy = `
discount 10
entity a
entity b
rate com EUR
  energy 1:0.35
rate dc EUR
  energy 200:0 300:0.90 400:0.30
  time 240:0 241:7.20
  fee 1.30 grace 50 threshold 600
rate night EUR
  energy 1:0.28
  in 1,2,3,4,5 22:00 06:00
  energy 1:0.20
community COM com@2022-01-01
tariff lp
  purchase dc from=2022-01-01 power_type=DC
  purchase night from=2022-01-01 to=2030-01-01 operating_company=a connector_type=IEC_62196_T2
  purchase night from=2022-01-01 weekdays=6,7 hours=08:00-20:00 evse_id=DE*E3
station ST-1 Europe/Berlin a@2022-01-01
  connector DE*E1 IEC_62196_T2 AC
    assigned community=COM from=2022-01-01
  connector DE*E2 IEC_62196_T2 AC
    assigned community=COM from=2022-01-01 to=2026-01-01
    assigned charge_point=lp community=COM from=2026-01-01
station ST-2 Europe/Berlin a@2022-01-01 b@2026-11-01
  connector DE*E3 IEC_62196_T2_COMBO DC
    assigned charge_point=lp community=COM from=2022-01-01
medium 04A1B2C3D4 cpo
`

// manySessions makes sessions of all classes at all places around the clock.
func manySessions(network *entities.Network, n int) ([]*sessions.Session, []*entities.Place) {
	places := network.AllPlaces()
	classes := []sessions.Class{sessions.Community, sessions.Internal, sessions.Bilateral}
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	list, at := make([]*sessions.Session, n), make([]*entities.Place, n)
	for i := range list {
		at[i] = places[i%len(places)]
		list[i] = &sessions.Session{
			ExternalID: fmt.Sprint(i), ConnectorID: at[i].Connector.ID, Class: classes[i/len(places)%3],
			Start: start.Add(time.Duration(i) * 37 * time.Minute), Duration: int64(i) * 61 % 20_000, Energy: 7_654_321,
		}
	}
	return list, at
}

func TestPricingOnKnownPathsDoesNotAllocate(t *testing.T) {
	book := readWorld(t, busy).book()
	pricer := book.Pricer()
	list, places := manySessions(book.network, 5000)
	var d Decision
	priceAll := func() {
		for i, s := range list {
			if err := pricer.Price(s, places[i], &d); err != nil {
				t.Fatal(err)
			}
		}
	}
	priceAll()
	if allocs := testing.AllocsPerRun(3, priceAll); allocs != 0 {
		t.Errorf("%v allocations for %d sessions", allocs, len(list))
	}
}

func TestPathsOfDifferentPricersAreEqual(t *testing.T) {
	book := readWorld(t, busy).book()
	list, places := manySessions(book.network, 2000)
	ids := make([][]int64, 4)
	var workers sync.WaitGroup
	for w := range ids {
		workers.Go(func() {
			pricer := book.Pricer()
			var d Decision
			for i, s := range list {
				if err := pricer.Price(s, places[i], &d); err != nil {
					t.Error(err)
					return
				}
				ids[w] = append(ids[w], d.Path.ID)
			}
		})
	}
	workers.Wait()
	for _, other := range ids[1:] {
		if diff := cmp.Diff(ids[0], other); diff != "" {
			t.Errorf("paths differ:\n%s", diff)
		}
	}
}

func TestPathIsReadBackFromItsJSON(t *testing.T) {
	book := readWorld(t, busy).book()
	list, places := manySessions(book.network, 500)
	pricer := book.Pricer()
	seen := map[int64]*Path{}
	var d Decision
	for i, s := range list {
		if err := pricer.Price(s, places[i], &d); err != nil {
			t.Fatal(err)
		}
		if other, ok := seen[d.Path.ID]; ok && !bytes.Equal(other.JSON, d.Path.JSON) {
			t.Fatalf("one id, two paths:\n%s\n%s", other.JSON, d.Path.JSON)
		}
		seen[d.Path.ID] = d.Path
	}
	if len(seen) < 10 {
		t.Errorf("only %d paths: the sessions are too much alike", len(seen))
	}
	for id, path := range seen {
		again, err := ParsePath(path.JSON)
		if err != nil || id < 0 {
			t.Fatalf("path %d: %v", id, err)
		}
		for i := range again.Tried { // the filters are not part of what is stored
			again.Tried[i].When = path.Tried[i].When
		}
		if diff := cmp.Diff(path, again); diff != "" {
			t.Errorf("-priced +read back\n%s", diff)
		}
	}
}

// TestFreshPricerAgreesWithABusyOne guards the interning: whatever was priced
// before, a session gets the path it would get alone.
func TestFreshPricerAgreesWithABusyOne(t *testing.T) {
	book := readWorld(t, busy).book()
	list, places := manySessions(book.network, 3000)
	pricer := book.Pricer()
	for i, s := range list {
		var d, alone Decision
		if err := pricer.Price(s, places[i], &d); err != nil {
			t.Fatal(err)
		}
		if i%7 != 0 {
			continue
		}
		if err := book.Pricer().Price(s, places[i], &alone); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(alone.Path.JSON), string(d.Path.JSON)); diff != "" || alone.Total != d.Total {
			t.Fatalf("session %d: -alone +busy\n%s", i, diff)
		}
	}
}

func TestPathHasTheFieldsOfTheFormat(t *testing.T) {
	w := readWorld(t, busy+"session S-1 community DE*E3 2026-10-03T10:00:00+02:00 10kWh 1h\n")
	book := w.book()
	var d Decision
	if err := book.Pricer().Price(w.sessions[0], book.network.PlaceOf("DE*E3", 1), &d); err != nil {
		t.Fatal(err)
	}
	want := `{"class":"community","evse_id":"DE*E3","connector":1,"connector_type":"IEC_62196_T2_COMBO","power_type":"DC",` +
		`"station":"ST-2","zone":"Europe/Berlin","owner":"a","rule":"charge_point_tariff","tariff":"lp",` +
		`"cost_rate":{"key":"night","version":1},"prices":{"energy":[{"up_to_wh":1,"per_kwh":"0.28"}]},` +
		`"currency":"EUR","discount_percent":"0","tried":[` +
		`{"rule":"charge_point_tariff","tariff":"lp","condition":"evse_id=DE*E3 weekdays=6,7 hours=08:00-20:00 from=2022-01-01","cost_rate":"night","result":"won","why":"matches"},` +
		`{"rule":"charge_point_tariff","tariff":"lp","condition":"connector_type=IEC_62196_T2 operating_company=a from=2022-01-01 to=2030-01-01","cost_rate":"night","result":"passed_over","why":"other_connector_type"},` +
		`{"rule":"charge_point_tariff","tariff":"lp","condition":"power_type=DC from=2022-01-01","cost_rate":"dc","result":"passed_over","why":"outranked"},` +
		`{"rule":"community_tariff","tariff":"COM","result":"passed_over","why":"charge_point_tariff_won"}]}`
	if diff := cmp.Diff(want, string(d.Path.JSON)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestManyConditionsOfOtherConnectorsAreCounted(t *testing.T) {
	w := readWorld(t, busy)
	lp := &w.cfg.ChargePoint[0]
	for i := range 100 {
		lp.Purchase = append(lp.Purchase, Condition{Rate: "com", When: Filter{EVSEID: fmt.Sprintf("DE*X%d", i)}})
	}
	book := w.book()
	var d Decision
	s := &sessions.Session{Class: sessions.Community, Start: noon, Energy: 1_000_000}
	if err := book.Pricer().Price(s, book.network.PlaceOf("de*e3", 1), &d); err != nil {
		t.Fatal(err)
	}
	last := d.Path.Tried[len(d.Path.Tried)-3]
	if len(d.Path.Tried) != 5 || last.Count != 100 || last.Why != "other_connector" || last.Result != PassedOver {
		t.Errorf("got %+v", d.Path.Tried)
	}
}

func TestPricerForgetsWhenItKnowsTooMuch(t *testing.T) {
	book := readWorld(t, busy).book()
	pricer := book.Pricer()
	pricer.paths = maxPaths
	list, places := manySessions(book.network, 300)
	var d Decision
	for i, s := range list {
		if err := pricer.Price(s, places[i], &d); err != nil {
			t.Fatal(err)
		}
	}
	if pricer.paths > 200 {
		t.Errorf("%d paths kept", pricer.paths)
	}
}

func TestMisfitsAreFaults(t *testing.T) {
	book := readWorld(t, busy).book()
	place := book.network.PlaceOf("DE*E1", 1)
	cases := []struct {
		key     string
		session sessions.Session
		place   *entities.Place
	}{
		{"class_unknown", sessions.Session{Class: "vip", Start: noon}, place},
		{"place_unknown", sessions.Session{Class: sessions.Community, Start: noon}, nil},
		{"session_price_too_large", sessions.Session{Class: sessions.Community, Start: noon, Energy: 1<<63 - 1}, place},
	}
	for _, c := range cases {
		t.Run(c.key, func(t *testing.T) {
			var d Decision
			if c.key == "session_price_too_large" {
				w := readWorld(t, busy)
				w.cfg.CostRates[0].Energy[0].PerKWh = 1<<63 - 1
				book = w.book()
				c.place = book.network.PlaceOf("DE*E1", 1)
			}
			err := book.Pricer().Price(&c.session, c.place, &d)
			if faults := fault.Of(err); len(faults) != 1 || faults[0].Key != c.key || d.Priced || d.Total != 0 {
				t.Errorf("got %v, %+v", err, d)
			}
		})
	}
}

func TestPlaceOfAnotherNetworkIsAnErrorForTheLog(t *testing.T) {
	book := readWorld(t, busy).book()
	other := readWorld(t, "entity a\nstation S Europe/Berlin a@2022-01-01\n  connector DE*Z CHADEMO DC\n    assigned charge_point=elsewhere\n")
	var d Decision
	err := book.Pricer().Price(&sessions.Session{Class: sessions.Community, Start: noon}, other.network().PlaceOf("DE*Z", 1), &d)
	if err == nil || len(fault.Of(err)) > 0 {
		t.Errorf("got %v", err)
	}
}

func TestReversedSessionIsWorthNothing(t *testing.T) {
	book := readWorld(t, busy).book()
	var d Decision
	s := &sessions.Session{Class: sessions.Community, Start: noon, Energy: 10_000_000, Duration: 3600, Reversed: true}
	if err := book.Pricer().Price(s, book.network.PlaceOf("DE*E1", 1), &d); err != nil {
		t.Fatal(err)
	}
	if !d.Priced || d.Total != 0 || d.Energy != 0 || d.Currency != "EUR" || d.Path == nil {
		t.Errorf("got %+v", d)
	}
}

func TestRateInForceIsFoundByKey(t *testing.T) {
	w := readWorld(t, "rate r EUR 2026-01-01T00:00:00Z\n  energy 1:1\nrate r EUR 2026-10-01T00:00:00Z\n  energy 1:2\n")
	book := w.book()
	if r, err := book.Rate("r", noon); err != nil || r.Version != 2 {
		t.Errorf("got %+v, %v", r, err)
	}
	for key, moment := range map[string]time.Time{"rate_not_found": noon, "rate_not_valid_yet": noon.AddDate(-1, 0, 0)} {
		name := "r"
		if key == "rate_not_found" {
			name = "other"
		}
		if _, err := book.Rate(name, moment); !fault.Is(err, fault.NotFound) || fault.Of(err)[0].Key != key {
			t.Errorf("want %s, got %v", key, err)
		}
	}
}

func BenchmarkPrice(b *testing.B) {
	var t testing.T
	book := readWorld(&t, busy).book()
	pricer := book.Pricer()
	list, places := manySessions(book.network, 10_000)
	var d Decision
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if err := pricer.Price(list[i], places[i], &d); err != nil {
			b.Fatal(err)
		}
		if i++; i == len(list) {
			i = 0
		}
	}
}
