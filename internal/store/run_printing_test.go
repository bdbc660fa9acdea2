package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

func TestNoteWithoutFilesIsReportedAndCanBeCancelled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"), charge("S-b", "ST-9", "2026-10-03 10:00", "10"))
		run, err := w.Runner.Run(t.Context(), byAnna("2026-10"))
		if err != nil {
			t.Fatal(err)
		}
		left := w.unrendered(run)
		if len(left) != 2 || left[0].Number != "GS-2026-00001" {
			t.Fatalf("without files are %v", left)
		}
		// The other one is rendered all the same.
		if err := w.Runner.Render(t.Context(), left[1].ID, paper{}); err != nil {
			t.Fatal(err)
		}
		// Another process may be making its files: that is no fault for a while.
		v, err := creditnotes.Verify(t.Context(), w.s, creditnotes.AuditHead{})
		if err != nil || !v.Clean() || !slices.Equal(v.Rendering, []string{"GS-2026-00001"}) {
			t.Errorf("while the files are being made: %v, %v, %v", v.Problems, v.Rendering, err)
		}
		w.Now = w.Now.Add(time.Hour)
		if got := w.Problems(); !slices.Equal(got, []string{"verify_unrendered"}) {
			t.Errorf("verify finds %v", got)
		}
		w.Now = w.Now.Add(-time.Hour)
		if _, err := w.sql("DELETE FROM river_job"); err != nil {
			t.Fatal(err)
		}
		if got := w.Problems(); !slices.Equal(got, []string{"verify_unrendered"}) {
			t.Errorf("without a job verify finds %v", got)
		}
		cancellation, err := w.TryCancel("GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Runner.Render(t.Context(), cancellation.ID, paper{}); err != nil {
			t.Fatal(err)
		}
		// A cancelled note keeps no one waiting: the month goes on.
		if got, err := w.s.RunByName(t.Context(), run.Name); err != nil || got.Stage != creditnotes.StageCompleted {
			t.Errorf("the run is %s (%v)", got.Stage, err)
		}
		if got := w.Problems(); !slices.Equal(got, []string{"verify_unrendered"}) {
			t.Errorf("verify finds %v", got)
		}
		w.Tells("2026-10", `
			GS-2026-00003 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
	})
}

func (w *world) unrendered(run *creditnotes.Run) []creditnotes.UnrenderedNote {
	w.T.Helper()
	list, err := w.s.Unrendered(w.T.Context(), run.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return list
}

func TestNotesWithoutFilesAreQueuedOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"))
		if _, err := w.Runner.Run(t.Context(), byAnna("2026-10")); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			tried := make(chan struct{}, 10)
			stop, err := w.s.StartWork(t.Context(), store.Work{Render: func(context.Context, int64) error {
				tried <- struct{}{}
				return errors.New("no ink")
			}})
			if err != nil {
				t.Fatal(err)
			}
			select {
			case <-tried:
			case <-time.After(20 * time.Second):
				t.Fatal("the note is not tried")
			}
			stop()
		}
		if n := w.rows("river_job WHERE kind = 'render_note' AND state IN ('available', 'retryable', 'scheduled')"); n != 1 {
			t.Errorf("%d jobs wait to render one note", n)
		}
	})
}
