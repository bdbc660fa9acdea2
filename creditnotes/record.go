package creditnotes

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"creditrun/entities"
)

// Record names one thing of the configuration: its section in the network file
// and its key there.
type Record struct{ Section, Key string }

// The sections whose records people change one by one.
const (
	SectionRanges      = "number_ranges"
	SectionTaxAccounts = "tax_accounts"
	SectionEntities    = "entities"
	SectionRates       = "cost_rates" // all versions of a key are one record
	SectionCommunity   = "community_tariffs"
	SectionChargePoint = "charge_point_tariffs"
	SectionSales       = "sales_tariffs"
	SectionStations    = "stations" // with their connectors
	SectionPartners    = "bilateral_partners"
	SectionContracts   = "contracts"
	SectionMedia       = "media"
)

// Fingerprint returns a text that differs whenever the record does, and ""
// where there is no such record. Bank data of an entity are not part of it:
// they are changed on their own.
func (c *Configuration) Fingerprint(r Record) (string, error) {
	return fingerprint(r, c.partsOf(r))
}

// FingerprintWhole is Fingerprint of a record with all that belongs to it: of an
// entity the bank data, too.
func (c *Configuration) FingerprintWhole(r Record) (string, error) {
	parts := c.partsOf(r)
	if i := slices.IndexFunc(c.Entities, func(e entities.Entity) bool { return e.Key == r.Key }); i >= 0 && r.Section == SectionEntities {
		parts = append(parts, c.Entities[i].Bank)
	}
	return fingerprint(r, parts)
}

func fingerprint(r Record, parts []any) (string, error) {
	if len(parts) == 0 {
		return "", nil
	}
	text, err := json.Marshal(parts)
	if err != nil {
		return "", fmt.Errorf("%s %q: %w", r.Section, r.Key, err)
	}
	return FingerprintOf(text), nil
}

// FingerprintOf returns the fingerprint of a record that is written as a text.
func FingerprintOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// partsOf lists what makes up a record.
func (c *Configuration) partsOf(r Record) (parts []any) {
	switch r.Section {
	case SectionRanges:
		return those(c.NumberRanges, func(i int) bool { return c.NumberRanges[i].Key == r.Key })
	case SectionTaxAccounts:
		return those(c.TaxAccounts, func(i int) bool { return c.TaxAccounts[i].Key == r.Key })
	case SectionRates:
		return those(c.Tariffs.CostRates, func(i int) bool { return c.Tariffs.CostRates[i].Key == r.Key })
	case SectionCommunity:
		return those(c.Tariffs.Community, func(i int) bool { return c.Tariffs.Community[i].Key == r.Key })
	case SectionChargePoint:
		return those(c.Tariffs.ChargePoint, func(i int) bool { return c.Tariffs.ChargePoint[i].Key == r.Key })
	case SectionSales:
		return those(c.Tariffs.Sales, func(i int) bool { return c.Tariffs.Sales[i].Key == r.Key })
	case SectionStations:
		parts = those(c.Stations, func(i int) bool { return c.Stations[i].Key == r.Key })
		return append(parts, those(c.Connectors, func(i int) bool { return c.Connectors[i].Station == r.Key })...)
	case SectionPartners:
		return those(c.Partners, func(i int) bool { return c.Partners[i].ID() == r.Key })
	case SectionMedia:
		return those(c.Media, func(i int) bool { return c.Media[i].UID == r.Key })
	case SectionContracts:
		return those(c.Contracts, func(i int) bool { return c.Contracts[i].Key == r.Key })
	case SectionEntities:
		for _, e := range c.Entities {
			if e.Key == r.Key {
				e.Bank = entities.Bank{}
				parts = append(parts, e)
			}
		}
	}
	return parts
}

func those[T any](list []T, wanted func(i int) bool) (found []any) {
	for i := range list {
		if wanted(i) {
			found = append(found, &list[i])
		}
	}
	return found
}
