package document

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
	"creditrun/internal/pdf/pdftest"
	"creditrun/numbering"
)

var update = flag.Bool("update", false, "write the golden files, and the PDFs beside them for the eye (not kept)")

// samples are the documents that are looked after: each is a golden file.
func samples() map[string]*creditnotes.Note {
	dinars := in("it", shortNote())
	dinars.Currency, dinars.Document.CurrencyDigits = "KWD", 3
	yen := in("en", longNote(12))
	yen.Currency, yen.Document.CurrencyDigits = "JPY", 0
	draft := shortNote()
	draft.Number, draft.IssuedAt = "", time.Time{}
	return map[string]*creditnotes.Note{
		"short-de":                 shortNote(),
		"short-en":                 in("en", shortNote()),
		"short-fr":                 in("fr", shortNote()),
		"short-it-dinars":          dinars,
		"two-pages-en-yen":         yen,
		"consolidated-reverse-de":  consolidatedNote(),
		"cancellation-de":          cancellationNote(),
		"cancellation-en":          in("en", cancellationNote()),
		"draft-de":                 draft,
		"small-business-fr":        smallBusiness(),
		"empty-over-zero-it":       emptyNote(),
		"three-hundred-positions":  longNote(300),
		"several-rates-no-account": severalRates(),
		"long-names":               longNames(),
	}
}

func smallBusiness() *creditnotes.Note {
	n := in("fr", shortNote())
	n.Document.Mentions = []string{"Autofacturation", "TVA non applicable, art. 293 B du CGI"}
	n.Taxes[0] = creditnotes.TaxTotal{Name: "Franchise en base", Category: creditnotes.Exempt, Exemption: "TVA non applicable, art. 293 B du CGI"}
	n.Document.Recipient.VATID = ""
	return total(n)
}

func emptyNote() *creditnotes.Note {
	n := in("it", shortNote())
	n.Positions = nil
	n.PeriodFrom = "2026-10-01"
	n.Document.Held = creditnotes.HeldSummary{}
	return total(n)
}

func severalRates() *creditnotes.Note {
	n := consolidatedNote()
	n.Document.Recipient.Bank = entities.Bank{}
	n.Document.Mentions = []string{"Gutschrift"}
	n.Taxes = []creditnotes.TaxTotal{
		{Name: "Umsatzsteuer 19 %", Category: creditnotes.StandardRate, Rate: 1900, Base: 100000, Tax: 19000},
		{Name: "Umsatzsteuer 7 %", Category: creditnotes.StandardRate, Rate: 700, Base: 50000, Tax: 3500},
		{Name: "Nicht steuerbar", Category: creditnotes.OutsideScope, Base: 33779, Exemption: "Privatperson, nicht steuerbar nach § 1 UStG"},
	}
	for i := range n.Taxes {
		n.Taxes[i].Slot = i
	}
	for i := range n.Positions {
		n.Positions[i].Tax = i % 3
	}
	n.Tax = 22500
	n.Gross = n.Net + n.Tax
	return n
}

// longNames has everything a person could type too much of.
func longNames() *creditnotes.Note {
	n := shortNote()
	long := "Energiegenossenschaft Ladeinfrastrukturbetriebsgesellschaft Schleswig-Holsteinische Nordseeküste und Inseln mbH & Co. Kommanditgesellschaft auf Aktien"
	word := strings.Repeat("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", 3)
	n.Document.Recipient.Name, n.Document.Issuer.Name = long+" "+long, long
	n.Document.Recipient.Street, n.Document.Recipient.CustomerRef = word, word
	n.Document.Issuer.Email = strings.Repeat("a-very-long-mailbox.", 6) + "@voltnetz.example"
	n.Document.Issuer.RegisterNumber, n.Document.PaymentTerms = long, long+"\n"+word
	n.Document.Recipient.Bank.Holder = long + word
	n.Positions[0].StationName = long
	n.Positions[1].StationName = word + word + word + word + word
	n.Number = "GS-2026-" + strings.Repeat("7", 40)
	n.Taxes[0].Name = long
	for i := range 40 {
		p := n.Positions[i%2]
		p.Net, p.Energy, p.Sessions = 9_223_372_036_854_775_80, 9_223_372_036_854_775, 1_234_567_890
		n.Positions = append(n.Positions, p)
	}
	for i := range n.Positions {
		n.Positions[i].Ordinal = i + 1
	}
	return n
}

func TestDocumentsReadAsTheyDidBefore(t *testing.T) {
	r := newRenderer(t)
	for name, note := range samples() {
		t.Run(name, func(t *testing.T) {
			content, err := r.PDF(note)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", transcript(t, content))
			look(t, name, content)
		})
	}
}

