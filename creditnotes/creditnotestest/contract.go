package creditnotestest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// contracts are what creditnotes/ports.go promises and stories do not ask one by
// one.
var contracts = []struct {
	name  string
	holds func(t *testing.T, w *World)
}{
	{"what is not there is a NotFound fault", whatIsNotThere},
	{"a month has one unfinished run", oneUnfinishedRun},
	{"a lease keeps others away", leaseKeepsOthersAway},
	{"a run is moved on from its stage only", stagesInOrder},
	{"a draft is written whole or not at all", draftIsAtomic},
	{"an issue is written whole or not at all", issueIsAtomic},
	{"the version of the cut-off counts", versionOfTheCutOff},
	{"a settled session is not open", settledIsNotOpen},
	{"why a run failed is kept until it goes on", failuresAreKept},
	{"files are stored once", filesAreStoredOnce},
	{"a draft that is discarded leaves nothing", discardLeavesNothing},
	{"a sum is brought along once", sumIsBroughtAlongOnce},
	{"what is handed out is a copy", handedOutIsACopy},
	{"notes are found by what they say", notesAreFound},
	{"a mailing is numbered by note", mailingsAreNumbered},
	{"a store without anything says so", assetsAreKept},
	{"a collection belongs to the session", collectionsBelongToSessions},
	{"a custom record is open until it is on a document", recordsAreOpenOnce},
	{"a top-up stays as it is", topUpsStay},
}

// Contract holds a store against what creditnotes/ports.go promises.
func Contract(t *testing.T, open Open) {
	for _, c := range contracts {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := NewWorld(t, open)
			w.Runner.Workers = 1
			c.holds(t, w)
		})
	}
}

// begin begins a run of October and returns it.
func (w *World) begin(s Store) (*creditnotes.Run, bool) {
	w.T.Helper()
	run, mine, err := s.BeginRun(w.T.Context(), w.wanted())
	w.must(err)
	return run, mine
}

func (w *World) wanted() *creditnotes.Run {
	return &creditnotes.Run{Month: "2026-10", Trigger: creditnotes.Manual, DocumentDate: "2026-10-31", Cutoff: w.Now, CreatedAt: w.Now,
		CreatedBy: "anna", Settings: w.Settings()}
}

func whatIsNotThere(t *testing.T, w *World) {
	ctx, s := t.Context(), w.Store
	_, err := s.RunByName(ctx, "2026-09")
	Says(t, err, "run_unknown")
	_, err = s.Note(ctx, 99)
	Says(t, err, "note_unknown")
	_, err = s.NoteByNumber(ctx, "GS-9")
	Says(t, err, "note_unknown")
	_, err = s.Asset(ctx, "00")
	Says(t, err, "asset_unknown")
	_, err = s.Entity(ctx, "unknown")
	Says(t, err, "entity_unknown")
	_, err = s.FindSessions(ctx, "S-99")
	Says(t, err, "session_not_found")
	line, err := s.SettledLine(ctx, 99)
	by, byErr := s.CancelledBy(ctx, 99)
	last, lastErr := s.LastDocument(ctx, "gs")
	found, foundErr := s.SessionsByID(ctx, []int64{99})
	if err := errors.Join(err, byErr, lastErr, foundErr); err != nil || line != nil || by != "" || last != (creditnotes.LastDocument{}) || len(found) != 0 {
		t.Errorf("%+v %q %+v %+v, %v", line, by, last, found, err)
	}
}

func oneUnfinishedRun(t *testing.T, w *World) {
	run, mine := w.begin(w.Store)
	if !mine || run.Name != "2026-10" || run.Stage != creditnotes.StageDrafting || !run.Cutoff.Equal(w.Now) || run.CreatedBy != "anna" || run.ID == 0 {
		t.Errorf("%t %+v", mine, run)
	}
	if diff := gocmp.Diff(w.Settings().Values(), run.Settings.Values()); diff != "" {
		t.Error(diff)
	}
	w.must(w.Store.ReleaseLease(t.Context(), run.ID))
	w.Set("community_discount_percent", "50") // not of a run that has begun
	again, mine := w.begin(w.Another())
	if !mine || again.ID != run.ID || again.Settings.CommunityDiscount != run.Settings.CommunityDiscount {
		t.Errorf("%t %+v", mine, again)
	}
	w.must(w.Store.DiscardRun(t.Context(), again, "berta"))
	w.Now = w.Now.Add(time.Minute)
	second, mine := w.begin(w.Store)
	runs, err := w.Store.Runs(t.Context())
	if !mine || second.Name != "2026-10-2" || err != nil || len(runs) != 2 || runs[0].ID != second.ID {
		t.Errorf("%t %+v, %+v, %v", mine, second, runs, err)
	}
}

