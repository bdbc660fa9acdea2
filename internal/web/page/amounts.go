package page

import (
	"cmp"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// Sum is an amount in a currency.
type Sum struct {
	Currency string
	Amount   money.Amount
}

// SumsOf rounds exact sums to the minor unit of their currencies; the main
// currency comes first.
func SumsOf(owed map[string]money.Micros, main string) (sums []Sum) {
	for _, currency := range SortedKeys(owed) {
		sums = append(sums, Sum{currency, owed[currency].Round(DigitsOf(currency))})
	}
	MainFirst(sums, main, func(s Sum) string { return s.Currency })
	return sums
}

// MainFirst sorts by currency, the main one first.
func MainFirst[T any](list []T, main string, currency func(T) string) []T {
	rank := func(one T) int {
		if currency(one) == main {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b T) int {
		return cmp.Or(rank(a)-rank(b), cmp.Compare(currency(a), currency(b)))
	})
	return list
}

// CurrencyOf is the currency of a total.
func CurrencyOf(t creditnotes.NoteTotal) string { return t.Currency }

// DigitsOf is how many minor digits a currency has; two where that is not known.
func DigitsOf(currency string) int {
	if digits, ok := money.Digits(currency); ok {
		return digits
	}
	return 2
}
