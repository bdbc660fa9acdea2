package store

import (
	"context"
	"fmt"
	"iter"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/tariffs"
)

// repriceRow is a row of reprices.
type repriceRow struct {
	ID         int64     `gorm:"column:id"`
	Rate       string    `gorm:"column:rate"`
	Contract   string    `gorm:"column:contract"`
	Since      string    `gorm:"column:since"`
	Reason     string    `gorm:"column:reason"`
	Sessions   int64     `gorm:"column:sessions"`
	AppliedAt  time.Time `gorm:"column:applied_at"`
	AskedBy    string    `gorm:"column:asked_by"`
	ApprovedBy string    `gorm:"column:approved_by"`
}

// TableName implements schema.Tabler.
func (repriceRow) TableName() string { return "reprices" }

// repriceSessionRow is a row of reprice_sessions: the version of a session that
// is priced anew.
type repriceSessionRow struct {
	SessionID int64 `gorm:"column:session_id"`
	RepriceID int64 `gorm:"column:reprice_id"`
}

// TableName implements schema.Tabler.
func (repriceSessionRow) TableName() string { return "reprice_sessions" }

// repriceMonthRow is a row of reprice_months.
type repriceMonthRow struct {
	RepriceID int64  `gorm:"column:reprice_id"`
	OwnerID   int64  `gorm:"column:owner_id"`
	Month     string `gorm:"column:month"`
	RunID     int64  `gorm:"column:run_id"` // the last run that does not count any more
}

// TableName implements schema.Tabler.
func (repriceMonthRow) TableName() string { return "reprice_months" }

// repriceFoundRow is a row of reprice_found: a session that comes to something
// else, as long as it is not carried out.
type repriceFoundRow struct {
	RepriceID int64     `gorm:"column:reprice_id"`
	SessionID int64     `gorm:"column:session_id"` // its current version
	PaidID    int64     `gorm:"column:paid_id"`    // the version that was paid
	PathID    int64     `gorm:"column:path_id"`    // and by which price path
	FoundAt   time.Time `gorm:"column:found_at"`
}

// TableName implements schema.Tabler.
func (repriceFoundRow) TableName() string { return "reprice_found" }

// Reprices lists what was priced anew, the latest first.
func (s *Store) Reprices(ctx context.Context) ([]creditnotes.AppliedReprice, error) {
	rows, err := find[repriceRow](s.db(ctx).Order("id DESC"))
	if err != nil {
		return nil, fmt.Errorf("reprices: %w", err)
	}
	list := make([]creditnotes.AppliedReprice, len(rows))
	for i, r := range rows {
		list[i] = creditnotes.AppliedReprice{
			RepriceQuery: creditnotes.RepriceQuery{Rate: r.Rate, Contract: r.Contract, From: entities.Date(r.Since), Reason: r.Reason},
			ID:           r.ID, Sessions: r.Sessions, AppliedAt: r.AppliedAt.UTC(), AskedBy: r.AskedBy, ApprovedBy: r.ApprovedBy,
		}
	}
	return list, nil
}

// repricing prices what was credited; sessions that come to something else are
// yielded. Progress may be nil.
func (s *Store) repricing(ctx context.Context, q creditnotes.RepriceQuery, progress func(done, of int)) (*creditnotes.Repricer, iter.Seq2[*creditnotes.CreditedSession, error], error) {
	config, err := s.Configuration(ctx)
	if err != nil {
		return nil, nil, err
	}
	frozen, err := s.FrozenContracts(ctx, &creditnotes.Run{})
	if err != nil {
		return nil, nil, err
	}
	r, err := creditnotes.NewRepricer(config, frozen, q)
	if err != nil {
		return nil, nil, err
	}
	paths, err := s.repricedPaths(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	if progress == nil {
		return r, r.Each(s.credited(ctx, r, paths, func() {})), nil
	}
	of, done := 0, 0
	if err := s.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM lines WHERE live AND kind = 'credit'").Scan(&of); err != nil {
		return nil, nil, translateError(err)
	}
	read := func() {
		if done++; done%importBatch == 0 {
			progress(min(done, of), of)
		}
	}
	return r, r.Each(s.credited(ctx, r, paths, read)), nil
}

