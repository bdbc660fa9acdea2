package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

func TestCancellationIsTheNegatedCopy(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.month("2026-10")
		// What is configured now is not what was printed then.
		w.entity("a").Name = "Another Name"
		w.config.Tariffs.CostRates = append(w.config.Tariffs.CostRates, rate("com", 1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
		w.save()
		w.set("tax_account", "s20")
		w.now = evening("2026-11-02")
		w.cancel("GS-2026-00001")
		original, err := w.s.NoteByNumber(t.Context(), "GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		c, err := w.s.NoteByNumber(t.Context(), "ST-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind != numbering.Cancellation || c.Cancels != original.ID || c.Net != -1684 || c.Tax != -320 || c.Gross != -2004 || c.Date != "2026-11-02" {
			t.Errorf("%+v", c)
		}
		if d := c.Document; d.CancelsNumber != "GS-2026-00001" || d.CancelsDate != "2026-10-31" || d.CancelReason != "wrong tariff" ||
			d.Recipient.Name != "Hotel A" || d.Held != (creditnotes.HeldSummary{}) {
			t.Errorf("%+v", d)
		}
		for i, p := range c.Positions {
			of := original.Positions[i]
			of.Net, of.Sum, of.Energy = -of.Net, -of.Sum, -of.Energy
			if diff := gocmp.Diff(of, p); diff != "" {
				t.Error(diff)
			}
		}
		same(t, w.details("ST-2026-00001"), `
			S-1 v1 credit -10 kWh -3.150000 2026-10
			S-2 v1 credit -12.345 kWh -3.888675 2026-10
			S-3 v1 credit -22 kWh -6.160000 2026-10
			S-4 v1 credit -8 kWh -2.240000 2026-10
			S-5 v1 credit -5 kWh -1.400000 2026-10`)
		w.proven()
	})
}

func TestACancellationIsDatedNeitherInTheFutureNorBeforeItsNote(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.month("2026-10")
		w.now = evening("2026-11-05")
		dated := func(date entities.Date) error {
			_, err := w.runner.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Reason: "wrong", Date: date, Who: "anna"})
			return err
		}
		says(t, dated("2026-11-06"), "run_date_in_future")
		says(t, dated("2026-10-30"), "cancel_date_before_note")
		w.hasNumbers("GS-2026-00001")
		if err := dated("2026-10-31"); err != nil {
			t.Error(err)
		}
	})
}

// A note that was dated in the future, when that was possible, is cancelled
// today all the same.
func TestACancellationOfANoteDatedInTheFutureIsDatedToday(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.now = evening("2027-10-31")
		w.month("2026-10")
		w.now = evening("2026-11-29")
		if c := w.cancel("GS-2027-00001"); c.Date != "2026-11-29" || c.Number != "ST-2026-00001" {
			t.Errorf("%s is dated %s", c.Number, c.Date)
		}
		w.proven()
	})
}

func TestCancelledSessionsAreCreditedAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.month("2026-10")
		w.cancel("GS-2026-00001")
		if n := w.rows("lines WHERE live"); n != 0 {
			t.Errorf("%d sessions are still credited", n)
		}
		w.tells("2026-10", `
			GS-2026-00002 a→a 16.84 + 3.20 = 20.04 EUR
			ST-1 energy 2026-10 2× 22.345 kWh 7.04
			ST-2 energy 2026-10 3× 35 kWh 9.80
			held S-6 a invalid
			received 6: credited 5 held 1 zero 0 excluded 0`)
		w.cancel("GS-2026-00002")
		w.month("2026-10")
		w.proven()
	})
}

