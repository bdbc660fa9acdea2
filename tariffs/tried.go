package tariffs

import (
	"creditrun/internal/money"
)

// manyConditions is how many conditions that can never match are listed one by
// one; more are counted.
const manyConditions = 20

// path tells the story of an outcome. It is made once for each interned path.
func (s *site) path(o *outcome, discount money.Percent) *Path {
	c := s.place.Connector
	p := &Path{
		Class: o.class, EVSEID: c.EVSEID, Connector: c.Number, ConnectorType: c.Type, PowerType: c.PowerType,
		Station: s.place.Station.Key, Zone: s.place.Zone.String(), Owner: o.owner,
		Rule: o.rule, Tariff: o.tariff, Discount: o.discount(discount),
	}
	if o.rate != nil {
		p.CostRate = &RateVersion{o.rate.Key, o.rate.Version}
		p.Prices = &PricesInForce{o.entry, o.rate.EnergyStepWh, *o.prices.Prices}
		p.Currency = o.rate.Currency
	}
	p.Tried = append(o.era.triedConditions(o.reasons), o.community.tried(CommunityRule, o.era.communityKey()))
	if v := o.communityVersion; v != nil {
		last := &p.Tried[len(p.Tried)-1]
		last.CostRate, last.Condition = v.rate, v.condition()
	}
	return p
}

// triedConditions lists the conditions in the order of precedence. It is given
// the reasons of those that can match at the place, as far as they were tried.
func (e *era) triedConditions(reasons []code) []Tried {
	if e.chargePoint == nil {
		return []Tried{noneAtConnector.tried(ChargePointRule, "")}
	}
	key := e.chargePoint.Key
	if len(e.conditions) == 0 {
		return []Tried{noPurchaseConditions.tried(ChargePointRule, key)}
	}
	var tried []Tried
	neverMatching, next := [len(whys)]int{}, 0
	for i := range e.conditions {
		c := &e.conditions[i]
		why := c.never
		switch {
		case why != won && len(e.conditions)-len(e.matchable) > manyConditions:
			neverMatching[why]++
			continue
		case why == won && next < len(reasons):
			why = reasons[next]
			next++
		case why == won:
			why = outranked
		}
		t := why.tried(ChargePointRule, key)
		t.Condition, t.CostRate, t.When = c.String(), c.Rate, &c.When
		tried = append(tried, t)
	}
	for why, count := range neverMatching {
		if count > 0 {
			t := code(why).tried(ChargePointRule, key)
			t.Count = count
			tried = append(tried, t)
		}
	}
	return tried
}

// condition describes since when the version is valid.
func (v *communityVersion) condition() string {
	if v.since == "" {
		return ""
	}
	return "from=" + string(v.since)
}
