package creditnotestest

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
)

// Analysis writes down an analysis of the months until one: a line for each row,
// month of the trend, reason of held sessions and awaited sum.
func (w *World) Analysis(by creditnotes.AnalysisBy, until entities.Month) string {
	w.T.Helper()
	a, err := creditnotes.Analyze(w.T.Context(), w.Store, creditnotes.AnalysisQuery{By: by, From: "2026-10", Until: until})
	w.must(err)
	var b strings.Builder
	row := func(r *creditnotes.AnalysisRow) {
		fmt.Fprintf(&b, "%s: %d× %s kWh share %s driver %s operator %s awaited %s unknown %d beside %s fees %s\n", strings.TrimSpace(r.Key+" "+r.Rule), r.Sessions, r.Energy,
			r.Share, r.Driver, r.Operator(), r.Awaited(), r.Unknown, r.Beside, r.Fees)
	}
	for i := range a.Rows {
		row(&a.Rows[i])
	}
	for i := range a.Trend {
		if by == creditnotes.ByOwner {
			row(&a.Trend[i])
		}
	}
	for _, h := range a.Held {
		fmt.Fprintf(&b, "held %s %s %d %s worth %s %s (%d unknown)\n", cmp.Or(h.Owner, "-"), h.Reason, h.Sessions, h.Energy, h.Worth, cmp.Or(h.Currency, "-"), h.Unknown)
	}
	for _, s := range a.Awaited {
		fmt.Fprintf(&b, "awaited %s %s share %s\n", s.Owner, s.Driver, s.Share)
	}
	return b.String()
}

func anAnalysisAddsUpWhatWasSettled(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		issuing(w)
		UnderContract(w, func(c *settlement.Contract) { c.MonthlyFee = 5_000_000 })
		w.Charged(
			Charge("S1", "ST-1", "2026-10-03 10:00", "10", Driven(4_900_000)),
			Charge("S2", "ST-2", "2026-10-04 10:00", "20", Driven(9_800_000), func(s *sessions.Session) { s.CollectedAt = s.End.Add(time.Hour) }),
			Charge("S3", "ST-9", "2026-10-05 10:00", "30"),
			Charge("H1", "ST-1", "2026-10-06 10:00", "10", Invalid, Driven(4_900_000)),
			Charge("H2", "ST-1", "2026-10-07 10:00", "10"),
			Charge("H3", "ST-9", "2026-10-08 10:00", "10", Invalid),
		)
		w.Month("2026-10")
		by := map[creditnotes.AnalysisBy]string{
			creditnotes.ByOwner: `
				a: 2× 30 kWh share 12.212500 driver 14.700000 operator 2.487500 awaited 4.900000 unknown 0 beside 0.000000 fees 5.000000
				b: 1× 30 kWh share 9.450000 driver 0.000000 operator 0.000000 awaited 0.000000 unknown 1 beside 0.000000 fees 0.000000
				2026-10: 3× 60 kWh share 21.662500 driver 14.700000 operator 2.487500 awaited 4.900000 unknown 1 beside 0.000000 fees 5.000000`,
			creditnotes.ByStation: `
				ST-1: 1× 10 kWh share 4.037500 driver 4.900000 operator 0.862500 awaited 4.900000 unknown 0 beside 0.000000 fees 0.000000
				ST-2: 1× 20 kWh share 8.175000 driver 9.800000 operator 1.625000 awaited 0.000000 unknown 0 beside 0.000000 fees 0.000000
				ST-9: 1× 30 kWh share 9.450000 driver 0.000000 operator 0.000000 awaited 0.000000 unknown 1 beside 0.000000 fees 0.000000`,
			creditnotes.ByTariff: `
				COM community_tariff: 1× 30 kWh share 9.450000 driver 0.000000 operator 0.000000 awaited 0.000000 unknown 1 beside 0.000000 fees 0.000000
				k contract: 2× 30 kWh share 12.212500 driver 14.700000 operator 2.487500 awaited 4.900000 unknown 0 beside 0.000000 fees 0.000000`,
		}
		const waiting = `
				held a invalid 1 10 worth 4.037500 EUR (0 unknown)
				held a no_driver_amount 1 10 worth 0.000000 - (1 unknown)
				held b invalid 1 10 worth 3.150000 EUR (0 unknown)
				awaited a 4.900000 share 4.037500
				awaited b 0.000000 share 9.450000`
		for group, want := range by {
			Same(t, w.Analysis(group, "2026-10"), want+waiting)
		}
		w.Now = w.Now.Add(time.Hour)
		w.Cancel("GS-2026-00002")
		if got := w.Analysis(creditnotes.ByStation, "2026-10"); strings.Contains(got, "ST-9") || !strings.Contains(got, "ST-1: 1×") {
			t.Errorf("after b's note is cancelled:\n%s", got)
		}
	})
}

// A correction counts in the month of the session: what was paid is taken back, and
// the number of sessions stays.
func anAnalysisFollowsCorrections(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S1", "ST-1", "2026-10-03 10:00", "10"), Charge("S2", "ST-1", "2026-10-04 10:00", "20"))
		w.Month("2026-10")
		w.Now = Evening("2026-11-30")
		w.Corrected(Charge("S1", "ST-1", "2026-10-03 10:00", "12"))
		w.Charged(Charge("S3", "ST-1", "2026-11-03 10:00", "40"))
		w.Month("2026-11")
		Same(t, w.Analysis(creditnotes.ByMonth, "2026-11"), `
			2026-10: 2× 32 kWh share 10.080000 driver 0.000000 operator 0.000000 awaited 0.000000 unknown 2 beside 0.000000 fees 0.000000
			2026-11: 1× 40 kWh share 12.600000 driver 0.000000 operator 0.000000 awaited 0.000000 unknown 1 beside 0.000000 fees 0.000000
			awaited a 0.000000 share 22.680000`)
	})
}
