// Package money counts money and energy exactly. Everything stored is an
// integer with a unit, everything computed an exact fraction, and nothing is
// rounded but where a caller asks for it. It knows no tariffs and no documents.
package money

import (
	"math"

	"github.com/bojanz/currency"
)

// Amount is money in minor units of its currency (cents, pence, whole yen).
// The currency is kept beside it, never inside.
type Amount int64

// Micros is money in millionths of the currency's unit: the precision in which
// every component of a session's price is kept (domain.md §6.2).
type Micros int64

// Rate is a price in millionths of the currency's unit, per kWh, per hour or
// per session as its place says.
type Rate int64

// Fine is a price of a contract in billionths of the currency's unit, per kWh or
// per session as its place says: a fee of a fraction of a millionth per kWh adds
// up over a month (docs/settlement.md §3.3).
type Fine int64

// Quantity is energy in millionths of a kilowatt-hour.
type Quantity int64

// Percent is a percentage in hundredths: 19 % is 1900.
type Percent int64

// Decimals each type keeps. Parsing more than these is an error.
const (
	MicroDecimals    = 6
	QuantityDecimals = 6
	FineDecimals     = 9
	PercentDecimals  = 2
)

// Scales of the stored integers.
const (
	// PerUnit is the number of millionths in one.
	PerUnit = 1_000_000
	// PerWattHour is one watt-hour as a Quantity.
	PerWattHour Quantity = 1_000
	// Hundred is 100 percent.
	Hundred Percent = 10_000
)

// Digits tells how many minor digits a currency has (ISO 4217): 2 for EUR, 0
// for JPY, 3 for KWD. The second result is false for an unknown code.
func Digits(code string) (int, bool) {
	d, ok := currency.GetDigits(code)
	return int(d), ok
}

// Round rounds half away from zero to the minor unit of a currency with the
// given number of digits (domain.md §6.3).
func (m Micros) Round(digits int) Amount {
	if digits >= MicroDecimals {
		return Amount(int64(m) * pow10(digits-MicroDecimals))
	}
	return Amount(divRound(int64(m), pow10(MicroDecimals-digits)))
}

// Micros returns the amount in millionths of the currency's unit.
func (a Amount) Micros(digits int) Micros {
	return Micros(int64(a) * pow10(MicroDecimals-digits))
}

// Tax returns the tax on a base, rounded half away from zero once (EN 16931
// BR-CO-17). Up to 100 % it fits for every base of 18 digits, the most that
// Parse reads; beyond that it stops at the largest Amount, so that it can never
// look like a real one.
func (a Amount) Tax(rate Percent) Amount {
	var x Exact
	neg := x.product(int64(a), int64(rate))
	v, ok := x.DivRound(uint64(Hundred))
	if !ok {
		v = math.MaxInt64
	}
	if neg {
		v = -v
	}
	return Amount(v)
}

// String prints all six decimals: 3.150000.
func (m Micros) String() string { return Format(int64(m), MicroDecimals) }

// Format prints the amount with the currency's digits: 16.84, 1684, 1.684.
func (a Amount) Format(digits int) string { return Format(int64(a), digits) }

// String prints the energy in kWh without trailing zeros: 22.345.
func (q Quantity) String() string { return FormatTrimmed(int64(q), QuantityDecimals) }

// String prints the rate without trailing zeros: 0.35.
func (r Rate) String() string { return FormatTrimmed(int64(r), MicroDecimals) }

// String prints the price without trailing zeros: 0.22.
func (f Fine) String() string { return FormatTrimmed(int64(f), FineDecimals) }

// String prints the percentage without trailing zeros: 19, 7.7.
func (p Percent) String() string { return FormatTrimmed(int64(p), PercentDecimals) }

// ParseRate reads a decimal with at most six decimals.
func ParseRate(s string) (Rate, error) {
	v, err := Parse(s, MicroDecimals)
	return Rate(v), err
}

// ParseFine reads a decimal with at most nine decimals.
func ParseFine(s string) (Fine, error) {
	v, err := Parse(s, FineDecimals)
	return Fine(v), err
}

// ParseMicros reads a decimal with at most six decimals.
func ParseMicros(s string) (Micros, error) {
	v, err := Parse(s, MicroDecimals)
	return Micros(v), err
}

// ParseQuantity reads kilowatt-hours with at most six decimals.
func ParseQuantity(s string) (Quantity, error) {
	v, err := Parse(s, QuantityDecimals)
	return Quantity(v), err
}

// ParsePercent reads a percentage with at most two decimals.
func ParsePercent(s string) (Percent, error) {
	v, err := Parse(s, PercentDecimals)
	return Percent(v), err
}

// MarshalText writes the rate as a decimal string, so JSON never sees a float.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Rate) UnmarshalText(b []byte) (err error) {
	*r, err = ParseRate(string(b))
	return err
}

// MarshalText writes the price as a decimal string.
func (f Fine) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (f *Fine) UnmarshalText(b []byte) (err error) {
	*f, err = ParseFine(string(b))
	return err
}

// MarshalText writes the energy as a decimal string.
func (q Quantity) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (q *Quantity) UnmarshalText(b []byte) (err error) {
	*q, err = ParseQuantity(string(b))
	return err
}

// MarshalText writes the amount with six decimals.
func (m Micros) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (m *Micros) UnmarshalText(b []byte) (err error) {
	*m, err = ParseMicros(string(b))
	return err
}

// MarshalText writes the percentage as a decimal string.
func (p Percent) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Percent) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePercent(string(b))
	return err
}
