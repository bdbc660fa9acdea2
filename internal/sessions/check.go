package sessions

import (
	"math/bits"
	"time"

	"creditrun/internal/money"
)

// DefaultMaxDays is how many days a session may last where the settings say
// nothing.
const DefaultMaxDays = 7

// mostDays keeps a limit in days inside a time.Duration.
const mostDays = 100_000

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

// Check returns the first reason for which a session is held, or "" when it
// may be priced (domain.md §3.5). It judges all reasons but overlap, which
// needs the neighbours (see Overlaps), and unpriced, which needs the tariffs.
// known says that the connector is in the network, owner that somebody owned
// its station when the session started. power is the most the connector gives,
// in millionths of a kilowatt, 0 where unknown. maxDays below 1 is
// DefaultMaxDays. A released session is spared the reasons that may be released
// and no others. It does not allocate.
func Check(s *Session, known, owner bool, power money.Quantity, maxDays int) Reason {
	switch {
	case s.Status != Valid && !s.Released:
		return ReasonInvalid
	case !known:
		return UnknownConnector
	case !owner:
		return NoOwner
	case s.End.Before(s.Start):
		return EndBeforeStart
	case s.Energy < 0:
		return NegativeEnergy
	case s.Released:
		return ""
	case lastsOver(s, maxDays):
		return TooLong
	case tooMuchEnergy(s.Energy, power, s.Duration):
		return TooMuchEnergy
	}
	return ""
}

func lastsOver(s *Session, days int) bool {
	if days < 1 {
		days = DefaultMaxDays
	}
	return s.End.After(s.Start.Add(time.Duration(min(days, mostDays)) * 24 * time.Hour))
}

// tooMuchEnergy tells whether energy > power × duration × 1.1 + 1 kWh. With
// millionths on both sides that is (energy − 1 kWh) × 36000 > power × seconds × 11,
// computed in 128 bits.
func tooMuchEnergy(energy, power money.Quantity, seconds int64) bool {
	const allowance = money.Quantity(money.PerUnit)
	if power <= 0 || energy <= allowance {
		return false
	}
	gotHigh, gotLow := bits.Mul64(uint64(energy-allowance), 36_000)
	high, low := bits.Mul64(uint64(power), uint64(max(seconds, 0)))
	if high >= 1<<32 { // beyond any energy
		return false
	}
	carry, mayLow := bits.Mul64(low, 11)
	mayHigh := high*11 + carry
	return gotHigh > mayHigh || gotHigh == mayHigh && gotLow > mayLow
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
