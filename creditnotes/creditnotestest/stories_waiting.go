package creditnotestest

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
		s := Charge(fmt.Sprintf("%s-%d", name, i), []string{"ST-1", "ST-2", "ST-9"}[random.IntN(3)], "2026-01-01 00:00", "5")
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
func aDraftThatReadsLittleComesToTheSameAsOneThatReadsAll(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		random := rand.New(rand.NewPCG(5, 8))
		w.Now = time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
		begin := w.Now
		clock := func(month time.Month) { // late in a month
			w.Now = time.Date(2026, month, 28, 20, 0, 0, 0, time.UTC).Add(time.Duration(w.Count("audit entries")) * time.Second)
		}
		everything := w.NewRunner(forgetful{w.Store})
		months := []entities.Month{"2026-07", "2026-08", "2026-09", "2026-10", "2026-11"}
		agree := func(when string) {
			t.Helper()
			for _, month := range months {
				if month.FirstDay().In(time.UTC).After(w.Now) {
					continue
				}
				little, all := w.sketched(w.Runner, month), w.sketched(everything, month)
				if diff := gocmp.Diff(all, little); diff != "" {
					t.Fatalf("%s, preview of %s (- all + little)\n%s", when, month, diff)
				}
			}
		}
		var credited []string
		for i, month := range months {
			clock(time.Month(int(time.July) + i))
			w.Charged(randomCharging(random, string(month), 40, begin)...)
			agree("imported")
			report := w.Month(month)
			for _, n := range report.Notes {
				credited = append(credited, n.Number)
			}
			agree("run")
			if i == 1 && len(credited) > 0 {
				w.Cancel(credited[0])
				agree("cancelled")
			}
			if i == 2 { // drafted, overtaken by nothing, thrown away
				w.Charged(randomCharging(random, "draft", 15, begin)...)
				w.Set("release", "approve")
				drafted := w.Month(month)
				w.Set("release", "automatic")
				agree("drafted")
				if err := w.Runner.Discard(t.Context(), drafted.Name, "berta"); err != nil {
					t.Fatal(err)
				}
				agree("discarded")
				w.Month(months[0])
			}
			for range 3 { // decide about something that is held
				held := w.Previewed(month).Held
				if len(held) == 0 {
					break
				}
				one := held[random.IntN(len(held))]
				if one.Reason.Releasable() && random.IntN(2) == 0 {
					_, _, err := w.Store.ReleaseSessions(t.Context(), "anna", []int64{one.SessionID}, "right all the same")
					if err != nil {
						t.Fatal(err)
					}
				} else if _, _, err := w.Store.InvalidateSessions(t.Context(), "anna", []int64{one.SessionID}, "wrong"); err != nil {
					t.Fatal(err)
				}
			}
			w.Now = w.Now.Add(time.Minute)
			agree("decided")
		}
		w.overlapsAgree(months[len(months)-1])
	})
}

// sketched is the preview of a month, as far as it can be compared.
func (w *World) sketched(r *creditnotes.Runner, month entities.Month) creditnotes.ReportJSON {
	w.T.Helper()
	report, err := r.Preview(w.T.Context(), ByAnna(month))
	if err != nil {
		w.T.Fatal(err)
	}
	return report.JSON(func(f *fault.Fault) string { return f.Key })
}

// overlapsAgree holds the overlaps of a preview against all pairs of sessions
// there are.
func (w *World) overlapsAgree(month entities.Month) {
	w.T.Helper()
	list, err := w.Store.CurrentSessions(w.T.Context())
	w.must(err)
	var all []*sessions.Session
	for i := range list {
		all = append(all, &list[i])
	}
	slices.SortFunc(all, sessions.ByStart)
	var overlaps sessions.Overlaps
	with := map[int64]int64{}
	for _, s := range all {
		if clash := overlaps.Check(s); clash.By > time.Minute {
			with[s.ID] = clash.With
		}
	}
	for _, h := range w.Previewed(month).Held {
		if h.Reason == sessions.Overlap && with[h.SessionID] != h.OtherID {
			w.T.Errorf("%s overlaps session %d, held for %d", h.Session, with[h.SessionID], h.OtherID)
		}
		if h.Reason == sessions.Unpriced && with[h.SessionID] != 0 {
			w.T.Errorf("%s overlaps session %d, not held for it", h.Session, with[h.SessionID])
		}
	}
}

// What an import wrote while a run waited for it is not taken for settled,
// whatever its clock says.
func aSessionReceivedAfterTheCutOffIsNotTakenForSettled(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		evening := w.Now
		w.Now = evening.Add(time.Hour) // the clock of another machine is ahead
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Now = evening
		w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Now = evening.Add(2 * time.Hour)
		w.Tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

// A draft that is thrown away opens its sessions again, also for runs that came
// after it and took them for settled.
func aDiscardedDraftIsOpenForRunsThatOvertookIt(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-1", "2026-09-03 10:00", "10"), Charge("S-2", "ST-9", "2026-10-04 10:00", "10"))
		w.Set("release", "approve")
		september := w.Month("2026-09")
		w.Set("release", "automatic")
		w.Tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if err := w.Runner.Discard(t.Context(), september.Name, "berta"); err != nil {
			t.Fatal(err)
		}
		w.Tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-09 1× 10 kWh 3.15 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}
