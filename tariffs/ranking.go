package tariffs

import (
	"slices"
	"time"

	"creditrun/entities"
)

// Ranked is a condition and when it is tried.
type Ranked struct {
	*Condition
	Number int // in the tariff, from 1
	// Turn counts the order of domain.md §5 from 1. Conditions between which
	// nothing decides share a turn.
	Turn int
}

// Ranking puts the conditions of a tariff in the order in which they are tried
// at a connector (domain.md §5). Days begin in the given zone: that of the
// station or, for a tariff as a whole, the operator's.
func Ranking(list []Condition, zone *time.Location) []Ranked {
	ranked := make([]Ranked, len(list))
	for i := range list {
		ranked[i] = Ranked{Condition: &list[i], Number: i + 1}
	}
	slices.SortStableFunc(ranked, func(a, b Ranked) int { return a.rank(zone).compare(b.rank(zone)) })
	for i := range ranked {
		ranked[i].Turn = i + 1
		if i > 0 && ranked[i].rank(zone).compare(ranked[i-1].rank(zone)) == 0 {
			ranked[i].Turn = ranked[i-1].Turn
		}
	}
	return ranked
}

// rank is the precedence of the condition in a zone.
func (c *Condition) rank(zone *time.Location) rank {
	r := c.When.rank()
	r.from, r.position = since(c.From.In(zone)), c.Position
	return r
}

// AssignedAt returns the tariffs that apply at a connector at a moment, or nil
// where there are none: of the entries that cover the moment the one that began
// last.
func AssignedAt(place *entities.Place, moment time.Time) *entities.ConnectorTariff {
	return tariffAt(spansOf(place), since(moment))
}
