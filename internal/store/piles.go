package store

import (
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// Pile is how much of one kind waits for a person.
type Pile struct {
	Count  int
	Oldest time.Time // since when the oldest waits; zero: nothing waits
	Newest time.Time // since when the newest waits
	Values []PileValue
	Only   string // number, name or id of what waits, where it is one
}

// PileValue is what a pile comes to in one currency.
type PileValue struct {
	Currency string
	Amount   money.Amount
}

// piled says how a pile is counted: every query goes by an index of what waits.
type piled struct {
	from, where string // rows that wait
	count       string // empty: rows
	at          string // since when a row waits
	newest      string // when a row last changed, and the order for that; empty: at
	id          string // the order of the rows: one column
	only        string // what names a row, as text; empty: nothing
	// values yields currency and amount; $1 and so on are the arguments.
	values string
}

func (s *Store) pile(ctx context.Context, p piled, args ...any) (out Pile, err error) {
	from := " FROM " + p.from + " WHERE " + p.where
	count := "count(*)"
	if p.count != "" {
		count = p.count
	}
	counts, err := column[int64](ctx, s.readSQL, "SELECT "+count+from, args...)
	if err != nil || len(counts) == 0 || counts[0] == 0 {
		return out, err
	}
	out.Count = int(counts[0])
	if out.Oldest, err = s.pileTime(ctx, p, from, "", args); err != nil {
		return out, err
	}
	if out.Newest, err = s.pileTime(ctx, p, from, " DESC", args); err != nil {
		return out, err
	}
	if p.only != "" && out.Count == 1 {
		names, err := column[string](ctx, s.readSQL, "SELECT "+p.only+from, args...)
		if err != nil || len(names) != 1 {
			return out, err
		}
		out.Only = names[0]
	}
	if p.values == "" {
		return out, nil
	}
	out.Values, err = collect(ctx, s.readSQL, func(v *PileValue) []any { return []any{&v.Currency, &v.Amount} }, p.values, args...)
	return out, err
}

func (s *Store) pileTime(ctx context.Context, p piled, from, direction string, args []any) (time.Time, error) {
	at, order := p.at, p.id
	if p.newest != "" && direction != "" {
		at, order = p.newest, p.newest
	}
	query := "SELECT " + at + from + " ORDER BY " + order + direction + " LIMIT 1"
	times, err := column[time.Time](ctx, s.readSQL, query, args...)
	if err != nil || len(times) == 0 {
		return time.Time{}, err
	}
	return times[0].UTC(), nil
}

// piles says how each is counted, by the name of its kind.
var piles = map[string]piled{
	"threads": {from: "threads t", where: "t.state = 'open' AND t.waits_for = $1 AND t.kind = $2", at: "t.changed_at", id: "t.changed_at", only: "CAST(t.id AS text)"},
	"objections": {from: "threads t", where: "t.state = 'open' AND t.kind = 'objection'", at: "t.opened_at", newest: "t.changed_at", id: "t.id", only: "CAST(t.id AS text)",
		values: "SELECT n.currency, CAST(sum(n.gross) AS bigint) FROM objections o JOIN credit_notes n ON n.id = o.note_id WHERE o.state = 'open' GROUP BY n.currency ORDER BY n.currency"},
	"changes": {from: "proposals p", where: "p.state = 'waiting' AND p.asked_by <> $1", at: "p.asked_at", id: "p.id"},
	"drafts": {from: "runs r", where: "r.stage = 'drafted' AND r.created_by <> $1", at: "r.created_at", id: "r.id", only: "r.name",
		values: `SELECT n.currency, CAST(sum(n.gross) AS bigint) FROM runs r JOIN credit_notes n ON n.run_id = r.id AND n.state = 'draft' AND n.kind = 'credit_note'
			WHERE r.stage = 'drafted' AND r.created_by <> $1 GROUP BY n.currency ORDER BY n.currency`},
	"payouts": {from: "payout_batches b", where: "b.state = 'prepared' AND b.prepared_by <> $1", at: "b.prepared_at", id: "b.id", only: "CAST(b.id AS text)",
		values: `SELECT p.currency, CAST(sum(p.amount) AS bigint) FROM payout_batches b JOIN payouts p ON p.batch_id = b.id AND p.state = 'prepared'
			WHERE b.state = 'prepared' AND b.prepared_by <> $1 GROUP BY p.currency ORDER BY p.currency`},
	"mails": {from: "deliveries d", where: "d.state IN ('failed', 'parked', 'incomplete') AND d.state <> 'sent' AND " + latest, at: "d.created_at", id: "d.id"},
	"bank": {from: "bank_entries e JOIN bank_files f ON f.id = e.file_id", where: "e.state = 'queued'", at: "f.read_at", id: "e.id", only: "CAST(e.id AS text)",
		values: "SELECT e.currency, CAST(sum(e.amount) AS bigint) FROM bank_entries e WHERE e.state = 'queued' AND e.amount <> 0 GROUP BY e.currency ORDER BY e.currency"},
}

// ThreadPile is how many threads of a kind wait for a side; of a Sub-CPO, those
// of the entities of its scope.
func (s *Store) ThreadPile(ctx context.Context, kind creditnotes.ThreadKind, side creditnotes.Side, scope []string) (Pile, error) {
	p := piles["threads"]
	args := []any{string(side), string(kind)}
	if scope != nil {
		p.where += " AND t.entity_key " + s.dialect.in("$3")
		args = append(args, s.dialect.texts(scope))
	}
	return s.pile(ctx, p, args...)
}

// ObjectionPile is how many objections are open, with the gross amounts of their
// notes.
func (s *Store) ObjectionPile(ctx context.Context) (Pile, error) {
	return s.pile(ctx, piles["objections"])
}

// ProposalPile is how many changes wait for another person than who asked for
// them: those that who may decide.
func (s *Store) ProposalPile(ctx context.Context, who string) (Pile, error) {
	return s.pile(ctx, piles["changes"], who)
}

// DraftPile is how many runs wait for their release by who, with the gross
// amounts of their drafts.
func (s *Store) DraftPile(ctx context.Context, who string) (Pile, error) {
	return s.pile(ctx, piles["drafts"], who)
}

// PayoutPile is how many batches of payouts wait for their approval by who, with
// what is to be paid.
func (s *Store) PayoutPile(ctx context.Context, who string) (Pile, error) {
	return s.pile(ctx, piles["payouts"], who)
}

// MailPile is how many mails of all runs have not reached everyone and are not
// tried again by themselves.
func (s *Store) MailPile(ctx context.Context) (Pile, error) {
	return s.pile(ctx, piles["mails"])
}

// BankPile is how many bank entries wait for a person, with their amounts.
func (s *Store) BankPile(ctx context.Context) (Pile, error) {
	return s.pile(ctx, piles["bank"])
}

// With adds another pile of the same kind.
func (p Pile) With(other Pile) Pile {
	switch {
	case p.Count == 0:
		return other
	case other.Count == 0:
		return p
	}
	p.Count, p.Only = p.Count+other.Count, ""
	if other.Oldest.Before(p.Oldest) {
		p.Oldest = other.Oldest
	}
	if other.Newest.After(p.Newest) {
		p.Newest = other.Newest
	}
	return p
}
