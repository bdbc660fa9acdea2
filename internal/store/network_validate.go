package store

import (
	"fmt"
	"maps"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// validate judges what would be stored.
func (m *merger) validate(settings []creditnotes.Setting) error {
	if err := m.faults.Err(); err != nil {
		return err
	}
	c, err := m.result.configuration()
	if err != nil {
		return fmt.Errorf("result: %w", err)
	}
	known := references{ranges: map[string]numbering.Range{}, accounts: map[string]bool{}, supports: m.supports, entities: c.Entities}
	for _, r := range c.NumberRanges {
		known.ranges[r.Key] = r
	}
	for _, a := range c.TaxAccounts {
		known.accounts[a.Key] = true
	}
	m.add(fault.List(numbering.CheckAll(c.NumberRanges)).Err())
	m.checkTaxes(c, known)
	m.checkConnectorTariffs()
	m.checkAlternates(c)
	m.add(c.CheckEnds().Err())
	m.add(c.CheckContracts(func(key string) bool {
		return slices.ContainsFunc(m.contracts.all(), func(row contractRow) bool { return row.Key == key })
	}).Err())
	if err := m.checkSettled(c); err != nil {
		return err
	}
	var problem error
	if m.settings, problem = changeSettings(m.result.settings, settings, known); problem != nil {
		m.add(problem)
	}
	m.guardSettings()
	for _, change := range m.settings {
		_ = c.Settings.Set(change.key, change.after) // was checked
	}
	if len(settings) > 0 {
		m.changes = append(m.changes, m.settingChanges(settings))
	}
	if !m.touchesNetwork() && len(m.settings) == 0 {
		return m.faults.Err()
	}
	network, err := entities.NewNetwork(c.Entities, c.Stations, c.Connectors, c.Media, c.Partners)
	m.add(err)
	if err == nil {
		_, err = tariffs.NewBook(c.Tariffs, network, c.Settings.CommunityDiscount)
		m.add(err)
	}
	return m.faults.Err()
}

// checkSettled looks for contracts that are saved, or of the same owner as one
// that is, and no longer cover a month that they settled.
func (m *merger) checkSettled(c *creditnotes.Configuration) error {
	saved := m.contracts.all()
	if len(saved) == 0 {
		return nil
	}
	keys, owners := map[string]bool{}, map[string]bool{}
	for _, row := range saved {
		keys[row.Key] = true
	}
	for i := range c.Contracts {
		owners[c.Contracts[i].Owner] = owners[c.Contracts[i].Owner] || keys[c.Contracts[i].Key]
	}
	for i := range c.Contracts {
		if owners[c.Contracts[i].Owner] {
			keys[c.Contracts[i].Key] = true
		}
	}
	settled, err := m.tx.settledMonths(slices.Sorted(maps.Keys(keys)))
	m.add(c.CheckSettled(settled).Err())
	return err
}

// settingChanges says what became of the settings of a file. What waits for a
// second person is unchanged.
func (m *merger) settingChanges(settings []creditnotes.Setting) creditnotes.Changes {
	count := creditnotes.Changes{Section: "settings"}
	for _, one := range settings {
		if slices.ContainsFunc(m.settings, func(c settingChange) bool { return c.key == one.Key }) {
			count.Add(creditnotes.Updated, one.Key, "value")
		} else {
			count.Add(creditnotes.Unchanged, one.Key)
		}
	}
	return count
}

// add collects the faults in an error.
func (m *merger) add(err error) {
	if err == nil {
		return
	}
	faults := fault.Of(err)
	if faults == nil {
		faults = []*fault.Fault{fault.Wrap(fault.Invalid, "configuration_invalid", nil, err)}
	}
	for _, f := range faults {
		said := slices.ContainsFunc(m.faults, func(g *fault.Fault) bool { return g.Error() == f.Error() })
		if !said {
			m.faults = append(m.faults, f)
		}
	}
}

// touchesNetwork reports whether anything is to be written that the network or
// the prices are made of.
func (m *merger) touchesNetwork() bool {
	return len(m.entities.all())+len(m.stations.all())+len(m.connectors.all())+len(m.media.all())+
		len(m.partners.all())+len(m.rates)+len(m.tariffs) > 0
}

// checkTaxes judges the listed tax accounts and looks for tax treatments whose
// account is not there.
func (m *merger) checkTaxes(c *creditnotes.Configuration, known references) {
	for _, a := range c.TaxAccounts {
		if slices.ContainsFunc(m.accounts.all(), func(row taxAccountRow) bool { return row.Key == a.Key }) {
			m.add(a.Check().Err())
		}
	}
	for _, e := range c.Entities {
		for field, list := range map[string][]entities.TaxTreatment{"tax": e.Taxes, "fee_tax": e.FeeTaxes} {
			for _, t := range list {
				if !known.accounts[t.Account] {
					m.faults = append(m.faults, fault.New(fault.Invalid, "entity_tax_account_unknown", fault.Args{"entity": e.Key, "account": t.Account}).At(field+".account"))
				}
			}
		}
	}
}

// checkAlternates looks for alternate credit addresses that are no entity.
func (m *merger) checkAlternates(c *creditnotes.Configuration) {
	known := map[string]bool{"": true}
	for _, e := range c.Entities {
		known[e.Key] = true
	}
	for _, e := range c.Entities {
		if !known[e.AlternateCredit] {
			m.faults = append(m.faults, fault.New(fault.Invalid, "alternate_address_unknown", fault.Args{"entity": e.Key, "address": e.AlternateCredit}).At("alternate_credit_address"))
		}
	}
}

// checkConnectorTariffs looks for two entries with the same period.
func (m *merger) checkConnectorTariffs() {
	for _, c := range m.connectors.all() {
		for i := 1; i < len(c.Tariffs); i++ {
			if a, b := c.Tariffs[i-1], c.Tariffs[i]; a.ValidFrom == b.ValidFrom && a.ValidTo == b.ValidTo {
				m.faults = append(m.faults, fault.New(fault.Invalid, "connector_tariff_twice", fault.Args{
					"evse": c.EVSEID, "connector": c.Number, "from": b.ValidFrom,
				}).At("from"))
			}
		}
	}
}
