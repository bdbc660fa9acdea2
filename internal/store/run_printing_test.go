package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store"
)

// printer cannot print notes with a word in them, and replaces that word.
type printer string

func (p printer) Try(n *creditnotes.Note) error {
	if strings.Contains(n.Document.Recipient.Name+n.Document.CancelReason, string(p)) {
		return errors.New("no ink")
	}
	return nil
}

func (p printer) TryInvoice(*creditnotes.Note) error { return nil }

func (p printer) Replaced(text string) (list []creditnotes.Replacement) {
	if strings.Contains(text, string(p)) {
		list = append(list, creditnotes.Replacement{Character: '🔌', By: "□"})
	}
	return list
}

func TestOwnerWhoseNoteCannotBePrintedFailsBeforeANumberIsTaken(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.runner.Printer = printer("Plug")
		w.entity("a").LegalName = "Plug & Co"
		w.save()
		w.charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"), charge("S-b", "ST-9", "2026-10-03 10:00", "10"))
		w.tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			held S-a a owner_failed
			failed a note_unprintable
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.proven()
		w.entity("a").LegalName = "Hotel"
		w.save()
		w.tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

// brokenPrinter is a printer with a fault of its own.
type brokenPrinter struct{ printer }

func (p brokenPrinter) Try(n *creditnotes.Note) error {
	if p.printer.Try(n) != nil {
		panic("slice bounds out of range")
	}
	return nil
}

func TestAPanicOfThePrinterFailsOneOwner(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.runner.Printer = brokenPrinter{"Plug"}
		w.entity("a").LegalName = "Plug & Co"
		w.save()
		w.charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"), charge("S-b", "ST-9", "2026-10-03 10:00", "10"))
		w.tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			held S-a a owner_failed
			failed a note_unprintable
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.proven()
	})
}

// A panic anywhere in a shard stops the run, with the reason kept, and not the
// process; the next attempt goes on.
func TestAPanicWhileDraftingIsKeptWithTheRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.runner = w.newRunner(panickingDraft{w.s})
		if _, err := w.try("2026-10"); err == nil || !strings.Contains(err.Error(), "index out of range") {
			t.Fatalf("the run ends with %v", err)
		}
		if f := w.failure("2026-10"); f == nil || f.Reference == "" {
			t.Errorf("kept is %+v", f)
		}
		w.runner = w.newRunner(w.s)
		w.month("2026-10")
		w.proven()
	})
}

// panickingDraft breaks in a worker that drafts a shard.
type panickingDraft struct{ creditnotes.Store }

func (panickingDraft) WriteDraft(context.Context, *creditnotes.Run, func(creditnotes.DraftWriter) error) error {
	panic("index out of range")
}

func TestCancellationThatCannotBePrintedTakesNoNumber(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.runner.Printer = printer("Plug")
		w.charged(workedExample()...)
		w.month("2026-10")
		_, err := w.runner.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Reason: "Plug broken", Who: "anna"})
		says(t, err, "note_unprintable")
		if n := w.rows("credit_notes WHERE kind = 'cancellation'"); n != 0 {
			t.Errorf("%d cancellations", n)
		}
		if note := w.cancel("GS-2026-00001"); note.Number != "ST-2026-00001" {
			t.Errorf("the next cancellation is %s", note.Number)
		}
		w.proven()
	})
}

func TestReadinessNamesWhatIsPrintedOtherwise(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.runner.Printer = printer("Plug")
		w.entity("a").Street, w.entity("a").SessionDetail = "Plug Street 1", entities.DetailPDF
		w.config.Stations[0].Name = "Plug station"
		w.save()
		w.charged(charge("Plug-1", "ST-1", "2026-10-03 10:00", "10"), charge("Plug-2", "ST-1", "2026-10-04 10:00", "10"),
			charge("Plug-3", "ST-1", "2026-10-05 10:00", "10"), charge("Plug-4", "ST-1", "2026-10-06 10:00", "10"), charge("S-5", "ST-1", "2026-10-07 10:00", "1"))
		ready, err := w.runner.Readiness(t.Context(), "2026-10")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, f := range ready.Findings {
			if f.Fault.Key == "text_replaced" {
				if f.Severity != creditnotes.Warns || f.Fault.Args["owner"] != "a" || f.Fault.Args["signs"] != `U+1F50C → "□"` {
					t.Errorf("%s %v", f.Severity, f.Fault)
				}
				got = append(got, f.Fault.Args["where"].(string))
			}
		}
		want := []string{"entities/a/street", "sessions/Plug-1", "sessions/Plug-2", "sessions/Plug-3", "stations/ST-1/name"}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("named are %v, want %v", got, want)
		}
	})
}

func TestNoteWithoutFilesIsReportedAndCanBeCancelled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"), charge("S-b", "ST-9", "2026-10-03 10:00", "10"))
		run, err := w.runner.Run(t.Context(), byAnna("2026-10"))
		if err != nil {
			t.Fatal(err)
		}
		left := w.unrendered(run)
		if len(left) != 2 || left[0].Number != "GS-2026-00001" {
			t.Fatalf("without files are %v", left)
		}
		// The other one is rendered all the same.
		if err := w.runner.Render(t.Context(), left[1].ID, paper{}); err != nil {
			t.Fatal(err)
		}
		// Another process may be making its files: that is no fault for a while.
		v, err := creditnotes.Verify(t.Context(), w.s, creditnotes.AuditHead{})
		if err != nil || !v.Clean() || !slices.Equal(v.Rendering, []string{"GS-2026-00001"}) {
			t.Errorf("while the files are being made: %v, %v, %v", v.Problems, v.Rendering, err)
		}
		w.now = w.now.Add(time.Hour)
		if got := w.problems(); !slices.Equal(got, []string{"verify_unrendered"}) {
			t.Errorf("verify finds %v", got)
		}
		w.now = w.now.Add(-time.Hour)
		if _, err := w.sql("DELETE FROM river_job"); err != nil {
			t.Fatal(err)
		}
		if got := w.problems(); !slices.Equal(got, []string{"verify_unrendered"}) {
			t.Errorf("without a job verify finds %v", got)
		}
		cancellation, err := w.tryCancel("GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		if err := w.runner.Render(t.Context(), cancellation.ID, paper{}); err != nil {
			t.Fatal(err)
		}
		// A cancelled note keeps no one waiting: the month goes on.
		if got, err := w.s.RunByName(t.Context(), run.Name); err != nil || got.Stage != creditnotes.StageCompleted {
			t.Errorf("the run is %s (%v)", got.Stage, err)
		}
		if got := w.problems(); !slices.Equal(got, []string{"verify_unrendered"}) {
			t.Errorf("verify finds %v", got)
		}
		w.tells("2026-10", `
			GS-2026-00003 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
	})
}

func (w *world) unrendered(run *creditnotes.Run) []creditnotes.UnrenderedNote {
	w.t.Helper()
	list, err := w.s.Unrendered(w.t.Context(), run.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func TestNotesWithoutFilesAreQueuedOnce(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-a", "ST-1", "2026-10-03 10:00", "10"))
		if _, err := w.runner.Run(t.Context(), byAnna("2026-10")); err != nil {
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
