package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/settlement"
)

// accruals writes down what is owed and on no document at the end of a day.
func (w *world) accruals(day entities.Date) string {
	w.T.Helper()
	_, err := w.OpenMonth().Refresh(w.T.Context())
	w.ok(err)
	list, err := w.s.Accruals(w.T.Context(), day, nil)
	w.ok(err)
	if !list.Complete || list.AsOf.IsZero() {
		w.T.Errorf("accruals of %s are not complete: %+v", day, list)
	}
	var b strings.Builder
	for _, r := range list.Rows {
		fmt.Fprintf(&b, "%s %s %s %s: %d× %s kWh %s (%d unknown)\n", r.Owner, r.Kind, r.State, r.Reason, r.Sessions, r.Energy, r.Net, r.Unknown)
	}
	for _, t := range list.Totals {
		fmt.Fprintf(&b, "%s owed %s held %s\n", t.Currency, t.Owed(), t.Held)
	}
	return b.String()
}

// credited adds up what the credit notes of a run credit for sessions, exactly,
// and what they credit beside sessions.
func (w *world) credited() (lines, beside money.Micros) {
	w.T.Helper()
	w.ok(w.s.ReadDB().QueryRowContext(w.T.Context(), `SELECT coalesce(sum(net_energy + net_time + net_fee + net_share + net_electricity_cost + net_electricity_tax + net_session_fees), 0)
		FROM lines l JOIN credit_notes n ON n.id = l.note_id WHERE n.kind = 'credit_note'`).Scan(&lines))
	w.ok(w.s.ReadDB().QueryRowContext(w.T.Context(), `SELECT coalesce(sum(p.net), 0) * 10000 FROM positions p JOIN credit_notes n ON n.id = p.note_id
		WHERE n.kind = 'credit_note' AND p.component IN ('minimum_guarantee', 'volume_bonus', 'custom')`).Scan(&beside))
	return lines, beside
}

// An accrual list is what the next run credits for the same sessions, before and
// after the run, and after a document is cancelled.
func TestAccrualsAreWhatTheNextRunCredits(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		w.Now = evening("2026-10-20")
		creditnotestest.UnderContract(w.World, func(c *settlement.Contract) { c.MinimumGuarantee = 30_000_000 })
		w.Charged(append(creditnotestest.WorkedContractMonth(),
			creditnotestest.Charge("B", "ST-9", "2026-10-05 10:00", "10"),
			creditnotestest.Charge("late", "ST-9", "2026-10-18 10:00", "20"),
			creditnotestest.Charge("held", "ST-9", "2026-10-06 10:00", "10", creditnotestest.Invalid),
			creditnotestest.Charge("unknown", "ST-1", "2026-10-07 10:00", "10"))...)
		at17 := w.accruals("2026-10-17")
		at31 := w.accruals("2026-10-31")
		if !strings.Contains(at17, "b sessions open : 1× 10 kWh 3.150000") || !strings.Contains(at31, "b sessions open : 2× 30 kWh 9.450000") || !strings.Contains(at31, "a monthly open") ||
			strings.Contains(at17, "monthly") || !strings.Contains(at17, "b held open invalid: 1× 10 kWh 3.150000 (0 unknown)") || !strings.Contains(at17, "a held open no_driver_amount: 1× 10 kWh 0.000000 (1 unknown)") {
			t.Fatalf("17: %s\n31: %s", at17, at31)
		}
		list, err := w.s.Accruals(t.Context(), "2026-10-31", nil)
		w.ok(err)
		w.Now = evening("2026-11-02")
		w.Month("2026-10")
		lines, beside := w.credited()
		if list.Totals[0].Sessions != lines || list.Totals[0].Monthly != beside {
			t.Errorf("accrued %s and %s, credited %s and %s", list.Totals[0].Sessions, list.Totals[0].Monthly, lines, beside)
		}
		later := func(s string) string {
			return strings.NewReplacer("sessions open", "sessions later", "monthly open", "monthly later").Replace(s)
		}
		same(t, w.accruals("2026-10-17"), later(at17)) // the past does not change
		same(t, w.accruals("2026-10-31"), later(at31))
		if got := w.accruals("2026-11-02"); strings.Contains(got, "sessions") || strings.Contains(got, "monthly") {
			t.Errorf("on the day of the documents: %s", got)
		}
		w.Now = evening("2026-11-10")
		w.Cancel("GS-2026-00002")
		if got := w.accruals("2026-11-09"); strings.Contains(got, "owed") && !strings.Contains(got, "owed 0.000000") {
			t.Errorf("before the cancellation: %s", got)
		}
		if got := w.accruals("2026-11-10"); !strings.Contains(got, "b sessions open : 2× 30 kWh 9.450000") {
			t.Errorf("after the cancellation: %s", got)
		}
	})
}

// A held session is worth what the run credits once it is released.
func TestHeldSessionsAreAccruedAtWhatTheyWouldBeWorth(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		w.Now = evening("2026-10-20")
		w.Charged(creditnotestest.Charge("S", "ST-9", "2026-10-05 10:00", "10"), creditnotestest.Charge("held", "ST-9", "2026-10-06 10:00", "20", creditnotestest.Invalid))
		same(t, w.accruals("2026-10-31"), `
			b sessions open : 1× 10 kWh 3.150000 (0 unknown)
			b held open invalid: 1× 20 kWh 6.300000 (0 unknown)
			EUR owed 3.150000 held 6.300000`)
		same(t, w.accruals("2026-10-05"), "b sessions open : 1× 10 kWh 3.150000 (0 unknown)\nEUR owed 3.150000 held 0.000000")
		w.ok(w.Release("held", "checked"))
		same(t, w.accruals("2026-10-31"), "b sessions open : 2× 30 kWh 9.450000 (0 unknown)\nEUR owed 9.450000 held 0.000000")
		w.Now = evening("2026-11-02")
		w.Month("2026-10")
		if lines, _ := w.credited(); lines != 9_450_000 {
			t.Errorf("credited %s", lines)
		}
		if got := w.accruals("2026-11-02"); strings.Contains(got, "sessions") || strings.Contains(got, "held open") {
			t.Errorf("after the run: %s", got)
		}
	})
}

// Sums that are carried forward are on no document until one brings them along.
func TestAccrualsHaveWhatIsCarriedForward(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Ignored = ofReports
		w.Charged(creditnotestest.Charge("S", "ST-9", "2026-10-05 10:00", "20"))
		w.Month("2026-10")
		w.Now = evening("2026-11-20")
		w.Charged(creditnotestest.Charge("S", "ST-9", "2026-10-05 10:00", "10"))
		w.Now = evening("2026-11-30")
		w.Month("2026-11")
		w.Now = w.Now.Add(time.Hour)
		if got := w.accruals("2026-11-30"); !strings.Contains(got, "b sessions carried : 0× -10 kWh -3.150000") {
			t.Errorf("carried: %s", got)
		}
		_, err := w.s.Accruals(t.Context(), "2026-11-30", []string{"a"})
		w.ok(err)
	})
}