// transcript is the text of a PDF with its places.
func transcript(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, p := range pdftest.Read(t, content) {
		weight := " "
		if p.Bold {
			weight = "*"
		}
		fmt.Fprintf(&b, "%d %6.1f %6.1f %4.1f%s %s\n", p.Page, p.Y, p.X, p.Size, weight, p.Text)
	}
	return b.Bytes()
}

// look writes a PDF for the eye where a folder is named.
func look(t *testing.T, name string, content []byte) {
	t.Helper()
	if dir := os.Getenv("CREDITRUN_LOOK"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".pdf"), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// golden compares with a file in testdata, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); go test -update writes it:\n%s", path, diff)
	}
}

func TestNothingOverflowsOrOverlaps(t *testing.T) {
	r := newRenderer(t)
	for name, note := range samples() {
		t.Run(name, func(t *testing.T) {
			content, err := r.PDF(note)
			if err != nil {
				t.Fatal(err)
			}
			checkLayout(t, r, content)
		})
	}
}

// checkLayout finds texts that leave the page or overlap.
func checkLayout(t *testing.T, r *Renderer, content []byte) {
	t.Helper()
	texts := pdftest.Read(t, content)
	for i, p := range texts {
		if end := p.X + p.Wide; p.X < left-0.1 || end > right+0.1 || p.Y > pdf.PageHeight-8 {
			t.Errorf("page %d: %q leaves the page (%.1f to %.1f, %.1f)", p.Page, p.Text, p.X, end, p.Y)
		}
		for _, q := range texts[i+1:] {
			if p.Page == q.Page && overlap(p, q) {
				t.Errorf("page %d: %q and %q overlap at %.1f, %.1f", p.Page, p.Text, q.Text, p.X, p.Y)
			}
		}
	}
}

// overlap reports whether the boxes of two texts share more than a hair.
func overlap(p, q pdftest.Printed) bool {
	const hair = 0.05
	above := func(p pdftest.Printed) (float64, float64) {
		return p.Y - 0.70*p.Size*pdf.Point, p.Y + 0.18*p.Size*pdf.Point
	}
	ptop, pbottom := above(p)
	qtop, qbottom := above(q)
	return p.Page == q.Page && ptop < qbottom-hair && qtop < pbottom-hair &&
		p.X < q.X+q.Wide-hair && q.X < p.X+p.Wide-hair
}

func TestFiguresStandAtTheRightOfTheirColumn(t *testing.T) {
	r := newRenderer(t)
	content, err := r.PDF(longNote(300))
	if err != nil {
		t.Fatal(err)
	}
	ends := map[string]int{}
	nets := map[string]bool{}
	for _, p := range longNote(300).Positions {
		nets[r.texts.AmountPlain("de", 2, p.Net)] = true
	}
	for _, p := range pdftest.Read(t, content) {
		if nets[p.Text] {
			ends[fmt.Sprintf("%.1f", p.X+p.Wide)]++
		}
	}
	if len(ends) != 1 || ends["190.0"] < 300 {
		t.Errorf("the net amounts end at %v, want all 300 at 190.0", ends)
	}
}

func TestEveryPageRepeatsTheHeadAndSaysWhichItIs(t *testing.T) {
	r := newRenderer(t)
	content, err := r.PDF(longNote(300))
	if err != nil {
		t.Fatal(err)
	}
	texts := pdftest.Read(t, content)
	pages := texts[len(texts)-1].Page
	for page := 1; page < pages; page++ {
		for _, want := range []string{"Ladevorgänge", "Netto\u00a0EUR", fmt.Sprintf("Seite %d von %d", page, pages)} {
			if !slices.ContainsFunc(texts, func(p pdftest.Printed) bool { return p.Page == page && p.Text == want }) {
				t.Errorf("page %d of %d lacks %q", page, pages, want)
			}
		}
	}
}

func TestTheSameNoteGivesTheSameBytes(t *testing.T) {
	notes := samples()
	first := map[string][]byte{}
	r := newRenderer(t)
	for name, note := range notes {
		content, err := r.PDF(note)
		if err != nil {
			t.Fatal(err)
		}
		first[name] = content
	}
	var group sync.WaitGroup
	for range 4 {
		again := newRenderer(t)
		for name := range notes {
			group.Go(func() {
				content, err := again.PDF(samples()[name])
				if err != nil || !bytes.Equal(content, first[name]) {
					t.Errorf("%s: other bytes (%v)", name, err)
				}
			})
		}
	}
	group.Wait()
}

