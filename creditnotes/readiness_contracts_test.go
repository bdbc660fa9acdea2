package creditnotes_test

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/entities"
	"creditrun/internal/settlement"
)

// saysReadiness is what readiness says of some faults, with severities.
func (w *world) saysReadiness(month entities.Month, keys ...string) (said []string) {
	w.T.Helper()
	ready, err := w.Runner.Readiness(w.T.Context(), month)
	if err != nil {
		w.T.Fatal(err)
	}
	for _, f := range ready.Findings {
		if slices.Contains(keys, f.Fault.Key) {
			said = append(said, string(f.Severity)+" "+f.Fault.Error())
		}
	}
	slices.Sort(said)
	return said
}

func TestReadinessNamesContractsThatDoNotCount(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Config.Contracts = []settlement.Contract{
			{Key: "foreign", Owner: "a", Stations: []string{"ST-1", "ST-9"}, From: "2026-01", Active: true},
			{Key: "old", Owner: "b", From: "2026-01"},
		}
		w.Save()
		w.s.Tamper(func(d *memory.Data) { d.Configuration.Contracts[1].Unread = true })
		want := []string{
			"warns contract_station_never_owned contract=foreign owner=a station=ST-9",
			"warns contract_unread contract=old owner=b",
		}
		if diff := gocmp.Diff(want, w.saysReadiness("2026-10", "contract_station_never_owned", "contract_unread")); diff != "" {
			t.Error(diff)
		}
		w.s.Tamper(func(d *memory.Data) { d.Configuration.Contracts[1].Unread = false })
		if said := w.saysReadiness("2026-10", "contract_unread"); said != nil {
			t.Errorf("saved again it is still named: %v", said)
		}
	})
}

// Two contracts that are in force for one month fail their owner, and no one
// else.
func TestAnOwnerWithContractsThatConflictFails(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Config.Contracts = []settlement.Contract{
			{Key: "one", Owner: "a", From: "2026-01", To: "2026-10", Active: true}, {Key: "two", Owner: "a", From: "2026-10", Active: true},
		}
		w.Save()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"))
		const found = "contracts_overlap"
		want := []string{"fails contracts_overlap contract=one month=2026-10 other=two owner=a station="}
		if diff := gocmp.Diff(want, w.saysReadiness("2026-10", found)); diff != "" {
			t.Error(diff)
		}
		for _, month := range []entities.Month{"2026-09", "2026-11"} {
			if said := w.saysReadiness(month, found); said != nil {
				t.Errorf("%s: %v", month, said)
			}
		}
		report := w.Month("2026-10")
		failed := map[string]string{}
		for _, o := range report.Failed {
			failed[o.Owner] = o.Failed.Key
		}
		if diff := gocmp.Diff(map[string]string{"a": found}, failed); diff != "" {
			t.Error(diff)
		}
	})
}

func TestReadinessWarnsOfLongPeriods(t *testing.T) {
	for name, c := range map[string]struct {
		change func(e *entities.Entity)
		want   []string
	}{
		"every month":                 {func(e *entities.Entity) { e.Frequency = entities.Monthly }, nil},
		"every quarter":               {func(e *entities.Entity) { e.Frequency = entities.Quarterly }, nil},
		"every half year":             {func(e *entities.Entity) { e.Frequency = entities.HalfYearly }, []string{"warns frequency_not_agreed frequency=half_yearly owner=a"}},
		"a year, a quarter agreed on": {func(e *entities.Entity) { e.Frequency = entities.Yearly; agreed(e, entities.Quarterly) }, []string{"warns frequency_not_agreed frequency=yearly owner=a"}},
		"a year, agreed on":           {func(e *entities.Entity) { e.Frequency = entities.Yearly; agreed(e, entities.Yearly) }, nil},
		"reverse charge across a border": {
			func(e *entities.Entity) {
				e.Frequency, e.Country = entities.Quarterly, "AT"
				e.Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "ae"}}
			},
			[]string{"warns frequency_reverse_charge frequency=quarterly owner=a"},
		},
		"reverse charge at home": {
			func(e *entities.Entity) {
				e.Frequency = entities.Quarterly
				e.Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "ae"}}
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			tell(t, func(t *testing.T, w *world) {
				if diff := gocmp.Diff(c.want, w.saysReadiness("2026-10", "frequency_not_agreed", "frequency_reverse_charge")); diff != "" {
					t.Error(diff)
				}
			}, func(config *creditnotes.Configuration) { c.change(entityIn(config, "a")) })
		})
	}
}

func agreed(e *entities.Entity, period entities.Frequency) {
	e.Agreement = entities.Agreement{ValidFrom: "2020-01-01", Reference: "SBA-1", BillingPeriod: period}
}

// The payment terms of a recipient take the place of those of the settings as a
// whole.
func TestANoteIsDueByThePaymentTermsOfItsRecipient(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("payment_terms.net_days", "14", "payment_terms.text.de", "In 14 Tagen", "payment_terms.text.en", "Within 14 days")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		for number, want := range map[string]struct {
			days int
			text string
		}{"GS-2026-00001": {30, "In 30 Tagen"}, "GS-2026-00002": {14, "In 14 Tagen"}} {
			note, err := w.Store.NoteByNumber(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			d := note.Document
			if d.NetDays != want.days || d.PaymentTerms != want.text || d.DueDate != note.Date.AddDays(want.days) {
				t.Errorf("%s of %s is due on %s: %d days, %q", number, note.Recipient, d.DueDate, d.NetDays, d.PaymentTerms)
			}
		}
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").PaymentTerms = &entities.PaymentTerms{NetDays: 30, Text: map[string]string{"de": "In 30 Tagen", "en": "Within 30 days"}}
	})
}

// What is not there in the language of a document is left out, and readiness says
// so before; no words of another language take its place.
func TestADocumentHasNoWordsOfAnotherLanguage(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("language", "fi", "payment_terms.text.de", "In 14 Tagen", "payment_terms.text.en", "Within 14 days")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-9", "2026-10-03 10:00", "10"))
		ready, err := w.Runner.Readiness(t.Context(), "2026-10")
		if err != nil {
			t.Fatal(err)
		}
		said := map[string]int{}
		for _, f := range ready.Findings {
			said[f.Fault.Key]++
		}
		for _, key := range []string{"tax_name_untranslated", "payment_terms_untranslated", "payment_terms_untranslated_own"} {
			if said[key] != 1 {
				t.Errorf("readiness says %s %d times, want once", key, said[key])
			}
		}
		w.Month("2026-10")
		for _, number := range []string{"GS-2026-00001", "GS-2026-00002"} {
			note, err := w.Store.NoteByNumber(t.Context(), number)
			if err != nil {
				t.Fatal(err)
			}
			if d := note.Document; note.Language != "fi" || d.PaymentTerms != "" || note.Taxes[0].Name != "" {
				t.Errorf("%s in %s has the terms %q and the tax %q", number, note.Language, d.PaymentTerms, note.Taxes[0].Name)
			}
		}
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").PaymentTerms = &entities.PaymentTerms{NetDays: 30, Text: map[string]string{"en": "Within 30 days"}}
	})
}
