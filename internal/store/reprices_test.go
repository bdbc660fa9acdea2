package store_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/internal/store"
)

var october = time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)

// repriced is a reprice in a few words.
func repriced(r *creditnotes.RepriceResult) string {
	var b strings.Builder
	for _, s := range r.Sums {
		fmt.Fprintf(&b, "%s %s %d×: %s → %s\n", s.Owner, s.Currency, s.Sessions, s.Old, s.New)
	}
	for _, l := range r.Left {
		fmt.Fprintf(&b, "left %d: %s\n", l.Sessions, l.Reason)
	}
	for _, m := range r.Months {
		fmt.Fprintf(&b, "terms of %s %s\n", m.Owner, m.Month)
	}
	fmt.Fprintf(&b, "%d anew, %d as before", r.Sessions, r.Unchanged)
	return b.String()
}

func (w *world) reprice(q creditnotes.RepriceQuery, want string) {
	w.T.Helper()
	preview, err := w.s.PreviewReprice(w.T.Context(), q, nil)
	w.ok(err)
	q.Reason = "rate was wrong"
	done, waiting, err := w.s.Reprice(w.T.Context(), "anna", q, nil)
	w.ok(err)
	if waiting != nil {
		w.T.Fatal("it waits")
	}
	same(w.T, repriced(preview), want)
	same(w.T, repriced(done), want)
}

// dearer makes the rate of ST-1 cost 0.40 from October on.
func (w *world) dearer() {
	w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, rate("com", 400_000, october))
	w.Save()
}

func TestWhatWasCreditedAtAWrongRateIsPricedAnew(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.dearer()
		q := creditnotes.RepriceQuery{Rate: "com", From: "2026-10-01"}
		w.reprice(creditnotes.RepriceQuery{Rate: "com", From: "2026-10-04"}, "0 anew, 0 as before")
		w.reprice(creditnotes.RepriceQuery{Rate: "lp", From: "2026-10-01"}, "0 anew, 0 as before")
		w.reprice(q, "a EUR 1×: 3.150000 → 3.600000\n1 anew, 0 as before")
		w.reprice(q, "0 anew, 0 as before") // twice changes nothing more
		w.Tells("2026-11", `
			GS-2026-00002 a→a 36.45 + 6.93 = 43.38 EUR
			ST-1 energy 2026-10 1× 0 kWh 0.45 late correction
			ST-1 energy 2026-11 1× 100 kWh 36.00
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.Details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 10 kWh 3.600000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 36.000000 2026-11`)
		w.reprice(q, "0 anew, 2 as before")
		found, err := w.s.FindSessions(t.Context(), "S-1")
		w.ok(err)
		e, err := w.Runner.Explain(t.Context(), w.s, &found[0])
		w.ok(err)
		if why := e.JSON().Repriced; why == nil || why.Reason != "rate was wrong" || why.CostRate != "com" {
			t.Errorf("%+v", why)
		}
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10")) // the source sends the same again
		w.Tells("2026-11", "received 0: credited 0 held 0 zero 0 excluded 0")
		w.Proven()
	})
}

func TestWhatIsCorrectedOrNotIssuedIsNotPricedAnew(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.dearer()
		q := creditnotes.RepriceQuery{Rate: "com", From: "2026-10-01"}
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"), charge("S-3", "ST-1", "2026-11-05 10:00", "1", invalid)) // corrected, held
		w.reprice(q, "0 anew, 0 as before")
		w.Set("release", "approve")
		run, err := w.Runner.Run(t.Context(), byAnna("2026-11"))
		w.ok(err)
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, rate("com", 500_000, october.Add(time.Hour)))
		w.Save()
		preview, err := w.s.PreviewReprice(t.Context(), q, nil)
		w.ok(err)
		same(t, repriced(preview), "left 2: unfinished_run\n0 anew, 0 as before")
		w.ok(w.Runner.Discard(t.Context(), run.Name, "anna"))

		q.Reason = "wrong"
		_, waiting, err := w.s.Reprice(t.Context(), "anna", q, nil)
		w.ok(err)
		if waiting == nil || waiting.Matter != creditnotes.MatterReprice {
			t.Fatalf("%+v", waiting)
		}
		if err := w.s.Approve(t.Context(), "anna", waiting.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("anna approves: %v", err)
		}
		w.ok(w.s.Approve(t.Context(), "bert", waiting.ID))
		if n := w.rows("reprices"); n != 0 { // nothing was to be changed
			t.Errorf("%d reprices", n)
		}
		q.Reason = ""
		if _, _, err := w.s.Reprice(t.Context(), "anna", q, nil); !fault.Is(err, fault.Usage) {
			t.Errorf("without a reason: %v", err)
		}
	})
}

