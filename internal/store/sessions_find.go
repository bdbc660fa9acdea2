package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	err := s.snapshot(ctx, func(q view) error {
		sources, err := column[string](ctx, q, sourcesOf)
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

// SessionsByID implements creditnotes.DraftStore.
func (s *Store) SessionsByID(ctx context.Context, ids []int64) (map[int64]sessions.Session, error) {
	found := make(map[int64]sessions.Session, len(ids))
	for some := range slices.Chunk(ids, mostParameters) {
		rows, err := collect(ctx, s.readSQL, (*placedRow).fields, selectSessions+" WHERE s.id "+s.dialect.in("$1"), s.dialect.list(some))
		if err != nil {
			return nil, fmt.Errorf("sessions by id: %w", err)
		}
		for i := range rows {
			found[rows[i].ID] = rows[i].domain()
		}
	}
	return found, nil
}

// CountBlocked counts the sessions that the latest run held because they
// overlap a session, and that no one released since.
func (s *Store) CountBlocked(ctx context.Context, id int64) (n int, err error) {
	err = s.readSQL.QueryRowContext(ctx, `
		SELECT count(*) FROM run_holds h JOIN sessions s ON s.id = h.session_id AND s.current AND NOT s.released
		WHERE h.other_id = $1 AND h.run_id = `+latestRun+`
			AND NOT EXISTS (SELECT 1 FROM lines l WHERE l.session_id = s.id AND l.live AND l.kind <> 'reversal')`, id).Scan(&n)
	return n, translateError(err)
}

// placedRow is a session with its connector.
type placedRow struct {
	sessionRow
	EVSEID string
	Number int
	OCPIID string
}

func (r *placedRow) fields() []any {
	return append(r.sessionRow.fields(), &r.EVSEID, &r.Number, &r.OCPIID)
}

func (r *placedRow) domain() sessions.Session {
	s := r.sessionRow.domain()
	s.EVSEID, s.Connector, s.OCPIConnector = r.EVSEID, r.Number, r.OCPIID
	return s
}

// selectSessions reads placedRows.
var selectSessions = "SELECT s." + strings.Join(columnsOf[sessionRow](), ", s.") + ", c.evse_id, c.number, c.ocpi_id" +
	" FROM sessions s JOIN connectors c ON c.id = s.connector_id"
