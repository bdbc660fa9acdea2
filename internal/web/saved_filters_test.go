package web

import (
	"net/url"
	"testing"
)

// Accounting looks at the same list every month: a filter gets a name, stands above
// the list for the person who saved it, and goes again.
func TestFiltersAreSavedForAPerson(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix, anna := w.as("felix"), w.as("anna")
		query := url.Values{"kind": {"invoice"}, "standing": {"issued"}}.Encode()
		felix.get("/notes").lacks(t, "Save filter")
		felix.get("/notes?"+query).shows(t, "Save filter")
		save := func(name string) reply { return felix.post("/filters", "path", "/notes", "query", query, "name", name) }
		save("Fees").shows(t, "The filter “Fees” is saved.", `href="/notes?kind=invoice&amp;standing=issued" aria-current="page">Fees</a>`)
		save("").shows(t, "The filter was not saved")
		felix.get("/notes").shows(t, ">Fees</a>")
		felix.get("/sessions").lacks(t, ">Fees</a>")
		anna.get("/notes").lacks(t, ">Fees</a>")
		if p := felix.post("/filters", "path", "https://elsewhere.example/", "query", query, "name", "x"); p.status == 200 {
			t.Error("a filter leads elsewhere")
		}
		saved, err := w.store.SavedFilters(t.Context(), w.user(t, "felix").ID, "/notes")
		must(t, err)
		anna.post("/filters/1/delete", "back", "/notes")
		felix.get("/notes").shows(t, ">Fees</a>")
		if len(saved) != 1 {
			t.Fatalf("%d filters are saved", len(saved))
		}
		felix.post("/filters/1/delete", "back", "/notes").lacks(t, ">Fees</a>")
	})
}
