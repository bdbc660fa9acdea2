package store

import (
	"context"
	"fmt"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/payouts"
)

// RunCancelled adds up the documents of runs that were cancelled, by run, currency
// and kind. RunSums has them, too.
func (s *Store) RunCancelled(ctx context.Context, runIDs []int64) (map[int64][]creditnotes.NoteTotal, error) {
	type sum struct {
		run int64
		creditnotes.NoteTotal
	}
	rows, err := collect(ctx, s.readSQL, func(t *sum) []any {
		return []any{&t.run, &t.Currency, &t.Kind, &t.Notes, &t.Net, &t.Tax, &t.Gross}
	}, `
		SELECT n.run_id, n.currency, n.kind, count(*), CAST(sum(n.net) AS bigint), CAST(sum(n.tax) AS bigint), CAST(sum(n.gross) AS bigint)
		FROM credit_notes n
		WHERE n.run_id `+s.dialect.in("$1")+` AND n.kind <> 'cancellation' AND n.state = 'issued' AND EXISTS (SELECT 1 FROM credit_notes x WHERE x.cancels = n.id AND x.state = 'issued')
		GROUP BY n.run_id, n.currency, n.kind ORDER BY n.run_id, n.currency, n.kind`, s.dialect.list(runIDs))
	sums := make(map[int64][]creditnotes.NoteTotal, len(runIDs))
	for _, row := range rows {
		sums[row.run] = append(sums[row.run], row.NoteTotal)
	}
	if err != nil {
		return nil, fmt.Errorf("cancelled documents: %w", err)
	}
	return sums, nil
}

// MonthStand adds up the sessions that end in a month by what became of them: on
// documents, on drafts, in the open month, and held. Sums of documents are those of
// the analysis, without cancelled ones. owners are keys; nil: all.
func (s *Store) MonthStand(ctx context.Context, month entities.Month, zone *time.Location, owners []string) (stand []creditnotes.MonthPart, err error) {
	add := func(state creditnotes.SessionState, query string, args ...any) error {
		list, err := collect(ctx, s.readSQL, func(p *creditnotes.MonthPart) []any {
			return []any{&p.Currency, &p.Sessions, &p.Energy, &p.Net, &p.Unknown}
		}, query, args...)
		for i := range list {
			list[i].State = state
		}
		stand = append(stand, list...)
		return err
	}
	first, last := string(month.FirstDay()), string(month.LastDay())
	const sums = "CAST(sum(l.sessions) AS bigint), CAST(sum(l.energy) AS bigint), CAST(sum(" + lineNet + ") AS bigint), 0"
	credited, drafted := &condition{}, &condition{}
	credited.and("l.month = ? AND n.state IN ('issued', 'carried', 'zero') AND n.id NOT IN "+undoneNotes, string(month))
	s.ownedBy(credited, owners)
	if err := add(creditnotes.SessionCredited, `SELECT n.currency, CAST(sum(l.sessions) AS bigint), CAST(sum(l.energy) AS bigint), CAST(sum(l.net) AS bigint), 0
		FROM line_sums l JOIN credit_notes n ON n.id = l.note_id JOIN entities e ON e.id = l.owner_id `+credited.String()+" GROUP BY 1", credited.args...); err != nil {
		return nil, fmt.Errorf("month: %w", err)
	}
	drafted.and("n.run_id IN (SELECT id FROM runs WHERE stage IN ('drafting', 'drafted', 'released')) AND n.state <> 'issued'")
	drafted.and("l.day >= ? AND l.day <= ?", first, last)
	s.ownedBy(drafted, owners)
	if err := add(creditnotes.SessionDrafted, "SELECT n.currency, "+sums+` FROM credit_notes n JOIN record_sums l ON l.note_id = n.id
		JOIN entities e ON e.id = l.owner_id `+drafted.String()+" GROUP BY 1", drafted.args...); err != nil {
		return nil, fmt.Errorf("month: %w", err)
	}
	state, err := s.OpenState(ctx)
	if err != nil || state.Book == nil || state.Overtaken() {
		return stand, err
	}
	open, held := &condition{}, &condition{}
	open.and("l.note_id = ? AND l.day >= ? AND l.day <= ?", -state.Book.ID, first, last)
	s.ownedBy(open, owners)
	if err := add(creditnotes.SessionOpen, "SELECT l.currency, "+sums+" FROM record_sums l JOIN entities e ON e.id = l.owner_id "+open.String()+" GROUP BY 1", open.args...); err != nil {
		return nil, fmt.Errorf("month: %w", err)
	}
	held.and("b.note_id = ? AND b.outcome = 'held' AND b.ended_at >= ? AND b.ended_at < ?", -state.Book.ID, utc(month.Start(zone)), utc(month.End(zone)))
	s.ownedBy(held, owners)
	err = add(creditnotes.SessionHeld, `SELECT b.worth_in, count(*), CAST(sum(b.energy) AS bigint), CAST(coalesce(sum(b.worth), 0) AS bigint),
		CAST(sum(CASE WHEN b.worth IS NULL THEN 1 ELSE 0 END) AS bigint) FROM open_holds b LEFT JOIN entities e ON e.id = b.owner_id `+held.String()+" GROUP BY 1", held.args...)
	if err != nil {
		return nil, fmt.Errorf("month: %w", err)
	}
	return stand, nil
}