func TestWhatAContractSettledWronglyIsSettledAnew(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Config.NumberRanges = append(w.Config.NumberRanges, creditnotestest.NumberRange("re", "RE-{YYYY}-{SEQ:5}", "invoice"))
		w.Config.Contracts = []settlement.Contract{{Key: "ka", Owner: "a", From: "2026-10", Active: true, MinimumGuarantee: 5_000_000, Terms: settlement.Terms{FixedFeeAC: 100_000_000}}}
		w.Save()
		w.Set("invoice_range", "re", "fee_tax_account", "s19")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Config.Contracts[0].FixedFeeAC, w.Config.Contracts[0].MinimumGuarantee = 200_000_000, 6_000_000
		w.Save()
		q := creditnotes.RepriceQuery{Contract: "ka", From: "2026-10-01"}
		if _, err := w.s.PreviewReprice(t.Context(), creditnotes.RepriceQuery{Contract: "ka", From: "2026-10-02"}, nil); !fault.Is(err, fault.Usage) {
			t.Errorf("in mid-month: %v", err)
		}
		w.reprice(q, "a EUR 1×: 3.050000 → 2.950000\nterms of a 2026-10\n1 anew, 0 as before")
		w.reprice(q, "0 anew, 0 as before")
		w.Month("2026-11")
		w.reprice(q, "0 anew, 2 as before")
		if sum := w.rows("credit_notes"); sum != 2 {
			t.Errorf("%d notes", sum)
		}
		if note := w.Note("GS-2026-00002"); note.Net != 100+3150-20 { // October comes to 6.00 instead of 5.00
			t.Errorf("net %d: %+v", note.Net, note.Positions)
		}
		w.Proven()
	})
}

func TestARepriceStaysAsItIs(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.dearer()
		w.reprice(creditnotes.RepriceQuery{Rate: "com", From: "2026-10-01"}, "a EUR 1×: 3.150000 → 3.600000\n1 anew, 0 as before")
		for _, statement := range []string{"UPDATE reprices SET reason = 'x'", "DELETE FROM reprices", "DELETE FROM reprice_sessions",
			"UPDATE reprice_sessions SET reprice_id = reprice_id"} {
			err := w.s.InTx(t.Context(), func(tx *store.TestTx) error {
				_, err := tx.Exec(statement)
				return err
			})
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", statement, err)
			}
		}
		w.finds()
		w.edited("UPDATE reprices SET sessions = 2", "verify_reprice")
		w.edited("UPDATE reprices SET sessions = 1")
		w.edited("DELETE FROM reprice_sessions", "verify_reprice")
		if v, err := creditnotes.VerifySince(t.Context(), w.s, creditnotes.AuditHead{}, w.Now.Add(time.Hour)); err != nil || slices.ContainsFunc(v.Problems, func(f *fault.Fault) bool { return f.Key == "verify_reprice" }) {
			t.Errorf("of an earlier one: %v", err)
		}
	})
}

