package creditnotes

import (
	"context"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// OwnBooks reads what the proof of own charging needs.
type OwnBooks interface {
	// OwnSums adds up what notes bill as own charging, live or not, by note and in
	// the parts that their positions have.
	OwnSums(ctx context.Context) (OwnProofs, error)
	// OwnTwice lists the sessions that are billed twice: in one version, or to one
	// owner in two versions without the first being taken back; and those that
	// are taken back without being billed.
	OwnTwice(ctx context.Context) ([]string, error)
}

// OwnPart is what a position of own charging is made of.
type OwnPart struct {
	Owner, Contract string // keys
	Month           entities.Month
	Correction      bool
	Tax             int // slot
}

// OwnProof adds up the sessions of one part.
type OwnProof struct {
	net    money.Micros
	energy money.Quantity
	prices priceList
}

// Add adds a session; discount is that of its price path.
func (p *OwnProof) Add(c *OwnCharge, discount money.Percent) {
	p.net, p.energy = p.net+c.Net, p.energy+c.Energy
	p.prices.addOwn(c, discount)
}

// proves reports whether a position of a note says what was added.
func (p *OwnProof) proves(n *Note, at *Position) bool {
	if p.net != at.Sum || p.energy != at.Energy {
		return false
	}
	prices, further := p.prices.frozen()
	return !n.Document.UnitPrices || further == at.FurtherPrices && slices.Equal(prices, at.Prices)
}

// OwnProofs adds up the sessions of notes, by note and part.
type OwnProofs map[int64]map[OwnPart]*OwnProof

// Add adds a session of a note and part.
func (p OwnProofs) Add(note int64, part OwnPart, c *OwnCharge, discount money.Percent) {
	if p[note] == nil {
		p[note] = map[OwnPart]*OwnProof{}
	}
	if p[note][part] == nil {
		p[note][part] = &OwnProof{}
	}
	p[note][part].Add(c, discount)
}

// ownCharging compares the positions of own charging of a fee invoice, which args
// name, with the sessions that it bills (settlement.md §3.8). Documents of earlier
// releases state no prices.
func (v *Verification) ownCharging(n *Note, proofs map[OwnPart]*OwnProof, args fault.Args) {
	if n.Kind != numbering.Invoice {
		return
	}
	positions := 0
	for i := range n.Positions {
		p := &n.Positions[i]
		if p.Component != OwnCharging {
			continue
		}
		positions++
		proof := proofs[OwnPart{p.Owner, p.Contract, p.Month, p.Correction, p.Tax}]
		if proof == nil || !proof.proves(n, p) {
			v.add("verify_own_charging", args)
			return
		}
	}
	if positions != len(proofs) {
		v.add("verify_own_charging", args)
	}
}

// ownTwice proves that each session is billed once.
func (v *Verification) ownTwice(ctx context.Context, store VerifyStore) error {
	list, err := store.OwnTwice(ctx)
	for _, session := range list {
		v.add("verify_own_twice", fault.Args{"session": session})
	}
	return err
}
