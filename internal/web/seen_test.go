package web

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// changingForm is a form that changes a record: two values of one field, and
// what else the form needs.
type changingForm struct {
	page, action string
	field        string
	mine, theirs string
	others       []string
	says         []string // who changed what
}

func changingForms() map[string]changingForm {
	return map[string]changingForm{
		"number range": {
			page: "/ranges/gs", action: "/ranges/gs", field: "name", mine: "Mine", theirs: "Theirs",
			others: []string{"pattern", "GS-{YYYY}-{SEQ:5}", "next", "1", "reset", "yearly", "scope", "issuer", "valid_for", "credit_note", "active", "true"},
			says:   []string{"“gs” was changed by olga", "(name)"},
		},
		"tax account": {
			page: "/taxes/de-19", action: "/taxes/de-19", field: "ledger_account", mine: "1111", theirs: "2222",
			others: []string{"category", "S", "country", "DE", "name_de", "Umsatzsteuer", "rate_from", "2021-01-01", "rate_percent", "19"},
			says:   []string{"“de-19” was changed by olga", "ledger_account"},
		},
		"charge-point tariff": {
			page: "/tariffs/charge-point/LP-FLAT/edit", action: "/tariffs/charge-point/LP-FLAT/edit", field: "name", mine: "Mine", theirs: "Theirs",
			others: conditionFields("rate=flat from=2022-01-01")[2:], says: []string{"“LP-FLAT” was changed by olga", "name"},
		},
		"COMMUNITY tariff": {
			page: "/tariffs/community/COM-AC", action: "/tariffs/community/COM-AC", field: "name", mine: "Mine", theirs: "Theirs",
			others: []string{"from", "2027-01-01", "rate", "com-dc"}, says: []string{"“COM-AC” was changed by olga", "name"},
		},
		"cost rate": {
			page: "/tariffs/rates/com-ac/edit", action: "/tariffs/rates/com-ac/edit", field: "own_energy_price", mine: "0.41", theirs: "0.42",
			others: []string{"currency", "EUR", "valid_from", "2027-01-01", "own_energy_up", "1"}, says: []string{"“com-ac” was changed by olga", "energy"},
		},
		"owners of a station": {
			page: "/stations/SWB-01", action: "/stations/SWB-01/owners", field: "from", mine: "2027-01-01", theirs: "2027-02-01",
			others: []string{"entity", "hotelgruppe", "confirm_password", password}, says: []string{"“SWB-01” was changed by olga", "owners"},
		},
		"tariffs of a station": {
			page: "/stations/SWB-01", action: "/stations/SWB-01/tariffs", field: "from", mine: "2027-01-01", theirs: "2027-02-01",
			others: []string{"charge_point", "LP-FLAT", "community", "="}, says: []string{"“SWB-01” was changed by olga", "tariffs"},
		},
		"entity": {
			page: "/entities/hotelgruppe/edit", action: "/entities/hotelgruppe/edit", field: "phone", mine: "0049 1", theirs: "0049 2",
			others: []string{"name", "Hotelgruppe", "parent", operator, "country", "DE", "active", "true", "confirm_password", password},
			says:   []string{"“hotelgruppe” was changed by olga", "phone"},
		},
		"roaming partner": {
			page: "/partners/DE*MOB", action: "/partners/DE*MOB", field: "max_energy_kwh", mine: "111", theirs: "222",
			says: []string{"“DE*MOB” was changed by olga", "limits"},
		},
		"user": {
			page: "/users/vera", action: "/users/vera", field: "full_name", mine: "Mine", theirs: "Theirs",
			others: []string{"email", "vera@example.com", "entity", operator, "roles", "viewer", "confirm_password", password},
			says:   []string{"“vera” was changed by olga", "full_name"},
		},
		"webhook": {
			page: "/webhooks/1", action: "/webhooks/1", field: "description", mine: "Mine", theirs: "Theirs",
			others: []string{"url", "https://example.com/hook", "events", "run.drafted", "confirm_password", password},
			says:   []string{"“https://example.com/hook” was changed by olga", "description"},
		},
	}
}

// with is the form with a value in its field.
func (f changingForm) with(value string) []string {
	return append([]string{f.field, value}, f.others...)
}

