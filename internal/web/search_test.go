package web

import (
	"net/url"
	"strings"
	"testing"

	"creditrun/creditnotes"
)

// One field finds numbers, names, sessions and amounts, as far as the visitor
// sees them.
func TestOneSearchFindsWhatTheVisitorSees(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna, paul := w.as("anna"), w.as("paul")
		find := func(b *browser, text string) reply { return b.get("/search?q=" + url.QueryEscape(text)) }
		var own, foreign *creditnotes.Note
		for _, n := range w.issuedNotes() {
			if n.Recipient == subCPO {
				own = n
			} else {
				foreign = n
			}
		}
		for text, want := range map[string]string{own.Number: "/notes/" + own.Number, strings.ToLower(own.Number): "/notes/" + own.Number, "hotelgruppe": "/entities/hotelgruppe", "SWB-01": "/stations/SWB-01", "2026-10": "/runs/2026-10", "com-ac": "/tariffs/community/COM-AC"} {
			if p := find(anna, text); p.path != want {
				t.Errorf("%s leads to %s", text, p.path)
			}
		}
		if p := find(paul, own.Number); p.path != "/notes/"+own.Number {
			t.Errorf("the own number leads to %s", p.path)
		}
		amount := strings.Replace(w.server.Texts.AmountPlain("en", 2, own.Gross), "-", "", 1)
		find(anna, amount).shows(t, "Documents with this amount", own.Number)
		find(anna, strings.ReplaceAll(amount, ",", "")).shows(t, own.Number)
		anna.get("/notes?amount="+url.QueryEscape(amount)).shows(t, own.Number)
		find(anna, "muster").shows(t, "Owners and recipients", "Stations", "Hotelgruppe Muster")
		row := w.aSession(creditnotes.SessionFilter{State: creditnotes.SessionCredited})
		if p := find(anna, row.Session.ExternalID); !strings.HasPrefix(p.path, "/sessions/") {
			t.Errorf("a session leads to %s", p.path)
		}
		for _, text := range []string{foreign.Number, "hotelgruppe", "com-ac", "no such thing", "%", "'"} {
			find(paul, text).shows(t, "Nothing found")
		}
	})
}

// The key / leads to the search, but not where something is typed.
func TestAKeyLeadsToTheSearch(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.as("anna")
		press := `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true, cancelable: true}))`
		ask[bool](c, press)
		if got := ask[string](c, "document.activeElement.id"); got != "search" {
			t.Errorf("the focus is at %q", got)
		}
		c.open("/ranges/gs")
		ask[bool](c, `(() => { document.querySelector("[name=name]").focus(); return `+press+` })()`)
		if got := ask[string](c, "document.activeElement.name"); got != "name" {
			t.Errorf("typing / leads to %q", got)
		}
		c.open("/search?q=muster")
		if found := c.complaints(); len(found) > 0 {
			t.Error(found)
		}
	})
}
