package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

func chargePoint(c *creditnotes.Configuration, key string) tariffs.ChargePointTariff {
	for _, t := range c.Tariffs.ChargePoint {
		if t.Key == key {
			return t
		}
	}
	return tariffs.ChargePointTariff{}
}

func TestTariffsSayWhereTheyAreUsed(t *testing.T) {
	anna := newWorld(t).as("anna")
	anna.get("/tariffs").shows(t, "LP-NIGHT", "Nachtstrom", "/stations?tariff=LP-NIGHT", "New charge-point tariff")
	anna.get("/tariffs?tab=community").shows(t, "COM-AC", "com-ac", "0.38 EUR/kWh")
	anna.get("/tariffs?tab=sales").shows(t, "emp-staff", "Fahrstrom Club")
	anna.get("/tariffs?tab=rates").shows(t, "dc-blocking", "6.00 EUR/h from 1 h", "0.50 EUR per session longer than 2 min with at least 0.5 kWh", "1 entry by time of day or date")
	anna.get("/tariffs/rates/night").shows(t, "daily 22:00–06:00: 0.26 EUR/kWh")
	anna.get("/tariffs/sales/emp-staff").shows(t, "medium issued by Musterstrom", "/tariffs/rates/drive")
}

func TestConditionsAreShownInTheOrderInWhichTheyAreTried(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	p := anna.get("/tariffs/charge-point/LP-DC")
	p.shows(t, "DC only", "Sat, Sun", "/tariffs/rates/dc-weekend", "Sales conditions")
	c := w.configured()
	network, err := entities.NewNetwork(c.Entities, c.Stations, c.Connectors, c.Media, c.Partners)
	must(t, err)
	book, err := tariffs.NewBook(c.Tariffs, network, 0)
	must(t, err)
	place := network.PlaceOf("DE*MST*E0701", 1)
	var d tariffs.Decision
	s := sessions.Session{Start: today, End: today, Class: sessions.Internal, Status: sessions.Valid, EVSEID: "DE*MST*E0701", Connector: 1}
	must(t, book.Pricer().Price(&s, place, &d))
	at := -1
	for _, tried := range d.Path.Tried {
		if tried.Rule != tariffs.ChargePointRule {
			continue
		}
		here := strings.Index(p.body, "/tariffs/rates/"+tried.CostRate+`"`)
		if here <= at {
			t.Errorf("%s is not shown behind the one tried before it", tried.CostRate)
		}
		at = here
	}
}

// conditionFields are the fields of the form of a charge-point tariff.
func conditionFields(purchase ...string) []string {
	fields := []string{"name", "Changed", "purchase_rows", strconv.Itoa(len(purchase)), "sales_rows", "0"}
	for i, rest := range purchase {
		for _, pair := range strings.Fields(rest) {
			name, value, _ := strings.Cut(pair, "=")
			fields = append(fields, fmt.Sprintf("purchase_%d_%s", i, name), value)
		}
	}
	return fields
}

