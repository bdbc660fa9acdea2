package store

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// listedRow is what a listing reads.
type listedRow struct {
	placedRow
	State   string
	Reason  string
	Number  string
	Other   string // external id of the session that it overlaps
	OtherID int64

	Next, NextReason, Currency string
	Net                        sql.NullInt64
}

func (r *listedRow) fields() []any {
	return append(r.placedRow.fields(), &r.State, &r.Reason, &r.Number, &r.Other, &r.OtherID, &r.Next, &r.NextReason, &r.Net, &r.Currency)
}

func (r *listedRow) row() creditnotes.SessionRow {
	row := creditnotes.SessionRow{
		Session: r.domain(), State: creditnotes.SessionState(r.State), Reason: sessions.Reason(r.Reason), Number: r.Number, Other: r.Other, OtherID: r.OtherID,
		Next: creditnotes.SessionState(r.Next), NextReason: sessions.Reason(r.NextReason),
	}
	if r.Net.Valid && r.Next != "" {
		row.Net, row.Currency = new(money.Micros(r.Net.Int64)), r.Currency
	}
	return row
}

// latestRun is the run whose holds count.
const latestRun = "(SELECT max(id) FROM runs WHERE stage <> 'discarded')"

// lineState tells the state of a session that has a line l, from its note n.
const lineState = `CASE WHEN l.kind IN ('excluded', 'withdrawn') THEN l.kind
		WHEN n.state = 'zero' THEN 'zero'
		WHEN n.state = 'draft' THEN 'drafted'
		ELSE 'credited' END`

// stateWords tells the state of a session from its line l, if it has one, the
// line's note n, and its hold h. Whether a person has to decide about an id
// used twice is known without a run, and after the decision a run's hold for it
// counts no more.
const stateWords = "CASE WHEN l.kind IS NOT NULL THEN " + lineState +
	" WHEN " + settledAlike + " THEN 'credited'" +
	" WHEN s.id_reused OR coalesce(h.reason, 'id_reused') <> 'id_reused' THEN 'held' ELSE 'open' END"

// outcomes joins sessions s with what became of them.
const outcomes = `
	LEFT JOIN lines l ON l.session_id = s.id AND l.live AND l.kind <> 'reversal'
	LEFT JOIN credit_notes n ON n.id = l.note_id
	LEFT JOIN run_holds h ON h.session_id = s.id AND h.run_id = ` + latestRun

// excludedReason is why the session of an excluded line l is never credited.
// Lines from before the reason was kept tell it by their owner.
const excludedReason = `coalesce(l.reason, CASE WHEN l.owner_id = (SELECT id FROM entities WHERE parent_key IS NULL)
		THEN 'operator_owned' ELSE 'before_start_date' END)`

const stateReason = "CASE WHEN l.kind = 'excluded' THEN " + excludedReason + " WHEN l.kind IS NOT NULL THEN '' WHEN s.id_reused THEN " + reusedReason +
	" WHEN h.reason = 'id_reused' THEN '' ELSE coalesce(h.reason, '') END"

// reusedReason is why a session is held whose id is another's.
const reusedReason = "CASE WHEN s.status = 'invalid' AND NOT s.released THEN 'invalid' ELSE 'id_reused' END"

// reused are the sessions about whose id a person has to decide.
const reused = "SELECT s.id FROM sessions s WHERE s.reused_id <> '' AND s.id_reused AND s.current"

// listSessions reads listedRows of the sessions that were picked.
func (q *sessionSearch) listSessions(where *condition) string {
	next, nextReason := q.next.words(q.store.dialect, where)
	return listedColumns + ", " + next + ", " + nextReason + ", coalesce(bh.worth, " + netOf("bl") + "), coalesce(CASE WHEN bh.worth IS NOT NULL THEN bh.worth_in END, bl.currency, '')" +
		" FROM picked JOIN sessions s ON s.id = picked.id JOIN connectors c ON c.id = s.connector_id" + outcomes + q.next.joins()
}

var listedColumns = "SELECT s." + strings.Join(columnsOf[sessionRow](), ", s.") + ", c.evse_id, c.number, c.ocpi_id, " +
	stateWords + ", " + stateReason + ", " + numberOf + ", " +
	"CASE WHEN l.kind IS NULL THEN coalesce((SELECT o.external_id FROM sessions o WHERE o.id = " + otherOf + "), '') ELSE '' END, CASE WHEN l.kind IS NULL THEN coalesce(" + otherOf + ", 0) ELSE 0 END"

// otherOf is the session that one overlaps: as the open month says, else as the
// latest run does.
const otherOf = "coalesce(nullif(bh.other_id, 0), h.other_id)"

// netOf is all that a line comes to.
func netOf(line string) string { return strings.ReplaceAll(lineNet, "l.", line+".") }

// sessionOrder is the order of a listing.
var sessionOrder = keyset{"s.ended_at", "s.id"}

// mostCandidates is how many sessions are worth being sorted: where more could
// match, a listing walks along the ends of all sessions, for then it soon has
// a page.
const mostCandidates = 20_000

