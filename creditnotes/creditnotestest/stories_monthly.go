package creditnotestest

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/numbering"
)

// charged makes the world one with contracts and a range for fee invoices.
func (w *World) charged(contracts ...settlement.Contract) {
	w.T.Helper()
	w.Config.NumberRanges = append(w.Config.NumberRanges, NumberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
	w.Config.Contracts = contracts
	w.Config.Media = append(w.Config.Media, entities.Medium{UID: "MB", Issuer: "b"})
	w.Save()
	w.Set("invoice_range", "re", "fee_tax_account", "s20")
}

// sharing is a contract with a share of 80 % from October on.
func sharing(owner string, change func(*settlement.Contract)) settlement.Contract {
	share := money.Percent(8000)
	c := settlement.Contract{Key: "k" + owner, Owner: owner, From: "2026-10", Active: true, Terms: settlement.Terms{ShareAC: &share, ShareDC: &share}}
	change(&c)
	return c
}

func monthlySumsFollowWhatStands(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.charged(sharing("a", func(c *settlement.Contract) {
			c.MinimumGuarantee, c.MonthlyFee = 30_000_000, 5_000_000
			c.VolumeBonus = []settlement.BonusBand{{From: 20_000_000, PerKWh: 10_000_000}}
		}))
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", Driven(4_900_000)))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 30.00 + 5.70 = 35.70 EUR
			ST-1 share 2026-10 1× 10 kWh 3.92
			minimum_guarantee ka 2026-10 0× 0 kWh 26.08
			RE-2026-00001 a→a 5.00 + 1.00 = 6.00 EUR
			monthly_fee ka 2026-10 1 × 5.000000 5.00
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Now = Evening("2026-11-30")
		w.Charged(Charge("S-2", "ST-2", "2026-10-20 10:00", "40", Driven(23_600_000)))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 30.30 + 5.76 = 36.06 EUR
			ST-2 share 2026-10 1× 40 kWh 18.88 late
			minimum_guarantee ka 2026-10 0× 0 kWh -18.88 late
			volume_bonus ka 2026-10 0× 0 kWh 0.30 late
			minimum_guarantee ka 2026-11 0× 0 kWh 30.00
			RE-2026-00002 a→a 5.00 + 1.00 = 6.00 EUR
			monthly_fee ka 2026-11 1 × 5.000000 5.00
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Cancel("GS-2026-00001")
		w.Cancel("RE-2026-00001")
		w.Tells("2026-11", `
			GS-2026-00003 a→a 30.00 + 5.70 = 35.70 EUR
			ST-1 share 2026-10 1× 10 kWh 3.92 late
			minimum_guarantee ka 2026-10 0× 0 kWh 26.08 late
			RE-2026-00003 a→a 5.00 + 1.00 = 6.00 EUR
			monthly_fee ka 2026-10 1 × 5.000000 5.00 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func ownChargingIsBilledToTheIssuer(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.charged(settlement.Contract{Key: "kb", Owner: "b", From: "2026-10", Active: true, BillOwnCharging: true, OwnChargingDiscount: 2000})
		own := func(s *sessions.Session) { s.MediumUID = "mb" }
		w.Charged(
			Charge("S-1", "ST-1", "2026-10-03 10:00", "10", own, Driven(4_900_000)),
			Charge("S-2", "ST-1", "2026-10-04 10:00", "2", own, Driven(1_000_000), Invalid),
			Charge("S-3", "ST-1", "2026-10-05 10:00", "2", own),
			Charge("S-4", "ST-1", "2026-10-06 10:00", "2", Driven(1_000_000)))
		report := w.Tells("2026-10", `
			GS-2026-00001 a→a 4.41 + 0.84 = 5.25 EUR
			ST-1 energy 2026-10 3× 14 kWh 4.41
			RE-2026-00001 b→b 3.92 + 0.78 = 4.70 EUR
			own_charging kb 2026-10 1× 10 kWh 3.92
			held S-2 a invalid
			received 4: credited 3 held 1 zero 0 excluded 0`)
		if waits := report.OwnWaits; len(waits) != 1 || waits[0].Session != "S-3" || waits[0].Owner != "b" || waits[0].Reason != sessions.NoDriverAmount {
			t.Errorf("waits: %+v", waits)
		}
		w.Proven()
		w.Now = Evening("2026-11-30")
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", own, Driven(9_800_000)),
			Charge("S-3", "ST-1", "2026-10-05 10:00", "2", own, Driven(500_000)))
		w.Tells("2026-11", `
			RE-2026-00002 b→b 4.32 + 0.86 = 5.18 EUR
			own_charging kb 2026-10 1× 2 kWh 0.40 late
			own_charging kb 2026-10 1× 0 kWh 3.92 late correction
			held S-2 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		if _, err := w.TryCancel("RE-2026-00001"); err == nil {
			t.Error("an invoice is cancelled although a later one takes back what it bills")
		}
		w.Cancel("RE-2026-00002")
		w.Tells("2026-11", `
			RE-2026-00003 b→b 4.32 + 0.86 = 5.18 EUR
			own_charging kb 2026-10 1× 2 kWh 0.40 late
			own_charging kb 2026-10 1× 0 kWh 3.92 late correction
			held S-2 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		w.Proven()
	})
}

func discardedRunBillsNothing(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.charged(settlement.Contract{Key: "kb", Owner: "b", From: "2026-10", Active: true, BillOwnCharging: true, MonthlyFee: 1_000_000})
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", func(s *sessions.Session) { s.MediumUID = "MB" }, Driven(4_900_000)))
		w.Set("release", "approve")
		run, err := w.Runner.Run(t.Context(), ByAnna("2026-10"))
		w.must(err)
		w.must(w.Runner.Discard(t.Context(), run.Name, "anna"))
		w.Set("release", "automatic")
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			RE-2026-00001 b→b 5.90 + 1.18 = 7.08 EUR
			monthly_fee kb 2026-10 1 × 1.000000 1.00
			own_charging kb 2026-10 1× 10 kWh 4.90
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func feesNeedARangeAndATaxAccount(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.charged(sharing("a", func(c *settlement.Contract) { c.MonthlyFee = 1_000_000 }))
		w.Set("invoice_range", "", "fee_tax_account", "")
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", Driven(4_900_000)), Charge("S-9", "ST-9", "2026-10-03 10:00", "10"))
		report := w.Previewed("2026-10")
		if len(report.Failed) != 1 || report.Failed[0].Failed.Key != "fees_without_tax_account" {
			t.Errorf("failed: %+v", report.Failed)
		}
		w.Entity("a").FeeTaxes = []entities.TaxTreatment{{From: "2026-01-01", Account: "s19"}}
		w.Save()
		w.Tells("2026-10", `
			GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			held S-1 a owner_failed
			failed a fees_without_range
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.Set("invoice_range", "re")
		w.Tells("2026-10", `
			GS-2026-00002 a→a 3.92 + 0.74 = 4.66 EUR
			ST-1 share 2026-10 1× 10 kWh 3.92
			RE-2026-00001 a→a 1.00 + 0.19 = 1.19 EUR
			monthly_fee ka 2026-10 1 × 1.000000 1.00
			received 1: credited 1 held 0 zero 0 excluded 0`)
		if n := w.Note("RE-2026-00001"); n.Document.TypeCode != creditnotes.TypeFeeInvoice || n.PeriodFrom != "2026-10-01" || n.PeriodTo != "2026-10-31" {
			t.Errorf("%+v", n)
		}
		w.Proven()
	})
}
