package creditnotestest

import (
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// LeaveOut leaves an owner out of a draft, by berta.
func (w *World) LeaveOut(run, owner string) {
	w.T.Helper()
	_, carryOut, err := w.Runner.LeaveOut(w.T.Context(), run, owner, "amount is being checked", "berta")
	w.must(err)
	w.must(carryOut(w.T.Context()))
}

// TakeBackIn takes an owner back into a draft, by berta.
func (w *World) TakeBackIn(run, owner string) {
	w.T.Helper()
	_, carryOut, err := w.Runner.TakeBackIn(w.T.Context(), run, owner, "berta")
	w.must(err)
	w.must(carryOut(w.T.Context()))
}

// Approved releases a run by carla and returns its story.
func (w *World) Approved(run string) string {
	w.T.Helper()
	released, err := w.Runner.Approve(w.T.Context(), run, "carla")
	w.must(err)
	w.Render(released)
	return Story(w.Report(w.Run(run)))
}

func anOwnerIsLeftOutAndTheRestIsReleased(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Billed()
		w.Set("release", "approve")
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"), Charge("S-2", "ST-1", "2026-10-04 10:00", "3", Invalid), Charge("S-9", "ST-9", "2026-10-03 10:00", "10"))
		before := Story(w.Month("2026-10"))
		w.LeaveOut("2026-10", "a")
		_, err := w.Runner.Approve(t.Context(), "2026-10", "carla", 0) // who saw the draft before
		Says(t, err, "run_draft_changed")
		run := w.Run("2026-10")
		if run.Stage != creditnotes.StageDrafted || run.CreatedBy != "anna" {
			t.Errorf("the run is %s, by %s", run.Stage, run.CreatedBy)
		}
		report := w.Report(run)
		Same(t, Story(report), `
			draft b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			draft b→b 36.23 + 6.88 = 43.11 EUR
			monthly_fee b-2026 2026-10 1 × 25.000000 25.00
			fee_per_station b-2026 2026-10 2 × 5.000000 10.00
			custom 2026-10 0× 0 kWh 1.23
			held S-1 a owner_failed
			held S-2 a invalid
			failed a owner_left_out
			received 3: credited 1 held 2 zero 0 excluded 0`)
		list, err := w.Store.LeftOut(t.Context(), run.ID)
		if want := (creditnotes.LeftOut{Owner: "a", Reason: "amount is being checked", At: w.Now, Who: "berta"}); err != nil || len(list) != 1 || !gocmp.Equal(want, list[0]) {
			t.Errorf("%+v, %v", list, err)
		}
		if got := w.Reviewed("2026-10"); got != "b 0.00→3.15 first\na 0.00→0.00 left_out" {
			t.Errorf("the review says:\n%s", got)
		}
		_, _, err = w.Runner.LeaveOut(t.Context(), "2026-10", "a", "again", "berta")
		Says(t, err, "run_owner_is_left_out")
		for _, reason := range []string{" ", "a\x00b", "\x1b[31mchecked", "\xff", strings.Repeat("ä", 201)} {
			_, _, err = w.Runner.LeaveOut(t.Context(), "2026-10", "b", reason, "berta")
			Says(t, err, "run_left_out_reason")
		}
		_, _, err = w.Runner.LeaveOut(t.Context(), "2026-10", "z", "x", "berta")
		Says(t, err, "run_owner_unknown")
		_, _, err = w.Runner.TakeBackIn(t.Context(), "2026-10", "b", "berta")
		Says(t, err, "run_owner_not_left_out")

		w.TakeBackIn("2026-10", "a")
		Same(t, Story(w.Report(w.Run("2026-10"))), before)
		w.LeaveOut("2026-10", "a")
		for who, key := range map[string]string{"anna": "run_needs_second_person", "berta": "run_changed_needs_second_person"} {
			_, err := w.Runner.Approve(t.Context(), "2026-10", who)
			Says(t, err, key)
		}
		w.Approved("2026-10")
		w.HasNumbers("GS-2026-00001", "RE-2026-00001")
		_, _, err = w.Runner.TakeBackIn(t.Context(), "2026-10", "a", "berta")
		Says(t, err, "run_draft_fixed")

		w.Set("release", "automatic")
		w.Tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			RE-2026-00002 a→a 36.23 + 6.88 = 43.11 EUR
			monthly_fee a-2026 2026-10 1 × 25.000000 25.00
			fee_per_station a-2026 2026-10 2 × 5.000000 10.00
			custom 2026-10 0× 0 kWh 1.23
			held S-2 a invalid
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.HasNumbers("GS-2026-00001", "GS-2026-00002", "RE-2026-00001", "RE-2026-00002")
		w.Proven()
	})
}

