package payouts

import (
	"cmp"
	"slices"

	"creditrun/entities"
	"creditrun/internal/money"
)

// Ages are all ages, the youngest first.
func Ages() []Age { return []Age{NotDue, To30, To60, To90, Over90} }

// Side says who owes the open items of an account.
type Side string

// The sides of an account. What one side owes is not set off against the other.
const (
	Owed  Side = "owed"  // by the operator to the recipient
	Owing Side = "owing" // by the recipient to the operator
)

// Aged is what is open on one side of an account by age, or of all accounts in a
// currency. Amounts have the sign of movements: positive is owed by the operator.
type Aged struct {
	Entity   string // key; empty: all accounts
	Currency string
	Side     Side
	Items    int
	ByAge    [5]money.Amount // in the order of Ages
}

// Total is what all ages come to.
func (a *Aged) Total() (total money.Amount) {
	for _, amount := range a.ByAge {
		total += amount
	}
	return total
}

// Overdue is the total without what is not due.
func (a *Aged) Overdue() money.Amount { return a.Total() - a.ByAge[0] }

func (a *Aged) add(i *Item, age Age) {
	a.Items++
	a.ByAge[slices.Index(Ages(), age)] += i.Open
}

// Ageing is what was open at the end of a day by age (settlement.md §10.4).
// Money that was paid to the recipient and settles no item is a debt of it; money of
// the recipient that settles none is not in it.
type Ageing struct {
	Rows   []Aged // by entity, currency and side, without empty ones
	Totals []Aged // by currency and side
}

// Seen are the accounts of the recipients that fit.
func Seen(accounts []Account, fits func(recipient string) bool) []Account {
	return slices.DeleteFunc(slices.Clone(accounts), func(a Account) bool { return !fits(a.Recipient.Key) })
}

// AgeingOf ages the open items of accounts at the end of day.
func AgeingOf(day entities.Date, accounts []Account) (out Ageing) {
	totals := map[Aged]*Aged{}
	for n := range accounts {
		a := &accounts[n]
		sides := [2]Aged{{Entity: a.Recipient.Key, Currency: a.Currency, Side: Owed}, {Entity: a.Recipient.Key, Currency: a.Currency, Side: Owing}}
		for j := range a.Items {
			i := &a.Items[j]
			if !i.counts() {
				continue
			}
			side := &sides[0]
			if i.Open < 0 {
				side = &sides[1]
			}
			age := i.Age(day)
			side.add(i, age)
			key := Aged{Currency: a.Currency, Side: side.Side}
			if totals[key] == nil {
				totals[key] = new(key)
			}
			totals[key].add(i, age)
		}
		for _, side := range sides {
			if side.Items > 0 {
				out.Rows = append(out.Rows, side)
			}
		}
	}
	for _, t := range totals {
		out.Totals = append(out.Totals, *t)
	}
	slices.SortFunc(out.Totals, func(x, y Aged) int { return cmp.Or(cmp.Compare(x.Currency, y.Currency), cmp.Compare(x.Side, y.Side)) })
	return out
}

// AgedJSON is a row of an ageing as programs read it.
type AgedJSON struct {
	Entity   string `json:"entity,omitempty" doc:"key of the recipient; none: all accounts in the currency"`
	Currency string `json:"currency"`
	Side     Side   `json:"side" doc:"owed: the operator owes the items; owing: the recipient does"`
	Items    int    `json:"items"`
	NotDue   string `json:"not_due"`
	To30     string `json:"days_1_30"`
	To60     string `json:"days_31_60"`
	To90     string `json:"days_61_90"`
	Over90   string `json:"days_over_90"`
	Total    string `json:"total" doc:"positive: the operator owes it"`
}

// JSON is the row as programs read it.
func (a *Aged) JSON() AgedJSON {
	digits, _ := money.Digits(a.Currency)
	amount := func(i int) string { return a.ByAge[i].Format(digits) }
	return AgedJSON{a.Entity, a.Currency, a.Side, a.Items, amount(0), amount(1), amount(2), amount(3), amount(4), a.Total().Format(digits)}
}

// AgeingJSON is an ageing as programs read it.
type AgeingJSON struct {
	Day    entities.Date `json:"day"`
	Rows   []AgedJSON    `json:"rows" nullable:"false"`
	Totals []AgedJSON    `json:"totals" nullable:"false"`
}

// JSON is the ageing at the end of day as programs read it.
func (a *Ageing) JSON(day entities.Date) AgeingJSON {
	out := AgeingJSON{day, []AgedJSON{}, []AgedJSON{}}
	for i := range a.Rows {
		out.Rows = append(out.Rows, a.Rows[i].JSON())
	}
	for i := range a.Totals {
		out.Totals = append(out.Totals, a.Totals[i].JSON())
	}
	return out
}
