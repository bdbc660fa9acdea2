package store_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

func (w *world) progress(run *creditnotes.Run) store.Progress {
	w.T.Helper()
	p, err := w.s.RunProgress(w.T.Context(), run.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return *p
}

func TestProgressOfARunIsKnownToTheDatabase(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Set("release", "approve")
		w.Charged(append(workedExample(), charge("S-7", "ST-9", "2026-10-05 10:00", "10"), charge("S-8", "NOWHERE", "2026-10-05 10:00", "1"))...)
		run, err := w.Runner.Run(t.Context(), byAnna("2026-10"))
		if err != nil {
			t.Fatal(err)
		}
		config, err := w.s.Configuration(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		plan, err := creditnotes.NewPlan(config, run.DocumentDate)
		if err != nil {
			t.Fatal(err)
		}
		want := store.Progress{Stage: creditnotes.StageDrafted, OwnersDone: plan.Owners(), SessionsDone: 8, NotesTotal: 2,
			Deliveries: map[creditnotes.DeliveryState]int{}}
		if diff := gocmp.Diff(want, w.progress(run)); diff != "" || plan.Owners() != 2 {
			t.Errorf("drafted: %d owners %s", plan.Owners(), diff)
		}
		if run, err = w.Runner.Approve(t.Context(), "2026-10", "max"); err != nil {
			t.Fatal(err)
		}
		want.Stage, want.Deliveries[creditnotes.DeliveryQueued] = creditnotes.StageIssued, 2
		if diff := gocmp.Diff(want, w.progress(run)); diff != "" {
			t.Errorf("issued: %s", diff)
		}
		notes, err := w.s.RunNotes(t.Context(), run.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Runner.Render(t.Context(), notes[0].ID, paper{}); err != nil {
			t.Fatal(err)
		}
		want.NotesRendered = 1
		if diff := gocmp.Diff(want, w.progress(run)); diff != "" {
			t.Errorf("rendering: %s", diff)
		}
		w.Render(run)
		w.Cancel("GS-2026-00001") // is no part of the run
		want.Stage, want.NotesRendered = creditnotes.StageCompleted, 2
		if diff := gocmp.Diff(want, w.progress(run)); diff != "" {
			t.Errorf("completed: %s", diff)
		}
		_, err = w.s.RunProgress(t.Context(), 99)
		says(t, err, "run_unknown")
	})
}

func TestOperatorWithStationsIsAmongTheOwnersOfAPlan(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-op", "2026-10-03 10:00", "10"))
		report := w.Month("2026-10")
		run, err := w.s.RunByName(t.Context(), report.Name)
		if err != nil {
			t.Fatal(err)
		}
		if p := w.progress(run); p.OwnersDone != 3 || p.SessionsDone != 1 || p.NotesTotal != 0 {
			t.Errorf("%+v", p)
		}
	}, func(c *creditnotes.Configuration) { station(c, "ST-op", "op", "COM") })
}
