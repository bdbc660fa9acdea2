package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// forgetful knows of no run that settled anything: drafts look at everything.
type forgetful struct{ creditnotes.Store }

func (forgetful) Waiting(context.Context, time.Time, time.Time) (creditnotes.Waiting, error) {
	return creditnotes.Waiting{}, nil
}

// randomCharging are sessions of four months at three connectors: short ones,
// long ones, some that never stopped, some that end before they start, and some
// whose clock is wrong.
func randomCharging(random *rand.Rand, name string, n int, from time.Time) (list []sessions.Session) {
	for i := range n {
		start := from.Add(time.Duration(random.IntN(120*24*60)) * time.Minute)
		lasts := time.Duration(random.IntN(300)) * time.Minute
		switch random.IntN(12) {
		case 0:
			lasts = time.Duration(random.IntN(9*24*60)) * time.Minute
		case 1:
			lasts = -time.Duration(random.IntN(3*24*60)) * time.Minute
		case 2:
			lasts = 24 * time.Hour
		case 3:
			if random.IntN(4) == 0 {
				lasts = 10 * 365 * 24 * time.Hour
			}
		}
		s := charge(fmt.Sprintf("%s-%d", name, i), []string{"ST-1", "ST-2", "ST-9"}[random.IntN(3)], "2026-01-01 00:00", "5")
		s.Start, s.End, s.Duration = start, start.Add(lasts), 0
		if random.IntN(15) == 0 {
			s.Status = sessions.Invalid
		}
		list = append(list, s)
	}
	return list
}

// A draft reads what an earlier run left open and its neighbors. It must come to
// the same as one that looks at everything there ever was.
func TestADraftThatReadsLittleComesToTheSameAsOneThatReadsAll(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		random := rand.New(rand.NewPCG(5, 8))
		w.now = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		begin := w.now
		clock := func(month time.Month) { // late in a month
			w.now = time.Date(2026, month, 28, 20, 0, 0, 0, time.UTC).Add(time.Duration(w.rows("audit")) * time.Second)
		}
		everything := w.newRunner(forgetful{w.s})
		months := []entities.Month{"2026-07", "2026-08", "2026-09", "2026-10", "2026-11"}
		agree := func(when string) {
			t.Helper()
			for _, month := range months {
				if month.FirstDay().In(time.UTC).After(w.now) {
					continue
				}
				little, all := w.sketched(w.runner, month), w.sketched(everything, month)
				if diff := gocmp.Diff(all, little); diff != "" {
					t.Fatalf("%s, preview of %s (- all + little)\n%s", when, month, diff)
				}
			}
		}
		var credited []string
		for i, month := range months {
			clock(time.Month(int(time.July) + i))
			w.charged(randomCharging(random, string(month), 40, begin)...)
			agree("imported")
			report := w.month(month)
			for _, n := range report.Notes {
				credited = append(credited, n.Number)
			}
			agree("run")
			if i == 1 && len(credited) > 0 {
				w.cancel(credited[0])
				agree("cancelled")
			}
			if i == 2 { // drafted, overtaken by nothing, thrown away
				w.charged(randomCharging(random, "draft", 15, begin)...)
				w.set("release", "approve")
				drafted := w.month(month)
				w.set("release", "automatic")
				agree("drafted")
				if err := w.runner.Discard(t.Context(), drafted.Name, "berta"); err != nil {
					t.Fatal(err)
				}
				agree("discarded")
				w.month(months[0])
			}
			for range 3 { // decide about something that is held
				held := w.previewed(month).Held
				if len(held) == 0 {
					break
				}
				one := held[random.IntN(len(held))]
				if one.Reason.Releasable() && random.IntN(2) == 0 {
					_, _, err := w.s.ReleaseSessions(t.Context(), "anna", []int64{one.SessionID}, "right all the same")
					if err != nil {
						t.Fatal(err)
					}
				} else if _, _, err := w.s.InvalidateSessions(t.Context(), "anna", []int64{one.SessionID}, "wrong"); err != nil {
					t.Fatal(err)
				}
			}
			w.now = w.now.Add(time.Minute)
			agree("decided")
		}
		w.overlapsAgree(months[len(months)-1])
	})
}

// sketched is the preview of a month, as far as it can be compared.
func (w *world) sketched(r *creditnotes.Runner, month entities.Month) creditnotes.ReportJSON {
	w.t.Helper()
	report, err := r.Preview(w.t.Context(), byAnna(month))
	if err != nil {
		w.t.Fatal(err)
	}
	return report.JSON(func(f *fault.Fault) string { return f.Key })
}

