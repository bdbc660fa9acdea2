package tariffs

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// outcome is what the rules of domain.md §5 say about one session.
type outcome struct {
	class     sessions.Class
	owner     string // key
	era       *era
	eraNumber int
	// reasons are those of the matchable conditions, as far as they were tried.
	reasons []code
	// claim reports whether a purchase condition matched, with or without a price.
	claim           byte
	clash           [2]*condition // the ambiguous ones
	community       code
	communityNumber int
	// communityVersion is set when the COMMUNITY tariff was asked for a price.
	communityVersion *communityVersion

	rule       Rule
	tariff     string
	rate       *version // nil: unpriced
	rateNumber int
	prices     *priced
	entry      int
}

// The claims of a charge-point tariff on a session.
const (
	noClaim byte = iota
	claimed
	claimedWithoutPrice
)

// resolve finds the purchase price that applies: a purchase condition of the
// charge-point tariff; else, for the class community only, the COMMUNITY
// tariff; else none.
func (s *site) resolve(o *outcome, start int64) {
	*o = outcome{class: o.class, owner: o.owner, reasons: o.reasons[:0]}
	o.era, o.eraNumber = s.era(start)
	o.tryConditions(start, s.local)
	o.tryCommunity(start, s.local)
}

// tryConditions takes the first condition that matches in the order of
// precedence, and looks for another one that is its equal.
func (o *outcome) tryConditions(start int64, local *clock) {
	list := o.era.matchable
	for i, c := range list {
		why := c.why(start, o.owner, local)
		o.reasons = append(o.reasons, why)
		if why != won {
			continue
		}
		o.take(i, start, local)
		return
	}
}

// take lets the condition win unless it has an equal or its cost rate has no
// version yet. In both cases the session is not priced by another rule: a
// wrong price is worse than none.
func (o *outcome) take(i int, start int64, local *clock) {
	list := o.era.matchable
	winner := list[i]
	o.claim = claimedWithoutPrice
	for _, c := range list[i+1:] {
		if c.rank.compare(winner.rank) != 0 {
			break
		}
		why := c.why(start, o.owner, local)
		if why == won {
			why, o.reasons[i] = ambiguous, ambiguous
			if o.clash[1] == nil {
				o.clash = [2]*condition{winner, c}
			}
		}
		o.reasons = append(o.reasons, why)
	}
	if o.clash[1] != nil {
		return
	}
	if !o.price(winner.rates, start, local) {
		o.reasons[i] = rateNotValidYet
		return
	}
	o.claim, o.rule, o.tariff = claimed, ChargePointRule, o.era.chargePoint.Key
}

// tryCommunity asks the COMMUNITY tariff where no purchase condition matched.
func (o *outcome) tryCommunity(start int64, local *clock) {
	switch {
	case o.era.community == nil:
		o.community = noneAtConnector
	case o.claim == claimed:
		o.community = chargePointWon
	case o.claim == claimedWithoutPrice:
		o.community = chargePointMatches
	case o.class != sessions.Community:
		o.community = classNeverCommunity
	default:
		o.community = o.askCommunity(start, local)
	}
}

func (o *outcome) askCommunity(start int64, local *clock) code {
	for i := len(o.era.versions) - 1; i >= 0; i-- {
		v := &o.era.versions[i]
		if v.from > start {
			continue
		}
		o.communityVersion, o.communityNumber = v, i
		if !o.price(v.rates, start, local) {
			return rateNotValidYet
		}
		o.rule, o.tariff = CommunityRule, o.era.community.Key
		return won
	}
	return tariffNotValidYet
}

// price finds the version of a cost rate and its prices in force.
func (o *outcome) price(rates []*version, start int64, local *clock) bool {
	i := at(rates, start)
	if i < 0 {
		return false
	}
	o.rate, o.rateNumber = rates[i], i
	o.prices, o.entry = o.rate.inForce(start, local)
	return true
}

// discount returns the discount that applies: the operator's for the COMMUNITY
// tariff, none for a charge-point tariff.
func (o *outcome) discount(ofCommunity money.Percent) money.Percent {
	if o.rule == CommunityRule {
		return ofCommunity
	}
	return 0
}

// ambiguity names two conditions between which nothing decides.
func (o *outcome) ambiguity(s *sessions.Session, place *entities.Place) error {
	args := clashArgs("purchase", o.era.chargePoint.Key, o.clash[0], o.clash[1])
	args["session"] = s.ExternalID
	args["start"] = s.Start.In(place.Zone).Format(time.RFC3339)
	args["evse"], args["connector"] = place.Connector.EVSEID, place.Connector.Number
	return fault.New(fault.Conflict, "ambiguous_conditions", args)
}

func clashArgs(side, tariff string, a, b *condition) fault.Args {
	if a.number > b.number {
		a, b = b, a
	}
	return fault.Args{
		"tariff": tariff, "first": field(side, a.number), "second": field(side, b.number),
		"first_condition": a.String(), "second_condition": b.String(),
	}
}
