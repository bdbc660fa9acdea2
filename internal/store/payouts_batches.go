package store

import (
	"context"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/payouts"
)

// ListedBatch is a batch in a listing: without its payouts and what was left out,
// which are added up.
type ListedBatch struct {
	payouts.Batch
	Sums    []BatchSum // by currency
	LeftOut int        // how many were left out
}

// BatchSum adds up the payouts of a batch in one currency, without those that were
// discarded.
type BatchSum struct {
	Currency string
	Count    int
	Amount   money.Amount
}

// ListPayoutBatches lists one page of batches by their ids, with the cursors of the
// pages beside it. A cursor that this listing never gave out is a Usage fault.
func (s *Store) ListPayoutBatches(ctx context.Context, p creditnotes.Page) (list []ListedBatch, next, previous string, err error) {
	query, err := batchPage(p)
	if err != nil {
		return nil, "", "", err
	}
	err = s.snapshot(ctx, func(v view) error {
		ids, err := column[int64](ctx, v, query.text, query.args...)
		if err != nil {
			return err
		}
		ids, next, previous = inOrder(ids, p, func(id *int64) string { return idCursor(*id) })
		rows, err := find[payoutBatchRow](v.db.Where("id IN ?", ids))
		if err != nil {
			return err
		}
		at := make(map[int64]*ListedBatch, len(ids))
		list = make([]ListedBatch, len(ids))
		for i, id := range ids {
			at[id] = &list[i]
		}
		for i := range rows {
			at[rows[i].ID].Batch = rows[i].domain()
		}
		return s.addBatchSums(ctx, v, ids, at)
	})
	return list, next, previous, err
}

func batchPage(p creditnotes.Page) (statement, error) {
	where := &condition{}
	order, err := byID("id").narrow(where, p)
	return statement{limited("SELECT id FROM payout_batches "+where.String()+order, p.Size()+1), where.args}, err
}

func (s *Store) addBatchSums(ctx context.Context, q querier, ids []int64, at map[int64]*ListedBatch) error {
	type row struct {
		batch int64
		BatchSum
	}
	sums, err := collect(ctx, q, func(r *row) []any { return []any{&r.batch, &r.Currency, &r.Count, &r.Amount} },
		`SELECT batch_id, currency, count(*), CAST(sum(amount) AS bigint) FROM payouts WHERE batch_id `+s.dialect.in("$1")+` AND state <> 'discarded'
			GROUP BY batch_id, currency ORDER BY batch_id, currency`, s.dialect.list(ids))
	if err != nil {
		return err
	}
	for _, r := range sums {
		at[r.batch].Sums = append(at[r.batch].Sums, r.BatchSum)
	}
	left, err := collect(ctx, q, func(r *row) []any { return []any{&r.batch, &r.Count} },
		"SELECT batch_id, count(*) FROM payout_left_out WHERE batch_id "+s.dialect.in("$1")+" GROUP BY batch_id", s.dialect.list(ids))
	for _, r := range left {
		at[r.batch].LeftOut = r.Count
	}
	return err
}
