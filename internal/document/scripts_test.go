package document

import (
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
	"creditrun/numbering"
)

// hotels are names in scripts that Liberation Sans lacks or cannot set.
var hotels = []string{
	"מלון הים התיכון", "שָׁלוֹם", "فندق لؤلؤة الشرق", "السلام ١٢٣", "می\u200cخواهم", "სასტუმრო თბილისი", "Հյուրանոց Երևան",
	"โรงแรมน้ำพุ ที่จอดรถ", "Қазақстан ₸ Ҥ ᾧ ₺ ₾ ₽", "q\u0303 x\u0323\u0302",
}

func TestDocumentsInEveryScriptAreArchivable(t *testing.T) {
	r := newRenderer(t)
	note := longNote(len(hotels) + 2)
	note.Document.SessionDetail = detailPDF
	for i, name := range hotels {
		note.Positions[i].StationName = name
		note.Document.Recipient.Name, note.Document.Issuer.Name = name, name+" GmbH"
	}
	note.Positions[len(hotels)].StationName = "Hotel 🔌 \ue000 \U000e0fff 東京"
	files, err := r.Files(note, manyDetails(3))
	if err != nil {
		t.Fatal(err)
	}
	content := pdfOf(t, files)
	for _, complaint := range pdftest.Violations(content) {
		t.Error(complaint)
	}
	look(t, "scripts", content)
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
			for _, complaint := range pdftest.Violations(content) {
				t.Error(complaint)
			}
			look(t, "text-"+strings.ReplaceAll(name, " ", "-"), content)
			for _, p := range pdftest.Read(t, content) {
				if p.X < left-0.5 || p.X+p.Wide > right+0.5 {
					t.Errorf("page %d: %q leaves the page (%.1f to %.1f)", p.Page, p.Text, p.X, p.X+p.Wide)
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
	for _, p := range pdftest.Read(t, content) {
		all.WriteString(p.Text)
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
	window := func(p pdftest.Printed) bool { return p.Page == 1 && p.X == left && p.Y > addressTop && p.Y < 95 }
	if slices.ContainsFunc(pdftest.Read(t, content), func(p pdftest.Printed) bool { return window(p) && strings.Contains(p.Text, "…") }) {
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
	for _, p := range pdftest.Read(t, content) {
		all.WriteString(p.Text)
	}
	// Letters from right to left stand in the file as on the page.
	for _, want := range []string{"גבא", "مالسلا", "🔌", "น้ำ"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not found", want)
		}
	}
}
