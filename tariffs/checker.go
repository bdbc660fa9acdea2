package tariffs

import (
	"strconv"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// checker finds everything that keeps a configuration from pricing.
type checker struct {
	cfg     *Config
	network *entities.Network
	faults
	rates map[string]bool
}

func (c *checker) check(discount money.Percent) fault.List {
	if discount < 0 || discount > money.Hundred {
		c.add("discount_out_of_range", "discount", discount.String())
	}
	c.checkRates()
	chargePoint := c.checkChargePoint()
	community := c.checkCommunity()
	c.checkSales()
	for _, p := range c.network.AllPlaces() {
		c.checkPlace(p, chargePoint, community)
	}
	return c.list
}

func (c *checker) checkRates() {
	type name struct {
		key     string
		version int
	}
	c.rates = map[string]bool{}
	seen := map[name]bool{}
	for i := range c.cfg.CostRates {
		r := &c.cfg.CostRates[i]
		c.list = append(c.list, rateFaults(r)...)
		if seen[name{r.Key, r.Version}] {
			c.add("rate_version_twice", "rate", r.Key, "version", r.Version)
		}
		seen[name{r.Key, r.Version}] = true
		c.rates[r.Key] = true
	}
}

func (c *checker) checkChargePoint() map[string]bool {
	keys := map[string]bool{}
	for _, t := range c.cfg.ChargePoint {
		c.key(keys, t.Key, "charge_point_tariff_without_key", "charge_point_tariff_twice")
		c.conditions(t.Key, "purchase", t.Purchase)
		c.conditions(t.Key, "sales", t.Sales)
	}
	return keys
}

func (c *checker) checkSales() {
	keys := map[string]bool{}
	for _, t := range c.cfg.Sales {
		c.key(keys, t.Key, "sales_tariff_without_key", "sales_tariff_twice")
		c.conditions(t.Key, "sales", t.Sales)
	}
}

func (c *checker) checkCommunity() map[string]bool {
	keys := map[string]bool{}
	for _, t := range c.cfg.Community {
		c.key(keys, t.Key, "community_tariff_without_key", "community_tariff_twice")
		c.about = fault.Args{"tariff": t.Key}
		if len(t.Versions) == 0 {
			c.add("community_tariff_without_version")
		}
		seen := map[entities.Moment]bool{}
		for i, v := range t.Versions {
			where := field("versions", i+1)
			c.rate(where, v.Purchase)
			c.moment(where+".from", v.From)
			if seen[v.From] {
				c.add("community_versions_same_start", "field", where, "from", string(v.From)).At(where + ".from")
			}
			seen[v.From] = true
		}
		c.about = nil
	}
	return keys
}

// key checks that a tariff has a key of its own.
func (c *checker) key(seen map[string]bool, key, missing, twice string) {
	switch {
	case key == "":
		c.add(missing).At("key")
	case seen[key]:
		c.add(twice, "tariff", key).At("key")
	}
	seen[key] = true
}

func (c *checker) conditions(tariff, side string, list []Condition) {
	c.about, c.name = fault.Args{"tariff": tariff}, tariff
	for i := range list {
		c.condition(field(side, i+1), &list[i])
	}
	c.about = nil
}

func (c *checker) condition(where string, cond *Condition) {
	c.rate(where, cond.Rate)
	if c.moment(where+".from", cond.From) && c.moment(where+".to", cond.To) && emptyPeriod(cond.From, cond.To) {
		c.add("condition_period_empty", "field", where, "from", string(cond.From), "to", string(cond.To)).At(where + ".to")
	}
	if p := cond.When.PowerType; p != "" && p != entities.AC && p != entities.DC {
		c.add("condition_power_type_unknown", "field", where, "value", string(p)).At(where + ".power_type")
	}
	if cond.Position < 0 {
		c.add("condition_position_negative", "field", where, "position", cond.Position).At(where + ".position")
	}
	c.window(where+".when", cond.When.Window)
}

// rate checks that a cost rate is named and there.
func (c *checker) rate(where, key string) {
	switch {
	case key == "":
		c.add("tariff_rate_missing", "field", where).At(where + ".rate")
	case !c.rates[key]:
		c.add("tariff_rate_unknown", "field", where, "rate", key).At(where + ".rate")
	}
}

func (c *checker) moment(where string, m entities.Moment) bool {
	if m.IsZero() {
		return true
	}
	if _, err := entities.ParseMoment(string(m)); err != nil {
		c.add("tariff_moment_invalid", "field", where, "value", string(m))
		return false
	}
	return true
}

// emptyPeriod reports whether a period ends before it begins. A day and an
// instant are not compared: that depends on the zone of the station.
func emptyPeriod(from, to entities.Moment) bool {
	if from.IsZero() || to.IsZero() || isDay(from) != isDay(to) {
		return false
	}
	return !from.In(time.UTC).Before(to.In(time.UTC))
}

func isDay(m entities.Moment) bool { return len(m) == len(time.DateOnly) }

// checkPlace checks the tariffs assigned to one connector.
func (c *checker) checkPlace(p *entities.Place, chargePoint, community map[string]bool) {
	c.about = fault.Args{"evse": p.Connector.EVSEID, "connector": p.Connector.Number, "station": p.Station.Key}
	seen := map[int64]bool{}
	for _, t := range p.Connector.Tariffs {
		if t.ChargePoint != "" && !chargePoint[t.ChargePoint] {
			c.add("connector_charge_point_tariff_unknown", "tariff", t.ChargePoint, "from", string(t.From)).At("charge_point")
		}
		if t.Community != "" && !community[t.Community] {
			c.add("connector_community_tariff_unknown", "tariff", t.Community, "from", string(t.From)).At("community")
		}
		if from := since(t.From.In(p.Zone)); seen[from] {
			c.add("connector_tariffs_same_start", "from", string(t.From)).At("from")
		} else {
			seen[from] = true
		}
	}
	c.about = nil
}

// field is where an element of a list stands, as in a network file; the first
// one has the number 1.
func field(list string, number int) string { return list + "[" + strconv.Itoa(number) + "]" }
