package month

import (
	"testing"
	"time"
)

func TestCountdownSaysTwoUnits(t *testing.T) {
	v := newVisit(t)
	for left, want := range map[time.Duration]string{
		18*24*time.Hour + 12*time.Hour + 29*time.Minute: "18 days 12 hours",
		24*time.Hour + 10*time.Minute:                   "1 day",
		3*time.Hour + 20*time.Minute:                    "3 hours 20 minutes",
		59*time.Second + time.Millisecond:               "1 minute",
		0:                                               "0 minutes",
	} {
		if got := v.Countdown(left); got != want {
			t.Errorf("%s: %q, want %q", left, got, want)
		}
	}
}