// state is everything that the forms change.
func (w *world) state() string {
	w.t.Helper()
	user, err := w.store.UserByName(w.t.Context(), "vera")
	must(w.t, err)
	hook, err := w.store.Webhook(w.t.Context(), 1)
	must(w.t, err)
	return fmt.Sprint(w.version(), store.UserFingerprint(user), store.WebhookFingerprint(hook))
}

func TestEveryFormNoticesThatSomebodyElseChangedTheRecord(t *testing.T) {
	for name, f := range changingForms() {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			anna, olga := w.as("anna"), w.as("olga")
			_, err := w.store.AddWebhook(t.Context(), "test", store.Webhook{URL: "https://example.com/hook", Events: []store.HookEvent{store.RunDrafted}, Active: true})
			must(t, err)
			opened := hasSeen.FindStringSubmatch(anna.get(f.page).body)
			if opened == nil {
				t.Fatal("the form does not notice what others change")
			}
			if p := olga.save(f.page, f.action, f.with(f.theirs)...); p.status != http.StatusOK {
				t.Fatalf("status %d\n%s", p.status, p.body)
			}
			before := w.state()
			late := anna.post(f.action, append([]string{"seen", opened[1]}, f.with(f.mine)...)...)
			late.refuses(t, http.StatusConflict, append(f.says, "value=\""+f.mine+"\"")...)
			if w.state() != before {
				t.Error("the change of another person was overwritten")
			}

			// What was typed is still there; now that it is known, it can be saved.
			again := hasSeen.FindStringSubmatch(late.body)
			if again == nil || again[1] == opened[1] {
				t.Fatal("the form that comes back cannot be saved")
			}
			if p := anna.sure(anna.post(f.action, append([]string{"seen", again[1]}, f.with(f.mine)...)...)); p.status != http.StatusOK || w.state() == before {
				t.Errorf("saving once more: status %d\n%s", p.status, p.body)
			}

			// A form that has seen nothing saves nothing.
			before = w.state()
			anna.post(f.action, f.with(f.theirs)...).refuses(t, http.StatusConflict)
			if w.state() != before {
				t.Error("a form without what was seen is saved")
			}
		})
	}
}

func TestAnotherRecordMayChangeMeanwhile(t *testing.T) {
	w := newWorld(t)
	anna, olga := w.as("anna"), w.as("olga")
	forms := changingForms()
	f := forms["number range"]
	opened := hasSeen.FindStringSubmatch(anna.get(f.page).body)
	for _, other := range []string{"tax account", "charge-point tariff"} {
		if p := olga.save(forms[other].page, forms[other].action, forms[other].with(forms[other].theirs)...); p.status != http.StatusOK {
			t.Fatalf("%s: status %d\n%s", other, p.status, p.body)
		}
	}
	anna.post(f.action, append([]string{"seen", opened[1]}, f.with(f.mine)...)...).shows(t, "Mine")
}

// A form for something new never touches what is there.
func TestANewRecordNeverReplacesOneWithTheSameKey(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	forms := changingForms()
	before := w.version()
	for name, c := range map[string]struct {
		action, key string
		others      []string
	}{
		"number range":        {"/ranges/new", "gs", forms["number range"].with("BRAND NEW")},
		"tax account":         {"/taxes/new", "de-19", forms["tax account"].with("9")},
		"charge-point tariff": {"/tariffs/charge-point/new/edit", "LP-FLAT", forms["charge-point tariff"].with("BRAND NEW")},
		"COMMUNITY tariff":    {"/tariffs/community/new", "COM-AC", forms["COMMUNITY tariff"].with("BRAND NEW")},
		"cost rate":           {"/tariffs/rates/new", "com-ac", forms["cost rate"].with("9")},
		"entity":              {"/entities/new", "hotelgruppe", []string{"name", "BRAND NEW", "parent", "musterstrom", "country", "DE"}},
	} {
		p := anna.post(c.action, append([]string{"key", c.key}, c.others...)...)
		if p.status != http.StatusConflict && p.status != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(p.body), c.key) {
			t.Errorf("%s: status %d\n%s", name, p.status, p.body)
		}
		if w.version() != before {
			t.Fatalf("%s: a new one replaced %s", name, c.key)
		}
	}
	r := w.configured().Range("gs")
	if !r.Active || r.Name == "BRAND NEW" {
		t.Errorf("the range in use is %+v", r)
	}
}

