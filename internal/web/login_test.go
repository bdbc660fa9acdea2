package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"creditrun/internal/access"
	"creditrun/internal/web/page"
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
		p.shows(t, "Number ranges", "GS-{YYYY}-{SEQ:5}", "GS-2026-000")
		if p.path != "/ranges" {
			t.Errorf("after the login the browser is at %s, want /ranges", p.path)
		}
		b.post("/logout")
		if p := b.get("/ranges"); p.path != "/login" {
			t.Errorf("after the logout the browser is at %s, want /login", p.path)
		}
	})
}

func TestGuessingPasswordsTakesEverLonger(t *testing.T) {
	w := newWorld(t)
	guesser := w.outsider()
	for range 5 {
		guesser.post("/login", "name", "anna", "password", "guess")
	}
	p := guesser.post("/login", "name", "anna", "password", password)
	if p.status != http.StatusForbidden || p.header.Get("Retry-After") == "" || !strings.Contains(p.body, "Wait") {
		t.Errorf("the right password after five guesses: %d\n%s", p.status, p.body)
	}
	w.as("felix") // others are not held up
	w.later(time.Minute)
	w.as("anna")
}

func TestALoginEndsByItself(t *testing.T) {
	w := newWorld(t)
	b := w.as("anna")
	w.later(sessionIdle - time.Minute)
	if p := b.get("/ranges"); p.path != "/ranges" {
		t.Error("the login ended although somebody was there")
	}
	w.later(sessionIdle + time.Minute)
	if p := b.get("/ranges"); p.path != "/login" {
		t.Error("the login goes on although nobody was there")
	}
	busy := w.as("anna")
	for range int(sessionLifetime / time.Hour) {
		w.later(time.Hour)
		busy.get("/ranges")
	}
	w.later(time.Minute)
	if p := busy.get("/ranges"); p.path != "/login" {
		t.Error("the login never ends")
	}
}

func TestTheFirstAdministratorComesByAOneTimeLink(t *testing.T) {
	w := newWorld(t)
	user, err := w.store.AddUser(t.Context(), access.Actor{Name: "test", Server: true}, access.User{Name: "new", Entity: operator, Roles: []access.Role{access.Admin}, Active: true})
	must(t, err)
	secret, hash, err := access.NewSecret()
	must(t, err)
	must(t, w.store.Invite(t.Context(), access.Actor{Name: "test", Server: true}, user.ID, hash, w.clock().Add(time.Hour)))
	b := w.outsider()
	b.get("/invite/"+secret).shows(t, "Set your password", "new")
	if p := b.post("/invite/"+secret, "password", "short", "repeated", "short"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a short password: %d", p.status)
	}
	if p := b.post("/invite/"+secret, "password", password, "repeated", password+"!"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("two different passwords: %d", p.status)
	}
	if p := b.post("/invite/"+secret, "password", password, "repeated", password); p.path != "/" || p.status != http.StatusOK {
		t.Errorf("the link leads to %s: %d", p.path, p.status)
	}
	if p := w.outsider().get("/invite/" + secret); p.status != http.StatusForbidden {
		t.Errorf("the link works twice: %d", p.status)
	}
}

func TestOneTimeCodesAreAskedFor(t *testing.T) {
	w := newWorld(t)
	anna, err := w.store.UserByName(t.Context(), "anna")
	must(t, err)
	secret, err := access.NewTOTPSecret()
	must(t, err)
	must(t, w.store.SetTOTP(t.Context(), access.Actor{Name: "anna", Server: true}, anna.ID, secret))
	code := func() string {
		code, err := totp.GenerateCode(secret, w.clock())
		must(t, err)
		return code
	}
	b := w.outsider()
	if p := b.post("/login", "name", "anna", "password", password, "next", "/ranges"); p.path != "/login/code" {
		t.Fatalf("after the password the browser is at %s", p.path)
	}
	if p := b.get("/ranges"); p.path != "/login" {
		t.Error("the password alone is enough")
	}
	if p := b.post("/login/code", "code", "000000"); p.status != http.StatusForbidden {
		t.Errorf("a wrong code: %d", p.status)
	}
	used := code()
	if p := b.post("/login/code", "code", used); p.path != "/ranges" {
		t.Errorf("after the code the browser is at %s: %d", p.path, p.status)
	}
	other := w.outsider()
	other.post("/login", "name", "anna", "password", password)
	if p := other.post("/login/code", "code", used); p.status != http.StatusForbidden {
		t.Errorf("a code is good for twice: %d", p.status)
	}
	w.later(30 * time.Second)
	if p := other.post("/login/code", "code", code()); p.path != "/" {
		t.Errorf("the next code: %d at %s", p.status, p.path)
	}
}

func TestOtherSitesCannotSendForms(t *testing.T) {
	w := newWorld(t)
	b := w.as("anna")
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"} {
		r, err := http.NewRequest(http.MethodPost, w.http.URL+"/logout", nil)
		must(t, err)
		r.Header.Set(name, value)
		answer, err := b.client.Do(r)
		must(t, err)
		answer.Body.Close()
		if answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %s gives %s", name, value, answer.Status)
		}
	}
	if p := b.get("/ranges"); p.path != "/ranges" {
		t.Error("another site logged anna out")
	}
}

func TestOnlyOwnAddressesAreGoneBackTo(t *testing.T) {
	for target, want := range map[string]string{
		"/runs?month=2026-10": "/runs?month=2026-10", "": "/", "https://elsewhere.example/": "/", "//elsewhere.example": "/",
		`/\elsewhere.example`: "/", "runs": "/", "javascript:alert(1)": "/",
	} {
		if got := page.Local(target); got != want {
			t.Errorf("%q: %q, want %q", target, got, want)
		}
	}
}

func TestCookiesAreForEncryptedConnectionsWhereThePagesAre(t *testing.T) {
	m := page.NewSessions(newWorld(t).store, true)
	if c := m.Cookie; !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Name != "__Host-creditrun" || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie: %+v", c)
	}
}
