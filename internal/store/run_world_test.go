package store_test

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
	"creditrun/locales"
)

var words = sync.OnceValues(locales.New)

// world is an operator in Berlin with two Sub-CPOs, its sessions and its month
// ends: a owns ST-1 (COMMUNITY 0.35) and ST-2 (charge-point tariff 0.28), b
// owns ST-9 (COMMUNITY).
type world struct {
	t      *testing.T
	url    string
	now    time.Time // the clock of everybody; tests turn it
	config *creditnotes.Configuration
	s      *store.Store
	runner *creditnotes.Runner

	unlocked bool  // the triggers are gone
	notices  int64 // that noticesUntilNow has listed
}

// inEach tells a story on both databases. Where the clock is not turned it is
// the evening of 2026-10-31, when October is run.
func inEach(t *testing.T, tell func(t *testing.T, w *world), changes ...func(c *creditnotes.Configuration)) {
	t.Helper()
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) { tell(t, newWorld(t, url, changes...)) })
}

func newWorld(t *testing.T, url string, changes ...func(c *creditnotes.Configuration)) *world {
	t.Helper()
	w := &world{t: t, url: url, now: evening("2026-10-31"), config: smallNetwork()}
	w.s = storetest.Open(t, url, w.clock)
	w.runner = w.newRunner(w.s)
	for _, change := range changes {
		change(w.config)
	}
	w.save()
	w.set("active", "true", "number_range", "gs", "cancellation_range", "st", "tax_account", "s19", "language", "de",
		"community_discount_percent", "10")
	return w
}

func (w *world) clock() time.Time { return w.now }

// evening is eight o'clock in Berlin.
func evening(day entities.Date) time.Time { return day.In(time.UTC).Add(19 * time.Hour) }

func (w *world) newRunner(s creditnotes.Store) *creditnotes.Runner {
	w.t.Helper()
	texts, err := words()
	if err != nil {
		w.t.Fatal(err)
	}
	return &creditnotes.Runner{Store: s, Texts: texts, Now: w.clock, Log: slog.New(slog.DiscardHandler), Workers: 2,
		MessageID: func(number string, copy int, _ string) string { return fmt.Sprintf("<%s.%d@op.example>", number, copy) }}
}

// entity finds one to be changed; save makes it known.
func (w *world) entity(key string) *entities.Entity { return entityIn(w.config, key) }

func entityIn(c *creditnotes.Configuration, key string) *entities.Entity {
	return &c.Entities[slices.IndexFunc(c.Entities, func(e entities.Entity) bool { return e.Key == key })]
}

func (w *world) save() {
	w.t.Helper()
	if _, err := w.s.SaveConfiguration(w.t.Context(), "admin", w.config, nil); err != nil {
		w.t.Fatal(err)
	}
}

// set changes settings: key, value, key, value.
func (w *world) set(pairs ...string) {
	w.t.Helper()
	var list []creditnotes.Setting
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, creditnotes.Setting{Key: pairs[i], Value: pairs[i+1]})
	}
	if _, err := w.s.SetSettings(w.t.Context(), "admin", list); err != nil {
		w.t.Fatal(err)
	}
}

// byAnna asks for a month by hand.
func byAnna(month entities.Month) creditnotes.Request {
	return creditnotes.Request{Month: month, Trigger: creditnotes.Manual, Who: "anna"}
}

// try runs a month and stores its documents, on the last evening of the month
// where that is still to come.
func (w *world) try(month entities.Month) (*creditnotes.Report, error) {
	w.t.Helper()
	if last := evening(month.LastDay()); w.now.Before(last) {
		w.now = last
	}
	return w.tryAs(byAnna(month))
}

// backdated runs a month that is over with its last day as the document date.
func (w *world) backdated(month entities.Month) *creditnotes.Report {
	w.t.Helper()
	q := byAnna(month)
	q.DocumentDate, q.Confirmed = month.LastDay(), true
	report, err := w.tryAs(q)
	if err != nil {
		w.t.Fatalf("run %s: %v", month, err)
	}
	return report
}

func (w *world) tryAs(q creditnotes.Request) (*creditnotes.Report, error) {
	w.t.Helper()
	run, err := w.runner.Run(w.t.Context(), q)
	if err != nil {
		return nil, err
	}
	w.render(run)
	return w.report(run), nil
}

func (w *world) report(run *creditnotes.Run) *creditnotes.Report {
	w.t.Helper()
	report, err := w.runner.Report(w.t.Context(), run)
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// month is try for a month that must go well.
func (w *world) month(month entities.Month) *creditnotes.Report {
	w.t.Helper()
	report, err := w.try(month)
	if list := fault.Of(err); len(list) > 0 && list[0].Key == "run_nothing_open" { // no run is made for nothing
		return &creditnotes.Report{}
	}
	if err != nil {
		w.t.Fatalf("run %s: %v", month, err)
	}
	return report
}

// tells compares the story of a month with what it should be.
func (w *world) tells(month entities.Month, want string) *creditnotes.Report {
	w.t.Helper()
	report := w.month(month)
	same(w.t, story(report), want)
	return report
}

// same compares two texts line by line, without indents and blank lines.
func same(t *testing.T, got, want string) {
	t.Helper()
	lines := func(text string) (list []string) {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, line)
			}
		}
		return list
	}
	if diff := gocmp.Diff(lines(want), lines(got)); diff != "" {
		t.Errorf("- want + got\n%s", diff)
	}
}

