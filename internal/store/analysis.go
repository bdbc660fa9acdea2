package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// analysed is what an analysis asks of notes n and the owners e of a table t.
func (s *Store) analysed(where *condition, q creditnotes.AnalysisQuery, t string) {
	where.and("n.state IN ('issued', 'carried', 'zero') AND n.id NOT IN " + undoneNotes)
	where.and(t+".month >= ?", string(q.From))
	where.and(t+".month <= ?", string(q.Until))
	if q.Owners != nil {
		where.and("e.key "+s.dialect.in("?"), s.dialect.texts(q.Owners))
	}
	if q.Currency != "" {
		where.and("n.currency = ?", q.Currency)
	}
}

// analysisKeys are the columns of line_sums by which it is added up beside note and
// owner; of an analysis by owner there is none.
var analysisKeys = map[creditnotes.AnalysisBy]string{
	creditnotes.ByOwner: "'' AS key, '' AS rule", creditnotes.ByStation: "station_key AS key, '' AS rule", creditnotes.ByTariff: "tariff AS key, rule AS rule",
	creditnotes.ByMonth: "month AS key, '' AS rule",
}

// AnalysisRows implements creditnotes.AnalysisStore. The sums are added up by note
// and owner before these are looked at: there are few of them.
func (s *Store) AnalysisRows(ctx context.Context, q creditnotes.AnalysisQuery) ([]creditnotes.AnalysisRow, error) {
	var where, of condition
	where.and("month >= ?", string(q.From))
	where.and("month <= ?", string(q.Until))
	if q.Owners != nil {
		where.and("owner_id IN (SELECT id FROM entities WHERE key "+s.dialect.in("?")+")", s.dialect.texts(q.Owners))
	}
	of.args = where.args
	of.and("n.state IN ('issued', 'carried', 'zero') AND n.id NOT IN " + undoneNotes)
	if q.Currency != "" {
		of.and("n.currency = ?", q.Currency)
	}
	key := "l.key"
	if q.By == creditnotes.ByOwner {
		key = "e.key"
	}
	list, err := collect(ctx, s.readSQL, func(r *creditnotes.AnalysisRow) []any {
		return []any{&r.Key, &r.Rule, &r.Currency, &r.Sessions, &r.Energy, &r.Share, &r.Driver, &r.DriverShare, &r.Collected, &r.CollectedShare, &r.Unknown}
	}, "SELECT "+key+`, l.rule, n.currency, sum(l.f1), sum(l.f2), sum(l.f3), sum(l.f4), sum(l.f5), sum(l.f6), sum(l.f7), sum(l.f8)
		FROM (SELECT note_id, owner_id, `+analysisKeys[q.By]+`, sum(sessions) AS f1, sum(energy) AS f2, sum(net) AS f3, sum(driver_amount) AS f4,
				sum(driver_share) AS f5, sum(collected_amount) AS f6, sum(collected_share) AS f7, sum(unknown) AS f8
			FROM line_sums `+where.String()+` GROUP BY 1, 2, 3, 4) AS l
		JOIN credit_notes n ON n.id = l.note_id JOIN entities e ON e.id = l.owner_id `+of.String()+" GROUP BY 1, 2, 3", of.args...)
	if err != nil {
		return nil, fmt.Errorf("analysis: %w", err)
	}
	return list, nil
}

// AnalysisBeside implements creditnotes.AnalysisStore.
func (s *Store) AnalysisBeside(ctx context.Context, q creditnotes.AnalysisQuery) ([]creditnotes.AnalysisRow, error) {
	var where condition
	s.analysed(&where, q, "p")
	where.and("p.station_key = '' AND p.component <> 'carried_forward' AND n.kind <> 'cancellation'")
	key := "e.key"
	if q.By == creditnotes.ByMonth {
		key = "p.month"
	}
	type row struct {
		creditnotes.AnalysisRow
		credited, fees money.Amount
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.Key, &r.Currency, &r.credited, &r.fees} },
		"SELECT "+key+`, n.currency, sum(CASE WHEN n.kind = 'invoice' THEN 0 ELSE p.net END), sum(CASE WHEN n.kind = 'invoice' THEN p.net ELSE 0 END)
		FROM positions p JOIN credit_notes n ON n.id = p.note_id JOIN entities e ON e.id = p.owner_id `+where.String()+" GROUP BY 1, 2", where.args...)
	if err != nil {
		return nil, fmt.Errorf("analysis: %w", err)
	}
	list := make([]creditnotes.AnalysisRow, len(rows))
	for i := range rows {
		digits := digitsOf(rows[i].Currency)
		rows[i].Beside, rows[i].Fees = rows[i].credited.Micros(digits), rows[i].fees.Micros(digits)
		list[i] = rows[i].AnalysisRow
	}
	return list, nil
}

