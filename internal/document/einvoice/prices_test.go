package einvoice

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// pricedNote is a note whose positions say what they were priced at.
func pricedNote() *creditnotes.Note {
	n := shortNote()
	n.Positions[0].Prices = []creditnotes.UnitPrice{
		{Tariff: "COM", Unit: creditnotes.UnitKWh, Price: 350_000_000, Discount: 1000, Quantity: 20_000_000},
		{Tariff: "COM", Unit: creditnotes.UnitHour, Price: 6_000_000_000, Quantity: 90},
		{Tariff: "COM", Unit: creditnotes.UnitSession, Price: 500_000_000, Discount: 1000, Quantity: 2},
		{Tariff: "k 1", Unit: creditnotes.UnitAmount, Share: 8000, Quantity: 4_900_000},
		{Tariff: "k 1", Unit: creditnotes.UnitKWh, Price: -220_000_000, Share: 8000, Quantity: 10_000_000},
	}
	n.Positions[0].FurtherPrices = true
	n.Positions[1].Prices = []creditnotes.UnitPrice{{Tariff: "LP", Unit: creditnotes.UnitKWh, Price: 280_000_000, Quantity: 35_000_000}}
	n.Positions[1].CreditedAgain = "GS-2026-00000"
	return n
}

func TestItemsSayTheirPrices(t *testing.T) {
	want := map[string]string{
		"kWh": "22.345", "Ladevorgänge": "2", "kWh × EUR/kWh": "20 × 0.315", "min × EUR/h": "90 × 6", "Ladevorgänge × EUR": "2 × 0.45",
		"EUR × %": "4.9 × 80", "kWh × EUR/kWh × %": "10 × -0.22 × 80",
	}
	for name, n := range map[string]*creditnotes.Note{"a note": pricedNote(), "a cancellation": cancelled(pricedNote(), "261")} {
		inv, err := composerOf(n, XRechnung30, texts(t)).invoice()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, a := range inv.lines[0].attributes {
			got[a.name] = a.value
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		description := "Erneut gutgeschrieben nach Storno von GS-2026-00000; 35 kWh × 0.28 EUR/kWh · Tarif LP"
		if got := inv.lines[1].description; got != description {
			t.Errorf("%s: %s", name, got)
		}
		if got := inv.lines[0].description; !strings.Contains(got, "2 × 0.50 EUR, abzüglich 10 % Rabatt") || !strings.HasSuffix(got, "; weitere Preise: siehe Datei der Ladevorgänge") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
