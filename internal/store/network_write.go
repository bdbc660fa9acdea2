package store

import (
	"slices"
	"strings"

	"gorm.io/gorm"
)

// write stores the differences: in batches, and each after what it refers to.
func (m *merger) write() error {
	tx := m.tx
	for _, step := range []func() error{
		func() error { return upsert(tx.db, m.accounts.all()...) },
		func() error { return upsert(tx.db, m.ranges.all()...) },
		m.writeEntities,
		m.writeStations,
		m.writeConnectors,
		func() error { return upsert(tx.db, m.media.all()...) },
		func() error { return upsert(tx.db, m.partners.all()...) },
		func() error { return upsert(tx.db, m.rates...) },
		func() error { return upsert(tx.db, m.tariffs...) },
		func() error { return upsert(tx.db, m.contracts.all()...) },
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
	if err := m.freeExternalIDs(); err != nil {
		return err
	}
	if err := create(m.tx.db, bare...); err != nil {
		return err
	}
	return upsert(m.tx.db, rest...)
}

// freeExternalIDs takes the external ids of entities that are written away
// first, since two of them may swap theirs.
func (m *merger) freeExternalIDs() error {
	var keys []string
	for i := range m.entities.updated {
		keys = append(keys, m.entities.updated[i].Key)
	}
	for some := range slices.Chunk(keys, mostParameters) {
		if err := inTable(m.tx.db.Model(&entityRow{}).Where("external_id <> '' AND key IN ?", some).Updates(set{"external_id": ""})); err != nil {
			return err
		}
	}
	return nil
}

// depths returns how deep each entity is in a sound tree: the operator is at 1.
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
	rows := m.stations.all()
	var owners []ownerRow
	for i := range rows {
		owners = append(owners, rows[i].Owners...)
	}
	if err := upsert(m.tx.db, rows...); err != nil {
		return err
	}
	keys := make([]string, len(m.stations.updated))
	for i, s := range m.stations.updated {
		keys[i] = s.Key
	}
	if err := deleteWhere[ownerRow](m.tx.db, "station_key IN ?", keys); err != nil {
		return err
	}
	return create(m.tx.db, owners...)
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
	rows := m.connectors.all()
	var entries []connectorTariffRow
	for i := range rows {
		entries = append(entries, rows[i].Tariffs...)
	}
	if err := upsert(m.tx.db, rows...); err != nil {
		return err
	}
	ids := make([]int64, len(m.connectors.updated))
	for i, c := range m.connectors.updated {
		ids[i] = c.ID
	}
	if err := deleteWhere[connectorTariffRow](m.tx.db, "connector_id IN ?", ids); err != nil {
		return err
	}
	if err := create(m.tx.db, entries...); err != nil {
		return err
	}
	stored, err := find[connectorRow](m.tx.db)
	if err != nil {
		return err
	}
	return m.tx.adoptStrays(stored)
}

// deleteWhere deletes the rows in which a column has one of the values.
func deleteWhere[T, V any](db *gorm.DB, in string, values []V) error {
	for some := range slices.Chunk(values, mostParameters) {
		if err := inTable(db.Where(in, some).Delete(new(T))); err != nil {
			return err
		}
	}
	return nil
}
