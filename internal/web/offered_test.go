package web

import (
	"fmt"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/web/page"
)

// grown gives the network more entities than a page holds.
func (w *world) grown() {
	w.t.Helper()
	config := &creditnotes.Configuration{}
	for i := range page.MaxOffered {
		key := fmt.Sprintf("village-%03d", i)
		config.Entities = append(config.Entities, entities.Entity{Key: key, Name: "Village " + key, Parent: operator, Country: "DE", Active: true})
	}
	_, err := w.store.SaveConfiguration(w.t.Context(), "test", config, nil)
	must(w.t, err)
}

func TestFieldsForKeysSuggestNames(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	anna.get("/tariffs/charge-point/LP-FLAT/edit").shows(t, `<datalist id="stations"><option value="`, `<datalist id="entities"><option value="`, `list="connectors"`)
	p := anna.get("/choices/stations?purchase_0_station=swb-0")
	p.shows(t, `<option value="SWB-01">`)
	p.lacks(t, `value="HOT-01"`)
	anna.get("/choices/connectors?x=e1101").shows(t, `<option value="DE*MST*E1101">`)
	anna.get("/choices/nothing?x=e").lacks(t, "<option")
	paul := w.as("paul").get("/choices/entities?x=e")
	paul.shows(t, `<option value="`+subCPO+`">`)
	paul.lacks(t, `value="hotelgruppe"`, `value="`+operator+`"`)
}

func TestLargeNetworksAreSearchedWhileTyping(t *testing.T) {
	w := newWorld(t)
	w.grown()
	anna := w.as("anna")
	for _, path := range []string{"/tariffs/charge-point/LP-FLAT/edit", "/contracts/new", "/stations/SWB-01", "/notes", "/custom-records/new"} {
		p := anna.get(path)
		p.shows(t, `hx-get="/choices/entities"`, `list="entities"`, `id="entities"`)
		p.lacks(t, "village-007")
	}
	if n := strings.Count(anna.get("/choices/entities?x=village").body, "<option"); n != page.RowsPerPage {
		t.Errorf("%d entities are offered", n)
	}
	anna.get("/choices/entities?owner=village-007&recipient=hotelgr").shows(t, `value="village-007"`, `value="hotelgruppe"`)
}

func TestALargeNetworkIsSearchedInABrowser(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.w.grown()
		c.as("anna")
		for path, field := range map[string]string{"/tariffs/charge-point/LP-FLAT/edit": "purchase_0_company", "/notes": "owner"} {
			c.open(path)
			ask[bool](c, "(() => { document.querySelectorAll('details').forEach(d => d.open = true); return true })()")
			c.fill("input[name="+field+"]", "village-00")
			c.until("entities are offered", `document.querySelector('#entities option[value="village-007"]')`)
			c.leave()
		}
	})
}
