package numbering

import (
	"fmt"
	"time"

	"creditrun/internal/fault"
)

// Counter names one sequence of a range: where the store keeps how far it has
// come. Documents with the same counter are numbered without a gap.
type Counter struct {
	Range  string // key
	Scope  string // key of the recipient; empty where all share a sequence
	Period string // "", 2026 or 2026-10
}

// Counter returns the sequence from which a document takes its number. The
// date of the document decides (2006-01-02), not the day of issue: dated in
// December and issued in January it counts in the old year (domain.md §8.1).
func (r Range) Counter(date, recipient string) Counter {
	c := Counter{Range: r.Key, Period: r.Period(date)}
	if r.Scope == ScopeRecipient {
		c.Scope = recipient
	}
	return c
}

// Period returns the stretch of time in which a range counts through: nothing
// for a range that never starts again, else the year or the month of the date
// (2006-01-02). A text that is no date gives nothing.
func (r Range) Period(date string) string {
	if !isDate(date) {
		return ""
	}
	switch r.Reset {
	case ResetYearly:
		return date[:len("2006")]
	case ResetMonthly:
		return date[:len("2006-01")]
	}
	return ""
}

// Start returns the number with which a counter begins. The first counter of a
// range, or of a recipient where the scope is the recipient, continues what was
// before creditrun and begins at Next; every later period begins at 1.
func (r Range) Start(first bool) int64 {
	if first {
		return max(r.Next, 1)
	}
	return 1
}

// Format writes one number. The error is a *fault.Fault when the range or the
// date is broken, seq is below 1, or the number would exceed MaxLength, which a
// long recipient key can cause.
func (r Range) Format(date, recipient string, seq int64) (string, error) {
	numbers, err := r.Block(date, recipient, seq, 1)
	if err != nil {
		return "", err
	}
	return numbers[0], nil
}

// Block writes n consecutive numbers beginning with first: what one
// transaction takes for all its documents of one counter. Errors are those of
// Format; a block is given whole or not at all.
func (r Range) Block(date, recipient string, first int64, n int) ([]string, error) {
	if faults := r.Validate(); len(faults) > 0 {
		return nil, fault.List(faults)
	}
	p, _ := parsePattern(&r)
	switch {
	case !isDate(date):
		return nil, r.fault("number_date_invalid", fault.Args{"date": date})
	case first < 1 || first > maxSequence:
		return nil, r.fault("number_sequence_invalid", fault.Args{"sequence": first})
	case recipient == "" && p.count(placeholderRecipient) > 0:
		return nil, r.fault("number_without_recipient", nil)
	}
	numbers := make([]string, 0, max(n, 0))
	for i := range int64(max(n, 0)) {
		number := p.spell(date, recipient, first+i)
		if len(number) > MaxLength {
			return nil, r.fault("number_too_long", fault.Args{"number": number, "length": len(number), "most": MaxLength})
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

// Example writes the number of the given date with which the range would
// begin, for people who edit a pattern. It returns "" for a broken range.
func (r Range) Example(date string) string {
	number, err := r.Format(date, "recipient", r.Start(true))
	if err != nil {
		return ""
	}
	return number
}

// maxSequence leaves room for a block behind the greatest sequence.
const maxSequence = 1_000_000_000_000_000_000

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// String writes the counter for logs and messages: gs, gs/2026, gs/a/2026-10.
func (c Counter) String() string {
	s := c.Range
	for _, part := range [...]string{c.Scope, c.Period} {
		if part != "" {
			s = fmt.Sprintf("%s/%s", s, part)
		}
	}
	return s
}
