package api

import (
	"net/http"
	"net/url"
	"testing"

	"creditrun/internal/payouts"
)

// A program keeps its keys with documents, payouts and entities, and asks by them.
func TestKeysOfAnotherSystemAreKept(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix, anna, paul := w.as("felix"), w.as("anna"), w.as("paul")
		notes := all[Note](felix, "/credit-notes")
		first, second := notes[0].Number, notes[1].Number
		path := func(number string) string { return "/credit-notes/" + url.PathEscape(number) + "/external-id" }
		felix.post(path(first), object{"external_id": "4500012345"}).is(http.StatusNoContent)
		felix.post(path(second), object{"external_id": "4500012345"}).problem(http.StatusConflict, "external_id_taken")
		felix.post(path(second), object{"external_id": " x"}).problem(http.StatusUnprocessableEntity, "external_id_malformed")
		paul.post(path(first), object{"external_id": "1"}).is(http.StatusForbidden)
		if found := all[Note](felix, "/credit-notes?external_id=4500012345"); len(found) != 1 || found[0].Number != first || found[0].ExternalID != "4500012345" {
			t.Errorf("found %+v", found)
		}
		if one := read[ShownNote](felix.get("/credit-notes/" + url.PathEscape(first)).is(http.StatusOK)); one.ExternalID != "4500012345" {
			t.Errorf("the note has the external id %q", one.ExternalID)
		}
		felix.post(path(first), object{"external_id": ""}).is(http.StatusNoContent)
		felix.post(path(second), object{"external_id": "4500012345"}).is(http.StatusNoContent)

		batch := read[payouts.BatchJSON](felix.post("/payout-batches", object{"requested_date": "2026-12-30"}).is(http.StatusCreated))
		payout := batch.Payouts[0].Payout
		felix.post("/payouts/"+payout+"/external-id", object{"external_id": "4500012345"}).is(http.StatusNoContent)
		if found := all[Payout](felix, "/payouts?external_id=4500012345"); len(found) != 1 || found[0].Payout != payout || found[0].ExternalID != "4500012345" {
			t.Errorf("found %+v", found)
		}

		hotel := read[Entity](anna.get("/entities/hotelgruppe").is(http.StatusOK))
		hotel.ExternalID = "CRM-1"
		anna.header.Set("If-Match", "*")
		anna.put("/entities/hotelgruppe", hotel).is(http.StatusOK)
		if found := all[Entity](anna, "/entities?external_id=CRM-1"); len(found) != 1 || found[0].Key != "hotelgruppe" {
			t.Errorf("found %+v", found)
		}
	})
}
