package bank

import (
	"strings"

	"creditrun/entities"
	"creditrun/internal/money"
)

// Money is an amount as a bank states it. The zero Money is "not stated".
type Money struct {
	// Value is in millionths of the currency's unit, positive when it comes into
	// the account and negative when it leaves it.
	Value money.Micros
	// Currency is a code of ISO 4217.
	Currency string
}

// Known reports whether the amount is stated.
func (m Money) Known() bool { return m.Currency != "" }

// Amount returns the value in minor units of the currency. It is false when the
// currency is unknown or the value has a fraction of a minor unit.
func (m Money) Amount() (money.Amount, bool) {
	digits, ok := money.Digits(m.Currency)
	if !ok {
		return 0, false
	}
	amount := m.Value.Round(digits)
	return amount, amount.Micros(digits) == m.Value
}

// String prints the value with as many decimals as it has, two at least, and the
// currency: -12.50 EUR.
func (m Money) String() string { return decimal(m.Value) + " " + m.Currency }

// decimal prints an amount with two decimals at least.
func decimal(value money.Micros) string {
	text := value.String()
	short := strings.TrimRight(text, "0")
	return text[:max(len(short), len(text)-4)]
}

// Direction says which way money goes, seen from the account.
type Direction string

// The directions, as ISO 20022 writes them.
const (
	Credit Direction = "CRDT" // into the account
	Debit  Direction = "DBIT" // out of the account
)

// number reads a decimal that is not negative, as sums and amounts are written:
// 200000, 474.4, 5.0100, .05.
func number(text string) (money.Micros, error) {
	if strings.HasPrefix(text, "-") {
		return 0, money.ErrNotDecimal
	}
	text = strings.TrimPrefix(text, "+")
	if whole, fraction, ok := strings.Cut(text, "."); ok {
		if whole == "" {
			whole = "0"
		}
		if fraction = strings.TrimRight(fraction, "0"); fraction == "" {
			fraction = "0"
		}
		text = whole + "." + fraction
	}
	return money.ParseMicros(text)
}

// amount reads an amount with its currency. A node that is not there is not
// stated.
func (f *File) amount(n *node) (Money, error) {
	if n == nil {
		return Money{}, nil
	}
	value, err := number(n.text)
	if err != nil || len(n.currency) != 3 {
		return Money{}, f.value(n)
	}
	return Money{Value: value, Currency: n.currency}, nil
}

// direction reads a credit or debit indicator; none is "".
func (f *File) direction(n *node) (Direction, error) {
	if n == nil {
		return "", nil
	}
	switch d := Direction(n.text); d {
	case Credit, Debit:
		return d, nil
	}
	return "", f.value(n)
}

// signed gives an amount the sign of its direction.
func (m Money) signed(d Direction) Money {
	if d == Debit {
		m.Value = -m.Value
	}
	return m
}

// date reads Dt or DtTm of an element; none is the zero Date. The day is the one
// that is written, in the bank's own zone.
func (f *File) date(n *node) (entities.Date, error) {
	stated := n.first("Dt", "DtTm")
	if stated == nil || stated.text == "" {
		return "", nil
	}
	day, err := entities.ParseDate(stated.text[:min(len(stated.text), len("2006-01-02"))])
	if err != nil {
		return "", f.value(stated)
	}
	return day, nil
}

// abs is an amount without its sign.
func abs(value money.Micros) money.Micros { return max(value, -value) }
