package entities

import (
	"os"
	"strings"
	"testing"
	"time"
)

// A meter is exchanged at midnight of a day in the zone of its station.
func TestTheKeyOfAMeterIsThatOfItsDay(t *testing.T) {
	content, err := os.ReadFile("../internal/ocmf/testdata/keba-kcp30-valid/public-key-1.txt")
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(string(content))
	c := Connector{MeterKeys: []MeterKey{{Key: key, Until: "2026-10-10"}, {Key: key, From: "2026-10-10", Until: "2026-10-20T12:00:00Z"}, {Key: "no key"}, {Key: key, From: "2026-10-15"}}}
	for at, want := range map[string]int{
		"2020-01-01T00:00:00Z": 1, "2026-10-09T21:59:59Z": 1, "2026-10-09T22:00:00Z": 1, "2026-10-15T00:00:00Z": 2,
		"2026-10-20T11:59:59Z": 2, "2026-10-20T12:00:00Z": 1,
	} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(c.MeterKeysAt(instant, berlin)); got != want {
			t.Errorf("%s: %d keys, want %d", at, got, want)
		}
	}
	before := time.Date(2026, 10, 9, 21, 59, 59, 0, time.UTC)
	if !c.MeterKeys[0].Covers(before, berlin) || c.MeterKeys[0].Covers(before.Add(time.Second), berlin) || c.MeterKeys[1].Covers(before, berlin) {
		t.Error("the first key does not end where the second begins")
	}
}
