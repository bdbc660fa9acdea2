package store

import (
	"slices"

	"creditrun/internal/payouts"
)

// batchSum is what the bank has not named yet of a batch that it executes, in
// euro cents.
type batchSum struct {
	batch     int64
	requested string // day
	sum       int64
	count     int // of payouts
	exported  int // of those that are not executed by hand either
}

// batchOfSum returns the one exported batch of at least two payouts that comes to
// the sum of a booking, or 0. A single payout is not found by its amount alone.
func (b *bankImport) batchOfSum(row *bankEntryRow) (int64, error) {
	if row.Currency != payouts.Euro {
		return 0, nil
	}
	if err := b.loadSums(); err != nil {
		return 0, err
	}
	var found int64
	for _, s := range b.sums {
		if s.sum != -row.Amount || s.count < 2 || s.exported == 0 || s.requested > row.Day {
			continue
		}
		if found != 0 {
			row.Why = string(payouts.WhyAmbiguous)
			return 0, nil
		}
		found = s.batch
	}
	return found, nil
}

// loadSums reads the sums of batches once; said keeps them up to date.
func (b *bankImport) loadSums() error {
	if b.sums != nil {
		return nil
	}
	if err := b.write(); err != nil {
		return err
	}
	list, err := collect(b.tx.ctx, b.tx.sql, func(s *batchSum) []any { return []any{&s.batch, &s.requested, &s.sum, &s.count, &s.exported} },
		`SELECT p.batch_id, b.requested_date, CAST(sum(p.amount) AS bigint), count(*), (SELECT count(*) FROM payouts x WHERE x.batch_id = p.batch_id AND x.state = 'exported')
			FROM payouts p JOIN payout_batches b ON b.id = p.batch_id
			WHERE p.batch_id IN (SELECT x.batch_id FROM payouts x WHERE x.state = 'exported') AND p.currency = $1
				AND p.state IN ('exported', 'executed', 'returned') AND NOT EXISTS (SELECT 1 FROM bank_entry_payouts l WHERE l.payout_id = p.id AND l.part = 'executed' AND NOT l.undone)
			GROUP BY p.batch_id, b.requested_date`, payouts.Euro)
	b.sums = map[int64]*batchSum{}
	for i := range list {
		b.sums[list[i].batch] = &list[i]
	}
	return err
}

// changed counts a payout of the batch that an entry changed.
func (s *batchSum) changed(before, after *toldPayout, leaves bool) {
	if leaves && !after.leaves() {
		s.sum, s.count = s.sum-after.Amount, s.count-1
	}
	if before.State == string(payouts.Exported) && after.State != before.State {
		s.exported--
	}
}

// batchToldBefore returns the one batch of which payouts that come to the sum of a
// booking were executed on its day one by one, as files of another kind said, or 0.
// A sum is told once: the second one is another payment. A single payout is not
// found by its amount alone here either.
func (b *bankImport) batchToldBefore(row *bankEntryRow) (int64, error) {
	if row.Currency != payouts.Euro {
		return 0, nil
	}
	list, known := b.told[row.Day]
	if !known {
		var err error
		if list, err = b.toldOn(row.Day); err != nil {
			return 0, err
		}
	}
	fits := func(s batchSum) bool { return s.sum == -row.Amount }
	at := slices.IndexFunc(list, fits)
	if at >= 0 && slices.ContainsFunc(list[at+1:], fits) {
		row.Why = string(payouts.WhyAmbiguous)
		at = -1
	}
	if at < 0 {
		b.told[row.Day] = list
		return 0, nil
	}
	batch := list[at].batch
	b.told[row.Day] = slices.Delete(list, at, at+1)
	return batch, nil
}

// toldOn lists the batches of which payouts were executed on a day, as files of
// another kind said, without those whose sum this kind of file told before.
func (b *bankImport) toldOn(day string) ([]batchSum, error) {
	if b.told == nil {
		b.told = map[string][]batchSum{}
	}
	if err := b.write(); err != nil {
		return nil, err
	}
	return collect(b.tx.ctx, b.tx.sql, func(s *batchSum) []any { return []any{&s.batch, &s.sum, &s.count} },
		`SELECT p.batch_id, CAST(sum(p.amount) AS bigint), count(*) FROM bank_entries e JOIN bank_entry_payouts l ON l.entry_id = e.id JOIN payouts p ON p.id = l.payout_id
			WHERE e.day = $1 AND e.source <> $2 AND l.part = 'executed' AND NOT l.undone AND p.currency = $3 AND NOT EXISTS (
				SELECT 1 FROM bank_entries x WHERE x.day = $1 AND x.source = $2 AND x.batch_id = p.batch_id AND x.state = 'ignored')
			GROUP BY p.batch_id HAVING count(*) > 1 ORDER BY p.batch_id`, day, string(b.result.Kind), payouts.Euro)
}
