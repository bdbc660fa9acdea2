package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"creditrun/internal/pdf/pdftest"
)

func TestLayoutsAreMadeAndPreviewed(t *testing.T) {
	w := newWorld(t)
	anna, vera := w.as("anna"), w.as("vera")
	if p := anna.post("/layouts", "key", "Not a key", "name", "Winter"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a bad key: status %d", p.status)
	}
	if p := anna.post("/layouts", "key", "winter", "name", "Winter"); p.path != "/layouts/winter" {
		t.Fatalf("%d %s", p.status, p.path)
	}
	anna.post("/layouts/winter", "name", "Winter", "was.name", "Winter",
		"color", "#123456", "was.color", "", "header.de", "Kopf\r\nZwei", "was.header.de", "").shows(t, "2 settings are changed")
	kept := w.settings(t)
	if p := anna.submit("/entities/"+subCPO+"/edit", anna.get("/entities/"+subCPO+"/edit").form(), "layout", "summer"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a layout that is not there: status %d", p.status)
	}
	anna.submit("/entities/"+subCPO+"/edit", anna.get("/entities/"+subCPO+"/edit").form(), "layout", "winter").shows(t, "is saved")
	recipient := w.entity(subCPO)
	if look := kept.LookOf(&recipient, "de"); look.Color != "#123456" || look.Layout == nil || look.Layout.Header != "Kopf\nZwei" {
		t.Errorf("the recipient has %+v", look)
	}
	vera.get("/layouts").shows(t, "winter", `<td class="num">1</td>`)
	if p := anna.post("/layouts/winter", "name", "", "color_standing", "true", "header.de", ""); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "has the layout winter, which does not exist") {
		t.Errorf("a layout that an entity chose is emptied: status %d", p.status)
	}
	if p := vera.get("/layouts/winter"); strings.Contains(p.body, "<button>Save") || p.status != http.StatusOK {
		t.Errorf("a viewer: %d", p.status)
	}
	preview := anna.post("/layouts/winter/preview", "header.de", "Anderer Kopf", "footer.de", "Neuer Fuß", "preview", "de")
	for _, want := range []string{"Anderer Kopf", "Neuer Fuß"} {
		found := slices.ContainsFunc(pdftest.Read(t, []byte(preview.body)), func(p pdftest.Printed) bool { return p.Text == want })
		if !found {
			t.Errorf("the preview lacks %s", want)
		}
	}
	if w.settings(t).Layouts["winter"]["header.de"] != "Kopf\nZwei" {
		t.Error("the preview changed the layout")
	}
	for name, form := range map[string][]string{
		"a bad color": {"color", "red"}, "a long text": {"intro.de", strings.Repeat("a", 1001)},
		"what another person changed meanwhile": {"header.de", "Drei", "was.header.de", "Eins"},
	} {
		if p := anna.post("/layouts/winter", form...); p.status < 400 || w.settings(t).Layouts["winter"]["color"] != "#123456" {
			t.Errorf("%s: status %d", name, p.status)
		}
	}
	if p := anna.get("/layouts/gone"); p.status != http.StatusNotFound {
		t.Errorf("a layout that is not there: status %d", p.status)
	}
}
