package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/settlement"
)

// contracts stores contracts.
func (w *world) contracts(list ...settlement.Contract) {
	w.t.Helper()
	_, err := w.store.SaveConfiguration(w.t.Context(), "test", &creditnotes.Configuration{Contracts: list}, nil)
	must(w.t, err)
}

// contract is a stored contract.
func (w *world) contract(key string) settlement.Contract {
	w.t.Helper()
	config, err := w.store.Configuration(w.t.Context())
	must(w.t, err)
	for _, c := range config.Contracts {
		if c.Key == key {
			return c
		}
	}
	w.t.Fatalf("there is no contract %s", key)
	return settlement.Contract{}
}

// shareOf is a contract by share.
func shareOf(key, owner string, from entities.Month) settlement.Contract {
	ac, dc := money.Percent(8000), money.Percent(7000)
	return settlement.Contract{Key: key, Title: "Share of " + owner, Owner: owner, From: from, Active: true, Terms: settlement.Terms{
		ShareAC: &ac, ShareDC: &dc, DeductElectricityCost: true, ReimburseElectricityCost: true, ElectricityCost: 220_000_000,
		FixedFeeAC: 100_000_000, FixedFeeDC: 200_000_000, FeePerKWhAC: 10_000_000, FeePerKWhDC: 20_000_000, HandlingFee: 250,
	}}
}

func TestEveryFieldOfAContractIsSaved(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		station := w.stationOf(subCPO)
		p := anna.submit("/contracts/new", anna.get("/contracts/new").form(),
			"key", "share-1", "title", "Revenue share", "owner", subCPO, "stations", station, "external_id", "CRM-1", "currency", "eur",
			"from", "2026-01", "to", "2026-12", "auto_renew", "true", "ended", "2027-06", "active", "true",
			"share_percent_ac", "80", "share_percent_dc", "0", "exclude_connection_fee", "true", "deduct_electricity_cost", "true",
			"reimburse_electricity_cost", "true", "electricity_cost_per_kwh", "0.220000001", "settle_on", "collected",
			"electricity_tax_per_kwh", "0.0205", "fixed_fee_per_session_ac", "0.1", "fixed_fee_per_session_dc", "0.2", "fee_per_kwh_ac", "0.01",
			"fee_per_kwh_dc", "0.02", "handling_fee_percent", "2.5", "monthly_fee", "3", "monthly_fee_per_station", "5", "monthly_fee_per_ac_evse", "2",
			"monthly_fee_per_dc_evse", "9", "fee_tax_account", "de-19", "minimum_guarantee", "30", "bill_own_charging", "true",
			"own_charging_discount_percent", "5", "bonus_from", "1000", "bonus_price", "0.01")
		p.shows(t, "The contract share-1 is saved.", "Revenue share")
		ac, dc := money.Percent(8000), money.Percent(0)
		want := settlement.Contract{
			Key: "share-1", Title: "Revenue share", ExternalID: "CRM-1", Owner: subCPO, Stations: []string{station}, From: "2026-01", To: "2026-12",
			AutoRenew: true, Ended: "2027-06", Active: true, Currency: "EUR",
			Terms: settlement.Terms{
				ShareAC: &ac, ShareDC: &dc, ExcludeConnectionFee: true, DeductElectricityCost: true, ReimburseElectricityCost: true,
				ElectricityCost: 220_000_001, ElectricityTax: 20_500_000, FixedFeeAC: 100_000_000, FixedFeeDC: 200_000_000,
				FeePerKWhAC: 10_000_000, FeePerKWhDC: 20_000_000, HandlingFee: 250, SettleOn: settlement.Collected,
			},
			MonthlyFee: 3_000_000, MonthlyFeePerStation: 5_000_000, MonthlyFeePerACEVSE: 2_000_000, MonthlyFeePerDCEVSE: 9_000_000,
			MinimumGuarantee: 30_000_000, VolumeBonus: []settlement.BonusBand{{From: 1_000_000_000, PerKWh: 10_000_000}},
			BillOwnCharging: true, OwnChargingDiscount: 500, FeeTaxAccount: "de-19",
		}
		if diff := cmp.Diff(want, w.contract("share-1")); diff != "" {
			t.Error(diff)
		}
		anna.post("/contracts/new", "key", "share-1", "owner", subCPO, "from", "2026-01").refuses(t, http.StatusConflict, "share-1")
		const edit = "/contracts/share-1/edit"
		form := anna.get(edit).form()
		anna.submit(edit, form, "bonus_from", "1000", "bonus_price", "0.01").shows(t, "is saved")
		if diff := cmp.Diff(want, w.contract("share-1")); diff != "" {
			t.Errorf("sending the form again changed it: %s", diff)
		}
		form = anna.get(edit).form()
		form.Del("active")
		anna.submit(edit, form, "title", "Another", "bonus_from", "", "bonus_price", "").shows(t, "draft", "Another", "Revenue share", "anna")
		if c := w.contract("share-1"); c.Active || c.VolumeBonus != nil {
			t.Errorf("%+v", c)
		}
		// Another person has the form of before.
		w.as("olga").submit(edit, form, "title", "Mine").refuses(t, http.StatusConflict)
	})
}

