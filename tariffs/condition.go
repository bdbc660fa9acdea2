package tariffs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"creditrun/entities"
)

// condition is a purchase condition as it stands at one place: what cannot
// change there is decided already.
type condition struct {
	*Condition
	number   int  // in the tariff, from 1
	never    code // why it can never match at this place; won: it can
	from, to int64
	timed    bool
	hours    hours
	rates    []*version
	rank     rank
}

// rank is the precedence of domain.md §5; greater wins.
type rank struct {
	tier     int   // the most particular filter that is set
	filters  int   // how many are set
	timed    int   // 1 with a time window
	from     int64 // valid from
	position int   // explicit position; 0 is none
}

// The tiers, from the least particular filter to the most.
const (
	tierNone = iota
	tierOperatingCompany
	tierPowerType
	tierConnectorType
	tierStation
	tierConnector
)

// compare sorts the winning condition first; 0 is a tie.
func (r rank) compare(o rank) int {
	return cmp.Or(
		cmp.Compare(o.tier, r.tier),
		cmp.Compare(o.filters, r.filters),
		cmp.Compare(o.timed, r.timed),
		cmp.Compare(o.from, r.from),
		comparePositions(r.position, o.position),
	)
}

// comparePositions puts the lower position first, and none last.
func comparePositions(a, b int) int {
	if (a == 0) != (b == 0) {
		return cmp.Compare(b, a) // 0 goes behind any other
	}
	return cmp.Compare(a, b)
}

// compileCondition decides what is fixed at a place.
func compileCondition(c *Condition, number int, place *entities.Place, rates []*version) condition {
	return condition{
		Condition: c, number: number, rates: rates,
		never: c.When.never(place),
		from:  since(c.From.In(place.Zone)),
		to:    until(c.To.In(place.Zone)),
		timed: !c.When.Window.IsZero(),
		hours: c.When.Window.compile(),
		rank:  c.rank(place.Zone),
	}
}

// rank counts the filters; each one that is set counts once, weekdays and
// hours together are one.
func (f Filter) rank() rank {
	var r rank
	set := func(is bool, tier int) {
		if is {
			r.filters++
			r.tier = max(r.tier, tier)
		}
	}
	set(f.OperatingCompany != "", tierOperatingCompany)
	set(f.PowerType != "", tierPowerType)
	set(f.ConnectorType != "", tierConnectorType)
	set(f.Station != "", tierStation)
	set(f.EVSEID != "", tierConnector)
	if !f.Window.IsZero() {
		r.filters++
		r.timed = 1
	}
	return r
}

// never tells why the filter can never match at a place, or won if it can.
func (f Filter) never(place *entities.Place) code {
	c := place.Connector
	switch {
	case f.EVSEID != "" && !entities.SameEVSE(f.EVSEID, c.EVSEID):
		return otherConnector
	case f.Station != "" && f.Station != place.Station.Key:
		return otherStation
	case f.ConnectorType != "" && f.ConnectorType != c.Type:
		return otherConnectorType
	case f.PowerType != "" && f.PowerType != c.PowerType:
		return otherPowerType
	}
	return won
}

// why reports whether the condition matches a session, or why not.
func (c *condition) why(start int64, owner string, local *clock) code {
	switch {
	case start < c.from:
		return notValidYet
	case start >= c.to:
		return expired
	case c.When.OperatingCompany != "" && c.When.OperatingCompany != owner:
		return otherOwner
	case c.timed:
		return c.hours.why(local.local(seconds(start)))
	}
	return won
}

// String describes the condition in few words without a language: its filters,
// its validity and its position, as they are written in a network file.
func (c *Condition) String() string {
	var words []string
	say := func(name, value string) {
		if value != "" {
			words = append(words, name+"="+written(value))
		}
	}
	say("evse_id", c.When.EVSEID)
	say("station", c.When.Station)
	say("connector_type", c.When.ConnectorType)
	say("power_type", string(c.When.PowerType))
	say("operating_company", c.When.OperatingCompany)
	say("weekdays", strings.Trim(strings.ReplaceAll(fmt.Sprint(c.When.Weekdays), " ", ","), "[]"))
	if w := c.When.Window; w.From != "" || w.To != "" {
		say("hours", cmp.Or(string(w.From), "00:00")+"-"+cmp.Or(string(w.To), "24:00"))
	}
	say("from", string(c.From))
	say("to", string(c.To))
	if c.Position != 0 {
		say("position", fmt.Sprint(c.Position))
	}
	return strings.Join(words, " ")
}

// compileConditions puts the conditions of a tariff in the order of precedence
// at a place.
func compileConditions(list []Condition, place *entities.Place, rates map[string][]*version) []condition {
	compiled := make([]condition, len(list))
	for i := range list {
		compiled[i] = compileCondition(&list[i], i+1, place, rates[list[i].Rate])
	}
	slices.SortStableFunc(compiled, func(a, b condition) int { return a.rank.compare(b.rank) })
	return compiled
}