func TestConditionsAreChangedInAForm(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		anna.get("/tariffs/charge-point/LP-DC/edit").shows(t, "Condition 2", "tried as no. 1", `value="2022-01-01"`)
		fields := conditionFields(
			"rate=dc-blocking from=2022-01-01 power=DC",
			"rate=free from=2026-12-01 to=2027-01-01 station=SWB-07 start=22:00 end=06:00 day=1 day=7 position=3 company=stadtwerke type=CHADEMO evse=DE*MST*E0701")
		anna.save("/tariffs/charge-point/LP-DC/edit", "/tariffs/charge-point/LP-DC/edit", fields...).shows(t, "Tariff LP-DC is saved", "station SWB-07", "Mon, Sun 22:00–06:00", "31 Dec 2026")
		want := tariffs.ChargePointTariff{Key: "LP-DC", Name: "Changed", Purchase: []tariffs.Condition{
			{Rate: "dc-blocking", From: "2022-01-01", When: tariffs.Filter{PowerType: entities.DC}},
			{Rate: "free", From: "2026-12-01", To: "2027-01-01", Position: 3, When: tariffs.Filter{
				EVSEID: "DE*MST*E0701", Station: "SWB-07", ConnectorType: "CHADEMO", OperatingCompany: "stadtwerke",
				Window: tariffs.Window{Weekdays: []int{1, 7}, From: "22:00", To: "06:00"},
			}},
		}}
		if diff := cmp.Diff(want, chargePoint(w.configured(), "LP-DC")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRowsOfConditionsComeAndGoWithoutAScript(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.version()
	fields := conditionFields("rate=flat from=2022-01-01", "rate=free from=2022-01-01")
	anna.save("/tariffs/charge-point/LP-FLAT/edit", "/tariffs/charge-point/LP-FLAT/edit", append(fields, "do", "add purchase")...).shows(t, "Condition 3", `name="purchase_2_rate"`)
	p := anna.save("/tariffs/charge-point/LP-FLAT/edit", "/tariffs/charge-point/LP-FLAT/edit", append(fields, "do", "remove purchase 0")...)
	p.shows(t, `<option value="free" selected>`)
	p.lacks(t, "Condition 2", `<option value="flat" selected>`)
	if w.version() != before {
		t.Error("showing the form again changed the configuration")
	}
}

func TestBadConditionsChangeNothing(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.version()
	post := func(rows ...string) reply {
		return anna.save("/tariffs/charge-point/LP-FLAT/edit", "/tariffs/charge-point/LP-FLAT/edit", conditionFields(rows...)...)
	}
	post("from=2022-01-01").refuses(t, http.StatusUnprocessableEntity, "no cost rate is named")
	post("rate=flat from=yesterday").refuses(t, http.StatusUnprocessableEntity, "“yesterday” is not a date")
	post("rate=flat from=2022-01-01 start=25:00").refuses(t, http.StatusUnprocessableEntity, "25:00 is not a time of day")
	post("rate=flat from=2022-01-01 position=-1").refuses(t, http.StatusUnprocessableEntity, "“-1” is not a whole number")
	anna.post("/tariffs/charge-point/new/edit", append(conditionFields("rate=flat from=2022-01-01"), "key", "LP-DC")...).refuses(t, http.StatusConflict, "LP-DC is taken")
	if w.version() != before {
		t.Error("bad input changed the configuration")
	}
}

func TestAmbiguousConditionsAreMarked(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.get("/tariffs/charge-point/LP-FLAT").lacks(t, "ambiguous")
	anna.save("/tariffs/charge-point/LP-FLAT/edit", "/tariffs/charge-point/LP-FLAT/edit", conditionFields("rate=flat from=2022-01-01", "rate=free from=2022-01-01")...).
		shows(t, "can rank equally", `<span class="badge bad">ambiguous</span>`)
	anna.get("/tariffs").shows(t, `<span class="badge bad">ambiguous</span>`)
}

func TestACommunityTariffGetsAVersion(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.get("/tariffs/community/COM-AC").shows(t, "less the discount of now 10%", "com-ac", "New version from a date on")
	anna.save("/tariffs/community/COM-AC", "/tariffs/community/COM-AC", "name", "COMMUNITY AC", "from", "2027-01-01", "rate", "com-dc").shows(t, "1 Jan 2027", "31 Dec 2026", "0.49 EUR/kWh")
	anna.post("/tariffs/community/new", "key", "COM-NEW", "name", "New", "from", "2027-01-01", "rate", "flat").shows(t, "COM-NEW", "0.31 EUR/kWh")
	before := w.version()
	anna.save("/tariffs/community/COM-AC", "/tariffs/community/COM-AC", "from", "2027-02-01", "rate", "").refuses(t, http.StatusUnprocessableEntity, "no cost rate is named")
	anna.save("/tariffs/community/COM-AC", "/tariffs/community/COM-AC", "from", "", "rate", "flat").refuses(t, http.StatusUnprocessableEntity, "is not a date")
	anna.post("/tariffs/community/new", "key", "COM-AC", "from", "2027-02-01", "rate", "flat").refuses(t, http.StatusConflict, "COM-AC is taken")
	if w.version() != before {
		t.Error("bad input changed the configuration")
	}
	for _, c := range w.configured().Tariffs.Community {
		if c.Key == "COM-AC" && len(c.Versions) != 2 {
			t.Errorf("versions are %v", c.Versions)
		}
	}
}

func TestASubCPOSeesWhatItIsPaidByAndNoSales(t *testing.T) {
	paul := newWorld(t).as("paul")
	p := paul.get("/tariffs/charge-point/LP-DC")
	p.shows(t, "Purchase conditions", "dc-weekend")
	p.lacks(t, "Sales conditions", "/tariffs/rates/drive")
	p = paul.get("/tariffs/charge-point/LP-FLAT") // one condition is about another person
	p.shows(t, "/tariffs/rates/flat\"")
	p.lacks(t, "Hotel Alpenmuster", "flat-alpen")
	paul.get("/tariffs/community/COM-AC").lacks(t, "New version")
	paul.get("/tariffs/rates/com-ac").shows(t, "0.38 EUR/kWh")
	for path, want := range map[string]int{
		"/tariffs/rates/drive": http.StatusNotFound, "/tariffs/rates/flat-alpen": http.StatusNotFound, "/tariffs": http.StatusForbidden,
		"/tariffs/charge-point/LP-FREE": http.StatusNotFound, "/tariffs/what-if": http.StatusForbidden, "/taxes": http.StatusForbidden,
		"/tariffs/rates/com-ac/edit": http.StatusForbidden, "/tariffs/sales/emp-club": http.StatusForbidden,
	} {
		if p := paul.get(path); p.status != want {
			t.Errorf("%s: status %d, want %d", path, p.status, want)
		}
	}
}
