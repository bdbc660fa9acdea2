package creditnotes_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestWorkedExampleIsReportedToTheCent(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		report := w.Tells("2026-10", `
			GS-2026-00001 a→a 16.84 + 3.20 = 20.04 EUR
			ST-1 energy 2026-10 2× 22.345 kWh 7.04
			ST-2 energy 2026-10 3× 35 kWh 9.80
			held S-6 a invalid
			received 6: credited 5 held 1 zero 0 excluded 0`)
		printed := report.JSON(func(f *fault.Fault) string { return f.Key })
		printed.Notes[0].Hash = "" // of its own test
		var got bytes.Buffer
		encoder := json.NewEncoder(&got)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(printed); err != nil {
			t.Fatal(err)
		}
		const golden = "testdata/worked_example.json"
		if *update {
			if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(string(want), got.String()); diff != "" {
			t.Error(diff)
		}
		w.Proven()
	})
}

func TestTaxIsThatOfTheAccount(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		for account, want := range map[string]string{
			"s19": "16.84 + 3.20 = 20.04", "s20": "16.84 + 3.37 = 20.21", "ae": "16.84 + 0.00 = 16.84",
		} {
			w.Set("tax_account", account)
			report, err := w.Runner.Preview(t.Context(), creditnotes.Request{Month: "2026-10"})
			if err != nil {
				t.Fatal(err)
			}
			n := report.Notes[0]
			if got := n.Net.Format(2) + " + " + n.Tax.Format(2) + " = " + n.Gross.Format(2); got != want {
				t.Errorf("%s: %s, want %s", account, got, want)
			}
		}
	})
}

func TestTreatmentOfARecipientGoesBeforeTheSettings(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Entity("a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "s20"}, {From: "2026-10-31", Account: "small"}, {From: "2026-11-01", Account: "ae"}}
		w.Save()
		w.Charged(workedExample()...)
		n := w.Month("2026-10").Notes[0]
		var taxes []string
		for _, t := range n.Taxes {
			taxes = append(taxes, fmt.Sprintf("%s %s of %s: %s", t.Account, t.Label(), t.Base.Format(2), t.Tax.Format(2)))
		}
		if want := []string{"small E 0 of 1.40: 0.00", "s20 S 20 of 15.44: 3.09"}; !slices.Equal(taxes, want) {
			t.Errorf("%q", taxes)
		}
		if len(n.Document.Mentions) != 2 || n.Document.Mentions[0] != "Gutschrift" {
			t.Errorf("%q", n.Document.Mentions)
		}
		w.Proven()
	})
}

func TestControlSheetBalancesForEveryOwner(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("start_date", "2026-10-02")
		w.Charged(append(workedExample(),
			charge("S-7", "ST-1", "2026-10-01 10:00", "1"),
			charge("S-8", "ST-9", "2026-10-01 10:00", "2"),
			charge("S-9", "ST-9", "2026-10-05 10:00", "0"),
			charge("S-10", "NOWHERE", "2026-10-05 10:00", "4"),
		)...)
		report := w.Month("2026-10")
		got := map[string]creditnotes.Control{}
		for _, o := range report.Owners {
			if o.Control != (creditnotes.Control{}) {
				got[o.Owner] = o.Control
			}
		}
		n := func(sessions int64, wh money.Quantity) creditnotes.Count {
			return creditnotes.Count{Sessions: sessions, Energy: wh * money.PerWattHour}
		}
		want := map[string]creditnotes.Control{
			"a": {Received: n(7, 61345), Credited: n(5, 57345), Held: n(1, 3000), Excluded: n(1, 1000)},
			"b": {Received: n(2, 2000), Zero: n(1, 0), Excluded: n(1, 2000)},
			"":  {Received: n(1, 4000), Held: n(1, 4000)},
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		total := want["a"].Plus(want["b"]).Plus(want[""])
		if report.Total != total || !report.Total.Balanced() {
			t.Errorf("total %+v, want %+v", report.Total, total)
		}
		w.Proven()
	})
}
