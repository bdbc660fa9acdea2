package creditnotes

import (
	"slices"
	"testing"
)

func TestKeysAreInTheOrderOfPeople(t *testing.T) {
	want := []string{"", "2", "10", "S", "S-1", "S02", "S2", "S2a", "S2b1", "S2b10", "S10", "S10-2", "S10-11", "T1"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, CompareNaturally)
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for _, a := range want {
		for _, b := range want {
			if (CompareNaturally(a, b) == 0) != (a == b) || CompareNaturally(a, b) != -CompareNaturally(b, a) {
				t.Errorf("%q and %q", a, b)
			}
		}
	}
}
