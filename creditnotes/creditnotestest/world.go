// Package creditnotestest tells stories of month ends: a small world of an
// operator with its Sub-CPOs, and the contracts and stories that every store
// must pass. It is for tests only.
package creditnotestest

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/locales"
)

// Store is a store under test: what creditnotes wants of it, and what brings the
// data into it that creditnotes only reads.
type Store interface {
	creditnotes.Store
	creditnotes.Books
	creditnotes.ExplainStore
	creditnotes.RecordStore
	creditnotes.OpenStore
	creditnotes.IssuerStore
	creditnotes.AnalysisStore
	// SaveConfiguration creates or updates, by key, what is listed.
	SaveConfiguration(ctx context.Context, who string, c *creditnotes.Configuration) error
	SetSettings(ctx context.Context, who string, list []creditnotes.Setting) error
	// TakeSessions takes sessions in; as a correction they take the place of
	// what is stored whatever they say.
	TakeSessions(ctx context.Context, list []sessions.Session, asCorrection bool) error
	// TakeCollections takes in when the money of drivers arrived: all of the
	// list, or nothing where one of them is refused.
	TakeCollections(ctx context.Context, list []sessions.Collection) error
	// TakeTopUps takes in top-ups, and TakeRecords custom records: all of the
	// list, or nothing where one of them is refused.
	TakeTopUps(ctx context.Context, list []creditnotes.TopUp) error
	TakeRecords(ctx context.Context, list []creditnotes.CustomRecord) error
	// FindSessions finds all versions of a session by its external id, the
	// current one first.
	FindSessions(ctx context.Context, id string) ([]sessions.Session, error)
	ReleaseSessions(ctx context.Context, who string, ids []int64, reason string) (int, map[int64]*fault.Fault, error)
	InvalidateSessions(ctx context.Context, who string, ids []int64, reason string) (int, map[int64]*fault.Fault, error)
	RaiseObjection(ctx context.Context, who, number, text string) error
	WithdrawObjection(ctx context.Context, who, number, answer string) error
	// StoredFiles lists the files of a note, the PDF first.
	StoredFiles(ctx context.Context, noteID int64) ([]creditnotes.File, error)
	// SaveAsset returns the SHA-256 of the content.
	SaveAsset(ctx context.Context, content []byte) (string, error)
	// Mailings lists the mailings of a note, the original first.
	Mailings(ctx context.Context, noteID int64) ([]creditnotes.Delivery, error)
	// CurrentSessions lists the current versions of all sessions, with what
	// SessionCursor fills in.
	CurrentSessions(ctx context.Context) ([]sessions.Session, error)
	// Withdrawn reports whether a note was withdrawn with one that was cancelled.
	Withdrawn(ctx context.Context, noteID int64) (bool, error)
	// Count counts the rows of one of Tables.
	Count(ctx context.Context, table string) (int, error)
}

// Tables are what Store.Count can count.
var Tables = []string{"runs", "notes", "lines", "live lines", "deliveries", "objections", "number counters", "files", "audit entries"}

// Open makes an empty store with a clock. Every call of what it returns is
// another process on the same data.
type Open func(t *testing.T, now func() time.Time) func() Store

// Words are the texts of the product.
var Words = sync.OnceValues(locales.New)

// World is an operator in Berlin with two Sub-CPOs, its sessions and its month
// ends: a owns ST-1 (COMMUNITY 0.35) and ST-2 (charge-point tariff 0.28), b
// owns ST-9 (COMMUNITY). Where the clock is not turned it is the evening of
// 2026-10-31, when October is run.
type World struct {
	T      *testing.T
	Now    time.Time // the clock of everyone; tests turn it
	Config *creditnotes.Configuration
	Store  Store
	Runner *creditnotes.Runner
	// Ignored are keys of problems that Problems leaves out.
	Ignored []string

	another func() Store
}

// NewWorld makes the world in an empty store.
func NewWorld(t *testing.T, open Open, changes ...func(c *creditnotes.Configuration)) *World {
	t.Helper()
	w := &World{T: t, Now: Evening("2026-10-31"), Config: SmallNetwork()}
	w.another = open(t, w.Clock)
	w.Store = w.another()
	w.Runner = w.NewRunner(w.Store)
	for _, change := range changes {
		change(w.Config)
	}
	w.Save()
	w.Set("active", "true", "number_range", "gs", "cancellation_range", "st", "tax_account", "s19", "language", "de",
		"community_discount_percent", "10")
	return w
}

