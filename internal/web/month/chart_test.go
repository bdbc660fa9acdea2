package month

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

func TestChartsAreInScale(t *testing.T) {
	days := make([]creditnotes.DayTally, 30)
	for i, euros := range map[int]money.Micros{0: 100, 1: 50, 2: -20} {
		days[i].Owed = map[string]money.Micros{"EUR": euros * money.PerUnit}
	}
	c := newDayChart(days, "EUR")
	var bars [][4]int
	for _, b := range c.Bars {
		bars = append(bars, [4]int{b.X, b.Y, b.Width, b.Height})
	}
	want := [][4]int{{80, 12, 10, 93}, {93, 58, 10, 47}, {106, 105, 10, 19}}
	if diff := cmp.Diff(want, bars); diff != "" {
		t.Error(diff)
	}
	var ticks []money.Amount
	for _, tick := range c.Ticks {
		ticks = append(ticks, tick.Amount)
	}
	if diff := cmp.Diff([]money.Amount{-5000, 0, 5000, 10000}, ticks); diff != "" {
		t.Error(diff)
	}
	if newDayChart(days, "USD") != nil {
		t.Error("there is a chart of nothing")
	}
	days[0].Owed["JPY"] = 1 << 62
	if c := newDayChart(days, "JPY"); c.Bars[0].Height > chartPlot || c.Bars[0].Height < chartPlot/2 {
		t.Errorf("a huge amount is %d high", c.Bars[0].Height)
	}
}
