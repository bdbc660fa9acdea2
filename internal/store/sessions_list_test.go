package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// network compiles what is configured.
func (w *world) network() *entities.Network {
	w.T.Helper()
	c, err := w.s.Configuration(w.T.Context())
	if err != nil {
		w.T.Fatal(err)
	}
	n, err := entities.NewNetwork(c.Entities, c.Stations, c.Connectors, c.Media, c.Partners)
	if err != nil {
		w.T.Fatal(err)
	}
	return n
}

func names(rows []creditnotes.SessionRow) string {
	var all []string
	for _, row := range rows {
		all = append(all, row.Session.ExternalID)
	}
	return strings.Join(all, " ")
}

func (w *world) sessionPage(f creditnotes.SessionFilter, p creditnotes.Page) creditnotes.SessionList {
	w.T.Helper()
	list, err := w.s.ListSessions(w.T.Context(), f, p)
	if err != nil {
		w.T.Fatal(err)
	}
	return list
}

// someCharging is credited in October but for S-5, which is held, and S-6,
// which came afterwards.
func someCharging(w *world) {
	w.T.Helper()
	w.Charged(charge("S-1", "ST-1", "2026-10-01 10:00", "10"), charge("S-2", "ST-2", "2026-10-02 10:00", "20"),
		charge("T-3", "ST-9", "2026-10-03 10:00", "30"), charge("S-4", "ST-1", "2026-10-04 10:00", "30"), charge("S-5", "ST-9", "2026-10-05 10:00", "-1"))
	w.Month("2026-10")
	w.Charged(charge("S-6", "ST-1", "2026-11-01 10:00", "10"))
}

func TestSessionsAreListedByWhatIsAskedFor(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		someCharging(w)
		n := w.network()
		number := n.Holdings("a").Connectors()
		for _, c := range []struct {
			claim string
			f     creditnotes.SessionFilter
			want  string
		}{
			{"all", creditnotes.SessionFilter{}, "S-6 S-5 S-4 T-3 S-2 S-1"},
			{"a month", creditnotes.SessionFilter{From: time.Date(2026, 11, 1, 0, 0, 0, 0, berlin)}, "S-6"},
			{"an owner", creditnotes.SessionFilter{Owned: n.Holdings("b")}, "S-5 T-3"},
			{"nobody", creditnotes.SessionFilter{Owned: n.Holdings()}, ""},
			{"some connectors", creditnotes.SessionFilter{Connectors: number[:1]}, names(w.sessionPage(creditnotes.SessionFilter{Owned: n.Holdings("a"), Connectors: number[:1]}, creditnotes.Page{}).Sessions)},
			{"connectors of another owner", creditnotes.SessionFilter{Owned: n.Holdings("b"), Connectors: number}, ""},
			{"open", creditnotes.SessionFilter{State: creditnotes.SessionOpen}, "S-6"},
			{"held", creditnotes.SessionFilter{State: creditnotes.SessionHeld}, "S-5"},
			{"credited", creditnotes.SessionFilter{State: creditnotes.SessionCredited}, "S-4 T-3 S-2 S-1"},
			{"credited of an owner", creditnotes.SessionFilter{State: creditnotes.SessionCredited, Owned: n.Holdings("b")}, "T-3"},
			{"a reason", creditnotes.SessionFilter{Reason: sessions.NegativeEnergy}, "S-5"},
			{"another reason", creditnotes.SessionFilter{Reason: sessions.Overlap}, ""},
			{"a name", creditnotes.SessionFilter{Name: "T"}, "T-3"},
			{"names are not patterns", creditnotes.SessionFilter{Name: "S_"}, ""},
			{"a name and a state", creditnotes.SessionFilter{Name: "S-", State: creditnotes.SessionHeld}, "S-5"},
			{"a medium of nobody", creditnotes.SessionFilter{Medium: "%%"}, ""},
			{"a class", creditnotes.SessionFilter{Matches: func(s *sessions.Session) bool { return n.Class(s) == sessions.Internal }}, ""},
		} {
			if got := names(w.sessionPage(c.f, creditnotes.Page{}).Sessions); got != c.want {
				t.Errorf("%s: %s, want %s", c.claim, got, c.want)
			}
			count, more, err := w.s.CountSessions(t.Context(), c.f, 10)
			if want := len(strings.Fields(c.want)); err != nil || count != want || more {
				t.Errorf("%s: counted %d %v, want %d, %v", c.claim, count, more, want, err)
			}
		}
		held := w.sessionPage(creditnotes.SessionFilter{State: creditnotes.SessionHeld}, creditnotes.Page{}).Sessions[0]
		if held.Reason != sessions.NegativeEnergy || held.Number != "" || held.Session.EVSEID == "" {
			t.Errorf("%+v", held)
		}
	})
}

