package web

import (
	"context"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/document"
	"creditrun/internal/export"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/internal/web/webtest"
	"creditrun/locales"
	"creditrun/mailer"
)

func TestMain(m *testing.M) {
	status := storetest.Main(m)
	closeChromium()
	webtest.Clean()
	os.Exit(status)
}

// What the tests have in common with those of the API.
const (
	password = webtest.Password
	operator = webtest.Operator
	subCPO   = webtest.SubCPO
)

var today = webtest.Today

// world is a database with the demo network after three month ends, and the
// pages on it.
type world struct {
	t      testing.TB
	url    string // of the database
	store  *store.Store
	server *Server
	http   *httptest.Server
	serves atomic.Value // of http.Handler
	now    time.Time
	mu     sync.Mutex
	bodies *strings.Builder // collects what is answered; nil: nothing does
}

func (w *world) clock() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now }

// later lets time go by.
func (w *world) later(d time.Duration) { w.mu.Lock(); defer w.mu.Unlock(); w.now = w.now.Add(d) }

// newWorld makes a world of its own on SQLite.
func newWorld(t testing.TB) *world {
	t.Helper()
	return openWorld(t, webtest.SQLite(t))
}

// eachWorld runs a test on SQLite, and on PostgreSQL where there is one.
func eachWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newWorld(t)) })
	if storetest.HasPostgres() {
		t.Run("PostgreSQL", func(t *testing.T) {
			test(t, openWorld(t, webtest.Postgres(t)))
		})
	}
}

// catalog is read once for all tests.
var catalog = sync.OnceValues(locales.New)

func openWorld(t testing.TB, url string) *world {
	t.Helper()
	w := &world{t: t, url: url, now: today}
	w.store = storetest.Open(t, url, w.clock)
	texts, err := catalog()
	if err != nil {
		t.Fatal(err)
	}
	listening := httptest.NewUnstartedServer(nil)
	public := "http://" + listening.Listener.Addr().String()
	log := slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	runner := &creditnotes.Runner{Refused: payouts.RefusedTo, Store: w.store, Remittances: w.store, Reminders: w.store, Texts: texts, Now: w.clock, Log: log, MessageID: mailer.MessageID}
	background, stop := context.WithCancel(context.Background())
	t.Cleanup(stop) // again, should a server not start
	renderer, err := document.New(texts)
	if err != nil {
		t.Fatal(err)
	}
	runner.Printer = renderer
	runner.Workbook = func(w io.Writer, r *creditnotes.SettlementReport, rows creditnotes.ReportRows) error {
		return export.ReportXLSX(w, func(key string) (string, error) { return texts.Text(r.Language, key, nil) }, r, rows)
	}
	w.serve(Options{
		Store: w.store, Runner: runner, Texts: texts, Now: w.clock, Log: log, PublicURL: public, Background: background,
		CheckLogo: document.CheckLogo,
	})
	listening.Config.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serves.Load().(handler).ServeHTTP(rw, r) })
	listening.Start()
	w.http = listening
	t.Cleanup(func() { stop(); listening.Close() })
	return w
}

// handler lets an atomic.Value hold handlers of any type.
type handler struct{ http.Handler }

// serve answers with a new server from now on.
func (w *world) serve(o Options) {
	w.t.Helper()
	server, err := New(o)
	must(w.t, err)
	server.sessions.Lifetime = 100 * 365 * 24 * time.Hour // scs counts by the clock of the machine
	w.t.Cleanup(server.Close)
	w.server = server
	w.serves.Store(handler{server.Handler()})
}

// with answers with a server that has other options from now on.
func (w *world) with(change func(o *Options)) {
	w.t.Helper()
	o := w.server.Options
	change(&o)
	w.serve(o)
}

