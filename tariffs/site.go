package tariffs

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"creditrun/entities"
)

// site is a place with everything that decides its purchase prices, compiled
// to integers: which tariffs applied when, and the conditions in order.
type site struct {
	place *entities.Place
	local *clock
	from  []int64 // begin of each era, ascending
	eras  []era   // eras[i] lasts from from[i] to from[i+1]
	paths map[string]*Path
	sold  map[saleKey]*sales // compiled when they are asked for

	contracted map[contractedKey]*Path
}

// era is a stretch of time in which the same tariffs apply at a connector.
type era struct {
	chargePoint *ChargePointTariff // nil: none
	conditions  []condition        // purchase, in the order of precedence
	matchable   []*condition       // those that can match at this place
	community   *CommunityTariff   // nil: none
	versions    []communityVersion // sorted by from
}

// communityVersion is a version of a COMMUNITY tariff in the zone of a place.
type communityVersion struct {
	from  int64
	since entities.Moment
	rate  string
	rates []*version
}

// era returns the era of a moment and its number.
func (s *site) era(start int64) (*era, int) {
	for i := len(s.from) - 1; i > 0; i-- {
		if s.from[i] <= start {
			return &s.eras[i], i
		}
	}
	return &s.eras[0], 0 // the first one begins with time itself
}

func (e *era) communityKey() string {
	if e.community == nil {
		return ""
	}
	return e.community.Key
}

// compileSite builds the site of a place. The error is for the log: a Book is
// only asked about the places of its own network, whose tariffs it has checked.
func (b *Book) compileSite(place *entities.Place, local *clock) (*site, error) {
	s := &site{place: place, local: local, paths: map[string]*Path{}, sold: map[saleKey]*sales{}, contracted: map[contractedKey]*Path{}}
	spans := spansOf(place)
	s.from = boundaries(spans)
	for _, from := range s.from {
		e, err := b.compileEra(place, tariffAt(spans, from))
		if err != nil {
			return nil, fmt.Errorf("tariffs at %s/%d: %w", place.Connector.EVSEID, place.Connector.Number, err)
		}
		s.eras = append(s.eras, e)
	}
	return s, nil
}

// span is one assignment of tariffs to a connector in the zone of its station.
type span struct {
	*entities.ConnectorTariff
	from, to int64
}

// spansOf returns the assignments at a place, the latest begin first.
func spansOf(place *entities.Place) []span {
	list := place.Connector.Tariffs
	spans := make([]span, len(list))
	for i := range list {
		spans[i] = span{&list[i], since(list[i].From.In(place.Zone)), until(list[i].To.In(place.Zone))}
	}
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Compare(b.from, a.from) })
	return spans
}

// boundaries returns every moment at which the tariffs of a place may change.
func boundaries(spans []span) []int64 {
	at := []int64{math.MinInt64}
	for _, s := range spans {
		at = append(at, s.from, s.to)
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// tariffAt returns the assignment in force: of those that cover the moment the
// one that began last; nil when there is none.
func tariffAt(spans []span, moment int64) *entities.ConnectorTariff {
	for _, s := range spans {
		if s.from <= moment && moment < s.to {
			return s.ConnectorTariff
		}
	}
	return nil
}

func (b *Book) compileEra(place *entities.Place, assigned *entities.ConnectorTariff) (e era, err error) {
	if assigned == nil {
		return e, nil
	}
	if key := assigned.ChargePoint; key != "" {
		if e.chargePoint = b.chargePoint[key]; e.chargePoint == nil {
			return e, fmt.Errorf("charge-point tariff %q is not in the book", key)
		}
		e.conditions = compileConditions(e.chargePoint.Purchase, place, b.rates)
		for i := range e.conditions {
			if e.conditions[i].never == won {
				e.matchable = append(e.matchable, &e.conditions[i])
			}
		}
	}
	if key := assigned.Community; key != "" {
		if e.community = b.community[key]; e.community == nil {
			return e, fmt.Errorf("COMMUNITY tariff %q is not in the book", key)
		}
		e.versions = b.compileCommunity(e.community, place)
	}
	return e, nil
}

func (b *Book) compileCommunity(t *CommunityTariff, place *entities.Place) []communityVersion {
	versions := make([]communityVersion, len(t.Versions))
	for i, v := range t.Versions {
		versions[i] = communityVersion{since(v.From.In(place.Zone)), v.From, v.Purchase, b.rates[v.Purchase]}
	}
	slices.SortStableFunc(versions, func(a, b communityVersion) int { return cmp.Compare(a.from, b.from) })
	return versions
}
