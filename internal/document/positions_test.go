package document

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
)

func TestSumsCarriedForwardSayWhatIsCreditedAgain(t *testing.T) {
	r := newRenderer(t)
	n := shortNote()
	n.Positions = append(n.Positions, creditnotes.Position{Ordinal: len(n.Positions) + 1, Owner: n.Positions[0].Owner, Component: creditnotes.CarriedForward,
		Month: "2026-10", Net: -100, CarriedFrom: 7})
	at := n.Positions[len(n.Positions)-1].Ordinal
	n.Document.CarriedForward = map[int]string{at: "2026-10"}
	n.Document.CarriedMonths = []creditnotes.CarriedMonth{{Position: at, Month: "2026-10", Sessions: 1, Net: -400},
		{Position: at, Month: "2026-10", Sessions: 1, Energy: 10_000_000, Net: 300, CreditedAgain: "GS-2026-00007"}}
	files, err := r.Files(total(n), manyDetails(3))
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, p := range pdftest.Read(t, pdfOf(t, files)) {
		texts = append(texts, p.Text)
	}
	if want := "– Oktober\u00a02026: Erneut gutgeschrieben nach Storno von GS-2026-00007"; !slices.Contains(texts, want) {
		t.Errorf("%q is missing in %q", want, texts)
	}
	for _, f := range files {
		if f.Kind == creditnotes.FileCII && !strings.Contains(string(f.Content), "Oktober 2026: 3.00 (Erneut gutgeschrieben nach Storno von GS-2026-00007)") {
			t.Errorf("the e-invoice does not say it: %s", f.Content)
		}
	}
}

// Wherever a page ends, a position has its prices below it on the same page.
func TestAPositionStaysWithItsPrices(t *testing.T) {
	r := newRenderer(t)
	for before := 8; before <= 16; before++ {
		n := longNote(before + 12)
		for i := before; i < len(n.Positions); i++ {
			for k := range 5 {
				n.Positions[i].Prices = append(n.Positions[i].Prices, creditnotes.UnitPrice{Tariff: "T", Unit: creditnotes.UnitKWh, Price: 250_000_000, Quantity: int64(k+1) * 1_000_000})
			}
		}
		content, err := r.PDF(n)
		if err != nil {
			t.Fatal(err)
		}
		prices := map[string]map[int]int{} // by position, how many on each page
		for _, p := range pdftest.Read(t, content) {
			if text, of, ok := strings.Cut(p.Text, "\u00a0kWh × "); ok && strings.Contains(of, "Tarif") {
				if prices[text] == nil {
					prices[text] = map[int]int{}
				}
				prices[text][p.Page]++
			}
		}
		if want := fmt.Sprint(prices["1,000"]); want != fmt.Sprint(prices["5,000"]) || len(prices["1,000"]) < 2 {
			t.Errorf("%d positions before: the first prices are on pages %s, the last on %v", before, want, prices["5,000"])
		}
	}
}
