package store_test

import (
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

func TestFiguresOfRunsAreAddedUp(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(append(workedExample(), charge("S-7", "ST-9", "2026-10-05 10:00", "10"), charge("S-8", "NOWHERE", "2026-10-05 10:00", "1.5"),
			charge("S-9", "ST-1", "2026-10-06 10:00", "2", invalid))...)
		w.Month("2026-10")
		first := w.Run("2026-10")
		w.Charged(charge("S-10", "ST-1", "2026-10-09 10:00", "10"))
		w.Month("2026-10")
		second := w.Run("2026-10-2")
		w.Cancel("GS-2026-00001") // the run made it all the same
		sums, err := w.s.RunSums(t.Context(), []int64{first.ID, second.ID, 99})
		if err != nil {
			t.Fatal(err)
		}
		want := map[int64][]creditnotes.NoteTotal{
			first.ID:  {{Currency: "EUR", Kind: "credit_note", Notes: 2, Net: 1684 + 315, Tax: 320 + 60, Gross: 2004 + 375}},
			second.ID: {{Currency: "EUR", Kind: "credit_note", Notes: 1, Net: 315, Tax: 60, Gross: 375}},
		}
		if diff := gocmp.Diff(want, sums); diff != "" {
			t.Error(diff)
		}
		held, err := w.s.RunHeld(t.Context(), first.ID)
		if err != nil {
			t.Fatal(err)
		}
		groups := []creditnotes.HeldGroup{
			{Owner: "", Reason: sessions.UnknownConnector, Sessions: 1, Energy: 1500 * money.PerWattHour},
			{Owner: "a", Reason: sessions.ReasonInvalid, Sessions: 2, Energy: 5000 * money.PerWattHour},
		}
		if diff := gocmp.Diff(groups, held); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUndeliveredAreThoseWhoseLatestMailingFailed(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(append(workedExample(), charge("S-7", "ST-9", "2026-10-05 10:00", "10"))...)
		w.Month("2026-10")
		run := w.Run("2026-10")
		notes, err := w.s.RunNotes(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		undelivered := func() (numbers []string) {
			list, err := w.s.RunUndelivered(t.Context(), run.ID, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, u := range list {
				numbers = append(numbers, u.Number+" "+u.Recipient+" "+string(u.State)+" "+u.Reply+" "+u.To[0])
			}
			return numbers
		}
		if list := undelivered(); list != nil {
			t.Errorf("before anything failed: %v", list)
		}
		for i, state := range []creditnotes.RecipientState{creditnotes.RecipientRefused, creditnotes.RecipientParked} {
			list, err := w.s.Deliveries(t.Context(), notes[i].ID)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.s.Finish(t.Context(), list[0].ID, ended(list[0], state, "no", w.Now)); err != nil {
				t.Fatal(err)
			}
		}
		want := []string{"GS-2026-00001 a failed no " + notes[0].Document.MailTo[0], "GS-2026-00002 b parked no " + notes[1].Document.MailTo[0]}
		if diff := gocmp.Diff(want, undelivered()); diff != "" {
			t.Error(diff)
		}
		if _, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want[1:], undelivered()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRunIsTakenAsLongAsItsLeaseLasts(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		taken := func() bool {
			yes, err := w.s.RunIsTaken(t.Context(), "2026-10")
			if err != nil {
				t.Fatal(err)
			}
			return yes
		}
		_, carryOut, err := w.Runner.Begin(t.Context(), byAnna("2026-10"))
		if err != nil || !taken() {
			t.Fatalf("taken %t, %v", taken(), err)
		}
		w.Now = w.Now.Add(2*time.Minute + time.Second)
		if taken() {
			t.Error("taken for ever")
		}
		w.Now = w.Now.Add(-time.Minute)
		if err := carryOut(t.Context()); err != nil || taken() {
			t.Errorf("taken %t, %v", taken(), err)
		}
		w.HasNumbers("GS-2026-00001")
		_, err = w.s.RunIsTaken(t.Context(), "2026-09")
		says(t, err, "run_unknown")
	})
}

// Pages and schedule of one process must not work on a run at the same time.
func TestRunIsNotTakenTwiceByTheSameProcess(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		if _, _, err := w.Runner.Begin(t.Context(), byAnna("2026-10")); err != nil {
			t.Fatal(err)
		}
		_, _, err := w.Runner.Begin(t.Context(), byAnna("2026-10"))
		says(t, err, "run_taken_by")
	})
}
