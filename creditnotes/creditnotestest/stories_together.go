package creditnotestest

import (
	"testing"
	"time"

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

// Two runs of different months draft at the same time, since one hung for a while,
// and both find that October lacks something. The later one to write is refused,
// and goes on with what is left.
func twoRunsAtOnceBookNothingTwice(t *testing.T, open Open) {
	t.Parallel()
	for name, c := range bookedOnce {
		t.Run(name, func(t *testing.T) {
			w := NewWorld(t, open)
			contract := settlement.Contract{Key: "kb", Owner: "b", From: "2026-10", To: "2026-10", Active: true}
			if c.contract != nil {
				c.contract(&contract)
			}
			Station(w.Config, "ST-0", "op", "COM")
			w.charged(contract)
			w.must(w.Store.TakeRecords(t.Context(), c.records))
			w.Charged(c.sessions...)
			report := w.Month("2026-10")
			if n := len(w.Issued()); n != 1 {
				t.Fatalf("%d documents\n%s", n, Story(report))
			}
			w.Cancel(w.Issued()[0].Number)
			w.Now = Evening("2026-11-30")
			usual, other := w.Runner, w.Elsewhere()
			w.Runner = w.PausedRunner(func() {
				w.Now = w.Now.Add(3 * time.Minute) // nothing was heard of it for too long
				if _, err := other.Run(t.Context(), ByAnna("2026-10")); err != nil {
					t.Error(err)
				}
			})
			_, err := w.Try("2026-11")
			if len(c.sessions) > 0 { // own charging is read when it is written
				Says(t, err)
			} else {
				Says(t, err, "draft_overtaken")
			}
			w.Runner = usual
			w.Month("2026-11")
			if n := len(w.Issued()); n != 3 { // with the cancelled one and its cancellation
				t.Errorf("%d documents", n)
			}
			w.Proven()
		})
	}
}
