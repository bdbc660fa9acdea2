package creditnotes

import (
	"context"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// PayoutBooks reads what the proof of payouts and of answers of banks needs.
type PayoutBooks interface {
	// PaidOut lists all payouts by their numbers.
	PaidOut(ctx context.Context) ([]PaidOut, error)
	// BankBooked lists the answers of banks that were booked and stand.
	BankBooked(ctx context.Context) ([]BankBooked, error)
	// BankUndone lists the decisions about answers of banks that were taken back.
	BankUndone(ctx context.Context) ([]BankUndone, error)
}

// PaidOut is a payout as the proof sees it.
type PaidOut struct {
	Account
	Number   string
	Amount   money.Amount
	Items    money.Amount // what its items come to
	Executed bool         // also where it was returned later
	Returned bool
	Movement int64 // of the execution; 0: none
}

// BankBooked is an answer of a bank that was booked.
type BankBooked struct {
	Entry    int64
	Outcome  string       // executed, returned, rejected, received or paid
	Amount   money.Amount // positive: it came in
	Movement int64        // of what was received or paid
	Payouts  money.Amount // that it is about
	Astray   int          // how many of them are in another state than it says
}

// BankUndone is a decision about an answer of a bank that was taken back.
type BankUndone struct {
	Entry        int64
	Booked, Back int64 // movements: what it booked, and what booked that back; 0: nothing
	Moves        bool  // the decision booked something
	Alike        bool  // the entry in its place is about the same money, and nothing of the decision counts
}

// fits reports whether what was taken back left nothing behind.
func (u *BankUndone) fits(moved map[int64]*Movement) bool {
	booked, back := moved[u.Booked], moved[u.Back]
	if !u.Alike || u.Moves != (booked != nil) || (booked == nil) != (back == nil) {
		return false
	}
	return booked == nil || back.Account == booked.Account && back.Amount == -booked.Amount && back.ID > booked.ID
}

// payouts proves that payouts and movements are the same money: a payout is what
// its items come to; each that was executed has a movement, each that came back has
// a second one, and no other has any. With the proof of the accounts it follows
// that Σ movements = Σ payouts + open items (settlement.md §6.2).
func (v *Verification) payouts(ctx context.Context, store VerifyStore, all []Movement) error {
	list, err := store.PaidOut(ctx)
	if err != nil {
		return err
	}
	v.Payouts = len(list)
	byID := map[int64]*Movement{}
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	undone, err := v.bankUndone(ctx, store, byID)
	if err != nil {
		return err
	}
	moved := map[string][]*Movement{}
	for i := range all {
		m := &all[i]
		if undone[m.ID] {
			continue
		}
		if m.Kind == MovedPayout || m.Kind == MovedPayoutReturn {
			moved[m.Reference] = append(moved[m.Reference], m)
		}
	}
	for i := range list {
		if p := &list[i]; !p.fits(moved[p.Number]) {
			v.add("verify_payout", fault.Args{"payout": p.Number})
		}
	}
	return v.bankBooked(ctx, store, byID)
}

// fits reports whether a payout is what its items come to, and whether movements
// are those that it has to have.
func (p *PaidOut) fits(moved []*Movement) bool {
	wanted := 0
	if p.Executed {
		wanted++
	}
	if p.Returned {
		wanted++
	}
	if p.Items != p.Amount || len(moved) != wanted {
		return false
	}
	for _, m := range moved {
		sign := money.Amount(1)
		if m.Kind == MovedPayout {
			sign = -1
		}
		if m.Account != p.Account || m.Amount != sign*p.Amount || (m.Kind == MovedPayout) != (m.ID == p.Movement) {
			return false
		}
	}
	return true
}

// bankUndone proves that what was taken back is booked back, and returns the
// movements of both.
func (v *Verification) bankUndone(ctx context.Context, store VerifyStore, moved map[int64]*Movement) (map[int64]bool, error) {
	list, err := store.BankUndone(ctx)
	undone := map[int64]bool{}
	for i := range list {
		u := &list[i]
		undone[u.Booked], undone[u.Back] = true, true
		if !u.fits(moved) {
			v.add("verify_bank_entry", fault.Args{"entry": u.Entry})
		}
	}
	return undone, err
}

// bankBooked proves that what banks said is what was booked.
func (v *Verification) bankBooked(ctx context.Context, store VerifyStore, moved map[int64]*Movement) error {
	list, err := store.BankBooked(ctx)
	for i := range list {
		if b := &list[i]; !b.fits(moved[b.Movement]) {
			v.add("verify_bank_entry", fault.Args{"entry": b.Entry})
		}
	}
	return err
}

func (b *BankBooked) fits(m *Movement) bool {
	if b.Astray > 0 {
		return false
	}
	switch b.Outcome {
	case "executed":
		return b.Payouts == -b.Amount
	case "returned":
		return b.Amount > 0 && b.Amount <= b.Payouts
	case "rejected":
		return b.Payouts > 0
	}
	return m != nil && m.Kind == MovedPayment && m.Amount == b.Amount
}
