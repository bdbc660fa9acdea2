package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// taxStory writes down the taxes of the notes of a report, and under which of
// them each position stands.
func taxStory(notes []*creditnotes.Note) string {
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

// higherInNovember raises the rate of the account of the settings.
func higherInNovember(c *creditnotes.Configuration) {
	c.TaxAccounts[0].Rates = append(c.TaxAccounts[0].Rates, creditnotes.TaxRate{From: "2026-11-01", Percent: 2100})
}

func TestRateIsThatOfTheDayOnWhichASessionEnds(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.now = time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		w.charged(
			charge("S-1", "ST-1", "2026-10-31 22:59", "10"), // ends one minute before midnight
			charge("S-2", "ST-1", "2026-10-31 23:59", "20"),
			charge("S-3", "ST-1", "2026-11-30 12:00", "40"),
		)
		same(t, taxStory(w.month("2026-11").Notes), `
			a 22.05 + 4.57 = 26.62
			s19 S 19: 3.15 0.60
			s19 S 21: 18.90 3.97
			2026-10 energy S 19 3.15
			2026-11 energy S 21 18.90`)
		w.proven()
	}, higherInNovember)
}

func TestPositionsOfAMonthAreApartByTax(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-14 23:30", "10"), charge("S-2", "ST-1", "2026-10-14 10:00", "20"), charge("S-3", "ST-2", "2026-10-20 10:00", "1"))
		report := w.month("2026-10")
		same(t, taxStory(report.Notes), `
			a 9.73 + 0.60 = 10.33
			ae AE 0: 0.28 0.00
			small E 0: 6.30 0.00
			s19 S 19: 3.15 0.60
			2026-10 energy E 0 6.30
			2026-10 energy S 19 3.15
			2026-10 energy AE 0 0.28`)
		mentions := strings.Join(report.Notes[0].Document.Mentions, "; ")
		if mentions != "Gutschrift; Steuerschuldnerschaft des Leistungsempfängers; Kein Ausweis von Umsatzsteuer, da Kleinunternehmer" {
			t.Error(mentions)
		}
		w.proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "small"}, {From: "2026-10-15", Account: "s19"}, {From: "2026-10-20", Account: "ae"}}
	})
}

func TestCorrectionTakesBackTheTaxOfTheDayAndPaysTheOne(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-31 22:30", "10"))
		w.month("2026-10")
		w.now = time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		w.charged(charge("S-1", "ST-1", "2026-10-31 23:30", "20"))
		same(t, taxStory(w.month("2026-11").Notes), `
			a 3.15 + 0.72 = 3.87
			s19 S 19: -3.15 -0.60
			s19 S 21: 6.30 1.32
			2026-10 energy S 19 -3.15
			2026-11 energy S 21 6.30`)
		w.proven()
	}, higherInNovember)
}

func TestWhatWasCreditedIsTakenBackWithItsTaxWhateverIsSaidLater(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"))
		w.month("2026-10")
		w.entity("a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "small"}} // it was a small business all along
		w.save()
		w.now = time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "20"), charge("S-2", "ST-1", "2026-11-05 10:00", "1"))
		same(t, taxStory(w.month("2026-11").Notes), `
			a 3.47 + -0.60 = 2.87
			small E 0: 6.62 0.00
			s19 S 19: -3.15 -0.60
			2026-10 energy E 0 6.30
			2026-10 energy S 19 -3.15
			2026-11 energy E 0 0.32`)
		w.proven()
	})
}

func TestSumCarriedForwardKeepsItsTax(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"))
		w.month("2026-10")
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10", reversed))
		w.month("2026-10")
		w.now = time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		w.charged(charge("S-2", "ST-1", "2026-11-05 10:00", "20"))
		same(t, taxStory(w.month("2026-11").Notes), `
			a 3.15 + 0.72 = 3.87
			s19 S 19: -3.15 -0.60
			s19 S 21: 6.30 1.32
			2026-10 carried_forward S 19 -3.15
			2026-11 energy S 21 6.30`)
		w.proven()
	}, higherInNovember)
}

func TestCancellationCopiesAllTaxes(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		w.month("2026-10")
		same(t, taxStory([]*creditnotes.Note{w.cancel("GS-2026-00001")}), `
			a -9.45 + -0.60 = -10.05
			small E 0: -6.30 0.00
			s19 S 19: -3.15 -0.60
			2026-10 energy E 0 -6.30
			2026-10 energy S 19 -3.15`)
		w.proven()
	}, smallFromMidOctober)
}

func smallFromMidOctober(c *creditnotes.Configuration) {
	entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2026-10-15", Account: "small"}}
}

func TestWhatIsNotSubjectToVATStandsOnANoteOfItsOwn(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		report := w.month("2026-10")
		same(t, taxStory(report.Notes), `
			a 6.30 + 1.20 = 7.50
			s19 S 19: 6.30 1.20
			2026-10 energy S 19 6.30
			a 3.15 + 0.00 = 3.15
			private O 0: 3.15 0.00
			2026-10 energy O 0 3.15`)
		if report.Notes[0].Number != "GS-2026-00001" || report.Notes[1].Number != "GS-2026-00002" {
			t.Errorf("%s, %s", report.Notes[0].Number, report.Notes[1].Number)
		}
		w.proven()
	}, func(c *creditnotes.Configuration) {
		c.TaxAccounts = append(c.TaxAccounts, account("private", creditnotes.OutsideScope, 0))
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "private"}, {From: "2026-10-15", Account: "s19"}}
	})
}

