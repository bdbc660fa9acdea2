package web

import (
	"net/http"
	"strings"
	"testing"
)

// Accounting keeps the keys of its own system beside documents: they are found,
// exported and unlike each other, and the documents stay what they were.
func TestKeysOfAnotherSystemStandBesideDocuments(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, paul := w.as("anna"), w.as("paul")
		notes := w.issuedNotes()
		first, second := notes[0], notes[1]
		path := "/notes/" + first.Number
		anna.post(path+"/external-id", "external_id", " 4500012345 ").shows(t, "The external id of "+first.Number+" is saved.", "4500012345")
		anna.post("/notes/"+second.Number+"/external-id", "external_id", "4500012345").refuses(t, http.StatusConflict, "is already that of “"+first.Number+"”")
		anna.post("/notes/"+second.Number+"/external-id", "external_id", strings.Repeat("x", 101)).refuses(t, http.StatusUnprocessableEntity, "is no valid one")
		if p := paul.post(path+"/external-id", "external_id", "1"); p.status == http.StatusOK {
			t.Error("a Sub-CPO sets the external id of a document")
		}

		if p := anna.get("/search?q=4500012345"); p.path != path {
			t.Errorf("the external id leads to %s", p.path)
		}
		list := anna.get("/notes?external_id=4500012345")
		list.shows(t, first.Number)
		list.lacks(t, second.Number)
		anna.get("/notes.csv?external_id=4500012345").shows(t, "4500012345")
		now, err := w.store.NoteByNumber(t.Context(), first.Number)
		must(t, err)
		if now.Hash != first.Hash {
			t.Error("the document is another one")
		}
		anna.get("/audit").shows(t, "External id of a document changed", "4500012345")

		anna.post(path+"/external-id", "external_id", "").shows(t, "none")
		anna.post("/notes/"+second.Number+"/external-id", "external_id", "4500012345").shows(t, "is saved.")
	})
}

// Payouts and entities are found by the keys of another system, too, and no two
// entities have the same.
func TestPayoutsAndEntitiesHaveKeysOfAnotherSystem(t *testing.T) {
	w := newWorld(t)
	felix, anna := w.as("felix"), w.as("anna")
	felix.post("/payouts/prepare", "date", payoutDay)
	p := w.firstPayout(1)
	felix.post("/payouts/"+p.Number+"/external-id", "external_id", "SAP 9").shows(t, "The external id of "+p.Number+" is saved.", "SAP 9")
	felix.post("/payouts/"+p.Number+"/external-id", "external_id", "Münze").refuses(t, http.StatusUnprocessableEntity, "is no valid one", "Münze")
	if found := felix.get("/search?q=SAP+9"); found.path != "/payouts/"+p.Number {
		t.Errorf("the external id leads to %s", found.path)
	}
	for _, key := range []string{"hotelgruppe", subCPO} {
		path := "/entities/" + key + "/edit"
		saved := anna.submit(path, anna.get(path).form(), "external_id", "CRM-1", "confirm_password", password)
		if key == "hotelgruppe" {
			saved.shows(t, "is saved.", "CRM-1")
		} else {
			saved.refuses(t, http.StatusUnprocessableEntity, "is already that of “hotelgruppe”")
		}
	}
	if found := felix.get("/search?q=CRM-1"); found.path != "/entities/hotelgruppe" {
		t.Errorf("the external id leads to %s", found.path)
	}
}