// overlapsAgree holds the overlaps of a preview against all pairs of sessions
// there are.
func (w *world) overlapsAgree(month entities.Month) {
	w.t.Helper()
	var all []*sessions.Session
	for row, err := range w.s.EachSession(w.t.Context(), creditnotes.SessionFilter{}) {
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, new(row.Session))
	}
	slices.SortFunc(all, sessions.ByStart)
	var overlaps sessions.Overlaps
	with := map[int64]int64{}
	for _, s := range all {
		if clash := overlaps.Check(s); clash.By > time.Minute {
			with[s.ID] = clash.With
		}
	}
	for _, h := range w.previewed(month).Held {
		if h.Reason == sessions.Overlap && with[h.SessionID] != h.OtherID {
			w.t.Errorf("%s overlaps session %d, held for %d", h.Session, with[h.SessionID], h.OtherID)
		}
		if h.Reason == sessions.Unpriced && with[h.SessionID] != 0 {
			w.t.Errorf("%s overlaps session %d, not held for it", h.Session, with[h.SessionID])
		}
	}
}

// What an import wrote while a run waited for it is not taken for settled,
// whatever its clock says.
func TestASessionReceivedAfterTheCutOffIsNotTakenForSettled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		evening := w.now
		w.now = evening.Add(time.Hour) // the clock of another machine is ahead
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.now = evening
		w.charged(charge("S-2", "ST-1", "2026-10-04 10:00", "10"))
		w.tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.now = evening.Add(2 * time.Hour)
		w.tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

// A draft that is thrown away opens its sessions again, also for runs that came
// after it and took them for settled.
func TestADiscardedDraftIsOpenForRunsThatOvertookIt(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-09-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-04 10:00", "10"))
		w.set("release", "approve")
		september := w.month("2026-09")
		w.set("release", "automatic")
		w.tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if err := w.runner.Discard(t.Context(), september.Name, "berta"); err != nil {
			t.Fatal(err)
		}
		w.tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-09 1× 10 kWh 3.15 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

// A line that disappears leaves a session that every later draft takes for
// settled. Only the proof looks at everything.
func TestVerifyFindsASessionThatEveryRunTakesForSettled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-04 10:00", "10", invalid))
		w.set("start_date", "2026-10-04")
		w.tells("2026-10", `
			held S-2 b invalid
			received 2: credited 0 held 1 zero 0 excluded 1`)
		w.proven()
		w.unlock()
		if n, err := w.sql("DELETE FROM lines WHERE session_id = $1", w.id("S-1")); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if report := w.month("2026-10"); report.Total.Received.Sessions != 1 {
			t.Errorf("%+v", report.Total)
		}
		if got := w.problems(); !slices.Contains(got, "verify_forgotten") {
			t.Errorf("verify finds %v", got)
		}
	})
}

func TestVerifySinceLeavesOutWhatIsEarlier(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.month("2026-10")
		w.now = w.now.AddDate(0, 1, 0)
		since := w.now
		w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "20"), charge("S-3", "ST-9", "2026-11-03 10:00", "20"))
		w.month("2026-11")
		look := func() (*creditnotes.Verification, []string) {
			t.Helper()
			v, err := creditnotes.VerifySince(t.Context(), w.s, creditnotes.AuditHead{}, since)
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, p := range v.Problems {
				keys = append(keys, p.Key)
			}
			return v, keys
		}
		if v, keys := look(); v.Notes != 2 || v.Files != 2 || v.Runs != 1 || len(keys) != 0 {
			t.Errorf("%d notes, %d files, %d runs, problems %v", v.Notes, v.Files, v.Runs, keys)
		}
		w.unlock()
		for _, statement := range []string{
			"UPDATE lines SET net_energy = net_energy + 1 WHERE energy = 10000000", "UPDATE credit_notes SET hash = 'x' WHERE number = 'GS-2026-00001'",
		} {
			if n, err := w.sql(statement); n != 1 || err != nil {
				t.Fatal(n, err)
			}
		}
		if _, keys := look(); slices.ContainsFunc(keys, func(k string) bool { return k != "verify_guard" }) {
			t.Errorf("what was earlier is looked at: %v", keys)
		}
		if n, err := w.sql("UPDATE lines SET net_energy = net_energy + 1 WHERE note_id = (SELECT id FROM credit_notes WHERE number = 'GS-2026-00002')"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if _, keys := look(); !slices.Contains(keys, "verify_lines") {
			t.Errorf("a changed line of a note since then is not found: %v", keys)
		}
		if n, err := w.sql("UPDATE credit_notes SET number = NULL, sequence = NULL, state = 'draft' WHERE number = 'GS-2026-00001'"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if _, keys := look(); !slices.Contains(keys, "verify_note_gone") {
			t.Errorf("an earlier note that is gone is not found: %v", keys)
		}
	})
}
