package sessions

import (
	"math/bits"
	"time"

	"creditrun/internal/money"
	"creditrun/internal/ocmf"
)

// Exclude returns why a session is never credited, or "" (domain.md §3.5). It
// is asked before Check. begins is the first instant of the start date for
// credit notes in the operator's zone; the zero time excludes nothing.
func Exclude(s *Session, begins time.Time, operatorOwned bool) Reason {
	switch {
	case !begins.IsZero() && s.Start.Before(begins):
		return BeforeStartDate
	case operatorOwned:
		return OperatorOwned
	}
	return ""
}

// longAgo is how long before it was received an excluded session must have
// ended to be named by the readiness check.
const longAgo = 400 * 24 * time.Hour

// LongAgo reports whether a session ended so long before it was received that
// the clock of its station was probably wrong (domain.md §3.5).
func LongAgo(s *Session) bool { return s.ReceivedAt.Sub(s.End) > longAgo }

// Circumstances is what Check has to know beside the session.
type Circumstances struct {
	Known  bool           // the connector is in the network
	Owned  bool           // a person owned its station when the session started
	Power  money.Quantity // the most the connector gives, in millionths of a kilowatt; 0: unknown
	Modes  Modes
	Limits Limits
	// Overlaps is how long before the end of an earlier session at the
	// connector the session starts (see Overlaps).
	Overlaps time.Duration
}

// Check returns the first reason for which a session is held, or "" when it
// may be priced (domain.md §3.5), and otherwise the first rule that applies and
// only warns. It judges all reasons but unpriced, which needs the tariffs. A
// released session is spared the reasons that may be released and no others.
// It does not allocate.
func Check(s *Session, at *Circumstances) (held, warned Reason) {
	switch {
	case s.Status != Valid && !s.Released:
		return ReasonInvalid, ""
	case s.IDReused:
		return IDReused, ""
	case !at.Known:
		return UnknownConnector, ""
	case !at.Owned:
		return NoOwner, ""
	case s.End.Before(s.Start):
		return EndBeforeStart, ""
	case s.Energy < 0:
		return NegativeEnergy, ""
	case s.Released:
		return "", ""
	}
	for rule := range ruleCount {
		mode := at.Modes.Of(rule)
		if mode == Off || !rule.appliesTo(s, at) {
			continue
		}
		if mode == Hold && !rule.onlyWarns(s) {
			return rule.Reason(), ""
		}
		if warned == "" {
			warned = rule.Reason()
		}
	}
	return "", warned
}

// appliesTo reports whether a session with an end that is not before its start
// breaks the rule.
func (r Rule) appliesTo(s *Session, at *Circumstances) bool {
	limit := at.Limits[r]
	if limit == 0 {
		limit = ruleTable[r].standard
	}
	switch r {
	case RuleFuture:
		return !s.ReceivedAt.IsZero() && s.End.After(s.ReceivedAt.Add(time.Duration(limit)*time.Hour))
	case RuleLength:
		return s.End.After(s.Start.Add(time.Duration(limit) * 24 * time.Hour))
	case RuleDuration:
		return s.Duration-int64(limit) > int64(s.End.Sub(s.Start)/time.Second)
	case RuleEnergy:
		return tooMuchEnergy(s, at.Power, limit)
	case RuleMeter:
		return offTheMeter(s, limit)
	case RuleSignature:
		return s.Signed != nil && !s.Reversed && (s.Signed.Verdict != ocmf.Valid || offWhatWasSigned(s, limit))
	case RuleOverlap:
		return at.Overlaps > time.Duration(limit)*time.Second
	}
	return false
}

// onlyWarns reports whether a rule that applies to a session does not hold it
// although it would hold others: signed meter data that could not be checked
// says nothing against the session.
func (r Rule) onlyWarns(s *Session) bool {
	return r == RuleSignature && s.Signed.Verdict != ocmf.Invalid && s.Signed.Verdict != ocmf.Valid
}

// mostPower is what a connector gives at most where its power is unknown.
const mostPower = 400 * money.Quantity(money.PerUnit)

// tooMuchEnergy compares the energy with what the connector can have given
// between start and end, whatever duration the source states.
func tooMuchEnergy(s *Session, power money.Quantity, most int) bool {
	if power <= 0 {
		power = mostPower
		if s.Energy > money.Quantity(most)*money.Quantity(money.PerUnit) {
			return true
		}
	}
	return exceeds(s.Energy, power, s.End.Sub(s.Start).Microseconds())
}

// exceeds reports whether energy > power × time × 1.1 + 1 kWh. With millionths
// on both sides that is (energy − 1 kWh) × 36 000 000 000 > power × µs × 11,
// computed in 128 bits.
func exceeds(energy, power money.Quantity, micros int64) bool {
	const allowance = money.Quantity(money.PerUnit)
	if energy <= allowance {
		return false
	}
	gotHigh, gotLow := bits.Mul64(uint64(energy-allowance), 36_000_000_000)
	high, low := bits.Mul64(uint64(power), uint64(max(micros, 0)))
	if high >= 1<<59 { // beyond any energy
		return false
	}
	carry, mayLow := bits.Mul64(low, 11)
	mayHigh := high*11 + carry
	return gotHigh > mayHigh || gotHigh == mayHigh && gotLow > mayLow
}

// leastOff is how far meter and energy may always differ: 0.1 kWh.
const leastOff = money.PerUnit / 10

// offTheMeter reports whether both meter values are stated and their
// difference is off the energy by more than a tolerance in hundredths of a
// percent, and by more than 0.1 kWh. A meter that was exchanged or began anew
// is off, too: no one can say by how much.
func offTheMeter(s *Session, tolerance int) bool {
	if s.MeterStart == nil || s.MeterStop == nil {
		return false
	}
	return off(*s.MeterStop-*s.MeterStart, s.Energy, tolerance)
}

// offWhatWasSigned reports whether the energy that the meter signed is off that
// of the session, as offTheMeter does.
func offWhatWasSigned(s *Session, tolerance int) bool {
	return s.Signed.Energy != nil && off(*s.Signed.Energy, s.Energy, tolerance)
}

// off reports whether what a meter counted differs from an energy by more than
// a tolerance in hundredths of a percent, and by more than 0.1 kWh.
func off(counted, energy money.Quantity, tolerance int) bool {
	off := counted - energy
	if off < 0 {
		off = -off
	}
	if off <= leastOff {
		return false
	}
	offHigh, offLow := bits.Mul64(uint64(off), 10_000)
	mayHigh, mayLow := bits.Mul64(uint64(energy), uint64(tolerance))
	return offHigh > mayHigh || offHigh == mayHigh && offLow > mayLow
}

// DurationOf returns the seconds from start to end, a begun second counting
// whole. A session that ends before it starts lasts 0 seconds; Check holds it.
func DurationOf(start, end time.Time) int64 {
	d := end.Sub(start)
	if d <= 0 {
		return 0
	}
	return int64((d-1)/time.Second) + 1
}
