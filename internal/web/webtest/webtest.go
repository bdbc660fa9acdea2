// Package webtest makes the database on which pages and API are tested: the
// demo network after three month ends, and people with every sort of right. It
// is for tests only.
package webtest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"creditrun/cmd/creditrun/demo"
	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/document"
	"creditrun/internal/intake"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/internal/web/page"
	"creditrun/locales"
	"creditrun/mailer"
)

// Today is the day of the tests: the runs of August to October are done,
// November has begun.
var Today = time.Date(2026, 11, 12, 10, 0, 0, 0, time.UTC)

// Now is a clock that says Today.
func Now() time.Time { return Today }

// Password is what every user has.
const Password = "correct horse battery"

// cheapHash is a hash of Password that takes no time to check.
const cheapHash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdCBvZiB0ZXN0cw$EI9hFi1DCTjExjQQl1lifsYt8iP3Kr9SlEPfiBBwAOs"

// The entities that the users belong to.
const (
	Operator = "musterstrom"
	SubCPO   = "stadtwerke" // with two subsidiaries and one more below
)

// People are the users, by name.
func People() []access.User {
	return []access.User{
		{Name: "anna", FullName: "Anna Admin", Email: "anna@example.com", Entity: Operator, Roles: []access.Role{access.Admin, access.Finance}},
		{Name: "olga", FullName: "Olga Admin", Email: "olga@example.com", Entity: Operator, Roles: []access.Role{access.Admin}},
		{Name: "felix", FullName: "Felix Finance", Email: "felix@example.com", Entity: Operator, Roles: []access.Role{access.Finance}},
		{Name: "vera", FullName: "Vera Viewer", Email: "vera@example.com", Entity: Operator, Roles: []access.Role{access.Viewer}},
		{Name: "paul", FullName: "Paul Portal", Email: "paul@example.com", Entity: SubCPO, Roles: []access.Role{access.Viewer, access.Finance}},
	}
}

// made is the database file that SQLite copies; it is made once per process.
var made struct {
	once    sync.Once
	file    string
	content []byte
}

// SQLite returns the URL of a database of the test's own.
func SQLite(t testing.TB) string {
	t.Helper()
	made.once.Do(func() {
		folder, err := os.MkdirTemp("", "creditrun-web")
		must(t, err)
		made.file = filepath.Join(folder, "demo.db")
		play(t, "sqlite:"+made.file)
		made.content, err = os.ReadFile(made.file)
		must(t, err)
	})
	file := filepath.Join(t.TempDir(), "creditrun.db")
	must(t, os.WriteFile(file, made.content, 0o600))
	return "sqlite:" + file
}

// kept is the database that PostgreSQL copies; it is made once per process.
var kept struct {
	once sync.Once
	url  string
	drop func() error
}

// Postgres returns the URL of a database of the test's own on PostgreSQL.
func Postgres(t testing.TB) string {
	t.Helper()
	kept.once.Do(func() {
		var err error
		kept.url, kept.drop, err = storetest.KeptPostgres()
		must(t, err)
		play(t, kept.url)
	})
	return storetest.PostgresCopy(t, kept.url)
}

// Clean removes what the databases of tests are copied from; it is for TestMain.
func Clean() {
	if made.file != "" {
		os.RemoveAll(filepath.Dir(made.file))
	}
	if kept.drop != nil {
		if err := kept.drop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
}

// play plays three month ends on a database, makes the documents and the users.
func play(t testing.TB, url string) {
	t.Helper()
	ctx := context.Background()
	texts, err := locales.New()
	must(t, err)
	clock := Today
	s, err := store.Open(ctx, url, store.Options{Now: func() time.Time { return clock }, SupportsLanguage: texts.Supports})
	must(t, err)
	defer s.Close()
	must(t, s.Migrate(ctx))
	batches, err := demo.Batches(Today)
	must(t, err)
	clock = batches[0].Delivered
	network, err := intake.ReadNetwork(demo.NetworkName, bytes.NewReader(demo.Network()))
	must(t, err)
	config, settings, err := network.Configuration()
	must(t, err)
	_, err = s.SaveConfiguration(ctx, "demo", config, settings)
	must(t, err)
	runner := &creditnotes.Runner{
		Store: s, Texts: texts, Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler), MessageID: mailer.MessageID,
	}
	renderer, err := document.New(texts)
	must(t, err)
	for _, batch := range batches {
		clock = batch.Delivered
		_, err := s.ImportSessions(ctx, "demo", intake.ReadCSV(batch.Name, bytes.NewReader(batch.CSV)), store.ImportOptions{Name: batch.Name})
		must(t, err)
		for _, f := range batch.Beside {
			takeIn(t, s, f)
		}
		run, err := runner.Run(ctx, creditnotes.Request{Month: batch.Month, Trigger: creditnotes.Manual, Who: "demo"})
		must(t, err)
		notes, err := s.RunNotes(ctx, run.ID)
		must(t, err)
		for _, n := range notes {
			if n.State == creditnotes.Issued {
				must(t, runner.Render(ctx, n.ID, renderer))
			}
		}
	}
	clock = Today
	for _, person := range People() {
		person.Active = true
		user, err := s.AddUser(ctx, access.Actor{Name: "test", Server: true}, person)
		must(t, err)
		must(t, s.SetPassword(ctx, access.Actor{Name: "test", Server: true}, user.ID, cheapHash))
	}
}

// takeIn imports what is delivered beside sessions.
func takeIn(t testing.TB, s *store.Store, f demo.File) {
	t.Helper()
	ctx, content, opts := context.Background(), bytes.NewReader(f.CSV), store.ImportOptions{Name: f.Name}
	var err error
	switch intake.Sniff(f.Name, f.CSV) {
	case intake.KindCollections:
		_, err = s.ImportCollections(ctx, "demo", intake.ReadCollections(f.Name, content), opts)
	case intake.KindTopUps:
		_, err = s.ImportTopUps(ctx, "demo", intake.ReadTopUps(f.Name, content), opts)
	default:
		_, err = s.ImportRecords(ctx, "demo", intake.ReadRecords(f.Name, content, func(string) string { return "" }), opts)
	}
	must(t, err)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Visit is a visit of a user of the operator in English, to pages of a store
// whose templates are empty.
func Visit(t testing.TB, s *store.Store, user access.User) *page.Visit {
	t.Helper()
	texts, err := locales.New()
	must(t, err)
	site, err := page.NewSite(page.Options{
		Store: s, Snapshots: &snapshot.Cache{Store: s}, Texts: texts, Now: Now, Log: slog.New(slog.DiscardHandler),
		Templates: fstest.MapFS{"layout.html": {}, "parts.html": {}}, Asset: func(name string) (string, error) { return name, nil },
	})
	must(t, err)
	return &page.Visit{
		Site: site, W: httptest.NewRecorder(), R: httptest.NewRequest(http.MethodGet, "/", nil), Lang: "en", Status: http.StatusOK,
		Who: &access.Visitor{User: user, Operator: true},
	}
}
