package payouts_test

import (
	"testing"

	"creditrun/internal/payouts"
)

func TestTextsThatNameADocument(t *testing.T) {
	for _, c := range []struct {
		text, number string
		want         bool
	}{
		{"RE-2026-00001", "RE-2026-00001", true},
		{"Zahlung re 2026 00001 vom 3.", "RE-2026-00001", true},
		{"RE202600001", "RE-2026-00001", true},
		{"RE-2026-\n00001 danke", "RE-2026-00001", true},
		{"RE-2026-000012", "RE-2026-00001", false},
		{"xRE-2026-00001", "RE-2026-00001", false},
		{"RE-2026-00002, RE-2026-00001", "RE-2026-00001", true},
		{"SVWZ+RE-2026-00001/ABWA", "RE-2026-00001", true},
		{"Ärger RE-2026-00001", "RE-2026-00001", true},
		{"RE-2026-0000", "RE-2026-00001", false},
		{"a 1 b", "1", false},
		{"", "RE-2026-00001", false},
		{"anything", "", false},
	} {
		if got := payouts.Mentions(c.text, c.number); got != c.want {
			t.Errorf("%q names %q: %t", c.text, c.number, got)
		}
	}
}
