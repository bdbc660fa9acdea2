package intake

import (
	"encoding/json"
	"fmt"
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
		Tariffs: n.Tariffs, TaxAccounts: n.TaxAccounts, NumberRanges: n.NumberRanges,
	}
	if n.Operator.Key != "" {
		config.Entities = append([]entities.Entity{n.Operator}, n.Entities...)
	}
	for _, contract := range n.Contracts {
		definition, err := json.Marshal(contract)
		if err != nil {
			return nil, nil, fmt.Errorf("contract %q: %w", contract.Key, err)
		}
		config.Contracts = append(config.Contracts, creditnotes.Contract{Key: contract.Key, Definition: string(definition)})
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
		Stations: c.Stations, Connectors: c.Connectors, Media: c.Media,
	}
	for _, e := range c.Entities {
		if e.Parent == "" {
			n.Operator = e
		} else {
			n.Entities = append(n.Entities, e)
		}
	}
	for _, contract := range c.Contracts {
		var one ContractTerms
		if err := json.Unmarshal([]byte(contract.Definition), &one); err != nil {
			return nil, fmt.Errorf("contract %q: %w", contract.Key, err)
		}
		n.Contracts = append(n.Contracts, one)
	}
	values := c.Settings.Values()
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if key == "logo" { // names a file that only this database has
			continue
		}
		n.Settings = append(n.Settings, Setting{Key: key, Value: values[key]})
	}
	return n, nil
}