// AnalysisHeld implements creditnotes.AnalysisStore. A session that was corrected
// or credited since counts no more.
func (s *Store) AnalysisHeld(ctx context.Context, q creditnotes.AnalysisQuery) ([]creditnotes.HeldSum, error) {
	var where condition
	where.and("h.run_id = " + latestRun + " AND s.current")
	if q.Owners != nil {
		where.and("e.key "+s.dialect.in("?"), s.dialect.texts(q.Owners))
	}
	if q.Currency != "" {
		where.and("(h.currency = ? OR h.worth IS NULL)", q.Currency)
	}
	type row struct {
		creditnotes.HeldSum
		reason string
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.Owner, &r.reason, &r.Currency, &r.Sessions, &r.Energy, &r.Worth, &r.Unknown}
	}, `SELECT coalesce(e.key, ''), h.reason, h.currency, count(*), sum(CASE WHEN s.reversed THEN 0 ELSE s.energy END), coalesce(sum(h.worth), 0), count(*) - count(h.worth)
		FROM run_holds h JOIN sessions s ON s.id = h.session_id LEFT JOIN entities e ON e.id = h.owner_id `+where.String()+" GROUP BY 1, 2, 3", where.args...)
	if err != nil {
		return nil, fmt.Errorf("analysis: %w", err)
	}
	list := make([]creditnotes.HeldSum, len(rows))
	for i := range rows {
		list[i] = rows[i].HeldSum
		list[i].Reason = sessions.Reason(rows[i].reason)
	}
	return list, nil
}

// HeldInMonth counts what the latest run of a month held for a reason.
type HeldInMonth struct {
	Month    entities.Month
	Reason   sessions.Reason
	Sessions int64
}

// HeldOverTime counts by month and reason what the latest runs of at most so many
// months held, of some owners; nil: of all. The latest month comes first.
func (s *Store) HeldOverTime(ctx context.Context, owners []string, months int) ([]HeldInMonth, error) {
	var where condition
	where.and("h.run_id IN (SELECT max(r.id) FROM runs r WHERE r.stage IN ('issued', 'completed') GROUP BY r.month ORDER BY r.month DESC LIMIT ?)", months)
	if owners != nil {
		where.and("e.key "+s.dialect.in("?"), s.dialect.texts(owners))
	}
	list, err := collect(ctx, s.readSQL, func(h *HeldInMonth) []any { return []any{&h.Month, &h.Reason, &h.Sessions} },
		`SELECT r.month, h.reason, count(*) FROM run_holds h JOIN runs r ON r.id = h.run_id LEFT JOIN entities e ON e.id = h.owner_id `+where.String()+
			" GROUP BY 1, 2 ORDER BY 1 DESC, 3 DESC, 2", where.args...)
	if err != nil {
		return nil, fmt.Errorf("analysis: %w", err)
	}
	return list, nil
}

// AnalysisAwaited implements creditnotes.AnalysisStore.
func (s *Store) AnalysisAwaited(ctx context.Context, q creditnotes.AnalysisQuery) ([]creditnotes.AwaitedSum, error) {
	var where condition
	where.and("p.id = (SELECT max(x.id) FROM settlement_reports x WHERE x.owner_id = p.owner_id AND x.currency = p.currency)")
	if q.Owners != nil {
		where.and("e.key "+s.dialect.in("?"), s.dialect.texts(q.Owners))
	}
	if q.Currency != "" {
		where.and("p.currency = ?", q.Currency)
	}
	list, err := collect(ctx, s.readSQL, func(a *creditnotes.AwaitedSum) []any {
		return []any{&a.Owner, &a.Currency, &a.Driver, &a.Share, &a.Until}
	},
		"SELECT e.key, p.currency, p.awaited_driver, p.awaited_share, p.cutoff FROM settlement_reports p JOIN entities e ON e.id = p.owner_id "+where.String(), where.args...)
	if err != nil {
		return nil, fmt.Errorf("analysis: %w", err)
	}
	return list, nil
}
