package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/tariffs"
)

// rateRow is a row of cost_rates: one version of a cost rate.
type rateRow struct {
	Key        string     `gorm:"column:key;primaryKey" json:"key"`
	Version    int        `gorm:"column:version;primaryKey;autoIncrement:false" json:"version"`
	ValidFrom  *time.Time `gorm:"column:valid_from" json:"valid_from,omitempty"`
	Currency   string     `gorm:"column:currency" json:"currency"`
	Definition jsonText   `gorm:"column:definition" json:"definition"`
}

// TableName implements schema.Tabler.
func (rateRow) TableName() string { return "cost_rates" }

// rateDefinition is what the definition of a cost rate holds.
type rateDefinition struct {
	EnergyStepWh int64 `json:"energy_step_wh,omitempty"`
	tariffs.Prices
	Schedule []tariffs.ScheduleEntry `json:"schedule,omitempty"`
}

func rateRowOf(r *tariffs.CostRate) rateRow {
	d := rateDefinition{EnergyStepWh: r.EnergyStepWh, Prices: r.Prices, Schedule: slices.Clone(r.Schedule)}
	for i := range d.Schedule {
		if !d.Schedule[i].Starting.IsZero() {
			d.Schedule[i].Starting = utc(d.Schedule[i].Starting)
		}
	}
	return rateRow{Key: r.Key, Version: r.Version, ValidFrom: utcOrNull(r.ValidFrom), Currency: r.Currency, Definition: jsonOf(d)}
}

func (r *rateRow) domain() (tariffs.CostRate, error) {
	var d rateDefinition
	err := r.Definition.read("cost rate "+r.Key, &d)
	return tariffs.CostRate{
		Key: r.Key, Version: r.Version, ValidFrom: orZero(r.ValidFrom), Currency: r.Currency,
		EnergyStepWh: d.EnergyStepWh, Prices: d.Prices, Schedule: d.Schedule,
	}, err
}

func (r *rateRow) from() time.Time { return orZero(r.ValidFrom) }

// samePrices reports whether two versions price alike.
func (r *rateRow) samePrices(other *rateRow) bool {
	return r.Currency == other.Currency && r.Definition == other.Definition
}

// rateVersion names a version of a cost rate.
type rateVersion struct {
	key     string
	version int
}

// rateMerge works out which versions of cost rates are new. What a session was
// credited by never changes (domain.md §4.7), so a version in use is followed
// by a new one; a version that no price path uses is corrected in place.
//
//   - A definition with a date belongs to the version of that date.
//   - A definition without a date that stands alone is how the rate is priced
//     now: it belongs to the version in force, and where that is in use, the
//     new version begins now.
//   - A definition without a date beside others with dates is the price since
//     ever: it belongs to the version without a date.
type rateMerge struct {
	now    time.Time
	byKey  map[string][]rateRow
	inUse  map[rateVersion]bool
	listed map[string]int // how many definitions of a key are listed
}

// target returns the stored version to which a listed definition belongs, and
// from when it would be valid as a new version.
func (m *rateMerge) target(listed *rateRow) (stored *rateRow, from *time.Time) {
	versions := m.byKey[listed.Key]
	if listed.ValidFrom == nil && m.listed[listed.Key] == 1 {
		for i := range versions {
			if v := &versions[i]; !v.from().After(m.now) && (stored == nil || laterRate(v, stored)) {
				stored = v
			}
		}
		if stored == nil {
			return nil, nil
		}
		return stored, &m.now
	}
	for i := range versions {
		if v := &versions[i]; v.from().Equal(listed.from()) && (stored == nil || v.Version > stored.Version) {
			stored = v
		}
	}
	return stored, listed.ValidFrom
}

// laterRate reports whether a supersedes b: it begins later, or at the same
// moment with a higher version.
func laterRate(a, b *rateRow) bool {
	return cmp.Or(a.from().Compare(b.from()), cmp.Compare(a.Version, b.Version)) > 0
}

