package api

import (
	"net/http"
	"testing"
)

// A program makes records, and deletes those that nothing refers to.
func TestRecordsThatNothingRefersToAreDeleted(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, vera := w.as("anna"), w.as("vera")
		anna.put("/sales-tariffs/STAFF", object{"name": "Staff", "key": "STAFF", "sales": []object{{"rate": "com-ac"}}}).is(http.StatusOK)
		anna.put("/media/04FFEE01", object{"uid": "04FFEE01", "issuer": "stadtwerke", "sales_tariff": "STAFF"}).is(http.StatusOK)
		anna.put("/partners/DE*QQQ", object{"country_code": "DE", "party_id": "QQQ", "name": "Q Mobility"}).is(http.StatusOK)
		anna.put("/partners/DE*QQQ", object{"country_code": "FR", "party_id": "QQQ"}).is(http.StatusUnprocessableEntity)
		anna.put("/tax-accounts/spare", object{"name": object{"en": "Spare"}, "category": "S", "rates": []object{{"from": "2026-01-01", "percent": "7"}}}).is(http.StatusOK)
		anna.put("/contracts/spare", object{"owner": "stadtwerke", "title": "Spare", "from": "2030-01"}).is(http.StatusOK)

		vera.get("/media").is(http.StatusForbidden)
		vera.delete("/media/04FFEE01").is(http.StatusForbidden)
		anna.delete("/sales-tariffs/STAFF").problem(http.StatusConflict, "record_in_use")
		anna.delete("/tax-accounts/de-19").problem(http.StatusConflict, "record_in_use")
		anna.delete("/entities/stadtwerke").problem(http.StatusConflict, "record_in_use")
		anna.delete("/cost-rates/com-ac").problem(http.StatusConflict, "record_in_use")
		anna.delete("/partners/DE*GON").problem(http.StatusNotFound, "key_unknown")

		tag := anna.get("/media/04FFEE01").is(http.StatusOK).header.Get("ETag")
		anna.put("/media/04FFEE01", object{"uid": "04FFEE01", "issuer": "hotelgruppe", "sales_tariff": "STAFF"}).is(http.StatusOK)
		stale := w.as("anna")
		stale.header.Set("If-Match", tag)
		stale.delete("/media/04FFEE01").problem(http.StatusPreconditionFailed, "record_changed")
		for _, path := range []string{"/media/04FFEE01", "/sales-tariffs/STAFF", "/partners/DE*QQQ", "/tax-accounts/spare", "/contracts/spare"} {
			anna.delete(path).is(http.StatusNoContent)
			anna.get(path).problem(http.StatusNotFound, "key_unknown")
		}
	})
}

// A check says what a file would do, and does nothing.
func TestFilesAreCheckedByTheAPI(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	before := anna.get("/network").is(http.StatusOK).body
	network := object{"entities": []object{{"key": "new-owner", "parent": "musterstrom", "name": "New owner", "country": "DE"}}}
	would := read[ImportedNetwork](anna.post("/network?check=true", network).is(http.StatusOK))
	if len(would.Network) == 0 || string(anna.get("/network").is(http.StatusOK).body) != string(before) {
		t.Errorf("a check changes the network: %+v", would)
	}
}