// story writes down what a run did: the notes with their positions, what was
// held, who failed, and the control sheet.
func story(r *creditnotes.Report) string {
	var b strings.Builder
	for _, n := range append(slices.Clone(r.Notes), r.Silent...) {
		digits := n.Document.CurrencyDigits
		fmt.Fprintf(&b, "%s %s→%s %s + %s = %s %s\n", cmp.Or(n.Number, string(n.State)), strings.Join(n.Owners, "+"), n.Recipient,
			n.Net.Format(digits), n.Tax.Format(digits), n.Gross.Format(digits), n.Currency)
		for _, p := range n.Positions {
			fmt.Fprintf(&b, "%s %s %s %d× %s kWh %s", p.Station, p.Component, p.Month, p.Sessions, p.Energy, p.Net.Format(digits))
			if p.Late {
				b.WriteString(" late")
			}
			if p.Correction {
				b.WriteString(" correction")
			}
			b.WriteString("\n")
		}
	}
	for _, h := range r.Held {
		fmt.Fprintf(&b, "held %s %s %s\n", h.Session, h.Owner, h.Reason)
	}
	for _, o := range r.Failed {
		fmt.Fprintf(&b, "failed %s %s\n", o.Owner, o.Failed.Key)
	}
	c := r.Total
	fmt.Fprintf(&b, "received %d: credited %d held %d zero %d excluded %d",
		c.Received.Sessions, c.Credited.Sessions, c.Held.Sessions, c.Zero.Sessions, c.Excluded.Sessions)
	if c.Withdrawn.Sessions > 0 {
		fmt.Fprintf(&b, " withdrawn %d", c.Withdrawn.Sessions)
	}
	b.WriteString("\n")
	return b.String()
}

// paper stands for the documents.
type paper struct{}

func (paper) Files(n *creditnotes.Note, details iter.Seq2[creditnotes.Detail, error]) ([]creditnotes.File, error) {
	text := n.Number + " " + n.Hash + "\n"
	for d, err := range details {
		if err != nil {
			return nil, err
		}
		text += d.Session.ExternalID + " " + d.Line.NetEnergy.String() + "\n"
	}
	return []creditnotes.File{{NoteID: n.ID, Kind: creditnotes.FileCSV, Name: n.Number + ".csv", MediaType: "text/csv", Content: []byte(text)}}, nil
}

func (w *world) render(run *creditnotes.Run) {
	w.t.Helper()
	notes, err := w.s.RunNotes(w.t.Context(), run.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, n := range notes {
		if n.State != creditnotes.Issued {
			continue
		}
		if err := w.runner.Render(w.t.Context(), n.ID, paper{}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) cancel(number string) *creditnotes.Note {
	w.t.Helper()
	note, err := w.tryCancel(number)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := w.runner.Render(w.t.Context(), note.ID, paper{}); err != nil {
		w.t.Fatal(err)
	}
	return note
}

func (w *world) tryCancel(number string) (*creditnotes.Note, error) {
	return w.runner.Cancel(w.t.Context(), creditnotes.CancelRequest{Number: number, Reason: "wrong tariff", Who: "anna"})
}

// proven reports whether verify finds nothing but notes without files: many
// tests render none.
func (w *world) proven() {
	w.t.Helper()
	got := slices.DeleteFunc(w.problems(), func(key string) bool { return key == "verify_unrendered" })
	if len(got) > 0 {
		w.t.Errorf("verify: %v", got)
	}
}

func (w *world) problems() (keys []string) {
	w.t.Helper()
	v, err := creditnotes.Verify(context.WithoutCancel(w.t.Context()), w.s, creditnotes.AuditHead{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range v.Problems {
		if p.Key != "verify_guard" || !w.unlocked {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// sql changes the database behind everybody's back.
func (w *world) sql(statement string, args ...any) (int64, error) {
	result, err := w.s.WriteDB().ExecContext(w.t.Context(), statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (w *world) rows(table string) int {
	w.t.Helper()
	return count(w.t, w.s, table)
}

func (w *world) id(session string) int64 {
	w.t.Helper()
	return versions(w.t, w.s, session)[0].ID
}

// says tells whether an error is a fault with one of these keys.
func says(t *testing.T, err error, keys ...string) {
	t.Helper()
	var got []string
	for _, f := range fault.Of(err) {
		got = append(got, f.Key)
	}
	if !slices.Equal(got, keys) {
		t.Errorf("faults %v (%v), want %v", got, err, keys)
	}
}

// unlock takes the triggers away that keep what is issued as it is.
func (w *world) unlock() {
	w.t.Helper()
	w.unlocked = true
	query := "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'"
	if !w.s.IsSQLite() {
		query = `SELECT DISTINCT 'ALTER TABLE ' || c.relname || ' DISABLE TRIGGER USER' FROM pg_trigger t
			JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relname NOT LIKE 'river%'`
	}
	rows, err := w.s.ReadDB().QueryContext(w.t.Context(), query)
	if err != nil {
		w.t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var statement string
		if err := rows.Scan(&statement); err != nil {
			w.t.Fatal(err)
		}
		list = append(list, statement)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	for _, statement := range list {
		if _, err := w.sql(statement); err != nil {
			w.t.Fatal(err)
		}
	}
}
