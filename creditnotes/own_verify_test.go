package creditnotes_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/internal/settlement"
)

func TestVerifyFindsOwnChargingThatWasChangedByHand(t *testing.T) {
	of := func(d *memory.Data, kind creditnotes.LineKind) *memory.OwnCharge {
		return &d.Own[slices.IndexFunc(d.Own, func(c memory.OwnCharge) bool { return c.Kind == kind && c.Live })]
	}
	for name, c := range map[string]struct {
		tamper func(*memory.Data)
		want   string
	}{
		"what it comes to": {func(d *memory.Data) { of(d, creditnotes.LineOwnCharging).Net++ }, "verify_own_charging"},
		"the energy":       {func(d *memory.Data) { of(d, creditnotes.LineOwnCharging).Energy++ }, "verify_own_charging"},
		"the contract":     {func(d *memory.Data) { of(d, creditnotes.LineOwnCharging).Contract = "ka" }, "verify_own_charging"},
		"the payer":        {func(d *memory.Data) { of(d, creditnotes.LineOwnCharging).OwnerID++ }, "verify_own_charging"},
		"what was charged": {func(d *memory.Data) { of(d, creditnotes.LineOwnCharging).DriverAmount++ }, "verify_own_charging"},
		"the discount":     {func(d *memory.Data) { of(d, creditnotes.LineOwnCharging).PathID = 0 }, "verify_own_charging"},
		"a correction":     {func(d *memory.Data) { of(d, creditnotes.LineOwnCharging).Correction = true }, "verify_own_charging"},
		"one that is gone": {func(d *memory.Data) { d.Own = d.Own[1:] }, "verify_own_charging"},
		"billed twice":     {func(d *memory.Data) { d.Own = append(d.Own, *of(d, creditnotes.LineOwnCharging)) }, "verify_own_twice"},
		"billed in two versions": {func(d *memory.Data) {
			d.Own = slices.DeleteFunc(d.Own, func(c memory.OwnCharge) bool { return c.Kind == creditnotes.LineOwnReversal })
		}, "verify_own_twice"},
		"taken back, never billed": {func(d *memory.Data) {
			back := of(d, creditnotes.LineOwnReversal).SessionID
			d.Own = slices.DeleteFunc(d.Own, func(c memory.OwnCharge) bool { return c.Kind == creditnotes.LineOwnCharging && c.SessionID == back })
		}, "verify_own_twice"},
	} {
		t.Run(name, func(t *testing.T) {
			billing(t, func(c *settlement.Contract) { c.To = "2026-10" }, func(t *testing.T, w *world) {
				w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)), charge("S-2", "ST-9", "2026-10-04 10:00", "20", withMB(5_000_000)))
				w.Month("2026-10")
				w.Now = evening("2026-11-30")
				w.Charged(charge("S-2", "ST-9", "2026-10-04 10:00", "20", withMB(6_000_000)))
				w.Month("2026-11")
				w.Proven()
				w.s.Tamper(c.tamper)
				if got := w.Problems(); !slices.Contains(got, c.want) {
					t.Errorf("verify finds %v", got)
				}
			})
		})
	}
}

func TestTheSessionsOfAFeeInvoiceAreWhatItBills(t *testing.T) {
	billing(t, func(c *settlement.Contract) { c.OwnChargingDiscount = 2000 }, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", withMB(4_900_000)), charge("S-2", "ST-9", "2026-10-04 10:00", "20", withMB(5_000_000)))
		w.Month("2026-10")
		w.Now = evening("2026-11-30")
		w.Charged(charge("S-2", "ST-9", "2026-10-04 10:00", "20", withMB(6_000_000)), charge("S-3", "ST-1", "2026-11-05 10:00", "1", withMB(1_000_000)))
		w.Month("2026-11")
		same(t, w.Details("RE-2026-00001"), `
			S-1 v1 own_charging 10 kWh 3.920000 2026-10
			S-2 v1 own_charging 20 kWh 4.000000 2026-10`)
		same(t, w.Details("RE-2026-00002"), `
			S-2 v1 own_charging_reversal -20 kWh -4.000000 2026-10 corrects RE-2026-00001
			S-2 v2 own_charging 20 kWh 4.800000 2026-10 corrects RE-2026-00001
			S-3 v1 own_charging 1 kWh 0.800000 2026-11`)
		note := w.Note("RE-2026-00002")
		for i := range note.Positions {
			p := &note.Positions[i]
			if len(p.Prices) != 1 || p.FurtherPrices || p.Prices[0].Discount != 2000 || p.Prices[0].Quantity*8/10 != int64(p.Sum) {
				t.Errorf("position %d: %+v", p.Ordinal, p.Prices)
			}
			sum := p.Sum
			for d, err := range note.DetailsOf(p, w.Store.Details(t.Context(), note)) {
				if err != nil {
					t.Fatal(err)
				}
				sum -= d.Net(p.Component)
				if d.Path.Contract != "kb" || d.Path.Discount != 2000 || d.Path.Rule != "own_charging" || d.Path.Zone != "Europe/Berlin" || !d.Line.ByDriver {
					t.Errorf("%+v", d.Path)
				}
			}
			if sum != 0 {
				t.Errorf("position %d: %s is left", p.Ordinal, sum)
			}
		}
		w.Cancel("RE-2026-00002")
		same(t, w.Details("ST-2026-00001"), `
			S-2 v1 own_charging_reversal 20 kWh 4.000000 2026-10 corrects RE-2026-00001
			S-2 v2 own_charging -20 kWh -4.800000 2026-10 corrects RE-2026-00001
			S-3 v1 own_charging -1 kWh -0.800000 2026-11`)
	})
}
