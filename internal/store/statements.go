package store

import (
	"context"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// Balances returns what entities are owed by the credit notes made out to them,
// by key and in order of currency; nil asks for all entities.
func (s *Store) Balances(ctx context.Context, keys []string) (map[string][]creditnotes.Balance, error) {
	var where condition
	where.and("state = 'issued' AND NOT " + ofFees)
	if keys != nil {
		where.and("recipient_key "+s.dialect.in("?"), s.dialect.texts(keys))
	}
	type row struct {
		key string
		creditnotes.Balance
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.key, &r.Currency, &r.Notes, &r.Cancellations, &r.Gross} }, `
		SELECT recipient_key, currency, count(CASE WHEN kind = 'credit_note' THEN 1 END), count(CASE WHEN kind = 'cancellation' THEN 1 END),
			CAST(sum(gross) AS bigint)
		FROM credit_notes n `+where.String()+` GROUP BY recipient_key, currency ORDER BY recipient_key, currency`, where.args...)
	balances := map[string][]creditnotes.Balance{}
	for _, r := range rows {
		balances[r.key] = append(balances[r.key], r.Balance)
	}
	return balances, err
}

// Statement lists the credit notes issued to a recipient, and what cancels them, from a day on until before
// another, with the balance from before: one statement for each currency in
// which there ever was anything until then. An empty until is no bound.
func (s *Store) Statement(ctx context.Context, recipient string, from, until entities.Date) ([]creditnotes.Statement, error) {
	var where condition
	where.and("state = 'issued' AND NOT " + ofFees)
	where.and("recipient_key = ?", recipient)
	if until != "" {
		where.and("date < ?", string(until))
	}
	type row struct {
		currency string
		creditnotes.Movement
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.currency, &r.NoteID, &r.Date, &r.Number, &r.Kind, &r.Net, &r.Tax, &r.Gross}
	}, "SELECT currency, id, date, number, kind, net, tax, gross FROM credit_notes n "+where.String()+
		" ORDER BY currency, date, "+s.dialect.bytewise("number"), where.args...)
	var list []creditnotes.Statement
	for _, r := range rows {
		if len(list) == 0 || list[len(list)-1].Currency != r.currency {
			list = append(list, creditnotes.Statement{Currency: r.currency})
		}
		move(&list[len(list)-1], r.Movement, from)
	}
	return list, err
}

// move adds a document to a statement: to its movements, or to its opening
// balance where it is older.
func move(st *creditnotes.Statement, m creditnotes.Movement, from entities.Date) {
	st.Closing += m.Gross
	if m.Date < from {
		st.Opening = st.Closing
		return
	}
	m.Balance = st.Closing
	st.Movements = append(st.Movements, m)
}
