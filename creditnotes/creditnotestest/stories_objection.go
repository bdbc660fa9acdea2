package creditnotestest

import (
	"testing"

	"creditrun/creditnotes"
)

// Objected is October credited to a and b, November waiting, and an objection
// of a.
func (w *World) Objected() {
	w.T.Helper()
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"), Charge("S-2", "ST-9", "2026-10-03 10:00", "10"))
	w.Month("2026-10")
	w.Now = w.Now.AddDate(0, 1, 0)
	w.Charged(Charge("S-3", "ST-1", "2026-11-03 10:00", "10"), Charge("S-4", "ST-9", "2026-11-03 10:00", "10"))
	if err := w.Store.RaiseObjection(w.T.Context(), "anna", "GS-2026-00001", "two sessions are missing"); err != nil {
		w.T.Fatal(err)
	}
}

// Objection is the latest one.
func (w *World) Objection(f creditnotes.ObjectionFilter) creditnotes.Objection {
	w.T.Helper()
	list, err := w.Store.Objections(w.T.Context(), f)
	if err != nil || len(list) == 0 {
		w.T.Fatalf("%v, %v", list, err)
	}
	return list[0]
}

// WaitsForTheObjection is what November comes to while a objects.
const WaitsForTheObjection = `
	GS-2026-00003 b→b 3.15 + 0.60 = 3.75 EUR
	ST-9 energy 2026-11 1× 10 kWh 3.15
	held S-3 a owner_failed
	failed a objection_open
	received 2: credited 1 held 1 zero 0 excluded 0`

func cancellationSettlesTheObjection(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Objected()
		w.Tells("2026-11", WaitsForTheObjection)
		w.Cancel("GS-2026-00001")
		o := w.Objection(creditnotes.ObjectionFilter{})
		if o.State != creditnotes.ObjectionCancelled || o.SettledBy != "anna" || o.Answer != "ST-2026-00001" || o.SettledAt.IsZero() {
			t.Errorf("%+v", o)
		}
		w.Tells("2026-11", `
			GS-2026-00004 a→a 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			ST-1 energy 2026-11 1× 10 kWh 3.15
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func objectionIsPossibleOnceAndOnlyToACreditNoteThatStands(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Objected()
		w.Cancel("GS-2026-00002")
		for _, c := range []struct{ number, text, key string }{
			{"GS-2026-00001", "again", "objection_twice"},
			{"GS-2026-00002", "it is cancelled", "objection_cancelled"},
			{"ST-2026-00001", "it cancels", "objection_not_a_credit_note"},
			{"GS-2026-00002", "", "objection_without_text"},
			{"GS-2026-00099", "it is not there", "note_unknown"},
		} {
			Says(t, w.Store.RaiseObjection(t.Context(), "anna", c.number, c.text), c.key)
		}
		for _, c := range []struct{ number, answer, key string }{
			{"GS-2026-00002", "there is none", "objection_none"},
			{"GS-2026-00001", "", "objection_without_answer"},
		} {
			Says(t, w.Store.WithdrawObjection(t.Context(), "anna", c.number, c.answer), c.key)
		}
		// After the first is settled there may be another.
		if err := w.Store.WithdrawObjection(t.Context(), "anna", "GS-2026-00001", "settled"); err != nil {
			t.Fatal(err)
		}
		if err := w.Store.RaiseObjection(t.Context(), "anna", "GS-2026-00001", "again"); err != nil {
			t.Error(err)
		}
		if n := w.Count("objections"); n != 2 {
			t.Errorf("%d objections", n)
		}
	})
}
