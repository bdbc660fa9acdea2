package store

import (
	"context"
	"iter"

	"creditrun/creditnotes"
)

// What the three sides of an issuer are read from, with the columns of
// issuerEntryRow.fields; NULL, an empty text or 0 where a side has none.
const (
	entrySession = `SELECT 0 AS side, s.source AS source, s.external_id AS session, s.id AS id, s.connector_id AS connector, coalesce(c.station_key, '') AS station,
			coalesce(c.evse_id, '') AS evse, s.medium_uid AS medium, s.started_at AS started, s.ended_at AS ended,
			CASE WHEN s.reversed THEN 0 ELSE s.energy END AS energy, s.driver_amount AS driver, s.currency AS currency, s.reversed AS reversed, s.collected_at AS collected,
			` + stateWords + ` AS state, ` + stateReason + ` AS reason, coalesce(w.reason, '') AS waits, 0 AS net, '' AS party, '' AS number
		FROM sessions s LEFT JOIN connectors c ON c.id = s.connector_id` + outcomes + `
		LEFT JOIN run_own_waits w ON w.session_id = s.id AND w.run_id = ` + latestRun + `
		WHERE s.current AND `
	entryBeside = `s.source, s.external_id, s.id, s.connector_id, coalesce(c.station_key, ''), coalesce(c.evse_id, ''), s.medium_uid, s.started_at, s.ended_at, `
	entryBilled = `SELECT 1, ` + entryBeside + `o.energy, o.driver_amount, n.currency, s.reversed, NULL, '', '', '', o.net, e.key, coalesce(n.number, '')
		FROM sessions s JOIN own_charges o ON o.session_id = s.id AND o.live JOIN credit_notes n ON n.id = o.note_id AND n.state IN ('issued', 'carried', 'zero')
		JOIN entities e ON e.id = o.owner_id LEFT JOIN connectors c ON c.id = s.connector_id WHERE `
	entryCredited = `SELECT 2, ` + entryBeside + `l.energy, ` + driverOfLine + `, n.currency, s.reversed, NULL, '', '', '', ` + netTotal + `, e.key, ` + numberOf + `
		FROM sessions s JOIN lines l ON l.session_id = s.id AND l.live AND l.kind `
	entryLines = ` JOIN credit_notes n ON n.id = l.note_id AND n.state IN ('issued', 'carried', 'zero')
		JOIN entities e ON e.id = l.owner_id LEFT JOIN connectors c ON c.id = s.connector_id WHERE `
)

// IssuerEntries implements creditnotes.IssuerStore. Lines that pay and lines that
// take back have an index each.
func (s *Store) IssuerEntries(ctx context.Context, q creditnotes.IssuerQuery) iter.Seq2[creditnotes.IssuerEntry, error] {
	which := "upper(s.medium_uid) " + s.dialect.in("$1") + " AND s.medium_uid <> '' AND s.ended_at >= $2 AND s.ended_at < $3"
	query := "SELECT * FROM (" + entrySession + which + " UNION ALL " + entryBilled + which +
		" UNION ALL " + entryCredited + "<> 'reversal'" + entryLines + which + " UNION ALL " + entryCredited + "= 'reversal'" + entryLines + which +
		") AS entries ORDER BY " + s.dialect.bytewise("source") + ", " + s.dialect.bytewise("session") + ", side, id, " + s.dialect.bytewise("number")
	return func(yield func(creditnotes.IssuerEntry, error) bool) {
		for row, err := range each(ctx, s.readSQL, (*issuerEntryRow).fields, query, s.dialect.texts(q.Media), q.From, q.Until) {
			row.Start, row.End, row.CollectedAt = row.started.Time, row.ended.Time, row.collected.Time
			if !yield(row.IssuerEntry, err) {
				return
			}
		}
	}
}

// issuerEntryRow is an entry as it is read.
type issuerEntryRow struct {
	creditnotes.IssuerEntry
	started, ended, collected sqliteInstant // columns of a query of a query have no type on SQLite
}

func (r *issuerEntryRow) fields() []any {
	return []any{&r.Side, &r.Source, &r.Session, &r.ID, &r.ConnectorID, &r.Station, &r.EVSEID, &r.Medium, &r.started, &r.ended, &r.Energy, &r.Driver,
		&r.Currency, &r.Reversed, &r.collected, &r.State, &r.Reason, &r.Waits, &r.Net, &r.Party, &r.Number}
}
