package api

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/intake"
)

// TestElementsAreWrittenAndReadOneByOne puts every element as it was got: the
// answer is the same, and nothing is changed.
func TestElementsAreWrittenAndReadOneByOne(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		before := anna.get("/network").is(http.StatusOK).body
		audited := len(all[AuditEntry](anna, "/audit?limit=500"))
		for _, list := range []string{
			"/entities", "/stations", "/charge-point-tariffs", "/community-tariffs", "/sales-tariffs", "/number-ranges", "/tax-accounts",
		} {
			elements := all[object](anna, list+"?limit=3")
			if len(elements) < 2 {
				t.Fatalf("%s: %d elements", list, len(elements))
			}
			for _, element := range elements {
				path := list + "/" + element["key"].(string)
				got := read[object](anna.get(path).is(http.StatusOK))
				put := read[object](anna.put(path, got).is(http.StatusOK))
				if diff := cmp.Diff(element, got) + cmp.Diff(got, put); diff != "" {
					t.Errorf("%s: %s", path, diff)
				}
			}
		}
		rates := all[CostRate](anna, "/cost-rates?limit=2")
		for i, rate := range rates {
			if i+1 == len(rates) || rates[i+1].Key != rate.Key { // how the rate is priced now
				anna.put("/cost-rates/"+rate.Key, rate).is(http.StatusOK)
			}
		}
		if after := anna.get("/network").is(http.StatusOK).body; !bytes.Equal(before, after) {
			t.Errorf("the network is another one:\n%s\n%s", before, after)
		}
		if now := len(all[AuditEntry](anna, "/audit?limit=500")); now != audited {
			t.Errorf("%d more entries in the audit log", now-audited)
		}
	})
}

func TestElementsAreJudgedLikeThoseOfFiles(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	cafe := read[object](anna.get("/entities/cafe").is(http.StatusOK))
	change := func(field string, value any) object {
		other := object{}
		for k, v := range cafe {
			other[k] = v
		}
		other[field] = value
		return other
	}
	for _, one := range []struct{ field, value, key, location string }{
		{"country", "Germany", intake.FaultRecord, "body.country"},
		{"language", "d", intake.FaultRecord, "body.language"},
		{"parent", "nobody", "tree_orphan", ""},
		{"key", "bar", "request_invalid", "body.key"},
		{"colour", "blue", "request_invalid", "body.colour"},
		{"session_detail", "xls", "request_invalid", "body.session_detail"},
		{"creditor_account", "K 70001", "request_invalid", "body.creditor_account"},
		{"creditor_account", "1234567890123456", "request_invalid", "body.creditor_account"},
	} {
		p := anna.replace("/entities/cafe", change(one.field, one.value)).problem(http.StatusUnprocessableEntity, one.key)
		if one.location != "" && (len(p.Errors) == 0 || p.Errors[0].Location != one.location) {
			t.Errorf("%s: %+v", one.field, p.Errors)
		}
	}
	if now := read[object](anna.get("/entities/cafe")); cmp.Diff(cafe, now) != "" {
		t.Error(cmp.Diff(cafe, now))
	}
	anna.get("/tax-accounts/nowhere").problem(http.StatusNotFound, "key_unknown")
	anna.put("/cost-rates/day", object{"currency": "EUR", "energy": []object{{"up_to_wh": 1, "per_kwh": "-1"}}}).is(http.StatusUnprocessableEntity)
	for _, key := range []string{"new", "a%2Fb", "a%5Cb", "%2E%2E%2E"} { // the pages could not show them
		anna.put("/cost-rates/"+key, object{"currency": "EUR", "energy": []object{{"up_to_wh": 1, "per_kwh": "1"}}}).
			problem(http.StatusUnprocessableEntity, "key_invalid")
	}
	other := maps.Clone(cafe)
	delete(other, "key")
	anna.put("/entities/new", other).problem(http.StatusUnprocessableEntity, "entity_key_invalid")
	created := read[Items[CostRate]](anna.put("/cost-rates/day", object{"currency": "EUR", "energy": []object{{"up_to_wh": 1, "per_kwh": "0.30"}}}).is(http.StatusOK))
	if len(created.Items) != 1 || created.Items[0].Energy[0].PerKWh != "0.3" {
		t.Errorf("%+v", created)
	}
}

