package month

import (
	"cmp"
	"slices"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// heldMonths is how many months of held sessions are shown side by side.
const heldMonths = 12

// heldTimeView shows what was held for each reason, month by month.
type heldTimeView struct {
	Months []entities.Month // the earliest first
	Lines  []heldTimeLine   // by sessions in all, the most first
	Charts []*trendChart    // of the reasons with the most sessions
}

// heldTimeLine is a reason with its sessions of each month.
type heldTimeLine struct {
	Reason string
	Counts []int64
	All    int64
}

// heldCharts is how many reasons are drawn.
const heldCharts = 6

// HeldOverTime is the part of the analysis that shows what was held in each month,
// by reason.
func (v *Visit) HeldOverTime() error {
	_, _, q, err := v.askedAnalysis()
	if err != nil {
		return err
	}
	list, err := v.Store.HeldOverTime(v.R.Context(), q.Owners, heldMonths)
	if err != nil {
		return err
	}
	view := heldOverTime(list)
	if v.Refreshes() {
		return v.Part("analysis_held", "held-over-time", view)
	}
	return v.ShowAs("analysis_held", "analysis_held_time", view)
}

func heldOverTime(list []store.HeldInMonth) *heldTimeView {
	view := &heldTimeView{}
	for i := len(list) - 1; i >= 0; i-- {
		if m := list[i].Month; !slices.Contains(view.Months, m) {
			view.Months = append(view.Months, m)
		}
	}
	for _, h := range list {
		at := slices.IndexFunc(view.Lines, func(l heldTimeLine) bool { return l.Reason == string(h.Reason) })
		if at < 0 {
			at, view.Lines = len(view.Lines), append(view.Lines, heldTimeLine{Reason: string(h.Reason), Counts: make([]int64, len(view.Months))})
		}
		line := &view.Lines[at]
		line.Counts[slices.Index(view.Months, h.Month)] += h.Sessions
		line.All += h.Sessions
	}
	slices.SortStableFunc(view.Lines, func(x, y heldTimeLine) int {
		return cmp.Or(cmp.Compare(y.All, x.All), cmp.Compare(x.Reason, y.Reason))
	})
	for _, line := range view.Lines[:min(heldCharts, len(view.Lines))] {
		figures := make([]money.Micros, len(line.Counts))
		for i, n := range line.Counts {
			figures[i] = money.Micros(n * money.PerUnit)
		}
		if c := newTrendChart(line.Reason, "reason_"+line.Reason, "", view.Months, figures, 0); c != nil {
			c.Counts = true
			view.Charts = append(view.Charts, c)
		}
	}
	return view
}

// pointChart shows what rows came to against their energy.
type pointChart struct {
	Currency      string
	Width, Height int
	Left, Right   int
	Bottom        int
	Across, Up    []trendTick // energy from left to right, amounts from below
	Points        []chartPoint
}

// chartPoint is a row of the analysis.
type chartPoint struct {
	X, Y   int
	Name   string
	Energy money.Quantity
	Amount money.Amount
}

const pointWidth = 560 // of the drawing itself

// newPointChart draws the share of rows against their energy; nil where there are
// fewer than three with both.
func newPointChart(currency string, lines []analysisLine, digits int) *pointChart {
	most, share := money.Micros(0), money.Micros(0)
	var shown []analysisLine
	for _, l := range lines {
		if l.Energy > 0 && l.Share > 0 {
			shown = append(shown, l)
			most, share = max(most, money.Micros(l.Energy)), max(share, l.Share.Micros(digits))
		}
	}
	if len(shown) < 3 {
		return nil
	}
	across, up := tickStep(most, 0), tickStep(share, digits)
	most, share = (most+across-1)/across*across, (share+up-1)/up*up
	c := &pointChart{
		Currency: currency, Left: trendLeft, Right: trendLeft + pointWidth, Bottom: chartTop + chartPlot,
		Width: trendLeft + pointWidth + trendGap, Height: chartTop + chartPlot + chartBottom,
	}
	x := func(m money.Micros) int { return trendLeft + scaled(m, most, pointWidth) }
	y := func(m money.Micros) int { return chartTop + scaled(share-m, share, chartPlot) }
	for m := money.Micros(0); m <= most; m += across {
		c.Across = append(c.Across, trendTick{Y: x(m), TextY: c.Height - 8, trendFigure: trendFigure{Energy: money.Quantity(m)}})
	}
	for m := money.Micros(0); m <= share; m += up {
		c.Up = append(c.Up, trendTick{Y: y(m), TextY: y(m) + 4, trendFigure: trendFigure{Amount: m.Round(digits)}})
	}
	for _, l := range shown {
		c.Points = append(c.Points, chartPoint{x(money.Micros(l.Energy)), y(l.Share.Micros(digits)), page.OrElse(l.Name, l.Key), l.Energy, l.Share})
	}
	return c
}
