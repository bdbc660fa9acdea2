package money

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"
)

func TestRoundingIsHalfAwayFromZero(t *testing.T) {
	cases := []struct {
		micros Micros
		digits int
		want   Amount
	}{
		{7_038_675, 2, 704}, // domain.md §6.7: 3.15 + 3.888675
		{5_000, 2, 1},
		{4_999, 2, 0},
		{-5_000, 2, -1},
		{-4_999, 2, 0},
		{15_000, 2, 2},
		{25_000, 2, 3},
		{500_000, 0, 1},
		{499_999, 0, 0},
		{-500_000, 0, -1},
		{1_500_000, 0, 2},
		{500, 3, 1},
		{499, 3, 0},
		{-500, 3, -1},
		{1, 6, 1},
		{1, 7, 10},
		{0, 2, 0},
		{math.MaxInt64, 2, 922_337_203_685_478},
		{math.MinInt64, 2, -922_337_203_685_478},
	}
	for _, c := range cases {
		if got := c.micros.Round(c.digits); got != c.want {
			t.Errorf("%s to %d digits: got %d, want %d", c.micros, c.digits, got, c.want)
		}
	}
}

func TestAmountsBecomeMicrosAndBack(t *testing.T) {
	for digits, want := range []Micros{1_684_000_000, 168_400_000, 16_840_000, 1_684_000, 168_400} {
		got := Amount(1684).Micros(digits)
		if got != want || got.Round(digits) != 1684 {
			t.Errorf("%d digits: got %d, back %d", digits, got, got.Round(digits))
		}
	}
}

func TestTaxIsRoundedOnce(t *testing.T) {
	cases := []struct {
		base Amount
		rate Percent
		want Amount
	}{
		{1684, 1900, 320}, // domain.md §6.7: 19 % of 16.84 = 3.1996
		{1684, 2000, 337}, // 3.368
		{1684, 0, 0},
		{-1684, 1900, -320},
		{50, 100, 1}, // half a cent
		{49, 100, 0},
		{-50, 100, -1},
		{1684, -1900, -320},
		{-1684, -1900, 320},
		{0, 1900, 0},
		{1_300, 770, 100}, // 7.7 %: 1.001
		{999_999_999_999_999_999, 10_000, 999_999_999_999_999_999},
		{math.MaxInt64, 20_000, math.MaxInt64}, // never a small number that looks real
		{math.MinInt64, 20_000, -math.MaxInt64},
	}
	for _, c := range cases {
		if got := c.base.Tax(c.rate); got != c.want {
			t.Errorf("%s %% of %d: got %d, want %d", c.rate, c.base, got, c.want)
		}
	}
}

func TestCurrenciesKnowTheirDigits(t *testing.T) {
	for code, want := range map[string]int{"EUR": 2, "GBP": 2, "JPY": 0, "KWD": 3, "HUF": 2, "CLF": 4} {
		if got, ok := Digits(code); !ok || got != want {
			t.Errorf("%s: got %d, %v", code, got, ok)
		}
	}
	for _, code := range []string{"", "eur", "XYZ", "EURO"} {
		if got, ok := Digits(code); ok {
			t.Errorf("%q: got %d", code, got)
		}
	}
}

func TestAmountsArePrintedWithTheDigitsOfTheirCurrency(t *testing.T) {
	for digits, want := range []string{"-1684", "-168.4", "-16.84", "-1.684", "-0.1684", "-0.01684"} {
		if got := Amount(-1684).Format(digits); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestNumbersPrintAsTheirUnitWants(t *testing.T) {
	for got, want := range map[string]string{
		Micros(3_150_000).String():      "3.150000",
		Micros(-1).String():             "-0.000001",
		Quantity(22_345_000).String():   "22.345",
		Quantity(10_000_000).String():   "10",
		Quantity(0).String():            "0",
		Rate(350_000).String():          "0.35",
		Percent(1900).String():          "19",
		Percent(770).String():           "7.7",
		Percent(1).String():             "0.01",
		Micros(math.MinInt64).String():  "-9223372036854.775808",
		FormatTrimmed(1_000, 0):         "1000",
		FormatTrimmed(-1_000, 2):        "-10",
		Amount(math.MaxInt64).Format(0): "9223372036854775807",
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestJSONHoldsDecimalsAsStrings(t *testing.T) {
	type all struct {
		Rate     Rate
		Quantity Quantity
		Micros   Micros
		Percent  Percent
	}
	const text = `{"Rate":"0.35","Quantity":"22.345","Micros":"3.150000","Percent":"7.7"}`
	var v all
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	if v != (all{350_000, 22_345_000, 3_150_000, 770}) {
		t.Errorf("got %+v", v)
	}
	if back, err := json.Marshal(v); err != nil || string(back) != text {
		t.Errorf("got %s, %v", back, err)
	}
	for _, wrong := range []string{`{"Rate":0.35}`, `{"Rate":"0.1234567"}`, `{"Percent":"7.777"}`, `{"Quantity":"1,5"}`, `{"Micros":""}`} {
		if err := json.Unmarshal([]byte(wrong), &v); err == nil {
			t.Errorf("%s was read", wrong)
		}
	}
}

func FuzzTaxIsTheExactFractionRoundedOnce(f *testing.F) {
	f.Add(int64(1684), int64(1900))
	f.Add(int64(-50), int64(100))
	f.Add(int64(math.MinInt64), int64(10_000))
	f.Fuzz(func(t *testing.T, base, rate int64) {
		want := roundedQuotient(new(big.Int).Mul(big.NewInt(base), big.NewInt(rate)), 10_000)
		got := Amount(base).Tax(Percent(rate))
		switch {
		case want.IsInt64() && want.Int64() != math.MinInt64:
			if int64(got) != want.Int64() {
				t.Errorf("%d × %d: got %d, want %s", base, rate, got, want)
			}
		case got != math.MaxInt64 && got != -math.MaxInt64:
			t.Errorf("%d × %d: got %d for %s", base, rate, got, want)
		}
	})
}

func FuzzRoundIsHalfAwayFromZero(f *testing.F) {
	f.Add(int64(5_000), uint8(2))
	f.Add(int64(math.MinInt64), uint8(0))
	f.Fuzz(func(t *testing.T, v int64, digits uint8) {
		d := int(digits % 7)
		want := roundedQuotient(big.NewInt(v), pow10(MicroDecimals-d))
		if got := Micros(v).Round(d); int64(got) != want.Int64() {
			t.Errorf("%d to %d digits: got %d, want %s", v, d, got, want)
		}
	})
}

// roundedQuotient divides in whole numbers of any size, half away from zero.
func roundedQuotient(v *big.Int, by int64) *big.Int {
	half := big.NewInt(by)
	twice := new(big.Int).Mul(new(big.Int).Abs(v), big.NewInt(2))
	q := twice.Add(twice, half).Quo(twice, half.Mul(half, big.NewInt(2)))
	if v.Sign() < 0 {
		q.Neg(q)
	}
	return q
}
