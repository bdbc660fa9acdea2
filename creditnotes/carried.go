package creditnotes

import (
	"cmp"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// WaitingNote is a negative note that was not issued, with the owners whose part
// of it no later note has brought along.
type WaitingNote struct {
	Note   *Note
	Owners []string // keys
}

// carriedSum is what waits of a negative note to be brought along: the sum of
// one owner in one tax (domain.md §9.6). Where several owners were on the note,
// the sum of one of them may be positive.
type carriedSum struct {
	from   *Note
	tax    treatment
	net    money.Amount
	months []CarriedMonth
}

// goesOn reports whether a note can bring the sum along.
func (s *carriedSum) goesOn(key noteKey) bool {
	return s.from.Currency == key.currency && s.tax.outside() == key.outside
}

// waitingSums are the sums that wait, by the key of their owner and in the
// order in which they came about.
type waitingSums map[string][]*carriedSum

// newWaitingSums are the sums that wait for a kind of document: what was charged
// goes on a fee invoice, what was credited on a credit note.
func newWaitingSums(list []WaitingNote, kind numbering.DocumentType, p *Plan) waitingSums {
	sums := waitingSums{}
	for _, waiting := range list {
		if waiting.Note.Kind != kind {
			continue
		}
		for _, owner := range waiting.Owners {
			sums[owner] = append(sums[owner], waiting.Note.sumsOf(owner, p)...)
		}
	}
	return sums
}

// sumsOf adds up the positions of an owner on a note, tax by tax and month by
// month.
func (n *Note) sumsOf(owner string, p *Plan) (list []*carriedSum) {
	for i := range n.Taxes {
		t := &n.Taxes[i]
		sum := &carriedSum{from: n, tax: p.storedTreatment(t)}
		positions := 0
		for _, at := range n.Positions {
			if at.Owner == owner && at.Tax == t.Slot {
				positions++
				sum.net += at.Net
				sum.add(n.monthsOf(&at))
			}
		}
		if positions > 0 {
			list = append(list, sum)
		}
	}
	return list
}

// monthsOf is what a position says of each month: one, or those of the sum that
// it carries forward.
func (n *Note) monthsOf(p *Position) []CarriedMonth {
	if p.Component == CarriedForward {
		return n.CarriedMonths(p)
	}
	month := CarriedMonth{Month: p.Month, Net: p.Net, CreditedAgain: p.CreditedAgain}
	switch p.Component {
	case Energy, Share, OwnCharging:
		month.Sessions, month.Energy = p.Sessions, p.Energy
	}
	return []CarriedMonth{month}
}

// CarriedMonths are the months of a sum carried forward, for the position that
// brings it along.
func (n *Note) CarriedMonths(p *Position) []CarriedMonth {
	return slices.DeleteFunc(slices.Clone(n.Document.CarriedMonths), func(m CarriedMonth) bool { return m.Position != p.Ordinal })
}

// add adds months to those of the sum.
func (s *carriedSum) add(months []CarriedMonth) {
	for _, m := range months {
		i, found := slices.BinarySearchFunc(s.months, m, func(known, m CarriedMonth) int {
			return cmp.Or(cmp.Compare(known.Month, m.Month), cmp.Compare(known.CreditedAgain, m.CreditedAgain))
		})
		if !found {
			s.months = slices.Insert(s.months, i, CarriedMonth{Month: m.Month, CreditedAgain: m.CreditedAgain})
		}
		known := &s.months[i]
		known.Sessions, known.Energy, known.Net = known.Sessions+m.Sessions, known.Energy+m.Energy, known.Net+m.Net
	}
}

// broughtSums are the sums that a note brings along, by its positions.
type broughtSums map[broughtKey]*carriedSum

type broughtKey struct {
	from  int64
	owner string
	tax   int // slot
}

// bringAlong adds the sums that wait for the owners of a group to a note, as
// positions of their own, and extends its period to their sessions.
func (c *composer) bringAlong(note *Note, key noteKey, n *noteSums, waiting waitingSums) broughtSums {
	brought := broughtSums{}
	digits, _ := money.Digits(note.Currency)
	for _, o := range key.group.owners {
		if o.failed != nil || !o.due {
			continue
		}
		for _, sum := range waiting[o.entity.Key] {
			if !sum.goesOn(key) {
				continue
			}
			month, slot := sum.from.Document.Month, n.slot(sum.tax)
			note.Positions = append(note.Positions, Position{
				Owner: o.entity.Key, Component: CarriedForward, Month: month, Late: month.Before(c.run.Month),
				Sum: sum.net.Micros(digits), Net: sum.net, CarriedFrom: sum.from.ID,
				TaxAccount: sum.tax.account.Key, Tax: slot,
			})
			brought[broughtKey{sum.from.ID, o.entity.Key, slot}] = sum
			if note.PeriodFrom.IsZero() || sum.from.PeriodFrom.Before(note.PeriodFrom) {
				note.PeriodFrom = sum.from.PeriodFrom
			}
			note.PeriodTo = max(note.PeriodTo, sum.from.PeriodTo)
		}
	}
	return brought
}

// freezeCarried writes down where the sums on a note come from and what they
// are made of. Its positions are sorted.
func (n *Note) freezeCarried(brought broughtSums) {
	for i := range n.Positions {
		p := &n.Positions[i]
		if p.CarriedFrom == 0 {
			continue
		}
		if n.Document.CarriedForward == nil {
			n.Document.CarriedForward = map[int]string{}
		}
		n.Document.CarriedForward[p.Ordinal] = string(p.Month)
		for _, m := range brought[broughtKey{p.CarriedFrom, p.Owner, p.Tax}].months {
			m.Position = p.Ordinal
			n.Document.CarriedMonths = append(n.Document.CarriedMonths, m)
		}
	}
}

// waitsTooLong is after how many months a sum that nothing followed is worth a
// word.
const waitsTooLong = 3

// waiting reports sums carried forward that no note has followed for long.
func (o *Readiness) waiting(list []WaitingNote) {
	for _, w := range list {
		if month := w.Note.Document.Month; !o.Month.Before(month.AddMonths(waitsTooLong)) {
			for _, owner := range w.Owners {
				o.add(Warns, fault.New(fault.NotReady, "carried_sum_waits", fault.Args{
					"recipient": w.Note.Recipient, "owner": owner, "month": string(month), "currency": w.Note.Currency,
					"amount": w.Note.NetOf(owner).Format(w.Note.Document.CurrencyDigits),
				}))
			}
		}
	}
}

// NetOf adds up what an owner has on a note.
func (n *Note) NetOf(owner string) (net money.Amount) {
	for _, p := range n.Positions {
		if p.Owner == owner {
			net += p.Net
		}
	}
	return net
}

// SettledNote is what was settled without a document and is still worth
// knowing: a sum carried forward, or credits that were set off against one in
// full.
type SettledNote struct {
	Kind      numbering.DocumentType // credit_note or invoice
	Month     entities.Month         // of the run
	State     State                  // Carried or Zero
	Recipient string                 // key
	Currency  string
	Net       money.Amount // the sum carried forward, or the credits set off
	Number    string       // of a document that brings the sum along; empty: it waits
}
