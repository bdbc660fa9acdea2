package web

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"creditrun/internal/access"
)

func TestEverybodySeesTheOwnAccount(t *testing.T) {
	w := newWorld(t)
	w.as("anna").get("/account").shows(t, "Anna Admin", "Change users", "Release drafted runs", "You see all entities")
	p := w.as("paul").get("/account")
	p.shows(t, "Paul Portal", "Raise objections", "its sub-entities")
	if strings.Contains(p.body, "Release drafted runs") {
		t.Error("a Sub-CPO is told that it may release")
	}
}

func TestLanguageOfTheAccountCounts(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	vera.post("/preferences", "language", "en", "back", "/account").shows(t, "Your account")
	vera.post("/account/look", "language", "de").shows(t, "Ihr Konto", "werden ab jetzt so angezeigt")
	w.as("vera").get("/account").shows(t, "Ihr Konto")
	if p := vera.post("/account/look", "language", "xx"); p.status != http.StatusUnprocessableEntity || w.user(t, "vera").Language != "de" {
		t.Errorf("status %d", p.status)
	}
}

func TestNumbersAndTimesAreShownAsTheUserChooses(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	vera.get("/notes").shows(t, "€1,")
	vera.post("/account/look", "language", "en", "numbers", "de", "time_zone", "Europe/Lisbon").shows(t, "Your account", "1.234.567,89")
	p := vera.get("/notes")
	p.shows(t, "\u00a0€")
	if strings.Contains(p.body, "€1,") {
		t.Error("amounts are written in the English way")
	}
	vera.get("/account").shows(t, " WET") // of the last login
	for _, wrong := range [][]string{{"numbers", "xx"}, {"time_zone", "Europe/Nowhere"}} {
		if p := vera.post("/account/look", wrong...); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: status %d", wrong, p.status)
		}
	}
	if look := w.user(t, "vera").Look(); look != (access.Look{Language: "en", NumberFormat: "de", TimeZone: "Europe/Lisbon"}) {
		t.Errorf("the look is %+v", look)
	}
}

func TestTheOperatorHasTwoLanguagesAndSubCPOsAll(t *testing.T) {
	w := newWorld(t)
	for _, one := range []struct {
		who    string
		status int
	}{{"vera", http.StatusUnprocessableEntity}, {"paul", http.StatusOK}} {
		if p := w.as(one.who).post("/account/look", "language", "fr"); p.status != one.status {
			t.Errorf("%s chooses French: status %d", one.who, p.status)
		}
	}
	w.as("paul").get("/account").shows(t, `lang="fr"`)
}

var linkOfPage = regexp.MustCompile(`(?:href|hx-get)="(/[^"#]*)`)

// linked adds what a page links to and loads.
func linked(body string, links map[string]bool) {
	for _, m := range linkOfPage.FindAllStringSubmatch(body, -1) {
		links[html.UnescapeString(m[1])] = true
	}
}

// TestThePortalIsWhollyInTheLanguageOfItsVisitor opens every page that a Sub-CPO
// may open and what its links lead to, and sends every form empty. That all
// languages have the same messages is a test of the locales.
func TestThePortalIsWhollyInTheLanguageOfItsVisitor(t *testing.T) {
	w := newWorld(t)
	own, foreign := samplesOf(w)
	english := map[string]string{} // message that is not in French: a route that says it
	var mu sync.Mutex
	route := ""
	w.with(func(o *Options) {
		o.Foreign = func(_, key string) {
			mu.Lock()
			defer mu.Unlock()
			english[key] = route
		}
	})
	paul, links := w.as("paul"), map[string]bool{}
	paul.post("/account/look", "language", "fr").shows(t, `lang="fr"`)
	for _, rt := range w.server.routes {
		if rt.Pattern == "POST /logout" || rt.Pattern == "POST /account/look" {
			continue // would end the login, or French
		}
		for _, of := range [][2]samples{{own, foreign}, {foreign, own}} {
			path, _, err := of[0].path(rt.Pattern, of[1])
			must(t, err)
			route = rt.Pattern
			if strings.HasPrefix(rt.Pattern, "GET ") {
				linked(paul.get(path).body, links)
			} else {
				linked(paul.post(path).body, links)
			}
		}
	}
	for path := range links {
		route = path
		paul.get(path)
	}
	paul.get("/account").shows(t, `lang="fr"`)
	for key, route := range english {
		t.Errorf("%s: the message %s is in English; add it to locales/portal", route, key)
	}
}