func TestIDsAreWantedForEveryTaxOnANote(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"), charge("S-9", "ST-9", "2026-10-20 10:00", "20"))
		w.tells("2026-10", `
			GS-2026-00001 b→b 6.30 + 1.20 = 7.50 EUR
			ST-9 energy 2026-10 1× 20 kWh 6.30
			held S-1 a owner_failed
			held S-2 a owner_failed
			failed a reverse_charge_without_vat_id
			received 3: credited 1 held 2 zero 0 excluded 0`)
		w.entity("a").VATID = "DEa"
		w.save()
		same(t, taxStory(w.month("2026-10").Notes), `
			a 9.45 + 1.20 = 10.65
			ae AE 0: 3.15 0.00
			s19 S 19: 6.30 1.20
			2026-10 energy AE 0 3.15
			2026-10 energy S 19 6.30`)
		w.proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").VATID = ""
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "ae"}, {From: "2026-10-15", Account: "s19"}}
	})
}

func TestTaxThatAppliesToNoSessionFailsNobody(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"))
		w.tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").VATID, entityIn(c, "a").TaxNumber, entityIn(c, "a").Country = "", "12 345/6789", "AT"
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2026-10-15", Account: "ae"}}
	})
}

func TestNoteOverNothingHasTheTaxOfTheLastDayOfItsMonth(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.set("create_zero_notes", "true")
		report := w.month("2026-10")
		same(t, taxStory(report.Notes[:1]), `
			a 0.00 + 0.00 = 0.00
			small E 0: 0.00 0.00`)
		w.proven()
	}, smallFromMidOctober)
}

func TestReadinessNamesChangesOfTaxInsideTheMonth(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		findings := func(month entities.Month) (list []string) {
			r, err := w.runner.Readiness(t.Context(), month)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				switch f.Fault.Key {
				case "tax_treatment_changes", "reverse_charge_without_vat_id", "tax_rate_missing":
					list = append(list, fmt.Sprintf("%s %s %v %v %v", f.Severity, f.Fault.Key, f.Fault.Args["date"], f.Fault.Args["before"], f.Fault.Args["after"]))
				}
			}
			return list
		}
		for month, want := range map[entities.Month]string{
			"2026-09": "",
			"2026-10": `
				warns tax_treatment_changes 2026-10-15 s19 19 % small 0 %
				warns tax_treatment_changes 2026-10-31 small 0 % ae 0 %
				fails reverse_charge_without_vat_id <nil> <nil> <nil>`,
			"2026-11": `
				fails reverse_charge_without_vat_id <nil> <nil> <nil>
				fails tax_rate_missing 2026-11-20 <nil> <nil>
				warns tax_treatment_changes 2026-11-20 ae 0 % –`,
		} {
			got := strings.Join(findings(month), "\n")
			want := strings.Join(strings.FieldsFunc(want, func(r rune) bool { return r == '\n' || r == '\t' }), "\n")
			if !sameLines(got, want) {
				t.Errorf("%s:\n%s\nwant\n%s", month, got, want)
			}
		}
	}, func(c *creditnotes.Configuration) {
		c.TaxAccounts = append(c.TaxAccounts, creditnotes.TaxAccount{Key: "later", Category: creditnotes.StandardRate,
			Rates: []creditnotes.TaxRate{{From: "2027-01-01", Percent: 1900}}})
		entityIn(c, "a").VATID = ""
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2026-10-15", Account: "small"}, {From: "2026-10-31", Account: "ae"}, {From: "2026-11-20", Account: "later"}}
	})
}

func sameLines(a, b string) bool {
	lines := func(s string) map[string]bool {
		set := map[string]bool{}
		for line := range strings.Lines(s) {
			set[strings.TrimSpace(line)] = true
		}
		return set
	}
	x, y := lines(a), lines(b)
	for line := range x {
		if !y[line] {
			return false
		}
	}
	return len(x) == len(y)
}

func TestSurveyAsksForNoTax(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"))
		m, err := w.runner.MonthSoFar(t.Context(), "2026-10")
		if err != nil || m.Total.Sessions != 1 {
			t.Errorf("%+v, %v", m, err)
		}
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "ae"}}
		entityIn(c, "a").VATID = ""
	})
}

func TestVerifyFindsALineUnderAnotherTax(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		w.month("2026-10")
		w.unlock()
		if _, err := w.sql("UPDATE lines SET tax = 1 - tax"); err != nil {
			t.Fatal(err)
		}
		if got := w.problems(); strings.Join(got, " ") != "verify_lines verify_sessions" {
			t.Errorf("%v", got)
		}
	}, smallFromMidOctober)
}

func TestSessionsAreBeneathThePositionOfTheirTax(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		note := w.month("2026-10").Notes[0]
		var got []string
		for i := range note.Positions {
			for d, err := range note.DetailsOf(&note.Positions[i], w.s.Details(t.Context(), note)) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, fmt.Sprint(d.Session.ExternalID, " ", note.TaxLabel(note.Positions[i]), " ", d.Tax.Label()))
			}
		}
		if fmt.Sprint(got) != "[S-2 E 0 E 0 S-1 S 19 S 19]" {
			t.Errorf("%q", got)
		}
	}, smallFromMidOctober)
}