// merge returns the row to be written for a listed definition, with the one it
// replaces in place, if any; false when nothing changes.
func (m *rateMerge) merge(listed rateRow) (after rateRow, before *rateRow, changed bool) {
	stored, from := m.target(&listed)
	if stored != nil && stored.samePrices(&listed) {
		return listed, nil, false
	}
	after = listed
	if stored != nil && !m.inUse[rateVersion{stored.Key, stored.Version}] {
		was := *stored
		after.Version, after.ValidFrom = stored.Version, stored.ValidFrom
		*stored = after
		return after, &was, true
	}
	after.ValidFrom = from
	for _, v := range m.byKey[listed.Key] {
		after.Version = max(after.Version, v.Version)
	}
	after.Version++
	m.byKey[listed.Key] = append(m.byKey[listed.Key], after)
	return after, nil, true
}

// ratesInUse finds out which versions of cost rates occur in price paths: one
// query for all. Paths of a run that was discarded count too; a version more
// does no harm.
func (tx *Tx) ratesInUse(keys []string) (map[rateVersion]bool, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, err
	}
	query := `SELECT DISTINCT content::json #>> '{cost_rate,key}', (content::json #>> '{cost_rate,version}')::integer
		FROM price_paths WHERE content::json #>> '{cost_rate,key}' IN (SELECT json_array_elements_text($1::json))`
	if tx.dialect == sqliteDialect {
		query = `SELECT DISTINCT json_extract(content, '$.cost_rate.key'), json_extract(content, '$.cost_rate.version')
			FROM price_paths WHERE json_extract(content, '$.cost_rate.key') IN (SELECT value FROM json_each($1))`
	}
	used, err := collect(tx.ctx, tx.sql, func(v *rateVersion) []any { return []any{&v.key, &v.version} }, query, string(list))
	if err != nil {
		return nil, fmt.Errorf("cost rates in use: %w", err)
	}
	inUse := map[rateVersion]bool{}
	for _, v := range used {
		inUse[v] = true
	}
	return inUse, nil
}

// tariffRow is a row of tariffs: a tariff of any kind.
type tariffRow struct {
	Kind       string   `gorm:"column:kind;primaryKey" json:"-"`
	Key        string   `gorm:"column:key;primaryKey" json:"key"`
	Name       string   `gorm:"column:name" json:"name"`
	Definition jsonText `gorm:"column:definition" json:"definition"`
	Until      string   `gorm:"column:until" json:"until,omitempty"`
}

// TableName implements schema.Tabler.
func (tariffRow) TableName() string { return "tariffs" }

// The kinds of tariffs.
const (
	communityKind   = "community"
	chargePointKind = "charge_point"
	salesKind       = "sales"
)

// chargePointDefinition is what the definition of a charge-point tariff holds.
type chargePointDefinition struct {
	Purchase []tariffs.Condition `json:"purchase,omitempty"`
	Sales    []tariffs.Condition `json:"sales,omitempty"`
}

func tariffRowsOf(c *tariffs.Config) (community, chargePoint, sales []tariffRow) {
	for _, t := range c.Community {
		community = append(community, tariffRow{communityKind, t.Key, t.Name, jsonOf(t.Versions), string(t.Until)})
	}
	for _, t := range c.ChargePoint {
		chargePoint = append(chargePoint, tariffRow{chargePointKind, t.Key, t.Name, jsonOf(chargePointDefinition{t.Purchase, t.Sales}), string(t.Until)})
	}
	for _, t := range c.Sales {
		sales = append(sales, tariffRow{salesKind, t.Key, t.Name, jsonOf(t.Sales), string(t.Until)})
	}
	return community, chargePoint, sales
}

// addTo reads a tariff into a configuration.
func (r *tariffRow) addTo(c *tariffs.Config) error {
	what := r.Kind + " tariff " + r.Key
	switch r.Kind {
	case communityKind:
		t := tariffs.CommunityTariff{Key: r.Key, Name: r.Name, Until: entities.Date(r.Until)}
		if err := r.Definition.read(what, &t.Versions); err != nil {
			return err
		}
		c.Community = append(c.Community, t)
	case chargePointKind:
		var d chargePointDefinition
		if err := r.Definition.read(what, &d); err != nil {
			return err
		}
		c.ChargePoint = append(c.ChargePoint, tariffs.ChargePointTariff{Key: r.Key, Name: r.Name, Purchase: d.Purchase, Sales: d.Sales, Until: entities.Date(r.Until)})
	case salesKind:
		t := tariffs.SalesTariff{Key: r.Key, Name: r.Name, Until: entities.Date(r.Until)}
		if err := r.Definition.read(what, &t.Sales); err != nil {
			return err
		}
		c.Sales = append(c.Sales, t)
	}
	return nil
}
