package entities

import (
	"slices"
	"testing"
	"time"
)

func TestHoldingsEndWhenAStationChangesHands(t *testing.T) {
	s := newSample()
	n, err := NewNetwork(s.list, s.stations, s.connectors, s.media, s.partners)
	if err != nil {
		t.Fatal(err)
	}
	handover := time.Date(2026, 6, 30, 23, 0, 0, 0, time.UTC) // midnight in London
	a, b, nobody := n.Holdings("a"), n.Holdings("b"), n.Holdings("c", "unknown")
	if got := a.Connectors(); !slices.Equal(got, []int64{10, 11, 20}) {
		t.Errorf("connectors of a: %v", got)
	}
	if got := nobody.Connectors(); got == nil || len(got) != 0 {
		t.Errorf("connectors of nobody: %#v", got)
	}
	for _, c := range []struct {
		claim string
		got   bool
	}{
		{"before the handover a has it", a.Have(20, handover.Add(-time.Microsecond))},
		{"before the handover b has it not", !b.Have(20, handover.Add(-time.Microsecond))},
		{"from the handover on b has it", b.Have(20, handover)},
		{"from the handover on a has it not", !a.Have(20, handover)},
		{"before the first owner nobody has it", !a.Have(20, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))},
		{"together they have it throughout", n.Holdings("a", "b").Have(20, handover) && n.Holdings("a", "b").Have(20, handover.Add(-1))},
		{"a connector of others is not held", !b.Have(10, handover)},
		{"one that no station claims is not held", !a.Have(99, handover)},
	} {
		if !c.got {
			t.Error("not so: " + c.claim)
		}
	}
}
