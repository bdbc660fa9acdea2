package month

import (
	"creditrun/entities"
	"creditrun/internal/money"
)

// trendChart is a bar chart of one figure for each month of a trend. Figures are
// exact and have six decimals: amounts, or kWh.
type trendChart struct {
	ID, Title     string // the title is a message
	Currency      string // empty: kWh, or sessions
	Counts        bool   // figures are sessions
	Width, Height int
	Left, Right   int
	Ticks         []trendTick
	Bars          []trendBar
	Months        []chartMonth
}

// trendFigure is what a tick or a bar stands at: an amount, or kWh.
type trendFigure struct {
	Amount money.Amount
	Energy money.Quantity
}

// Whole is the kWh without decimals: ticks stand at whole ones.
func (f trendFigure) Whole() int64 { return int64(f.Energy) / money.PerUnit }

// trendTick is a line across with its figure.
type trendTick struct {
	Y, TextY int
	trendFigure
}

// trendBar is a month with a figure.
type trendBar struct {
	X, Y, Width, Height int
	Month               entities.Month
	trendFigure
}

// chartMonth is a month below the bars.
type chartMonth struct {
	X, Y int
	Text string
}

// Measures of a trend, in the units of the chart.
const (
	trendGap   = 18  // how far the bars of two months are apart at least
	trendWide  = 60  // and at most
	trendWidth = 432 // of the bars at least: few months are drawn as large as many
	trendLeft  = 104 // room for the figures of the ticks
)

// newTrendChart draws a figure of each month; nil where all of them are 0. digits
// are the decimals of the least tick.
func newTrendChart(id, title, currency string, months []entities.Month, figures []money.Micros, digits int) *trendChart {
	low, high := money.Micros(0), money.Micros(0)
	for _, f := range figures {
		low, high = min(low, f), max(high, f)
	}
	if low == high {
		return nil
	}
	step := tickStep(high-low, digits)
	high = (high + step - 1) / step * step
	low = (low - step + 1) / step * step
	at := func(m money.Micros) trendFigure { return trendFigure{m.Round(digits), money.Quantity(m)} }
	y := func(m money.Micros) int { return chartTop + scaled(high-m, high-low, chartPlot) }
	gap := max(trendGap, min(trendWide, trendWidth/len(months)))
	right := trendLeft + max(trendWidth, len(months)*gap)
	c := &trendChart{
		ID: id, Title: title, Currency: currency, Left: trendLeft, Right: right,
		Width: right, Height: chartTop + chartPlot + chartBottom,
	}
	for m := low; m <= high; m += step {
		c.Ticks = append(c.Ticks, trendTick{Y: y(m), TextY: y(m) + 4, trendFigure: at(m)})
	}
	for i, month := range months {
		x := trendLeft + i*gap
		if i%3 == len(months)%3 || len(months) <= 6 {
			text := string(month)
			c.Months = append(c.Months, chartMonth{X: x + gap/2, Y: c.Height - 8, Text: text[5:] + "/" + text[2:4]})
		}
		if figure := figures[i]; figure != 0 {
			top, bottom := y(max(figure, 0)), y(min(figure, 0))
			c.Bars = append(c.Bars, trendBar{
				X: x + chartBarGap, Y: min(top, bottom-1), Width: gap - 2*chartBarGap, Height: max(bottom-top, 1), Month: month, trendFigure: at(figure),
			})
		}
	}
	return c
}
