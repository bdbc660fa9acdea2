package creditnotestest

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
)

// bookedOnce are what is booked once for a month, however many runs draft at the
// same time, and what the two documents of the story are over.
var bookedOnce = map[string]struct {
	contract func(*settlement.Contract)
	records  []creditnotes.CustomRecord
	sessions []sessions.Session
}{
	"a guarantee": {contract: func(c *settlement.Contract) { c.MinimumGuarantee = 30_000_000 }},
	"a fee":       {contract: func(c *settlement.Contract) { c.MonthlyFee = 5_000_000 }},
	"a credit":    {records: []creditnotes.CustomRecord{Custom("r1", "b", "2026-10-14", 500, creditnotes.Credited)}},
	"a debit":     {records: []creditnotes.CustomRecord{Custom("r1", "b", "2026-10-14", 500, creditnotes.Debited)}},
	"own charging": {contract: func(c *settlement.Contract) { c.BillOwnCharging = true }, sessions: []sessions.Session{
		Charge("S-1", "ST-0", "2026-10-03 10:00", "10", func(s *sessions.Session) { s.MediumUID = "MB" }, Driven(5_000_000))}},
}

// Two runs of different months draft at the same time, and both find that October
// lacks something. The later one to write is refused, and goes on with what is
// left.
func twoRunsAtOnceBookNothingTwice(t *testing.T, open Open) {
	t.Parallel()
	for name, c := range bookedOnce {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, open)
			contract := settlement.Contract{Key: "kb", Owner: "b", From: "2026-10", To: "2026-10", Active: true}
			if c.contract != nil {
				c.contract(&contract)
			}
			w.charged(contract)
			w.must(w.Store.TakeRecords(t.Context(), c.records))
			w.Charged(c.sessions...)
			w.Month("2026-10")
			if n := len(w.Issued()); n != 1 {
				t.Fatalf("%d documents", n)
			}
			w.Cancel(w.Issued()[0].Number)
			w.Now = Evening("2026-11-30")
			usual, other := w.Runner, w.Elsewhere()
			w.Runner = w.PausedRunner(func() {
				_, err := other.Run(t.Context(), ByAnna("2026-10"))
				w.must(err)
			})
			_, err := w.Try("2026-11")
			Says(t, err, "draft_overtaken")
			w.Runner = usual
			w.Month("2026-11")
			if n := len(w.Issued()); n != 3 { // with the cancelled one and its cancellation
				t.Errorf("%d documents", n)
			}
			w.Proven()
		})
	}
}