func TestARepriceThatIsOvertakenIsPricedAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.Charged(charge("S-3", "ST-1", "2026-10-05 10:00", "1"))
		w.Tells("2026-10", `
			GS-2026-00002 a→a 0.32 + 0.06 = 0.38 EUR
			ST-1 energy 2026-10 1× 1 kWh 0.32
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.dearer()
		q := creditnotes.RepriceQuery{Rate: "com", From: "2026-10-01", Reason: "wrong"}
		price := int64(500_000)
		always := func(int, int) {
			w.Config.Tariffs.CostRates[len(w.Config.Tariffs.CostRates)-1] = rate("com", money.Rate(price), october)
			price += 1000
			w.Save()
		}
		_, _, err := w.s.Reprice(t.Context(), "anna", q, always)
		says(t, err, "reprice_overtaken")
		if n := w.rows("reprices") + w.rows("reprice_sessions") + w.rows("reprice_found"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		w.Config.Tariffs.CostRates[len(w.Config.Tariffs.CostRates)-1] = rate("com", 400_000, october)
		w.Save()
		var once sync.Once
		done, _, err := w.s.Reprice(t.Context(), "anna", q, func(int, int) { // a credit CDR arrives
			once.Do(func() { w.Charged(charge("S-3", "ST-1", "2026-10-05 10:00", "0", reversed)) })
		})
		w.ok(err)
		same(t, repriced(done), "a EUR 1×: 3.150000 → 3.600000\n1 anew, 0 as before")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "0", reversed)) // and another, after the reprice
		w.Tells("2026-11", `
			GS-2026-00003 a→a 32.53 + 6.18 = 38.71 EUR
			ST-1 energy 2026-10 2× -11 kWh -3.47 late correction
			ST-1 energy 2026-11 1× 100 kWh 36.00
			received 3: credited 3 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestASessionIsPricedAnewTwice(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.dearer()
		q := creditnotes.RepriceQuery{Rate: "com", From: "2026-10-01"}
		w.reprice(q, "a EUR 1×: 3.150000 → 3.600000\n1 anew, 0 as before")
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, rate("com", 500_000, october.Add(time.Hour)))
		w.Save()
		w.reprice(q, "0 anew, 0 as before") // the run prices it by the configuration as it is
		w.Month("2026-11")
		same(t, w.Details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 10 kWh 4.500000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 45.000000 2026-11`)
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, rate("com", 600_000, october.Add(2*time.Hour)))
		w.Save()
		w.reprice(q, "a EUR 2×: 49.500000 → 59.400000\n2 anew, 0 as before")
		w.Config.Stations[stationAt(w, "ST-1")].Owners = []entities.Ownership{{Entity: "b", From: "2026-01-01"}}
		w.Save()
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, rate("com", 700_000, october.Add(3*time.Hour)))
		w.Save()
		w.Month("2026-12") // what a was paid is taken back, b is paid
		w.reprice(q, "0 anew, 2 as before")
		w.Config.Stations[stationAt(w, "ST-1")].Owners = []entities.Ownership{{Entity: "a", From: "2026-01-01"}}
		w.Save()
		w.reprice(q, "left 2: other_owner\n0 anew, 0 as before")
		w.Proven()
	})
}

func stationAt(w *world, key string) int {
	return slices.IndexFunc(w.Config.Stations, func(s entities.Station) bool { return s.Key == key })
}

func TestARejectedRepriceChangesNothing(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.dearer()
		w.Set("release", "approve")
		q := creditnotes.RepriceQuery{Rate: "com", From: "2026-10-01", Reason: "wrong"}
		before := w.rows("sessions")
		_, waiting, err := w.s.Reprice(t.Context(), "anna", q, nil)
		w.ok(err)
		w.ok(w.s.Reject(t.Context(), "bert", waiting.ID))
		says(t, w.s.Approve(t.Context(), "bert", waiting.ID), "proposal_decided")
		if now := w.rows("sessions"); now != before || w.rows("reprices") != 0 {
			t.Errorf("%d versions became %d", before, now)
		}
		_, waiting, err = w.s.Reprice(t.Context(), "anna", q, nil)
		w.ok(err)
		w.ok(w.s.Approve(t.Context(), "bert", waiting.ID))
		if now := w.rows("sessions"); now != before+1 || w.rows("reprices") != 1 {
			t.Errorf("%d versions became %d", before, now)
		}
	})
}

// What a driver's card company was billed for a session does not hang on what the
// owner of the station is paid.
func TestOwnChargingOfARepricedSessionStays(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Config.Contracts = []settlement.Contract{{Key: "kb", Owner: "b", From: "2026-10", Active: true, BillOwnCharging: true}}
		w.Config.NumberRanges = append(w.Config.NumberRanges, creditnotestest.NumberRange("re", "RE-{YYYY}-{SEQ:5}", "invoice"))
		w.Config.Media = []entities.Medium{{UID: "MB", Issuer: "b"}}
		w.Save()
		w.Set("invoice_range", "re", "fee_tax_account", "s19")
		paid := func(amount money.Micros) func(*sessions.Session) {
			return func(s *sessions.Session) { s.MediumUID, s.DriverAmount, s.Currency = "MB", &amount, "EUR" }
		}
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", paid(4_900_000)))
		w.Month("2026-10")
		w.dearer()
		w.Config.Media[0].Issuer = "a" // since then, the card is another's
		w.Save()
		w.Set("fee_tax_account", "s20")
		w.reprice(creditnotes.RepriceQuery{Rate: "com", From: "2026-10-01"}, "a EUR 1×: 3.150000 → 3.600000\n1 anew, 0 as before")
		w.Now = evening("2026-11-30")
		w.Tells("2026-11", `
			GS-2026-00002 a→a 0.45 + 0.09 = 0.54 EUR
			ST-1 energy 2026-10 1× 0 kWh 0.45 late correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", invalid, paid(4_900_000))) // the session was wrong
		w.Now = evening("2026-12-31")
		w.Tells("2026-12", `
			carried a→a -3.60 + -0.68 = -4.28 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.60 late correction
			carried b→b -4.90 + -0.93 = -5.83 EUR
			own_charging kb 2026-10 1× -10 kWh -4.90 late correction
			held S-1 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		w.Proven()
	})
}
