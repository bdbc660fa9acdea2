package creditnotestest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/numbering"
)

// WithMedium charges with a medium.
func WithMedium(uid string) func(*sessions.Session) {
	return func(s *sessions.Session) { s.MediumUID = uid }
}

// Issuer writes down the comparison of both sides of an issuer and a month: a
// line for each session, and what they come to. seen is what a Sub-CPO sees; nil:
// everything.
func (w *World) Issuer(issuer string, month entities.Month, seen func(owner string) bool) string {
	w.T.Helper()
	config, err := w.Store.Configuration(w.T.Context())
	w.must(err)
	plan, err := creditnotes.NewPlan(config, "")
	w.must(err)
	q := creditnotes.NewIssuerQuery(config, plan.Network, issuer, month)
	q.Seen = seen
	var b strings.Builder
	totals, err := creditnotes.CompareIssuer(w.T.Context(), w.Store, q, func(r *creditnotes.IssuerRow) error {
		fmt.Fprintf(&b, "%s %s at %s of %s: %s %s", r.Session, r.Energy, cmp.Or(r.Station, "-"), cmp.Or(r.Owner, "-"), r.Finding, r.Why)
		if r.Reason != "" {
			fmt.Fprintf(&b, " (%s)", r.Reason)
		}
		if r.Billed {
			fmt.Fprintf(&b, "; billed %s of %s on %s", r.BilledNet, amountOf(r.Driver), strings.Join(r.BilledNumbers, "+"))
		}
		if !r.CollectedAt.IsZero() {
			fmt.Fprintf(&b, "; collected %s", amountOf(r.Driver))
		}
		if r.Credited {
			fmt.Fprintf(&b, "; credited %s of %s on %s", r.Share, amountOf(r.CreditedDriver), strings.Join(r.CreditedNumbers, "+"))
		}
		b.WriteString("\n")
		return nil
	})
	w.must(err)
	for _, s := range totals.Sums {
		fmt.Fprintf(&b, "%s: collected %d (%d unknown) %s, billed %d %s of %s, top-ups %d %s; credited %d (%d unknown) %s of %s\n", s.Currency, s.Collected, s.CollectedBlank,
			s.CollectedAmount, s.Billed, s.BilledNet, s.BilledDriver, s.TopUps, s.TopUpAmount, s.Credited, s.CreditedBlank, s.Share, s.CreditedDriver)
	}
	for _, f := range creditnotes.IssuerFindings {
		if n := totals.Findings[f]; n.Sessions > 0 {
			fmt.Fprintf(&b, "%s %d %s\n", f, n.Sessions, n.Energy)
		}
	}
	return b.String()
}

func amountOf(m *money.Micros) string {
	if m == nil {
		return "?"
	}
	return m.String()
}