// stationOf is a station that an entity owns.
func (w *world) stationOf(owner string) string {
	w.t.Helper()
	b, err := w.server.Snapshot(w.t.Context())
	must(w.t, err)
	owned := b.Network.StationsOwned(b.Network.Tree.Entity(owner), w.now)
	if len(owned) == 0 {
		w.t.Fatalf("%s owns no station", owner)
	}
	return owned[0].Key
}

func TestWhatIsWrongWithAContractStandsNextToItsField(t *testing.T) {
	w := newWorld(t)
	w.contracts(shareOf("first", subCPO, "2026-01"), shareOf("second", "gemeinde", "2026-01"))
	anna := w.as("anna")
	const path = "/contracts/second/edit"
	before := w.contract("second")
	for _, wrong := range []struct{ field, text, says string }{
		{"owner", "nobody", "names “nobody”, which does not exist"},
		{"owner", subCPO, "are both in force"},
		{"stations", "nowhere", "names “nowhere”"},
		{"from", "soon", "Enter a month such as"},
		{"to", "2025-12", "before the contract begins"},
		{"ended", "2025-12", "before the contract begins"},
		{"currency", "XXX", "not a valid value of Currency"},
		{"share_percent_ac", "100.01", "from 0 to 100"},
		{"share_percent_dc", "", "State both"},
		{"share_percent_dc", "much", "much"},
		{"electricity_cost_per_kwh", "", "is missing"},
		{"electricity_cost_per_kwh", "0.0000000001", "9"},
		{"fee_per_kwh_ac", "-1", "not negative"},
		{"monthly_fee", "-0.5", "not negative"},
		{"bonus_price", "0.01", "from kWh"},
	} {
		p := anna.submit(path, anna.get(path).form(), wrong.field, wrong.text)
		p.refuses(t, http.StatusUnprocessableEntity, wrong.says)
		if !strings.Contains(p.body, `<span class="wrong">`) {
			t.Errorf("%s %q is not said next to the field", wrong.field, wrong.text)
		}
		if diff := cmp.Diff(before, w.contract("second")); diff != "" {
			t.Fatalf("%s %q: %s", wrong.field, wrong.text, diff)
		}
	}
	form := anna.get(path).form()
	form.Del("deduct_electricity_cost")
	anna.submit(path, form).refuses(t, http.StatusUnprocessableEntity, "without being deducted")
	anna.submit(path, form, "share_percent_ac", "", "share_percent_dc", "").refuses(t, http.StatusUnprocessableEntity, "has no effect without a share")
}

// The worked example of settlement.md §3.11.
func TestTheCalculatorSettlesOneSession(t *testing.T) {
	w := newWorld(t)
	w.contracts(shareOf("share", subCPO, "2026-01"))
	anna := w.as("anna")
	anna.get("/contracts/share?calc_energy=10&calc_amount=4.90&calc_fee=0").shows(t, "2.16", "2.20", "-0.3225", "4.0375", "0.8625")
	anna.get("/contracts/share?calc_energy=40&calc_amount=23.60&calc_fee=0").shows(t, "10.36", "8.80", "-1.59", "17.57", "6.03")
	anna.get("/contracts/share?calc_energy=x").shows(t, "kWh", "x")
	// In the form it goes by what is typed in, and saves nothing.
	form := anna.get("/contracts/share/edit").form()
	anna.submit("/contracts/share/edit", form, "share_percent_ac", "50", "calc_energy", "10", "calc_amount", "4.90", "calculate", "1").shows(t, "1.35", "3.2275")
	if c := w.contract("share"); *c.ShareAC != 8000 {
		t.Error("calculating saved the contract")
	}
	// Without a share the purchase price decides.
	price := shareOf("price", "gemeinde", "2026-01")
	price.Terms = settlement.Terms{FixedFeeAC: 100_000_000}
	w.contracts(price)
	anna.get("/contracts/price?calc_energy=10&calc_amount=4.90&calc_price=3.15").shows(t, "Purchase price", "3.05", "1.85")
}

