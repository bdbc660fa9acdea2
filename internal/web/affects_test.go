package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/access"
	"creditrun/tariffs"
)

// effectPath finds the address of the difference for each owner.
var effectPath = regexp.MustCompile(`hx-get="(/tariffs/what-if/[A-Z0-9]+)"`)

// effect waits for the difference on a page that says what a change affects.
func (b *browser) effect(t *testing.T, p reply) reply {
	t.Helper()
	found := effectPath.FindStringSubmatch(p.body)
	if found == nil {
		t.Fatalf("the page does not ask for the difference:\n%s", p.body)
	}
	for p = b.get(found[1]); p.header.Get("Refresh") != ""; p = b.get(found[1]) {
		time.Sleep(20 * time.Millisecond)
	}
	return p
}

// newPrice is the form of a cost rate with one price from a day on.
func newPrice(from, price string) []string {
	return []string{"currency", "EUR", "valid_from", from, "own_energy_up", "", "own_energy_price", price}
}

func TestNewPricesSayWhatTheyAffectBeforeTheyAreSaved(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, before := w.as("anna"), w.version()
		ask := func(from string) reply {
			return anna.post("/tariffs/rates/com-ac/edit", append(anna.hidden("/tariffs/rates/com-ac/edit", "/tariffs/rates/com-ac/edit"), newPrice(from, "0.99")...)...)
		}
		later := ask("2026-11-26")
		later.shows(t, "What this affects", "Before: 0.38 EUR/kWh", "New: 0.99 EUR/kWh", "Begins on 26 Nov 2026, in 14 days; until then the old price holds.", "<dt>Connectors</dt><dd>")
		anna.effect(t, later).shows(t, "No owner gets more or less so far.")
		ask("2026-11-13").shows(t, "Begins on 13 Nov 2026, in 1 day;")
		ask("2026-11-12").shows(t, "Begins today")

		running := ask("2026-11-01")
		running.shows(t, "Reaches back to 1 Nov 2026: sessions of November 2026")
		anna.effect(t, running).shows(t, "What the next run would credit, net")

		past := ask("2026-10-01")
		past.shows(t, "Reaches back to 1 Oct 2026, into earlier months", "What was credited or drafted keeps the old ones.")
		anna.effect(t, past).shows(t, "sessions of issued months were credited at the old price; nothing changes for them unless they are priced anew",
			`href="/reprices?from=2026-10-01&amp;rate=com-ac"`)
		if w.version() != before {
			t.Fatal("a change is saved before the visitor is sure")
		}

		// Typed values come back when the visitor wants to change them again.
		again := append(newPrice("2026-11-26", "0.99"), "do", "edit")
		anna.post("/tariffs/rates/com-ac/edit", again...).shows(t, `value="0.99"`, `value="2026-11-26"`)
		anna.sure(later).shows(t, "Cost rate com-ac is saved", "0.99 EUR/kWh")
		if w.version() == before {
			t.Error("the change is not saved")
		}
	})
}

func TestWhatNothingUsesIsSavedWithoutAQuestion(t *testing.T) {
	anna := newWorld(t).as("anna")
	anna.post("/tariffs/rates/new", append([]string{"key", "spare"}, newPrice("", "1")...)...).shows(t, "Cost rate spare is saved")
	anna.save("/tariffs/rates/spare/edit", "/tariffs/rates/spare/edit", newPrice("2027-01-01", "2")...).shows(t, "Cost rate spare is saved")
}

func TestWhoMayNotPreviewLearnsNothingAboutOwners(t *testing.T) {
	w := newWorld(t)
	by := access.Actor{Name: "test", Server: true}
	must(t, w.store.SaveCustomRole(t.Context(), by, access.CustomRole{Role: "prices", Name: "Prices", Rights: []access.Right{access.Read, access.ChangeTariffs}}))
	hash, err := access.HashPassword(t.Context(), password)
	must(t, err)
	user, err := w.store.AddUser(t.Context(), by, access.User{Name: "petra", Active: true, Roles: []access.Role{"prices"}})
	must(t, err)
	must(t, w.store.SetPassword(t.Context(), by, user.ID, hash))
	petra := w.as("petra")
	const path = "/tariffs/rates/com-ac/edit"
	p := petra.post(path, append(petra.hidden(path, path), newPrice("2026-12-01", "0.5")...)...)
	p.shows(t, "What this affects", "<dt>Connectors</dt>")
	p.lacks(t, "What the next run would credit", "/tariffs/what-if/")
	petra.sure(p).shows(t, "Cost rate com-ac is saved")
}

