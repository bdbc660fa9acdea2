package network

import (
	"strconv"
	"strings"
	"testing"

	"creditrun/internal/money"
)

func TestPixelsAndStepsAreWhole(t *testing.T) {
	for length, want := range map[int64]int64{1: 1, 5: 1, 6: 2, 40: 10, 150: 50, 7_900_000: 2_000_000} {
		if got := niceStep(length, 5); got != want {
			t.Errorf("%d is divided into steps of %d, want %d", length, got, want)
		}
	}
	if got := pixelOf(1<<62, 1<<62, 300); got != 300 {
		t.Errorf("the most there is stands at %d, want 300", got)
	}
	if got := pixelOf(0, 0, 300); got != 0 {
		t.Errorf("nothing stands at %d", got)
	}
}

func TestTheDotStandsOnTheLine(t *testing.T) {
	v := newVisit(t)
	c, err := v.lineOf(150, 75, 1, "EUR", func(x int64) (money.Micros, error) { return money.Micros(x * 1_000_000), nil })
	must(t, err)
	points := strings.Fields(c.Line)
	if dot := strconv.Itoa(c.DotX) + "," + strconv.Itoa(c.DotY); points[len(points)/2] != dot {
		t.Errorf("the middle of the line is at %s, the dot at %s", points[len(points)/2], dot)
	}
	if end := strconv.Itoa(c.Right) + "," + strconv.Itoa(c.Y[3].At); len(c.Y) != 4 || points[len(points)-1] != end {
		t.Errorf("the line ends at %s, want %s", points[len(points)-1], end)
	}
}
