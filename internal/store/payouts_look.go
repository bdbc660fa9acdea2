package store

import (
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// lookAgain refuses a batch of which something is not as it was when it was
// prepared, and names each such payout: what is open of an item, an objection to its
// document, a hold of the recipient, its bank data, or the account of the operator
// after the approval. The configuration is locked.
func (tx *Tx) lookAgain(b *payouts.Batch) error {
	faults, err := tx.changedItems(b.ID)
	if err != nil {
		return err
	}
	waits, err := waitingBanks(tx.db)
	if err != nil {
		return err
	}
	recipients, err := accountHolders(tx.db, "")
	if err != nil {
		return err
	}
	today, err := tx.today()
	if err != nil {
		return err
	}
	for i := range b.Payouts {
		p := &b.Payouts[i]
		if !p.State.Standing() {
			continue
		}
		if key, detail := payeeObstacle(p, recipients[p.Entity], waits[p.Entity], max(today, b.Requested)); key != "" {
			faults = append(faults, fault.New(fault.Conflict, key, fault.Args{"payout": p.Number, "entity": p.Entity, "reason": detail}))
		}
	}
	iban, err := tx.debtorIBAN()
	if err != nil {
		return err
	}
	if b.DebtorIBAN != "" && b.DebtorIBAN != iban {
		faults = append(faults, fault.New(fault.Conflict, "payout_operator_bank", fault.Args{"batch": b.ID, "iban": entities.LastFour(b.DebtorIBAN)}))
	}
	return faults.Err()
}

// payeeObstacle is the key of the fault of a payout whose recipient is not as it was
// when the payout was prepared, with the reason of a hold; empty: it is.
func payeeObstacle(p *payouts.Payout, e *entities.Entity, waits bool, day entities.Date) (key, detail string) {
	was, is := p.Payee, payouts.PayeeOf(e)
	switch {
	case !e.PayoutHold.Since.IsZero() && !day.Before(e.PayoutHold.Since):
		return "payout_on_hold", e.PayoutHold.Reason
	case entities.NormalIBAN(was.IBAN) != entities.NormalIBAN(is.IBAN) || was.BIC != is.BIC || was.Holder != is.Holder:
		return "payout_bank_changed", ""
	case waits:
		return "payout_bank_waits", ""
	}
	return "", ""
}

// changedItems finds the items of a batch that are not open as they are paid, and
// those to whose documents the recipient objects.
func (tx *Tx) changedItems(batch int64) (faults fault.List, err error) {
	type row struct {
		payout, entity, document string
		amount, open             int64
		objection                bool
	}
	rows, err := collect(tx.ctx, tx.sql, func(r *row) []any { return []any{&r.payout, &r.entity, &r.document, &r.amount, &r.open, &r.objection} },
		`SELECT p.number, p.entity_key, m.reference, i.amount, coalesce(o.open, 0),
			EXISTS (SELECT 1 FROM objections j WHERE j.note_id = m.note_id AND j.state = 'open')
		FROM payouts p JOIN payout_items i ON i.payout_id = p.id AND i.standing JOIN movements m ON m.id = i.movement_id
		LEFT JOIN open_items o ON o.movement_id = m.id
		WHERE p.batch_id = $1 ORDER BY p.id, m.id`, batch)
	for _, r := range rows {
		switch {
		case r.amount != r.open:
			faults = append(faults, fault.New(fault.Conflict, "payout_item_changed", fault.Args{"batch": batch, "payout": r.payout, "document": r.document}))
		case r.objection && r.amount > 0:
			faults = append(faults, fault.New(fault.Conflict, "payout_objected", fault.Args{"payout": r.payout, "entity": r.entity, "document": r.document}))
		}
	}
	return faults, err
}

// debtorIBAN is the account of the operator, from which payouts are paid.
func (tx *Tx) debtorIBAN() (string, error) {
	operator, err := first[entityRow](tx.operator())
	if err != nil || operator == nil {
		return "", errorOr(err, fault.New(fault.Invalid, "operator_missing", nil))
	}
	e, err := operator.domain()
	return entities.NormalIBAN(e.Bank.IBAN), err
}