func TestPDFLeavesTheNoteAsItIs(t *testing.T) {
	note := consolidatedNote()
	if _, err := newRenderer(t).PDF(note); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(consolidatedNote(), note); diff != "" {
		t.Error(diff)
	}
}

func TestEveryLetterOfEuropeIsPrinted(t *testing.T) {
	note := shortNote()
	letters := "€ ł ő č ß ẞ ğ ş ț ș ž ý ů ř ě ď ť ľ ĺ ŕ ą ę ć ń ś ź ż ā ē ģ ķ ļ ņ š ū ė į ų ġ ħ æ ø å œ ÿ ñ ¿ Ω Я – — „“ ‚‘ «» ‹› … \u202f\u00a0 − ·"
	note.Document.Recipient.Name = letters
	note.Document.Issuer.City = "A\u0308O\u0308u\u0308 (decomposed)"
	content, err := newRenderer(t).PDF(note)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range pdftest.Read(t, content) {
		all.WriteString(p.Text + "\n")
	}
	if !strings.Contains(all.String(), "€ ł ő č ß ẞ") || !strings.Contains(all.String(), "ÄÖü (decomposed)") {
		t.Errorf("letters are missing in:\n%s", all.String())
	}
}

func TestALanguageWithoutMessagesIsAnError(t *testing.T) {
	note := shortNote()
	note.Language = "xx"
	if _, err := newRenderer(t).PDF(note); err == nil || !strings.Contains(err.Error(), `language "xx"`) {
		t.Errorf("got error %v", err)
	}
}

func TestFileNamesSuitEveryFileSystem(t *testing.T) {
	for number, want := range map[string]string{
		"GS-2026-00001": "GS-2026-00001.pdf", "GS/2026/1": "GS_2026_1~3f5ec4ae.pdf", "": "draft-a.pdf",
	} {
		if got := FileName(&creditnotes.Note{Number: number, Recipient: "a"}, creditnotes.FilePDF); got != want {
			t.Errorf("%q: got %s, want %s", number, got, want)
		}
	}
}

func TestTimesOfThePDFAreThoseOfTheNote(t *testing.T) {
	content, err := newRenderer(t).PDF(shortNote())
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"/CreationDate", "/ModDate"} {
		if !bytes.Contains(content, []byte(want+" (D:20261031223000Z)")) {
			t.Errorf("%s is not the time of issue", want)
		}
	}
}

func TestEnergyIsPrintedToItsLastDigit(t *testing.T) {
	note := shortNote()
	note.Positions[0].Energy = money.Quantity(22_345_678)
	content, err := newRenderer(t).PDF(note)
	if err != nil {
		t.Fatal(err)
	}
	texts := pdftest.Read(t, content)
	for _, want := range []string{"22,345678", "35,000000", "57,345678"} {
		if !slices.ContainsFunc(texts, func(p pdftest.Printed) bool { return p.Text == want }) {
			t.Errorf("%s is not printed", want)
		}
	}
}

func TestAnEmptyNoteIsNoReasonToPanic(t *testing.T) {
	r := newRenderer(t)
	if _, err := r.PDF(&creditnotes.Note{}); err == nil {
		t.Error("a note without a language was printed")
	}
	if _, err := r.PDF(&creditnotes.Note{Kind: numbering.CreditNote, Language: "en"}); err != nil {
		t.Errorf("a note with nothing but a language: %v", err)
	}
}

func FuzzPDFTakesAnyText(f *testing.F) {
	f.Add("Hotel Alster", "Seeweg 5", "ST-1", int64(704))
	f.Add(" \n\t", "-/-/-", "\u00a0\u202f", int64(-1))
	f.Add("\u202eאבג 🔌", "東\u0301 น้ำ", "لا \u2067", int64(1))
	f.Add("\xff\xfe", strings.Repeat("W", 500), "a\r\nb", int64(1)<<62)
	r := newRenderer(f)
	f.Fuzz(func(t *testing.T, name, street, station string, net int64) {
		note := shortNote()
		note.Document.Recipient.Name, note.Document.Recipient.Street, note.Document.Issuer.Name = name, street, street
		note.Positions[0].StationName, note.Positions[0].Station, note.Positions[0].Net = station, name, money.Amount(net)
		note.Document.PaymentTerms, note.Document.CancelReason = name, station
		content, err := r.PDF(note)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range pdftest.Read(t, content) {
			if p.X < left-0.1 || p.X+p.Wide > right+0.1 {
				t.Errorf("%q leaves the page", p.Text)
			}
		}
	})
}