// issuing makes b pay for what its drivers charge with the medium MB; a issues MA
// without such a contract.
func issuing(w *World) {
	w.Config.Contracts = []settlement.Contract{{Key: "kb", Owner: "b", From: "2026-10", Active: true, BillOwnCharging: true, OwnChargingDiscount: 1000}}
	w.Config.NumberRanges = append(w.Config.NumberRanges, NumberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
	w.Config.Media = []entities.Medium{{UID: "MB", Issuer: "b"}, {UID: "MA", Issuer: "a"}}
	w.Save()
	w.Set("invoice_range", "re", "fee_tax_account", "s19")
}

func bothSidesOfAnIssuerAreCompared(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		issuing(w)
		collected := func(s *sessions.Session) { s.CollectedAt = s.End.Add(time.Hour) }
		mb, ma := WithMedium("mb"), WithMedium("MA")
		w.Charged(
			Charge("S1", "ST-1", "2026-10-03 10:00", "10", mb, Driven(4_900_000)),
			Charge("S2", "ST-1", "2026-10-04 10:00", "11", mb, Driven(5_000_000), Invalid, collected),
			Charge("S3", "ST-1", "2026-10-05 10:00", "12", mb),
			Charge("S4", "ST-2", "2026-10-06 10:00", "13", mb, Driven(6_000_000), OfClass(sessions.Internal)),
			Charge("S5", "ST-9", "2026-10-07 10:00", "14", mb, Driven(7_000_000), OfClass(sessions.Bilateral)),
			Charge("S6", "ST-9", "2026-10-08 10:00", "15", ma, Driven(8_000_000)),
			Charge("S7", "ST-9", "2026-10-09 10:00", "16", WithMedium("other"), Driven(9_000_000)),
		)
		w.must(w.Store.TakeTopUps(t.Context(), []creditnotes.TopUp{
			{Key: "t1", Entity: "b", User: "u", Amount: 2500, Currency: "EUR", At: noon("2026-10-11")},
			{Key: "t2", Entity: "b", User: "u", Amount: 2500, Currency: "EUR", At: noon("2026-11-11")},
			{Key: "t3", Entity: "a", User: "u", Amount: 2500, Currency: "EUR", At: noon("2026-10-11")}}))
		Same(t, w.Issuer("b", "2026-10", nil), `
			S1 10 at ST-1 of a: open not_run
			S2 11 at ST-1 of a: issuer_only not_run; collected 5.000000
			S3 12 at ST-1 of a: open not_run
			S4 13 at ST-2 of a: open not_run
			S5 14 at ST-9 of b: open not_run
			EUR: collected 1 (0 unknown) 5.000000, billed 0 0.000000 of 0.000000, top-ups 1 25.000000; credited 0 (0 unknown) 0.000000 of 0.000000
			issuer_only 1 11
			open 4 49`)
		w.Month("2026-10")
		Same(t, w.Issuer("b", "2026-10", nil), `
			S1 10 at ST-1 of a: agrees ; billed 4.410000 of 4.900000 on RE-2026-00001; credited 3.150000 of 4.900000 on GS-2026-00001
			S2 11 at ST-1 of a: issuer_only held (invalid); collected 5.000000
			S3 12 at ST-1 of a: owner_only waits (no_driver_amount); credited 3.780000 of ? on GS-2026-00001
			S4 13 at ST-2 of a: agrees ; billed 5.400000 of 6.000000 on RE-2026-00001; credited 3.640000 of 6.000000 on GS-2026-00001
			S5 14 at ST-9 of b: issuer_only held (unpriced); billed 6.300000 of 7.000000 on RE-2026-00001
			EUR: collected 1 (0 unknown) 5.000000, billed 3 16.110000 of 17.900000, top-ups 1 25.000000; credited 3 (1 unknown) 10.570000 of 10.900000
			issuer_only 2 25
			owner_only 1 12
			agrees 2 23`)
		ownStations := func(owner string) bool { return owner == "b" }
		Same(t, w.Issuer("b", "2026-10", ownStations), `
			S1 10 at - of -: apart ; billed 4.410000 of 4.900000 on RE-2026-00001
			S2 11 at - of -: apart ; collected 5.000000
			S4 13 at - of -: apart ; billed 5.400000 of 6.000000 on RE-2026-00001
			S5 14 at ST-9 of b: issuer_only held (unpriced); billed 6.300000 of 7.000000 on RE-2026-00001
			EUR: collected 1 (0 unknown) 5.000000, billed 3 16.110000 of 17.900000, top-ups 1 25.000000; credited 0 (0 unknown) 0.000000 of 0.000000
			issuer_only 1 14
			apart 3 34`)
		Same(t, w.Issuer("a", "2026-10", nil), `
			S6 15 at ST-9 of b: owner_only no_own_charging; credited 4.725000 of 8.000000 on GS-2026-00002
			EUR: collected 0 (0 unknown) 0.000000, billed 0 0.000000 of 0.000000, top-ups 1 25.000000; credited 1 (0 unknown) 4.725000 of 8.000000
			owner_only 1 15`)
		w.must(w.Store.TakeCollections(t.Context(), []sessions.Collection{{Source: "csv", ExternalID: "S6", At: w.Now}}))
		if got := w.Issuer("a", "2026-10", nil); !strings.Contains(got, "S6 15 at ST-9 of b: agrees ; collected 8.000000; credited") {
			t.Errorf("after the collection:\n%s", got)
		}
	})
}

// A version that replaces what was billed and credited differs from neither until
// a run takes it in; a session whose owner was credited anew shows the last sums.
func correctionsAreOnBothSidesOfAnIssuer(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		issuing(w)
		mb := WithMedium("MB")
		w.Charged(Charge("S1", "ST-1", "2026-10-03 10:00", "10", mb, Driven(4_900_000)), Charge("S2", "ST-1", "2026-10-04 10:00", "20", mb, Driven(9_800_000)))
		w.Month("2026-10")
		w.Now = w.Now.Add(time.Hour)
		w.Corrected(Charge("S1", "ST-1", "2026-10-03 10:00", "12", mb, Driven(5_900_000)), Charge("S2", "ST-1", "2026-10-04 10:00", "20", mb, Driven(9_800_000), Reversed))
		lines := strings.Split(w.Issuer("b", "2026-10", nil), "\n")
		if !slices.Contains(lines, "S1 12 at ST-1 of a: agrees ; billed 4.410000 of 4.900000 on RE-2026-00001; credited 3.150000 of 4.900000 on GS-2026-00001") {
			t.Errorf("before the correction is settled:\n%s", strings.Join(lines, "\n"))
		}
		w.Now = Evening("2026-11-30")
		w.Charged(Charge("S3", "ST-1", "2026-11-03 10:00", "40", mb, Driven(19_600_000)))
		w.Month("2026-11")
		Same(t, w.Issuer("b", "2026-10", nil), `
			S1 12 at ST-1 of a: agrees ; billed 5.310000 of 5.900000 on RE-2026-00001+RE-2026-00002; credited 3.780000 of 5.900000 on GS-2026-00001+GS-2026-00002
			S2 0 at ST-1 of a: open withdrawn
			EUR: collected 0 (0 unknown) 0.000000, billed 1 5.310000 of 5.900000, top-ups 0 0.000000; credited 1 (0 unknown) 3.780000 of 5.900000
			open 1 0
			agrees 1 12`)
	})
}
