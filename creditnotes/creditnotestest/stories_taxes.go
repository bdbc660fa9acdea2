package creditnotestest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// TaxStory writes down the taxes of the notes of a report, and under which of
// them each position stands.
func TaxStory(notes []*creditnotes.Note) string {
	var b strings.Builder
	for _, n := range notes {
		fmt.Fprintf(&b, "%s %s + %s = %s\n", strings.Join(n.Owners, "+"), n.Net.Format(2), n.Tax.Format(2), n.Gross.Format(2))
		for _, t := range n.Taxes {
			fmt.Fprintf(&b, "%s %s: %s %s\n", t.Account, t.Label(), t.Base.Format(2), t.Tax.Format(2))
		}
		for _, p := range n.Positions {
			fmt.Fprintf(&b, "%s %s %s %s\n", p.Month, p.Component, n.TaxLabel(p), p.Net.Format(2))
		}
	}
	return b.String()
}

// HigherInNovember raises the rate of the account of the settings.
func HigherInNovember(c *creditnotes.Configuration) {
	c.TaxAccounts[0].Rates = append(c.TaxAccounts[0].Rates, creditnotes.TaxRate{From: "2026-11-01", Percent: 2100})
}

func correctionTakesBackTheTaxOfTheDayAndPaysTheOne(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-1", "2026-10-31 22:30", "10"))
		w.Month("2026-10")
		w.Now = time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		w.Charged(Charge("S-1", "ST-1", "2026-10-31 23:30", "20"))
		Same(t, TaxStory(w.Month("2026-11").Notes), `
			a 3.15 + 0.72 = 3.87
			s19 S 19: -3.15 -0.60
			s19 S 21: 6.30 1.32
			2026-10 energy S 19 -3.15
			2026-11 energy S 21 6.30`)
		w.Proven()
	}, HigherInNovember)
}

func sumCarriedForwardKeepsItsTax(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-1", "2026-10-05 10:00", "10"))
		w.Month("2026-10")
		w.Charged(Charge("S-1", "ST-1", "2026-10-05 10:00", "10", Reversed))
		w.Month("2026-10")
		w.Now = time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		w.Charged(Charge("S-2", "ST-1", "2026-11-05 10:00", "20"))
		Same(t, TaxStory(w.Month("2026-11").Notes), `
			a 3.15 + 0.72 = 3.87
			s19 S 19: -3.15 -0.60
			s19 S 21: 6.30 1.32
			2026-11 energy S 21 6.30
			2026-10 carried_forward S 19 -3.15`)
		w.Proven()
	}, HigherInNovember)
}

// SmallFromMidOctober makes a's supplies exempt from the 15th of October on.
func SmallFromMidOctober(c *creditnotes.Configuration) {
	EntityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2026-10-15", Account: "small"}}
}
