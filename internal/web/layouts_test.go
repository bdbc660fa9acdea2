package web

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"creditrun/creditnotes"
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

// preview is what a browser asked for and was answered.
type preview struct{ asked, pdf []byte }

// previews keeps the previews that a browser asks for.
func (w *world) previews() <-chan preview {
	list, pages := make(chan preview, 20), w.http.Config.Handler
	w.http.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/preview") {
			pages.ServeHTTP(rw, r)
			return
		}
		asked, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(asked))
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			rw.Header()[name] = values
		}
		rw.WriteHeader(answer.Code)
		list <- preview{asked, bytes.Clone(answer.Body.Bytes())}
		_, _ = io.Copy(rw, answer.Body)
	})
	return list
}

func TestThePreviewOfALayoutFollowsWhatIsTyped(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		_, err := c.w.store.SetSettings(t.Context(), "anna", []creditnotes.Setting{{Key: "layouts.winter.name", Value: "Winter"}})
		must(t, err)
		list := c.w.previews()
		follows := func(what string, shows func(preview) bool) {
			t.Helper()
			for deadline := time.After(20 * time.Second); ; {
				select {
				case one := <-list:
					if shows(one) {
						return
					}
				case <-deadline:
					t.Fatalf("no preview shows %s", what)
				}
			}
		}
		reads := func(text string) func(preview) bool {
			return func(one preview) bool {
				return slices.ContainsFunc(pdftest.Read(t, one.pdf), func(p pdftest.Printed) bool { return p.Text == text })
			}
		}
		sends := func(text string) func(preview) bool {
			return func(one preview) bool {
				return bytes.Contains(one.asked, []byte(text)) && len(pdftest.Violations(one.pdf)) == 0
			}
		}
		c.as("anna")
		c.open("/layouts/winter")
		entries := ask[int](c, "history.length")
		c.fill("textarea[name='header.de']", "Kopf mit Sternen")
		follows("the header", reads("Kopf mit Sternen"))
		c.fill("textarea[name='footer.de']", "Neuer Fuß")
		follows("the footer", reads("Neuer Fuß"))
		c.fill("textarea[name='intro.de']", "Guten Tag")
		follows("the introduction", reads("Guten Tag"))
		ask[bool](c, `(() => { const color = document.querySelector("input[name=color]"); color.value = "#aa0000"; document.querySelector("[name=color_standing]").checked = false;
			color.dispatchEvent(new Event("input", {bubbles: true})); return true })()`)
		follows("the color", sends("#aa0000"))
		logo := filepath.Join(t.TempDir(), "logo.svg")
		must(t, os.WriteFile(logo, []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0h10v10z" fill="#00ee00"/></svg>`), 0o600))
		c.do(chromedp.SetUploadFiles(chromedp.CSS("input[name=logo]"), []string{logo}))
		follows("the logo", sends("#00ee00"))
		if now := ask[int](c, "history.length"); now != entries {
			t.Errorf("%d previews are in the history", now-entries)
		}
		if kept := c.w.settings(t).Layouts["winter"]; len(kept["header.de"])+len(kept["logo"])+len(kept["color"]) > 0 {
			t.Errorf("the preview was saved: %v", kept)
		}
		c.press(".actions.save button")
		c.untilShown("5 settings are changed")
	})
}
