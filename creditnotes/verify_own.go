package creditnotes

import (
	"context"
	"maps"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// OwnBooks reads what the proof of own charging needs.
type OwnBooks interface {
	// OwnSums adds up what notes bill as own charging, live or not, by note and in
	// the parts that their positions have.
	OwnSums(ctx context.Context) (map[int64]map[OwnPart]OwnSum, error)
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

// OwnSum is what the sessions of a part come to.
type OwnSum struct {
	Net    money.Micros
	Energy money.Quantity
}

// Plus adds a session.
func (s OwnSum) Plus(net money.Micros, energy money.Quantity) OwnSum {
	return OwnSum{s.Net + net, s.Energy + energy}
}

// ownCharging compares the positions of own charging of a fee invoice, which args
// name, with the sessions that it bills (settlement.md §3.8).
func (v *Verification) ownCharging(n *Note, sums map[OwnPart]OwnSum, args fault.Args) {
	if n.Kind != numbering.Invoice {
		return
	}
	printed := map[OwnPart]OwnSum{}
	for i := range n.Positions {
		if p := &n.Positions[i]; p.Component == OwnCharging {
			part := OwnPart{p.Owner, p.Contract, p.Month, p.Correction, p.Tax}
			printed[part] = printed[part].Plus(p.Sum, p.Energy)
		}
	}
	if !maps.Equal(printed, sums) {
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
