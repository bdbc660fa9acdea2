package creditnotestest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

func cancellationIsTheNegatedCopy(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		// What is configured now is not what was printed then.
		w.Entity("a").Name = "Another Name"
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, Rate("com", 1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
		w.Save()
		w.Set("tax_account", "s20")
		w.Now = Evening("2026-11-02")
		w.Cancel("GS-2026-00001")
		original, err := w.Store.NoteByNumber(t.Context(), "GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		c, err := w.Store.NoteByNumber(t.Context(), "ST-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		if c.Kind != numbering.Cancellation || c.Cancels != original.ID || c.Net != -1684 || c.Tax != -320 || c.Gross != -2004 || c.Date != "2026-11-02" {
			t.Errorf("%+v", c)
		}
		if d := c.Document; d.CancelsNumber != "GS-2026-00001" || d.CancelsDate != "2026-10-31" || d.CancelReason != "wrong tariff" ||
			d.Recipient.Name != "Hotel A" || d.Held != (creditnotes.HeldSummary{}) {
			t.Errorf("%+v", d)
		}
		for i, p := range c.Positions {
			of := original.Positions[i]
			of.Net, of.Sum, of.Energy = -of.Net, -of.Sum, -of.Energy
			for i := range of.Prices {
				of.Prices[i].Quantity *= -1
			}
			if diff := gocmp.Diff(of, p); diff != "" {
				t.Error(diff)
			}
		}
		Same(t, w.Details("ST-2026-00001"), `
			S-1 v1 credit -10 kWh -3.150000 2026-10
			S-2 v1 credit -12.345 kWh -3.888675 2026-10
			S-3 v1 credit -22 kWh -6.160000 2026-10
			S-4 v1 credit -8 kWh -2.240000 2026-10
			S-5 v1 credit -5 kWh -1.400000 2026-10`)
		w.Proven()
	})
}

func cancelledSessionsAreCreditedAgain(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		w.Cancel("GS-2026-00001")
		if n := w.Count("live lines"); n != 0 {
			t.Errorf("%d sessions are still credited", n)
		}
		w.Tells("2026-10", `
			GS-2026-00002 a→a 16.84 + 3.20 = 20.04 EUR
			ST-1 energy 2026-10 2× 22.345 kWh 7.04
			ST-2 energy 2026-10 3× 35 kWh 9.80
			held S-6 a invalid
			received 6: credited 5 held 1 zero 0 excluded 0`)
		w.Charged(Charge("S-7", "ST-1", "2026-10-20 10:00", "1"))
		w.Cancel("GS-2026-00002")
		w.Month("2026-10")
		Same(t, w.Prices("GS-2026-00003"), `
			ST-1 energy, COM 1 × 0.35 -10%
			again GS-2026-00002: ST-1 energy, COM 22.345 × 0.35 -10%
			again GS-2026-00002: ST-2 energy, LP 35 × 0.28`)
		note := w.Note("GS-2026-00003")
		for i, want := range []string{"S-7", "S-1 S-2", "S-3 S-4 S-5"} {
			var got []string
			for d, err := range note.DetailsOf(&note.Positions[i], w.Store.Details(t.Context(), note)) {
				w.must(err)
				got = append(got, d.Session.ExternalID)
			}
			if strings.Join(got, " ") != want {
				t.Errorf("position %d adds up %v, want %s", i+1, got, want)
			}
		}
		w.Proven()
	})
}

func creditedAgainIsSaidBeforeAndAfterASumIsCarried(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "100"))
		w.Month("2026-10")
		w.Cancel("GS-2026-00001")
		w.Now = Evening("2026-11-30")
		w.Charged(Charge("S-2", "ST-1", "2026-10-04 10:00", "100", Reversed))
		_, err := w.OpenMonth().Refresh(t.Context())
		w.must(err)
		var told []string
		for r, err := range w.Store.EachRecord(t.Context(), creditnotes.SettlementFilter{Open: creditnotes.OnlyOpen}) {
			w.must(err)
			told = append(told, fmt.Sprint(r.Session.Name, " ", r.Net, " ", r.CreditedAgain))
		}
		slices.Sort(told)
		Same(t, strings.Join(told, "\n"), `
			S-1 3.150000 GS-2026-00001
			S-2 -31.500000
			S-2 0.000000`)
		w.Month("2026-11")
		w.Charged(Charge("S-3", "ST-1", "2026-11-05 10:00", "200"))
		note := w.Month("2026-11").Notes[0]
		if want := []creditnotes.CarriedMonth{
			{Position: 2, Month: "2026-10", Sessions: 1, Energy: -100_000_000, Net: -3150},
			{Position: 2, Month: "2026-10", Sessions: 1, Energy: 10_000_000, Net: 315, CreditedAgain: "GS-2026-00001"},
		}; !slices.Equal(note.Document.CarriedMonths, want) {
			t.Errorf("%+v", note.Document.CarriedMonths)
		}
		w.Proven()
	})
}

func cancellingWaitsForARunThatIsDrafting(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		w.Runner = w.NewRunner(&Again{Store: w.Store, DuringDraft: func() {
			_, err := w.TryCancel("GS-2026-00001")
			Says(t, err, "cancel_while_drafting")
		}})
		w.Month("2026-11")
		w.Proven()
	})
}

func noteIsCancelledByOneOfTwo(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		other := w.Elsewhere()
		w.Runner = w.NewRunner(Overtaken{w.Store, func() {
			note, err := other.Cancel(t.Context(), creditnotes.CancelRequest{Number: "GS-2026-00001", Reason: "mine", Who: "berta"})
			if err == nil {
				err = other.Render(t.Context(), note.ID, Paper{})
			}
			if err != nil {
				t.Error(err)
			}
		}})
		_, err := w.TryCancel("GS-2026-00001")
		Says(t, err, "cancel_twice")
		w.HasNumbers("GS-2026-00001", "ST-2026-00001")
	})
}

func runIsApprovedByOneOfTwo(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Set("release", "approve")
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		var approved atomic.Int32
		var all sync.WaitGroup
		for _, r := range []*creditnotes.Runner{w.Elsewhere(), w.Elsewhere()} {
			all.Go(func() {
				switch _, err := r.Approve(t.Context(), "2026-10", "berta"); {
				case err == nil:
					approved.Add(1)
				case !fault.Is(err, fault.Conflict):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if approved.Load() != 1 {
			t.Errorf("approved %d times", approved.Load())
		}
		w.HasNumbers("GS-2026-00001")
	})
}

func transactionsMayBeTriedAgain(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Runner = w.NewRunner(&Again{Store: w.Store})
		w.Charged(WorkedExample()...)
		w.Tells("2026-10", `
			GS-2026-00001 a→a 16.84 + 3.20 = 20.04 EUR
			ST-1 energy 2026-10 2× 22.345 kWh 7.04
			ST-2 energy 2026-10 3× 35 kWh 9.80
			held S-6 a invalid
			received 6: credited 5 held 1 zero 0 excluded 0`)
		d, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"})
		if err != nil || d.Copy != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
		if n := w.Cancel("GS-2026-00001"); n.Number != "ST-2026-00001" {
			t.Errorf("number %s", n.Number)
		}
		w.Proven()
	})
}
