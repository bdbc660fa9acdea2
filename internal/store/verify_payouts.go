package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"time"

	"creditrun/creditnotes"
)

// PaidOut implements creditnotes.PayoutBooks.
func (b *books) PaidOut(ctx context.Context) ([]creditnotes.PaidOut, error) {
	list, err := collect(ctx, b.q, func(p *creditnotes.PaidOut) []any {
		return []any{&p.Number, &p.Entity, &p.Currency, &p.Amount, &p.Items, &p.Executed, &p.Returned, &p.Movement}
	}, `SELECT p.number, p.entity_key, p.currency, p.amount,
			CAST(coalesce((SELECT sum(i.amount) FROM payout_items i WHERE i.payout_id = p.id), 0) AS bigint),
			p.state IN ('executed', 'returned'), p.state = 'returned', coalesce(p.movement_id, 0)
		FROM payouts p ORDER BY p.number`)
	if err != nil {
		return nil, fmt.Errorf("payouts: %w", err)
	}
	return list, nil
}

// BankBooked implements creditnotes.PayoutBooks.
func (b *books) BankBooked(ctx context.Context) ([]creditnotes.BankBooked, error) {
	list, err := collect(ctx, b.q, func(e *creditnotes.BankBooked) []any {
		return []any{&e.Entry, &e.Outcome, &e.Amount, &e.Movement, &e.Payouts, &e.Astray}
	}, `SELECT e.id, e.outcome, e.amount, coalesce(e.movement_id, 0), CAST(coalesce(sum(p.amount), 0) AS bigint),
			CAST(coalesce(sum(CASE WHEN l.part = 'executed' AND p.state NOT IN ('executed', 'returned') OR l.part = 'returned' AND p.state <> 'returned'
				OR l.part = 'rejected' AND p.state <> 'rejected' THEN 1 ELSE 0 END), 0) AS bigint)
		FROM bank_entries e LEFT JOIN bank_entry_payouts l ON l.entry_id = e.id LEFT JOIN payouts p ON p.id = l.payout_id
		WHERE e.state = 'booked' AND NOT EXISTS (SELECT 1 FROM bank_undos u WHERE u.entry_id = e.id) GROUP BY e.id, e.outcome, e.amount, e.movement_id ORDER BY e.id`)
	if err != nil {
		return nil, fmt.Errorf("bank entries: %w", err)
	}
	return list, nil
}

// BankUndone implements creditnotes.PayoutBooks.
func (b *books) BankUndone(ctx context.Context) ([]creditnotes.BankUndone, error) {
	list, err := collect(ctx, b.q, func(u *creditnotes.BankUndone) []any { return []any{&u.Entry, &u.Booked, &u.Back, &u.Moves, &u.Alike} },
		`SELECT u.entry_id, coalesce(u.booked_id, 0), coalesce(u.back_id, 0),
			e.movement_id IS NOT NULL OR EXISTS (SELECT 1 FROM bank_entry_payouts l WHERE l.entry_id = e.id AND l.changed AND l.part <> 'rejected'),
			i.amount = e.amount AND i.currency = e.currency AND i.account = e.account AND i.day = e.day AND i.file_id = e.file_id
				AND (e.movement_id IS NULL OR e.movement_id = u.booked_id)
				AND NOT EXISTS (SELECT 1 FROM bank_entry_payouts l WHERE l.entry_id = e.id AND NOT l.undone)
			FROM bank_undos u JOIN bank_entries e ON e.id = u.entry_id JOIN bank_entries i ON i.id = u.instead_id ORDER BY u.entry_id`)
	if err != nil {
		return nil, fmt.Errorf("decisions that were taken back: %w", err)
	}
	return list, nil
}

// Advices implements creditnotes.AdviceBooks.
func (b *books) Advices(ctx context.Context) iter.Seq2[creditnotes.StoredAdvice, error] {
	type row struct {
		creditnotes.StoredAdvice
		content string
	}
	since := time.Time{} // before all advices
	if !b.since.IsZero() {
		since = b.since
	}
	rows := each(ctx, b.q, func(r *row) []any {
		return []any{&r.Number, &r.Recipient, &r.Currency, &r.Amount, &r.content, &r.SHA256, &r.Earlier}
	}, `SELECT p.number, p.entity_key, p.currency, p.amount, CASE WHEN a.frozen_at < $1 THEN '' ELSE a.content END, a.hash, a.frozen_at < $1
		FROM remittance_advices a JOIN payouts p ON p.id = a.payout_id ORDER BY p.number`, since)
	return func(yield func(creditnotes.StoredAdvice, error) bool) {
		for r, err := range rows {
			r.Content = []byte(r.content)
			sum := sha256.Sum256(r.Content)
			r.Actual = hex.EncodeToString(sum[:])
			if !yield(r.StoredAdvice, err) || err != nil {
				return
			}
		}
	}
}