func TestOtherBankDataWaitForASecondPerson(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, olga := w.as("anna"), w.as("olga")
		cafe := read[Entity](anna.get("/entities/cafe").is(http.StatusOK))
		stored := *cafe.Bank
		cafe.Bank = &Bank{Holder: "Somebody", IBAN: "DE02 1203 0000 0000 2020 51"}
		cafe.Phone = "+49 40 1"
		saved := anna.replace("/entities/cafe", cafe).is(http.StatusAccepted)
		change := read[SavedEntity](saved)
		if change.Phone != "+49 40 1" || *change.Bank != stored || change.BankChange == "" || saved.header.Get("Location") != change.BankChange {
			t.Fatalf("%s", saved.body)
		}
		anna.post(change.BankChange+"/approve", nil).problem(http.StatusForbidden, "proposal_same_person")
		if got := read[BankChange](olga.post(change.BankChange+"/approve", nil).is(http.StatusOK)); got.State != "approved" || got.DecidedBy != "olga" {
			t.Errorf("%+v", got)
		}
		if now := read[Entity](anna.get("/entities/cafe")); now.Bank.IBAN != "DE02120300000000202051" {
			t.Errorf("%+v", now.Bank)
		}
		olga.post(change.BankChange+"/reject", nil).problem(http.StatusConflict, "proposal_decided")

		file := `{"entities": [{"key": "cafe", "parent": "musterstrom", "name": "Café", "country": "DE",` + "\t" +
			`"bank": {"holder": "Thief", "iban": "DE91100000000123456789"}}]}`
		imported := read[ImportedNetwork](anna.post("/network", file).is(http.StatusOK))
		if len(imported.BankChanges) != 1 {
			t.Fatalf("%+v", imported)
		}
		if now := read[Entity](anna.get("/entities/cafe")); now.Bank.IBAN != "DE02120300000000202051" || now.Name != "Café" {
			t.Errorf("%+v", now)
		}
		if got := read[BankChange](anna.post(imported.BankChanges[0]+"/reject", nil).is(http.StatusOK)); got.State != "rejected" {
			t.Errorf("%+v", got)
		}
		cafe.Bank.IBAN = "DE02120300000000202052"
		anna.replace("/entities/cafe", cafe).is(http.StatusUnprocessableEntity)
		if waiting := all[BankChange](anna, "/bank-changes?waiting=true"); len(waiting) != 0 {
			t.Errorf("%+v", waiting)
		}
		if list := all[BankChange](anna, "/bank-changes?entity=cafe&limit=1"); len(list) != 2 {
			t.Errorf("%+v", list)
		}
	})
}