// pathTold is what a reprice asks of a price path.
type pathTold struct{ rate, contract string }

// repricedPaths are the price paths of what may be priced anew: those of the cost
// rate, or for a contract all.
func (s *Store) repricedPaths(ctx context.Context, q creditnotes.RepriceQuery) (map[int64]pathTold, error) {
	type row struct {
		id      int64
		content string
	}
	paths := map[int64]pathTold{}
	for r, err := range each(ctx, s.readSQL, func(r *row) []any { return []any{&r.id, &r.content} }, "SELECT id, content FROM price_paths") {
		if err != nil {
			return nil, err
		}
		path, err := tariffs.ParsePath([]byte(r.content))
		if err != nil {
			return nil, err
		}
		info := creditnotes.PathInfoOf(path)
		if q.Rate == "" || info.CostRate == q.Rate {
			paths[r.id] = pathTold{info.CostRate, info.Contract}
		}
	}
	return paths, nil
}

// creditedSessions reads what is credited, with the version of the session that
// counts now: that of the line, or a later one that was the same charge and
// corrects nothing. What a later version corrects is not among them.
const creditedSessions = `
	SELECT coalesce(c.id, s.id), l.session_id, s.connector_id, s.class, s.medium_uid, s.partner, s.started_at, s.ended_at, s.duration_s, s.energy,
		CASE WHEN c.id IS NULL THEN s.driver_amount ELSE c.driver_amount END, CASE WHEN c.id IS NULL THEN s.driver_fee ELSE c.driver_fee END,
		coalesce(c.currency, s.currency), CASE WHEN c.id IS NULL THEN s.collected_at ELSE c.collected_at END,
		l.owner_id, l.path_id, n.currency, r.stage IN ('drafting', 'drafted', 'released'), ` + netsOf + `
	FROM lines l
	JOIN sessions s ON s.id = l.session_id
	JOIN credit_notes n ON n.id = l.note_id
	JOIN runs r ON r.id = l.run_id
	LEFT JOIN sessions c ON NOT s.current AND c.current AND c.source = s.source AND c.external_id = s.external_id
		AND l.driver_amount IS NULL AND (c.same_as = s.id OR c.same_as = s.same_as)
	WHERE l.live AND l.kind = 'credit' AND (s.current OR c.id IS NOT NULL) AND NOT s.reversed AND `

// creditedRow is one of them.
type creditedRow struct {
	creditnotes.CreditedSession
	amount, fee *int64
	collected   sqliteInstant
}

func (r *creditedRow) fields() []any {
	one := &r.CreditedSession
	return append([]any{&one.ID, &one.Line.SessionID, &one.ConnectorID, &one.Class, &one.MediumUID, &one.Partner, &one.Start, &one.End, &one.Duration, &one.Energy,
		&r.amount, &r.fee, &one.Session.Currency, &r.collected, &one.Line.OwnerID, &one.Line.PathID, &one.Currency, &one.Unfinished}, netFields(&one.Line.Nets)...)
}

// credited streams the sessions that a reprice looks at. A cost rate counts from
// the start of a session, a contract for the month in which it ends. Read is called
// with each, also one that the reprice is not about.
func (s *Store) credited(ctx context.Context, r *creditnotes.Repricer, paths map[int64]pathTold, read func()) iter.Seq2[*creditnotes.CreditedSession, error] {
	where, args := "s.started_at >= $1", []any{utc(r.Since())}
	if owner := r.Owner(); owner != "" {
		where, args = "s.ended_at >= $1 AND l.owner_id = (SELECT id FROM entities WHERE key = $2)", append(args, owner)
	}
	return func(yield func(*creditnotes.CreditedSession, error) bool) {
		for r, err := range each(ctx, s.readSQL, (*creditedRow).fields, creditedSessions+where, args...) {
			if err != nil {
				yield(nil, err)
				return
			}
			read()
			told, wanted := paths[r.Line.PathID]
			if !wanted {
				continue
			}
			one := &r.CreditedSession
			one.Contract, one.CollectedAt = told.contract, r.collected.Time
			one.DriverAmount, one.DriverFee = micros(r.amount != nil, r.amount), micros(r.fee != nil, r.fee)
			if !yield(one, nil) {
				return
			}
		}
	}
}