func TestOwnPasswordIsChanged(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera, elsewhere := w.as("vera"), w.as("vera")
		const next = "a quite different phrase"
		for _, wrong := range [][]string{
			{"confirm_password", "wrong", "password", next, "repeated", next},
			{"password", next, "repeated", next},
			{"confirm_password", password, "password", next, "repeated", "x"},
			{"confirm_password", password, "password", "short", "repeated", "short"},
		} {
			if p := vera.post("/account/password", wrong...); p.status < 400 || p.status >= 500 {
				t.Errorf("%v: status %d", wrong, p.status)
			}
		}
		elsewhere.get("/account").shows(t, "Your account")
		vera.post("/account/password", "confirm_password", password, "password", next, "repeated", next).shows(t, "Your password is changed")
		vera.get("/account").shows(t, "Your account")
		if p := elsewhere.get("/account"); p.path != "/login" {
			t.Errorf("another login is still at %s", p.path)
		}
		if p := w.outsider().post("/login", "name", "vera", "password", password); p.status != http.StatusForbidden {
			t.Errorf("the old password: status %d", p.status)
		}
		if p := w.outsider().post("/login", "name", "vera", "password", next); p.path != "/" {
			t.Errorf("the new password leads to %s", p.path)
		}
		w.neverLogged(t, next)
	})
}

func TestGuessingTheOldPasswordIsThrottled(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	const next = "a quite different phrase"
	var last reply
	for range 7 {
		last = vera.post("/account/password", "confirm_password", "wrong", "password", next, "repeated", next)
	}
	if last.status != http.StatusForbidden || !strings.Contains(last.body, "Too many failed tries") || last.header.Get("Retry-After") == "" {
		t.Errorf("status %d\n%s", last.status, last.body)
	}
	if p := vera.post("/account/password", "confirm_password", password, "password", next, "repeated", next); p.status != http.StatusForbidden {
		t.Errorf("the right password at once: status %d", p.status)
	}
	w.later(time.Minute)
	vera.post("/account/password", "confirm_password", password, "password", next, "repeated", next).shows(t, "Your password is changed")
}

func TestSecondFactorIsTurnedOnAndOff(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera, elsewhere := w.as("vera"), w.as("vera")
		p := vera.get("/account/totp")
		p.shows(t, `src="data:image/png;base64,`)
		shown := secretOf(t, p)
		if again := secretOf(t, vera.get("/account/totp")); again != shown {
			t.Error("looking again voids the secret")
		}
		secret := strings.ReplaceAll(shown, " ", "")
		code := func() string {
			code, err := totp.GenerateCode(secret, w.clock())
			must(t, err)
			return code
		}
		for _, wrong := range [][]string{{"code", "000000", "confirm_password", password}, {"code", code(), "confirm_password", "wrong"}, {"code", code()}} {
			if p := vera.post("/account/totp", wrong...); p.status != http.StatusForbidden {
				t.Errorf("%v: status %d", wrong, p.status)
			}
		}
		if w.user(t, "vera").TOTPSecret != "" {
			t.Fatal("turned on without being confirmed")
		}
		used := code()
		vera.post("/account/totp", "code", used, "confirm_password", password).shows(t, "The second factor is on")
		if p := elsewhere.get("/account"); p.path != "/login" {
			t.Errorf("another login is still at %s", p.path)
		}
		if p := vera.get("/account/totp"); p.path != "/account" || strings.Contains(p.body, shown) {
			t.Error("the secret is shown again")
		}
		w.neverLogged(t, secret)

		other := w.outsider()
		if p := other.post("/login", "name", "vera", "password", password); p.path != "/login/code" {
			t.Fatalf("the password alone leads to %s", p.path)
		}
		if p := other.post("/login/code", "code", used); p.status != http.StatusForbidden {
			t.Errorf("the code that confirmed it works twice: %d", p.status)
		}
		w.later(time.Minute)
		if p := other.post("/login/code", "code", code()); p.path != "/" {
			t.Errorf("the code leads to %s\n%s", p.path, p.body)
		}

		w.later(time.Minute)
		for _, wrong := range [][]string{{"code", "000000", "confirm_password", password}, {"code", code(), "confirm_password", "wrong"}} {
			if p := vera.post("/account/totp/remove", wrong...); p.status != http.StatusForbidden {
				t.Errorf("%v: status %d", wrong, p.status)
			}
		}
		w.later(time.Minute)
		vera.post("/account/totp/remove", "code", code(), "confirm_password", password).shows(t, "The second factor is off")
		w.as("vera")
	})
}

func TestTokensAreShownOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix")
		felix.get("/account").shows(t, "You have no API token", `value="approve"`)
		secret := secretOf(t, felix.post("/account/tokens", "token_name", "books", "days", "30", "scopes", "read", "scopes", "export", "confirm_password", password))
		token, user, err := w.store.TokenByHash(t.Context(), access.HashSecret(secret))
		if err != nil || user.Name != "felix" || len(token.Scopes) != 2 || !token.ExpiresAt.Equal(today.AddDate(0, 0, 30)) {
			t.Fatalf("%+v, %v, %v", token, user, err)
		}
		w.neverLogged(t, secret)
		p := felix.get("/account")
		p.shows(t, "books", token.Prefix, "valid", "Download files and lists")
		if strings.Contains(p.body, secret) {
			t.Error("the token is shown again")
		}
		path := "/account/tokens/" + formatID(token.ID) + "/revoke"
		if p := w.as("vera").post(path); p.status != http.StatusNotFound {
			t.Errorf("somebody else's token: %d", p.status)
		}
		felix.post(path).shows(t, "The API token is revoked", "revoked")
		if _, _, err := w.store.TokenByHash(t.Context(), access.HashSecret(secret)); err == nil {
			t.Error("it still works")
		}
	})
}

func TestWhatIsWrongWithATokenIsTold(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	head := w.changed(t)
	for claim, one := range map[string]struct {
		fields []string
		says   string
	}{
		"a right one has not":  {[]string{"token_name", "x", "days", "30", "scopes", "approve", "confirm_password", password}, "You do not have the right"},
		"no scope":             {[]string{"token_name", "x", "days", "30", "confirm_password", password}, "needs at least one scope"},
		"no name":              {[]string{"days", "30", "scopes", "read", "confirm_password", password}, "needs a name"},
		"more than a year":     {[]string{"token_name", "x", "days", "366", "scopes", "read", "confirm_password", password}, "1 to 365 days"},
		"no day":               {[]string{"token_name", "x", "days", "0", "scopes", "read", "confirm_password", password}, "1 to 365 days"},
		"not a number of days": {[]string{"token_name", "x", "days", "many", "scopes", "read", "confirm_password", password}, "1 to 365 days"},
		"a wrong password":     {[]string{"token_name", "x", "days", "30", "scopes", "read", "confirm_password", "x"}, "Your password is wrong"},
	} {
		t.Run(claim, func(t *testing.T) {
			p := vera.post("/account/tokens", one.fields...)
			if p.status < 400 || !strings.Contains(p.body, one.says) {
				t.Errorf("status %d, wanted %q\n%s", p.status, one.says, p.body)
			}
		})
	}
	if w.changed(t) != head {
		t.Error("something was changed")
	}
}
