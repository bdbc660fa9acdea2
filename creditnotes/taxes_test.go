package creditnotes_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/entities"
)

func TestRateIsThatOfTheDayOnWhichASessionEnds(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Now = time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		w.Charged(
			charge("S-1", "ST-1", "2026-10-31 22:59", "10"), // ends one minute before midnight
			charge("S-2", "ST-1", "2026-10-31 23:59", "20"),
			charge("S-3", "ST-1", "2026-11-30 12:00", "40"),
		)
		same(t, taxStory(w.Month("2026-11").Notes), `
			a 22.05 + 4.57 = 26.62
			s19 S 19: 3.15 0.60
			s19 S 21: 18.90 3.97
			2026-10 energy S 19 3.15
			2026-11 energy S 21 18.90`)
		w.Proven()
	}, higherInNovember)
}

func TestPositionsOfAMonthAreApartByTax(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-14 23:30", "10"), charge("S-2", "ST-1", "2026-10-14 10:00", "20"), charge("S-3", "ST-2", "2026-10-20 10:00", "1"))
		report := w.Month("2026-10")
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
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "small"}, {From: "2026-10-15", Account: "s19"}, {From: "2026-10-20", Account: "ae"}}
	})
}

func TestWhatWasCreditedIsTakenBackWithItsTaxWhateverIsSaidLater(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"))
		w.Month("2026-10")
		w.Entity("a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "small"}} // it was a small business all along
		w.Save()
		w.Now = time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC)
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "20"), charge("S-2", "ST-1", "2026-11-05 10:00", "1"))
		same(t, taxStory(w.Month("2026-11").Notes), `
			a 3.47 + -0.60 = 2.87
			small E 0: 6.62 0.00
			s19 S 19: -3.15 -0.60
			2026-10 energy E 0 6.30
			2026-10 energy S 19 -3.15
			2026-11 energy E 0 0.32`)
		w.Proven()
	})
}

func TestCancellationCopiesAllTaxes(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		w.Month("2026-10")
		same(t, taxStory([]*creditnotes.Note{w.Cancel("GS-2026-00001")}), `
			a -9.45 + -0.60 = -10.05
			small E 0: -6.30 0.00
			s19 S 19: -3.15 -0.60
			2026-10 energy E 0 -6.30
			2026-10 energy S 19 -3.15`)
		w.Proven()
	}, smallFromMidOctober)
}

func TestWhatIsNotSubjectToVATStandsOnANoteOfItsOwn(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		report := w.Month("2026-10")
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
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		c.TaxAccounts = append(c.TaxAccounts, account("private", creditnotes.OutsideScope, 0))
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "private"}, {From: "2026-10-15", Account: "s19"}}
	})
}

func TestIDsAreWantedForEveryTaxOnANote(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"), charge("S-9", "ST-9", "2026-10-20 10:00", "20"))
		w.Tells("2026-10", `
			GS-2026-00001 b→b 6.30 + 1.20 = 7.50 EUR
			ST-9 energy 2026-10 1× 20 kWh 6.30
			held S-1 a owner_failed
			held S-2 a owner_failed
			failed a reverse_charge_without_vat_id
			received 3: credited 1 held 2 zero 0 excluded 0`)
		w.Entity("a").VATID = "DEa"
		w.Save()
		same(t, taxStory(w.Month("2026-10").Notes), `
			a 9.45 + 1.20 = 10.65
			ae AE 0: 3.15 0.00
			s19 S 19: 6.30 1.20
			2026-10 energy AE 0 3.15
			2026-10 energy S 19 6.30`)
		w.Proven()
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").VATID = ""
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "ae"}, {From: "2026-10-15", Account: "s19"}}
	})
}

func TestTaxThatAppliesToNoSessionFailsNobody(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").VATID, entityIn(c, "a").TaxNumber, entityIn(c, "a").Country = "", "12 345/6789", "AT"
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2026-10-15", Account: "ae"}}
	})
}

func TestNoteOverNothingHasTheTaxOfTheLastDayOfItsMonth(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("create_zero_notes", "true")
		report := w.Month("2026-10")
		same(t, taxStory(report.Notes[:1]), `
			a 0.00 + 0.00 = 0.00
			small E 0: 0.00 0.00`)
		w.Proven()
	}, smallFromMidOctober)
}

func TestReadinessNamesChangesOfTaxInsideTheMonth(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		findings := func(month entities.Month) (list []string) {
			r, err := w.Runner.Readiness(t.Context(), month)
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
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"))
		m, err := w.Runner.MonthSoFar(t.Context(), "2026-10")
		if err != nil || m.Total.Sessions != 1 {
			t.Errorf("%+v, %v", m, err)
		}
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "ae"}}
		entityIn(c, "a").VATID = ""
	})
}

func TestSessionsAreBeneathThePositionOfTheirTax(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		note := w.Month("2026-10").Notes[0]
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

func TestVerifyFindsALineUnderAnotherTax(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-05 10:00", "10"), charge("S-2", "ST-1", "2026-10-20 10:00", "20"))
		w.Month("2026-10")
		w.s.Tamper(func(d *memory.Data) {
			for i := range d.Lines {
				d.Lines[i].Tax = 1 - d.Lines[i].Tax
			}
		})
		if got := w.Problems(); strings.Join(got, " ") != "verify_lines verify_prices verify_sessions" {
			t.Errorf("%v", got)
		}
	}, smallFromMidOctober)
}