func TestSessionsFollowTheOwnerAtTheirStart(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		someCharging(w)
		for i := range w.Config.Stations {
			if w.Config.Stations[i].Key == "ST-1" {
				w.Config.Stations[i].Owners = append(w.Config.Stations[i].Owners, entities.Ownership{From: "2026-10-03", Entity: "b"})
			}
		}
		w.Save()
		n := w.network()
		for owner, want := range map[string]string{"a": "S-2 S-1", "b": "S-6 S-5 S-4 T-3"} {
			f := creditnotes.SessionFilter{Owned: n.Holdings(owner)}
			if got := names(w.sessionPage(f, creditnotes.Page{}).Sessions); got != want {
				t.Errorf("%s has %s, want %s", owner, got, want)
			}
			if count, more, err := w.s.CountSessions(t.Context(), f, 1); err != nil || count != 1 || !more {
				t.Errorf("%s: counted %d %v, %v", owner, count, more, err)
			}
		}
	})
}

func TestPagesOfSessionsJoin(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		someCharging(w)
		owned := w.network().Holdings("a", "b")
		for oldest, want := range map[bool][]string{false: {"S-6 S-5", "S-4 T-3", "S-2 S-1"}, true: {"S-1 S-2", "T-3 S-4", "S-5 S-6"}} {
			for _, f := range []creditnotes.SessionFilter{{}, {Owned: owned}} {
				page := creditnotes.Page{OldestFirst: oldest, Limit: 2}
				var lists []creditnotes.SessionList
				for range 3 {
					list := w.sessionPage(f, page)
					lists = append(lists, list)
					page.After = list.Next
				}
				page.After, page.Before = "", lists[2].Previous
				back := w.sessionPage(f, page)
				for i, list := range append(lists, back) {
					if got := names(list.Sessions); got != []string{want[0], want[1], want[2], want[1]}[i] {
						t.Errorf("page %d, oldest first %v: %s", i, oldest, got)
					}
				}
				if lists[0].Previous != "" || lists[2].Next != "" || back.Previous == "" || back.Next == "" {
					t.Errorf("the ends are not seen: %q %q %q %q", lists[0].Previous, lists[2].Next, back.Previous, back.Next)
				}
			}
		}
		for _, cursor := range []string{"x", "yesterday~1", "2026-10-31T00:00:00Z~x"} {
			_, err := w.s.ListSessions(t.Context(), creditnotes.SessionFilter{}, creditnotes.Page{Before: cursor})
			says(t, err, "cursor_invalid")
		}
	})
}

func TestSearchInVainPausesAndGoesOn(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		var list []any
		for i := range 25_000 {
			one := session(fmt.Sprintf("M-%05d", i), 5)
			one.Start, one.End = one.Start.Add(time.Duration(i)*time.Second), one.End.Add(time.Duration(i)*time.Second)
			list = append(list, one)
		}
		take(t, w.s, list...)
		f := creditnotes.SessionFilter{Matches: func(s *sessions.Session) bool { return s.ExternalID == "M-00000" }}
		first := w.sessionPage(f, creditnotes.Page{})
		if len(first.Sessions) != 0 || first.Next == "" {
			t.Fatalf("%d sessions, next %q", len(first.Sessions), first.Next)
		}
		second := w.sessionPage(f, creditnotes.Page{After: first.Next})
		if names(second.Sessions) != "M-00000" || second.Next != "" {
			t.Errorf("%s, next %q", names(second.Sessions), second.Next)
		}
		// Where more could match than are worth sorting, the same are found.
		all := creditnotes.SessionFilter{Name: "M-", Connectors: []int64{second.Sessions[0].Session.ConnectorID}}
		if got := w.sessionPage(all, creditnotes.Page{Limit: 2}); names(got.Sessions) != "M-24999 M-24998" {
			t.Errorf("%s", names(got.Sessions))
		}
		if n, more, err := w.s.CountSessions(t.Context(), all, 10_000); err != nil || n != 10_000 || !more {
			t.Errorf("%d %v %v", n, more, err)
		}
	})
}

