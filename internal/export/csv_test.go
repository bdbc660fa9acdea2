package export

import (
	"strings"
	"testing"
)

func TestCSVHoldsNoFormula(t *testing.T) {
	var out strings.Builder
	file := NewCSV(&out)
	if err := file.Write("=1+1", "@x", "-x", "-1.50", "Stadtwerke; Nord", ""); err != nil {
		t.Fatal(err)
	}
	if err := file.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff'=1+1;'@x;'-x;-1.50;\"Stadtwerke; Nord\";\r\n"
	if out.String() != want {
		t.Errorf("written %q, want %q", out.String(), want)
	}
}
