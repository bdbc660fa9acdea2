package store

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// AssignBankEntry books a queued entry on what a person says it is about. Money
// that left executes a payout, which has its amount, or pays a document or an
// account; money that came in returns a payout, of which the bank may have kept a
// part, or settles a document or the oldest debts of an account; a status rejects a
// payout. Faults: bank_target, bank_entry_state, bank_entry_amount, bank_entry_kind, bank_entry_day,
// payout_state, and those of unknown payouts, documents and entities.
func (s *Store) AssignBankEntry(ctx context.Context, who string, id int64, to payouts.Target, reason string) error {
	if to.Count() != 1 {
		return fault.New(fault.Invalid, "bank_target", fault.Args{"entry": id})
	}
	err := s.durably(ctx, func(tx *Tx) error {
		row, err := tx.queuedEntry(id)
		if err != nil {
			return err
		}
		if row.Kind == string(payouts.FindingEntry) {
			return fault.New(fault.Invalid, "bank_entry_kind", fault.Args{"entry": id})
		}
		if to.Payout != "" {
			return tx.assignPayout(who, row, to, reason)
		}
		return tx.assignAccount(who, row, to, reason)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) { // of bank_entry_payouts_part
		return fault.Wrap(fault.Conflict, "bank_payout_told", fault.Args{"payout": to.Payout}, err)
	}
	return err
}

// MarkForeign says that a queued entry is not about any account, and why.
func (s *Store) MarkForeign(ctx context.Context, who string, id int64, reason string) error {
	if reason == "" {
		return fault.New(fault.Invalid, "bank_reason_missing", fault.Args{"entry": id}).At("reason")
	}
	return s.durably(ctx, func(tx *Tx) error {
		row, err := tx.queuedEntry(id)
		if err != nil {
			return err
		}
		row.State = string(payouts.EntryForeign)
		return tx.decideEntry(who, row, "bank_entries.foreign", reason, reason)
	})
}

// queuedEntry reads an entry that waits for a person, and takes the locks that
// booking it needs.
func (tx *Tx) queuedEntry(id int64) (*bankEntryRow, error) {
	if err := tx.lockConfiguration(); err != nil {
		return nil, err
	}
	if err := tx.lock("payouts"); err != nil {
		return nil, err
	}
	row, err := first[bankEntryRow](tx.db.Where("id = ?", id))
	if err != nil || row == nil {
		return nil, errorOr(err, entryUnknown(id))
	}
	if row.State != string(payouts.EntryQueued) {
		return nil, fault.New(fault.Conflict, "bank_entry_state", fault.Args{"entry": id, "state": row.State})
	}
	return row, nil
}

// decideEntry writes what a person decided.
func (tx *Tx) decideEntry(who string, row *bankEntryRow, action, after, reason string) error {
	values := set{"state": row.State, "outcome": row.Outcome, "why": row.Why, "movement_id": row.MovementID, "decided_at": utc(tx.now()), "decided_by": who,
		"decided_reason": reason}
	if err := inTable(tx.db.Model(&bankEntryRow{}).Where("id = ?", row.ID).Updates(values)); err != nil {
		return err
	}
	return tx.audit(Entry{Who: who, Action: action, Subject: entryName(row), After: after})
}

func entryName(row *bankEntryRow) string {
	return cmp.Or(row.Reference, row.EndToEndID, row.Key) + " " + row.Day
}

// assignPayout has an entry execute, return or reject a payout.
func (tx *Tx) assignPayout(who string, row *bankEntryRow, to payouts.Target, reason string) error {
	var where condition
	where.and("p.number = ?", to.Payout)
	list, err := tx.told(where)
	if err != nil || len(list) == 0 {
		return errorOr(err, fault.New(fault.NotFound, "payout_unknown", fault.Args{"payout": to.Payout}).At("payout"))
	}
	p := &list[0]
	if err := tx.entryFits(row, p); err != nil {
		return err
	}
	part, err := tx.happensTo(who, row, p)
	if err != nil {
		return err
	}
	changed := payouts.State(p.State) == payouts.Exported || part == partReturned && payouts.State(p.State) == payouts.Executed
	if err := create(tx.db, bankEntryPayoutRow{EntryID: row.ID, PayoutID: p.ID, Part: part, Changed: &changed}); err != nil {
		return err
	}
	row.settle(payouts.Outcome(part))
	return tx.decideEntry(who, row, "bank_entries.assigned", to.Payout, reason)
}

// entryFits refuses to have an entry of a day say something of a payout that cannot
// have happened on it.
func (tx *Tx) entryFits(row *bankEntryRow, p *toldPayout) error {
	if row.Kind != string(payouts.PaymentEntry) || p.says(partExecuted) && row.Amount < 0 {
		return nil
	}
	today, err := tx.today()
	if err != nil {
		return err
	}
	zone, err := tx.daysZone()
	if err != nil {
		return err
	}
	one := *p
	if row.Amount < 0 {
		one.ExecutedOn = ""
	}
	return one.happensBy(entities.Date(row.Day), today.AddDays(mostAhead), zone)
}

// happensTo books what an entry says of a payout.
func (tx *Tx) happensTo(who string, row *bankEntryRow, p *toldPayout) (part string, err error) {
	differs := fault.New(fault.Invalid, "bank_entry_amount", fault.Args{"entry": row.ID, "payout": p.Number,
		"amount": amountText(money.Amount(row.Amount), row.Currency) + " " + row.Currency, "expected": amountText(money.Amount(p.Amount), p.Currency) + " " + p.Currency}).At("payout")
	state := fault.New(fault.Conflict, "payout_state", fault.Args{"payout": p.Number, "state": p.State})
	switch {
	case row.Kind == string(payouts.StatusEntry):
		if payouts.State(p.State) == payouts.Rejected {
			return partRejected, nil
		}
		if row.EndToEndID == "" { // of the file
			return partRejected, tx.rejectFile(who, p.Number, cmp.Or(row.Reason, row.Text))
		}
		return partRejected, tx.rejectPayout(who, p.Number, cmp.Or(row.Reason, row.Text), entities.Date(row.Day))
	case row.Amount < 0 && (row.Amount != -p.Amount || row.Currency != p.Currency):
		return "", differs
	case row.Amount < 0 && p.leaves():
		return partExecuted, tx.leave(who, p, entities.Date(row.Day))
	case row.Amount < 0:
		return "", state
	case row.Amount == 0 || row.Amount > p.Amount || row.Currency != p.Currency:
		return "", differs
	case !slices.Contains([]payouts.State{payouts.Exported, payouts.Executed, payouts.Returned}, payouts.State(p.State)):
		return "", state
	}
	return partReturned, tx.comeBack(who, p, row)
}

// assignAccount has a payment settle a document, or the oldest items of an
// account.
func (tx *Tx) assignAccount(who string, row *bankEntryRow, to payouts.Target, reason string) error {
	if row.Kind != string(payouts.PaymentEntry) || row.Amount == 0 {
		return fault.New(fault.Invalid, "bank_entry_kind", fault.Args{"entry": row.ID})
	}
	if err := tx.notAhead(row); err != nil {
		return err
	}
	var items []int64
	account := creditnotes.Account{Entity: to.Entity, Currency: row.Currency}
	if to.Document != "" {
		item, err := tx.documentItem(to.Document, row.Currency)
		if err != nil {
			return err
		}
		account.Entity, items = item.EntityKey, []int64{item.ID}
	}
	if e, err := tx.entity(account.Entity); err != nil {
		return err
	} else if e.Parent == "" {
		return fault.New(fault.Invalid, "adjustment_operator", fault.Args{"entity": e.Key}).At("account")
	}
	if err := tx.pay(who, row, account, items...); err != nil {
		return err
	}
	return tx.decideEntry(who, row, "bank_entries.assigned", cmp.Or(to.Document, to.Entity), reason)
}

// notAhead refuses a payment whose day is too far ahead to have happened.
func (tx *Tx) notAhead(row *bankEntryRow) error {
	today, err := tx.today()
	if err != nil {
		return err
	}
	until := today.AddDays(mostAhead)
	if !until.Before(entities.Date(row.Day)) {
		return nil
	}
	return fault.New(fault.Invalid, "bank_entry_day", fault.Args{"entry": row.ID, "day": row.Day, "until": string(until)})
}

// documentItem is the movement of a document in a currency.
func (tx *Tx) documentItem(number, currency string) (*movementRow, error) {
	row, err := first[movementRow](tx.db.Where("reference = ? AND currency = ? AND note_id IS NOT NULL", number, currency))
	if err != nil || row == nil {
		return nil, errorOr(err, fault.New(fault.NotFound, "note_unknown", fault.Args{"number": number}).At("document"))
	}
	return row, nil
}

// SuggestForBankEntry lists what a queued entry may be about, the likeliest first.
func (s *Store) SuggestForBankEntry(ctx context.Context, e *payouts.BankEntry) (list []payouts.Suggestion, err error) {
	err = s.looking(ctx, func(tx *Tx) error {
		if e.Kind == payouts.FindingEntry {
			return nil
		}
		if list, err = tx.suggestPayouts(e); err != nil || e.Kind != payouts.PaymentEntry {
			return err
		}
		more, err := tx.suggestDocuments(e)
		if err != nil {
			return err
		}
		list = append(list, more...)
		more, err = tx.suggestAccounts(e)
		list = append(list, more...)
		return err
	})
	order := []payouts.Because{payouts.BecauseID, payouts.BecauseNamed, payouts.BecauseAmount, payouts.BecauseAccount, payouts.BecauseName}
	slices.SortStableFunc(list, func(a, b payouts.Suggestion) int {
		return slices.Index(order, a.Because) - slices.Index(order, b.Because)
	})
	return list[:min(len(list), mostSuggestions)], err
}

const mostSuggestions = 10

// suggestPayouts are those of the end-to-end id, or of the amount.
func (tx *Tx) suggestPayouts(e *payouts.BankEntry) (list []payouts.Suggestion, err error) {
	var where condition
	where.and("(p.number = ? OR p.amount = ? AND p.currency = ?)", e.EndToEnd, int64(max(e.Amount, -e.Amount)), e.Currency)
	where.and("p.state IN ('exported', 'executed', 'returned')")
	found, err := tx.told(where)
	for i := range found {
		p := &found[i]
		if fits := p.leaves(); e.Kind == payouts.PaymentEntry && (e.Amount < 0) != fits && (e.Amount < 0 || p.says(partReturned)) {
			continue
		}
		because := payouts.BecauseAmount
		if p.Number == e.EndToEnd {
			because = payouts.BecauseID
		} else if named, err := tx.names(e.EndToEnd+" "+e.Text, p); err != nil {
			return nil, err
		} else if named {
			because = payouts.BecauseNamed
		}
		list = append(list, payouts.Suggestion{Target: payouts.Target{Payout: p.Number}, Amount: money.Amount(p.Amount), Currency: p.Currency, Because: because})
	}
	return list, err
}

// suggestDocuments are those that the text names or that have the amount, of what
// recipients owe.
func (tx *Tx) suggestDocuments(e *payouts.BankEntry) (list []payouts.Suggestion, err error) {
	if e.Amount <= 0 {
		return nil, nil
	}
	debts, err := tx.debts()
	for _, d := range debts {
		because := payouts.BecauseAmount
		switch {
		case d.Currency != e.Currency || d.NoteID == nil:
			continue
		case payouts.Mentions(e.EndToEnd+" "+e.Text, d.Reference):
			because = payouts.BecauseNamed
		case -d.open != int64(e.Amount):
			continue
		}
		list = append(list, payouts.Suggestion{Target: payouts.Target{Document: d.Reference}, Amount: money.Amount(d.open), Currency: d.Currency, Because: because})
	}
	return list, err
}

// suggestAccounts are those of the recipients with the bank account or the name.
func (tx *Tx) suggestAccounts(e *payouts.BankEntry) (list []payouts.Suggestion, err error) {
	rows, err := find[entityRow](tx.db.Where("parent_key IS NOT NULL").Order("key"))
	for i := range rows {
		entity, err := rows[i].domain()
		if err != nil {
			return nil, err
		}
		s := payouts.Suggestion{Target: payouts.Target{Entity: entity.Key}, Currency: e.Currency, Because: payouts.BecauseAccount}
		switch {
		case e.IBAN != "" && entities.NormalIBAN(entity.Bank.IBAN) == e.IBAN:
		case e.Name != "" && (payouts.Mentions(e.Name, entity.DisplayName()) || payouts.Mentions(e.Name, cmp.Or(entity.Bank.Holder, entity.DisplayName()))):
			s.Because = payouts.BecauseName
		default:
			continue
		}
		list = append(list, s)
	}
	return list, err
}
