package spreadsheet

import (
	"strings"
	"testing"
)

func TestNoTextIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "Stadtwerke; Nord, Süd-West": "Stadtwerke; Nord, Süd-West", "a=b": "a=b", "x@y.example, z@y.example": "x@y.example, z@y.example",
		"=1+1": "'=1+1", "@x": "'@x", "-x": "'-x", "+49 40 1": "'+49 40 1", "\t=1": "'\t'=1", " =1+1": " '=1+1", `"=1+1"`: `"'=1+1"`,
		"-1.50": "-1.50", "+7": "'+7", "-1.50,": "-1.50,", "-1.5.0": "'-1.5.0", "-": "'-",
		"Nord,=HYPERLINK(A1)": "Nord,'=HYPERLINK(A1)", "Nord;=1": "Nord;'=1", "Nord, =1": "Nord, '=1", `Nord,"=1"`: `Nord,"'=1"`,
		"Nord\n=1": "Nord\n'=1", "Nord\r\n@x": "Nord\r\n'@x", "Nord\r\nWest-Ost": "Nord\r\nWest-Ost", "a|-b": "a|'-b", "1,-5": "1,-5", "a,,=1,": "a,,'=1,", "＝1": "'＝1",
	} {
		if got := Text(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// FuzzNoSettingFindsAFormula splits a text as settings with other separators
// do.
func FuzzNoSettingFindsAFormula(f *testing.F) {
	f.Add("a,=1")
	f.Add("\n\"=1")
	f.Fuzz(func(t *testing.T, text string) {
		for _, separator := range []string{",", ";", "|", "\t", "\n", "\r"} {
			for _, cell := range strings.Split(Text(text), separator) {
				cell = strings.TrimLeft(cell, skipped)
				if cell != "" && strings.ContainsRune("=@", firstRune(cell)) {
					t.Errorf("%q: %q holds the formula %q", separator, Text(text), cell)
				}
			}
		}
	})
}
