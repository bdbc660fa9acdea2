package creditnotes_test

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/entities"
)

// TestReadinessComparesTheTaxWithTheDecisionTable follows a network into which
// certificates come: the notes are the same whatever is proposed.
func TestReadinessComparesTheTaxWithTheDecisionTable(t *testing.T) {
	keys := []string{"tax_proposal_both_certified", "tax_proposal_recipient_uncertified", "tax_proposal_small_business_stated", "reseller_certificate_running_out", "entity_document_running_out"}
	tell(t, func(t *testing.T, w *world) {
		said := func(want ...string) {
			t.Helper()
			if diff := gocmp.Diff(want, w.saysReadiness("2026-10", keys...)); diff != "" {
				t.Error(diff)
			}
		}
		said() // without certificates
		certificate := func(from, until entities.Date) []entities.ResellerPeriod {
			return []entities.ResellerPeriod{{From: from, Until: until, Certificate: "1 TH 17"}}
		}
		operator := &w.Config.Entities[slices.IndexFunc(w.Config.Entities, func(e entities.Entity) bool { return e.Parent == "" })]
		operator.Reseller = certificate("2026-01-01", "2026-11-30")
		w.Save()
		said("warns reseller_certificate_running_out entity=" + operator.Key + " until=2026-11-30")
		operator.Reseller = certificate("2026-01-01", "2028-12-31")
		w.Entity("a").Reseller = certificate("2026-10-20", "2028-12-31")
		w.Save()
		said("warns tax_proposal_both_certified account=s19 category=S date=2026-10-20 recipient=a until=")
		w.Charged(charge("S-1", "ST-1", "2026-10-25 10:00", "10"))
		w.Entity("a").Taxes = append(w.Entity("a").Taxes, entities.TaxTreatment{From: "2026-10-15", Account: "ae"})
		w.Save()
		said("warns tax_proposal_recipient_uncertified account=ae category=AE date=2026-10-15 recipient=a until=")
		w.s.Tamper(func(d *memory.Data) {
			d.EntityDocuments = []creditnotes.EntityDocument{
				{ID: 1, Entity: "b", Kind: creditnotes.SmallBusinessLetter, Name: "old.pdf", ValidUntil: "2025-12-31"},
				{ID: 2, Entity: "b", Kind: creditnotes.SmallBusinessLetter, Name: "new.pdf", ValidUntil: "2026-12-15"},
				{ID: 3, Entity: "b", Kind: creditnotes.ResellerCertificate, Name: "certificate.pdf", ValidUntil: "2026-12-15"},
				{ID: 4, Entity: "a", Kind: creditnotes.SmallBusinessLetter, Name: "ended.pdf", ValidUntil: "2026-09-30"}, // a is no small business
			}
		})
		said("warns entity_document_running_out entity=b name=new.pdf until=2026-12-15",
			"warns tax_proposal_recipient_uncertified account=ae category=AE date=2026-10-15 recipient=a until=",
			"warns tax_proposal_small_business_stated account=s19 category=S date=2026-10-01 recipient=b until=")
		w.s.Tamper(func(d *memory.Data) { // its statement begins within the month, another one was withdrawn
			d.EntityDocuments = []creditnotes.EntityDocument{
				{ID: 5, Entity: "a", Kind: creditnotes.SmallBusinessLetter, Name: "paragraph 19.pdf", ValidFrom: "2026-10-20"},
				{ID: 6, Entity: "a", Kind: creditnotes.SmallBusinessLetter, Name: "wrong.pdf", WithdrawnAt: w.Now},
				{ID: 7, Entity: "a", Kind: creditnotes.OtherDocument, Name: "letter.pdf"},
			}
		})
		said("warns tax_proposal_recipient_uncertified account=ae category=AE date=2026-10-15 recipient=a until=",
			"warns tax_proposal_small_business_stated account=ae category=AE date=2026-10-20 recipient=a until=")
		same(t, taxStory(w.Month("2026-10").Notes), `
			a 3.15 + 0.00 = 3.15
			ae AE 0: 3.15 0.00
			2026-10 energy AE 0 3.15`)
	}, func(c *creditnotes.Configuration) {
		for i := range c.Entities {
			c.Entities[i].Country = "DE"
		}
		entityIn(c, "a").VATID = "DEa"
		entityIn(c, "a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "s19"}}
	})
}
