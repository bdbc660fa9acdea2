package creditnotes

import (
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// The document types of a fee invoice and of its cancellation in UNTDID 1001.
const (
	TypeFeeInvoice      = "380"
	TypeFeeCancellation = "381"
)

// OfFees reports whether a document is a fee invoice or the cancellation of
// one: the operator is its seller and the recipient pays (settlement.md §5).
// The amounts of other documents are what the recipient gets.
func (n *Note) OfFees() bool {
	return n.Kind == numbering.Invoice || n.Kind == numbering.Cancellation && n.Document.TypeCode == TypeFeeCancellation
}

// Totalled is the kind of documents among whose totals a document counts:
// credit notes or invoices. A cancellation counts where the document that it
// cancels does.
func (n *Note) Totalled() numbering.DocumentType {
	if n.OfFees() {
		return numbering.Invoice
	}
	return numbering.CreditNote
}

// IsFee reports whether the position is a quantity of fees times a unit price.
func (p *Position) IsFee() bool {
	switch p.Component {
	case MonthlyFee, FeePerStation, FeePerACEVSE, FeePerDCEVSE:
		return true
	}
	return false
}

// priced reports whether a position of a fee comes to its quantity times its
// unit price; other positions have none.
func (p *Position) priced() bool {
	return p.Quantity == 0 && p.UnitPrice == 0 || p.Sum == p.UnitPrice*money.Micros(p.Quantity)
}

// rangeOf is the number range of a document of a run.
func (c *Configuration) rangeOf(n *Note, s Settings) (*numbering.Range, *fault.Fault) {
	key, kind := s.NumberRange, numbering.CreditNote
	if n.Kind == numbering.Invoice {
		key, kind = s.InvoiceRange, numbering.Invoice
	}
	if f := c.usable(key, kind); f != nil {
		return nil, f
	}
	return c.Range(key), nil
}
