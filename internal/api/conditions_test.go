package api

import (
	"maps"
	"net/http"
	"strings"
	"testing"
)

// conditional is a record that is put: how to read it and how to change it.
type conditional struct{ path, field, mine, theirs string }

func conditionals() []conditional {
	return []conditional{
		{"/entities/cafe", "phone", "+49 1", "+49 2"},
		{"/stations/SWB-01", "name", "Mine", "Theirs"},
		{"/charge-point-tariffs/LP-FLAT", "name", "Mine", "Theirs"},
		{"/community-tariffs/COM-AC", "name", "Mine", "Theirs"},
		{"/number-ranges/gs", "name", "Mine", "Theirs"},
		{"/tax-accounts/de-19", "ledger_account", "1111", "2222"},
	}
}

// with is the record with a value in its field.
func (r conditional) with(stored object, value string) object {
	other := maps.Clone(stored)
	other[r.field] = value
	return other
}

func TestWhatAnotherPersonChangedIsNotReplaced(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, olga := w.as("anna"), w.as("olga")
		for _, r := range conditionals() {
			read1 := anna.get(r.path).is(http.StatusOK)
			tag, stored := read1.header.Get("ETag"), read[object](read1)
			if !strings.HasPrefix(tag, `"`) {
				t.Fatalf("%s: ETag %q", r.path, tag)
			}

			// The network came by a file: a program has to have read what it replaces.
			anna.put(r.path, r.with(stored, r.mine)).problem(http.StatusPreconditionRequired, "record_unread")
			olga.with("If-Match", tag).put(r.path, r.with(stored, r.theirs)).is(http.StatusOK)
			for _, header := range []string{tag, `"other"`, "W/" + tag} {
				p := anna.with("If-Match", header).put(r.path, r.with(stored, r.mine)).problem(http.StatusPreconditionFailed, "record_changed")
				if !strings.Contains(p.Detail, "olga") || !strings.Contains(p.Detail, r.field) {
					t.Errorf("%s: %s", r.path, p.Detail)
				}
			}
			p := anna.put(r.path, r.with(stored, r.mine)).problem(http.StatusPreconditionRequired, "record_unread")
			if !strings.Contains(p.Detail, "olga") || !strings.Contains(p.Detail, "If-Match") {
				t.Errorf("%s: %s", r.path, p.Detail)
			}
			now := read[object](anna.get(r.path))
			if now[r.field] != r.theirs {
				t.Fatalf("%s: the change of another person was overwritten: %v", r.path, now)
			}

			// Putting what is there changes nothing, and one's own change may be replaced.
			anna.put(r.path, now).is(http.StatusOK)
			saved := anna.replace(r.path, r.with(stored, r.mine)).is(http.StatusOK)
			if got := anna.get(r.path).header.Get("ETag"); got != saved.header.Get("ETag") || got == tag {
				t.Errorf("%s: ETag %s, then %s", r.path, saved.header.Get("ETag"), got)
			}
			anna.put(r.path, stored).is(http.StatusOK)
			if got := anna.get(r.path).header.Get("ETag"); got != tag {
				t.Errorf("%s is not what it was: %s", r.path, got)
			}
			olga.with("If-Match", "*").put(r.path, r.with(stored, r.theirs)).is(http.StatusOK)
		}
	})
}

func TestCreatingNeverOverwrites(t *testing.T) {
	w := newWorld(t)
	anna, olga := w.as("anna"), w.as("olga")
	only := anna.with("If-None-Match", "*")
	for _, r := range conditionals() {
		stored := read[object](anna.get(r.path).is(http.StatusOK))
		p := only.put(r.path, stored).problem(http.StatusPreconditionFailed, "key_taken")
		if p.Detail == "" {
			t.Error("no sentence")
		}
	}
	rate := object{"currency": "EUR", "energy": []object{{"up_to_wh": 1, "per_kwh": "0.30"}}}
	created := only.put("/cost-rates/weekend", rate).is(http.StatusOK)
	only.put("/cost-rates/weekend", rate).problem(http.StatusPreconditionFailed, "key_taken")
	if created.header.Get("ETag") != anna.get("/cost-rates/weekend").header.Get("ETag") {
		t.Error("the new record has another ETag")
	}
	rate["energy"] = []object{{"up_to_wh": 1, "per_kwh": "0.31"}}
	olga.put("/cost-rates/weekend", rate).problem(http.StatusPreconditionRequired, "record_unread")
	anna.put("/cost-rates/weekend", rate).is(http.StatusOK)
	anna.with("If-Match", `"x"`).put("/cost-rates/evening", rate).problem(http.StatusPreconditionFailed, "key_unknown")
	anna.with("If-None-Match", `"x"`).put("/cost-rates/evening", rate).problem(http.StatusUnprocessableEntity, "request_invalid")
	anna.get("/cost-rates/evening").is(http.StatusNotFound)
}

