package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
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

// PreviewReprice says what a reprice would change, and changes nothing. Sessions
// are streamed. Faults are those of RepriceQuery.Check, and of a configuration that
// contradicts itself.
func (s *Store) PreviewReprice(ctx context.Context, q creditnotes.RepriceQuery) (*creditnotes.RepriceResult, error) {
	r, differing, err := s.repricing(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, err := range differing {
		if err != nil {
			return nil, fmt.Errorf("reprice: %w", err)
		}
	}
	return r.Result(), nil
}

// Reprice prices credited sessions anew: each that comes to something else becomes
// its next version, so that the next run takes back what it was paid and pays the
// new price. Where runs wait for a second person, this waits, too, and the proposal
// is returned. A query without a reason is a Usage fault.
func (s *Store) Reprice(ctx context.Context, who string, q creditnotes.RepriceQuery) (done *creditnotes.RepriceResult, waiting *creditnotes.Proposal, err error) {
	if q.Reason == "" {
		return nil, nil, fault.New(fault.Usage, "reprice_reason", nil)
	}
	err = s.inTxOf(ctx, long, func(tx *Tx) error {
		done, waiting = nil, nil
		if err := tx.lockConfiguration(); err != nil {
			return err
		}
		settings, _, err := loadSettings(tx.db)
		if err != nil {
			return err
		}
		if settings.Release != creditnotes.ReleaseApprove {
			done, err = s.reprice(tx, q, who, who)
			return err
		}
		config, err := s.Configuration(ctx)
		if err != nil {
			return err
		}
		if err := q.Check(config); err != nil {
			return err
		}
		list, _, err := tx.propose(who, []moves{{creditnotes.MatterReprice, q.Subject(), "", jsonOf(q)}})
		if err == nil {
			waiting = &list[0]
		}
		return err
	})
	return done, waiting, err
}

func (s *Store) repriceApproved(tx *Tx, asked, approved string, after jsonText) error {
	var q creditnotes.RepriceQuery
	if err := after.read("after", &q); err != nil {
		return err
	}
	_, err := s.reprice(tx, q, asked, approved)
	return err
}

// repricing prices what was credited; the versions that come to something else are
// yielded.
func (s *Store) repricing(ctx context.Context, q creditnotes.RepriceQuery) (*creditnotes.Repricer, iter.Seq2[int64, error], error) {
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
	return r, r.Each(s.credited(ctx, r, paths)), nil
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
	SELECT coalesce(c.id, s.id), s.connector_id, s.class, s.medium_uid, s.partner, s.started_at, s.ended_at, s.duration_s, s.energy,
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
	return append([]any{&one.ID, &one.ConnectorID, &one.Class, &one.MediumUID, &one.Partner, &one.Start, &one.End, &one.Duration, &one.Energy,
		&r.amount, &r.fee, &one.Session.Currency, &r.collected, &one.Line.OwnerID, &one.Line.PathID, &one.Currency, &one.Unfinished}, netFields(&one.Line.Nets)...)
}

// credited streams the sessions that a reprice looks at. A cost rate counts from
// the start of a session, a contract for the month in which it ends.
func (s *Store) credited(ctx context.Context, r *creditnotes.Repricer, paths map[int64]pathTold) iter.Seq2[*creditnotes.CreditedSession, error] {
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

// reprice makes the next versions. The caller holds the lock of the configuration;
// no import and no run begins meanwhile.
func (s *Store) reprice(tx *Tx, q creditnotes.RepriceQuery, asked, approved string) (*creditnotes.RepriceResult, error) {
	if err := tx.lockSessions(); err != nil {
		return nil, err
	}
	r, differing, err := s.repricing(tx.ctx, q)
	if err != nil {
		return nil, err
	}
	id, err := tx.takeIDs("reprices", 1)
	if err != nil {
		return nil, err
	}
	var made []repriceSessionRow
	var ids []int64
	for one, err := range differing {
		if err != nil {
			return nil, fmt.Errorf("reprice: %w", err)
		}
		if ids = append(ids, one); len(ids) == importBatch {
			if made, err = tx.nextVersions(made, ids, id); err != nil {
				return nil, err
			}
			ids = ids[:0]
		}
	}
	if made, err = tx.nextVersions(made, ids, id); err != nil {
		return nil, err
	}
	result := r.Result()
	if result.Nothing() {
		return result, nil
	}
	return result, tx.keepReprice(id, result, made, asked, approved)
}

// nextVersions makes the next version of each session, with the same content. It
// stays released: it was credited, and no rule of plausibility asks again.
func (tx *Tx) nextVersions(made []repriceSessionRow, ids []int64, reprice int64) ([]repriceSessionRow, error) {
	if len(ids) == 0 {
		return made, nil
	}
	now := utc(tx.now())
	rows, err := collect(tx.ctx, tx.sql, (*sessionRow).fields,
		"SELECT "+strings.Join(columnsOf[sessionRow](), ", ")+" FROM sessions WHERE id "+tx.dialect.in("$1")+" ORDER BY id", tx.dialect.list(ids))
	if err != nil {
		return nil, err
	}
	first, err := tx.takeIDs("session", len(rows))
	if err != nil {
		return nil, err
	}
	next := make([]*sessionRow, len(rows))
	for i := range rows {
		row := &rows[i]
		row.ID, row.Version, row.Released, row.ReceivedAt, row.SameAs = first+int64(i), row.Version+1, true, now, nil
		next[i] = row
		made = append(made, repriceSessionRow{row.ID, reprice})
	}
	if err := tx.supersede(ids, now); err != nil {
		return nil, err
	}
	return made, tx.copySessions(next, &copyRows{})
}

// keepReprice records what was priced anew, and why.
func (tx *Tx) keepReprice(id int64, r *creditnotes.RepriceResult, made []repriceSessionRow, asked, approved string) error {
	row := repriceRow{id, r.Rate, r.Contract, string(r.From), r.Reason, r.Sessions, utc(tx.now()), asked, approved}
	if err := create(tx.db, row); err != nil {
		return err
	}
	if err := create(tx.db, made...); err != nil {
		return err
	}
	var last int64
	if err := tx.scanRow("SELECT coalesce(max(id), 0) FROM runs", nil, &last); err != nil {
		return err
	}
	months := make([]repriceMonthRow, len(r.Months))
	for i, m := range r.Months {
		months[i] = repriceMonthRow{id, m.OwnerID, string(m.Month), last}
	}
	if err := create(tx.db, months...); err != nil {
		return err
	}
	if len(months) > 0 {
		if err := tx.configurationChanged(); err != nil {
			return err
		}
	}
	return tx.audit(Entry{Who: approved, Action: "session.repriced", Subject: r.Subject(), Before: string(jsonOf(struct {
		AskedBy string `json:"asked_by"`
	}{asked})), After: string(jsonOf(r.JSON()))})
}