// testLog writes the log of the server into that of the test.
type testLog struct{ t testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	if strings.Contains(string(line), `msg="message missing"`) {
		l.t.Error("a page shows the key of a message")
	}
	l.t.Log(strings.TrimSpace(string(line)))
	return len(line), nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser is a person in front of the pages.
type browser struct {
	w      *world
	client *http.Client
}

// reply is what a browser got.
type reply struct {
	status int
	path   string // where it ended
	body   string
	header http.Header
}

// outsider has not logged in.
func (w *world) outsider() *browser {
	jar, err := cookiejar.New(nil)
	must(w.t, err)
	return &browser{w, &http.Client{Jar: jar}}
}

// as logs a person in.
func (w *world) as(name string) *browser {
	w.t.Helper()
	b := w.outsider()
	if p := b.post("/login", "name", name, "password", password); p.path != "/" {
		w.t.Fatalf("%s cannot log in: %d %s\n%s", name, p.status, p.path, p.body)
	}
	return b
}

func (b *browser) get(path string) reply {
	b.w.t.Helper()
	return b.do(http.MethodGet, path, nil)
}

// post sends a form; the fields are names and values in turn.
func (b *browser) post(path string, fields ...string) reply {
	b.w.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, strings.NewReader(form.Encode()))
}

// hasSeen is the field "seen" of a form on a page.
var hasSeen = regexp.MustCompile(`name="seen" value="([^"]*)"`)

// save opens the page with a form and sends the form.
func (b *browser) save(form, action string, fields ...string) reply {
	b.w.t.Helper()
	return b.sure(b.post(action, append(b.hidden(form, action), fields...)...))
}

// sure says on a page that tells what a change affects that it is wanted.
func (b *browser) sure(p reply) reply {
	b.w.t.Helper()
	if !strings.Contains(p.body, `name="sure"`) {
		return p
	}
	fields := []string{"sure", "true"}
	for _, found := range anyHidden.FindAllStringSubmatch(p.body, -1) {
		fields = append(fields, found[1], html.UnescapeString(found[2]))
	}
	return b.post(p.path, fields...)
}

// anyHidden finds hidden fields.
var anyHidden = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// hidden are the hidden fields of the form on a page that goes to an action:
// what it has seen.
func (b *browser) hidden(form, action string) (fields []string) {
	b.w.t.Helper()
	body := b.get(form).body
	at := strings.Index(body, `action="`+action+`"`)
	if at < 0 {
		b.w.t.Fatalf("%s has no form for %s", form, action)
	}
	whole, _, _ := strings.Cut(body[strings.LastIndex(body[:at], "<form"):], "</form>")
	for _, found := range hiddenField.FindAllStringSubmatch(whole, -1) {
		fields = append(fields, found[1], found[2])
	}
	if len(fields) == 0 {
		b.w.t.Fatalf("%s has no form that notices what others change", form)
	}
	return fields
}

// hiddenField finds the hidden fields that say what a form has seen.
var hiddenField = regexp.MustCompile(`<input type="hidden" name="(seen|whole|id|released)" value="([^"]*)"`)

func (b *browser) do(method, path string, body io.Reader) reply {
	b.w.t.Helper()
	r, err := http.NewRequest(method, b.w.http.URL+path, body)
	must(b.w.t, err)
	r.Header.Set("Accept-Language", "en")
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return b.send(r)
}

func (b *browser) send(r *http.Request) reply {
	b.w.t.Helper()
	answer, err := b.client.Do(r)
	must(b.w.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	must(b.w.t, err)
	if b.w.bodies != nil {
		b.w.bodies.Write(content)
	}
	return reply{answer.StatusCode, answer.Request.URL.Path, string(content), answer.Header}
}

// shows fails the test when a page is not there or lacks a text.
func (p reply) shows(t *testing.T, texts ...string) {
	t.Helper()
	if p.status != http.StatusOK {
		t.Errorf("%s: status %d\n%s", p.path, p.status, p.body)
	}
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			t.Errorf("%s does not show %q\n%s", p.path, text, p.body)
		}
	}
}

// issuedNotes lists every issued note.
func (w *world) issuedNotes() (list []*creditnotes.Note) {
	w.t.Helper()
	must(w.t, w.store.Books(w.t.Context(), func(books creditnotes.VerifyStore) error {
		for note, err := range books.IssuedNotes(w.t.Context()) {
			if err != nil {
				return err
			}
			list = append(list, note)
		}
		return nil
	}))
	return list
}

// ended is an attempt after which every recipient of a mailing is in a state.
func ended(d creditnotes.Delivery, state creditnotes.RecipientState, reply string, at time.Time) creditnotes.Attempt {
	a := creditnotes.Attempt{Handover: d.Handover, Reply: reply, At: at}
	for _, to := range d.To {
		a.Recipients = append(a.Recipients, creditnotes.DeliveryRecipient{Address: to, State: state, Reply: reply})
	}
	return a
}
