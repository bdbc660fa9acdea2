package money

import (
	"math"
	"math/big"
	"testing"
)

func TestExactAddsBeyond64Bits(t *testing.T) {
	var x Exact
	for range 4 {
		x.AddProduct(999_999_999_999_999_999, 999_999_999_999_999_999)
	}
	if got, ok := x.DivRound(4_000_000_000_000_000_000); !ok || got != 999_999_999_999_999_998 {
		t.Errorf("got %d, %v", got, ok)
	}
}

func TestExactRoundsHalfUp(t *testing.T) {
	for _, c := range []struct {
		v    int64
		d    uint64
		want int64
	}{{0, 7, 0}, {1, 2, 1}, {3, 2, 2}, {1, 3, 0}, {2, 3, 1}, {4, 9, 0}, {5, 9, 1}, {29, 60, 0}, {30, 60, 1}, {7, 1, 7}} {
		var x Exact
		x.AddProduct(c.v, 1)
		if got, ok := x.DivRound(c.d); !ok || got != c.want {
			t.Errorf("%d ÷ %d: got %d, %v", c.v, c.d, got, ok)
		}
	}
}

func TestExactReportsWhatDoesNotFit(t *testing.T) {
	cases := map[string]func(*Exact) (int64, bool){
		"a negative factor": func(x *Exact) (int64, bool) {
			x.AddProduct(-1, 1)
			return x.DivRound(1)
		},
		"a sum above 128 bits": func(x *Exact) (int64, bool) {
			for range 5 {
				x.AddProduct(math.MaxInt64, math.MaxInt64)
			}
			return x.DivRound(math.MaxUint64)
		},
		"a product above 128 bits": func(x *Exact) (int64, bool) {
			x.AddProduct(math.MaxInt64, math.MaxInt64)
			x.Scale(10_000)
			return x.DivRound(math.MaxUint64)
		},
		"a quotient above 63 bits": func(x *Exact) (int64, bool) {
			x.AddProduct(math.MaxInt64, 2)
			return x.DivRound(1)
		},
		"a quotient above 64 bits": func(x *Exact) (int64, bool) {
			x.AddProduct(math.MaxInt64, 8)
			return x.DivRound(1)
		},
		"a division by 0": func(x *Exact) (int64, bool) { return x.DivRound(0) },
	}
	for name, compute := range cases {
		if got, ok := compute(&Exact{}); ok || got != 0 {
			t.Errorf("%s: got %d, %v", name, got, ok)
		}
	}
}

func TestExactDoesNotAllocate(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		var x Exact
		x.AddProduct(12_345_000, 350_000)
		x.Scale(9_000)
		if v, ok := x.DivRound(10_000_000_000); !ok || v != 3_888_675 {
			t.Errorf("got %d", v)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func FuzzExactAgreesWithWholeNumbersOfAnySize(f *testing.F) {
	f.Add(int64(12_345_000), int64(350_000), int64(1), int64(1), uint64(9_000), uint64(10_000_000_000))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), int64(math.MaxInt64), uint64(3), uint64(math.MaxUint64))
	f.Fuzz(func(t *testing.T, a, b, c, d int64, scale, by uint64) {
		if by == 0 {
			by = 1
		}
		a, b, c, d = a&math.MaxInt64, b&math.MaxInt64, c&math.MaxInt64, d&math.MaxInt64
		var x Exact
		x.AddProduct(a, b)
		x.AddProduct(c, d)
		x.Scale(scale)
		got, ok := x.DivRound(by)

		exact := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		exact.Add(exact, new(big.Int).Mul(big.NewInt(c), big.NewInt(d)))
		exact.Mul(exact, new(big.Int).SetUint64(scale))
		divisor := new(big.Int).SetUint64(by)
		want := new(big.Int).Add(exact, new(big.Int).Rsh(divisor, 1))
		fits := want.BitLen() <= 128
		want.Quo(want, divisor)
		if fits = fits && want.IsInt64(); ok != fits {
			t.Fatalf("fits %v, got %v", fits, ok)
		}
		if ok && got != want.Int64() {
			t.Errorf("got %d, want %s", got, want)
		}
	})
}
