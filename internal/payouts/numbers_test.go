package payouts

import (
	"slices"
	"strings"
	"testing"
)

// TestNumbersFindWhatTextsMention compares the index with Mentions.
func TestNumbersFindWhatTextsMention(t *testing.T) {
	numbers := []string{"ST-2026-00002", "ST-2026-000021", "RE-2026-1", "GÜ/7-x", "A1", "12", "PO-00000001", "ST-2026-00002"}
	var index Numbers[string]
	for _, n := range numbers {
		index.Add(n, n)
	}
	for _, text := range []string{
		"", "Zahlung zu ST-2026-00002 danke", "st 2026 00002", "ST-2026-000021", "xST-2026-00002", "ST-2026-00002x", "ST-2026-\n00002.",
		"RE 2026 1 und ST202600002", "gü/7x", "gü 7 x!", "A1 12", "RE-2026-11", "PO-00000001PO-00000001", "1 ST-2026-00002 2", "ÄST-2026-00002", "S T 2 0 2 6 0 0 0 0 2",
	} {
		var want []string
		for _, n := range numbers {
			if Mentions(text, n) {
				want = append(want, n)
			}
		}
		if got := index.In(text); !slices.Equal(got, want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if (&Numbers[int]{}).In(strings.Repeat("x ", 10)) != nil {
		t.Error("an empty index finds something")
	}
}
