package month

import (
	"testing"

	"creditrun/entities"
	"creditrun/internal/money"
)

func TestATrendIsDrawnToScale(t *testing.T) {
	months := []entities.Month{"2026-08", "2026-09", "2026-10"}
	c := newTrendChart("share", "title", "EUR", months, []money.Micros{0, 40_000_000, -10_000_000}, 2)
	if len(c.Bars) != 2 || c.Bars[0].Month != "2026-09" || c.Bars[0].Amount != 4000 || c.Bars[1].Amount != -1000 {
		t.Fatalf("bars %+v", c.Bars)
	}
	up, down := c.Bars[0], c.Bars[1]
	if d := up.Height - 4*down.Height; d < -4 || d > 4 || up.Y+up.Height != down.Y {
		t.Errorf("40 and -10 are drawn as %+v and %+v", up, down)
	}
	if first, last := c.Ticks[0], c.Ticks[len(c.Ticks)-1]; first.Amount > -1000 || last.Amount < 4000 || len(c.Months) != 3 || c.Months[2].Text != "10/26" {
		t.Errorf("ticks %+v, months %+v", c.Ticks, c.Months)
	}
	if c := newTrendChart("share", "title", "EUR", months, make([]money.Micros, 3), 2); c != nil {
		t.Errorf("a chart of nothing: %+v", c)
	}
	energy := newTrendChart("energy", "title", "", months, []money.Micros{1_500_000, 0, 0}, 0)
	if last := energy.Ticks[len(energy.Ticks)-1]; last.Whole() != 2 {
		t.Errorf("ticks %+v", energy.Ticks)
	}
}

func TestFewMonthsAreDrawnAsLargeAsMany(t *testing.T) {
	var months []entities.Month
	for _, year := range []string{"2025", "2026"} {
		for _, month := range []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"} {
			months = append(months, entities.Month(year+"-"+month))
		}
	}
	figures := make([]money.Micros, len(months))
	figures[0] = money.PerUnit
	many := newTrendChart("held", "title", "", months, figures, 0)
	for _, n := range []int{1, 3, 12} {
		few := newTrendChart("held", "title", "", months[:n], figures[:n], 0)
		if few.Width != many.Width || few.Right != many.Right {
			t.Errorf("%d months are %d wide, 24 are %d", n, few.Width, many.Width)
		}
		for i := 1; i < len(few.Months); i++ {
			if few.Months[i].X-few.Months[i-1].X < 48 {
				t.Errorf("%d months: the words below run into each other: %+v", n, few.Months)
			}
		}
	}
}
