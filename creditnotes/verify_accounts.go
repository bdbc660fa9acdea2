package creditnotes

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// AccountBooks reads what the proof of the accounts needs.
type AccountBooks interface {
	// Movements yields all movements in the order of their ids.
	Movements(ctx context.Context) iter.Seq2[Movement, error]
	// MovementHead is the last movement that the database remembers.
	MovementHead(ctx context.Context) (id int64, hash string, err error)
	// Allocations lists all allocations.
	Allocations(ctx context.Context) ([]Allocation, error)
	// Bookable lists what has to have moved an account: issued documents whose
	// gross is not 0, and top-ups.
	Bookable(ctx context.Context) ([]Bookable, error)
	// AccountSums adds up the movements of each account.
	AccountSums(ctx context.Context) (map[Account]money.Amount, error)
	// KeptAccounts and KeptOpen are what lists of accounts and of open items are
	// read from: how each account stands, and what is open of each movement of which
	// something is.
	KeptAccounts(ctx context.Context) (map[Account]Balance, error)
	KeptOpen(ctx context.Context) (map[int64]KeptOpen, error)
}

// KeptOpen is what a store keeps as open of a movement.
type KeptOpen struct {
	Account
	Open money.Amount
}

// Bookable is what a document or a top-up has to move. Of a top-up the account's
// entity and the value date are empty: they were decided when it was taken in.
type Bookable struct {
	Account
	Kind      MovementKind
	Amount    money.Amount
	Value     entities.Date
	Reference string
	NoteID    int64
	TopUpID   int64
}

// bookableID tells documents and top-ups apart.
type bookableID struct{ note, topUp int64 }

// fits reports whether a movement is what it has to be.
func (b *Bookable) fits(m *Movement) bool {
	return m.Kind == b.Kind && m.Currency == b.Currency && m.Amount == b.Amount && m.Reference == b.Reference &&
		(b.TopUpID != 0 || m.Entity == b.Entity && m.Value == b.Value)
}

// accounts proves the accounts (settlement.md §6.2): an unbroken chain of
// movements, a movement for each document and top-up and no other of these
// kinds, allocations within what they settle, open items that come to the
// balance, payouts that are the same money, and reminders of what is owed.
func (v *Verification) accounts(ctx context.Context, store VerifyStore) error {
	all, err := v.chain(ctx, store)
	if err != nil {
		return err
	}
	if err := v.booked(ctx, store, all); err != nil {
		return err
	}
	if err := v.allocated(ctx, store, all); err != nil {
		return err
	}
	if err := v.payouts(ctx, store, all); err != nil {
		return err
	}
	return v.reminders(ctx, store, all)
}

// chain walks the movements.
func (v *Verification) chain(ctx context.Context, store VerifyStore) (all []Movement, err error) {
	var last Movement
	broken := int64(0)
	for m, err := range store.Movements(ctx) {
		if err != nil {
			return nil, err
		}
		if broken == 0 && (m.ID != last.ID+1 || m.Previous != last.Hash || m.Seal() != m.Hash) {
			broken = last.ID + 1
		}
		last = m
		all = append(all, m)
	}
	id, hash, err := store.MovementHead(ctx)
	if broken == 0 && (id != last.ID || hash != last.Hash) {
		broken = max(1, min(id, last.ID+1))
	}
	if broken != 0 {
		v.add("verify_movements", fault.Args{"movement": broken})
	}
	v.Movements = len(all)
	return all, err
}

// booked compares movements with documents and top-ups, both ways.
func (v *Verification) booked(ctx context.Context, store VerifyStore, all []Movement) error {
	list, err := store.Bookable(ctx)
	if err != nil {
		return err
	}
	wanted := make(map[bookableID]*Bookable, len(list))
	for i := range list {
		wanted[bookableID{list[i].NoteID, list[i].TopUpID}] = &list[i]
		if list[i].NoteID != 0 {
			v.addDocument(&list[i])
		}
	}
	for i := range all {
		m := &all[i]
		v.addMovement(m)
		id := bookableID{m.NoteID, m.TopUpID}
		if id == (bookableID{}) {
			continue
		}
		if b := wanted[id]; b == nil || !b.fits(m) {
			v.add("verify_movement", fault.Args{"reference": m.Reference})
		}
		delete(wanted, id)
	}
	for i := range list { // in their order
		if b := &list[i]; wanted[bookableID{b.NoteID, b.TopUpID}] != nil {
			v.add("verify_movement", fault.Args{"reference": b.Reference})
		}
	}
	return nil
}

// allocated proves that nothing is settled beyond what it is, and that open
// items come to the balance.
func (v *Verification) allocated(ctx context.Context, store VerifyStore, all []Movement) error {
	allocations, err := store.Allocations(ctx)
	if err != nil {
		return err
	}
	known := make(map[int64]*Movement, len(all))
	for i := range all {
		known[all[i].ID] = &all[i]
	}
	for _, a := range allocations {
		by, item := known[a.Movement], known[a.Item]
		if by == nil || item == nil || by.Account != item.Account || !item.Kind.IsItem() || !by.Kind.settles() {
			v.add("verify_allocation", fault.Args{"movement": a.Movement, "item": a.Item})
		}
	}
	sums, err := store.AccountSums(ctx)
	if err != nil {
		return err
	}
	open := OpenItems(all, allocations)
	wrong, err := keptWrong(ctx, store, open)
	if err != nil {
		return err
	}
	for _, item := range open {
		sums[item.Account] -= item.Open
		v.total(item.Currency).Open += item.Open
		if abs(item.Open) > abs(item.Amount) || item.Open != 0 && (item.Open < 0) != (item.Amount < 0) {
			v.add("verify_allocation", fault.Args{"movement": item.ID, "item": item.ID})
		}
	}
	for account, off := range sums {
		if off != 0 {
			wrong[account] = true
		}
	}
	byKey := func(a, b Account) int {
		return cmp.Or(cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Currency, b.Currency))
	}
	for _, account := range slices.SortedFunc(maps.Keys(wrong), byKey) {
		v.add("verify_balance", fault.Args{"entity": account.Entity, "currency": account.Currency})
	}
	return nil
}

// keptWrong finds the accounts of which something else is kept than the movements
// and their allocations come to.
func keptWrong(ctx context.Context, store VerifyStore, all []OpenItem) (map[Account]bool, error) {
	open, err := store.KeptOpen(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := store.KeptAccounts(ctx)
	if err != nil {
		return nil, err
	}
	wrong := map[Account]bool{}
	for i := range all {
		m := &all[i]
		if kept := open[m.ID]; kept.Open != m.Open || m.Open != 0 && kept.Account != m.Account {
			wrong[m.Account] = true
		}
		delete(open, m.ID)
		b := accounts[m.Account]
		b.Movements--
		b.Amount -= m.Movement.Amount
		accounts[m.Account] = b
	}
	for account, b := range accounts {
		if b.Movements != 0 || b.Amount != 0 {
			wrong[account] = true
		}
	}
	for _, kept := range open { // of movements that there are not
		wrong[kept.Account] = true
	}
	return wrong, nil
}
