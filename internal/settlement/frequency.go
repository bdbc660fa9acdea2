package settlement

import (
	"strconv"

	"creditrun/entities"
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

// Valid reports whether the frequency is one of those above, or not set.
func (f Frequency) Valid() bool {
	return f == "" || f == Monthly || f == Quarterly || f == HalfYearly || f == Yearly
}

// Period returns the first and the last month of the period that a month
// belongs to.
func (f Frequency) Period(month entities.Month) (first, last entities.Month) {
	n, err := strconv.Atoi(string(month)[len(month)-2:])
	if err != nil {
		return month, month
	}
	first = month.AddMonths(-((n - 1) % f.months()))
	return first, first.AddMonths(f.months() - 1)
}

// Due reports whether the run of a month settles the owner: whether it closes
// the period. The end of a year always does.
func (f Frequency) Due(month entities.Month) bool {
	_, last := f.Period(month)
	return month == last
}
