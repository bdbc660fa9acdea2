package money

import (
	"math"
	"math/big"
	"testing"
)

func TestSumsOfEitherSignAreExact(t *testing.T) {
	type product struct{ a, b int64 }
	cases := []struct {
		list []product
		d    uint64
	}{
		{nil, 1},
		{[]product{{5, 1}}, 2},
		{[]product{{-5, 1}}, 2},
		{[]product{{3, 7}, {-3, 7}}, 10},
		{[]product{{math.MaxInt64, 1_000_000}, {-1, 1}}, 1_000_000},
		{[]product{{1, 1_000_000}, {-math.MaxInt64, 999_999}}, 1_000_001},
		{[]product{{math.MinInt64, 1}, {math.MaxInt64, 1}}, 2},
	}
	for _, c := range cases {
		var s Sum
		want := new(big.Int)
		for _, p := range c.list {
			s.AddProduct(p.a, p.b)
			want.Add(want, new(big.Int).Mul(big.NewInt(p.a), big.NewInt(p.b)))
		}
		got, ok := s.DivRound(c.d)
		if rounded := halfAwayFromZero(want, c.d); !ok || rounded.Cmp(big.NewInt(got)) != 0 {
			t.Errorf("%v / %d is %d (%v), want %s", c.list, c.d, got, ok, rounded)
		}
	}
	var s Sum
	s.AddProduct(math.MaxInt64, math.MaxInt64)
	if _, ok := s.DivRound(1); ok {
		t.Error("a value that does not fit is returned")
	}
}

// halfAwayFromZero is |v|/d rounded half up, with the sign of v.
func halfAwayFromZero(v *big.Int, d uint64) *big.Int {
	divisor := new(big.Int).SetUint64(d)
	twice := new(big.Int).Abs(v)
	twice.Lsh(twice, 1).Add(twice, divisor).Quo(twice, new(big.Int).Lsh(divisor, 1))
	if v.Sign() < 0 {
		twice.Neg(twice)
	}
	return twice
}
