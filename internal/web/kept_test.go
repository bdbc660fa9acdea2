package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Anyone who sends a form after the login has expired logs in and is at the form
// again.
func TestAFormSentAfterTheLoginExpiredIsReturnedTo(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	w.later(3 * time.Hour)
	send := func(from string) reply {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.http.URL+"/ranges/gs", strings.NewReader(url.Values{"name": {"x"}}.Encode()))
		must(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Referer", from)
		return anna.send(r)
	}
	asked := send(w.http.URL + "/ranges/gs?a=b")
	asked.shows(t, `<input type="hidden" name="next" value="/ranges/gs?a=b">`, "Your login has expired. Nothing was saved.", "An administrator makes a link")
	for _, elsewhere := range []string{"https://example.com/ranges/gs", w.http.URL + "/nowhere", ""} {
		send(elsewhere).shows(t, `<input type="hidden" name="next" value="/">`)
	}
	p := anna.post("/login", "name", "anna", "password", "wrong", "next", "/ranges/gs", "form", "kept")
	p.refuses(t, http.StatusForbidden, `name="next" value="/ranges/gs"`, "data-kept")
	if p := anna.post("/login", "name", "anna", "password", password, "next", "/ranges/gs", "form", "kept"); p.path != "/ranges/gs" {
		t.Errorf("after the login the browser is at %s", p.path)
	}
}

// What was typed is in the form again, and what others changed meanwhile is
// still noticed.
func TestWhatWasTypedIsThereAfterTheLogin(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		again := func() {
			c.w.later(3 * time.Hour)
			c.press("main form button")
			c.until("the login is asked for", "location.pathname === '/login' && document.querySelector('[data-kept]')")
			c.fill("[name=name]", "anna")
			c.fill("[name=password]", "no")
			c.press("main form button")
			c.untilShown("wrong")
			c.fill("[name=password]", password)
			c.press("main form button")
			c.until("the form is back", "location.pathname === '/ranges/gs' && !document.getElementById('kept').hidden && document.querySelector('[name=name]').value === 'Typed'")
		}
		c.as("anna")
		c.open("/ranges/gs")
		c.fill("[name=name]", "Typed")
		c.press("[name=active]")
		again()
		if ask[bool](c, "document.querySelector('[name=active]').checked") {
			t.Error("what was not ticked is ticked")
		}
		c.press("[name=active]")
		c.press("main form button")
		c.untilShown("gs is saved")

		c.open("/ranges/gs")
		if !ask[bool](c, "document.getElementById('kept').hidden") {
			t.Error("a form that was sent is put back")
		}
		c.fill("[name=pattern]", "GX-{YYYY}-{SEQ:5}")
		olga := c.w.as("olga")
		olga.save("/ranges/gs", "/ranges/gs", "name", "Hers", "pattern", "GS-{YYYY}-{SEQ:5}", "next", "1", "reset", "yearly", "scope", "issuer", "valid_for", "credit_note", "active", "true")
		c.fill("[name=name]", "Typed")
		again()
		c.press("main form button")
		c.untilShown("olga")
	})
}
