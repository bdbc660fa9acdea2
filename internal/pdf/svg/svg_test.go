package svg

import (
	"strings"
	"testing"
)

// The path data of a drawing by the operators that it must become.
func TestPathsAreDrawnAsSVGSaysThey(t *testing.T) {
	for data, want := range map[string]string{
		"M1 2L3 4z":                "1 2 m|3 4 l|h|",
		"m1,2 3,4 -1-1":            "1 2 m|4 6 l|3 5 l|",
		"M.5.5h2v-1H0V0":           "0.5 0.5 m|2.5 0.5 l|2.5 -0.5 l|0 -0.5 l|0 0 l|",
		"M0 0C1 2 3 4 5 6s1 1 2 2": "0 0 m|1 2 3 4 5 6 c|7 8 6 7 7 8 c|",
		"M0 0s1 1 2 2":             "0 0 m|0 0 1 1 2 2 c|",
		"M0 0Q3 3 6 0T12 0":        "0 0 m|2 2 4 2 6 0 c|8 -2 10 -2 12 0 c|",
		"M0 0A5 5 0 0 1 10 0":      "0 0 m|0 -2.761 2.239 -5 5 -5 c|7.761 -5 10 -2.761 10 0 c|",
		"M0 0a5 5 0 0110 0":        "0 0 m|0 -2.761 2.239 -5 5 -5 c|7.761 -5 10 -2.761 10 0 c|",
		"M0 0a5 5 0 0010 0":        "0 0 m|0 2.761 2.239 5 5 5 c|7.761 5 10 2.761 10 0 c|",
		"M0 0A0 5 0 0 1 4 4":       "0 0 m|4 4 l|",
		"M1e1-2e-1":                "10 -0.2 m|",
		"":                         "",
	} {
		p := &pen{}
		if err := p.path(data); err != nil {
			t.Errorf("%q: %v", data, err)
		}
		if got := strings.ReplaceAll(string(p.b), "\n", "|"); got != want {
			t.Errorf("%q: got %s, want %s", data, got, want)
		}
	}
}