func whatAnOwnerOwesWaitsWhileItIsLeftOut(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Owing()
		w.Set("release", "approve")
		w.Charged(Charge("S-2", "ST-1", "2026-11-03 10:00", "100"), Charge("S-9", "ST-9", "2026-11-03 10:00", "10"))
		w.Month("2026-11")
		w.LeaveOut("2026-11-2", "a")
		Same(t, w.Approved("2026-11-2"), `
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-11 1× 10 kWh 3.15
			held S-2 a owner_failed
			failed a owner_left_out
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.Set("release", "automatic")
		w.Now = Evening("2026-12-31")
		w.Tells("2026-12", `
			GS-2026-00003 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50 late
			 carried_forward 2026-11 0× 0 kWh -3.15 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func aDraftIsNotChangedBehindALaterRun(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Set("release", "approve")
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"), Charge("S-2", "ST-1", "2026-11-03 10:00", "10"))
		w.Month("2026-10")
		w.Month("2026-11")
		_, _, err := w.Runner.LeaveOut(t.Context(), "2026-10", "a", "x", "berta")
		Says(t, err, "run_has_later_run")
		// The later run may have begun after the earlier one was looked at.
		Says(t, w.Store.LeaveOut(t.Context(), w.Run("2026-10"), "a", "x", "berta"), "run_has_later_run")
		Says(t, w.Store.TakeBackIn(t.Context(), w.Run("2026-10"), "a", "berta"), "run_has_later_run")
		w.must(w.Runner.Discard(t.Context(), "2026-11", "berta"))
		w.LeaveOut("2026-10", "a")
		// A process that stops before it has drafted again is taken over.
		_, _, err = w.Runner.TakeBackIn(t.Context(), "2026-10", "a", "berta")
		w.must(err)
		w.Now = w.Now.Add(3 * time.Minute)
		w.Runner = w.Elsewhere()
		w.Tells("2026-10", `
			draft a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			held S-2 a in_the_future
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.Proven()
	})
}

func discardedDraftsAreCompared(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Set("release", "approve")
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.must(w.Runner.Discard(t.Context(), "2026-10", "berta"))
		w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "10"), Charge("S-9", "ST-9", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		c, err := w.Runner.CompareRuns(t.Context(), w.Run("2026-10"), w.Run("2026-10-2"))
		w.must(err)
		want := []creditnotes.NetChange{
			{Owner: "a", Currency: "EUR", Before: 315, Now: 630, Difference: 315}, {Owner: "b", Currency: "EUR", Now: 315, Difference: 315},
		}
		if diff := gocmp.Diff(want, c.Owners); diff != "" {
			t.Error(diff)
		}
		if diff := gocmp.Diff([]creditnotes.NetChange{{Currency: "EUR", Before: 315, Now: 945, Difference: 630}}, c.Totals); diff != "" {
			t.Error(diff)
		}
	})
}

func remarksOfARunStay(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Set("release", "approve")
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.must(w.Runner.Remark(t.Context(), "2026-10", "anna", " I called the hotel: the amount is right. "))
		w.must(w.Runner.Remark(t.Context(), "2026-10", "berta", "Thanks."))
		Says(t, w.Runner.Remark(t.Context(), "2026-10", "anna", " "), "run_remark_invalid")
		Says(t, w.Runner.Remark(t.Context(), "2026-09", "anna", "x"), "run_unknown")
		got, err := w.Store.Remarks(t.Context(), w.Run("2026-10").ID)
		want := []creditnotes.Remark{{At: w.Now, Who: "anna", Text: "I called the hotel: the amount is right."}, {At: w.Now, Who: "berta", Text: "Thanks."}}
		if diff := gocmp.Diff(want, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
	})
}
