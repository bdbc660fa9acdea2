package page

import (
	"math"
	"strconv"
	"strings"

	"creditrun/internal/money"
)

// Figure writes a decimal number as the fields of a form show it: with the comma
// or point of the visitor. Decimal reads it back without a change.
func (v *Visit) Figure(plain string) string {
	return strings.Replace(plain, ".", v.texts.DecimalSign(v.Lang), 1)
}

// FigureOf is Figure for a field that is empty where the figure is 0.
func (v *Visit) FigureOf(value int64, decimals int) string {
	if value == 0 {
		return ""
	}
	return v.Figure(money.FormatTrimmed(value, decimals))
}

// Positive reads a figure that is not negative, as Decimal does.
func (t Typed) Positive(decimals int) int64 {
	wrong := len(t.f.Faults)
	n := t.Decimal(decimals)
	if n < 0 && len(t.f.Faults) == wrong {
		t.Wrong("form_decimal", decimals)
		return 0
	}
	return n
}

// The units of a length of time, in seconds.
const (
	second = 1
	minute = 60
	hour   = 60 * minute
)

// Span writes a length of time without losing a second: 4 h, 90 min, 2 h 30 min,
// 1 min 40 s.
func Span(seconds int64) string {
	switch {
	case seconds%hour == 0 && seconds > 0:
		return strconv.FormatInt(seconds/hour, 10) + " h"
	case seconds%minute == 0 && seconds < 2*hour:
		return strconv.FormatInt(seconds/minute, 10) + " min"
	}
	var words []string
	for _, unit := range []struct {
		seconds int64
		name    string
	}{{hour, "h"}, {minute, "min"}, {second, "s"}} {
		if n := seconds / unit.seconds; n > 0 {
			words = append(words, strconv.FormatInt(n, 10)+" "+unit.name)
			seconds -= n * unit.seconds
		}
	}
	return strings.Join(words, " ")
}

// Seconds reads a length of time as Span writes it; a figure without a unit is
// minutes, and nothing is 0. It may have decimals as long as they are whole
// seconds.
func (t Typed) Seconds() int64 {
	whole, rest := int64(0), strings.TrimSpace(t.value)
	for rest != "" {
		figure := rest
		if end := strings.IndexFunc(rest, func(c rune) bool { return !strings.ContainsRune("0123456789.,", c) }); end >= 0 {
			figure = rest[:end]
		}
		rest = strings.TrimSpace(rest[len(figure):])
		unit := rest
		if end := strings.IndexAny(rest, "0123456789 "); end >= 0 {
			unit = rest[:end]
		}
		rest = strings.TrimSpace(rest[len(unit):])
		n, ok := secondsOf(figure, unit)
		if !ok || whole > math.MaxInt32*1000 {
			t.Wrong("form_span", 0)
			return 0
		}
		whole += n
	}
	return whole
}

// secondsOf is a figure with its unit in seconds; false where it is no figure, no
// unit, or no whole number of seconds.
func secondsOf(figure, unit string) (int64, bool) {
	size, known := map[string]int64{"": minute, "h": hour, "std": hour, "min": minute, "m": minute, "s": second, "sek": second}[strings.ToLower(strings.TrimSuffix(unit, "."))]
	value, err := money.Parse(strings.Replace(figure, ",", ".", 1), money.MicroDecimals)
	if !known || err != nil || value > math.MaxInt32*1000*1_000_000/hour {
		return 0, false
	}
	return value * size / 1_000_000, value*size%1_000_000 == 0
}

// Minutes is Seconds for what counts whole minutes.
func (t Typed) Minutes() int64 {
	n := t.Seconds()
	if n%minute != 0 {
		t.Wrong("form_span", 0)
		return 0
	}
	return n / minute
}
