package store

import (
	"fmt"
	"slices"
	"strings"

	"creditrun/entities"
	"creditrun/internal/sessions"
)

// connectorName is how a session names its connector: as the source wrote it.
type connectorName struct {
	evseID string
	number int
	ocpiID string // empty: the source numbers connectors as the network does
}

func namedBy(s *sessions.Session) connectorName {
	return connectorName{s.EVSEID, s.Connector, s.OCPIConnector}
}

// key is the name in one spelling.
func (n connectorName) key() connectorName {
	return connectorName{entities.EVSEKey(n.evseID), n.number, strings.ToUpper(n.ocpiID)}
}

// connectorIndex finds the connectors of sessions.
type connectorIndex struct {
	ids    map[connectorName]int64        // found so far
	homes  map[string][]connectorRow      // of the network, by the key of the EVSE
	strays map[connectorName]connectorRow // by key: those that only sessions know
}

func newConnectorIndex(rows []connectorRow) *connectorIndex {
	x := &connectorIndex{
		ids: map[connectorName]int64{}, homes: map[string][]connectorRow{}, strays: map[connectorName]connectorRow{},
	}
	for _, row := range rows {
		if row.StationKey == "" {
			x.strays[row.name().key()] = row
			continue
		}
		evse := entities.EVSEKey(row.EVSEID)
		x.homes[evse] = append(x.homes[evse], row)
	}
	return x
}

func (r *connectorRow) name() connectorName { return connectorName{r.EVSEID, r.Number, r.OCPIID} }

// find returns the id of a connector, or 0 when it is not known.
func (x *connectorIndex) find(n connectorName) int64 {
	if id, ok := x.ids[n]; ok {
		return id
	}
	id := x.home(n)
	if id == 0 {
		id = x.strays[n.key()].ID
	}
	if id != 0 {
		x.ids[n] = id
	}
	return id
}

// home finds a connector of the network: the one with that number, or, where a
// source has ids of its own, the only one there is (formats.md §2). An EVSE
// that the network has in two spellings is found by the one that was written.
func (x *connectorIndex) home(n connectorName) (id int64) {
	at := x.homes[entities.EVSEKey(n.evseID)]
	for i := range at {
		if at[i].Number == n.number {
			if strings.EqualFold(at[i].EVSEID, n.evseID) {
				return at[i].ID
			}
			id = at[i].ID
		}
	}
	if id == 0 && n.ocpiID != "" && len(at) == 1 {
		id = at[0].ID
	}
	return id
}

// findConnectors makes sure that every connector of a batch has an id. Those
// that are not known yet are stored without a station; a network file
// may claim them later.
func (i *sessionImport) findConnectors(tx *Tx, list []incoming) error {
	if i.connectors == nil {
		if err := i.loadConnectors(tx); err != nil {
			return err
		}
	}
	missing := i.missing(list)
	if len(missing) == 0 {
		return nil
	}
	if err := tx.lock("connector"); err != nil {
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
		i.connectors.strays[missing[k].name().key()] = missing[k]
	}
	if err := create(tx.db, missing...); err != nil {
		return err
	}
	i.missing(list) // finds them all now
	return nil
}

func (i *sessionImport) loadConnectors(tx *Tx) error {
	rows, err := collect(tx.ctx, tx.sql, func(r *connectorRow) []any { return []any{&r.ID, &r.EVSEID, &r.Number, &r.StationKey, &r.OCPIID} },
		"SELECT id, evse_id, number, station_key, ocpi_id FROM connectors")
	i.connectors = newConnectorIndex(rows)
	return err
}

// missing lists the connectors of a batch without an id, each once, in the
// order of the sessions.
func (i *sessionImport) missing(list []incoming) []connectorRow {
	var rows []connectorRow
	seen := map[connectorName]bool{}
	for k := range list {
		name := namedBy(&list[k].session)
		if i.connectors.find(name) != 0 || seen[name.key()] {
			continue
		}
		seen[name.key()] = true
		row := connectorRow{EVSEID: name.evseID, Number: name.number, OCPIID: name.ocpiID}
		rows = append(rows, row)
	}
	return slices.Clip(rows)
}

// adoptStrays gives the network the sessions of connectors that only sessions
// knew, where the network has the same connector in another spelling now.
func (tx *Tx) adoptStrays(rows []connectorRow) error {
	x := newConnectorIndex(rows)
	for _, stray := range x.strays {
		home := x.home(stray.name())
		if home == 0 {
			continue
		}
		if _, err := tx.exec("UPDATE sessions SET connector_id = $1 WHERE connector_id = $2", home, stray.ID); err != nil {
			return fmt.Errorf("sessions at %s: %w", stray.EVSEID, err)
		}
		if err := inTable(tx.db.Delete(&stray)); err != nil {
			return fmt.Errorf("connector %s: %w", stray.EVSEID, err)
		}
	}
	return nil
}
