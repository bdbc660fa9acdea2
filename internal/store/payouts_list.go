package store

import (
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
)

// PayoutFilter narrows a listing of payouts; what is not set does not narrow.
type PayoutFilter struct {
	Entity   string        // key of the recipient
	State    payouts.State //
	ByHand   bool          // only those in no bank file
	External string        // key in another system
	Told     bool          // only what recipients are told of: those that were approved
	Scope    []string      // keys of the recipients; nil: all
}

// ListedPayout is a payout with the day on which it was to be executed.
type ListedPayout struct {
	payouts.Payout
	Requested entities.Date
}

// Payouts lists one page of payouts by their numbers, with the cursors of the pages
// beside it. A cursor that this listing never gave out is a Usage fault.
func (s *Store) Payouts(ctx context.Context, f PayoutFilter, p creditnotes.Page) (list []ListedPayout, next, previous string, err error) {
	query, err := s.payoutPage(ctx, f, p)
	if err != nil {
		return nil, "", "", err
	}
	err = s.snapshot(ctx, func(v view) error {
		type row struct {
			id        int64
			requested entities.Date
		}
		rows, err := collect(ctx, v, func(r *row) []any { return []any{&r.id, &r.requested} }, query.text, query.args...)
		if err != nil {
			return err
		}
		rows, next, previous = inOrder(rows, p, func(r *row) string { return idCursor(r.id) })
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.id
		}
		found, err := payoutsBy(ctx, v, s.dialect, v.db.Where("id IN ?", ids))
		byID := make(map[int64]payouts.Payout, len(found))
		for _, one := range found {
			byID[one.ID] = one
		}
		for _, r := range rows {
			list = append(list, ListedPayout{byID[r.id], r.requested})
		}
		return err
	})
	return list, next, previous, err
}

// payoutPage finds the payouts of a page, and one more where there are more.
func (s *Store) payoutPage(ctx context.Context, f PayoutFilter, p creditnotes.Page) (statement, error) {
	where := &condition{}
	if f.Entity != "" {
		where.and("p.entity_key = ?", f.Entity)
	}
	if f.State != "" {
		where.and("p.state = ?", string(f.State))
	}
	if f.External != "" {
		where.and("p.id IN (SELECT payout_id FROM payout_external_ids WHERE external_id = ?)", f.External)
	}
	if f.ByHand {
		where.and("p.currency <> '" + payouts.Euro + "'") // as the index has it
	}
	if f.Told {
		where.and("p.state NOT IN ('prepared', 'discarded')")
	}
	if err := s.addRecipientScope(ctx, where, "payouts", "p", f.Scope); err != nil {
		return statement{}, err
	}
	order, err := byID("p.id").narrow(where, p)
	return statement{limited("SELECT p.id, b.requested_date FROM payouts p JOIN payout_batches b ON b.id = p.batch_id "+where.String()+order, p.Size()+1), where.args}, err
}

// addRecipientScope lets through the rows of a table with ids and entity_key, read
// as an alias, whose recipient is of a scope; nil: all.
func (s *Store) addRecipientScope(ctx context.Context, where *condition, table, alias string, scope []string) error {
	if scope == nil {
		return nil
	}
	few, err := s.areFew(ctx, "SELECT id FROM "+table+" WHERE entity_key "+s.dialect.in("$1"), s.dialect.texts(scope))
	if few {
		where.and(alias+".id IN (SELECT id FROM "+table+" WHERE entity_key "+s.dialect.in("?")+")", s.dialect.texts(scope))
	} else {
		where.and(alias+".entity_key "+s.dialect.in("?"), s.dialect.texts(scope))
	}
	return err
}

// Payout finds a payout by its number. The scope is as in PayoutFilter: a payout
// beyond it, and one of which its recipient is not told, is a NotFound fault as one
// that does not exist.
func (s *Store) Payout(ctx context.Context, number string, scope []string) (*payouts.Payout, error) {
	list, err := payoutsBy(ctx, s.readSQL, s.dialect, s.db(ctx).Where("number = ?", number))
	if err != nil {
		return nil, err
	}
	if len(list) == 0 || scope != nil && (!slices.Contains(scope, list[0].Entity) || !list[0].Told()) {
		return nil, fault.New(fault.NotFound, "payout_unknown", fault.Args{"payout": number})
	}
	return &list[0], nil
}

// ToldPayouts are those of some payouts, by their numbers, that go to recipients of
// a scope and of which they are told: those that were approved.
func (s *Store) ToldPayouts(ctx context.Context, numbers, scope []string) (map[string]bool, error) {
	list, err := column[string](ctx, s.readSQL, `SELECT number FROM payouts WHERE number `+s.dialect.in("$1")+` AND entity_key `+s.dialect.in("$2")+`
		AND state NOT IN ('prepared', 'discarded')`, s.dialect.texts(numbers), s.dialect.texts(scope))
	told := make(map[string]bool, len(list))
	for _, number := range list {
		told[number] = true
	}
	return told, err
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