// mostLooked is how many sessions a page looks at in vain before it pauses.
const mostLooked = 20_000

// sessionSearch is a filter made ready for SQL.
type sessionSearch struct {
	store      *Store
	filter     *creditnotes.SessionFilter
	connectors []int64 // nil: any
	candidates string  // SELECT of the ids of few sessions that could match; empty: all sessions
	args       []any   // of candidates
	next       nextRun
}

func (s *Store) searchSessions(ctx context.Context, f *creditnotes.SessionFilter) (*sessionSearch, error) {
	q := &sessionSearch{store: s, filter: f, connectors: f.Connectors}
	if f.Owned != nil {
		q.connectors = f.Owned.Connectors()
		if f.Connectors != nil {
			q.connectors = slices.DeleteFunc(q.connectors, func(id int64) bool { return !slices.Contains(f.Connectors, id) })
		}
	}
	var err error
	if q.next, err = s.nextRun(ctx); err != nil {
		return nil, err
	}
	return q, q.choose(ctx)
}

// choose looks for the part of the filter that leaves few candidates.
func (q *sessionSearch) choose(ctx context.Context) error {
	s, f := q.store, q.filter
	if f.Next != "" {
		var where condition
		q.next.wants(s.dialect, f, &where)
		if done, err := q.try(ctx, "SELECT b.session_id AS id FROM "+nextTable(f.Next)+" b ", &where); done || err != nil {
			return err
		}
	}
	if f.Next == "" && f.Reason != "" && !f.Reason.Excludes() || f.Next == "" && f.State == creditnotes.SessionHeld {
		var where condition
		where.and("h.run_id = " + latestRun)
		if f.Reason != "" {
			where.and("h.reason = ?", string(f.Reason))
		}
		if done, err := q.try(ctx, reused+" UNION SELECT h.session_id FROM run_holds h ", &where); done || err != nil {
			return err
		}
	}
	if f.Name != "" {
		sources, err := column[string](ctx, s.readSQL, sourcesOf)
		if err != nil {
			return err
		}
		var where condition
		where.and("s.current")
		where.and("s.source "+s.dialect.in("?"), s.dialect.texts(sources))
		q.addName(&where)
		if done, err := q.try(ctx, "SELECT s.id FROM sessions s ", &where); done || err != nil {
			return err
		}
	}
	if q.connectors != nil {
		var where condition
		where.and("s.connector_id "+s.dialect.in("?"), s.dialect.list(q.connectors))
		if _, err := q.try(ctx, "SELECT s.id FROM sessions s ", &where); err != nil {
			return err
		}
	}
	return nil
}

// try makes a query the candidates unless they are too many.
func (q *sessionSearch) try(ctx context.Context, query string, where *condition) (bool, error) {
	query += where.String()
	var n int
	err := q.store.readSQL.QueryRowContext(ctx, "SELECT count(*) FROM ("+limited(query, q.store.candidates+1)+") AS candidates", where.args...).Scan(&n)
	if err != nil || n > q.store.candidates {
		return false, translateError(err)
	}
	q.candidates, q.args = query, where.args
	return true, nil
}

// addName compares the beginning of the external id bytewise.
func (q *sessionSearch) addName(where *condition) {
	from, below := ">=", "<"
	if q.store.dialect == postgresDialect {
		from, below = "~>=~", "~<~"
	}
	where.and("s.external_id "+from+" ? AND s.external_id "+below+" ?", q.filter.Name, q.filter.Name+"\U0010FFFF")
}

// stateOf is the state of one session s; unlike a join it is asked session by
// session, and of no more sessions than a page needs.
const stateOf = "coalesce((SELECT " + lineState + ` FROM lines l LEFT JOIN credit_notes n ON n.id = l.note_id
		WHERE l.session_id = s.id AND l.live AND l.kind <> 'reversal'),
	CASE WHEN ` + settledAlike + ` THEN 'credited' WHEN s.id_reused THEN 'held' END,
	(SELECT 'held' FROM run_holds h WHERE h.session_id = s.id AND h.reason <> 'id_reused' AND h.run_id = ` + latestRun + "), 'open')"

// where is what the filter asks of sessions s. The plus signs keep the
// databases from choosing those indexes.
func (q *sessionSearch) where() *condition {
	f, where := q.filter, &condition{args: slices.Clone(q.args)}
	where.and("s.current")
	ended := q.order().first
	if !f.From.IsZero() {
		where.and(ended+" >= ?", f.From)
	}
	if !f.Until.IsZero() {
		where.and(ended+" < ?", f.Until)
	}
	if q.connectors != nil {
		where.and("+s.connector_id "+q.store.dialect.in("?"), q.store.dialect.list(q.connectors))
	}
	if f.Name != "" {
		q.addName(where)
	}
	if f.Medium != "" {
		where.and(`lower(s.medium_uid) LIKE ? ESCAPE '\'`, ending(f.Medium))
	}
	if f.Next != "" {
		q.wantNext(where)
	}
	switch {
	case f.Next != "":
	case f.Reason.Excludes():
		where.and("EXISTS (SELECT 1 FROM lines l WHERE l.session_id = s.id AND l.live AND l.kind = 'excluded' AND "+excludedReason+" = ?)", string(f.Reason))
	case f.Reason != "":
		where.and("CASE WHEN s.id_reused THEN "+reusedReason+" ELSE (SELECT h.reason FROM run_holds h WHERE h.session_id = s.id AND h.reason <> 'id_reused' AND h.run_id = "+
			latestRun+") END = ?", string(f.Reason))
	}
	switch {
	case f.Reason.Excludes() && f.Next == "":
	case f.Reason != "" && f.Next == "":
		where.and(stateOf + " = 'held'")
	case f.State != "":
		where.and(stateOf+" = ?", string(f.State))
	}
	return where
}

