package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
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

// analysisKeys are the columns by which sums l of owners e are added up.
var analysisKeys = map[creditnotes.AnalysisBy]string{
	creditnotes.ByOwner: "e.key, ''", creditnotes.ByStation: "l.station_key, ''", creditnotes.ByTariff: "l.tariff, l.rule", creditnotes.ByMonth: "l.month, ''",
}

// AnalysisRows implements creditnotes.AnalysisStore.
func (s *Store) AnalysisRows(ctx context.Context, q creditnotes.AnalysisQuery) ([]creditnotes.AnalysisRow, error) {
	var where condition
	s.analysed(&where, q, "l")
	list, err := collect(ctx, s.readSQL, func(r *creditnotes.AnalysisRow) []any {
		return []any{&r.Key, &r.Rule, &r.Currency, &r.Sessions, &r.Energy, &r.Share, &r.Driver, &r.DriverShare, &r.Collected, &r.CollectedShare, &r.Unknown}
	}, "SELECT "+analysisKeys[q.By]+`, n.currency, sum(l.sessions), sum(l.energy), sum(l.net), sum(l.driver_amount), sum(l.driver_share), sum(l.collected_amount),
			sum(l.collected_share), sum(l.unknown)
		FROM line_sums l JOIN credit_notes n ON n.id = l.note_id JOIN entities e ON e.id = l.owner_id `+where.String()+" GROUP BY 1, 2, 3", where.args...)
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
