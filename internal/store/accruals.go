package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// Accruals lists what was owed and on no document at the end of a day, by the
// dates of documents (settlement.md §10.4). What is on no document now is what
// the open month holds: its book is brought up to date before
// (creditnotes.OpenMonth.Refresh). scope are the keys of owners; nil: all.
func (s *Store) Accruals(ctx context.Context, day entities.Date, scope []string) (list *creditnotes.AccrualList, err error) {
	zone, err := s.operatorZone(ctx)
	if err != nil {
		return nil, err
	}
	state, err := s.OpenState(ctx)
	if err != nil {
		return nil, err
	}
	a := &accruals{store: s, day: day, end: creditnotes.EndOf(day, zone), scope: scope, book: state.Book, overtaken: state.Overtaken()}
	err = s.snapshot(ctx, func(v view) error {
		a.read = v
		for _, part := range []func(context.Context) error{a.ofLines, a.ofPositions, a.ofOpenLines, a.ofEntries, a.ofHolds} {
			if err := part(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("accruals: %w", err)
	}
	list = creditnotes.NewAccrualList(day, a.rows)
	if state.Book != nil && !a.overtaken {
		list.Complete, list.AsOf = true, state.Book.AsOf
	}
	return list, nil
}

// accruals collects the rows of a list.
type accruals struct {
	store     *Store
	read      view
	day       entities.Date
	end       time.Time // of the day
	scope     []string
	book      *creditnotes.OpenBook
	overtaken bool
	rows      []creditnotes.Accrual
}

// documented is what an owner has on a document.
type documented struct {
	creditnotes.Accrual
	state        creditnotes.State
	since, until entities.Date // of the document, and of its cancellation; empty: none
	minor        money.Amount
}

// datedNotes are the credit notes that may have not been there on the day $1, or
// be there no more, with the day of their cancellation.
const datedNotes = `WITH ended AS (
		SELECT x.cancels AS id, x.date FROM credit_notes x WHERE x.cancels IS NOT NULL AND x.state = 'issued'
		UNION ALL SELECT w.note_id, x.date FROM withdrawn_notes w JOIN credit_notes x ON x.id = w.cancellation_id
	), n AS (
		SELECT c.id, c.state, c.currency, c.date, coalesce(x.date, '') AS ended FROM credit_notes c LEFT JOIN ended x ON x.id = c.id
		WHERE c.kind = 'credit_note' AND (c.state IN ('draft', 'carried') OR c.date > $1 OR x.date > $1)
	)`

// documentedSince is the date of the document that has what stands on note n of
// owner l; empty: there is none.
const documentedSince = `CASE n.state WHEN 'draft' THEN '' WHEN 'carried' THEN coalesce((
		WITH RECURSIVE users (note_id) AS (
			SELECT u.note_id FROM carry_uses u WHERE u.carried_id = n.id AND u.owner_id = l.owner_id
			UNION
			SELECT u.note_id FROM users x JOIN carry_uses u ON u.carried_id = x.note_id AND u.owner_id = l.owner_id
		)
		SELECT min(d.date) FROM users x JOIN credit_notes d ON d.id = x.note_id WHERE d.state IN ('issued', 'zero')), '') ELSE n.date END`

// ofLines are the lines of sessions that ended by the day.
func (a *accruals) ofLines(ctx context.Context) error {
	where := &condition{args: []any{string(a.day), utc(a.end)}}
	where.and("l.kind IN ('credit', 'reversal') AND s.ended_at <= $2 AND (n.state <> 'draft' OR l.live)")
	list, err := collect(ctx, a.read, func(d *documented) []any {
		return []any{&d.Owner, &d.Currency, &d.state, &d.since, &d.until, &d.Sessions, &d.Energy, &d.Net}
	}, datedNotes+`, l AS (
			SELECT l.note_id, l.owner_id, CAST(sum(CASE l.kind WHEN 'credit' THEN 1 ELSE -1 END) AS bigint) AS sessions, CAST(sum(l.energy) AS bigint) AS energy,
				CAST(sum(`+lineNet+`) AS bigint) AS net
			FROM n `+a.store.dialect.then()+` lines l ON l.note_id = n.id `+a.store.dialect.then()+` sessions s ON s.id = l.session_id `+where.String()+`
			GROUP BY l.note_id, l.owner_id
		)
		SELECT e.key, n.currency, n.state, `+documentedSince+`, n.ended, l.sessions, l.energy, l.net
		FROM l JOIN n ON n.id = l.note_id JOIN entities e ON e.id = l.owner_id`, where.args...)
	for i := range list {
		list[i].Kind = creditnotes.AccruedSessions
		a.add(&list[i])
	}
	return err
}

// lineNet is all that a line l comes to.
const lineNet = "l.net_energy + l.net_time + l.net_fee + l.net_share + l.net_electricity_cost + l.net_electricity_tax + l.net_session_fees"

// ofPositions are the monthly sums of months that ended by the day, and custom
// records dated by then.
func (a *accruals) ofPositions(ctx context.Context) error {
	list, err := collect(ctx, a.read, func(d *documented) []any {
		return []any{&d.Owner, &d.Currency, &d.state, &d.since, &d.until, &d.minor}
	}, datedNotes+`, l AS (
			SELECT p.note_id, p.owner_id, CAST(sum(p.net) AS bigint) AS net FROM n JOIN positions p ON p.note_id = n.id LEFT JOIN custom_records c ON c.key = p.record
			WHERE p.component IN ('minimum_guarantee', 'volume_bonus') AND p.month <= $2 OR p.component = 'custom' AND c.date <= $1
			GROUP BY p.note_id, p.owner_id
		)
		SELECT e.key, n.currency, n.state, `+documentedSince+`, n.ended, l.net FROM l JOIN n ON n.id = l.note_id JOIN entities e ON e.id = l.owner_id`,
		string(a.day), sumsOfMonths.last(a.day))
	for i := range list {
		d := &list[i]
		d.Kind, d.Net = creditnotes.AccruedMonthly, d.minor.Micros(digitsOf(d.Currency))
		a.add(d)
	}
	return err
}

// add adds what an owner has on a document by whether the document was there on
// the day, and whether it is there now.
func (a *accruals) add(d *documented) {
	was := d.since != "" && !a.day.Before(d.since) && (d.until == "" || a.day.Before(d.until))
	row := d.Accrual
	switch {
	case d.until != "" && !was, d.until == "" && was:
		return
	case d.until != "":
		row.State = creditnotes.AccrualCancelled
		row.Sessions, row.Energy, row.Net = -row.Sessions, -row.Energy, -row.Net
	case d.state == creditnotes.Draft:
		row.State = creditnotes.AccrualDraft
	case d.since == "":
		row.State = creditnotes.AccrualCarried
	default:
		row.State = creditnotes.AccrualLater
	}
	a.keep(row)
}

// keep keeps a row of an owner that was asked for.
func (a *accruals) keep(row creditnotes.Accrual) {
	if a.scope == nil || slices.Contains(a.scope, row.Owner) {
		a.rows = append(a.rows, row)
	}
}

// ofOpenLines are the lines of the open month.
func (a *accruals) ofOpenLines(ctx context.Context) error {
	if a.book == nil {
		return nil
	}
	where := &condition{}
	q := &recordSearch{store: a.store, read: a.read, filter: &creditnotes.SettlementFilter{}, open: openSearch{a.book.ID, a.overtaken}}
	q.onOpenLines(where)
	where.and("l.kind IN ('credit', 'reversal') AND l.ended_at <= ?", utc(a.end))
	list, err := collect(ctx, a.read, func(r *creditnotes.Accrual) []any {
		return []any{&r.Owner, &r.Currency, &r.Sessions, &r.Energy, &r.Net}
	},
		`SELECT e.key, l.currency, CAST(sum(CASE l.kind WHEN 'credit' THEN 1 ELSE -1 END) AS bigint), CAST(sum(l.energy) AS bigint), CAST(sum(`+lineNet+`) AS bigint)
		FROM open_lines l JOIN entities e ON e.id = l.owner_id `+where.String()+" GROUP BY e.key, l.currency", utcArgs(where.args)...)
	for _, row := range list {
		row.Kind, row.State = creditnotes.AccruedSessions, creditnotes.AccrualOpen
		a.keep(row)
	}
	return err
}

// ofEntries are the monthly sums of the open month.
func (a *accruals) ofEntries(ctx context.Context) error {
	if a.book == nil || a.overtaken {
		return nil
	}
	list, err := openEntries(ctx, a.read, a.book.ID)
	for i := range list {
		if r := &list[i]; r.Direction == creditnotes.Revenue && !a.day.Before(r.Date) {
			a.keep(creditnotes.Accrual{Owner: r.Owner, Currency: r.Currency, Kind: creditnotes.AccruedMonthly, State: creditnotes.AccrualOpen, Net: r.Net})
		}
	}
	return err
}

// ofHolds are the sessions that are held, with what they would come to.
func (a *accruals) ofHolds(ctx context.Context) error {
	if a.book == nil {
		return nil
	}
	gone := ""
	if a.overtaken {
		gone = " AND NOT EXISTS (SELECT 1 FROM lines x WHERE x.session_id = h.session_id AND x.live AND x.kind <> 'reversal')"
	}
	list, err := collect(ctx, a.read, func(r *creditnotes.Accrual) []any {
		return []any{&r.Owner, &r.Currency, &r.Reason, &r.Sessions, &r.Energy, &r.Net, &r.Unknown}
	}, `SELECT coalesce(e.key, ''), h.worth_in, h.reason, count(*), CAST(sum(h.energy) AS bigint), CAST(coalesce(sum(h.worth), 0) AS bigint),
			CAST(sum(CASE WHEN h.worth IS NULL THEN 1 ELSE 0 END) AS bigint)
		FROM open_holds h JOIN sessions s ON s.id = h.session_id LEFT JOIN entities e ON e.id = h.owner_id
		WHERE h.note_id = $1 AND h.outcome = 'held' AND s.ended_at <= $2`+gone+" GROUP BY 1, 2, 3", -a.book.ID, utc(a.end))
	for _, row := range list {
		row.Kind, row.State = creditnotes.AccruedHeld, creditnotes.AccrualOpen
		a.keep(row)
	}
	return err
}
