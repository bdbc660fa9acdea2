package money

import "math/bits"

// Exact is a non-negative 128-bit integer in which a price is added up before
// its one rounding. The zero value is 0. It does not allocate. Products are
// bounded by what Parse accepts (18 digits each), so a price times a discount
// stays far below 2^128; Overflowed tells if it did not.
type Exact struct {
	hi, lo   uint64
	overflow bool
}

// AddProduct adds a × b. Both must not be negative.
func (x *Exact) AddProduct(a, b int64) {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	var carry uint64
	x.lo, carry = bits.Add64(x.lo, lo, 0)
	x.hi, carry = bits.Add64(x.hi, hi, carry)
	x.overflow = x.overflow || carry != 0 || a < 0 || b < 0
}

// Scale multiplies by m.
func (x *Exact) Scale(m uint64) {
	carry, lo := bits.Mul64(x.lo, m)
	over, hi := bits.Mul64(x.hi, m)
	var c uint64
	x.lo = lo
	x.hi, c = bits.Add64(hi, carry, 0)
	x.overflow = x.overflow || over != 0 || c != 0
}

// DivRound divides by d and rounds half away from zero. The second result is
// false when the value does not fit.
func (x *Exact) DivRound(d uint64) (int64, bool) {
	lo, carry := bits.Add64(x.lo, d/2, 0)
	hi, over := bits.Add64(x.hi, 0, carry)
	if x.overflow || over != 0 || hi >= d {
		return 0, false
	}
	q, _ := bits.Div64(hi, lo, d)
	if q>>63 != 0 {
		return 0, false
	}
	return int64(q), true
}

// product sets x to |a × b| and reports whether the product is negative.
func (x *Exact) product(a, b int64) (negative bool) {
	x.hi, x.lo = bits.Mul64(magnitude(a), magnitude(b))
	return (a < 0) != (b < 0)
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// divRound divides and rounds half away from zero.
func divRound(v, d int64) int64 {
	q, r := v/d, v%d
	switch {
	case r >= 0 && r >= d-r:
		return q + 1
	case r < 0 && -r >= d+r:
		return q - 1
	}
	return q
}
