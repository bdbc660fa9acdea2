package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

var update = flag.Bool("update", false, "write the golden files anew")

// workedExample are the sessions of domain.md §6.7.
func workedExample() []sessions.Session {
	return []sessions.Session{
		charge("S-1", "ST-1", "2026-10-03 10:00", "10"),
		charge("S-2", "ST-1", "2026-10-12 18:30", "12.345"),
		charge("S-3", "ST-2", "2026-10-15 08:00", "22"),
		charge("S-4", "ST-2", "2026-10-16 08:00", "8", ofClass(sessions.Internal)),
		charge("S-5", "ST-2", "2026-10-31 22:30", "5", ofClass(sessions.Bilateral)),
		charge("S-6", "ST-2", "2026-10-20 08:00", "3", invalid),
	}
}

func TestWorkedExampleIsCreditedToTheCent(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		report := w.tells("2026-10", `
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
		w.proven()
	})
}

func TestTaxIsThatOfTheAccount(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		for account, want := range map[string]string{
			"s19": "16.84 + 3.20 = 20.04", "s20": "16.84 + 3.37 = 20.21", "ae": "16.84 + 0.00 = 16.84",
		} {
			w.set("tax_account", account)
			report, err := w.runner.Preview(t.Context(), creditnotes.Request{Month: "2026-10"})
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
	inEach(t, func(t *testing.T, w *world) {
		w.entity("a").Taxes = []entities.TaxTreatment{{From: "2020-01-01", Account: "s20"}, {From: "2026-10-31", Account: "small"}, {From: "2026-11-01", Account: "ae"}}
		w.save()
		w.charged(workedExample()...)
		n := w.month("2026-10").Notes[0]
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
		w.proven()
	})
}

func TestControlSheetBalancesForEveryOwner(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.set("start_date", "2026-10-02")
		w.charged(append(workedExample(),
			charge("S-7", "ST-1", "2026-10-01 10:00", "1"),
			charge("S-8", "ST-9", "2026-10-01 10:00", "2"),
			charge("S-9", "ST-9", "2026-10-05 10:00", "0"),
			charge("S-10", "NOWHERE", "2026-10-05 10:00", "4"),
		)...)
		report := w.month("2026-10")
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
		w.proven()
	})
}

// tampering changes the database when everything is drafted and nothing is
// proven yet.
type tampering struct {
	creditnotes.Store
	tamper func() // once
}

func (s tampering) ReceivedBy(ctx context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) (creditnotes.Count, error) {
	s.tamper()
	return s.Store.ReceivedBy(ctx, run, q)
}

func (s tampering) LineSums(ctx context.Context, runID int64) (map[int64]creditnotes.TaxSums, error) {
	s.tamper()
	return s.Store.LineSums(ctx, runID)
}

func TestImbalanceStopsTheRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.unlock()
		w.charged(workedExample()...)
		evening := w.now
		w.charged(charge("S-late", "ST-1", "2026-10-30 10:00", "1"))
		w.now = evening
		for name, statement := range map[string]string{
			"a line is worth more":   "UPDATE lines SET net_energy = net_energy + 1 WHERE session_id = (SELECT min(session_id) FROM lines)",
			"a line is gone":         "DELETE FROM lines WHERE session_id = (SELECT min(session_id) FROM lines)",
			"a sheet lost a session": "UPDATE run_owners SET received_sessions = received_sessions - 1, credited_sessions = credited_sessions - 1 WHERE credited_sessions > 0",
			"a sheet lost energy":    "UPDATE run_owners SET received_energy = received_energy - 1, credited_energy = credited_energy - 1 WHERE credited_sessions > 0",
			"a session appeared":     "UPDATE sessions SET received_at = (SELECT min(received_at) FROM sessions) WHERE external_id = 'S-late'",
		} {
			w.runner = w.newRunner(tampering{w.s, sync.OnceFunc(func() {
				if n, err := w.sql(statement); err != nil || n == 0 {
					t.Error(name, n, err)
				}
			})})
			if _, err := w.try("2026-10"); err == nil || len(fault.Of(err)) > 0 {
				t.Errorf("%s: the run went on: %v", name, err)
			}
			if n := w.rows("credit_notes WHERE number IS NOT NULL"); n != 0 {
				t.Errorf("%s: %d notes were issued", name, n)
			}
			if runs, err := w.s.Runs(t.Context()); err != nil || runs[0].Stage != creditnotes.StageDrafting {
				t.Errorf("%s: stage %s, %v", name, runs[0].Stage, err)
			}
			w.wipe()
			if _, err := w.sql("DELETE FROM sessions WHERE external_id = 'S-late'"); err != nil {
				t.Fatal(err)
			}
			w.now = evening.Add(2 * time.Minute)
			w.charged(charge("S-late", "ST-1", "2026-10-30 10:00", "1"))
			w.now = evening
		}
	})
}

func TestRunningAMonthTwiceCreditsNothingTwice(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(workedExample()...)
		w.month("2026-10")
		again := w.tells("2026-10", `
			held S-6 a invalid
			received 1: credited 0 held 1 zero 0 excluded 0`)
		if again.Name != "2026-10-2" || again.Stage != creditnotes.StageCompleted {
			t.Errorf("run %s is %s", again.Name, again.Stage)
		}
		if n := w.rows("credit_notes"); n != 1 {
			t.Errorf("%d notes", n)
		}
		w.proven()
	})
}

func TestMonthsMayBeRunInAnyOrder(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.now = time.Date(2026, 12, 2, 11, 0, 0, 0, time.UTC)
		w.charged(
			charge("S-1", "ST-1", "2026-10-03 10:00", "10"),
			charge("S-2", "ST-1", "2026-11-03 10:00", "20"),
		)
		w.tells("2026-09", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.tells("2026-11", `
			GS-2026-00001 a→a 9.45 + 1.80 = 11.25 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			ST-1 energy 2026-11 1× 20 kWh 6.30
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.charged(charge("S-3", "ST-1", "2026-10-04 10:00", "100"))
		w.tells("2026-10", `
			GS-2026-00002 a→a 31.50 + 5.99 = 37.49 EUR
			ST-1 energy 2026-10 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestLateSessionIsPricedAsOfItsOwnStart(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		dearer := rate("com", 700_000, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
		w.config.Tariffs.CostRates = append(w.config.Tariffs.CostRates, dearer)
		w.config.Stations[0].Owners = append(w.config.Stations[0].Owners, entities.Ownership{From: "2026-11-01", Entity: "b"})
		w.save()
		w.month("2026-10")
		w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.charged(
			charge("S-1", "ST-1", "2026-10-03 10:00", "10"),
			charge("S-2", "ST-1", "2026-11-03 10:00", "10"),
		)
		w.tells("2026-11", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			GS-2026-00002 b→b 6.30 + 1.20 = 7.50 EUR
			ST-1 energy 2026-11 1× 10 kWh 6.30
			received 2: credited 2 held 0 zero 0 excluded 0`)
		note, err := w.s.NoteByNumber(t.Context(), "GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		for d, err := range w.s.Details(t.Context(), note) {
			if err != nil || !d.Late || d.Month != "2026-10" {
				t.Errorf("%+v, %v", d, err)
			}
		}
		w.proven()
	})
}

func TestSessionReceivedAfterTheCutOffIsLate(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.now = time.Date(2026, 10, 31, 22, 30, 0, 0, time.UTC)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.now = w.now.Add(time.Hour)
		w.charged(charge("S-2", "ST-1", "2026-10-04 10:00", "10"))
		now := w.now
		w.now = time.Date(2026, 10, 31, 22, 40, 0, 0, time.UTC)
		w.tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.now = now
		w.tells("2026-11", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
	})
}
