package document

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

	"creditrun/creditnotes"
	"creditrun/numbering"
)

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
	fonts := newRenderer(t).fonts
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

func TestDocumentsInEveryScriptAreArchivable(t *testing.T) {
	r := newRenderer(t)
	note := longNote(len(hotels) + 2)
	note.Document.SessionDetail = detailPDF
	i := 0
	for name := range hotels {
		note.Positions[i].StationName = name
		note.Document.Recipient.Name, note.Document.Issuer.Name = name, name+" GmbH"
		i++
	}
	note.Positions[i].StationName = "Hotel 🔌 \ue000 \U000e0fff 東京"
	files, err := r.Files(note, manyDetails(3))
	if err != nil {
		t.Fatal(err)
	}
	content := pdfOf(t, files)
	for _, complaint := range violations(content) {
		t.Error(complaint)
	}
	look(t, "scripts", content)
}

// shownAs is a line as it stands on the page: its characters from left to right.
func shownAs(fonts typeface, text string) string {
	var b strings.Builder
	for _, run := range fonts.shape(fonts.printable(text), false).runs {
		for _, c := range run.clusters {
			b.WriteString(c.text)
		}
	}
	return b.String()
}

func TestTextFromRightToLeftStandsInOrder(t *testing.T) {
	fonts := newRenderer(t).fonts
	for text, want := range map[string]string{
		"אבג":                         "גבא",
		"אבג 12 דה":                   "הד 12 גבא",         // a number is read from left to right
		"Hotel אבג 12 East":           "Hotel 12 גבא East", // the number belongs to the words before it
		"Hotel אבג, East 7":           "Hotel גבא, East 7",
		"אבג (Hotel 5)":               ")Hotel 5( גבא", // the brackets are mirrored when they are drawn
		"abc ١٢ אב":                   "abc בא ١٢",     // so says UAX #9: the number goes with the letters
		"לא":                          "אל",
		"السلا":                       "السلا"[8:10] + "ل" + "س" + "ل" + "ا", // a ligature keeps both letters
		isolated("אבג 1") + " (ST-7)": "1 גבא (ST-7)",
		"Für " + isolated("אבג") + " 1 bis 2": "Für גבא 1 bis 2", // 1 is no part of the name
		isolated("\u202eabc") + "x":           "abcx",
	} {
		if got := shownAs(fonts, text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

func TestNobodyTurnsTheTextAroundAName(t *testing.T) {
	fonts := newRenderer(t).fonts
	for _, name := range []string{"\u202e evil", "\u2067 evil", "evil \u2069", "\u202b\u202e evil", "אבג \u2069\u2067", "\u2068\u2068\u2068"} {
		got := shownAs(fonts, "Für "+field(name)+" am 1. Mai 2026")
		if !strings.HasPrefix(got, "Für ") || !strings.HasSuffix(got, " am 1. Mai 2026") {
			t.Errorf("%q turns its sentence into %q", name, got)
		}
	}
}

func TestSignsAreReplacedByWhatLooksLikeThem(t *testing.T) {
	r := newRenderer(t)
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
		if got := r.fonts.printable(c.text); got != norm.NFC.String(c.printed) {
			t.Errorf("%+q is printed as %+q, want %+q", c.text, got, c.printed)
		}
		var replaced []string
		for _, one := range r.Replaced(c.text) {
			replaced = append(replaced, fmt.Sprintf("%U→%s", one.Character, one.By))
		}
		if got := strings.Join(replaced, " "); got != c.replaced {
			t.Errorf("of %+q is replaced: %s, want %s", c.text, got, c.replaced)
		}
	}
}

func TestNoTextKeepsADocumentFromBeingMade(t *testing.T) {
	r := newRenderer(t)
	for name, text := range map[string]string{
		"an emoji":                 "Hotel 🔌 👨‍👩‍👧 1️⃣",
		"no font":                  "東京 ภาษา हिन्दी አማርኛ",
		"a private sign":           "\ue000\uf8ff\U000f0000",
		"no character":             "\ufffe\uffff\ufdd0\xff\xc3\x28",
		"controls":                 "\x00\x01\x1f\x7f\u0080\u009f",
		"nothing visible":          "\u200b\u200d\u200e\u202e\u2069",
		"marks alone":              "\u0301\u0e31\u05b0\u064b",
		"a pile of marks":          "Z" + strings.Repeat("\u0336\u0489\u0351", 200),
		"three thousand letters":   strings.Repeat("W", 3000),
		"three thousand Hebrew":    strings.Repeat("ש", 3000),
		"three thousand isolates":  strings.Repeat("\u2067א", 3000),
		"lines":                    strings.Repeat("a\n", 500),
		"points on stops":          "Park A. \u05b0 .\u05b7 1\u05b0 -\u05b8 )\u05b7",
		"marks between Hebrew":     "א -\u0301 ב א (\u0308) ב א –\u200d– ב",
		"an Arabic mark on a dash": "مُ -\u064b م",
		"a name of 20,000 letters": strings.Repeat("Ж", 20_000),
		"all at once":              "\u202eא\u0301🔌\x00东 \ud7ff",
	} {
		t.Run(name, func(t *testing.T) {
			note := longNote(3)
			note.Kind, note.Document.CancelsNumber, note.Document.CancelReason = numbering.Cancellation, text, text
			note.Document.Recipient = creditnotes.Party{Name: text, Street: text, City: text, VATID: text, CustomerRef: text}
			note.Document.Issuer.Name, note.Document.Issuer.Street, note.Document.Agreement = text, text, text
			note.Document.OwnerNames = map[string]string{"a": text}
			note.Positions[0].StationName, note.Positions[1].Station = text, text
			content, err := r.PDF(note)
			if err != nil {
				t.Fatal(err)
			}
			for _, complaint := range violations(content) {
				t.Error(complaint)
			}
			for _, p := range read(t, content) {
				if p.x < left-0.5 || p.x+p.wide > right+0.5 {
					t.Errorf("page %d: %q leaves the page (%.1f to %.1f)", p.page, p.text, p.x, p.x+p.wide)
				}
			}
		})
	}
}

func TestNothingOfALongFieldIsCutOff(t *testing.T) {
	r := newRenderer(t)
	long := func(word string, n int) string { return strings.TrimSpace(strings.Repeat(word+" ", n)) }
	note := longNote(2)
	d := &note.Document
	d.Recipient.Street = "Sehr lange Straße der Ladeinfrastruktur und der Elektromobilität Nummer 1234 b"
	d.Recipient.City, d.Recipient.VATID, d.Recipient.CustomerRef = long("Bad", 40), long("VAT", 60), long("Zeichen", 70)
	d.Recipient.Bank.Holder = long("Inhaberin", 90)
	d.Agreement, d.PaymentTerms = long("Vertrag", 80), long("Zahlbar", 300)
	d.Issuer.Street, d.Issuer.RegisterNumber = long("Allee", 50), long("Register", 60)
	note.Positions[0].StationName = strings.Repeat("Lange", 500)
	note.Positions[1].StationName = long("Parkhaus", 400)
	content, err := r.PDF(note)
	if err != nil {
		t.Fatal(err)
	}
	checkLayout(t, r, content)
	var all strings.Builder
	for _, p := range read(t, content) {
		all.WriteString(p.text)
	}
	everything := strings.NewReplacer(" ", "", "\u00a0", "").Replace(all.String())
	for _, text := range []string{
		d.Recipient.Street, d.Recipient.City, d.Recipient.VATID, d.Recipient.CustomerRef, d.Recipient.Bank.Holder, d.Agreement,
		d.PaymentTerms, d.Issuer.Street, d.Issuer.RegisterNumber,
	} {
		if !strings.Contains(everything, strings.ReplaceAll(text, " ", "")) {
			t.Errorf("%.40s… is nowhere printed in full", text)
		}
	}
	// Between two pages stands more than the name.
	for word, want := range map[string]int{"Parkhaus": 399, "Lange": 495} {
		if got := strings.Count(everything, word); got < want {
			t.Errorf("%q is printed %d times, want %d", word, got, want)
		}
	}
	window := func(p printed) bool { return p.page == 1 && p.x == left && p.y > addressTop && p.y < 95 }
	if slices.ContainsFunc(read(t, content), func(p printed) bool { return window(p) && strings.Contains(p.text, "…") }) {
		t.Error("the address is cut off")
	}
}

func TestReadersFindTheLettersBehindTheGlyphs(t *testing.T) {
	r := newRenderer(t)
	note := shortNote()
	note.Positions[0].StationName = "אבג"
	note.Document.Recipient.Name = "السلام"
	note.Document.Recipient.Street = "🔌 น้ำ"
	content, err := r.PDF(note)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range read(t, content) {
		all.WriteString(p.text)
	}
	// Letters from right to left stand in the file as on the page.
	for _, want := range []string{"גבא", "مالسلا", "🔌", "น้ำ"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not found", want)
		}
	}
}

func TestFontsOfTheInstallationAreAsked(t *testing.T) {
	content, err := fontFiles.ReadFile("fonts/NotoSansThai-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	r := newRenderer(t)
	r.fonts.fallbacks = nil
	if err := r.AddFont(content, 0); err != nil {
		t.Fatal(err)
	}
	used, substituted := fontsOf(r.fonts.shape("น้ำ", true), r.fonts.bold)
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
		if err := r.AddFont(c.content, c.index); err == nil || !strings.Contains(err.Error(), c.want) {
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
	r := newRenderer(f)
	for _, text := range []string{"Hotel", "A. \u05b0", "א –\u200d– ב", "مُ -\u064b م", "ก็ 1\u0e4d", "👨‍👩‍👧 א"} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		for _, bold := range []bool{false, true} {
			r.fonts.shape(r.fonts.printable(text), bold)
		}
	})
}