func leaseKeepsOthersAway(t *testing.T, w *World) {
	ctx, other := t.Context(), w.Another()
	run, _ := w.begin(w.Store)
	for _, s := range []Store{other, w.Store} { // nor does the process itself begin it twice
		if taken, mine := w.begin(s); mine || taken.ID != run.ID || taken.Holder == nil || taken.Holder.Who == "" || !taken.Holder.Until.After(w.Now) {
			t.Errorf("%t %+v", mine, taken)
		}
	}
	wanted := w.wanted()
	wanted.Month = "2026-09"
	if taken, mine, err := other.BeginRun(ctx, wanted); mine || err != nil || taken.ID != run.ID {
		t.Errorf("another month is drafted at the same time: %+v, %v", taken, err)
	}
	w.Now = w.Now.Add(time.Minute)
	w.must(w.Store.RenewLease(ctx, run.ID))
	w.Now = w.Now.Add(90 * time.Second)
	if _, mine := w.begin(other); mine {
		t.Error("a lease that was renewed is over")
	}
	Says(t, other.RenewLease(ctx, run.ID), "run_lease_lost")
	w.must(other.ReleaseLease(ctx, run.ID)) // of a process that has none: nothing
	if _, mine := w.begin(other); mine {
		t.Error("another process let go of the run")
	}
	w.Now = w.Now.Add(time.Minute)
	if _, mine := w.begin(other); !mine {
		t.Error("a lease lasts for ever")
	}
	Says(t, w.Store.RenewLease(ctx, run.ID), "run_lease_lost")
	err := w.Store.WriteDraft(ctx, run, func(creditnotes.DraftWriter) error { return nil })
	Says(t, err, "run_lease_lost")
}

func stagesInOrder(t *testing.T, w *World) {
	ctx := t.Context()
	run, _ := w.begin(w.Store)
	Says(t, w.Store.AdvanceRun(ctx, run, creditnotes.StageDrafted, creditnotes.StageReleased, "anna"), "run_stage_changed")
	w.must(w.Store.AdvanceRun(ctx, run, creditnotes.StageDrafting, creditnotes.StageDrafted, "anna"))
	if run.Stage != creditnotes.StageDrafted {
		t.Errorf("the run is %s", run.Stage)
	}
	w.Now = w.Now.Add(time.Minute)
	w.must(w.Store.AdvanceRun(ctx, run, creditnotes.StageDrafted, creditnotes.StageReleased, "berta"))
	got := w.Run("2026-10")
	if got.Stage != creditnotes.StageReleased || got.ApprovedBy != "berta" || !got.ApprovedAt.Equal(w.Now) || !got.FinishedAt.IsZero() {
		t.Errorf("%+v", got)
	}
	err := w.Store.WriteDraft(ctx, run, func(creditnotes.DraftWriter) error { return nil })
	Says(t, err, "run_stage_changed")
	w.must(w.Store.WriteIssue(ctx, func(i creditnotes.IssueWriter) error {
		return i.AdvanceRun(run, creditnotes.StageReleased, creditnotes.StageCompleted, "berta")
	}))
	if got := w.Run("2026-10"); !got.Stage.Done() || !got.FinishedAt.Equal(w.Now) {
		t.Errorf("%+v", got)
	}
	w.Proven()
}

// counts are the rows of all tables.
func (w *World) counts() map[string]int {
	w.T.Helper()
	counts := map[string]int{}
	for _, table := range Tables {
		counts[table] = w.Count(table)
	}
	return counts
}

