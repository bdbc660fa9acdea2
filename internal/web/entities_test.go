package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// refresh asks for a part of a page, as htmx does.
func (b *browser) refresh(method, path, form string) reply {
	b.w.t.Helper()
	r, err := http.NewRequest(method, b.w.http.URL+path, strings.NewReader(form))
	must(b.w.t, err)
	r.Header.Set("HX-Request", "true")
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// change stores entities as they are after a change.
func (w *world) change(change func(e *entities.Entity), keys ...string) {
	w.t.Helper()
	config, err := w.store.Configuration(w.t.Context())
	must(w.t, err)
	changed := &creditnotes.Configuration{}
	for _, e := range config.Entities {
		for _, key := range keys {
			if e.Key == key {
				change(&e)
				changed.Entities = append(changed.Entities, e)
			}
		}
	}
	_, err = w.store.SaveConfiguration(w.t.Context(), "test", changed, nil)
	must(w.t, err)
}

// entity is an entity as it is stored.
func (w *world) entity(key string) entities.Entity {
	w.t.Helper()
	config, err := w.store.Configuration(w.t.Context())
	must(w.t, err)
	for _, e := range config.Entities {
		if e.Key == key {
			return e
		}
	}
	return entities.Entity{}
}

func TestTreeIsOpenedLevelByLevel(t *testing.T) {
	w := newWorld(t)
	w.change(func(e *entities.Entity) { e.Active, e.AlternateCredit = false, "" }, "hotel-alpen")
	w.change(func(e *entities.Entity) { e.Emails, e.Agreement = nil, entities.Agreement{} }, "stadtwerke-wohnen")
	anna := w.as("anna")
	top := anna.get("/entities")
	top.shows(t, "Musterstrom", `href="/entities/stadtwerke"`, "3 sub-entities", `hx-get="/entities?beneath=stadtwerke"`, "New entity")
	top.lacks(t, "stadtwerke-parken")
	t.Run("without script a level is a page", func(t *testing.T) {
		p := anna.get("/entities?beneath=stadtwerke")
		p.shows(t, "<title>", `href="/entities?beneath=musterstrom"`, "Beispielstadt Parken", "credited to Stadtwerke Beispielstadt", "e-mail missing", "agreement missing")
		p.lacks(t, "Hotel Alpenmuster")
	})
	t.Run("with script it is a part", func(t *testing.T) {
		p := anna.refresh("GET", "/entities?beneath=stadtwerke", "")
		p.shows(t, "Beispielstadt Parken")
		p.lacks(t, "<title>", "Musterstrom Ladenetz")
	})
	t.Run("what is inactive says so", func(t *testing.T) {
		anna.get("/entities?beneath=hotelgruppe").shows(t, "Hotel Alpenmuster", `<span class="badge">inactive</span>`)
	})
	anna.get("/entities?beneath=nobody").refuses(t, http.StatusNotFound)
}

func TestEntitiesAreFoundByKeyNameCityAndVATID(t *testing.T) {
	anna := newWorld(t).as("anna")
	for _, text := range []string{"hotel-ALPEN", "alpenmuster", "Innsbruck", "ATU10000005", "atu 1000.0005"} {
		p := anna.get("/entities?q=" + strings.ReplaceAll(text, " ", "+"))
		p.shows(t, `href="/entities/hotel-alpen"`, "1 entity found", "Musterstrom › Hotelgruppe Muster")
	}
	anna.get("/entities?q=nowhere").shows(t, "No entity found.")
	part := anna.refresh("GET", "/entities?q=bremerhaven", "")
	part.shows(t, "WEG Quartier Hafen")
	part.lacks(t, "<title>")
}

func TestSubCPOSeesItsOwnTreeOnly(t *testing.T) {
	paul := newWorld(t).as("paul")
	tree := paul.get("/entities")
	tree.shows(t, "Stadtwerke Beispielstadt", "Beispielstadt Wohnen")
	tree.lacks(t, "/entities/musterstrom", "beneath=musterstrom", "Hotelgruppe", "New entity")
	paul.get("/entities?beneath=stadtwerke-wohnen").shows(t, "WEG Quartier Hafen")
	for _, q := range []string{"hotel", "musterstrom"} {
		paul.get("/entities?q="+q).shows(t, "No entity found.")
	}
	paul.get("/entities/quartier-hafen").lacks(t, "/edit", "Changes in the audit log", "beneath=musterstrom")
	for _, path := range []string{"musterstrom", "hotelgruppe"} {
		for _, page := range []string{"", "/statement", "/statement.csv", "/statement.xlsx"} {
			paul.get("/entities/"+path+page).refuses(t, http.StatusNotFound)
		}
		paul.get("/entities?beneath="+path).refuses(t, http.StatusNotFound)
	}
	for _, path := range []string{"/entities/stadtwerke/edit", "/entities/new", "/entities/new/choices"} {
		paul.get(path).refuses(t, http.StatusForbidden)
	}
	paul.post("/entities/stadtwerke/edit", "name", "Mine").refuses(t, http.StatusForbidden)
	paul.post("/entities/stadtwerke/bank", "iban", "DE02120300000000202051").refuses(t, http.StatusForbidden)
}

func TestTenThousandEntitiesAreNeverShownAtOnce(t *testing.T) {
	w := newWorld(t)
	many := &creditnotes.Configuration{}
	for i := range 10_000 {
		parent := operator
		if i%4 != 0 {
			parent = fmt.Sprintf("0%05d", i/4*4)
		}
		many.Entities = append(many.Entities, entities.Entity{
			Key: fmt.Sprintf("0%05d", i), Parent: parent, Name: fmt.Sprintf("Entity %d", i), City: "Anywhere", Country: "DE", Active: true,
		})
	}
	_, err := w.store.SaveConfiguration(t.Context(), "test", many, nil)
	must(t, err)
	anna := w.as("anna")
	rows := func(path string) int { return strings.Count(anna.get(path).body, `href="/entities/0`) }
	if got := rows("/entities"); got != rowsPerPage {
		t.Errorf("the tree shows %d entities of many", got)
	}
	anna.get("/entities").shows(t, "more …", "after=000196&amp;beneath=musterstrom")
	next := anna.refresh("GET", "/entities?beneath=musterstrom&after=000196", "")
	next.shows(t, `href="/entities/000200"`)
	next.lacks(t, `href="/entities/000196"`)
	if got := rows("/entities?q=anywhere"); got != rowsPerPage {
		t.Errorf("the search shows %d entities of many", got)
	}
	anna.get("/entities?q=anywhere").shows(t, "Rows 1 to 50 of 10,000", "/entities?page=200&amp;q=anywhere")
	if got := strings.Count(anna.refresh("GET", "/entities/new/choices?parent=anywhere", "").body, "<option"); got != rowsPerPage {
		t.Errorf("%d entities can be chosen", got)
	}
}