// A program that sends the bank data it read must not bring back those of before.
func TestBankDataArePartOfWhatAProgramReplaces(t *testing.T) {
	w := newWorld(t)
	anna, olga := w.as("anna"), w.as("olga")
	before := anna.get("/entities/cafe").is(http.StatusOK)
	cafe := read[Entity](before)
	cafe.Bank = &Bank{Holder: "Café", IBAN: "DE02120300000000202051"}
	change := read[SavedEntity](anna.replace("/entities/cafe", cafe).is(http.StatusAccepted))
	olga.post(change.BankChange+"/approve", nil).is(http.StatusOK)
	late := anna.with("If-Match", before.header.Get("ETag"))
	late.put("/entities/cafe", read[object](before)).problem(http.StatusPreconditionFailed, "record_changed")
	cafe = read[Entity](anna.get("/entities/cafe"))
	cafe.Bank = nil // stays as it is
	cafe.Phone = "+49 40 5"
	if saved := read[SavedEntity](anna.replace("/entities/cafe", cafe).is(http.StatusOK)); saved.Bank.IBAN != "DE02120300000000202051" || len(saved.Changes) > 0 {
		t.Errorf("%+v", saved)
	}
}

func TestSettingsAndWebhooksAreChangedConditionally(t *testing.T) {
	w := newWorld(t)
	anna, olga := w.as("anna"), w.as("olga")
	tag := anna.get("/settings").is(http.StatusOK).header.Get("ETag")
	olga.with("If-Match", tag).do(http.MethodPatch, "/settings", object{"payment_terms.net_days": "20"}).is(http.StatusOK)
	p := anna.with("If-Match", tag).do(http.MethodPatch, "/settings", object{"payment_terms.net_days": "30"}).problem(http.StatusPreconditionFailed, "record_changed")
	if !strings.Contains(p.Detail, "olga") || !strings.Contains(p.Detail, "payment_terms.net_days") {
		t.Error(p.Detail)
	}
	if now := read[map[string]string](anna.get("/settings")); now["payment_terms.net_days"] != "20" {
		t.Error(now["payment_terms.net_days"])
	}

	spec := object{"url": "https://erp.example/in", "events": []string{"run.drafted"}}
	added := anna.post("/webhooks", spec).is(http.StatusCreated)
	path := added.header.Get("Location")
	tag = anna.get(path).header.Get("ETag")
	spec["description"] = "theirs"
	olga.put(path, spec).problem(http.StatusPreconditionRequired, "record_unread")
	olga.with("If-Match", tag).put(path, spec).is(http.StatusOK)
	spec["description"] = "mine"
	anna.with("If-Match", tag).put(path, spec).problem(http.StatusPreconditionFailed, "record_changed")
	if got := read[Webhook](anna.get(path)); got.Description != "theirs" {
		t.Errorf("%+v", got)
	}
}

// A repetition with another condition is another request.
func TestTheIdempotencyKeyKnowsTheCondition(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna").with(keyHeader, "once")
	stored := read[object](anna.get("/number-ranges/gs").is(http.StatusOK))
	anna.with("If-Match", "*").put("/number-ranges/gs", stored).is(http.StatusOK)
	anna.put("/number-ranges/gs", stored).problem(http.StatusUnprocessableEntity, "idempotency_key_reused")
}