var errUndone = errors.New("it is undone")

func draftIsAtomic(t *testing.T, w *World) {
	w.Charged(WorkedExample()...)
	var before map[string]int
	failing := undoing{w.Store, func() { before = w.counts() }}
	w.Runner.Store = failing
	if _, err := w.Runner.Run(t.Context(), ByAnna("2026-10")); !errors.Is(err, errUndone) {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(before, w.counts()); diff != "" {
		t.Error(diff)
	}
	drafted, err := w.Store.DraftedOwners(t.Context(), w.Run("2026-10").ID)
	if err != nil || len(drafted) != 0 {
		t.Errorf("%v, %v", drafted, err)
	}
	w.HasNumbers()
	w.Runner.Store = w.Store
	w.Month("2026-10")
	w.HasNumbers("GS-2026-00001")
}

// undoing undoes what a shard has written.
type undoing struct {
	creditnotes.Store
	before func()
}

func (s undoing) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	s.before()
	return s.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error { return errors.Join(fn(w), errUndone) })
}

func issueIsAtomic(t *testing.T, w *World) {
	ctx := t.Context()
	take := func(n int, result error) (first int64) {
		err := w.Store.WriteIssue(ctx, func(i creditnotes.IssueWriter) (err error) {
			r := w.Config.NumberRanges[0]
			if first, err = i.TakeNumbers(&r, numbering.Counter{Range: "gs", Period: "2026"}, n); err != nil {
				return err
			}
			return errors.Join(i.Audit("anna", "test", "gs", "", ""), result)
		})
		if !errors.Is(err, result) {
			t.Fatal(err)
		}
		return first
	}
	before := w.counts()
	if first := take(3, errUndone); first != 1 {
		t.Errorf("the first number is %d", first)
	}
	if diff := gocmp.Diff(before, w.counts()); diff != "" {
		t.Error(diff)
	}
	if a, b, c := take(3, nil), take(2, errUndone), take(1, nil); a != 1 || b != 4 || c != 4 {
		t.Errorf("numbers %d, %d, %d", a, b, c)
	}
}

// opened lists what is read of all connectors: the sessions with their versions,
// those in parentheses that are not open.
func (w *World) opened(q creditnotes.SessionQuery) (list []string) {
	w.T.Helper()
	config, err := w.Store.Configuration(w.T.Context())
	w.must(err)
	for _, c := range config.Connectors {
		q.Connectors = append(q.Connectors, c.ID)
	}
	cursor, err := w.Store.OpenSessions(w.T.Context(), q)
	w.must(err)
	for cursor.Next() {
		if cursor.Open() {
			list = append(list, cursor.Name()+" "+cursor.Session().Energy.String())
		}
	}
	w.must(errors.Join(cursor.Err(), cursor.Close()))
	slices.Sort(list)
	return list
}

func versionOfTheCutOff(t *testing.T, w *World) {
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"), Charge("S-2", "ST-9", "2026-10-03 10:00", "1"))
	first := w.Now
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
	q := creditnotes.SessionQuery{From: time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC), Until: time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC)}
	for cutoff, want := range map[time.Time][]string{
		first.Add(-time.Hour): nil, first: {"S-1 10", "S-2 1"}, w.Now: {"S-1 12", "S-2 1"},
	} {
		q.Cutoff = cutoff
		if got := w.opened(q); !slices.Equal(got, want) {
			t.Errorf("at %s: %q, want %q", cutoff, got, want)
		}
		count, err := w.Store.ReceivedBy(t.Context(), &creditnotes.Run{Cutoff: cutoff}, q)
		if err != nil || int(count.Sessions) != len(want) {
			t.Errorf("at %s: %+v, %v", cutoff, count, err)
		}
	}
	versions, err := w.Store.FindSessions(t.Context(), "S-1")
	if err != nil || len(versions) != 2 || versions[0].Version != 2 || versions[1].Version != 1 {
		t.Errorf("%+v, %v", versions, err)
	}
	unclaimed, err := w.Store.UnclaimedConnectors(t.Context())
	w.Charged(Charge("S-3", "NOWHERE", "2026-10-03 10:00", "1"))
	if after, err2 := w.Store.UnclaimedConnectors(t.Context()); err != nil || err2 != nil || len(unclaimed) != 0 || len(after) != 1 {
		t.Errorf("%v, %v", unclaimed, after)
	}
}

