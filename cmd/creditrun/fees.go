package main

import (
	"cmp"
	"fmt"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/numbering"
)

// kindNames are the kinds of documents as they are printed for people.
var kindNames = map[numbering.DocumentType]string{
	numbering.CreditNote: "credit note", numbering.Invoice: "fee invoice", numbering.Cancellation: "cancellation",
}

// silentNames are what a run made none of where it settled without a document.
var silentNames = map[numbering.DocumentType]string{numbering.CreditNote: "document", numbering.Invoice: "fee invoice"}

// printFees prints the fee invoices of a run.
func (a *app) printFees(invoices []*creditnotes.Note) {
	if len(invoices) == 0 {
		return
	}
	fmt.Fprintln(a.stdout, "  fee invoices")
	a.printNotes(invoices)
}

// printFeePositions prints the positions of a fee invoice, or of what cancels
// one.
func (a *app) printFeePositions(n *creditnotes.Note) {
	table := newTable(a.stdout)
	fmt.Fprintln(table, "  owner\tmonth\tcomponent\tcontract\tquantity\tunit price\tsessions\tkWh\ttax\tnet\t\t")
	for _, p := range n.Positions {
		quantity, price, sessions, energy, remark := "", "", "", "", p.Text
		if p.IsFee() {
			quantity, price = strconv.FormatInt(p.Quantity, 10), p.UnitPrice.String()
		}
		if p.Component == creditnotes.OwnCharging {
			sessions, energy = strconv.Itoa(p.Sessions), p.Energy.String()
		}
		if p.Correction {
			remark = cmp.Or(remark, "correction")
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", p.Owner, p.Month, p.Component, p.Contract, quantity, price, sessions, energy,
			n.TaxLabel(p), p.Net.Format(n.Document.CurrencyDigits), remark)
	}
	table.Flush()
}
