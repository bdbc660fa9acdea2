package creditnotes_test

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// domain.md §9.4: where VAT is shown the operator could not deduct it from an
// invoice that does not say who supplied.
func TestAnInvoiceThatShowsVATNeedsItsSeller(t *testing.T) {
	const (
		ids, address = "recipient_without_tax_id", "recipient_without_address"
		paid         = ""
	)
	for name, one := range map[string]struct {
		account string // tax treatment of the recipient; empty: that of the settings, with VAT
		change  func(e *entities.Entity)
		failed  string
	}{
		"neither VAT id nor tax number":        {"", func(e *entities.Entity) { e.VATID = "" }, ids},
		"a tax number is enough":               {"", func(e *entities.Entity) { e.VATID, e.TaxNumber = "", "27/123/45678" }, paid},
		"no city":                              {"", func(e *entities.Entity) { e.City = "" }, address},
		"no postcode":                          {"", func(e *entities.Entity) { e.Postcode = "" }, address},
		"no street, as small places have none": {"", func(e *entities.Entity) { e.Street = "" }, paid},
		"a small business shows no VAT":        {"small", func(e *entities.Entity) { e.VATID, e.City = "", "" }, paid},
		"reverse charge at home with a tax number": {"ae", func(e *entities.Entity) {
			e.VATID, e.TaxNumber = "", "27/123/45678"
		}, paid},
		"reverse charge across a border without VAT id": {"ae", func(e *entities.Entity) {
			e.VATID, e.TaxNumber, e.Country = "", "27/123/45678", "AT"
		}, "reverse_charge_without_vat_id"},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, func(t *testing.T, w *world) {
				w.Charged(charge("S-1", "ST-1", "2026-10-20 10:00", "10"))
				ready, err := w.Runner.Readiness(t.Context(), "2026-10")
				if err != nil {
					t.Fatal(err)
				}
				said := 0
				for _, f := range ready.Findings {
					if f.Fault.Key == one.failed && f.Fault.Args["recipient"] == "a" {
						said++
						if f.Severity != creditnotes.Fails {
							t.Errorf("readiness only %s of %s", f.Severity, f.Fault)
						}
					}
				}
				if one.failed != paid && said != 1 {
					t.Errorf("readiness says it %d times: %+v", said, ready.Findings)
				}
				report := w.Month("2026-10")
				switch {
				case one.failed == paid && (len(report.Failed) > 0 || len(report.Notes) != 1):
					t.Errorf("%s", story(report))
				case one.failed != paid && (len(report.Failed) != 1 || report.Failed[0].Failed.Key != one.failed || len(report.Notes) > 0):
					t.Errorf("%s", story(report))
				}
				w.Proven()
			}, func(c *creditnotes.Configuration) {
				e := entityIn(c, "a")
				if one.account != "" {
					e.Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: one.account}}
				}
				one.change(e)
			})
		})
	}
}

// The treatment is that of the day of supply: one session under VAT is enough.
func TestOnePartThatShowsVATNeedsTheSeller(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.00 = 3.15 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Charged(charge("S-2", "ST-1", "2026-10-04 10:00", "10"), charge("S-3", "ST-1", "2026-10-20 10:00", "10"))
		w.Tells("2026-10", `
			held S-2 a owner_failed
			held S-3 a owner_failed
			failed a recipient_without_tax_id
			received 2: credited 0 held 2 zero 0 excluded 0`)
	}, func(c *creditnotes.Configuration) {
		e := entityIn(c, "a")
		e.VATID, e.Taxes = "", []entities.TaxTreatment{{From: "2020-01-01", Account: "small"}, {From: "2026-10-15", Account: "s19"}}
	})
}

// invoiceless writes no e-invoices for recipients without a VAT id.
type invoiceless struct{ printer }

func (invoiceless) TryInvoice(n *creditnotes.Note) error {
	if n.Document.Recipient.VATID != "" {
		return nil
	}
	return fault.New(fault.NotReady, "einvoice_tax_id_missing", fault.Args{"party": n.Document.Recipient.Name})
}

func TestAnEInvoiceThatTheLawRequiresFailsWhereItCannotBeWritten(t *testing.T) {
	for required, fails := range map[string]bool{
		"": false, "DE 2026-11-01": false, "DE 2026-10-31": true, "AT 2020-01-01": false, "BE 2026-01-01, DE 2025-01-01": true,
	} {
		t.Run(strings.ReplaceAll(required, " ", "_"), func(t *testing.T) {
			tell(t, func(t *testing.T, w *world) {
				w.Runner.Printer = invoiceless{"Plug"}
				w.Set("einvoice_required", required)
				w.Charged(charge("S-1", "ST-1", "2026-10-20 10:00", "10"), charge("S-2", "ST-9", "2026-10-20 10:00", "10"))
				want := `
					GS-2026-00001 a→a 3.15 + 0.00 = 3.15 EUR
					ST-1 energy 2026-10 1× 10 kWh 3.15
					GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
					ST-9 energy 2026-10 1× 10 kWh 3.15
					received 2: credited 2 held 0 zero 0 excluded 0`
				if fails {
					want = `
					GS-2026-00001 b→b 3.15 + 0.60 = 3.75 EUR
					ST-9 energy 2026-10 1× 10 kWh 3.15
					held S-1 a owner_failed
					failed a einvoice_tax_id_missing
					received 2: credited 1 held 1 zero 0 excluded 0`
				}
				w.Now = evening("2026-12-15") // the month counts, not the day of issue
				w.Tells("2026-10", want)
				w.Proven()
			}, func(c *creditnotes.Configuration) {
				entityIn(c, "a").VATID, entityIn(c, "a").Taxes = "", []entities.TaxTreatment{{From: "2020-01-01", Account: "small"}}
			})
		})
	}
}

func TestCountriesOfEInvoicesAreReadAndWritten(t *testing.T) {
	s := creditnotes.DefaultSettings()
	if s.Values()["einvoice_required"] != "" {
		t.Error("it is on from the start")
	}
	if err := s.Set("einvoice_required", " DE 2027-01-01,BE  2026-01-01 "); err != nil {
		t.Fatal(err)
	}
	if got := s.Values()["einvoice_required"]; got != "BE 2026-01-01, DE 2027-01-01" {
		t.Errorf("%q", got)
	}
	for _, wrong := range []string{"DE", "de 2027-01-01", "DE 2027-13-01", "2027-01-01", "DE 2027-01-01, DE 2028-01-01"} {
		if err := s.Set("einvoice_required", wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
	if got := s.Values()["einvoice_required"]; got != "BE 2026-01-01, DE 2027-01-01" {
		t.Errorf("a fault leaves %q", got)
	}
}
