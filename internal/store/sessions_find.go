package store

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// sourcesOf lists the sources of sessions by jumping from one to the next in
// the index: there are few of them, and millions of sessions.
const sourcesOf = `WITH RECURSIVE sources AS (
	SELECT (SELECT min(source) FROM sessions WHERE current) AS source
	UNION ALL
	SELECT (SELECT min(source) FROM sessions s WHERE s.current AND s.source > sources.source) FROM sources WHERE sources.source IS NOT NULL)
SELECT source FROM sources WHERE source IS NOT NULL`

// FindSessions finds sessions by external id, or by source/external id, in all
// their versions: by source, the current version first. EVSE and connector are
// filled in. Nothing of that name is a NotFound fault.
func (s *Store) FindSessions(ctx context.Context, name string) ([]sessions.Session, error) {
	var found []sessions.Session
	err := s.snapshot(ctx, func(q querier) error {
		sources, err := collect(ctx, q, func(source *string) []any { return []any{source} }, sourcesOf)
		if err != nil {
			return err
		}
		for _, source := range sources {
			ids := []string{name}
			if id, ok := strings.CutPrefix(name, source+"/"); ok {
				ids = append(ids, id)
			}
			for _, id := range ids {
				some, err := sessionVersions(ctx, q, sessionName{source, id})
				if err != nil {
					return err
				}
				found = append(found, some...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find session: %w", err)
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "session_not_found", fault.Args{"session": name})
	}
	return found, nil
}

// sessionVersions reads all versions of one session, the latest first.
func sessionVersions(ctx context.Context, q querier, name sessionName) ([]sessions.Session, error) {
	// Current and superseded versions have an index each.
	query := "SELECT * FROM (" + selectSessions + " WHERE s.source = $1 AND s.external_id = $2 AND s.current UNION ALL " +
		selectSessions + " WHERE s.source = $1 AND s.external_id = $2 AND NOT s.current) AS versions ORDER BY version DESC"
	rows, err := collect(ctx, q, (*placedRow).fields, query, name.source, name.externalID)
	if err != nil {
		return nil, err
	}
	list := make([]sessions.Session, len(rows))
	for i := range rows {
		list[i] = rows[i].domain()
	}
	return list, nil
}

// placedRow is a session with its connector.
type placedRow struct {
	sessionRow
	EVSEID string
	Number int
}

func (r *placedRow) fields() []any { return append(r.sessionRow.fields(), &r.EVSEID, &r.Number) }

func (r *placedRow) domain() sessions.Session {
	s := r.sessionRow.domain()
	s.EVSEID, s.Connector = r.EVSEID, r.Number
	return s
}

// selectSessions reads placedRows.
var selectSessions = "SELECT s." + strings.Join(columnsOf[sessionRow](), ", s.") + ", c.evse_id, c.number" +
	" FROM sessions s JOIN connectors c ON c.id = s.connector_id"

// SessionState is what became of a session so far.
type SessionState string

// The states of sessions.
const (
	SessionOpen     SessionState = "open"     // waits for a run
	SessionHeld     SessionState = "held"     // the latest run held it; the next one looks again
	SessionDrafted  SessionState = "drafted"  // on a draft
	SessionCredited SessionState = "credited" // on an issued credit note, or carried forward
	SessionZero     SessionState = "zero"     // settled without a document
	SessionExcluded SessionState = "excluded" // closed for good, unpaid
)

// SessionFilter narrows a listing of sessions; what is not set does not
// narrow.
type SessionFilter struct {
	From, Until time.Time // sessions that end in [From, Until)
	Connectors  []int64
	State       SessionState
	// Matches is asked for what the database cannot know, such as the class
	// of a session whose source states none.
	Matches func(*sessions.Session) bool
	Limit   int
}

// SessionRow is a session in a listing.
type SessionRow struct {
	Session sessions.Session
	State   SessionState
	Reason  sessions.Reason // of a held one
	Number  string          // of the credit note
}

// listedRow is what a listing reads.
type listedRow struct {
	placedRow
	State  string
	Reason string
	Number string
}

func (r *listedRow) fields() []any {
	return append(r.placedRow.fields(), &r.State, &r.Reason, &r.Number)
}

// listSessions joins sessions with what became of them.
var listSessions = "SELECT s." + strings.Join(columnsOf[sessionRow](), ", s.") + `, c.evse_id, c.number,
	CASE WHEN l.kind = 'excluded' THEN 'excluded'
		WHEN n.state = 'zero' THEN 'zero'
		WHEN n.state = 'draft' THEN 'drafted'
		WHEN l.kind IS NOT NULL THEN 'credited'
		WHEN h.reason IS NOT NULL THEN 'held'
		ELSE 'open' END AS state,
	CASE WHEN l.kind IS NULL THEN coalesce(h.reason, '') ELSE '' END AS reason,
	coalesce(n.number, '') AS note_number
	FROM sessions s JOIN connectors c ON c.id = s.connector_id
	LEFT JOIN lines l ON l.session_id = s.id AND l.live AND l.kind <> 'reversal'
	LEFT JOIN credit_notes n ON n.id = l.note_id
	LEFT JOIN run_holds h ON h.session_id = s.id AND h.run_id = (SELECT max(id) FROM runs WHERE stage <> 'discarded')`

// ListSessions yields the current versions of sessions by end and name, with
// what became of them. After an error there are no more.
func (s *Store) ListSessions(ctx context.Context, f SessionFilter) iter.Seq2[SessionRow, error] {
	var where condition
	where.and("current")
	if !f.From.IsZero() {
		where.and("ended_at >= ?", f.From)
	}
	if !f.Until.IsZero() {
		where.and("ended_at < ?", f.Until)
	}
	if len(f.Connectors) > 0 {
		where.and("connector_id IN (" + integers(f.Connectors) + ")")
	}
	if f.State != "" {
		where.and("state = ?", string(f.State))
	}
	query := "SELECT * FROM (" + listSessions + ") AS listed " + where.String() + " ORDER BY ended_at, source, external_id"
	return func(yield func(SessionRow, error) bool) {
		rows, err := s.readSQL.QueryContext(ctx, query, utcArgs(where.args)...)
		if err != nil {
			yield(SessionRow{}, fmt.Errorf("list sessions: %w", explain(err)))
			return
		}
		defer rows.Close()
		for n := 0; rows.Next(); {
			var row listedRow
			if err := rows.Scan(row.fields()...); err != nil {
				yield(SessionRow{}, fmt.Errorf("list sessions: %w", explain(err)))
				return
			}
			one := SessionRow{Session: row.domain(), State: SessionState(row.State), Reason: sessions.Reason(row.Reason), Number: row.Number}
			if f.Matches != nil && !f.Matches(&one.Session) {
				continue
			}
			if n++; !yield(one, nil) || n == f.Limit {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(SessionRow{}, fmt.Errorf("list sessions: %w", explain(err)))
		}
	}
}

// integers writes ids as a list for IN.
func integers(ids []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]")
}
