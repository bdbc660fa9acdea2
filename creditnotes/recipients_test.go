package creditnotes_test

import (
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/tariffs"
)

func TestNoteIsMadeOutToTheAlternateAddress(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(
			charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "20"),
			charge("S-3", "ST-3", "2026-10-03 10:00", "30"),
		)
		// One note for each child; the address of h2 is not followed on.
		report := w.Tells("2026-10", `
			GS-2026-00001 a→h2 3.15 + 0.63 = 3.78 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			GS-2026-00002 b→h2 6.30 + 1.26 = 7.56 EUR
			ST-9 energy 2026-10 1× 20 kWh 6.30
			GS-2026-00003 h2→a 9.45 + 1.80 = 11.25 EUR
			ST-3 energy 2026-10 1× 30 kWh 9.45
			received 3: credited 3 held 0 zero 0 excluded 0`)
		n := report.Notes[0]
		if d := n.Document; d.Recipient.Name != "Hotel H2" || d.OwnerNames["a"] != "Hotel A" || !slices.Equal(d.MailTo, []string{"h2@a.example"}) || n.Language != "fr" {
			t.Errorf("%s, %+v", n.Language, d)
		}
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		h2 := subCPO(c, "h2")
		h2.Language, h2.Taxes, h2.AlternateCredit = "fr", []entities.TaxTreatment{{From: "2020-01-01", Account: "s20"}}, "a"
		entityIn(c, "a").AlternateCredit, entityIn(c, "b").AlternateCredit = "h2", "h2"
		station(c, "ST-3", "h2", "COM")
	})
}

func TestNotesToOneRecipientMayBeConsolidated(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("consolidate_by_recipient", "true")
		w.Charged(
			charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "20"),
			charge("S-3", "ST-1", "2026-09-03 10:00", "10"),
		)
		report := w.Tells("2026-10", `
			GS-2026-00001 a+b→b 12.60 + 2.39 = 14.99 EUR
			ST-1 energy 2026-09 1× 10 kWh 3.15 late
			ST-1 energy 2026-10 1× 10 kWh 3.15
			ST-9 energy 2026-10 1× 20 kWh 6.30
			received 3: credited 3 held 0 zero 0 excluded 0`)
		totals := map[string]int64{}
		for _, p := range report.Notes[0].Positions {
			totals[p.Owner] += int64(p.Net)
		}
		if totals["a"] != 630 || totals["b"] != 630 {
			t.Errorf("sub-totals %v", totals)
		}
		same(t, w.Details("GS-2026-00001"), `
			S-3 v1 credit 10 kWh 3.150000 2026-09
			S-1 v1 credit 10 kWh 3.150000 2026-10
			S-2 v1 credit 20 kWh 6.300000 2026-10`)
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", reversed), charge("S-2", "ST-9", "2026-10-03 10:00", "21"))
		w.Tells("2026-11", `
			carried a+b→b -2.83 + -0.54 = -3.37 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-9 energy 2026-10 1× 1 kWh 0.32 late correction
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) { entityIn(c, "a").AlternateCredit = "b" })
}

func TestOwnerThatFailsLeavesTheConsolidatedNote(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("consolidate_by_recipient", "true")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "20"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			held S-2 b owner_failed
			failed b ambiguous_conditions
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.Config.Tariffs.ChargePoint[0].Purchase[1].Position = 1
		w.Save()
		w.Tells("2026-10", `
			GS-2026-00002 b→a 5.60 + 1.06 = 6.66 EUR
			ST-9 energy 2026-10 1× 20 kWh 5.60
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "b").AlternateCredit = "a"
		c.Tariffs.ChargePoint[0].Purchase = []tariffs.Condition{{Rate: "com"}, {Rate: "lp"}}
		c.Connectors[2].Tariffs[0].ChargePoint = "LP"
	})
}