// A version that no session was credited by is corrected in place: a form without
// a date then reaches back to its beginning, and says so.
func TestAPriceThatIsCorrectedInPlaceCountsFromItsBeginning(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.post("/tariffs/rates/new", append([]string{"key", "spare"}, newPrice("2026-09-15", "1")...)...).shows(t, "is saved")
	anna.post("/tariffs/community/new", "key", "COM-X", "from", "2022-01-01", "rate", "spare").shows(t, "is saved")
	anna.save("/stations/SWB-01", "/stations/SWB-01/tariffs", "from", "2027-01-01", "charge_point", "=", "community", "COM-X").shows(t, "1 Jan 2027")
	const path = "/tariffs/rates/spare/edit"
	send := func(from string) reply {
		return anna.post(path, append(anna.hidden(path, path), newPrice(from, "2")...)...)
	}
	send("").shows(t, "Reaches back to 15 Sept 2026, into earlier months")
	send("2026-12-24").shows(t, "Begins on 24 Dec 2026")
	p := anna.post("/tariffs/rates/new", append([]string{"key", "ever"}, newPrice("", "1")...)...)
	p.shows(t, "since ever")
	anna.save("/tariffs/community/COM-X", "/tariffs/community/COM-X", "from", "2026-02-01", "rate", "ever").shows(t, "is saved")
	const other = "/tariffs/rates/ever/edit"
	anna.post(other, append(anna.hidden(other, other), newPrice("", "2")...)...).shows(t, "Counts since ever")
}

func TestEffectsAreDrawnAndWrittenAsATable(t *testing.T) {
	anna := newWorld(t).as("anna")
	p := anna.asked(t, "kind", "discount", "month", "2026-10", "discount", "25")
	p.shows(t, "Before (upper bar) and after (lower bar) in EUR", `<rect class="bar-2"`, `<rect class="bar-1"`, "Stadtwerke Beispielstadt", "<table>")
}

func TestAssignmentsAndTariffsSayWhatTheyAffect(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.version()
	send := func(form, action string, fields ...string) reply {
		return anna.post(action, append(anna.hidden(form, action), fields...)...)
	}
	p := send("/stations/SWB-01", "/stations/SWB-01/tariffs", "from", "2026-10-01", "charge_point", "LP-FREE", "community", "=")
	p.shows(t, "What this affects", "<dt>Connectors</dt><dd>2</dd>", "Reaches back to 1 Oct 2026, into earlier months")
	p = send("/tariffs/community/COM-AC", "/tariffs/community/COM-AC", "name", "COMMUNITY AC", "from", "2026-12-01", "rate", "com-dc")
	p.shows(t, "COMMUNITY tariff COM-AC", "Before: 0.38 EUR/kWh", "New: 0.49 EUR/kWh", "in 19 days")
	p = send("/tariffs/charge-point/LP-FLAT/edit", "/tariffs/charge-point/LP-FLAT/edit", conditionFields("rate=free from=2026-11-01")...)
	p.shows(t, "Charge-point tariff LP-FLAT", "Reaches back to")
	night := chargePoint(w.configured(), "LP-NIGHT").Purchase[0]
	p = send("/tariffs/charge-point/LP-NIGHT/edit", "/tariffs/charge-point/LP-NIGHT/edit", conditionFields("rate=night from="+string(night.From)+" to=2027-01-01", "rate=free from=2027-01-01")...)
	p.shows(t, "Begins on 1 Jan 2027, in 50 days") // that the old one ends changes nothing before
	p = send("/tariffs/sales/emp-staff/edit", "/tariffs/sales/emp-staff/edit", "name", "x", "sales_rows", "1", "sales_0_rate", "free", "sales_0_from", "2027-01-01")
	p.shows(t, "Sales tariff emp-staff", "<dt>Media</dt>")
	p = send("/tariffs/charge-point/LP-FLAT/edit", "/tariffs/charge-point/LP-FLAT/edit", conditionFields("rate=flat from=2027-02-01 to=2027-01-01")...)
	p.refuses(t, http.StatusUnprocessableEntity, "before it begins")
	p = send("/stations/SWB-01", "/stations/SWB-01/tariffs", "from", "2027-06-01", "to", "2027-05-01", "charge_point", "LP-FLAT")
	p.refuses(t, http.StatusUnprocessableEntity, "before it begins")
	if w.version() != before {
		t.Error("a change is saved before the visitor is sure")
	}
}