func TestCancellingIsRefused(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		run, err := w.runner.Run(t.Context(), byAnna("2026-10"))
		if err != nil {
			t.Fatal(err)
		}
		w.render(run)
		_, err = w.runner.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Who: "anna"})
		says(t, err, "cancel_without_reason")
		_, err = w.runner.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Who: "anna", Reason: "wr\xffng"})
		says(t, err, "cancel_reason_not_text")
		_, err = w.tryCancel("GS-2026-00009")
		says(t, err, "note_unknown")
		w.set("cancellation_range", "")
		if _, err = w.tryCancel("GS-2026-00001"); err == nil {
			t.Error("cancelled without a range")
		}
		w.set("cancellation_range", "st")
		w.cancel("GS-2026-00001")
		_, err = w.tryCancel("GS-2026-00001")
		says(t, err, "cancel_twice")
		_, err = w.tryCancel("ST-2026-00001")
		says(t, err, "cancel_not_a_credit_note")
		if n := w.rows("credit_notes"); n != 2 {
			t.Errorf("%d documents", n)
		}
		w.proven()
	})
}

func TestCancellingWaitsForARunThatIsDrafting(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.month("2026-10")
		w.runner = w.newRunner(&again{Store: w.s, duringDraft: func() {
			_, err := w.tryCancel("GS-2026-00001")
			says(t, err, "cancel_while_drafting")
		}})
		w.month("2026-11")
		w.proven()
	})
}

// again is a database that asks for every issue to be tried again, and that
// lets something happen while a run is being drafted.
type again struct {
	creditnotes.Store
	duringDraft func()
}

func (s *again) DraftedOwners(ctx context.Context, runID int64) (map[int64]bool, error) {
	if s.duringDraft != nil {
		s.duringDraft()
	}
	return s.Store.DraftedOwners(ctx, runID)
}

func (s *again) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	return twice(func(fail error) error {
		return s.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error { return errors.Join(fn(w), fail) })
	})
}

func (s *again) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	return twice(func(fail error) error {
		return s.Store.WriteIssue(ctx, func(w creditnotes.IssueWriter) error { return errors.Join(fn(w), fail) })
	})
}

// overtaken lets something happen before a transaction that issues.
type overtaken struct {
	creditnotes.Store
	meanwhile func()
}

func (s overtaken) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	s.meanwhile()
	return s.Store.WriteIssue(ctx, fn)
}

func TestNoteIsCancelledByOneOfTwo(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.month("2026-10")
		other := w.process()
		w.runner = w.newRunner(overtaken{w.s, func() {
			note, err := other.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Reason: "mine", Who: "berta"})
			if err == nil {
				err = other.Render(t.Context(), note.ID, paper{})
			}
			if err != nil {
				t.Error(err)
			}
		}})
		_, err := w.tryCancel("GS-2026-00001")
		says(t, err, "cancel_twice")
		w.hasNumbers("GS-2026-00001", "ST-2026-00001")
	})
}

func TestRunIsApprovedByOneOfTwo(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.set("release", "approve")
		w.charged(workedExample()...)
		w.month("2026-10")
		var approved atomic.Int32
		var all sync.WaitGroup
		for _, r := range []*creditnotes.Runner{w.process(), w.process()} {
			all.Go(func() {
				switch _, err := r.Approve(t.Context(), "2026-10", "berta"); {
				case err == nil:
					approved.Add(1)
				case !fault.Is(err, fault.Conflict):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if approved.Load() != 1 {
			t.Errorf("approved %d times", approved.Load())
		}
		w.hasNumbers("GS-2026-00001")
	})
}

// twice does something, lets it fail at the end, and does it again.
func twice(try func(fail error) error) error {
	deadlock := errors.New("deadlock")
	if err := try(deadlock); !errors.Is(err, deadlock) {
		return err
	}
	return try(nil)
}

func TestTransactionsMayBeTriedAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.runner = w.newRunner(&again{Store: w.s})
		w.charged(workedExample()...)
		w.tells("2026-10", `
			GS-2026-00001 a→a 16.84 + 3.20 = 20.04 EUR
			ST-1 energy 2026-10 2× 22.345 kWh 7.04
			ST-2 energy 2026-10 3× 35 kWh 9.80
			held S-6 a invalid
			received 6: credited 5 held 1 zero 0 excluded 0`)
		d, err := w.runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"})
		if err != nil || d.Copy != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		if n := w.cancel("GS-2026-00001"); n.Number != "ST-2026-00001" {
			t.Errorf("number %s", n.Number)
		}
		w.proven()
	})
}
