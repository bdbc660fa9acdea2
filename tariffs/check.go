package tariffs

import (
	"maps"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// Check lists what in the configuration would leave sessions of the period
// [from, to) without a price or with an ambiguous one (domain.md §9.10). Unlike
// the faults of NewBook none of it stops a run. The findings are NotReady but
// for ambiguous conditions, which are Conflict:
//
//   - conditions_may_be_ambiguous: two purchase conditions of equal rank that
//     can match the same session at some connector,
//   - condition_company_unknown, condition_station_unknown and
//     condition_evse_unknown: a filter that can never match,
//   - connector_without_tariff: neither a charge-point nor a COMMUNITY tariff,
//   - connector_without_purchase_price: no COMMUNITY tariff and a charge-point
//     tariff without purchase conditions,
//   - only_community (once for each owner): connectors at which no charge-point
//     tariff applies in the period, so that other classes have no price there,
//   - charge_point_tariff_without_purchase and, where anything is sold,
//     charge_point_tariff_without_sales: one side of a tariff that applies has no condition,
//   - sales_tariff_without_price: a sales tariff of some medium whose conditions
//     are not in force in the period,
//   - medium_sales_tariff_unknown, media_without_sales_tariff (once for each
//     issuer): media of the network that cannot be billed to a driver.
//
// Stations of the operator and those without an owner are left out.
func (b *Book) Check(from, to time.Time, media []entities.Medium) []*fault.Fault {
	c := check{book: b, from: since(from), to: until(to), seen: map[[2]*Condition]bool{}, used: map[string]bool{}, only: map[string]*onlyCommunity{}}
	c.filters()
	for _, place := range b.network.AllPlaces() {
		if c.owned(place, from, to) {
			c.place(place)
			c.community(place, to)
		}
	}
	c.sides()
	c.sales(media)
	c.media(media)
	return c.found
}

type check struct {
	book     *Book
	from, to int64
	found    []*fault.Fault
	seen     map[[2]*Condition]bool // pairs reported already
	used     map[string]bool        // charge-point tariffs that apply
	only     map[string]*onlyCommunity
}

// onlyCommunity counts the connectors of an owner without a charge-point tariff.
type onlyCommunity struct {
	station string // the first one
	count   int
}

// community counts a connector at which a COMMUNITY tariff applies at the end of
// the period and no charge-point tariff does.
func (c *check) community(place *entities.Place, to time.Time) {
	last := to.Add(-time.Microsecond)
	t, owner := AssignedAt(place, last), place.Owner(last)
	if t == nil || t.Community == "" || t.ChargePoint != "" || owner == nil {
		return
	}
	if c.only[owner.Key] == nil {
		c.only[owner.Key] = &onlyCommunity{station: place.Station.Key}
	}
	c.only[owner.Key].count++
}

// sides looks for tariffs of which the driver or the owner has nothing.
func (c *check) sides() {
	for _, key := range slices.Sorted(maps.Keys(c.only)) {
		one := c.only[key]
		c.add(fault.NotReady, "only_community", fault.Args{"entity": key, "count": one.count, "station": one.station})
	}
	for _, key := range slices.Sorted(maps.Keys(c.used)) {
		t := c.book.chargePoint[key]
		switch {
		case len(t.Purchase) == 0 && len(t.Sales) > 0:
			c.add(fault.NotReady, "charge_point_tariff_without_purchase", fault.Args{"tariff": key})
		case len(t.Purchase) > 0 && len(t.Sales) == 0 && c.book.Sells():
			c.add(fault.NotReady, "charge_point_tariff_without_sales", fault.Args{"tariff": key})
		}
	}
}

// sales looks for sales tariffs of media that charge the driver nothing.
func (c *check) sales(media []entities.Medium) {
	named := map[string]bool{}
	for _, m := range media {
		named[m.SalesTariff] = true
	}
	for _, key := range slices.Sorted(maps.Keys(c.book.sales)) {
		inForce := func(one Condition) bool {
			zone := c.book.network.Zone()
			return since(one.From.In(zone)) < c.to && (one.To.IsZero() || until(one.To.In(zone)) > c.from)
		}
		if named[key] && !slices.ContainsFunc(c.book.sales[key].Sales, inForce) {
			c.add(fault.NotReady, "sales_tariff_without_price", fault.Args{"tariff": key})
		}
	}
}

func (c *check) add(kind fault.Kind, key string, args fault.Args) {
	c.found = append(c.found, fault.New(kind, key, args))
}

// owned reports whether the place belongs to a Sub-CPO at the begin or at the
// end of the period.
func (c *check) owned(place *entities.Place, from, to time.Time) bool {
	operator := c.book.network.Operator()
	for _, owner := range []*entities.Entity{place.Owner(from), place.Owner(to.Add(-time.Microsecond))} {
		if owner != nil && owner.Key != operator.Key {
			return true
		}
	}
	return false
}

// place looks at the tariffs of a connector during the period.
func (c *check) place(place *entities.Place) {
	spans, assigned, priced := spansOf(place), false, false
	bounds := boundaries(spans)
	for i, from := range bounds {
		to := c.to
		if i+1 < len(bounds) {
			to = min(to, bounds[i+1])
		}
		t := tariffAt(spans, from)
		if from = max(from, c.from); from >= to || t == nil {
			continue
		}
		assigned = assigned || t.ChargePoint != "" || t.Community != ""
		priced = priced || t.Community != ""
		if cp := c.book.chargePoint[t.ChargePoint]; cp != nil {
			priced = priced || len(cp.Purchase) > 0
			c.used[cp.Key] = true
			c.ambiguities(cp, place, from, to)
		}
	}
	args := fault.Args{"evse": place.Connector.EVSEID, "connector": place.Connector.Number, "station": place.Station.Key}
	switch {
	case !assigned:
		c.add(fault.NotReady, "connector_without_tariff", args)
	case !priced:
		c.add(fault.NotReady, "connector_without_purchase_price", args)
	}
}

// ambiguities compares the conditions of equal rank that can match at a place.
func (c *check) ambiguities(t *ChargePointTariff, place *entities.Place, from, to int64) {
	list := compileConditions(t.Purchase, place, c.book.rates)
	list = slices.DeleteFunc(list, func(c condition) bool { return c.never != won })
	for i := range list {
		for j := i + 1; j < len(list) && list[i].rank.compare(list[j].rank) == 0; j++ {
			c.ambiguity(t, place, &list[i], &list[j], from, to)
		}
	}
}

func (c *check) ambiguity(t *ChargePointTariff, place *entities.Place, a, b *condition, from, to int64) {
	pair := [2]*Condition{a.Condition, b.Condition}
	if c.seen[pair] || max(a.from, b.from, from) >= min(a.to, b.to, to) || !a.shares(b) {
		return
	}
	c.seen[pair] = true
	args := clashArgs("purchase", t.Key, a, b)
	args["evse"], args["connector"] = place.Connector.EVSEID, place.Connector.Number
	c.add(fault.Conflict, "conditions_may_be_ambiguous", args)
}

// shares reports whether a session can match both conditions as far as owner and
// time of the week go.
func (c *condition) shares(other *condition) bool {
	one, two := c.When.OperatingCompany, other.When.OperatingCompany
	if one != "" && two != "" && one != two {
		return false
	}
	return c.hours.overlaps(other.hours)
}

// filters looks for filters that name what is not there.
func (c *check) filters() {
	evses := map[string]bool{}
	for _, p := range c.book.network.AllPlaces() {
		evses[entities.EVSEKey(p.Connector.EVSEID)] = true
	}
	for _, key := range slices.Sorted(maps.Keys(c.book.chargePoint)) {
		for i, cond := range c.book.chargePoint[key].Purchase {
			c.filter(key, field("purchase", i+1), cond.When, evses)
		}
	}
}

func (c *check) filter(tariff, where string, f Filter, evses map[string]bool) {
	unknown := func(is bool, key, value string) {
		if is {
			c.add(fault.NotReady, key, fault.Args{"tariff": tariff, "field": where, "value": value})
		}
	}
	network := c.book.network
	unknown(f.OperatingCompany != "" && network.Tree.Entity(f.OperatingCompany) == nil, "condition_company_unknown", f.OperatingCompany)
	unknown(f.Station != "" && network.Station(f.Station) == nil, "condition_station_unknown", f.Station)
	unknown(f.EVSEID != "" && !evses[entities.EVSEKey(f.EVSEID)], "condition_evse_unknown", f.EVSEID)
}

// media counts the media without a sales tariff by their issuer.
func (c *check) media(media []entities.Medium) {
	without := map[string]int{}
	for _, m := range media {
		switch {
		case m.SalesTariff == "":
			without[m.Issuer]++
		case c.book.sales[m.SalesTariff] == nil:
			c.add(fault.NotReady, "medium_sales_tariff_unknown",
				fault.Args{"entity": m.Issuer, "medium": masked(m.UID), "tariff": m.SalesTariff})
		}
	}
	for _, issuer := range slices.Sorted(maps.Keys(without)) {
		c.add(fault.NotReady, "media_without_sales_tariff", fault.Args{"entity": issuer, "count": without[issuer]})
	}
}

// masked shows the last four characters of a medium's uid.
func masked(uid string) string {
	if len(uid) <= 4 {
		return uid
	}
	return "…" + uid[len(uid)-4:]
}
