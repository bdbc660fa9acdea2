package web

import (
	"net/http"
	"testing"
)

func TestPeopleLogIn(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		b := w.outsider()
		if p := b.get("/ranges"); p.path != "/login" {
			t.Errorf("an outsider is sent to %s, want /login", p.path)
		}
		p := b.post("/login", "name", "anna", "password", "wrong", "next", "/ranges")
		if p.status != http.StatusForbidden {
			t.Errorf("a wrong password gives status %d, want 403", p.status)
		}
		p = b.post("/login", "name", "Anna ", "password", password, "next", "/ranges")
		p.shows(t, "Number ranges", "GS-{YYYY}-{SEQ:5}", "GS-2026-00001")
		if p.path != "/ranges" {
			t.Errorf("after the login the browser is at %s, want /ranges", p.path)
		}
		b.post("/logout")
		if p := b.get("/ranges"); p.path != "/login" {
			t.Errorf("after the logout the browser is at %s, want /login", p.path)
		}
	})
}
