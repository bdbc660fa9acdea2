package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"creditrun/creditnotes"
)

// tables are the rows of the whole configuration.
type tables struct {
	entities   []entityRow
	stations   []stationRow
	connectors []connectorRow // also those that no station claims
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
	err := s.snapshot(ctx, func(v view) error {
		t, err := loadTables(v.db)
		if err != nil {
			return err
		}
		if c, err = t.configuration(); err != nil {
			return err
		}
		restore, err := openRestore(v.db)
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
func loadTables(db *gorm.DB) (t *tables, err error) {
	t = &tables{}
	for _, load := range []func() error{
		func() (err error) { t.entities, err = find[entityRow](db.Order("key")); return err },
		func() (err error) { t.stations, err = loadStations(db); return err },
		func() (err error) { t.connectors, err = loadConnectors(db); return err },
		func() (err error) { t.media, err = find[mediumRow](db.Order("uid")); return err },
		func() (err error) { t.partners, err = find[partnerRow](db.Order("country_code, party_id")); return err },
		func() (err error) { t.rates, err = find[rateRow](db.Order("key, version")); return err },
		func() (err error) { t.tariffs, err = find[tariffRow](db.Order("kind, key")); return err },
		func() (err error) { t.contracts, err = find[contractRow](db.Order("key")); return err },
		func() (err error) { t.accounts, err = find[taxAccountRow](db.Order("key")); return err },
		func() (err error) { t.ranges, err = find[rangeRow](db.Order("key")); return err },
		func() (err error) { t.settings, err = find[settingRow](db.Order("key")); return err },
	} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// loadStations reads all stations with their owners. Preload would name every
// station in its second query, and there may be more of them than a statement
// has parameters.
func loadStations(db *gorm.DB) ([]stationRow, error) {
	rows, err := find[stationRow](db.Order("key"))
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(rows))
	for i := range rows {
		at[rows[i].Key] = i
	}
	owners, err := find[ownerRow](db.Order("station_key, valid_from"))
	for _, o := range owners {
		station := &rows[at[o.StationKey]]
		station.Owners = append(station.Owners, o)
	}
	return rows, err
}

// loadConnectors reads all connectors with their tariffs, as loadStations does.
func loadConnectors(db *gorm.DB) ([]connectorRow, error) {
	rows, err := find[connectorRow](db.Order("id"))
	if err != nil {
		return nil, err
	}
	at := make(map[int64]int, len(rows))
	for i := range rows {
		at[rows[i].ID] = i
	}
	tariffs, err := find[connectorTariffRow](db.Order("connector_id, valid_from, valid_to"))
	for _, t := range tariffs {
		connector := &rows[at[t.ConnectorID]]
		connector.Tariffs = append(connector.Tariffs, t)
	}
	return rows, err
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
	for i := range t.contracts {
		contract, err := t.contracts[i].domain()
		if err != nil {
			return nil, fmt.Errorf("contract %q: %w", t.contracts[i].Key, err)
		}
		c.Contracts = append(c.Contracts, contract)
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
