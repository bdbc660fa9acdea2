package network

import (
	"cmp"
	"slices"

	"creditrun/internal/money"
	"creditrun/internal/web/page"
)

// effectChart shows for one currency what owners get before and after a change,
// two bars for each. All coordinates are whole.
type effectChart struct {
	Currency      string
	Width, Height int
	Zero          int // where amounts begin
	Owners        []effectBars
	More          int // owners that only the table has
}

// effectBars are the two bars of an owner.
type effectBars struct {
	effectLine
	Short         string // of the name
	TextY         int
	Before, After effectBar
}

// effectBar is an amount.
type effectBar struct{ X, Y, Width, TextX, TextY int }

// Measures of the chart, in its own units.
const (
	effectLeft, effectPlot, effectRight = 140, 230, 90
	effectRow, effectBarHeight          = 44, 15
	mostEffectBars                      = 10 // owners
	mostNameRunes                       = 20
)

// effectCharts draws the owners for whom a change makes the most difference, a
// chart for each currency.
func effectCharts(lines []effectLine) (charts []effectChart) {
	byCurrency := map[string][]effectLine{}
	for _, l := range lines {
		if l.Difference != 0 {
			byCurrency[l.Currency] = append(byCurrency[l.Currency], l)
		}
	}
	for _, currency := range page.SortedKeys(byCurrency) {
		charts = append(charts, newEffectChart(currency, byCurrency[currency]))
	}
	return charts
}

func newEffectChart(currency string, list []effectLine) effectChart {
	slices.SortStableFunc(list, func(a, b effectLine) int { return cmp.Compare(abs(b.Difference), abs(a.Difference)) })
	c := effectChart{Currency: currency, Width: effectLeft + effectPlot + effectRight, More: max(len(list)-mostEffectBars, 0)}
	list = list[:min(len(list), mostEffectBars)]
	c.Height = len(list) * effectRow
	low, high := money.Amount(0), money.Amount(1)
	for _, l := range list {
		low, high = min(low, l.Effect.Before, l.Effect.After), max(high, l.Effect.Before, l.Effect.After)
	}
	x := func(a money.Amount) int { return effectLeft + pixelOf(int64(a-low), int64(high-low), effectPlot) }
	c.Zero = x(0)
	for i, l := range list {
		top := i * effectRow
		bar := func(a money.Amount, y int) effectBar {
			from, to := min(c.Zero, x(a)), max(c.Zero, x(a))
			return effectBar{X: from, Y: y, Width: max(to-from, 1), TextX: to + 4, TextY: y + 12}
		}
		name := []rune(l.Name)
		if len(name) > mostNameRunes {
			name = append(name[:mostNameRunes-1], '…')
		}
		c.Owners = append(c.Owners, effectBars{l, string(name), top + 24, bar(l.Effect.Before, top+4), bar(l.Effect.After, top+4+effectBarHeight+2)})
	}
	return c
}

func abs(a money.Amount) money.Amount { return max(a, -a) }
