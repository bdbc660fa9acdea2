package creditnotestest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/tariffs"
)

// Reviewed tells the review of a run, a line for each owner.
func (w *World) Reviewed(run string) string {
	w.T.Helper()
	review, err := w.Runner.Review(w.T.Context(), w.Run(run))
	w.must(err)
	var lines []string
	for _, o := range review.Owners {
		line := fmt.Sprintf("%s %s→%s", o.Owner, o.Before.Format(2), o.Now.Format(2))
		if o.Last != "" {
			line += " after " + o.Last
		}
		for _, c := range o.Changes {
			line += " " + string(c.Kind)
			if c.Before+c.After != "" {
				line += fmt.Sprintf("(%s → %s)", c.Before, c.After)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// says fails the test where a text is another one.
func (w *World) says(got, want string) {
	w.T.Helper()
	if got != want {
		w.T.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func aReviewNamesWhatIsOther(t *testing.T, open Open) {
	w := NewWorld(t, open, func(c *creditnotes.Configuration) {
		SubCPO(c, "c")
		Station(c, "ST-c", "c", "COM")
		SubCPO(c, "d")
		Station(c, "ST-d", "d", "COM")
	})
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "20"), Charge("S-2", "ST-9", "2026-10-03 10:00", "20"), Charge("S-3", "ST-c", "2026-10-03 10:00", "2"))
	w.Month("2026-10")
	w.Now = Evening("2026-11-30")
	w.Entity("a").Bank = entities.Bank{Holder: "Hotel A", IBAN: "DE02120300000000202051", BIC: "BYLADEM1001"}
	w.Entity("a").Street = "Nebenstraße 2"
	w.Entity("b").AlternateCredit = "c"
	w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, Rate("com", 400_000, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)))
	w.Save()
	w.Set("community_discount_percent", "20", "tax_account", "s20", "release", "approve", "review_change_percent", "10", "review_change_amount", "0")
	w.Charged(Charge("S-4", "ST-1", "2026-11-03 10:00", "20"), Charge("S-5", "ST-9", "2026-11-03 10:00", "20"), Charge("S-6", "ST-d", "2026-11-03 10:00", "40"))
	w.Month("2026-11")
	w.says(w.Reviewed("2026-11"), strings.Join([]string{
		"d 0.00→12.80 first amount",
		"c 0.63→0.00 after GS-2026-00003 nothing amount",
		"a 6.30→6.40 after GS-2026-00001 address(Hotel A, Hauptstraße 1, 10115 Berlin, DE → Hotel A, Nebenstraße 2, 10115 Berlin, DE)" +
			" bank( → Hotel A, DE02120300000000202051, BYLADEM1001) tax(S 19 → S 20) price(ST-1: COM 0.35/kwh → ST-1: COM 0.4/kwh) discount(ST-1: 10 % → ST-1: 20 %)",
		"b 6.30→6.40 after GS-2026-00002 recipient(Hotel B → Hotel C) tax(S 19 → S 20) price(ST-9: COM 0.35/kwh → ST-9: COM 0.4/kwh) discount(ST-9: 10 % → ST-9: 20 %)",
	}, "\n"))
	w.Proven()
}

func aNightWithoutSessionsChangesNoPrice(t *testing.T, open Open) {
	w := NewWorld(t, open, func(c *creditnotes.Configuration) {
		c.Tariffs.ChargePoint[0].Purchase = []tariffs.Condition{ConditionAt("lp", "06:00", "22:00"), ConditionAt("com", "22:00", "06:00")}
	})
	w.Charged(Charge("S-1", "ST-2", "2026-10-03 10:00", "20"), Charge("S-2", "ST-2", "2026-10-03 23:00", "20"))
	w.Month("2026-10")
	w.Now = Evening("2026-11-30")
	w.Set("release", "approve")
	w.Charged(Charge("S-3", "ST-2", "2026-11-03 10:00", "20"))
	w.Month("2026-11")
	w.says(w.Reviewed("2026-11"), "a 12.60→5.60 after GS-2026-00001")
	w.must(w.Runner.Discard(t.Context(), "2026-11", "berta"))
	w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, Rate("lp", 300_000, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)))
	w.Save()
	w.Month("2026-11")
	w.says(w.Reviewed("2026-11-2"), "a 12.60→6.00 after GS-2026-00001 price(ST-2: LP 0.28/kwh + LP 0.35/kwh → ST-2: LP 0.3/kwh)")
}
