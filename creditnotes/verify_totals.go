package creditnotes

import (
	"cmp"
	"slices"

	"creditrun/internal/money"
)

// BookTotal is what was added up in one currency. Where the books are clean, Lines
// is Printed, Documents is Net and Tax as well as Booked, and Booked with Others is
// PaidOut less Received, and Open. Amounts are positive where the operator owes
// them, and in minor units.
type BookTotal struct {
	Currency  string       `json:"currency"`
	Lines     money.Micros `json:"lines"`     // lines of sessions, on notes that stand; 0 with since
	Printed   money.Micros `json:"printed"`   // the positions of these notes; 0 with since
	Net       money.Amount `json:"net"`       // of issued documents: sessions, fees, bonuses and what else stands on them
	Tax       money.Amount `json:"tax"`       // of issued documents; Net and Tax leave out earlier ones with since
	Documents money.Amount `json:"documents"` // gross amounts of issued documents
	Booked    money.Amount `json:"booked"`    // movements of documents
	Others    money.Amount `json:"others"`    // top-ups and adjustments
	PaidOut   money.Amount `json:"paid_out"`  // payouts without those that came back
	Received  money.Amount `json:"received"`  // payments of recipients
	Open      money.Amount `json:"open"`      // open items
}

// SessionTotal are the current versions of all sessions; Received is Settled and
// Open where the books are clean.
type SessionTotal struct {
	Received Count `json:"received"`
	Settled  Count `json:"settled"`
	Open     Count `json:"open"`
}

// total is the total of a currency.
func (v *Verification) total(currency string) *BookTotal {
	for i := range v.Totals {
		if v.Totals[i].Currency == currency {
			return &v.Totals[i]
		}
	}
	v.Totals = append(v.Totals, BookTotal{Currency: currency})
	return &v.Totals[len(v.Totals)-1]
}

// addStation adds what the sessions of a station come to.
func (v *Verification) addStation(s *StationProof) {
	t := &v.Sessions
	t.Received, t.Settled, t.Open = t.Received.Plus(s.Received), t.Settled.Plus(s.Settled), t.Open.Plus(s.Open)
	for currency, sum := range s.Lines {
		v.total(currency).Lines += sum
	}
	for currency, sum := range s.Printed {
		v.total(currency).Printed += sum
	}
}

// netTax is what a note comes to.
type netTax struct{ net, tax money.Amount }

// addDocument adds a document that has to have moved an account. Its net and tax
// have the sign of the document, which is the other one on fee invoices.
func (v *Verification) addDocument(b *Bookable) {
	t := v.total(b.Currency)
	t.Documents += b.Amount
	n := v.amounts[b.NoteID]
	if (n.net+n.tax < 0) != (b.Amount < 0) {
		n.net, n.tax = -n.net, -n.tax
	}
	t.Net, t.Tax = t.Net+n.net, t.Tax+n.tax
}

// addMovement adds a movement of an account.
func (v *Verification) addMovement(m *Movement) {
	t := v.total(m.Currency)
	switch {
	case m.Kind.OfDocument():
		t.Booked += m.Amount
	case m.Kind.IsItem():
		t.Others += m.Amount
	case m.Kind == MovedPayment:
		t.Received += m.Amount
	default:
		t.PaidOut -= m.Amount
	}
}

// sortTotals brings the totals into their order.
func (v *Verification) sortTotals() {
	slices.SortFunc(v.Totals, func(a, b BookTotal) int { return cmp.Compare(a.Currency, b.Currency) })
}
