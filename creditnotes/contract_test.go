package creditnotes_test

import (
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/tariffs"
)

func TestWithoutAShareThePurchasePriceIsAddedTo(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		creditnotestest.UnderContract(w.World, func(c *settlement.Contract) {
			c.Terms = settlement.Terms{ElectricityTax: 20_500_000, FixedFeeAC: 100_000_000}
		})
		w.Charged(charge("S", "ST-1", "2026-10-03 10:00", "10"), charge("no price", "ST-3", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.26 + 0.62 = 3.88 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			ST-1 electricity_tax 2026-10 1× 0 kWh 0.21
			ST-1 session_fees 2026-10 1× 0 kWh -0.10
			held no price a unpriced
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestWhatAContractHolds(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		creditnotestest.UnderContract(w.World, func(c *settlement.Contract) { c.SettleOn = settlement.Collected })
		inFrancs := func(s *sessions.Session) { creditnotestest.Driven(1_000_000)(s); s.Currency = "CHF" }
		collected := func(s *sessions.Session) { s.CollectedAt = s.End }
		w.Charged(
			charge("A unknown", "ST-1", "2026-10-03 10:00", "10"),
			charge("B francs", "ST-1", "2026-10-04 10:00", "10", inFrancs, collected),
			charge("C awaited", "ST-1", "2026-10-05 10:00", "10", creditnotestest.Driven(4_900_000)),
			charge("D free", "ST-1", "2026-10-06 10:00", "10", creditnotestest.Driven(0)),
			charge("E paid", "ST-1", "2026-10-07 10:00", "10", creditnotestest.Driven(4_900_000), collected),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 4.28 + 0.81 = 5.09 EUR
			ST-1 share 2026-10 2× 20 kWh 0.40
			ST-1 electricity_cost 2026-10 2× 0 kWh 4.40
			ST-1 session_fees 2026-10 2× 0 kWh -0.52
			held A unknown a no_driver_amount
			held B francs a contract_currency
			held C awaited a not_collected
			received 5: credited 2 held 3 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestTheSalesSideGivesDriverAmounts(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, rate("sell", 490_000, time.Time{}), rate("staff", 400_000, time.Time{}))
		w.Config.Tariffs.ChargePoint[0].Sales = []tariffs.Condition{{Rate: "sell"}}
		w.Config.Tariffs.Sales = []tariffs.SalesTariff{{Key: "staff", Name: "staff", Sales: []tariffs.Condition{{Rate: "staff", When: tariffs.Filter{OperatingCompany: "b"}}}}}
		w.Config.Media = []entities.Medium{{UID: "CARD", Issuer: "b", SalesTariff: "staff"}, {UID: "OTHER", Issuer: "op", SalesTariff: "staff"}}
		creditnotestest.UnderContract(w.World, func(c *settlement.Contract) {
			half := money.Percent(5000)
			c.Terms = settlement.Terms{ShareAC: &half, ShareDC: &half}
		})
		by := func(uid string) func(*sessions.Session) {
			return func(s *sessions.Session) { s.MediumUID, s.Class = uid, sessions.Internal }
		}
		w.Charged(
			charge("A at the connector", "ST-2", "2026-10-03 10:00", "10"),
			charge("B by card", "ST-2", "2026-10-04 10:00", "10", by("CARD")),
			charge("C of another issuer", "ST-2", "2026-10-05 10:00", "10", by("OTHER")),
			charge("D no sales side", "ST-1", "2026-10-06 10:00", "10"),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 4.45 + 0.85 = 5.30 EUR
			ST-2 share 2026-10 2× 20 kWh 4.45
			held C of another issuer a no_driver_amount
			held D no sales side a no_driver_amount
			received 4: credited 2 held 2 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestASessionTakenBackLeavesNoFee(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		creditnotestest.UnderContract(w.World, nil)
		w.Charged(creditnotestest.WorkedContractMonth()...)
		w.Month("2026-10")
		w.Now = w.Now.AddDate(0, 1, 0)
		w.Charged(charge("DC", "ST-3", "2026-10-03 10:00", "40", reversed), charge("new", "ST-3", "2026-11-03 10:00", "100", creditnotestest.Driven(59_000_000)))
		report := w.Month("2026-11")
		if got := report.Total.Withdrawn.Sessions; got != 1 {
			t.Errorf("%d withdrawn", got)
		}
		taken := map[creditnotes.Component]string{}
		for _, p := range report.Notes[0].Positions {
			if p.Month == "2026-10" {
				taken[p.Component] = p.Net.Format(2)
			}
		}
		want := map[creditnotes.Component]string{creditnotes.Share: "-10.36", creditnotes.ElectricityCost: "-8.80", creditnotes.SessionFees: "1.59"}
		for c, net := range want {
			if taken[c] != net {
				t.Errorf("%s %s, want %s", c, taken[c], net)
			}
		}
		w.Proven()
	})
}

func TestWhatIsCollectedLaterIsMarked(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		creditnotestest.UnderContract(w.World, func(c *settlement.Contract) { c.SettleOn = settlement.Collected })
		collected := creditnotestest.CollectedOn("2026-11-05")
		paid := creditnotestest.Driven(4_900_000)
		w.Charged(charge("held", "ST-1", "2026-10-05 10:00", "10", paid), charge("held too", "ST-2", "2026-10-05 10:00", "10", paid))
		w.Month("2026-10")
		w.Now = evening("2026-11-30")
		w.Charged(charge("held", "ST-1", "2026-10-05 10:00", "10", paid, collected),
			charge("unknown before", "ST-3", "2026-10-05 10:00", "10", paid, collected), charge("of the month", "ST-1", "2026-11-05 10:00", "10", paid, collected))
		w.Month("2026-11")
		w.Now = evening("2026-12-31")
		w.Charged(charge("held too", "ST-2", "2026-10-05 10:00", "10", paid, collected))
		w.Month("2026-12")
		for _, note := range w.Issued() {
			marked := map[string]bool{}
			for d, err := range w.Store.Details(t.Context(), note) {
				if err != nil {
					t.Fatal(err)
				}
				if d.Path.CollectedLater {
					marked[d.Path.Station] = true
				}
				if want := d.Session.ExternalID == "held" || d.Session.ExternalID == "held too"; d.Path.CollectedLater != want {
					t.Errorf("%s is marked: %t", d.Session.ExternalID, d.Path.CollectedLater)
				}
			}
			for _, p := range note.Positions {
				if p.CollectedLater != (marked[p.Station] && p.Month == "2026-10") {
					t.Errorf("%s %s %s is marked: %t", p.Station, p.Component, p.Month, p.CollectedLater)
				}
			}
		}
		w.Proven()
	})
}