// Two people press save at the same moment: one of them is told.
func TestOfTwoWhoSaveAtOnceOneIsTold(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		seen, err := w.configured().Fingerprint(page.Record(creditnotes.SectionRanges, "gs"))
		must(t, err)
		ended := make(chan error, 2)
		for _, name := range []string{"One", "Other"} {
			r := *w.configured().Range("gs")
			r.Name = name
			go func() {
				_, err := w.store.SaveRecord(t.Context(), name, page.Record(creditnotes.SectionRanges, "gs"), seen, &creditnotes.Configuration{NumberRanges: []numbering.Range{r}})
				ended <- err
			}()
		}
		first, second := <-ended, <-ended
		if (first == nil) == (second == nil) || !changedMeanwhile(first) && !changedMeanwhile(second) {
			t.Errorf("the two ended with %v and %v", first, second)
		}
	})
}

// Actions on a record compare what they saw as forms do.
func TestActionsNoticeWhatAnotherPersonDid(t *testing.T) {
	w := newWorld(t)
	anna, olga := w.as("anna"), w.as("olga")
	_, err := w.store.AddWebhook(t.Context(), "test", store.Webhook{URL: "https://example.com/hook", Events: []store.HookEvent{store.RunDrafted}, Active: true})
	must(t, err)
	whole := append(anna.hidden("/webhooks/1", "/webhooks/1/secret"), "confirm_password", password)
	olga.post("/webhooks/1/secret", whole...).shows(t, "whsec_")
	for _, action := range []string{"/webhooks/1/secret", "/webhooks/1/delete"} {
		anna.post(action, whole...).refuses(t, http.StatusConflict, "was changed by olga")
		anna.post(action, "confirm_password", password).refuses(t, http.StatusConflict)
	}

	seen := anna.hidden("/entities/hotelgruppe/edit", "/entities/hotelgruppe/bank")
	bank := func(iban string) []string {
		return []string{seen[0], seen[1], "holder", "Hotel", "iban", iban, "confirm_password", password}
	}
	if p := olga.post("/entities/hotelgruppe/bank", bank("DE02120300000000202051")...); p.status != http.StatusOK {
		t.Fatalf("status %d\n%s", p.status, p.body)
	}
	anna.post("/entities/hotelgruppe/bank", bank("DE02100100100006820101")...).refuses(t, http.StatusConflict, "was changed by olga", "bank", "DE02 1001 0010 0006 8201 01")
	seen = anna.hidden("/entities/hotelgruppe/edit", "/entities/hotelgruppe/bank")
	if p := anna.post("/entities/hotelgruppe/bank", bank("DE02100100100006820101")...); p.status != http.StatusOK {
		t.Errorf("knowingly: status %d\n%s", p.status, p.body)
	}
}

func TestLimitsOfARoamingPartnerAreSetOnAPage(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.get("/settings").shows(t, `href="/partners"`)
	anna.get("/partners").shows(t, "DE*MOB", "Mobil Muster GmbH", "those of the owner or of the settings")
	anna.save("/partners/DE*MOB", "/partners/DE*MOB", "max_energy_kwh", "x", "meter_tolerance_percent", "2,5").
		refuses(t, http.StatusUnprocessableEntity, "“x” is no value", `value="2,5"`)
	anna.save("/partners/DE*MOB", "/partners/DE*MOB", "max_energy_kwh", "150", "meter_tolerance_percent", "2,5").shows(t, "Most energy in kWh", "150", "2.5")
	c, err := w.store.Configuration(t.Context())
	must(t, err)
	for _, p := range c.Partners {
		if want := p.ID() == "DE*MOB"; (p.Limits[sessions.RuleEnergy] == 150) != want || (p.Limits[sessions.RuleMeter] == 250) != want {
			t.Errorf("%+v", p)
		}
	}
	entries, err := w.store.Audit(t.Context(), store.AuditFilter{Action: "partner.updated", Subject: "DE*MOB"})
	if err != nil || len(entries) != 1 || entries[0].Who != "anna" {
		t.Errorf("%+v, %v", entries, err)
	}
	w.as("vera").get("/partners").lacks(t, `href="/partners/DE`)
	anna.get("/partners/DE*XXX").refuses(t, http.StatusNotFound)
}
