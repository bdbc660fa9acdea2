package web

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/flow"
	"creditrun/internal/store"
	"creditrun/internal/web/account"
	"creditrun/internal/web/page"
)

// listen is what the server writes into its log from now on.
func (w *world) listen() *bytes.Buffer {
	var log bytes.Buffer
	w.with(func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	return &log
}

func TestNobodyOutsideKeepsSomebodyFromConfirming(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		guesser := w.outsider()
		for range 40 { // more than an address may fail
			guesser.post("/login", "name", "anna", "password", "guess")
		}
		if p := guesser.post("/login", "name", "anna", "password", password); p.header.Get("Retry-After") == "" {
			t.Fatal("the guesser need not wait")
		}
		p := anna.post("/account/tokens", "token_name", "ci", "days", "30", "scopes", "read", "confirm_password", password)
		p.shows(t, "crt_")
	})
}

func TestConfirmationsThatFailLockNoLogin(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		anna := w.as("anna")
		confirm := func(with string) reply {
			return anna.post("/account/tokens", "token_name", "ci", "days", "30", "scopes", "read", "confirm_password", with)
		}
		for range 5 {
			if p := confirm("guess"); !strings.Contains(p.body, "Your password is wrong") {
				t.Fatalf("status %d\n%s", p.status, p.body)
			}
		}
		if p := confirm(password); p.header.Get("Retry-After") == "" {
			t.Error("whoever found the browser open may guess on")
		}
		w.as("anna") // elsewhere
		w.later(time.Minute)
		confirm(password).shows(t, "crt_")
	})
}

func TestUnlockedUsersTryAgainAtOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		guesser := w.outsider()
		for range 8 {
			guesser.post("/login", "name", "anna", "password", "guess")
		}
		if p := w.outsider().post("/login", "name", "anna", "password", password); p.status != http.StatusForbidden {
			t.Fatalf("status %d", p.status)
		}
		for _, want := range []bool{true, false} {
			if counted, err := w.store.Unlock(t.Context(), "root", w.user(t, "anna").ID); err != nil || counted != want {
				t.Errorf("%v, %v", counted, err)
			}
		}
		w.as("anna")
		list, err := w.store.Audit(t.Context(), store.AuditFilter{Action: "user.unlocked"})
		if err != nil || len(list) != 1 || list[0].Who != "root" || list[0].Subject != "anna" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestLoginsThatFailAreLoggedAndTheThrottleIsAudited(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		log := w.listen()
		b := w.outsider()
		for range 7 {
			b.post("/login", "name", "anna", "password", "guess")
			b.post("/login", "name", "my secret passphrase", "password", "guess")
		}
		w.later(time.Minute)
		anna := w.as("anna")
		anna.post("/logout")
		text := log.String()
		for line, want := range map[string]int{
			`msg="login failed" user=anna why=login_refused`: 5, `msg="login failed" user="" why=login_refused`: 5,
			`msg="login throttled" user=anna`: 2, `msg="logged in" user=anna`: 1, `msg="logged out" user=anna`: 1,
		} {
			if got := strings.Count(text, line); got != want {
				t.Errorf("%s: %d times, want %d\n%s", line, got, want, text)
			}
		}
		if strings.Contains(text, "passphrase") || strings.Contains(text, "127.0.0.1") {
			t.Errorf("the log holds what was typed, or an address:\n%s", text)
		}
		list, err := w.store.Audit(t.Context(), store.AuditFilter{Action: "login"})
		if err != nil || len(list) != 1 || list[0].Who != "login" || list[0].Action != "login.throttled" || list[0].Subject != "anna" || list[0].After != "password" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestEveryDownloadNeedsAPlaceAndIsLogged(t *testing.T) {
	w := newWorld(t)
	w.with(func(o *Options) { o.Gate = flow.NewGateOf(1, 5, time.Millisecond) })
	anna, log := w.as("anna"), w.listen()
	runs, err := w.store.Runs(t.Context())
	must(t, err)
	downloads := []string{
		"/notes.csv", "/notes.xlsx", "/notes.zip?from=2026-10&until=2026-10", "/sessions.csv?month=2026-10", "/sessions.xlsx?month=2026-10", "/audit.csv",
		"/entities/" + subCPO + "/statement.csv", "/entities/" + subCPO + "/statement.xlsx",
		"/runs/" + runs[0].Name + "/report.json", "/runs/" + runs[0].Name + "/control.csv",
	}
	leave, err := w.server.Gate.Enter(t.Context(), "anna")
	must(t, err)
	for _, path := range downloads {
		if p := anna.get(path); p.status != http.StatusServiceUnavailable || !strings.Contains(p.body, "under way") || p.header.Get("Content-Disposition") != "" {
			t.Errorf("%s: status %d\n%s", path, p.status, p.body)
		}
	}
	leave()
	for _, path := range downloads {
		p := anna.get(path)
		if p.status != http.StatusOK || !strings.HasPrefix(p.header.Get("Content-Disposition"), "attachment; ") {
			t.Errorf("%s: status %d, %v", path, p.status, p.header)
		}
		path, _, _ = strings.Cut(path, "?")
		if !strings.Contains(log.String(), "msg=download user=anna path="+path+" bytes=") {
			t.Errorf("%s leaves no line in the log\n%s", path, log)
		}
	}
}

func TestADownloadThatFailsBeforeItBeginsIsAnErrorLikeAnyOther(t *testing.T) {
	w := newWorld(t)
	broken := page.Route{Pattern: "GET /", Right: page.Anyone, Serve: func(v *page.Visit) error {
		v.Who = &access.Visitor{User: access.User{Name: "anna"}}
		return v.Stream(page.TypeXLSX, "broken.xlsx", func(io.Writer) error { return errors.New("no room for a temporary file") })
	}}
	server := httptest.NewServer(w.server.sessions.LoadAndSave(w.server.Answer(broken)))
	defer server.Close()
	answer, err := http.Get(server.URL)
	must(t, err)
	answer.Body.Close()
	if p := answer; p.StatusCode != http.StatusInternalServerError || p.Header.Get("Content-Disposition") != "" {
		t.Errorf("%s, %v", p.Status, p.Header)
	}
}

func TestFormsHaveALimit(t *testing.T) {
	w := newWorld(t)
	large := strings.Repeat("x", mostForm)
	for _, one := range []struct {
		who    *browser
		path   string
		status int
	}{
		{w.outsider(), "/login", http.StatusUnprocessableEntity},
		{w.as("anna"), "/users", http.StatusUnprocessableEntity},
		{w.as("vera"), "/settings", http.StatusForbidden}, // the form is not even read
	} {
		if p := one.who.post(one.path, "name", large); p.status != one.status {
			t.Errorf("%s: status %d", one.path, p.status)
		}
	}
	many := strings.Repeat("a=&", 20_000)
	for _, body := range []string{many, "a=%zz"} {
		if p := w.outsider().do(http.MethodPost, "/login", strings.NewReader(body)); p.status != http.StatusBadRequest || !strings.Contains(p.body, "cannot be read") {
			t.Errorf("%d bytes: status %d", len(body), p.status)
		}
	}
}

// A login server that takes long used to be asked by one visitor after the
// other, each behind the one before.
func TestALoginServerThatDoesNotAnswerHoldsUpNobody(t *testing.T) {
	w := newWorld(t)
	var asked atomic.Int32
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked.Add(1)
		<-release
	}))
	defer server.Close()
	defer close(release)
	options := account.OIDC{Name: "Example ID", Issuer: server.URL, ClientID: "creditrun", ClientSecret: "hush"}
	w.with(func(o *Options) { o.OIDC = &options })
	begun := time.Now()
	answers := make(chan reply, 8)
	for range cap(answers) {
		go func() { answers <- w.outsider().get("/login/oidc") }()
	}
	for range cap(answers) {
		if p := <-answers; p.status != http.StatusServiceUnavailable || !strings.Contains(p.body, "Example ID") {
			t.Errorf("status %d", p.status)
		}
	}
	if took := time.Since(begun); took > 3*providerPatience || asked.Load() != 1 {
		t.Errorf("they waited %s, and the server was asked %d times", took, asked.Load())
	}
	w.as("anna") // with a password
}

func TestADownloadKeepsItsPlaceUntilItEnds(t *testing.T) {
	w := newWorld(t)
	w.with(func(o *Options) { o.Gate = flow.NewGateOf(1, 5, time.Millisecond) })
	download := page.Route{Pattern: "GET /", Right: page.Anyone, Serve: func(v *page.Visit) error {
		v.Who = &access.Visitor{User: access.User{Name: "anna"}}
		return v.Stream(page.TypeCSV, "list.csv", func(out io.Writer) error {
			if _, err := w.server.Gate.Enter(t.Context(), "anna"); err == nil {
				t.Error("there is a second place while the file is written")
			}
			_, err := io.WriteString(out, "list")
			return err
		})
	}}
	server := httptest.NewServer(w.server.sessions.LoadAndSave(w.server.Answer(download)))
	defer server.Close()
	answer, err := http.Get(server.URL)
	must(t, err)
	answer.Body.Close()
	leave, err := w.server.Gate.Enter(t.Context(), "anna")
	must(t, err)
	leave()
}