// from is the candidates among sessions s.
func (q *sessionSearch) from() string {
	if q.walksNext() {
		return " FROM " + nextTable(q.filter.Next) + " b " + q.store.dialect.then() + " sessions s ON s.id = b.session_id "
	}
	if q.candidates == "" {
		return " FROM sessions s "
	}
	return " FROM (" + q.candidates + ") AS few JOIN sessions s ON s.id = few.id "
}

// some reads sessions that match as far as the database knows, from a place
// on.
func (q *sessionSearch) some(ctx context.Context, p creditnotes.Page, place []any, rows int) ([]listedRow, error) {
	where := q.where()
	order := q.order().narrow(where, p, place)
	picked := limited("SELECT s.id"+q.from()+where.String()+order, rows)
	query := "WITH picked AS MATERIALIZED (" + picked + ") " + q.listSessions(where) + sessionOrder.narrow(where, p, nil)
	list, err := collect(ctx, q.store.readSQL, (*listedRow).fields, query, where.args...)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return list, nil
}

// checked reports whether sessions have to be looked at one by one.
func (q *sessionSearch) checked() bool { return q.filter.Owned != nil || q.filter.Matches != nil }

// lets reports whether a session matches in what the database does not know:
// stations change hands.
func (q *sessionSearch) lets(s *sessions.Session) bool {
	f := q.filter
	return (f.Owned == nil || f.Owned.Have(s.ConnectorID, s.Start)) && (f.Matches == nil || f.Matches(s))
}

// ListSessions lists one page of the current versions of sessions by end, with
// what became of them. A cursor that this listing never gave out is a Usage
// fault.
func (s *Store) ListSessions(ctx context.Context, f creditnotes.SessionFilter, p creditnotes.Page) (creditnotes.SessionList, error) {
	var list creditnotes.SessionList
	place, err := sessionPlace(p)
	if err != nil {
		return list, err
	}
	q, err := s.searchSessions(ctx, &f)
	if err != nil {
		return list, fmt.Errorf("list sessions: %w", err)
	}
	var rows []creditnotes.SessionRow
	paused := ""
	for looked, chunk := 0, p.Size()+1; len(rows) <= p.Size() && paused == ""; chunk = creditnotes.MostRows {
		some, err := q.some(ctx, p, place, chunk)
		if err != nil {
			return list, err
		}
		for i := range some {
			if row := some[i].row(); q.lets(&row.Session) {
				rows = append(rows, row)
			}
		}
		if len(some) < chunk {
			break
		}
		last := &some[len(some)-1]
		place = []any{last.EndedAt, last.ID}
		if looked += chunk; looked >= mostLooked {
			paused = sessionCursor(last.EndedAt, last.ID)
		}
	}
	list.Sessions, list.Next, list.Previous = inOrder(rows, p, func(r *creditnotes.SessionRow) string {
		return sessionCursor(r.Session.End, r.Session.ID)
	})
	if len(rows) <= p.Size() && paused != "" {
		if p.Before != "" {
			list.Previous = paused
		} else {
			list.Next = paused
		}
	}
	return list, nil
}

func sessionCursor(end time.Time, id int64) string {
	return cursorOf(utc(end).Format(time.RFC3339Nano), strconv.FormatInt(id, 10))
}

// sessionPlace is where a page of sessions begins.
func sessionPlace(p creditnotes.Page) ([]any, error) {
	first, second, err := placeOf(p)
	if err != nil || first == "" {
		return nil, err
	}
	end, err := time.Parse(time.RFC3339Nano, first)
	if err != nil {
		return nil, cursorFault(p)
	}
	id, err := strconv.ParseInt(second, 10, 64)
	if err != nil {
		return nil, cursorFault(p)
	}
	return []any{end, id}, nil
}

// EachSession yields all sessions that a filter lets through, the oldest
// first, page by page: no reading stays open while a file is written.
// After an error there are no more.
func (s *Store) EachSession(ctx context.Context, f creditnotes.SessionFilter) iter.Seq2[creditnotes.SessionRow, error] {
	return eachPage(func(p creditnotes.Page) ([]creditnotes.SessionRow, string, error) {
		list, err := s.ListSessions(ctx, f, p)
		return list.Sessions, list.Next, err
	})
}
