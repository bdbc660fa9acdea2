package pdf

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-text/typesetting/font/opentype"
	"golang.org/x/text/unicode/norm"
)

func face(tb testing.TB) *Typeface {
	tb.Helper()
	f, err := NewTypeface()
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// hotels are names in scripts that Liberation Sans lacks or cannot set, each
// with the font that prints its letters.
var hotels = map[string]string{
	"מלון הים התיכון":       "NotoSansHebrew",
	"שָׁלוֹם":               "NotoSansHebrew",
	"فندق لؤلؤة الشرق":      "NotoSansArabic",
	"السلام ١٢٣":            "NotoSansArabic",
	"می\u200cخواهم":         "NotoSansArabic",
	"სასტუმრო თბილისი":      "NotoSansGeorgian",
	"Հյուրանոց Երևան":       "NotoSansArmenian",
	"โรงแรมน้ำพุ ที่จอดรถ":  "NotoSansThai",
	"Қазақстан ₸ Ҥ ᾧ ₺ ₾ ₽": "NotoSans",
	"q\u0303 x\u0323\u0302": "NotoSans",
}

// fontsOf lists the fonts of a text, and whether a substitute is among its
// glyphs.
func fontsOf(s *shaped, main *font) (fonts []string, substituted bool) {
	for _, run := range s.runs {
		fonts = append(fonts, run.font.name)
		for _, c := range run.clusters {
			for _, g := range c.glyphs {
				substituted = substituted || run.font == main && g.id == int(main.glyphs[substitute])
			}
		}
	}
	return fonts, substituted
}

func TestEveryScriptOfTheNeighborhoodHasGlyphs(t *testing.T) {
	fonts := face(t)
	for text, want := range hotels {
		for _, bold := range []bool{false, true} {
			line := fonts.shape(fonts.printable(text), bold)
			used, substituted := fontsOf(line, fonts.weight(bold))
			if bold {
				want = strings.TrimSuffix(want, " Bold") + " Bold"
			}
			if !slices.Contains(used, want) || substituted || line.width <= 0 {
				t.Errorf("%q, bold %v: fonts %v, substituted %v, width %v; want %s", text, bold, used, substituted, line.width, want)
			}
		}
	}
}

// shownAs is a line as it stands on the page: its characters from left to right.
func shownAs(fonts *Typeface, text string) string {
	var b strings.Builder
	for _, run := range fonts.shape(fonts.printable(text), false).runs {
		for _, c := range run.clusters {
			b.WriteString(c.text)
		}
	}
	return b.String()
}

func TestTextFromRightToLeftStandsInOrder(t *testing.T) {
	fonts := face(t)
	for text, want := range map[string]string{
		"אבג":                                "גבא",
		"אבג 12 דה":                          "הד 12 גבא",         // a number is read from left to right
		"Hotel אבג 12 East":                  "Hotel 12 גבא East", // the number belongs to the words before it
		"Hotel אבג, East 7":                  "Hotel גבא, East 7",
		"אבג (Hotel 5)":                      ")Hotel 5( גבא", // the brackets are mirrored when they are drawn
		"abc ١٢ אב":                          "abc בא ١٢",     // so says UAX #9: the number goes with the letters
		"לא":                                 "אל",
		"السلا":                              "السلا"[8:10] + "ل" + "س" + "ل" + "ا", // a ligature keeps both letters
		Isolate("אבג 1") + " (ST-7)":         "1 גבא (ST-7)",
		"Für " + Isolate("אבג") + " 1 bis 2": "Für גבא 1 bis 2", // 1 is no part of the name
		Isolate("\u202eabc") + "x":           "abcx",
	} {
		if got := shownAs(fonts, text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestNoNameTurnsTheTextAroundIt(t *testing.T) {
	fonts := face(t)
	for _, name := range []string{"\u202e evil", "\u2067 evil", "evil \u2069", "\u202b\u202e evil", "אבג \u2069\u2067", "\u2068\u2068\u2068"} {
		got := shownAs(fonts, "Für "+Isolate(Clean(name))+" am 1. Mai 2026")
		if !strings.HasPrefix(got, "Für ") || !strings.HasSuffix(got, " am 1. Mai 2026") {
			t.Errorf("%q turns its sentence into %q", name, got)
		}
	}
}

func TestSignsAreReplacedByWhatLooksLikeThem(t *testing.T) {
	fonts := face(t)
	for _, c := range []struct{ text, printed, replaced string }{
		{"Ladepunkt 1\u20112", "Ladepunkt 1\u20112", ""}, // a fallback font has it
		{"「A」\u3001B", "“A”,B", "U+300C→“ U+300D→” U+3001→,"},
		{"Ho\u00adtel\u200b\ufeff", "Hotel", "U+00AD→ U+200B→ U+FEFF→"},
		{"Ｈｏｔｅｌ　①", "Hotel 1", "U+FF28→H U+FF4F→o U+FF54→t U+FF45→e U+FF4C→l U+3000→  U+2460→1"},
		{"u\u0308 e\u0301", "ü é", ""},
		{"a\tb\r\nc", "a b  c", ""},
		{"Hotel 🔌", "Hotel 🔌", "U+1F50C→□"},
		{"⚡\ufe0f", "⚡", "U+26A1→□"},
		{"\ue123\u0378", "\ue123\u0378", "U+E123→□ U+0378→□"},
		{"a\x01b\u0085", "a�b", "U+0001→□"},
		{"a\xffb", "a�b", "U+FFFD→□"},
		{"Z\u0351\u036b\u0343\u036a\u0302", "Z\u0351\u036b\u0343", "U+036A→ U+0302→"},
		{"مُحَمَّد שָׁלוֹם", "مُحَمَّد שָׁלוֹם", ""},
		{"Straße € ÄÖÜ ł – „x“", "Straße € ÄÖÜ ł – „x“", ""},
	} {
		if got := fonts.printable(c.text); got != norm.NFC.String(c.printed) {
			t.Errorf("%+q is printed as %+q, want %+q", c.text, got, c.printed)
		}
		var replaced []string
		for _, one := range fonts.Replaced(c.text) {
			replaced = append(replaced, fmt.Sprintf("%U→%s", one.Character, one.By))
		}
		if got := strings.Join(replaced, " "); got != c.replaced {
			t.Errorf("of %+q is replaced: %s, want %s", c.text, got, c.replaced)
		}
	}
}

func TestFontsOfTheInstallationAreAsked(t *testing.T) {
	content, err := fontFiles.ReadFile("fonts/NotoSansThai-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	fonts := face(t)
	fonts.fallbacks = nil
	if err := fonts.Add(content, 0); err != nil {
		t.Fatal(err)
	}
	used, substituted := fontsOf(fonts.shape("น้ำ", true), fonts.bold)
	if !slices.Contains(used, "NotoSansThai") || substituted {
		t.Errorf("fonts %v, substituted %v", used, substituted)
	}
	forbidden := bytes.Clone(content)
	tables, err := tablesOf(forbidden) // slices of the file itself
	if err != nil {
		t.Fatal(err)
	}
	tables["OS/2"][9] = embedRestricted
	for name, c := range map[string]struct {
		content []byte
		index   int
		want    string
	}{
		"no font":            {[]byte("not a font at all"), 0, "not a TrueType font"},
		"not in the file":    {content, 3, "font 4 was asked for"},
		"not to be embedded": {forbidden, 0, "forbids"},
	} {
		if err := fonts.Add(c.content, c.index); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEmbeddedFontsCanBeRead(t *testing.T) {
	files, err := filepath.Glob("fonts/*.ttf")
	if err != nil || len(files) != 12 {
		t.Fatalf("%d fonts (%v)", len(files), err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f, err := readFallback(file, content, 0)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		all := make([]int, f.count())
		for i := range all {
			all[i] = i
		}
		if _, err := f.subset(all); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, family := range embeddedFamilies() {
		if family.regular() == nil || family.bold() == nil {
			t.Error("a font is not found")
		}
	}
}

func TestCubicOutlinesBecomeTrueType(t *testing.T) {
	// A quarter of a circle of radius 1000, as fonts with cubic curves draw it.
	const radius, handle = 1000, 552.2847
	from := opentype.SegmentPoint{X: radius}
	curve := [3]opentype.SegmentPoint{{X: radius, Y: handle}, {X: handle, Y: radius}, {Y: radius}}
	for i := range curvePieces {
		control, end := quarter(from, curve, i)
		begin := from
		if i > 0 {
			_, begin = quarter(from, curve, i-1)
		}
		for _, p := range []opentype.SegmentPoint{end, {X: (begin.X + 2*control.X + end.X) / 4, Y: (begin.Y + 2*control.Y + end.Y) / 4}} {
			if got := math.Hypot(float64(p.X), float64(p.Y)); math.Abs(got-radius) > 0.5 {
				t.Errorf("piece %d passes %v, which is %.2f from the middle", i, p, got)
			}
		}
	}
	glyph := simpleGlyph([][]point{{{0, 0, true}, {500, 100, false}, {1000, -50, true}}})
	if _, err := bare(glyph, nil); err != nil || fmt.Sprintf("%x", head(glyph)) != "0001"+"0000"+"ffce"+"03e8"+"0064" {
		t.Errorf("a glyph begins %x (%v)", head(glyph), err)
	}
}

// FuzzShape: no text makes the shaper panic, in either weight.
func FuzzShape(f *testing.F) {
	fonts := face(f)
	for _, text := range []string{"Hotel", "A. \u05b0", "א –\u200d– ב", "مُ -\u064b م", "ก็ 1\u0e4d", "👨‍👩‍👧 א"} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		for _, bold := range []bool{false, true} {
			fonts.shape(fonts.printable(text), bold)
		}
	})
}

func TestNumbersStayWithTheLettersBeforeThem(t *testing.T) {
	for text, want := range map[string]string{
		"Ёлки (ST-9)": "Ёлки |(ST-9)", "GS-2026-00001": "GS-2026-00001", "B-Säule 2-fach": "B-|Säule |2-fach", "Park/Ride": "Park/|Ride", "A-": "A-",
	} {
		if got := strings.Join(Words(text), "|"); got != want {
			t.Errorf("%s is cut into %s", text, got)
		}
	}
}
