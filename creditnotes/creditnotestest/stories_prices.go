package creditnotestest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// Prices lists what the positions of a note say of their prices.
func (w *World) Prices(number string) string {
	w.T.Helper()
	var b strings.Builder
	for _, p := range w.Note(number).Positions {
		if p.CreditedAgain != "" {
			fmt.Fprintf(&b, "again %s: ", p.CreditedAgain)
		}
		fmt.Fprintf(&b, "%s %s", p.Station, p.Component)
		for _, u := range p.Prices {
			fmt.Fprintf(&b, ", %s %s × %s", u.Tariff, u.Amount(), u.Price)
			if u.Unit == creditnotes.UnitAmount {
				fmt.Fprintf(&b, " %s", u.Unit)
			}
			if u.Discount != 0 {
				fmt.Fprintf(&b, " -%s%%", u.Discount)
			}
			if u.Share != 0 {
				fmt.Fprintf(&b, " × %s%%", u.Share)
			}
		}
		if p.FurtherPrices {
			b.WriteString(", further")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// bands are prices per kWh that end after as many Wh.
func bands(upTo int64, prices ...money.Rate) (list []tariffs.EnergyBand) {
	for i, price := range prices {
		list = append(list, tariffs.EnergyBand{UpToWh: upTo * int64(i+1), PerKWh: price})
	}
	return list
}

func positionsSayTheirPrices(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Config.Tariffs.CostRates[0].Prices = tariffs.Prices{
			Energy:     bands(10_000, 350_000, 400_000),
			Time:       []tariffs.TimeBand{{UpToMin: 45, PerHour: 0}, {UpToMin: 46, PerHour: 6_000_000}},
			SessionFee: &tariffs.SessionFee{Amount: 500_000},
		}
		w.Config.Tariffs.CostRates[1].Prices.Energy = bands(1_000, 170_000, 160_000, 150_000, 140_000, 130_000, 120_000, 110_000)
		w.Save()
		w.Charged(
			Charge("S-1", "ST-1", "2026-10-03 10:00", "12.5", Lasting(59*time.Minute+30*time.Second)),
			Charge("S-2", "ST-1", "2026-10-04 10:00", "4", Lasting(30*time.Minute)),
			Charge("S-3", "ST-2", "2026-10-05 10:00", "5"),
			Charge("S-4", "ST-2", "2026-10-06 10:00", "7"),
		)
		w.Month("2026-10")
		// The time of S-2 is free, so no position of time adds it up.
		Same(t, w.Prices("GS-2026-00001"), `
			ST-1 energy, COM 14 × 0.35 -10%, COM 2.5 × 0.4 -10%
			ST-1 time, COM 45 × 0 -10%, COM 15 × 6 -10%
			ST-1 fee, COM 2 × 0.5 -10%
			ST-2 energy, LP 1 × 0.11, LP 1 × 0.12, LP 2 × 0.13, LP 2 × 0.14, LP 2 × 0.15, further`)
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, Rate("com", 250_000, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)))
		w.Save()
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "14"), Charge("S-5", "ST-1", "2026-11-03 10:00", "100"))
		w.Month("2026-11")
		Same(t, w.Prices("GS-2026-00002"), `
			ST-1 energy, COM 14 × 0.25 -10%, COM -10 × 0.35 -10%, COM -2.5 × 0.4 -10%
			ST-1 time, COM -45 × 0 -10%, COM -15 × 6 -10%
			ST-1 fee, COM -1 × 0.5 -10%
			ST-1 energy, COM 100 × 0.25 -10%`)
		w.Proven()
	})
}
