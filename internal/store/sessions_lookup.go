package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"creditrun/internal/sessions"
)

// currentSessions finds the current versions of the sessions of a batch, by
// name: one query for all.
func (tx *Tx) currentSessions(list []sessions.Session) (map[sessionName]*sessionRow, error) {
	known := make(map[sessionName]*sessionRow, len(list))
	var rest string
	var args []any
	if tx.dialect == sqliteDialect {
		// CROSS JOIN is how SQLite is told to go through the names.
		names := make([][2]string, len(list))
		for i := range list {
			names[i] = [2]string{list[i].Source, list[i].ExternalID}
		}
		text, err := json.Marshal(names)
		if err != nil {
			return nil, err
		}
		rest = `CROSS JOIN sessions s ON s.source = k.value ->> 0 AND s.external_id = k.value ->> 1 WHERE s.current`
		args = []any{string(text)}
	} else {
		sources, ids := make([]string, len(list)), make([]string, len(list))
		for i := range list {
			sources[i], ids[i] = list[i].Source, list[i].ExternalID
		}
		// The table may have been empty when a plan for this was last made.
		if _, err := tx.exec("SET LOCAL plan_cache_mode = force_custom_plan"); err != nil {
			return nil, err
		}
		rest = `JOIN sessions s ON s.source = k.source AND s.external_id = k.external_id WHERE s.current`
		args = []any{sources, ids}
	}
	from := "unnest($1::text[], $2::text[]) AS k (source, external_id) "
	if tx.dialect == sqliteDialect {
		from = "json_each($1) k "
	}
	query := "SELECT s." + strings.Join(columnsOf[sessionRow](), ", s.") + " FROM " + from + rest
	rows, err := collect(tx.ctx, tx.sql, (*sessionRow).fields, query, args...)
	if err != nil {
		return nil, fmt.Errorf("sessions: %w", err)
	}
	for i := range rows {
		known[sessionName{rows[i].Source, rows[i].ExternalID}] = &rows[i]
	}
	return known, nil
}

// fields points at the columns of the row in the order of columnsOf.
func (r *sessionRow) fields() []any {
	return []any{
		&r.ID, &r.Source, &r.ExternalID, &r.Version, &r.Current, &r.ConnectorID, &r.MediumUID, &r.Class, &r.Partner, &r.AuthMethod,
		&r.StartedAt, &r.EndedAt, &r.DurationS, &r.Energy, &r.MeterStart, &r.MeterStop, &r.Status, &r.Reversed,
		&r.DriverAmount, &r.Currency, &r.CollectedAt, &r.ReceivedAt, &r.SupersededAt, &r.Released, &r.Fingerprint,
	}
}

// findConnectors makes sure that every connector of a batch has an id. Those
// that nobody has heard of yet are stored without a station; a network file
// may claim them later.
func (i *sessionImport) findConnectors(tx *Tx, list []sessions.Session) error {
	if i.connectors == nil {
		if err := i.loadConnectors(tx); err != nil {
			return err
		}
	}
	missing := i.missing(list)
	if len(missing) == 0 {
		return nil
	}
	if _, err := tx.takeIDs("connector", 0); err != nil {
		return err
	}
	if err := i.loadConnectors(tx); err != nil { // with what others stored meanwhile
		return err
	}
	missing = i.missing(list)
	first, err := tx.takeIDs("connector", len(missing))
	if err != nil {
		return err
	}
	for k := range missing {
		missing[k].ID = first + int64(k)
		i.connectors[connectorNameOf(missing[k].EVSEID, missing[k].Number)] = missing[k].ID
	}
	return add(tx, "connectors", missing)
}

func (i *sessionImport) loadConnectors(tx *Tx) error {
	i.connectors = map[connectorName]int64{}
	for row, err := range eachRow[connectorRow](tx.ctx, tx.sql, "connectors", "") {
		if err != nil {
			return err
		}
		i.connectors[connectorNameOf(row.EVSEID, row.Number)] = row.ID
	}
	return nil
}

// missing lists the connectors of a batch without an id, each once, in the
// order of the sessions.
func (i *sessionImport) missing(list []sessions.Session) []connectorRow {
	var rows []connectorRow
	seen := map[connectorName]bool{}
	for k := range list {
		name := connectorNameOf(list[k].EVSEID, list[k].Connector)
		if _, ok := i.connectors[name]; !ok && !seen[name] {
			seen[name] = true
			rows = append(rows, connectorRow{EVSEID: list[k].EVSEID, Number: list[k].Connector})
		}
	}
	return slices.Clip(rows)
}
