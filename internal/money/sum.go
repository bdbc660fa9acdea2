package money

import "math/bits"

// Sum is an exact sum of products of integers of either sign, rounded once at
// the end. The zero value is 0. It does not allocate, and has the bounds of
// Exact.
type Sum struct{ plus, minus Exact }

// AddProduct adds a × b.
func (s *Sum) AddProduct(a, b int64) {
	side := &s.plus
	if (a < 0) != (b < 0) {
		side = &s.minus
	}
	var product Exact
	product.product(a, b)
	side.add(&product)
}

// Add adds another sum.
func (s *Sum) Add(other *Sum) {
	s.plus.add(&other.plus)
	s.minus.add(&other.minus)
}

// Scale multiplies by m.
func (s *Sum) Scale(m uint64) {
	s.plus.Scale(m)
	s.minus.Scale(m)
}

// DivRound divides by d and rounds half away from zero. The second result is
// false when the value does not fit.
func (s *Sum) DivRound(d uint64) (int64, bool) {
	larger, smaller, sign := s.plus, s.minus, int64(1)
	if larger.less(&smaller) {
		larger, smaller, sign = smaller, larger, -1
	}
	larger.subtract(&smaller)
	v, ok := larger.DivRound(d)
	return sign * v, ok
}

func (x *Exact) add(y *Exact) {
	var carry uint64
	x.lo, carry = bits.Add64(x.lo, y.lo, 0)
	x.hi, carry = bits.Add64(x.hi, y.hi, carry)
	x.overflow = x.overflow || y.overflow || carry != 0
}

// subtract takes y, which is not larger, from x.
func (x *Exact) subtract(y *Exact) {
	var borrow uint64
	x.lo, borrow = bits.Sub64(x.lo, y.lo, 0)
	x.hi, _ = bits.Sub64(x.hi, y.hi, borrow)
	x.overflow = x.overflow || y.overflow
}

func (x *Exact) less(y *Exact) bool { return x.hi < y.hi || x.hi == y.hi && x.lo < y.lo }
