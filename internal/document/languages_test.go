package document

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/pdf/pdftest"
)

// spoken puts the note with everything on it into a language, with the words
// that the run would have frozen.
func spoken(t *testing.T, r *Renderer, language string) *creditnotes.Note {
	t.Helper()
	word := func(key string) string {
		text, err := r.texts.Text(language, key, nil)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	note := consolidatedNote()
	note.Language = language
	note.Document.SessionDetail = detailPDF
	note.Document.PaymentTerms = ""
	note.Document.Mentions = []string{word("mention_self_billing"), word("mention_reverse_charge")}
	note.Taxes[0].Name, note.Taxes[0].Exemption = word("mention_reverse_charge"), word("mention_reverse_charge")
	return note
}

func TestDocumentsInEveryLanguageReadAsTheyDidBefore(t *testing.T) {
	r := newRenderer(t)
	for _, language := range r.texts.Languages() {
		t.Run(language, func(t *testing.T) {
			files, err := r.Files(spoken(t, r, language), manyDetails(3))
			if err != nil {
				t.Fatal(err)
			}
			content := pdfOf(t, files)
			golden(t, "language-"+language+".txt", transcript(t, content))
			checkLayout(t, r, content)
			for _, complaint := range pdftest.Violations(content) {
				t.Error(complaint)
			}
			look(t, "language-"+language, content)
		})
	}
}

// taxCases are the categories of domain.md §7.1, alone and together.
func taxCases(t *testing.T, r *Renderer) map[string][]creditnotes.TaxTotal {
	t.Helper()
	word := func(key string) string {
		text, err := r.texts.Text("de", key, nil)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	tax := func(name string, category creditnotes.TaxCategory, rate money.Percent, exemption string) creditnotes.TaxTotal {
		return creditnotes.TaxTotal{Name: name, Category: category, Rate: rate, Exemption: exemption}
	}
	standard := tax("Umsatzsteuer 19 %", creditnotes.StandardRate, 1900, "")
	private := tax("Nicht steuerbar", creditnotes.OutsideScope, 0, word("exemption_O"))
	return map[string][]creditnotes.TaxTotal{
		"S":     {standard},
		"Z":     {tax("Nullsatz", "Z", 0, "")},
		"E":     {tax("Kleinunternehmer", creditnotes.Exempt, 0, word("exemption_E"))},
		"AE":    {tax("Reverse Charge", creditnotes.ReverseCharge, 0, word("mention_reverse_charge"))},
		"K":     {tax("Innergemeinschaftlich", "K", 0, word("exemption_K"))},
		"G":     {tax("Drittland", "G", 0, word("exemption_G"))},
		"O":     {private},
		"mixed": {standard, tax("Umsatzsteuer 7 %", creditnotes.StandardRate, 700, ""), private},
	}
}

func TestDocumentsOfEveryTaxCaseReadAsTheyDidBefore(t *testing.T) {
	r := newRenderer(t)
	for name, taxes := range taxCases(t, r) {
		t.Run(name, func(t *testing.T) {
			note := shortNote()
			note.Taxes, note.Tax = taxes, 0
			rest := note.Net
			for i := range taxes { // half of what is left to each, all to the last
				taxes[i].Slot, taxes[i].Base = i, rest
				if i < len(taxes)-1 {
					taxes[i].Base = rest / 2
				}
				rest -= taxes[i].Base
				taxes[i].Tax = taxes[i].Base.Tax(taxes[i].Rate)
				note.Tax += taxes[i].Tax
				if taxes[i].Exemption != "" {
					note.Document.Mentions = append(note.Document.Mentions, taxes[i].Exemption)
				}
			}
			note.Gross = note.Net + note.Tax
			note.Positions[1].Tax = len(taxes) - 1
			content, err := r.PDF(note)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "tax-"+strings.ToLower(name)+".txt", transcript(t, content))
			checkLayout(t, r, content)
			look(t, "tax-"+name, content)
		})
	}
}
