package web

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

func taxAccount(c *creditnotes.Configuration, key string) (creditnotes.TaxAccount, bool) {
	for _, a := range c.TaxAccounts {
		if a.Key == key {
			return a, true
		}
	}
	return creditnotes.TaxAccount{}, false
}

func TestTaxAccountsAreListed(t *testing.T) {
	newWorld(t).as("vera").get("/taxes").shows(t, "de-19", "VAT 19%", "19%", "standard rate", "in the settings", "reverse charge", "VATEX-EU-AE", "1576")
}

func TestATaxAccountComesBackAsItWasTyped(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		anna.get("/taxes/new").shows(t, "New tax account", `name="name_fi"`)
		anna.post("/taxes/new", "key", "at-20", "category", "S", "country", "AT", "ledger_account", "1577",
			"name_de", "Umsatzsteuer 20 %", "name_en", "VAT 20%", "reason_de", "keiner",
			"rate_from", "2024-01-01", "rate_percent", "20", "rate_from", "2020-01-01", "rate_percent", "19.5", "rate_from", "", "rate_percent", "").
			shows(t, "Tax account at-20 is saved", "20%")
		got, _ := taxAccount(w.configured(), "at-20")
		want := creditnotes.TaxAccount{
			Key: "at-20", Category: creditnotes.StandardRate, Country: "AT", LedgerAccount: "1577",
			Name: map[string]string{"de": "Umsatzsteuer 20 %", "en": "VAT 20%"}, ExemptionReason: map[string]string{"de": "keiner"},
			Rates: []creditnotes.TaxRate{{From: "2020-01-01", Percent: 1950}, {From: "2024-01-01", Percent: 2000}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		p := anna.get("/taxes/at-20")
		p.shows(t, `value="19.5"`, `value="2024-01-01"`, "Umsatzsteuer 20 %")
	})
}

func TestATaxAccountSavedUnchangedChangesNothing(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.version()
	was, _ := taxAccount(w.configured(), "de-19")
	fields := []string{"category", "S", "country", "DE", "ledger_account", was.LedgerAccount, "datev_key", was.DATEVKey,
		"rate_from", "2021-01-01", "rate_percent", "19", "rate_from", "", "rate_percent", ""}
	for lang, name := range was.Name {
		fields = append(fields, "name_"+lang, name)
	}
	anna.save("/taxes/de-19", "/taxes/de-19", fields...).shows(t, "is saved")
	if w.version() != before {
		t.Error("saving the same again made another version of the configuration")
	}
}

func TestABadTaxAccountChangesNothing(t *testing.T) {
	w := newWorld(t)
	anna, before := w.as("anna"), w.version()
	base := []string{"category", "S", "name_de", "x", "rate_from", "2024-01-01"}
	anna.post("/taxes/new", append(base, "key", "de-19", "rate_percent", "20")...).refuses(t, http.StatusConflict, "de-19 is taken")
	anna.post("/taxes/new", append(base, "key", "x", "rate_percent", "20.123")...).refuses(t, http.StatusUnprocessableEntity, "20.123", "at most 2 decimals")
	anna.post("/taxes/new", append(base, "key", "x", "rate_percent", "101")...).refuses(t, http.StatusUnprocessableEntity, "101 %")
	anna.post("/taxes/new", "key", "x", "category", "AE", "name_de", "x", "rate_from", "2024-01-01", "rate_percent", "7").
		refuses(t, http.StatusUnprocessableEntity, "7 % is not possible in category AE")
	anna.post("/taxes/new", "key", "x", "category", "S").refuses(t, http.StatusUnprocessableEntity, "Rates over time is missing", "Name is missing")
	anna.post("/taxes/new", "key", "x", "category", "Q", "country", "XX", "name_de", "x", "rate_from", "2024-01-01", "rate_percent", "0").
		refuses(t, http.StatusUnprocessableEntity, "Q is not a VAT category", "XX is not a country code")
	if w.version() != before {
		t.Error("bad input changed the configuration")
	}
}
