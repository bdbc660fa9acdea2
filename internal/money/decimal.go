package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Errors of Parse. Their texts complete the sentence "expected …, got …".
var (
	ErrNotDecimal  = errors.New("not a decimal number")
	ErrTooPrecise  = errors.New("too many decimals")
	ErrOutOfBounds = errors.New("number too large")
)

// maxDigits keeps every parsed number inside an int64.
const maxDigits = 18

// Parse reads a plain decimal such as -12.345 into an integer scaled by
// 10^decimals. It never shortens: more decimals than it keeps are
// ErrTooPrecise, even if they are zeros.
func Parse(s string, decimals int) (int64, error) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || dotted && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return 0, fmt.Errorf("%w: %q", ErrNotDecimal, s)
	}
	if len(fraction) > decimals {
		return 0, fmt.Errorf("%w: %q has %d, at most %d are kept", ErrTooPrecise, s, len(fraction), decimals)
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole)+decimals > maxDigits {
		return 0, fmt.Errorf("%w: %q", ErrOutOfBounds, s)
	}
	v, err := strconv.ParseInt("0"+whole+fraction+strings.Repeat("0", decimals-len(fraction)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q", ErrOutOfBounds, s)
	}
	if negative {
		v = -v
	}
	return v, nil
}

// Format prints a scaled integer with exactly the given number of decimals.
func Format(v int64, decimals int) string {
	sign, u := "", uint64(v)
	if v < 0 {
		sign, u = "-", -uint64(v)
	}
	s := strconv.FormatUint(u, 10)
	if decimals == 0 {
		return sign + s
	}
	if len(s) <= decimals {
		s = strings.Repeat("0", decimals-len(s)+1) + s
	}
	return sign + s[:len(s)-decimals] + "." + s[len(s)-decimals:]
}

// FormatTrimmed prints a scaled integer without trailing zeros.
func FormatTrimmed(v int64, decimals int) string {
	s := Format(v, decimals)
	if decimals == 0 {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

func allDigits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

func pow10(n int) int64 {
	p := int64(1)
	for range n {
		p *= 10
	}
	return p
}
