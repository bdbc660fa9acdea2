package store

import (
	"context"
	"fmt"

	"creditrun/creditnotes"
)

// tables are the rows of the whole configuration.
type tables struct {
	entities   []entityRow
	stations   []stationRecord
	connectors []connectorRecord // also those that no station claims
	media      []mediumRow
	partners   []partnerRow
	rates      []rateRow
	tariffs    []tariffRow
	contracts  []contractRow
	accounts   []taxAccountRow
	ranges     []rangeRow
	settings   []settingRow
}

// Configuration loads everything the operator configured, as it is at one
// moment. To ask it anything, compile it with entities.NewNetwork and
// tariffs.NewBook.
func (s *Store) Configuration(ctx context.Context) (*creditnotes.Configuration, error) {
	var c *creditnotes.Configuration
	err := s.snapshot(ctx, func(q view) error {
		t, err := loadTables(ctx, q)
		if err != nil {
			return err
		}
		if c, err = t.configuration(); err != nil {
			return err
		}
		restore, err := openRestore(ctx, q)
		if err == nil && restore != nil {
			c.Restored, err = restore.domain()
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	return c, nil
}

// loadTables reads the rows, each table once, in the order of their keys.
func loadTables(ctx context.Context, q querier) (*tables, error) {
	t := &tables{}
	var err error
	if t.entities, err = allRows[entityRow](ctx, q, "entities", "ORDER BY key"); err != nil {
		return nil, err
	}
	if err := t.loadStations(ctx, q); err != nil {
		return nil, err
	}
	if err := t.loadConnectors(ctx, q); err != nil {
		return nil, err
	}
	if t.media, err = allRows[mediumRow](ctx, q, "media", "ORDER BY uid"); err != nil {
		return nil, err
	}
	if t.partners, err = allRows[partnerRow](ctx, q, "partners", "ORDER BY country_code, party_id"); err != nil {
		return nil, err
	}
	if t.rates, err = allRows[rateRow](ctx, q, "cost_rates", "ORDER BY key, version"); err != nil {
		return nil, err
	}
	if t.tariffs, err = allRows[tariffRow](ctx, q, "tariffs", "ORDER BY kind, key"); err != nil {
		return nil, err
	}
	if t.contracts, err = allRows[contractRow](ctx, q, "contracts", "ORDER BY key"); err != nil {
		return nil, err
	}
	if t.accounts, err = allRows[taxAccountRow](ctx, q, "tax_accounts", "ORDER BY key"); err != nil {
		return nil, err
	}
	if t.ranges, err = allRows[rangeRow](ctx, q, "number_ranges", "ORDER BY key"); err != nil {
		return nil, err
	}
	t.settings, err = allRows[settingRow](ctx, q, "settings", "ORDER BY key")
	return t, err
}

func (t *tables) loadStations(ctx context.Context, q querier) error {
	at := map[string]int{}
	for row, err := range eachRow[stationRow](ctx, q, "stations", "ORDER BY key") {
		if err != nil {
			return err
		}
		at[row.Key] = len(t.stations)
		t.stations = append(t.stations, stationRecord{stationRow: row})
	}
	for row, err := range eachRow[ownerRow](ctx, q, "station_owners", "ORDER BY station_key, valid_from") {
		if err != nil {
			return err
		}
		station := &t.stations[at[row.StationKey]]
		station.Owners = append(station.Owners, row)
	}
	return nil
}

func (t *tables) loadConnectors(ctx context.Context, q querier) error {
	at := map[int64]int{}
	for row, err := range eachRow[connectorRow](ctx, q, "connectors", "ORDER BY id") {
		if err != nil {
			return err
		}
		at[row.ID] = len(t.connectors)
		t.connectors = append(t.connectors, connectorRecord{connectorRow: row})
	}
	for row, err := range eachRow[connectorTariffRow](ctx, q, "connector_tariffs", "ORDER BY connector_id, valid_from, valid_to") {
		if err != nil {
			return err
		}
		connector := &t.connectors[at[row.ConnectorID]]
		connector.Tariffs = append(connector.Tariffs, row)
	}
	return nil
}

// configuration reads the rows. Connectors that no station claims are left
// out.
func (t *tables) configuration() (*creditnotes.Configuration, error) {
	c := &creditnotes.Configuration{}
	for i := range t.entities {
		e, err := t.entities[i].domain()
		if err != nil {
			return nil, fmt.Errorf("entity %q: %w", t.entities[i].Key, err)
		}
		c.Entities = append(c.Entities, e)
	}
	for i := range t.stations {
		c.Stations = append(c.Stations, t.stations[i].domain())
	}
	for i := range t.connectors {
		if t.connectors[i].StationKey != "" {
			c.Connectors = append(c.Connectors, t.connectors[i].domain())
		}
	}
	for i := range t.media {
		c.Media = append(c.Media, t.media[i].domain())
	}
	for i := range t.partners {
		p, err := t.partners[i].domain()
		if err != nil {
			return nil, fmt.Errorf("partner %s: %w", p.ID(), err)
		}
		c.Partners = append(c.Partners, p)
	}
	for _, row := range t.contracts {
		c.Contracts = append(c.Contracts, creditnotes.Contract{Key: row.Key, Definition: string(row.Definition)})
	}
	if err := t.prices(c); err != nil {
		return nil, err
	}
	return c, t.documents(c)
}

// prices reads cost rates and tariffs.
func (t *tables) prices(c *creditnotes.Configuration) error {
	for i := range t.rates {
		rate, err := t.rates[i].domain()
		if err != nil {
			return err
		}
		c.Tariffs.CostRates = append(c.Tariffs.CostRates, rate)
	}
	for i := range t.tariffs {
		if err := t.tariffs[i].addTo(&c.Tariffs); err != nil {
			return err
		}
	}
	return nil
}

// documents reads tax accounts, number ranges and settings.
func (t *tables) documents(c *creditnotes.Configuration) (err error) {
	for i := range t.accounts {
		account, err := t.accounts[i].domain()
		if err != nil {
			return fmt.Errorf("tax account %q: %w", t.accounts[i].Key, err)
		}
		c.TaxAccounts = append(c.TaxAccounts, account)
	}
	for i := range t.ranges {
		r, err := t.ranges[i].domain()
		if err != nil {
			return fmt.Errorf("number range %q: %w", t.ranges[i].Key, err)
		}
		c.NumberRanges = append(c.NumberRanges, r)
	}
	c.Settings, c.ActiveSince, err = settingsOf(t.settings)
	return err
}
