package web

import (
	"cmp"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// sum is an amount in a currency.
type sum struct {
	Currency string
	Amount   money.Amount
}

// sumsOf rounds exact sums to the minor unit of their currencies; the main
// currency comes first.
func sumsOf(owed map[string]money.Micros, main string) (sums []sum) {
	for _, currency := range sortedKeys(owed) {
		sums = append(sums, sum{currency, owed[currency].Round(digitsOf(currency))})
	}
	mainFirst(sums, main, func(s sum) string { return s.Currency })
	return sums
}

// mainFirst sorts by currency, the main one first.
func mainFirst[T any](list []T, main string, currency func(T) string) []T {
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

func currencyOf(t creditnotes.NoteTotal) string { return t.Currency }

// digitsOf is how many minor digits a currency has; two where nobody knows.
func digitsOf(currency string) int {
	if digits, ok := money.Digits(currency); ok {
		return digits
	}
	return 2
}