func TestWhatWasTriedIsCarriedOver(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	rate := anna.asked(t, "kind", "rate", "month", "2026-11", "key", "flat", "of", "1", "currency", "EUR", "own_energy_up", "", "own_energy_price", "0.517")
	apply := regexp.MustCompile(`<a class="button" href="([^"]*)">Carry over`)
	carry := func(p reply) reply {
		t.Helper()
		found := apply.FindStringSubmatch(p.body)
		if found == nil {
			t.Fatalf("nothing is carried over:\n%s", p.body)
		}
		return anna.get(strings.ReplaceAll(found[1], "&amp;", "&"))
	}
	carry(rate).shows(t, "Cost rate flat", `value="0.517"`, `value="2026-11-13"`)
	dated := anna.asked(t, "kind", "rate", "month", "2026-11", "key", "flat", "of", "1", "currency", "EUR", "own_energy_up", "", "own_energy_price", "0.517", "valid_from", "2027-02-01")
	carry(dated).shows(t, `value="0.517"`, `value="2027-02-01"`)
	community := anna.asked(t, "kind", "community", "month", "2026-11", "community", "COM-AC", "rate", "com-dc")
	carry(community).shows(t, `<option value="com-dc" selected>`, `value="2026-11-13"`)
	discount := anna.asked(t, "kind", "discount", "month", "2026-11", "discount", "12.5")
	carry(discount).shows(t, `name="community_discount_percent" value="12.5"`)
	if p := w.as("felix").asked(t, "kind", "community", "month", "2026-11", "community", "COM-AC", "rate", "com-dc"); strings.Contains(p.body, "Carry over") {
		t.Error("who may not change tariffs is offered it")
	}
}

func TestWhatIfIsAboutTheOpenMonth(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	felix.get("/tariffs/what-if").shows(t, `name="month" value="2026-11"`)
	felix.post("/tariffs/what-if", "kind", "discount", "month", "2026-12", "discount", "10").refuses(t, http.StatusUnprocessableEntity, "has not begun")
}

func TestPricesAreShownAndReadInEveryLanguageWithoutALoss(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	odd := []string{"key", "odd", "currency", "EUR", "step", "0.001", "own_energy_up", "0.101", "own_energy_price", "0.123456", "own_energy_up", "12.5", "own_energy_price", "1.5",
		"own_energy_up", "", "own_energy_price", "0", "own_time_up", "61", "own_time_price", "0", "own_time_up", "4 h", "own_time_price", "3.000001", "own_time_up", "", "own_time_price", "6",
		"own_fee", "0.35", "own_grace", "1 min 40 s", "own_threshold", "0.499"}
	anna.post("/tariffs/rates/new", odd...).shows(t, "up to 0.101 kWh 0.123456, up to 12.5 kWh 1.50, above 0.00 EUR/kWh", "longer than 1 min 40 s with at least 0.499 kWh")
	want := versionsIn(w.configured(), "odd")[0]
	if diff := cmp.Diff([]tariffs.EnergyBand{{UpToWh: 101, PerKWh: 123_456}, {UpToWh: 12_500, PerKWh: 1_500_000}, {UpToWh: 12_501}}, want.Energy); diff != "" {
		t.Error(diff)
	}
	for lang, shown := range map[string][]string{
		"en": {`value="0.101"`, `value="0.123456"`, `value="61 min"`, `value="4 h"`, `value="1 min 40 s"`, `value="0.499"`, `placeholder="unlimited"`},
		"de": {`value="0,101"`, `value="0,123456"`, `value="61 min"`, `value="4 h"`, `value="1 min 40 s"`, `value="0,499"`, `placeholder="unbegrenzt"`},
	} {
		anna.post("/preferences", "language", lang, "back", "/")
		p := anna.get("/tariffs/rates/odd/edit")
		p.shows(t, shown...)
		var fields []string
		for _, m := range regexp.MustCompile(`<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
			if strings.HasPrefix(m[1], "own_") || m[1] == "step" || m[1] == "currency" || m[1] == "entries" {
				fields = append(fields, m[1], m[2])
			}
		}
		anna.post("/tariffs/rates/new", append(fields, "key", "odd-"+lang)...)
		got := versionsIn(w.configured(), "odd-"+lang)
		if len(got) != 1 {
			t.Fatalf("%s: it is not saved as it is shown: %v", lang, fields)
		}
		got[0].Key = want.Key
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Errorf("%s: %s", lang, diff)
		}
	}
}
