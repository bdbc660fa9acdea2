package memory

import (
	"context"
	"iter"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// book adds movements to the end of the chain.
func (t *tx) book(list ...creditnotes.Movement) {
	for _, m := range list {
		m.ID, m.Booked = int64(len(t.Movements))+1, utc(m.Booked)
		if last := len(t.Movements); last > 0 {
			m.Previous = t.Movements[last-1].Hash
		}
		m.Hash = m.Seal()
		t.Movements = append(t.Movements, m)
	}
}

// bookNote writes what a document moves; a cancellation settles what is open of
// the document that it cancels.
func (t *tx) bookNote(n *creditnotes.Note, who string) {
	var cancels numbering.DocumentType
	if original := t.note(n.Cancels); original != nil {
		cancels = original.Kind
	}
	m, moves := creditnotes.NoteMovement(n, cancels)
	if !moves {
		return
	}
	m.Who = who
	t.book(m)
	at := slices.IndexFunc(t.Movements, func(m creditnotes.Movement) bool { return n.Cancels != 0 && m.NoteID == n.Cancels })
	if at < 0 {
		return
	}
	booked := t.Movements[len(t.Movements)-1]
	t.Allocations = append(t.Allocations, creditnotes.Allocate(booked.ID, booked.Amount, t.Movements[at].ID, creditnotes.OpenItems(t.Movements, t.Allocations))...)
}

// Movements implements creditnotes.AccountBooks.
func (b *books) Movements(context.Context) iter.Seq2[creditnotes.Movement, error] {
	return func(yield func(creditnotes.Movement, error) bool) {
		for _, m := range b.d.Movements {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// MovementHead implements creditnotes.AccountBooks.
func (b *books) MovementHead(context.Context) (id int64, hash string, err error) {
	if last := len(b.d.Movements); last > 0 {
		return b.d.Movements[last-1].ID, b.d.Movements[last-1].Hash, nil
	}
	return 0, "", nil
}

// Allocations implements creditnotes.AccountBooks.
func (b *books) Allocations(context.Context) ([]creditnotes.Allocation, error) {
	return b.d.Allocations, nil
}

// Bookable implements creditnotes.AccountBooks.
func (b *books) Bookable(context.Context) (list []creditnotes.Bookable, err error) {
	for i := range b.d.Notes {
		n := &b.d.Notes[i]
		var cancels numbering.DocumentType
		if original := b.d.note(n.Cancels); original != nil {
			cancels = original.Kind
		}
		if m, moves := creditnotes.NoteMovement(n, cancels); moves && n.Number != "" {
			list = append(list, creditnotes.Bookable{Account: m.Account, Kind: m.Kind, Amount: m.Amount, Value: m.Value, Reference: m.Reference, NoteID: n.ID})
		}
	}
	for _, t := range b.d.TopUps {
		list = append(list, creditnotes.Bookable{Account: creditnotes.Account{Currency: t.Currency}, Kind: creditnotes.MovedTopUp, Amount: -t.Amount,
			Reference: t.Key, TopUpID: t.ID})
	}
	return list, nil
}

// AccountSums implements creditnotes.AccountBooks.
func (b *books) AccountSums(context.Context) (map[creditnotes.Account]money.Amount, error) {
	sums := map[creditnotes.Account]money.Amount{}
	for _, m := range b.d.Movements {
		sums[m.Account] += m.Amount
	}
	return sums, nil
}

// KeptAccounts implements creditnotes.AccountBooks: they are computed.
func (b *books) KeptAccounts(context.Context) (map[creditnotes.Account]creditnotes.Balance, error) {
	kept := map[creditnotes.Account]creditnotes.Balance{}
	for _, m := range b.d.Movements {
		one := kept[m.Account]
		one.Currency, one.Movements, one.Amount = m.Currency, one.Movements+1, one.Amount+m.Amount
		kept[m.Account] = one
	}
	return kept, nil
}

// KeptOpen implements creditnotes.AccountBooks: they are computed.
func (b *books) KeptOpen(context.Context) (map[int64]creditnotes.KeptOpen, error) {
	kept := map[int64]creditnotes.KeptOpen{}
	for _, item := range creditnotes.OpenItems(b.d.Movements, b.d.Allocations) {
		if item.Open != 0 {
			kept[item.ID] = creditnotes.KeptOpen{Account: item.Account, Open: item.Open}
		}
	}
	return kept, nil
}

// PaidOut implements creditnotes.PayoutBooks: there are no payouts in memory.
func (b *books) PaidOut(context.Context) ([]creditnotes.PaidOut, error) { return nil, nil }

// BankBooked implements creditnotes.PayoutBooks.
func (b *books) BankBooked(context.Context) ([]creditnotes.BankBooked, error) { return nil, nil }

// BankUndone implements creditnotes.VerifyStore.
func (b *books) BankUndone(context.Context) ([]creditnotes.BankUndone, error) { return nil, nil }

// Advices implements creditnotes.VerifyStore: it keeps no payouts.
func (b *books) Advices(context.Context) iter.Seq2[creditnotes.StoredAdvice, error] {
	return func(func(creditnotes.StoredAdvice, error) bool) {}
}

// StoredReminders implements creditnotes.ReminderBooks: there are no reminders in
// memory.
func (b *books) StoredReminders(context.Context) ([]creditnotes.StoredReminder, error) {
	return nil, nil
}

// LostReminders implements creditnotes.ReminderBooks.
func (b *books) LostReminders(context.Context) ([]int64, error) { return nil, nil }

// BrokenReprices implements creditnotes.RepriceBooks: there are no reprices in
// memory.
func (b *books) BrokenReprices(context.Context) ([]creditnotes.BrokenReprice, error) {
	return nil, nil
}

// StoredDocuments implements creditnotes.DocumentBooks: contents are not kept in
// memory.
func (b *books) StoredDocuments(context.Context) ([]creditnotes.StoredDocument, error) {
	return nil, nil
}

// JournalProofs implements creditnotes.JournalBooks.
func (b *books) JournalProofs(context.Context) ([]creditnotes.JournalProof, error) { return nil, nil }
