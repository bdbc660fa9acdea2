package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// topUpRow is a row of top_ups.
type topUpRow struct {
	ID         int64     `gorm:"column:id"`
	Key        string    `gorm:"column:key"`
	EntityKey  string    `gorm:"column:entity_key"`
	UserName   string    `gorm:"column:user_name"`
	Amount     int64     `gorm:"column:amount"`
	Currency   string    `gorm:"column:currency"`
	At         time.Time `gorm:"column:at"`
	ReceivedAt time.Time `gorm:"column:received_at"`
}

// TableName implements schema.Tabler.
func (topUpRow) TableName() string { return "top_ups" }

func (r *topUpRow) domain() creditnotes.TopUp {
	return creditnotes.TopUp{ID: r.ID, Key: r.Key, Entity: r.EntityKey, User: r.UserName, Amount: money.Amount(r.Amount), Currency: r.Currency,
		At: r.At.UTC(), ReceivedAt: r.ReceivedAt.UTC()}
}

// TableResult counts what became of the records of a table.
type TableResult struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`
}

// tableImport is one import of top-ups or custom records on its way.
type tableImport struct {
	now    time.Time
	who    string
	config *creditnotes.Configuration
	plan   *creditnotes.Plan
	rows   rowImport
	result TableResult
}

func (s *Store) tableImport(ctx context.Context, who string, opts ImportOptions) (*tableImport, error) {
	config, err := s.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := creditnotes.NewPlan(config, "")
	if err != nil {
		return nil, err
	}
	return &tableImport{now: utc(s.now()), who: who, config: config, plan: plan, rows: rowImport{opts: opts}}, nil
}

// importTable runs one import in a transaction of its own.
func importTable[T any](
	ctx context.Context, s *Store, run *tableImport, source iter.Seq2[creditnotes.FromFile[T], error],
	take func(*Tx, []creditnotes.FromFile[T]) error,
) (TableResult, error) {
	err := s.tryTx(ctx, long, func(tx *Tx) error {
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		if err := inChunks(source, &run.rows, func(list []creditnotes.FromFile[T]) error { return take(tx, list) }); err != nil {
			return err
		}
		if run.rows.opts.Check {
			return errOnlyChecked
		}
		return nil
	})
	run.result.Rejected = run.rows.rejected
	if err != nil && !errors.Is(err, errOnlyChecked) {
		return TableResult{Rejected: run.rows.rejected}, givenUp(err)
	}
	return run.result, nil
}

// ImportTopUps takes in top-ups (settlement.md §3.9). One that is known is
// ignored; one with the id of another and other content is refused, as is one of
// an entity that is not there. Bad records are as in ImportSessions.
func (s *Store) ImportTopUps(
	ctx context.Context, who string, source iter.Seq2[creditnotes.FromFile[creditnotes.TopUp], error], opts ImportOptions,
) (TableResult, error) {
	run, err := s.tableImport(ctx, who, opts)
	if err != nil {
		return TableResult{}, err
	}
	return importTable(ctx, s, run, source, run.topUps)
}

// topUps stores some top-ups.
func (t *tableImport) topUps(tx *Tx, list []creditnotes.FromFile[creditnotes.TopUp]) error {
	keys := make([]string, len(list))
	for i := range list {
		keys[i] = list[i].Value.Key
	}
	stored, err := find[topUpRow](tx.db.Where("key IN ?", keys))
	if err != nil {
		return err
	}
	known := map[string]creditnotes.TopUp{}
	for i := range stored {
		known[stored[i].Key] = stored[i].domain()
	}
	var fresh []topUpRow
	for i := range list {
		one, at := &list[i].Value, &list[i]
		one.At = utc(one.At)
		earlier, again := known[one.Key]
		switch {
		case again && earlier.Same(one):
			t.result.Unchanged++
		case again:
			err = t.rows.refuse(at.Line, at.Record, "id", "a top-up that stays as it was taken in, or another id", one.Key+" with other content")
		case t.plan.Network.Tree.Entity(one.Entity) == nil:
			err = t.rows.refuse(at.Line, at.Record, "entity", "the key of an entity", one.Entity)
		default:
			known[one.Key] = *one
			fresh = append(fresh, topUpRow{Key: one.Key, EntityKey: one.Entity, UserName: one.User, Amount: int64(one.Amount),
				Currency: one.Currency, At: one.At, ReceivedAt: t.now})
		}
		if err != nil {
			return err
		}
	}
	return t.saveTopUps(tx, fresh)
}

func (t *tableImport) saveTopUps(tx *Tx, fresh []topUpRow) error {
	if len(fresh) == 0 {
		return nil
	}
	first, err := tx.takeIDs("top_ups", len(fresh))
	if err != nil {
		return err
	}
	for i := range fresh {
		fresh[i].ID = first + int64(i)
	}
	t.result.New += len(fresh)
	if err := create(tx.db, fresh...); err != nil {
		return err
	}
	movements := make([]creditnotes.Movement, len(fresh))
	for i := range fresh {
		one := fresh[i].domain()
		account := one.Entity
		if recipient, err := t.plan.Network.Tree.Recipient(t.plan.Network.Tree.Entity(one.Entity)); err == nil {
			account = recipient.Key
		}
		movements[i] = creditnotes.TopUpMovement(&one, account, t.plan.Network.Zone())
		movements[i].Who = t.who
	}
	if err := tx.book(movements); err != nil {
		return err
	}
	return tx.audit(Entry{Who: t.who, Action: "top_ups.imported", Subject: t.rows.opts.Name, After: string(jsonOf(map[string]int{"new": len(fresh)}))})
}

// TopUps lists top-ups, the latest first.
func (s *Store) TopUps(ctx context.Context, f creditnotes.TopUpFilter) ([]creditnotes.TopUp, error) {
	query := s.db(ctx).Order("at DESC, id DESC")
	if f.Entity != "" {
		query = query.Where("entity_key = ?", f.Entity)
	}
	if f.Currency != "" {
		query = query.Where("currency = ?", f.Currency)
	}
	if !f.From.IsZero() {
		query = query.Where("at >= ?", f.From)
	}
	if !f.Until.IsZero() {
		query = query.Where("at < ?", f.Until)
	}
	if f.Scope != nil {
		query = query.Where("entity_key IN ?", f.Scope)
	}
	rows, err := find[topUpRow](query)
	if err != nil {
		return nil, fmt.Errorf("top-ups: %w", err)
	}
	list := make([]creditnotes.TopUp, len(rows))
	for i := range rows {
		list[i] = rows[i].domain()
	}
	return list, nil
}

// Currencies returns what tells the currency of an owner (formats.md §2); of an
// unknown one it is empty.
func (s *Store) Currencies(ctx context.Context) (func(owner string) string, error) {
	run, err := s.tableImport(ctx, "", ImportOptions{})
	if err != nil {
		return nil, err
	}
	return func(owner string) string {
		if e := run.plan.Network.Tree.Entity(owner); e != nil {
			return run.plan.CurrencyOf(e)
		}
		return ""
	}, nil
}
