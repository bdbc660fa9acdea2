package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// refreshed brings the open month up to date.
func (w *world) refreshed() {
	w.T.Helper()
	_, err := w.OpenMonth().Refresh(w.T.Context())
	w.ok(err)
}

// next lists the sessions that the next run would give an outcome.
func (w *world) next(state creditnotes.SessionState, reason sessions.Reason) string {
	w.T.Helper()
	f := creditnotes.SessionFilter{Next: state, Reason: reason}
	got := names(w.sessionPage(f, creditnotes.Page{OldestFirst: true}).Sessions)
	w.s.SortAtMost(0) // through the book in its order
	walked := names(w.sessionPage(f, creditnotes.Page{OldestFirst: true}).Sessions)
	n, _, err := w.s.CountSessions(w.T.Context(), f, 100)
	w.s.SortAtMost(20_000)
	w.ok(err)
	if walked != got || n != len(strings.Fields(got)) {
		w.T.Errorf("%s %s: %s, in the order of the book %s, counted %d", state, reason, got, walked, n)
	}
	return got
}

// What the next run would make of the sessions that wait is what it makes of them,
// with amounts; after it, nothing of it waits but what it held.
func TestSessionsAreListedByWhatTheNextRunWouldMakeOfThem(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Now = evening("2026-10-20")
		w.Set("start_date", "2026-10-02")
		w.Charged(charge("old", "ST-1", "2026-10-01 10:00", "10"), charge("good", "ST-1", "2026-10-03 10:00", "10"), charge("free", "ST-9", "2026-10-04 10:00", "0"),
			charge("bad", "ST-1", "2026-10-05 10:00", "10", creditnotestest.Invalid), charge("minus", "ST-1", "2026-10-06 10:00", "-1"))
		w.refreshed()
		for _, c := range []struct {
			next   creditnotes.SessionState
			reason sessions.Reason
			want   string
		}{
			{creditnotes.SessionCredited, "", "good"}, {creditnotes.SessionZero, "", "free"}, {creditnotes.SessionHeld, "", "bad minus"},
			{creditnotes.SessionHeld, sessions.ReasonInvalid, "bad"}, {creditnotes.SessionHeld, sessions.Overlap, ""}, {creditnotes.SessionExcluded, "", "old"},
			{creditnotes.SessionExcluded, sessions.BeforeStartDate, "old"}, {creditnotes.SessionWithdrawn, "", ""},
		} {
			if got := w.next(c.next, c.reason); got != c.want {
				t.Errorf("%s %s: %s, want %s", c.next, c.reason, got, c.want)
			}
		}
		row := w.sessionPage(creditnotes.SessionFilter{Name: "good"}, creditnotes.Page{}).Sessions[0]
		if row.State != creditnotes.SessionOpen || row.Next != creditnotes.SessionCredited || row.Net == nil || *row.Net <= 0 || row.Currency != "EUR" {
			t.Errorf("%+v", row)
		}
		counts, err := w.s.SessionCounts(t.Context(), creditnotes.SessionFilter{})
		w.ok(err)
		told := ""
		for _, c := range counts {
			told += fmt.Sprintf("%s %s %s %d\n", c.State, c.Next, c.NextReason, c.Sessions)
		}
		creditnotestest.Same(t, told, `
			open credited  1
			open excluded before_start_date 1
			open held invalid 1
			open held negative_energy 1
			open zero  1`)
		held, err := w.s.HeldSums(t.Context(), []time.Time{w.Now.AddDate(0, 0, -7), w.Now.AddDate(0, 0, -30)}, w.Now.AddDate(0, 0, -10))
		w.ok(err)
		if len(held) != 2 || held[0].Reason != sessions.ReasonInvalid || held[0].Age != 1 || held[0].Late != 1 || held[0].Worth <= 0 || held[1].Unknown != 1 ||
			!held[0].Oldest.Equal(w.sessionPage(creditnotes.SessionFilter{Name: "bad"}, creditnotes.Page{}).Sessions[0].Session.End) {
			t.Errorf("%+v", held)
		}
		w.Now = evening("2026-10-31")
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			zero b→b 0.00 + 0.00 = 0.00 EUR
			ST-9 energy 2026-10 1× 0 kWh 0.00
			held bad a invalid
			held minus a negative_energy
			received 5: credited 1 held 2 zero 1 excluded 1`)
		if got := w.next(creditnotes.SessionCredited, "") + w.next(creditnotes.SessionZero, "") + w.next(creditnotes.SessionExcluded, ""); got != "" {
			t.Errorf("before the book knows of the run: %s", got)
		}
		w.refreshed()
		if got := w.next(creditnotes.SessionHeld, ""); got != "bad minus" {
			t.Errorf("held after the run: %s", got)
		}
	})
}

// A session is released only where that lets it be credited.
func TestAReleaseThatCuresNothingIsRefused(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Now = evening("2026-10-20")
		w.Charged(charge("minus", "ST-1", "2026-10-06 10:00", "-1"), charge("bad", "ST-1", "2026-10-05 10:00", "10", creditnotestest.Invalid))
		w.refreshed()
		done, refused, err := w.s.ReleaseSessions(t.Context(), "fin", []int64{w.ID("minus"), w.ID("bad")}, "seen")
		w.ok(err)
		if f := refused[w.ID("minus")]; done != 1 || len(refused) != 1 || f == nil || f.Key != "session_release_cures_nothing" || f.Kind != fault.Conflict {
			t.Errorf("%d released, refused %v", done, refused)
		}
		w.refreshed()
		if got := w.next(creditnotes.SessionCredited, ""); got != "bad" {
			t.Errorf("after the release: %s", got)
		}
	})
}
