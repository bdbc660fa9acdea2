package month

import (
	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/web/page"
)

// dayChart is a bar chart of what is owed for each day of a month in one
// currency. All coordinates are whole.
type dayChart struct {
	Currency      string
	Width, Height int
	Left, Right   int // of the drawing itself
	Ticks         []chartTick
	Bars          []chartBar
	Days          []chartDay
}

// chartTick is a line across with its amount.
type chartTick struct {
	Y, TextY int
	Amount   money.Amount
}

// chartBar is a day with an amount.
type chartBar struct {
	X, Y, Width, Height int
	creditnotes.DayTally
	Amount money.Amount
}

// chartDay is a day below the bars.
type chartDay struct {
	X, Y   int
	Number int
}

// Measures of the chart, in its own units.
const (
	chartLeft   = 78
	chartTop    = 12
	chartDayGap = 13
	chartBarGap = 3
	chartPlot   = 140
	chartBottom = 24
	// chartTicks is about how many lines there are.
	chartTicks = 4
)

// newDayChart draws the days of a month; nil where nothing is owed.
func newDayChart(days []creditnotes.DayTally, currency string) *dayChart {
	low, high := money.Micros(0), money.Micros(0)
	for _, d := range days {
		low, high = min(low, d.Owed[currency]), max(high, d.Owed[currency])
	}
	if low == high {
		return nil
	}
	digits := page.DigitsOf(currency)
	step := tickStep(high-low, digits)
	high = (high + step - 1) / step * step
	low = (low - step + 1) / step * step
	y := func(m money.Micros) int { return chartTop + scaled(high-m, high-low, chartPlot) }
	c := &dayChart{
		Currency: currency, Left: chartLeft, Right: chartLeft + len(days)*chartDayGap,
		Width: chartLeft + len(days)*chartDayGap, Height: chartTop + chartPlot + chartBottom,
	}
	for m := low; m <= high; m += step {
		c.Ticks = append(c.Ticks, chartTick{Y: y(m), TextY: y(m) + 4, Amount: m.Round(digits)})
	}
	for i, d := range days {
		x := chartLeft + i*chartDayGap
		if n := i + 1; n == 1 || n%5 == 0 {
			c.Days = append(c.Days, chartDay{X: x + chartDayGap/2, Y: c.Height - 8, Number: n})
		}
		if owed := d.Owed[currency]; owed != 0 {
			top, bottom := y(max(owed, 0)), y(min(owed, 0))
			c.Bars = append(c.Bars, chartBar{
				X: x + chartBarGap - chartBarGap/2, Y: min(top, bottom-1), Width: chartDayGap - chartBarGap, Height: max(bottom-top, 1),
				DayTally: d, Amount: owed.Round(digits),
			})
		}
	}
	return c
}

// scaled is how long a part of a whole is when the whole is that long. The
// whole is never so large that the product would not fit.
func scaled(part, whole money.Micros, length int) int {
	for whole > 1<<40 {
		part, whole = part>>10, whole>>10
	}
	return int(part * money.Micros(length) / whole)
}

// tickStep is 1, 2 or 5 times a power of ten, so that a few of them make the
// span; never less than the minor unit of the currency.
func tickStep(span money.Micros, digits int) money.Micros {
	step := money.Amount(1).Micros(digits)
	for {
		for _, factor := range []money.Micros{1, 2, 5} {
			if step*factor*chartTicks >= span {
				return step * factor
			}
		}
		step *= 10
	}
}
