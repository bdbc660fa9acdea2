package creditnotestest

import (
	"context"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// Billing is a store that puts a fee invoice beside every credit note that is
// drafted: a monthly fee of 25.00, 2 stations at 5.00, and signs for 1.234567,
// which is 36.23 net.
type Billing struct {
	creditnotes.Store
	// Change, if set, changes a fee invoice before it is kept.
	Change func(n *creditnotes.Note)
}

// Billed makes the world one with fee invoices, numbered from RE-2026-00001 on.
func (w *World) Billed() *Billing {
	w.T.Helper()
	w.Config.NumberRanges = append(w.Config.NumberRanges, NumberRange("re", "RE-{YYYY}-{SEQ:5}", numbering.Invoice))
	w.Save()
	w.Set("invoice_range", "re")
	b := &Billing{Store: w.Store}
	w.Runner = w.NewRunner(b)
	return b
}

// WriteDraft implements creditnotes.DraftStore.
func (b *Billing) WriteDraft(ctx context.Context, run *creditnotes.Run, fn func(creditnotes.DraftWriter) error) error {
	const most = 100
	first, err := b.NoteIDs(ctx, most)
	if err != nil {
		return err
	}
	return b.Store.WriteDraft(ctx, run, func(w creditnotes.DraftWriter) error { return fn(&billingWriter{w, b, first}) })
}

type billingWriter struct {
	creditnotes.DraftWriter
	billing *Billing
	next    int64
}

// SaveDrafts implements creditnotes.DraftWriter.
func (w *billingWriter) SaveDrafts(notes []*creditnotes.Note) error {
	all := notes
	for _, n := range notes {
		if n.Kind != numbering.CreditNote {
			continue
		}
		invoice := FeeInvoice(n, w.next)
		w.next++
		if w.billing.Change != nil {
			w.billing.Change(invoice)
		}
		all = append(all, invoice)
	}
	return w.DraftWriter.SaveDrafts(all)
}

// FeeInvoice is a draft for the owner of a credit note, see Billing.
func FeeInvoice(n *creditnotes.Note, id int64) *creditnotes.Note {
	owner, month := n.Owners[0], n.Document.Month
	fee := func(ordinal int, c creditnotes.Component, quantity int64, price money.Micros) creditnotes.Position {
		sum := price * money.Micros(quantity)
		return creditnotes.Position{Ordinal: ordinal, Owner: owner, Component: c, Month: month, Sum: sum, Net: sum.Round(2),
			Quantity: quantity, UnitPrice: price, TaxAccount: "s19", Contract: owner + "-2026"}
	}
	i := &creditnotes.Note{
		ID: id, RunID: n.RunID, Kind: numbering.Invoice, State: creditnotes.Draft, Ordinal: n.Ordinal, Owners: []string{owner},
		Recipient: n.Recipient, Language: n.Language, Currency: n.Currency, Date: n.Date, PeriodFrom: month.FirstDay(), PeriodTo: month.LastDay(),
		Positions: []creditnotes.Position{fee(1, creditnotes.MonthlyFee, 1, 25_000_000), fee(2, creditnotes.FeePerStation, 2, 5_000_000),
			{Ordinal: 3, Owner: owner, Component: creditnotes.Custom, Month: month, Sum: 1_234_567, Net: 123,
				TaxAccount: "s19", Record: "r-1", Text: "Signs"}},
		Taxes: []creditnotes.TaxTotal{{Account: "s19", Name: "s19", Category: creditnotes.StandardRate, Rate: 1900, Base: 3623, Tax: 688}},
		Net:   3623, Tax: 688, Gross: 4311, Document: n.Document,
	}
	d := &i.Document
	d.TypeCode, d.SetOff, d.RevenueAccount, d.NetDays = creditnotes.TypeFeeInvoice, true, "8400", 14
	d.DueDate, d.Mentions, d.Agreement, d.Held = n.Date.AddDays(14), nil, "", creditnotes.HeldSummary{}
	d.CarriedForward, d.CarriedMonths, d.Offsets = nil, nil, nil
	return i
}
