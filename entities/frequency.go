package entities

import (
	"slices"
	"strconv"
)

// Frequency says how often an owner is settled (settlement.md §9). The zero
// value is monthly.
type Frequency string

// The frequencies: periods of the calendar.
const (
	Monthly    Frequency = "monthly"
	Quarterly  Frequency = "quarterly"
	HalfYearly Frequency = "half_yearly"
	Yearly     Frequency = "yearly"
)

// months is the length of a period.
func (f Frequency) months() int {
	switch f {
	case Quarterly:
		return 3
	case HalfYearly:
		return 6
	case Yearly:
		return 12
	}
	return 1
}

// Frequencies lists the frequencies from the shortest period to the longest.
func Frequencies() []Frequency { return []Frequency{Monthly, Quarterly, HalfYearly, Yearly} }

// Valid reports whether the frequency is one of those above, or not set.
func (f Frequency) Valid() bool {
	return f == "" || slices.Contains(Frequencies(), f)
}

// Period returns the first and the last month of the period that a month
// belongs to.
func (f Frequency) Period(month Month) (first, last Month) {
	n, err := strconv.Atoi(string(month)[len(month)-2:])
	if err != nil {
		return month, month
	}
	first = month.AddMonths(-((n - 1) % f.months()))
	return first, first.AddMonths(f.months() - 1)
}

// Due reports whether the run of a month settles the owner: whether it closes
// the period. The end of a year always does.
func (f Frequency) Due(month Month) bool {
	_, last := f.Period(month)
	return month == last
}
