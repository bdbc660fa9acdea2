package store_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// unpriced is of a partner with whom nothing was agreed.
func unpriced(s *sessions.Session) { s.Class = sessions.Bilateral }

// settlement.md §2: its own line on the control sheet, and nothing holds it: not
// an unknown connector, not a station without an owner, not a price that is not
// there.
func TestWhatWasTakenBackBeforeItWasCreditedIsWithdrawn(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		for _, back := range [][]func(*sessions.Session){nil, {reversed}} {
			w.Charged(
				charge("S-1", "ST-1", "2026-10-03 10:00", "10", back...),
				charge("S-2", "NOWHERE", "2026-10-03 10:00", "10", back...),
				charge("S-3", "ST-1", "2026-10-04 10:00", "10", append(slices.Clone(back), unpriced)...),
				charge("S-4", "ST-9", "2026-10-04 10:00", "10"),
			)
		}
		w.Set("create_zero_notes", "true")
		report := w.Tells("2026-10", `
			GS-2026-00001 a→a 0.00 + 0.00 = 0.00 EUR
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			received 4: credited 1 held 0 zero 0 excluded 0 withdrawn 3`)
		if c := report.Total; !c.Balanced() || c.Withdrawn != (creditnotes.Count{Sessions: 3}) || c.Received.Energy != 10_000_000 {
			t.Errorf("%+v", c)
		}
		if got := report.JSON(nil).Control.Withdrawn.Sessions; got != 3 {
			t.Errorf("%d in the JSON", got)
		}
		list, err := w.s.ListSessions(t.Context(), creditnotes.SessionFilter{State: creditnotes.SessionWithdrawn}, creditnotes.Page{})
		if err != nil || len(list.Sessions) != 3 {
			t.Errorf("%+v, %v", list, err)
		}
		found, err := w.s.FindSessions(t.Context(), "S-1")
		if err != nil || len(found) != 2 {
			t.Fatalf("%+v, %v", found, err)
		}
		if e, err := w.Runner.Explain(t.Context(), w.s, &found[0]); err != nil || e.Outcome != creditnotes.OutcomeWithdrawn {
			t.Errorf("%+v, %v", e, err)
		}
		w.Tells("2026-10", "received 0: credited 0 held 0 zero 0 excluded 0")
		w.Proven()
	})
}
