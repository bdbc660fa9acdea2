package store

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Balances returns what the accounts of entities came to at the end of a day, by
// key and in order of currency; nil asks for all entities, an empty day for all
// movements.
func (s *Store) Balances(ctx context.Context, keys []string, until entities.Date) (map[string][]creditnotes.Balance, error) {
	query := "SELECT entity_key, currency, movements, balance FROM accounts %s ORDER BY entity_key, currency"
	var where condition
	if keys != nil {
		where.and("entity_key "+s.dialect.in("?"), s.dialect.texts(keys))
	}
	if until != "" {
		query = "SELECT entity_key, currency, count(*), CAST(sum(amount) AS bigint) FROM movements %s GROUP BY entity_key, currency ORDER BY entity_key, currency"
		where.and("value_date <= ?", string(until))
	}
	type row struct {
		key string
		creditnotes.Balance
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.key, &r.Currency, &r.Movements, &r.Amount} },
		fmt.Sprintf(query, where.String()), where.args...)
	balances := map[string][]creditnotes.Balance{}
	for _, r := range rows {
		balances[r.key] = append(balances[r.key], r.Balance)
	}
	return balances, err
}

// Statement makes the account statement of an entity (settlement.md §6.3). holdings
// are the connectors of its stations, and zone is that of the operator.
func (s *Store) Statement(
	ctx context.Context, q creditnotes.StatementQuery, network *entities.Network,
) (*creditnotes.AccountStatement, error) {
	a := &creditnotes.AccountStatement{StatementQuery: q, MadeAt: utc(s.now())}
	if a.AsOf.IsZero() {
		a.AsOf = a.MadeAt
	}
	if e := network.Tree.Entity(q.Entity); e != nil {
		a.Name, a.Language = e.DisplayName(), e.Language
	}
	err := s.snapshot(ctx, func(v view) error {
		rows, err := collect(ctx, v, (*movementRow).fields, "SELECT "+movementColumns+
			" FROM movements WHERE entity_key = $1 AND value_date <= $2 AND booked_at <= $3 ORDER BY value_date, id", q.Entity, string(q.Until), a.AsOf)
		if err != nil {
			return err
		}
		movements := make([]creditnotes.Movement, len(rows))
		for i := range rows {
			movements[i] = rows[i].domain()
		}
		var charges []creditnotes.StatementSession
		if q.WantsCharges() || !q.Since.IsZero() {
			if charges, err = s.charges(ctx, v, a, network); err != nil {
				return err
			}
		}
		a.Complete(movements, charges)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("statement of %s: %w", q.Entity, err)
	}
	return a, nil
}

// charges reads the sessions at the stations of an entity that ended in the
// range, in the versions that were known then, with the document that had
// credited them; and those that ended before the range and became known since.
func (s *Store) charges(
	ctx context.Context, v view, a *creditnotes.AccountStatement, network *entities.Network,
) (list []creditnotes.StatementSession, err error) {
	zone, holdings := network.Zone(), network.Holdings(a.Entity)
	begin, since := utc(a.From.In(zone)), orLast(a.Since)
	type row struct {
		creditnotes.StatementSession
		medium            string
		amount, fee       *int64
		collected, known  *time.Time
		connector, energy int64
	}
	for r, err := range each(ctx, v, func(r *row) []any {
		return []any{&r.ID, &r.Source, &r.ExternalID, &r.Version, &r.connector, &r.medium, &r.Start, &r.End, &r.Duration, &r.energy, &r.amount, &r.fee,
			&r.Currency, &r.collected, &r.known, &r.ReceivedAt, &r.EVSEID, &r.Number}
	}, `SELECT s.id, s.source, s.external_id, s.version, s.connector_id, s.medium_uid, s.started_at, s.ended_at, s.duration_s, s.energy,
			s.driver_amount, s.driver_fee, s.currency, s.collected_at, s.collection_known_at, s.received_at, c.evse_id,
			coalesce((SELECT max(n.number) FROM lines l JOIN credit_notes n ON n.id = l.note_id
				WHERE l.session_id IN (s.id, coalesce(s.same_as, s.id)) AND l.kind = 'credit' AND n.issued_at <= $2
					AND NOT EXISTS (SELECT 1 FROM credit_notes u WHERE u.cancels = n.id AND u.issued_at <= $2)), '')
		FROM sessions s JOIN connectors c ON c.id = s.connector_id
		WHERE s.connector_id `+s.dialect.in("$1")+` AND `+knownAt+` AND NOT s.reversed AND (s.ended_at >= $3 OR s.received_at > $5) AND s.ended_at < $4
		ORDER BY s.ended_at, s.id`,
		s.dialect.list(holdings.Connectors()), a.AsOf, begin, utc(a.Until.AddDays(1).In(zone)), since) {
		if err != nil {
			return nil, err
		}
		if !holdings.Have(r.connector, r.Start) {
			continue
		}
		one := r.StatementSession
		one.Earlier = one.End.Before(begin)
		one.ConnectorID, one.MediumUID, one.Energy = r.connector, sessions.MaskMedium(r.medium), money.Quantity(r.energy)
		one.DriverAmount, one.DriverFee = (*money.Micros)(r.amount), (*money.Micros)(r.fee)
		if r.known != nil && !r.known.After(a.AsOf) {
			one.CollectedAt, one.CollectionKnownAt = orZero(r.collected).UTC(), r.known.UTC()
		}
		if place := network.Place(r.connector); place != nil {
			one.Station, one.Machine = place.Station.Key, place.Station.Kind == entities.Machine
		}
		list = append(list, one)
	}
	return list, nil
}

// orLast is a time, or one after all others where it is zero.
func orLast(t time.Time) time.Time {
	if t.IsZero() {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return utc(t)
}

// Movements implements creditnotes.AccountBooks.
func (b *books) Movements(ctx context.Context) iter.Seq2[creditnotes.Movement, error] {
	return func(yield func(creditnotes.Movement, error) bool) {
		for row, err := range each(ctx, b.q, (*movementRow).fields, "SELECT "+movementColumns+" FROM movements ORDER BY id") {
			if !yield(row.domain(), err) || err != nil {
				return
			}
		}
	}
}

// MovementHead implements creditnotes.AccountBooks.
func (b *books) MovementHead(ctx context.Context) (id int64, hash string, err error) {
	err = b.q.QueryRowContext(ctx, "SELECT coalesce(max(id), 0), coalesce(max(hash), '') FROM movement_head").Scan(&id, &hash)
	return id, hash, translateError(err)
}

// Allocations implements creditnotes.AccountBooks.
func (b *books) Allocations(ctx context.Context) ([]creditnotes.Allocation, error) {
	return collect(ctx, b.q, allocationFields, "SELECT movement_id, item_id, amount FROM allocations ORDER BY movement_id, item_id")
}

// Bookable implements creditnotes.AccountBooks.
func (b *books) Bookable(ctx context.Context) ([]creditnotes.Bookable, error) {
	list, err := collect(ctx, b.q, func(n *creditnotes.Bookable) []any {
		return []any{&n.Entity, &n.Currency, &n.Kind, &n.Amount, &n.Value, &n.Reference, &n.NoteID}
	}, `SELECT n.recipient_key, n.currency, n.kind, CASE WHEN n.kind = 'invoice' OR c.kind = 'invoice' THEN -n.gross ELSE n.gross END, n.date, n.number, n.id
		FROM credit_notes n LEFT JOIN credit_notes c ON c.id = n.cancels
		WHERE n.number IS NOT NULL AND n.gross <> 0 ORDER BY n.id`)
	if err != nil {
		return nil, err
	}
	more, err := collect(ctx, b.q, func(t *creditnotes.Bookable) []any { return []any{&t.Currency, &t.Amount, &t.Reference, &t.TopUpID} },
		"SELECT currency, -amount, key, id FROM top_ups ORDER BY id")
	for i := range more {
		more[i].Kind = creditnotes.MovedTopUp
	}
	return slices.Concat(list, more), err
}

// AccountSums implements creditnotes.AccountBooks.
func (b *books) AccountSums(ctx context.Context) (map[creditnotes.Account]money.Amount, error) {
	type row struct {
		creditnotes.Account
		sum money.Amount
	}
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.Entity, &r.Currency, &r.sum} },
		"SELECT entity_key, currency, CAST(sum(amount) AS bigint) FROM movements GROUP BY entity_key, currency")
	sums := map[creditnotes.Account]money.Amount{}
	for _, r := range rows {
		sums[r.Account] = r.sum
	}
	return sums, err
}
