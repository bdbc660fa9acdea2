package creditnotes_test

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
)

func TestACancellationIsDatedNeitherInTheFutureNorBeforeItsNote(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.Now = evening("2026-11-05")
		dated := func(date entities.Date) error {
			_, err := w.Runner.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Reason: "wrong", Date: date, Who: "anna"})
			return err
		}
		says(t, dated("2026-11-06"), "run_date_in_future")
		says(t, dated("2026-10-30"), "cancel_date_before_note")
		w.HasNumbers("GS-2026-00001")
		if err := dated("2026-10-31"); err != nil {
			t.Error(err)
		}
	})
}

// A note that was dated in the future, when that was possible, is cancelled
// today all the same.
func TestACancellationOfANoteDatedInTheFutureIsDatedToday(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Now = evening("2027-10-31")
		w.Month("2026-10")
		w.Now = evening("2026-11-29")
		if c := w.Cancel("GS-2027-00001"); c.Date != "2026-11-29" || c.Number != "ST-2026-00001" {
			t.Errorf("%s is dated %s", c.Number, c.Date)
		}
		w.Proven()
	})
}

func TestCancellingIsRefused(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		run, err := w.Runner.Run(t.Context(), byAnna("2026-10"))
		if err != nil {
			t.Fatal(err)
		}
		w.Render(run)
		_, err = w.Runner.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Who: "anna"})
		says(t, err, "cancel_without_reason")
		_, err = w.Runner.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Who: "anna", Reason: "wr\xffng"})
		says(t, err, "cancel_reason_not_text")
		_, err = w.TryCancel("GS-2026-00009")
		says(t, err, "note_unknown")
		w.Set("cancellation_range", "")
		if _, err = w.TryCancel("GS-2026-00001"); err == nil {
			t.Error("cancelled without a range")
		}
		w.Set("cancellation_range", "st")
		w.Cancel("GS-2026-00001")
		_, err = w.TryCancel("GS-2026-00001")
		says(t, err, "cancel_twice")
		_, err = w.TryCancel("ST-2026-00001")
		says(t, err, "cancel_not_a_credit_note")
		if n := w.Count("notes"); n != 2 {
			t.Errorf("%d documents", n)
		}
		w.Proven()
	})
}
