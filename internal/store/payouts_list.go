package store

import (
	"context"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// PayoutFilter narrows a listing of payouts; what is not set does not narrow.
type PayoutFilter struct {
	Entity string        // key of the recipient
	State  payouts.State //
	ByHand bool          // only those in no bank file
	Told   bool          // only what recipients are told of: those that were approved
	Scope  []string      // keys of the recipients; nil: all
}

// ListedPayout is a payout with the day on which it was to be executed.
type ListedPayout struct {
	payouts.Payout
	Requested entities.Date
}

// Payouts lists payouts, the latest first.
func (s *Store) Payouts(ctx context.Context, f PayoutFilter) (list []ListedPayout, err error) {
	err = s.snapshot(ctx, func(v view) error {
		query := v.db
		if f.Entity != "" {
			query = query.Where("entity_key = ?", f.Entity)
		}
		if f.State != "" {
			query = query.Where("state = ?", string(f.State))
		}
		if f.ByHand {
			query = query.Where("currency <> ?", payouts.Euro)
		}
		if f.Told {
			query = query.Where("state NOT IN ?", []string{string(payouts.Prepared), string(payouts.Discarded)})
		}
		if f.Scope != nil {
			query = query.Where("entity_key IN ?", f.Scope)
		}
		found, err := payoutsBy(ctx, v, query)
		if err != nil {
			return err
		}
		rows, err := find[payoutBatchRow](v.db)
		requested := map[int64]entities.Date{}
		for _, row := range rows {
			requested[row.ID] = entities.Date(row.RequestedDate)
		}
		for _, p := range slices.Backward(found) {
			list = append(list, ListedPayout{p, requested[p.Batch]})
		}
		return err
	})
	return list, err
}

// Payout finds a payout by its number. The scope is as in PayoutFilter: a payout
// beyond it, and one of which its recipient is not told, is a NotFound fault as one
// that does not exist.
func (s *Store) Payout(ctx context.Context, number string, scope []string) (*payouts.Payout, error) {
	list, err := payoutsBy(ctx, s.readSQL, s.db(ctx).Where("number = ?", number))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || scope != nil && (!slices.Contains(scope, list[0].Entity) || !list[0].Told()) {
		return nil, fault.New(fault.NotFound, "payout_unknown", fault.Args{"payout": number})
	}
	return &list[0], nil
}

// DuePayouts are the payouts that PreparePayouts would make of a day, and what it
// would leave out. Nothing is written.
func (s *Store) DuePayouts(ctx context.Context, day entities.Date) (drafts []payouts.Draft, left []payouts.LeftOut, err error) {
	err = s.snapshot(ctx, func(v view) error {
		settings, _, err := loadSettings(v.db)
		if err != nil {
			return err
		}
		accounts, err := dueAccounts(ctx, v, v.db, s.dialect)
		drafts, left = payouts.Prepare(day, settings.MinimumPayout, accounts)
		return err
	})
	return drafts, left, err
}

// PayoutOnItsWay is the number of the payout that is on its way to the bank with a
// document: it was approved, and the bank has not answered. Empty: none.
func (s *Store) PayoutOnItsWay(ctx context.Context, document string) (string, error) {
	list, err := column[string](ctx, s.readSQL, `SELECT p.number FROM payouts p JOIN payout_items i ON i.payout_id = p.id AND i.standing
		JOIN movements m ON m.id = i.movement_id JOIN credit_notes n ON n.id = m.note_id
		WHERE n.number = $1 AND p.state IN ('approved', 'exported')`, document)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// PaidNote is how a document was paid out.
type PaidNote struct {
	Payout string // number
	On     entities.Date
}

// PaidNotes says of documents by which executed payout they were paid. Those that
// were not, or whose payout came back, are not in it.
func (s *Store) PaidNotes(ctx context.Context, notes ...int64) (map[int64]PaidNote, error) {
	type row struct {
		note int64
		PaidNote
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.note, &r.Payout, &r.On} },
		`SELECT m.note_id, p.number, p.executed_on FROM movements m JOIN payout_items i ON i.movement_id = m.id JOIN payouts p ON p.id = i.payout_id
			WHERE m.note_id `+s.dialect.in("$1")+` AND i.amount > 0 AND p.state = 'executed' ORDER BY p.id`, s.dialect.list(notes))
	paid := map[int64]PaidNote{}
	for _, r := range rows {
		paid[r.note] = r.PaidNote
	}
	return paid, err
}

// PayoutHistory lists what the audit log says of a payout and its batch, the
// earliest first.
func (s *Store) PayoutHistory(ctx context.Context, p *payouts.Payout) ([]AuditEntry, error) {
	of, err := s.Audit(ctx, AuditFilter{Subject: p.Number})
	if err != nil {
		return nil, err
	}
	batch, err := s.Audit(ctx, AuditFilter{Subject: batchName(p.Batch)})
	all := append(of, batch...)
	slices.SortFunc(all, func(x, y AuditEntry) int { return int(x.ID - y.ID) })
	return all, err
}

// BatchHistory lists what the audit log says of a batch, the earliest first.
func (s *Store) BatchHistory(ctx context.Context, id int64) ([]AuditEntry, error) {
	list, err := s.Audit(ctx, AuditFilter{Subject: batchName(id)})
	slices.Reverse(list)
	return list, err
}