func settledIsNotOpen(t *testing.T, w *World) {
	w.Charged(append(WorkedExample(), Charge("S-7", "ST-9", "2026-11-03 10:00", "1"))...)
	w.Month("2026-10")
	q := creditnotes.SessionQuery{From: time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC), Until: time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC), Cutoff: w.Now}
	if got := w.opened(q); !slices.Equal(got, []string{"S-6 3"}) {
		t.Errorf("open are %q", got)
	}
	q.Future = q.Until
	if got := w.opened(q); !slices.Equal(got, []string{"S-6 3", "S-7 1"}) {
		t.Errorf("with the future open are %q", got)
	}
	q.Future, q.All = time.Time{}, true
	if got := w.opened(q); len(got) != 6 {
		t.Errorf("all are %q", got)
	}
	waiting, err := w.Store.Waiting(t.Context(), w.Now, q.Until)
	if err != nil || !waiting.Since.Equal(q.Until) || len(waiting.ByConnector) != 1 {
		t.Errorf("%+v, %v", waiting, err)
	}
	count, err := w.Store.MonthCount(t.Context(), q.From, q.Until)
	if err != nil || count != (creditnotes.MonthCount{Sessions: 6, Open: 1}) {
		t.Errorf("%+v, %v", count, err)
	}
	Says(t, w.Release("S-1", "again"), "session_credited")
	Says(t, w.Invalidate("S-1", "again"), "session_credited")
	found, err := w.Store.SessionsByID(t.Context(), []int64{w.ID("S-6")})
	if s := found[w.ID("S-6")]; err != nil || s.ExternalID != "S-6" || s.Status != sessions.Invalid {
		t.Errorf("%+v, %v", found, err)
	}
}

func failuresAreKept(t *testing.T, w *World) {
	ctx := t.Context()
	run, _ := w.begin(w.Store)
	_, err := w.Store.FailRun(ctx, run.ID, fault.List{fault.New(fault.NotReady, "range_missing", fault.Args{"type": "credit_note", "range": 1})})
	w.must(err)
	f := w.Failure("2026-10")
	if f == nil || len(f.Faults) != 1 || f.Faults[0].Key != "range_missing" || fmt.Sprint(f.Faults[0].Args["range"]) != "1" || f.Reference != "" || !f.At.Equal(w.Now) {
		t.Errorf("%+v", f)
	}
	logged, err := w.Store.FailRun(ctx, run.ID, nil)
	if f := w.Failure("2026-10"); err != nil || logged.Reference == "" || f.Reference != logged.Reference || len(f.Faults) != 0 {
		t.Errorf("%+v, %v", f, err)
	}
	w.must(w.Store.AdvanceRun(ctx, run, creditnotes.StageDrafting, creditnotes.StageDrafted, "anna"))
	if f := w.Failure("2026-10"); f != nil {
		t.Errorf("%+v", f)
	}
	w.must(w.Store.DiscardRun(ctx, run, "anna"))
	_, err = w.Store.FailRun(ctx, run.ID, nil)
	if f := w.Failure("2026-10"); err != nil || f != nil {
		t.Errorf("a run that is done fails: %+v, %v", f, err)
	}
	for _, f := range []*fault.Fault{fault.New(fault.NotReady, "range_missing", fault.Args{"type": "credit_note"}), fault.New(fault.NotReady, "feature_inactive", nil)} {
		_, err := w.Store.FailMonth(ctx, "2026-10", fault.List{f})
		w.must(err)
	}
	list, err := w.Store.MonthFailures(ctx)
	if err != nil || len(list) != 1 || list[0].Month != "2026-10" || list[0].Faults[0].Key != "feature_inactive" {
		t.Errorf("%+v, %v", list, err)
	}
	w.begin(w.Store)
	if list, err := w.Store.MonthFailures(ctx); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}