func TestNoteSpeaksTheLanguageOfItsRecipient(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "20"))
		report := w.Month("2026-10")
		for i, want := range []struct{ language, mention string }{{"it", "autofatturazione"}, {"de", "Gutschrift"}} {
			n := report.Notes[i]
			if n.Language != want.language || n.Document.Mentions[0] != want.mention {
				t.Errorf("%s: %q", n.Language, n.Document.Mentions)
			}
		}
	}, func(c *creditnotes.Configuration) { entityIn(c, "a").Language = "it" })
}

func TestEveryCurrencyHasItsOwnNote(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(
			charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-CHF", "2026-10-03 10:00", "10"),
			charge("S-3", "ST-JPY", "2026-10-03 10:00", "10"), charge("S-4", "ST-KWD", "2026-10-03 10:00", "10"),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.00 + 0.57 = 3.57 CHF
			ST-CHF energy 2026-10 1× 10 kWh 3.00
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			GS-2026-00003 a→a 353 + 67 = 420 JPY
			ST-JPY energy 2026-10 1× 10 kWh 353
			GS-2026-00004 a→a 1.235 + 0.235 = 1.470 KWD
			ST-KWD energy 2026-10 1× 10 kWh 1.235
			received 4: credited 4 held 0 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		for currency, price := range map[string]tariffs.CostRate{
			"CHF": rate("chf", 300_000, time.Time{}), "JPY": rate("jpy", 35_250_000, time.Time{}), "KWD": rate("kwd", 123_450, time.Time{}),
		} {
			price.Currency = currency
			c.Tariffs.CostRates = append(c.Tariffs.CostRates, price)
			c.Tariffs.ChargePoint = append(c.Tariffs.ChargePoint, tariffs.ChargePointTariff{Key: currency, Purchase: []tariffs.Condition{{Rate: price.Key}}})
			station(c, "ST-"+currency, "a", currency)
		}
	})
}

func TestPositionsAreSummedPerComponentAndRoundedOnce(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(
			charge("S-1", "ST-F", "2026-10-03 10:00", "1", lasting(20*time.Minute)),
			charge("S-2", "ST-F", "2026-10-04 10:00", "1", lasting(time.Minute)), // too short for the fee
			charge("S-3", "ST-F", "2026-10-05 10:00", "1", ofClass(sessions.Internal), lasting(20*time.Minute)),
		)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 2.71 + 0.51 = 3.22 EUR
			ST-F energy 2026-10 3× 3 kWh 1.00
			ST-F time 2026-10 3× 0 kWh 0.71
			ST-F fee 2026-10 2× 0 kWh 1.00
			received 3: credited 3 held 0 zero 0 excluded 0`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		full := rate("full", 333_333, time.Time{})
		full.Time = []tariffs.TimeBand{{UpToMin: 1, PerHour: 1_040_000}}
		full.SessionFee = &tariffs.SessionFee{Amount: 500_000, GraceSeconds: 60}
		c.Tariffs.CostRates = append(c.Tariffs.CostRates, full)
		c.Tariffs.ChargePoint = append(c.Tariffs.ChargePoint, tariffs.ChargePointTariff{Key: "F", Purchase: []tariffs.Condition{{Rate: "full"}}})
		station(c, "ST-F", "a", "F")
	})
}

func TestNumbersAreGivenInWalkOrder(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(
			charge("S-1", "ST-C", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"), charge("S-3", "ST-1", "2026-10-03 10:00", "10"),
		)
		var owners []string
		for _, n := range w.Month("2026-10").Notes {
			owners = append(owners, n.Number+" "+n.Owners[0])
		}
		if want := []string{"GS-2026-00001 a", "GS-2026-00002 z-of-a", "GS-2026-00003 b"}; !slices.Equal(owners, want) {
			t.Errorf("%q, want %q", owners, want)
		}
	}, func(c *creditnotes.Configuration) {
		subCPO(c, "z-of-a").Parent = "a"
		station(c, "ST-C", "z-of-a", "COM")
	})
}
