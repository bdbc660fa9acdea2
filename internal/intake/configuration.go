package intake

import (
	"maps"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// Configuration is what the file says as the store keeps it: the configuration
// and, apart, the settings that the file mentions.
func (n *Network) Configuration() (*creditnotes.Configuration, []creditnotes.Setting, error) {
	config := &creditnotes.Configuration{
		Entities: n.Entities, Stations: n.Stations, Connectors: n.Connectors, Media: n.Media, Partners: n.Partners,
		Tariffs: n.Tariffs, TaxAccounts: n.TaxAccounts, NumberRanges: n.NumberRanges, Contracts: n.Contracts,
	}
	if n.Operator.Key != "" {
		config.Entities = append([]entities.Entity{n.Operator}, n.Entities...)
	}
	settings := make([]creditnotes.Setting, len(n.Settings))
	for i, one := range n.Settings {
		settings[i] = creditnotes.Setting{Key: one.Key, Value: one.Value}
	}
	return config, settings, nil
}

// NetworkOf turns what the store keeps into a network file: the reverse of
// Network.Configuration.
func NetworkOf(c *creditnotes.Configuration) (*Network, error) {
	n := &Network{
		TaxAccounts: c.TaxAccounts, NumberRanges: c.NumberRanges, Tariffs: c.Tariffs, Partners: c.Partners,
		Stations: c.Stations, Connectors: c.Connectors, Media: c.Media, Contracts: c.Contracts,
	}
	for _, e := range c.Entities {
		if e.Parent == "" {
			n.Operator = e
		} else {
			n.Entities = append(n.Entities, e)
		}
	}
	values := c.Settings.Values()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if creditnotes.IsLogo(key) { // names a file that only this database has
			continue
		}
		n.Settings = append(n.Settings, Setting{Key: key, Value: values[key]})
	}
	return n, nil
}
