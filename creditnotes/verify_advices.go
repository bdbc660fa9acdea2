package creditnotes

import (
	"context"
	"iter"
	"maps"
	"slices"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// AdviceBooks reads what the proof of remittance advices needs.
type AdviceBooks interface {
	// Advices yields all remittance advices by the numbers of their payouts; those
	// that Since leaves out are marked as earlier.
	Advices(ctx context.Context) iter.Seq2[StoredAdvice, error]
}

// StoredAdvice is a remittance advice with its payout as it is now.
type StoredAdvice struct {
	FrozenRemittance
	Actual    string // SHA-256 of the content as it is now
	Number    string // of the payout
	Recipient string
	Currency  string
	Amount    money.Amount
	Earlier   bool // nothing but its number was read
}

// advices proves that each remittance advice is what it was when it was frozen, and
// is about its payout (settlement.md §10.2).
func (v *Verification) advices(ctx context.Context, store VerifyStore) error {
	for a, err := range store.Advices(ctx) {
		if err != nil {
			return err
		}
		recorded := v.recorded.advices[a.Number]
		delete(v.recorded.advices, a.Number)
		if !a.Earlier && !a.fits(recorded) {
			v.add("verify_advice", fault.Args{"payout": a.Number})
		}
	}
	for _, number := range slices.Sorted(maps.Keys(v.recorded.advices)) {
		v.add("verify_advice", fault.Args{"payout": number})
	}
	return nil
}

// fits reports whether the advice has the hash that was recorded, and says what its
// payout is.
func (a *StoredAdvice) fits(recorded string) bool {
	if a.Actual != a.SHA256 || a.Actual != recorded {
		return false
	}
	said, err := a.Remittance()
	return err == nil && said.Payout == a.Number && said.Recipient == a.Recipient && said.Currency == a.Currency && said.Amount == a.Amount
}
