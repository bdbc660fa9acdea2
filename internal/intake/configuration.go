package intake

import (
	"encoding/json"
	"fmt"

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
