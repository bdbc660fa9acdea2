package creditnotestest

import (
	"testing"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
)

// workedContract is the contract of settlement.md §3.11.
func workedContract() settlement.Contract {
	ac, dc := money.Percent(8000), money.Percent(7000)
	return settlement.Contract{Key: "k", Owner: "a", From: "2026-01", Active: true, Terms: settlement.Terms{
		ShareAC: &ac, ShareDC: &dc, DeductElectricityCost: true, ReimburseElectricityCost: true, ElectricityCost: 220_000_000,
		FixedFeeAC: 100_000_000, FixedFeeDC: 200_000_000, FeePerKWhAC: 10_000_000, FeePerKWhDC: 20_000_000, HandlingFee: 250,
	}}
}

// Driven states what the driver was charged.
func Driven(amount money.Micros) func(*sessions.Session) {
	return func(s *sessions.Session) { s.DriverAmount, s.Currency = &amount, "EUR" }
}

// WorkedContractMonth are the sessions of settlement.md §3.11.
func WorkedContractMonth() []sessions.Session {
	return []sessions.Session{
		Charge("AC", "ST-1", "2026-10-03 10:00", "10", Driven(4_900_000)),
		Charge("DC", "ST-3", "2026-10-03 10:00", "40", Driven(23_600_000)),
		Charge("free", "ST-1", "2026-10-04 10:00", "5", Driven(0)),
	}
}

// UnderContract is the small network with the worked contract and a DC station
// without any tariff.
func UnderContract(w *World, change func(*settlement.Contract)) {
	Station(w.Config, "ST-3", "a", "COM")
	dc := &w.Config.Connectors[len(w.Config.Connectors)-1]
	dc.PowerType, dc.Tariffs = entities.DC, nil
	c := workedContract()
	if change != nil {
		change(&c)
	}
	w.Config.Contracts = []settlement.Contract{c}
	w.Save()
}

func aShareIsSettledToTheCent(t *testing.T, open Open) {
	w := NewWorld(t, open)
	UnderContract(w, nil)
	w.Charged(WorkedContractMonth()...)
	w.Tells("2026-10", `
		GS-2026-00001 a→a 21.68 + 4.12 = 25.80 EUR
		ST-1 share 2026-10 2× 15 kWh 1.28
		ST-1 electricity_cost 2026-10 2× 0 kWh 3.30
		ST-1 session_fees 2026-10 2× 0 kWh -0.47
		ST-3 share 2026-10 1× 40 kWh 10.36
		ST-3 electricity_cost 2026-10 1× 0 kWh 8.80
		ST-3 session_fees 2026-10 1× 0 kWh -1.59
		received 3: credited 3 held 0 zero 0 excluded 0`)
	Same(t, w.Prices("GS-2026-00001"), `
		ST-1 share, k 4.9 × 0 amount × 80%, k 15 × -0.22 × 80%
		ST-1 electricity_cost, k 15 × 0.22
		ST-1 session_fees, k 4.9 × 0 amount × -2.5%, k 15 × -0.01, k 2 × -0.1
		ST-3 share, k 23.6 × 0 amount × 70%, k 40 × -0.22 × 70%
		ST-3 electricity_cost, k 40 × 0.22
		ST-3 session_fees, k 23.6 × 0 amount × -2.5%, k 40 × -0.02, k 1 × -0.2`)
	w.Proven()
}

func aCorrectionIsSettledByTheContractThatPaid(t *testing.T, open Open) {
	w := NewWorld(t, open)
	UnderContract(w, nil)
	w.Charged(WorkedContractMonth()...)
	w.Month("2026-10")
	changed := w.Config.Contracts[0]
	changed.FixedFeeAC = 900_000_000
	w.Config.Contracts = []settlement.Contract{changed}
	w.Save()
	w.Now = w.Now.AddDate(0, 1, 0)
	w.Charged(Charge("AC", "ST-1", "2026-10-03 10:00", "20", Driven(9_800_000)), Charge("new", "ST-1", "2026-11-03 10:00", "10", Driven(4_900_000)))
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
}

func aDriverAmountThatSettlesNothingCorrectsNothing(t *testing.T, open Open) {
	w := NewWorld(t, open)
	UnderContract(w, func(c *settlement.Contract) { c.Terms = settlement.Terms{FixedFeeAC: 100_000_000} })
	w.Charged(Charge("S", "ST-1", "2026-10-03 10:00", "10", Driven(4_900_000)))
	w.Month("2026-10")
	w.Charged(Charge("S", "ST-1", "2026-10-03 10:00", "10", Driven(5_900_000)))
	w.Tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
	w.Charged(Charge("S", "ST-1", "2026-10-03 10:00", "20", Driven(5_900_000)))
	w.Tells("2026-12", `
		GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
		ST-1 energy 2026-10 1× 10 kWh 3.15 late correction
		ST-1 session_fees 2026-10 1× 0 kWh 0.00 late correction
		received 1: credited 1 held 0 zero 0 excluded 0`)
	w.Proven()
}
