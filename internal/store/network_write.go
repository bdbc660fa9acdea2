package store

import (
	"slices"
	"strings"
)

// write stores the differences: in batches, and each after what it refers to.
func (m *merger) write() error {
	tx := m.tx
	for _, step := range []func() error{
		func() error { return upsertInto(tx, "tax_accounts", m.accounts.all(), "key") },
		func() error { return upsertInto(tx, "number_ranges", m.ranges.all(), "key") },
		m.writeEntities,
		m.writeStations,
		m.writeConnectors,
		func() error { return upsertInto(tx, "media", m.media.all(), "uid") },
		func() error { return upsertInto(tx, "partners", m.partners.all(), "country_code", "party_id") },
		func() error { return upsertInto(tx, "cost_rates", m.rates, "key", "version") },
		func() error { return upsertInto(tx, "tariffs", m.tariffs, "kind", "key") },
		func() error { return upsertInto(tx, "contracts", m.contracts.all(), "key") },
		func() error { return tx.saveSettings(m.who, m.settings) },
		func() error { return tx.audit(m.entries...) },
		m.countVersion,
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// countVersion gives the configuration another version if anything changed:
// every change has an audit entry. Settings count by themselves.
func (m *merger) countVersion() error {
	if len(m.entries) == 0 {
		return nil
	}
	return m.tx.configurationChanged()
}

// writeEntities adds new entities parents first and without their alternate
// credit address, which may be any of the others, and then sets the rest.
func (m *merger) writeEntities() error {
	first, err := m.tx.takeIDs("entity", len(m.entities.created))
	if err != nil {
		return err
	}
	depth := depths(m.result.entities)
	created := m.entities.created
	slices.SortStableFunc(created, func(a, b entityRow) int {
		if d := depth[a.Key] - depth[b.Key]; d != 0 {
			return d
		}
		return strings.Compare(a.Key, b.Key)
	})
	bare := make([]entityRow, len(created))
	rest := slices.Clone(m.entities.updated)
	for i := range created {
		created[i].ID = first + int64(i)
		bare[i] = created[i]
		if bare[i].AlternateCredit != "" {
			bare[i].AlternateCredit = ""
			rest = append(rest, created[i])
		}
	}
	if err := add(m.tx, "entities", bare); err != nil {
		return err
	}
	return upsertInto(m.tx, "entities", rest, "key")
}

// depths tells how deep each entity stands in a sound tree.
func depths(rows []entityRow) map[string]int {
	parent := make(map[string]string, len(rows))
	for _, row := range rows {
		parent[row.Key] = string(row.Parent)
	}
	depth := make(map[string]int, len(rows))
	var of func(key string) int
	of = func(key string) int {
		if key == "" {
			return 0
		}
		if depth[key] == 0 {
			depth[key] = of(parent[key]) + 1
		}
		return depth[key]
	}
	for key := range parent {
		of(key)
	}
	return depth
}

func (m *merger) writeStations() error {
	var rows []stationRow
	var owners []ownerRow
	for _, s := range m.stations.all() {
		rows = append(rows, s.stationRow)
		owners = append(owners, s.Owners...)
	}
	if err := upsertInto(m.tx, "stations", rows, "key"); err != nil {
		return err
	}
	keys := make([]string, len(m.stations.updated))
	for i, s := range m.stations.updated {
		keys[i] = s.Key
	}
	if err := deleteWhere(m.tx, "station_owners", "station_key", keys); err != nil {
		return err
	}
	return add(m.tx, "station_owners", owners)
}

// writeConnectors takes the lock of sessions first: connectors that only
// sessions knew may find their place in the network, and their sessions move.
func (m *merger) writeConnectors() error {
	if len(m.connectors.all()) == 0 {
		return nil
	}
	if err := m.tx.lockSessions(); err != nil {
		return err
	}
	first, err := m.tx.takeIDs("connector", len(m.connectors.created))
	if err != nil {
		return err
	}
	for i := range m.connectors.created {
		m.connectors.created[i].identify(first + int64(i))
	}
	var rows []connectorRow
	var entries []connectorTariffRow
	for _, c := range m.connectors.all() {
		rows = append(rows, c.connectorRow)
		entries = append(entries, c.Tariffs...)
	}
	if err := upsertInto(m.tx, "connectors", rows, "id"); err != nil {
		return err
	}
	ids := make([]int64, len(m.connectors.updated))
	for i, c := range m.connectors.updated {
		ids[i] = c.ID
	}
	if err := deleteWhere(m.tx, "connector_tariffs", "connector_id", ids); err != nil {
		return err
	}
	if err := add(m.tx, "connector_tariffs", entries); err != nil {
		return err
	}
	stored, err := allRows[connectorRow](m.tx.ctx, m.tx.sql, "connectors", "")
	if err != nil {
		return err
	}
	return m.tx.adoptStrays(stored)
}

// deleteWhere deletes the rows whose column has one of the values.
func deleteWhere[V any](tx *Tx, table, column string, values []V) error {
	for some := range slices.Chunk(values, mostParameters) {
		if err := tx.db.Exec("DELETE FROM "+table+" WHERE "+column+" IN ?", some).Error; err != nil {
			return err
		}
	}
	return nil
}
