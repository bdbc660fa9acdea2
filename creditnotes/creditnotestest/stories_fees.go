package creditnotestest

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/numbering"
)

// twoOwners are a session for each of a and b.
func (w *World) twoOwners() {
	w.T.Helper()
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10"), Charge("S-9", "ST-9", "2026-10-03 10:00", "10"))
}

func feeInvoicesAreIssuedAndCancelled(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Billed()
		w.twoOwners()
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			RE-2026-00001 a→a 36.23 + 6.88 = 43.11 EUR
			monthly_fee a-2026 2026-10 1 × 25.000000 25.00
			fee_per_station a-2026 2026-10 2 × 5.000000 10.00
			custom 2026-10 0× 0 kWh 1.23
			RE-2026-00002 b→b 36.23 + 6.88 = 43.11 EUR
			monthly_fee b-2026 2026-10 1 × 25.000000 25.00
			fee_per_station b-2026 2026-10 2 × 5.000000 10.00
			custom 2026-10 0× 0 kWh 1.23
			received 2: credited 2 held 0 zero 0 excluded 0`)
		if stage := w.Run("2026-10").Stage; stage != creditnotes.StageCompleted {
			t.Errorf("the run is %s", stage)
		}
		original := w.Note("RE-2026-00001")
		if original.Kind != numbering.Invoice || !original.OfFees() || original.Totalled() != numbering.Invoice || original.Hash == "" || !original.Document.SetOff {
			t.Errorf("%+v", original)
		}
		mails, err := w.Store.Mailings(t.Context(), original.ID)
		if err != nil || len(mails) != 1 || mails[0].To[0] != "a@a.example" {
			t.Errorf("%+v, %v", mails, err)
		}
		w.Now = Evening("2026-11-02")
		c := w.Cancel("RE-2026-00001")
		if c.Number != "ST-2026-00001" || c.Kind != numbering.Cancellation || !c.OfFees() || c.Document.TypeCode != creditnotes.TypeFeeCancellation ||
			c.Gross != -4311 || c.Document.SetOff || c.Document.CancelsNumber != "RE-2026-00001" {
			t.Errorf("%+v", c)
		}
		for i, p := range c.Positions {
			of := original.Positions[i]
			of.Net, of.Sum, of.Energy, of.Quantity = -of.Net, -of.Sum, -of.Energy, -of.Quantity
			if diff := gocmp.Diff(of, p); diff != "" {
				t.Error(diff)
			}
		}
		if n := w.Count("live lines"); n != 2 {
			t.Errorf("%d sessions are credited", n)
		}
		_, err = w.TryCancel("RE-2026-00001")
		Says(t, err, "cancel_twice")
		_, err = w.TryCancel("ST-2026-00001")
		Says(t, err, "cancel_not_a_credit_note")
		Says(t, w.Store.RaiseObjection(t.Context(), "a", "RE-2026-00002", "too much"), "objection_not_a_credit_note")
		w.HasNumbers("GS-2026-00001", "GS-2026-00002", "RE-2026-00001", "RE-2026-00002", "ST-2026-00001")
	})
}

func feeInvoicesAreNoCredits(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Billed()
		w.Set("release", "approve")
		w.twoOwners()
		w.Month("2026-10")
		want := []creditnotes.OwnerNet{{Owner: "a", Currency: "EUR", Net: 315}, {Owner: "b", Currency: "EUR", Net: 315}}
		drafted, err := w.Store.DraftNets(t.Context(), w.Run("2026-10").ID)
		if diff := gocmp.Diff(want, drafted); diff != "" || err != nil {
			t.Error(diff, err)
		}
		_, err = w.Runner.Approve(t.Context(), "2026-10", "berta")
		w.must(err)
		standing, err := w.Store.MonthNets(t.Context(), "2026-10")
		if diff := gocmp.Diff(want, standing); diff != "" || err != nil {
			t.Error(diff, err)
		}
		noted, err := w.Store.NotedOwners(t.Context(), &creditnotes.Run{Month: "2026-10"})
		w.must(err)
		_, err = w.TryCancel("GS-2026-00001")
		w.must(err)
		after, err := w.Store.NotedOwners(t.Context(), &creditnotes.Run{Month: "2026-10"})
		if err != nil || len(noted) != 2 || len(after) != 1 {
			t.Errorf("owners with a note: %v, then %v, %v", noted, after, err)
		}
		for _, c := range []struct {
			f    creditnotes.NoteFilter
			want string
		}{
			{creditnotes.NoteFilter{Kind: numbering.Invoice}, "RE-2026-00001 RE-2026-00002"},
			{creditnotes.NoteFilter{Kind: numbering.CreditNote}, "GS-2026-00001 GS-2026-00002"},
			{creditnotes.NoteFilter{Standing: creditnotes.StandsIssued, Recipient: "a"}, "RE-2026-00001"},
		} {
			if got := w.numbersOf(c.f); got != c.want {
				t.Errorf("%+v: %s", c.f, got)
			}
		}
		w.Proven()
	})
}

func feeInvoiceWithoutARangeTakesNoNumber(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Billed()
		invoices := &w.Config.NumberRanges[len(w.Config.NumberRanges)-1]
		invoices.Active = false
		w.Save()
		w.twoOwners()
		_, err := w.Try("2026-10")
		Says(t, err, "range_inactive")
		w.HasNumbers()
		invoices.Active = true
		w.Save()
		w.Month("2026-10")
		w.HasNumbers("GS-2026-00001", "GS-2026-00002", "RE-2026-00001", "RE-2026-00002")
	})
}

func negativeFeesAreNotBroughtOntoACreditNote(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Billed().Change = func(n *creditnotes.Note) {
			n.State, n.Net, n.Tax, n.Gross = creditnotes.Carried, -500, -95, -595
			n.Positions = []creditnotes.Position{{Ordinal: 1, Owner: n.Owners[0], Component: creditnotes.FeePerStation, Month: n.Document.Month,
				Correction: true, Quantity: -1, UnitPrice: 5_000_000, Sum: -5_000_000, Net: -500, TaxAccount: "s19", Contract: "a-2026"}}
			n.Taxes[0].Base, n.Taxes[0].Tax = -500, -95
		}
		w.EveryMonth(10)
		w.Backdated("2026-10")
		waiting, err := w.Store.CarriedForward(t.Context())
		if err != nil || len(waiting) != 2 || waiting[0].Note.Kind != numbering.Invoice {
			t.Fatalf("%+v, %v", waiting, err)
		}
		w.Runner = w.NewRunner(w.Store)
		w.EveryMonth(11)
		w.Backdated("2026-11")
		if n := w.Note("GS-2026-00003"); n.Net != 315 || len(n.Positions) != 1 {
			t.Errorf("%+v", n)
		}
		again, err := w.Store.CarriedForward(t.Context())
		if err != nil || len(again) != 2 {
			t.Errorf("%+v, %v", again, err)
		}
		w.Proven()
	})
}

// numbersOf are the numbers of the documents that a filter lets through.
func (w *World) numbersOf(f creditnotes.NoteFilter) (numbers string) {
	w.T.Helper()
	rows, err := w.Store.Notes(w.T.Context(), f)
	w.must(err)
	for _, row := range rows {
		numbers += " " + row.Number
	}
	return trimmed(numbers)
}
