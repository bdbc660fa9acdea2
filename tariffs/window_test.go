package tariffs

import (
	"testing"
	"time"
)

func TestClockTimesAreHoursAndMinutes(t *testing.T) {
	for text, want := range map[ClockTime]int64{"00:00": 0, "06:30": 23_400, "23:59": 86_340, "24:00": 86_400} {
		if got, ok := text.seconds(); !ok || got != want {
			t.Errorf("%s: got %d, %v", text, got, ok)
		}
	}
	for _, text := range []ClockTime{"", "6:30", "24:01", "25:00", "12:60", "12.30", "12:3x", "-1:00", "12:30:00", "１2:0"} {
		if got, ok := text.seconds(); ok {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

// TestWindowsHoldByTheClockOnTheWall compares with a plain reading of the law.
func TestWindowsHoldByTheClockOnTheWall(t *testing.T) {
	windows := []Window{
		{Weekdays: []int{5}, From: "22:00", To: "06:00"},
		{Weekdays: []int{7}, From: "22:00", To: "06:00"},
		{Weekdays: []int{6, 7}},
		{From: "08:00", To: "20:00"},
		{From: "20:00", To: "08:00"},
		{Weekdays: []int{1, 3}, From: "12:00", To: "12:00"},
		{Weekdays: []int{1}, From: "12:00"},
		{Weekdays: []int{1}, To: "12:00"},
		{From: "22:00", To: "00:00", Weekdays: []int{2}},
	}
	for _, name := range []string{"Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Australia/Lord_Howe", "UTC"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		c := &clock{zone: zone}
		for start := time.Date(1969, 12, 20, 0, 0, 0, 0, time.UTC); start.Year() < 2031; start = start.Add(1373 * time.Minute) {
			weekday, second := c.local(start.Unix())
			for _, w := range windows {
				if got, want := w.compile().why(weekday, second) == won, inWindow(w, start.In(zone)); got != want {
					t.Fatalf("%v at %v: got %v", w, start.In(zone), got)
				}
			}
		}
	}
}

// inWindow reads a window as domain.md §4.5 is written.
func inWindow(w Window, at time.Time) bool {
	now, from, to := at.Format("15:04"), string(w.From), string(w.To)
	if from == "" {
		from = "00:00"
	}
	if to == "" {
		to = "24:00"
	}
	beginsOn := func(day time.Weekday) bool {
		for _, d := range w.Weekdays {
			if d%7 == int(day) {
				return true
			}
		}
		return len(w.Weekdays) == 0
	}
	switch {
	case from == to:
		return beginsOn(at.Weekday())
	case from < to:
		return beginsOn(at.Weekday()) && from <= now && now < to
	}
	return from <= now && beginsOn(at.Weekday()) || now < to && beginsOn((at.Weekday()+6)%7)
}

func TestOverlapIsASharedMinute(t *testing.T) {
	windows := []Window{
		{Weekdays: []int{5}, From: "22:00", To: "06:00"},
		{Weekdays: []int{6}, From: "06:00", To: "10:00"},
		{Weekdays: []int{6}, From: "05:59", To: "06:00"},
		{Weekdays: []int{7}, From: "23:00", To: "01:00"},
		{Weekdays: []int{1}},
		{From: "10:00", To: "22:00"},
		{From: "22:00", To: "10:00"},
	}
	for _, a := range windows {
		for _, b := range windows {
			want := false
			for minute := int64(0); minute < 7*24*60; minute++ {
				day, second := int(minute/1440), minute%1440*60
				want = want || a.compile().why(day, second) == won && b.compile().why(day, second) == won
			}
			if got := a.compile().overlaps(b.compile()); got != want {
				t.Errorf("%v and %v: got %v", a, b, got)
			}
		}
	}
}

func TestBoundsRoundUpToMicroseconds(t *testing.T) {
	if got := since(time.Unix(0, 1)); got != 1 {
		t.Errorf("got %d", got)
	}
	if got := since(time.Unix(-1, 999_999_000)); got != -1 {
		t.Errorf("got %d", got)
	}
	if got := [3]int64{seconds(-1), seconds(-1_000_000), seconds(1_999_999)}; got != [3]int64{-1, -1, 1} {
		t.Errorf("got %v", got)
	}
}
