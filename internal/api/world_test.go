package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/document"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/internal/web/webtest"
	"creditrun/locales"
	"creditrun/mailer"
)

func TestMain(m *testing.M) {
	status := storetest.Main(m)
	webtest.Clean()
	os.Exit(status)
}

// world is a database with the demo network after three month ends, and the API
// on it.
type world struct {
	t     testing.TB
	store *store.Store
	api   *API
	http  *httptest.Server
	log   *lines
	mu    sync.Mutex
	now   time.Time
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

// later lets time go by.
func (w *world) later(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.now = w.now.Add(d) }

func newWorld(t testing.TB) *world { return openWorld(t, webtest.SQLite(t)) }

// eachWorld runs a test on SQLite, and on PostgreSQL where there is one.
func eachWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newWorld(t)) })
	if storetest.HasPostgres() {
		t.Run("PostgreSQL", func(t *testing.T) { test(t, openWorld(t, webtest.Postgres(t))) })
	}
}

func openWorld(t testing.TB, url string) *world {
	t.Helper()
	w := &world{t: t, now: webtest.Today, log: &lines{}}
	w.store = storetest.Open(t, url, w.clock)
	texts, err := locales.New()
	must(t, err)
	log := slog.New(slog.NewTextHandler(w.log, nil))
	printer, err := document.New(texts)
	must(t, err)
	background, stop := context.WithCancel(context.Background())
	w.api = New(Options{
		Store: w.store, Texts: texts, Now: w.clock, Log: log, Version: "test", Background: background,
		Runner: &creditnotes.Runner{Refused: payouts.RefusedTo, Store: w.store, Remittances: w.store, Reminders: w.store, Texts: texts, Printer: printer, Now: w.clock, Log: log, MessageID: mailer.MessageID},
	})
	w.http = httptest.NewServer(w.api)
	t.Cleanup(func() { w.http.Close(); stop(); w.api.Close() })
	return w
}

// lines is what the server wrote into its log.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.text.String() }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// program is a person with a token.
type program struct {
	w      *world
	secret string
	header http.Header // of every request
}

// as gives a person a token with all scopes, or with some.
func (w *world) as(name string, scopes ...access.Right) *program {
	w.t.Helper()
	user, err := w.store.UserByName(w.t.Context(), name)
	must(w.t, err)
	if len(scopes) == 0 {
		scopes = access.Rights()
	}
	secret, hash, err := access.NewSecret()
	must(w.t, err)
	_, err = w.store.AddToken(w.t.Context(), access.Actor{Name: name, Server: true}, access.Token{
		UserID: user.ID, Name: "test", Hash: hash, Prefix: access.SecretPrefix(secret), Scopes: scopes, ExpiresAt: w.clock().Add(24 * time.Hour),
	})
	must(w.t, err)
	return &program{w, secret, http.Header{}}
}

// with sends a header with every request.
func (p *program) with(name, value string) *program {
	more := &program{p.w, p.secret, p.header.Clone()}
	more.header.Set(name, value)
	return more
}

// answer is what a program got.
type answer struct {
	t      testing.TB
	path   string
	status int
	header http.Header
	body   []byte
}

func (p *program) get(path string) answer { p.w.t.Helper(); return p.do(http.MethodGet, path, nil) }

func (p *program) delete(path string) answer {
	p.w.t.Helper()
	return p.do(http.MethodDelete, path, nil)
}

func (p *program) post(path string, body any) answer {
	p.w.t.Helper()
	return p.do(http.MethodPost, path, body)
}

func (p *program) put(path string, body any) answer {
	p.w.t.Helper()
	return p.do(http.MethodPut, path, body)
}

// replace puts what it has read before.
func (p *program) replace(path string, body any) answer {
	p.w.t.Helper()
	return p.with("If-Match", p.get(path).is(http.StatusOK).header.Get("ETag")).put(path, body)
}

// do sends a request; a body that is no text goes as JSON.
func (p *program) do(method, path string, body any) answer {
	p.w.t.Helper()
	a, err := p.send(method, path, body)
	must(p.w.t, err)
	return a
}

func (p *program) send(method, path string, body any) (answer, error) {
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	default:
		text, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		content = bytes.NewReader(text)
	}
	if !strings.HasPrefix(path, "/api/") {
		path = Base + path
	}
	r, err := http.NewRequest(method, p.w.http.URL+path, content)
	if err != nil {
		return answer{}, err
	}
	r.Header = p.header.Clone()
	if p.secret != "" {
		r.Header.Set("Authorization", "Bearer "+p.secret)
	}
	if body != nil && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	a := answer{p.w.t, method + " " + path, got.StatusCode, got.Header, text}
	if err == nil {
		p.w.isAsDescribed(r, a)
	}
	return a, err
}

// isAsDescribed holds every answer of every test against the description.
func (w *world) isAsDescribed(r *http.Request, a answer) {
	media, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if media != "application/json" && media != problemType {
		return
	}
	_, pattern := w.api.mux.Handler(r)
	method, path, _ := strings.Cut(pattern, " "+Base)
	item := w.api.huma.OpenAPI().Paths[path]
	if item == nil {
		return // there is no such operation
	}
	op := map[string]*huma.Operation{
		http.MethodGet: item.Get, http.MethodPost: item.Post, http.MethodPut: item.Put, http.MethodPatch: item.Patch, http.MethodDelete: item.Delete,
	}[method]
	response := op.Responses[strconv.Itoa(a.status)]
	if response == nil {
		w.t.Errorf("%s: the status %d is not described", a.path, a.status)
		return
	}
	if name, ok := strings.CutPrefix(response.Ref, "#/components/responses/"); ok {
		response = w.api.huma.OpenAPI().Components.Responses[name]
	}
	content := response.Content[media]
	if content == nil {
		w.t.Errorf("%s: %s is not described for %d", a.path, media, a.status)
		return
	}
	var result huma.ValidateResult
	huma.Validate(w.api.huma.OpenAPI().Components.Schemas, content.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, read[any](a), &result)
	for _, err := range result.Errors {
		w.t.Errorf("%s is not as described: %v", a.path, err)
	}
}

// is fails the test when the answer has another status, and returns it.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, expected %d\n%s", a.path, a.status, status, a.body)
	}
	return a
}

// problem fails the test when the answer is not the problem of a fault.
func (a answer) problem(status int, key string) Problem {
	a.t.Helper()
	a.is(status)
	if got := a.header.Get("Content-Type"); got != problemType {
		a.t.Errorf("%s: content type %q", a.path, got)
	}
	p := read[Problem](a)
	want := typeOf(key)
	if key == "" {
		want = blank
	}
	if p.Type != want || p.Status != status {
		a.t.Errorf("%s: %+v, expected %s", a.path, p, want)
	}
	return p
}

// read reads the body of an answer.
func read[T any](a answer) (v T) {
	a.t.Helper()
	if err := json.Unmarshal(a.body, &v); err != nil {
		a.t.Fatalf("%s: %v\n%s", a.path, err, a.body)
	}
	return v
}

// object is any JSON object.
type object = map[string]any

// all reads a listing page by page.
func all[T any](p *program, path string) (items []T) {
	p.w.t.Helper()
	for path != "" {
		page := read[Items[T]](p.get(path).is(http.StatusOK))
		items = append(items, page.Items...)
		path = page.Next
	}
	return items
}