func TestSessionsAreCountedByStateAndReason(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		someCharging(w)
		n := w.network()
		for _, c := range []struct {
			f    creditnotes.SessionFilter
			want string
		}{
			{creditnotes.SessionFilter{}, "credited 4 90, held negative_energy 1 -1, open 1 10"},
			{creditnotes.SessionFilter{State: creditnotes.SessionHeld}, "held negative_energy 1 -1"},
			{creditnotes.SessionFilter{Owned: n.Holdings("b")}, "credited 1 30, held negative_energy 1 -1"},
			{creditnotes.SessionFilter{Until: time.Date(2026, 10, 2, 0, 0, 0, 0, berlin)}, "credited 1 10"},
		} {
			counts, err := w.s.SessionCounts(t.Context(), c.f)
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, count := range counts {
				all = append(all, strings.Join(strings.Fields(fmt.Sprintf("%s %s %d %s", count.State, count.Reason, count.Sessions, count.Energy)), " "))
			}
			if got := strings.Join(all, ", "); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		}
	})
}

func TestHistoryOfASessionIsWhole(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-01 10:00", "-10"))
		if err := w.s.ReleaseSession(t.Context(), "anna", w.ID("S-1"), "meter was turned"); err != nil {
			t.Fatal(err)
		}
		w.Charged(charge("S-1", "ST-1", "2026-10-01 10:00", "10"))
		w.Month("2026-10")
		w.Cancel("GS-2026-00001")
		w.Month("2026-10")
		w.Charged(charge("S-1", "ST-1", "2026-10-01 10:00", "20"))
		w.Month("2026-11")
		h, err := w.s.SessionHistory(t.Context(), w.ID("S-1"))
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Versions) != 3 || h.Versions[0].Version != 3 || h.Versions[0].EVSEID == "" {
			t.Errorf("%+v", h.Versions)
		}
		if d := h.Decisions; len(d) != 1 || d[0].Who != "anna" || d[0].Action != "session.released" || d[0].Reason != "meter was turned" || d[0].At.IsZero() {
			t.Errorf("%+v", d)
		}
		var lines []string
		for _, l := range h.Lines {
			lines = append(lines, fmt.Sprintf("%s v%d %s %s %s %v by %s", l.Number, l.Version, l.Owner, l.Kind, l.NetEnergy, l.Live, l.CancelledBy))
		}
		same(t, strings.Join(lines, "\n"), `
			GS-2026-00001 v2 a credit 3.150000 false by ST-2026-00001
			GS-2026-00002 v2 a credit 3.150000 true by
			GS-2026-00003 v2 a reversal -3.150000 true by
			GS-2026-00003 v3 a credit 6.300000 true by`)
		if _, err := w.s.SessionHistory(t.Context(), 4711); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown session: %v", err)
		}
	})
}

func TestManySessionsAreDecidedAtOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		someCharging(w)
		open, held, credited := w.ID("S-6"), w.ID("S-5"), w.ID("S-1")
		done, refused, err := w.s.InvalidateSessions(t.Context(), "anna", []int64{open, credited, 4711, open}, "test charge")
		if err != nil || done != 1 || len(refused) != 2 || refused[credited].Key != "session_credited" || refused[4711].Key != "session_not_found" {
			t.Errorf("%d, %v, %v", done, refused, err)
		}
		if v := versions(t, w.s, "S-6"); len(v) != 2 || v[0].Status != sessions.Invalid {
			t.Errorf("%+v", v)
		}
		done, refused, err = w.s.ReleaseSessions(t.Context(), "bert", []int64{held, w.ID("S-6"), open}, "after all") // a release does not cure a negative energy
		if err != nil || done != 1 || len(refused) != 2 || refused[open].Key != "session_superseded" || refused[held].Key != "session_release_cures_nothing" {
			t.Errorf("%d, %v, %v", done, refused, err)
		}
		if v := versions(t, w.s, "S-6"); !v[0].Released {
			t.Errorf("%+v", v[0])
		}
		w.Proven()
	})
}
