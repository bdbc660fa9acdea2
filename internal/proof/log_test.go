package proof

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// published are the heads of some months, as an operator publishes them.
func published(t *testing.T, months ...string) *Log {
	t.Helper()
	tree, entries := &Frontier{}, []Hash{}
	log := &Log{Ring: *ringOf(keyOf(1))}
	for _, month := range months {
		head, err := Sign(Head{Operator: "Stadtwerke", Run: month, Month: month, SignedAt: "2026-11-01T06:00:00Z", Leaves: 1, Root: LeafHash([]byte(month))}, tree, keyOf(1))
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, head.Entry())
		log.Heads = append(log.Heads, LogHead{*head, Consistency(entries, len(entries)-1)})
	}
	content, err := json.Marshal(log)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseLog(content)
	if err != nil {
		t.Fatal(err)
	}
	return read
}

func TestThePublishedLogFollowsFromMonthToMonth(t *testing.T) {
	months := []string{"2026-07", "2026-08", "2026-09", "2026-10", "2026-11"}
	ring := ringOf(keyOf(1))
	if err := published(t, months...).Check(ring); err != nil {
		t.Error(err)
	}
	late := published(t, months...)
	late.Heads = late.Heads[2:]
	if err := late.Check(ring); err != nil {
		t.Errorf("the latest heads alone: %v", err)
	}
	other := published(t, "2026-07", "2026-08x", "2026-09", "2026-10", "2026-11")
	for name, log := range map[string]*Log{
		"a month was taken out":   {Heads: append(append([]LogHead{}, published(t, months...).Heads[:2]...), published(t, months...).Heads[3:]...)},
		"a month was rewritten":   {Heads: append(append([]LogHead{}, published(t, months...).Heads[:3]...), other.Heads[3:]...)},
		"late, and was rewritten": {Heads: append(append([]LogHead{}, published(t, months...).Heads[1:3]...), other.Heads[3:]...)},
	} {
		if err := log.Check(ring); err == nil || !strings.Contains(err.Error(), "rewritten") {
			t.Errorf("%s: %v", name, err)
		}
	}
	var foreign ForeignKey
	if err := published(t, months...).Check(ringOf(keyOf(2))); !errors.As(err, &foreign) {
		t.Errorf("with another key: %v", err)
	}
	if log := published(t, months...); !log.Has(&log.Heads[1].SignedHead) || log.Has(&other.Heads[1].SignedHead) {
		t.Error("the head of another log is published")
	}
}