func TestContractsAreListedAndFound(t *testing.T) {
	w := newWorld(t)
	draft := shareOf("draft-1", "gemeinde", "2026-01")
	draft.Active = false
	later := shareOf("later-1", "frischmarkt", "2030-01")
	over := shareOf("over-1", subCPO, "2020-01")
	over.To = "2020-12"
	w.contracts(draft, later, over, shareOf("now-1", subCPO, "2026-01"))
	anna, paul := w.as("anna"), w.as("paul")
	for query, keys := range map[string]string{
		"":                     "draft-1 later-1 now-1 over-1",
		"?sort=-key":           "over-1 now-1 later-1 draft-1",
		"?owner=" + subCPO:     "now-1 over-1",
		"?month=2020-06":       "over-1",
		"?month=2030-06":       "later-1 now-1",
		"?state=draft":         "draft-1",
		"?state=in_force":      "now-1",
		"?state=over":          "over-1",
		"?q=frisch":            "later-1",
		"?state=later&q=later": "later-1",
	} {
		p := anna.get("/contracts" + query)
		at := 0
		for _, key := range []string{"draft-1", "later-1", "now-1", "over-1"} {
			if shown := strings.Contains(p.body, `href="/contracts/`+key+`"`); shown != strings.Contains(keys, key) {
				t.Errorf("%s: %s shown: %v", query, key, shown)
			}
		}
		for _, key := range strings.Fields(keys) {
			next := strings.Index(p.body, `href="/contracts/`+key+`"`)
			if next < at {
				t.Errorf("%s: %s is out of order", query, key)
			}
			at = next
		}
	}
	csv := anna.get("/contracts.csv?state=draft")
	if lines := strings.Split(strings.TrimSpace(csv.body), "\r\n"); len(lines) != 2 || !strings.Contains(lines[1], "draft-1;Share of gemeinde;gemeinde") {
		t.Errorf("%q", csv.body)
	}
	if xlsx := anna.get("/contracts.xlsx"); !strings.HasPrefix(xlsx.body, "PK") {
		t.Error("no workbook")
	}
	seen := paul.get("/contracts")
	seen.shows(t, "now-1", "over-1")
	if strings.Contains(seen.body, "later-1") || strings.Contains(paul.get("/contracts.csv").body, "later-1") {
		t.Error("a Sub-CPO sees the contracts of another")
	}
	if p := paul.get("/contracts/later-1"); p.status != http.StatusNotFound {
		t.Errorf("a contract of another: status %d", p.status)
	}
	if p := paul.get("/contracts/now-1"); strings.Contains(p.body, "/edit") || strings.Contains(p.body, "what-if") {
		t.Error("a Sub-CPO may change its contract")
	}
	anna.get("/contracts/now-1").shows(t, "over-1", "Contracts of the owner by month", `class="on"`)
	anna.get("/entities/"+subCPO).shows(t, `href="/contracts/now-1"`, "/contracts/new?owner="+subCPO)
}

// A month is settled by the contract although it is a draft, and although another
// is in force.
func TestWhatAMonthWouldHaveBeenUnderAContract(t *testing.T) {
	w := newWorld(t)
	draft := shareOf("try-1", subCPO, "2030-01")
	draft.Active = false
	price := shareOf("price-1", subCPO, "2026-01")
	price.Terms = settlement.Terms{}
	w.contracts(draft, price)
	anna := w.as("anna")
	p := anna.post("/contracts/try-1/what-if", "month", "2026-10")
	for p.status == http.StatusOK && p.header.Get("Refresh") != "" {
		time.Sleep(20 * time.Millisecond)
		p = anna.get(p.path)
	}
	p.shows(t, "settled by the contract try-1")
	anna.post("/contracts/try-1/what-if", "month", "soon").refuses(t, http.StatusUnprocessableEntity)
	if c := w.contract("try-1"); c.Active || c.From != "2030-01" {
		t.Errorf("asking changed the contract: %+v", c)
	}
}
