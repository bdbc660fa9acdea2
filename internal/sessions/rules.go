package sessions

import (
	"encoding/json"
	"fmt"
	"strconv"

	"creditrun/internal/money"
)

// Mode says what becomes of a session to which a rule of plausibility applies.
type Mode string

// The modes of rules.
const (
	Hold Mode = "hold" // it waits until a person decides
	Warn Mode = "warn" // it is credited, and the run and the readiness check name it
	Off  Mode = "off"  // the rule is not asked
)

// Rule is a rule of plausibility that an operator may set, in the order in
// which they are asked. The other reasons are no rules: without a valid
// session, a place, an owner, a length, an energy and a price there is nothing
// to be credited.
type Rule int

// The rules, in the order of their reasons. Each has one limit.
const (
	RuleFuture Rule = iota
	RuleLength
	RuleDuration
	RuleEnergy
	RuleMeter
	RuleSignature
	RuleOverlap
	ruleCount
)

// ruleFacts is what is known of a rule.
type ruleFacts struct {
	reason      Reason
	limit       string // name of the limit, which says its unit
	standard    int
	least, most int
}

var ruleTable = [ruleCount]ruleFacts{
	RuleFuture:    {InTheFuture, "max_future_hours", 24, 1, 24 * 366},
	RuleLength:    {TooLong, "max_session_days", 7, 1, 366},
	RuleDuration:  {DurationMismatch, "duration_tolerance_s", 60, 1, 86_400},
	RuleEnergy:    {TooMuchEnergy, "max_energy_kwh", 300, 1, 1_000_000},
	RuleMeter:     {MeterMismatch, "meter_tolerance_percent", 100, 1, 10_000},
	RuleSignature: {SignatureInvalid, "signed_tolerance_percent", 100, 1, 10_000},
	RuleOverlap:   {Overlap, "overlap_tolerance_s", 60, 1, 86_400},
}

// Rules lists all rules in their order.
func Rules() []Rule {
	list := make([]Rule, ruleCount)
	for i := range list {
		list[i] = Rule(i)
	}
	return list
}

// Reason is why a session is held to which the rule applies.
func (r Rule) Reason() Reason { return ruleTable[r].reason }

// LimitName names the limit of the rule in settings and network files.
func (r Rule) LimitName() string { return ruleTable[r].limit }

// Percent reports whether the limit is a percentage, counted in hundredths;
// the others are whole numbers.
func (r Rule) Percent() bool { return r == RuleMeter || r == RuleSignature }

// Expected says what the limit of the rule may be.
func (r Rule) Expected() string {
	return r.Format(ruleTable[r].least) + " … " + r.Format(ruleTable[r].most)
}

// Bounds are the least and the most that the limit of the rule may be.
func (r Rule) Bounds() (least, most string) {
	return r.Format(ruleTable[r].least), r.Format(ruleTable[r].most)
}

// Parse reads the limit of the rule.
func (r Rule) Parse(text string) (int, error) {
	var limit int
	if r.Percent() {
		p, err := money.ParsePercent(text)
		if err != nil {
			return 0, err
		}
		limit = int(p)
	} else {
		var err error
		if limit, err = strconv.Atoi(text); err != nil {
			return 0, err
		}
	}
	if limit < ruleTable[r].least || limit > ruleTable[r].most {
		return 0, fmt.Errorf("%s: not within %s: %q", r.LimitName(), r.Expected(), text)
	}
	return limit, nil
}

// Format writes the limit of the rule as Parse reads it; 0 is empty.
func (r Rule) Format(limit int) string {
	switch {
	case limit == 0:
		return ""
	case r.Percent():
		return money.Percent(limit).String()
	}
	return strconv.Itoa(limit)
}

// Modes says what each rule does; the zero value holds.
type Modes [ruleCount]Mode

// Of returns the mode of a rule.
func (m *Modes) Of(r Rule) Mode {
	if m[r] == "" {
		return Hold
	}
	return m[r]
}

// Limits are the limits of the rules, by rule; 0: not set here.
type Limits [ruleCount]int

// StandardLimits are the limits where no one set others (domain.md §3.5).
func StandardLimits() Limits {
	var l Limits
	for i := range l {
		l[i] = ruleTable[i].standard
	}
	return l
}

// Over returns the limits that are set here, and those of base for the rest.
func (l Limits) Over(base Limits) Limits {
	for i, limit := range l {
		if limit != 0 {
			base[i] = limit
		}
	}
	return base
}

// Unset reports whether no limit is set.
func (l Limits) Unset() bool { return l == Limits{} }

// MarshalJSON writes the limits that are set by their names.
func (l Limits) MarshalJSON() ([]byte, error) {
	set := map[string]string{}
	for i, limit := range l {
		if limit != 0 {
			set[Rule(i).LimitName()] = Rule(i).Format(limit)
		}
	}
	return json.Marshal(set)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (l *Limits) UnmarshalJSON(content []byte) error {
	var set map[string]string
	if err := json.Unmarshal(content, &set); err != nil {
		return err
	}
	*l = Limits{}
	for i := range l {
		text, ok := set[Rule(i).LimitName()]
		if !ok {
			continue
		}
		limit, err := Rule(i).Parse(text)
		if err != nil {
			return err
		}
		l[i] = limit
	}
	return nil
}