// Clock is the clock of all processes.
func (w *World) Clock() time.Time { return w.Now }

// Another is the store of another process on the same data.
func (w *World) Another() Store { return w.another() }

// Elsewhere is another process on the same data.
func (w *World) Elsewhere() *creditnotes.Runner { return w.NewRunner(w.another()) }

// Evening is eight o'clock in Berlin, in winter.
func Evening(day entities.Date) time.Time { return day.In(time.UTC).Add(19 * time.Hour) }

// NewRunner makes a process that works with a store.
func (w *World) NewRunner(s creditnotes.Store) *creditnotes.Runner {
	w.T.Helper()
	texts, err := Words()
	w.must(err)
	return &creditnotes.Runner{Store: s, Texts: texts, Now: w.Clock, Log: slog.New(slog.DiscardHandler), Workers: 2,
		MessageID: func(number string, copy int, _ string) string { return fmt.Sprintf("<%s.%d@op.example>", number, copy) }}
}

// must ends the test where there is an error.
func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Entity finds one to be changed; Save makes it known.
func (w *World) Entity(key string) *entities.Entity { return EntityIn(w.Config, key) }

// EntityIn finds an entity of a configuration.
func EntityIn(c *creditnotes.Configuration, key string) *entities.Entity {
	return &c.Entities[slices.IndexFunc(c.Entities, func(e entities.Entity) bool { return e.Key == key })]
}

// Save saves Config.
func (w *World) Save() {
	w.T.Helper()
	w.must(w.Store.SaveConfiguration(w.T.Context(), "admin", w.Config))
}

// Set changes settings: key, value, key, value.
func (w *World) Set(pairs ...string) {
	w.T.Helper()
	var list []creditnotes.Setting
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, creditnotes.Setting{Key: pairs[i], Value: pairs[i+1]})
	}
	w.must(w.Store.SetSettings(w.T.Context(), "admin", list))
}

// Settings are the settings as they are now.
func (w *World) Settings() creditnotes.Settings {
	w.T.Helper()
	settings, err := w.Store.Settings(w.T.Context())
	w.must(err)
	return settings
}

// Charged takes sessions in, a minute after whatever was before.
func (w *World) Charged(list ...sessions.Session) {
	w.T.Helper()
	w.take(list, false)
}

// Corrected takes in sessions that a person knows to be corrections.
func (w *World) Corrected(list ...sessions.Session) {
	w.T.Helper()
	w.take(list, true)
}

func (w *World) take(list []sessions.Session, asCorrection bool) {
	w.T.Helper()
	w.Now = w.Now.Add(time.Minute)
	w.must(w.Store.TakeSessions(w.T.Context(), list, asCorrection))
	w.Now = w.Now.Add(time.Minute)
}

// Count counts the rows of one of Tables.
func (w *World) Count(table string) int {
	w.T.Helper()
	n, err := w.Store.Count(context.WithoutCancel(w.T.Context()), table)
	w.must(err)
	return n
}

// ID is the id of the current version of a session.
func (w *World) ID(session string) int64 {
	w.T.Helper()
	versions, err := w.Store.FindSessions(w.T.Context(), session)
	w.must(err)
	return versions[0].ID
}

// Release lets a session be credited in spite of its reason.
func (w *World) Release(session, reason string) error {
	w.T.Helper()
	_, refused, err := w.Store.ReleaseSessions(w.T.Context(), "anna", []int64{w.ID(session)}, reason)
	return decided(refused, err)
}

// Invalidate declares a session invalid.
func (w *World) Invalidate(session, reason string) error {
	w.T.Helper()
	_, refused, err := w.Store.InvalidateSessions(w.T.Context(), "anna", []int64{w.ID(session)}, reason)
	return decided(refused, err)
}

func decided(refused map[int64]*fault.Fault, err error) error {
	for _, f := range refused {
		return f
	}
	return err
}
