package money

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"
)

func TestParseKeepsEveryDigit(t *testing.T) {
	cases := []struct {
		text     string
		decimals int
		want     int64
	}{
		{"0", 6, 0},
		{"-0", 6, 0},
		{"0.35", 6, 350_000},
		{"12.345", 6, 12_345_000},
		{"-12.345", 6, -12_345_000},
		{"000012", 6, 12_000_000},
		{"0.000001", 6, 1},
		{"1.500000", 6, 1_500_000},
		{"7", 0, 7},
		{"999999999999.999999", 6, 999_999_999_999_999_999},
		{"-999999999999999999", 0, -999_999_999_999_999_999},
		{"0000000000000000000000000001", 0, 1},
		{"19.25", 2, 1925},
	}
	for _, c := range cases {
		if got, err := Parse(c.text, c.decimals); err != nil || got != c.want {
			t.Errorf("%q with %d decimals: got %d, %v", c.text, c.decimals, got, err)
		}
	}
}

func TestParseRefusesWhatItWouldHaveToGuessOrShorten(t *testing.T) {
	cases := []struct {
		text     string
		decimals int
		want     error
	}{
		{"", 6, ErrNotDecimal},
		{"-", 6, ErrNotDecimal},
		{"--1", 6, ErrNotDecimal},
		{"+1", 6, ErrNotDecimal},
		{".5", 6, ErrNotDecimal},
		{"5.", 6, ErrNotDecimal},
		{"1,5", 6, ErrNotDecimal},
		{"1.000,50", 6, ErrNotDecimal},
		{"1.5.0", 6, ErrNotDecimal},
		{" 1", 6, ErrNotDecimal},
		{"1 ", 6, ErrNotDecimal},
		{"1e3", 6, ErrNotDecimal},
		{"0x1", 6, ErrNotDecimal},
		{"NaN", 6, ErrNotDecimal},
		{"1_000", 6, ErrNotDecimal},
		{"１", 6, ErrNotDecimal},
		{"0.1234567", 6, ErrTooPrecise},
		{"0.1000000", 6, ErrTooPrecise},
		{"1.0", 0, ErrTooPrecise},
		{"1000000000000", 6, ErrOutOfBounds},
		{"1000000000000000000", 0, ErrOutOfBounds},
		{strings.Repeat("9", 400), 6, ErrOutOfBounds},
	}
	for _, c := range cases {
		if got, err := Parse(c.text, c.decimals); !errors.Is(err, c.want) {
			t.Errorf("%q with %d decimals: got %d, %v", c.text, c.decimals, got, err)
		}
	}
}

func FuzzParseReadsWhatFormatWrites(f *testing.F) {
	f.Add(int64(-12_345_000), uint8(6))
	f.Add(int64(math.MinInt64), uint8(2))
	f.Add(int64(7), uint8(0))
	f.Fuzz(func(t *testing.T, v int64, n uint8) {
		decimals := int(n % 10)
		text := Format(v, decimals)
		want, ok := new(big.Rat).SetString(text)
		scaled := big.NewRat(v, pow10(decimals))
		if !ok || want.Cmp(scaled) != 0 {
			t.Fatalf("%d with %d decimals is written %s", v, decimals, text)
		}
		if trimmed, ok := new(big.Rat).SetString(FormatTrimmed(v, decimals)); !ok || trimmed.Cmp(scaled) != 0 {
			t.Fatalf("%s is trimmed to %s", text, FormatTrimmed(v, decimals))
		}
		got, err := Parse(text, decimals)
		if magnitude(v) < 1e18 && (err != nil || got != v) {
			t.Errorf("%s is read as %d, %v", text, got, err)
		}
		if magnitude(v) >= 1e18 && !errors.Is(err, ErrOutOfBounds) {
			t.Errorf("%s is read as %d, %v", text, got, err)
		}
	})
}

func FuzzParseAgreesWithFractions(f *testing.F) {
	f.Add("12.345", uint8(6))
	f.Add("-0.0", uint8(1))
	f.Add("1e9", uint8(2))
	f.Fuzz(func(t *testing.T, text string, n uint8) {
		decimals := int(n % 10)
		got, err := Parse(text, decimals)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok || want.Cmp(big.NewRat(got, pow10(decimals))) != 0 {
			t.Errorf("%q is read as %d", text, got)
		}
	})
}
