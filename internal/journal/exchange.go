package journal

import (
	"cmp"
	"math"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// Exchange is the rate at which the amounts of an entry are converted into the
// currency of the ledger.
type Exchange struct {
	Base string     `json:"base"` // currency of the ledger
	Rate money.Rate `json:"rate"` // units of the entry's currency for one of the ledger's
}

// MonthRate is the exchange rate of a currency in a month.
type MonthRate struct {
	Currency string
	Month    entities.Month
	Rate     money.Rate // units of the currency for one of the ledger's
}

// mostRate is the highest rate that fits the field of DATEV: below 10,000.
const mostRate = 10_000 * money.PerUnit

// Check refuses a currency that is none, one that needs no rate, and a rate that is
// not above 0 and below 10,000.
func (r *MonthRate) Check(base string) error {
	if _, known := money.Digits(r.Currency); !known || r.Currency == base {
		return fault.New(fault.Invalid, "accounting_rate_currency", fault.Args{"currency": r.Currency, "base": base}).At("currency")
	}
	if r.Rate <= 0 || r.Rate >= mostRate {
		return fault.New(fault.Invalid, "accounting_rate", fault.Args{"rate": r.Rate.String()}).At("rate")
	}
	return nil
}

// Of converts an amount into the currency of the ledger, rounded half away from
// zero to its minor unit.
func (x *Exchange) Of(a money.Amount, currency string) (money.Amount, error) {
	digits, _ := money.Digits(currency)
	to, _ := money.Digits(x.Base)
	var sum money.Sum
	sum.AddProduct(int64(a), money.PerUnit)
	divisor := uint64(max(x.Rate, 0))
	for ; digits < to; digits++ {
		sum.Scale(10)
	}
	for ; digits > to && divisor <= math.MaxUint64/10; digits-- {
		divisor *= 10
	}
	if divisor == 0 {
		return 0, fault.New(fault.Invalid, "accounting_rate", fault.Args{"rate": x.Rate.String()})
	}
	v, fits := sum.DivRound(divisor)
	if !fits {
		return 0, fault.New(fault.Invalid, "accounting_rate", fault.Args{"rate": x.Rate.String()})
	}
	return money.Amount(v), nil
}

// Convert gives the entries in other currencies than that of the ledger the rate
// of their month. What has none is part of Missing.
func (j *Journal) Convert(base string, rates []MonthRate) {
	type of struct {
		currency string
		month    entities.Month
	}
	known := map[of]money.Rate{}
	for _, r := range rates {
		known[of{r.Currency, r.Month}] = r.Rate
	}
	for i := range j.Entries {
		e := &j.Entries[i]
		if e.Currency != base {
			e.Exchange = &Exchange{Base: base, Rate: known[of{e.Currency, e.Date.Month()}]}
		}
	}
}

// Unrated are the currencies and months of which a rate is missing, in their
// order.
func (j *Journal) Unrated() (list []MonthRate) {
	seen := map[MonthRate]bool{}
	for i := range j.Entries {
		e := &j.Entries[i]
		if r := (MonthRate{Currency: e.Currency, Month: e.Date.Month()}); e.Exchange != nil && e.Exchange.Rate == 0 && !seen[r] {
			seen[r] = true
			list = append(list, r)
		}
	}
	slices.SortFunc(list, compareRates)
	return list
}

func compareRates(a, b MonthRate) int {
	return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Currency, b.Currency))
}