// OpenBefore adds up, by currency, the sessions that the next run would credit and
// that end before a day.
func (s *Store) OpenBefore(ctx context.Context, day entities.Date) ([]creditnotes.MonthPart, error) {
	state, err := s.OpenState(ctx)
	if err != nil || state.Book == nil || state.Overtaken() {
		return nil, err
	}
	list, err := collect(ctx, s.readSQL, func(p *creditnotes.MonthPart) []any { return []any{&p.Currency, &p.Sessions, &p.Energy, &p.Net} },
		"SELECT l.currency, CAST(sum(l.sessions) AS bigint), CAST(sum(l.energy) AS bigint), CAST(sum("+lineNet+") AS bigint) FROM record_sums l WHERE l.note_id = $1 AND l.day < $2 GROUP BY 1 ORDER BY 1",
		-state.Book.ID, string(day))
	if err != nil {
		return nil, fmt.Errorf("open month: %w", err)
	}
	for i := range list {
		list[i].State = creditnotes.SessionOpen
	}
	return list, nil
}

// ownedBy narrows rows to owners e; nil: all.
func (s *Store) ownedBy(where *condition, owners []string) {
	if owners != nil {
		where.and("e.key "+s.dialect.in("?"), s.dialect.texts(owners))
	}
}

// AskedQuestion is a question with the current version of the session that it is
// about; 0: there is none.
type AskedQuestion struct {
	ID, SessionID int64
	ExternalID    string
	AskedAt       time.Time
	Text, Answer  string
	Answered      bool
}

// QuestionsAsked lists the questions that a person asked, the latest first, at most
// some.
func (s *Store) QuestionsAsked(ctx context.Context, who string, most int) ([]AskedQuestion, error) {
	list, err := collect(ctx, s.readSQL, func(q *AskedQuestion) []any {
		return []any{&q.ID, &q.SessionID, &q.ExternalID, &q.AskedAt, &q.Text, &q.Answer, &q.Answered}
	}, limited(`SELECT q.id, coalesce((SELECT s.id FROM sessions s WHERE s.source = q.session_source AND s.external_id = q.session_external_id AND s.current), 0),
			q.session_external_id, q.asked_at, q.text, q.answer, q.answered_at IS NOT NULL
		FROM session_queries q WHERE q.asked_by = $1 ORDER BY q.id DESC`, most), who)
	if err != nil {
		return nil, fmt.Errorf("questions: %w", err)
	}
	return list, nil
}

// PayoutsToCome adds up what prepared, approved and exported batches pay on a day
// and later, by day and currency.
func (s *Store) PayoutsToCome(ctx context.Context, from entities.Date) ([]payouts.CashDay, error) {
	list, err := collect(ctx, s.readSQL, func(d *payouts.CashDay) []any { return []any{&d.Day, &d.Currency, &d.Payouts, &d.Amount} },
		`SELECT b.requested_date, p.currency, count(*), CAST(sum(p.amount) AS bigint) FROM payout_batches b JOIN payouts p ON p.batch_id = b.id
		WHERE b.requested_date >= $1 AND b.state <> 'discarded' GROUP BY 1, 2 ORDER BY 1, 2`, string(from))
	if err != nil {
		return nil, fmt.Errorf("payouts: %w", err)
	}
	return list, nil
}
