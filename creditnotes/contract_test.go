package creditnotes_test

import (
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/tariffs"
)

// workedContract is the contract of settlement.md §3.11.
func workedContract() settlement.Contract {
	ac, dc := money.Percent(8000), money.Percent(7000)
	return settlement.Contract{Key: "k", Owner: "a", From: "2026-01", Active: true, Terms: settlement.Terms{
		ShareAC: &ac, ShareDC: &dc, DeductElectricityCost: true, ReimburseElectricityCost: true, ElectricityCost: 220_000_000,
		FixedFeeAC: 100_000_000, FixedFeeDC: 200_000_000, FeePerKWhAC: 10_000_000, FeePerKWhDC: 20_000_000, HandlingFee: 250,
	}}
}

// driven states what the driver was charged.
func driven(amount money.Micros) func(*sessions.Session) {
	return func(s *sessions.Session) { s.DriverAmount, s.Currency = &amount, "EUR" }
}

// workedContractMonth are the sessions of settlement.md §3.11.
func workedContractMonth() []sessions.Session {
	return []sessions.Session{
		charge("AC", "ST-1", "2026-10-03 10:00", "10", driven(4_900_000)),
		charge("DC", "ST-3", "2026-10-03 10:00", "40", driven(23_600_000)),
		charge("free", "ST-1", "2026-10-04 10:00", "5", driven(0)),
	}
}

// underContract is the small network with the worked contract and a DC station
// without any tariff.
func underContract(w *world, change func(*settlement.Contract)) {
	station(w.Config, "ST-3", "a", "COM")
	dc := &w.Config.Connectors[len(w.Config.Connectors)-1]
	dc.PowerType, dc.Tariffs = entities.DC, nil
	c := workedContract()
	if change != nil {
		change(&c)
	}
	w.Config.Contracts = []settlement.Contract{c}
	w.Save()
}

func TestAShareIsSettledToTheCent(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		underContract(w, nil)
		w.Charged(workedContractMonth()...)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 21.68 + 4.12 = 25.80 EUR
			ST-1 share 2026-10 2× 15 kWh 1.28
			ST-1 electricity_cost 2026-10 2× 0 kWh 3.30
			ST-1 session_fees 2026-10 2× 0 kWh -0.47
			ST-3 share 2026-10 1× 40 kWh 10.36
			ST-3 electricity_cost 2026-10 1× 0 kWh 8.80
			ST-3 session_fees 2026-10 1× 0 kWh -1.59
			received 3: credited 3 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestWithoutAShareThePurchasePriceIsAddedTo(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		underContract(w, func(c *settlement.Contract) {
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
		underContract(w, func(c *settlement.Contract) { c.SettleOn = settlement.Collected })
		inFrancs := func(s *sessions.Session) { driven(1_000_000)(s); s.Currency = "CHF" }
		collected := func(s *sessions.Session) { s.CollectedAt = s.End }
		w.Charged(
			charge("A unknown", "ST-1", "2026-10-03 10:00", "10"),
			charge("B francs", "ST-1", "2026-10-04 10:00", "10", inFrancs, collected),
			charge("C awaited", "ST-1", "2026-10-05 10:00", "10", driven(4_900_000)),
			charge("D free", "ST-1", "2026-10-06 10:00", "10", driven(0)),
			charge("E paid", "ST-1", "2026-10-07 10:00", "10", driven(4_900_000), collected),
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
		underContract(w, func(c *settlement.Contract) {
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

func TestACorrectionIsSettledByTheContractThatPaid(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		underContract(w, nil)
		w.Charged(workedContractMonth()...)
		w.Month("2026-10")
		changed := w.Config.Contracts[0]
		changed.FixedFeeAC = 900_000_000
		w.Config.Contracts = []settlement.Contract{changed}
		w.Save()
		w.Now = w.Now.AddDate(0, 1, 0)
		w.Charged(charge("AC", "ST-1", "2026-10-03 10:00", "20", driven(9_800_000)), charge("new", "ST-1", "2026-11-03 10:00", "10", driven(4_900_000)))
		w.Tells("2026-11", `
			GS-2026-00002 a→a 7.38 + 1.40 = 8.78 EUR
			ST-1 share 2026-10 1× 10 kWh 2.16 late correction
			ST-1 electricity_cost 2026-10 1× 0 kWh 2.20 late correction
			ST-1 session_fees 2026-10 1× 0 kWh -0.22 late correction
			ST-1 share 2026-11 1× 10 kWh 2.16
			ST-1 electricity_cost 2026-11 1× 0 kWh 2.20
			ST-1 session_fees 2026-11 1× 0 kWh -1.12
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}

func TestASessionTakenBackLeavesNoFee(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		underContract(w, nil)
		w.Charged(workedContractMonth()...)
		w.Month("2026-10")
		w.Now = w.Now.AddDate(0, 1, 0)
		w.Charged(charge("DC", "ST-3", "2026-10-03 10:00", "40", reversed), charge("new", "ST-3", "2026-11-03 10:00", "100", driven(59_000_000)))
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

func TestADriverAmountThatSettlesNothingCorrectsNothing(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		underContract(w, func(c *settlement.Contract) { c.Terms = settlement.Terms{FixedFeeAC: 100_000_000} })
		w.Charged(charge("S", "ST-1", "2026-10-03 10:00", "10", driven(4_900_000)))
		w.Month("2026-10")
		w.Charged(charge("S", "ST-1", "2026-10-03 10:00", "10", driven(5_900_000)))
		w.Tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.Charged(charge("S", "ST-1", "2026-10-03 10:00", "20", driven(5_900_000)))
		w.Tells("2026-12", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late correction
			ST-1 session_fees 2026-10 1× 0 kWh 0.00 late correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}