func TestTheAPIIsNoWayAroundTheSecondPerson(t *testing.T) {
	w := newWorld(t)
	anna, olga := w.as("anna"), w.as("olga")
	cafe := read[object](anna.get("/entities/cafe").is(http.StatusOK))
	cafe["alternate_credit_address"] = "stadtwerke"
	saved := read[SavedEntity](anna.replace("/entities/cafe", cafe).is(http.StatusAccepted))
	if len(saved.Changes) != 1 || saved.AlternateCredit != "" {
		t.Fatalf("%+v", saved)
	}
	change := read[Change](anna.get(saved.Changes[0]).is(http.StatusOK))
	if change.Matter != "alternate_address" || change.Subject != "cafe" || string(change.After) != `"stadtwerke"` || change.AskedBy != "anna" || change.State != "waiting" {
		t.Errorf("%+v", change)
	}
	anna.post(saved.Changes[0]+"/approve", nil).problem(http.StatusForbidden, "proposal_same_person")

	file := `{"entities": [{"key": "cafe", "parent": "musterstrom", "name": "Café", "country": "DE", "alternate_credit_address": "hotelgruppe"}],
		"settings": {"second_person": ""}}`
	imported := read[ImportedNetwork](anna.post("/network", file).is(http.StatusOK))
	if len(imported.Waiting) != 2 {
		t.Fatalf("%+v", imported)
	}
	anna.do(http.MethodPatch, "/settings", object{"second_person": "bank"}).is(http.StatusOK)
	if now := read[map[string]string](anna.get("/settings")); now["second_person"] != "bank,alternate_address" {
		t.Errorf("%q", now["second_person"])
	}
	if now := read[object](anna.get("/entities/cafe")); now["alternate_credit_address"] != nil {
		t.Errorf("%v", now["alternate_credit_address"])
	}
	if got := read[Change](olga.post(imported.Waiting[0]+"/approve", nil).is(http.StatusOK)); got.State != "approved" || got.DecidedBy != "olga" {
		t.Errorf("%+v", got)
	}
	if waiting := all[Change](anna, "/changes?waiting=true"); len(waiting) != 1 || waiting[0].Matter != "setting" {
		t.Errorf("%+v", waiting)
	}
	if list := all[Change](anna, "/changes?subject=cafe&limit=1"); len(list) != 2 {
		t.Errorf("%+v", list)
	}
}

func TestTheCreditorAccountIsSavedAndAudited(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		cafe := read[Entity](anna.get("/entities/cafe").is(http.StatusOK))
		cafe.CreditorAccount = "70001"
		anna.replace("/entities/cafe", cafe).is(http.StatusOK)
		if now := read[Entity](anna.get("/entities/cafe")); now.CreditorAccount != "70001" {
			t.Errorf("%+v", now)
		}
		if body := anna.get("/network").is(http.StatusOK).body; !bytes.Contains(body, []byte(`"creditor_account":"70001"`)) {
			t.Errorf("%s", body)
		}
		audited := all[AuditEntry](anna, "/audit?limit=500")
		if last := audited[0]; last.Subject != "cafe" || !strings.Contains(last.After, `"creditor_account":"70001"`) || strings.Contains(last.Before, "creditor_account") {
			t.Errorf("%+v", last)
		}
	})
}

func TestTheOperatorIsPutWithItsZone(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	own := read[object](anna.get("/entities/musterstrom").is(http.StatusOK))
	own["phone"] = "+49 40 2"
	anna.replace("/entities/musterstrom", own).is(http.StatusOK)
	own["time_zone"] = "Mars/Olympus"
	p := anna.replace("/entities/musterstrom", own).problem(http.StatusUnprocessableEntity, intake.FaultRecord)
	if p.Errors[0].Location != "body.time_zone" {
		t.Errorf("%+v", p.Errors)
	}
}

func TestANetworkFileIsImportedAsAWhole(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	whole := string(anna.get("/network").is(http.StatusOK).body)
	for _, c := range read[ImportedNetwork](anna.post("/network", whole).is(http.StatusOK)).Network {
		if c.Created+c.Updated > 0 {
			t.Errorf("%+v", c)
		}
	}
	yaml := "entities:\n  - {key: neu, parent: musterstrom, name: Neu, country: DE}\n  - {key: alt, parent: nobody, name: Alt, country: DE}\n"
	p := anna.with("Content-Type", "application/yaml").post("/network", yaml).problem(http.StatusUnprocessableEntity, "tree_orphan")
	if p.Errors[0].Args["line"] != "3" {
		t.Errorf("%+v", p.Errors)
	}
	anna.get("/entities/neu").problem(http.StatusNotFound, "entity_unknown")
	yaml, _, _ = strings.Cut(yaml, "  - {key: alt")
	anna.with("Content-Type", "application/yaml").post("/network", yaml).is(http.StatusOK)
	anna.get("/entities/neu").is(http.StatusOK)
	anna.post("/network", "{").problem(http.StatusUnprocessableEntity, "request_invalid")
}
