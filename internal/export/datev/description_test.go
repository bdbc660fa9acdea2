package datev_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"creditrun/internal/export/datev"
	"creditrun/internal/journal"
)

// The expressions of DATEV's description of the format, with the quotes of texts,
// for the fields that are filled. Every other field is empty: nothing, or the
// quotes of a text.
const (
	day  = `(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])20\d\d` // TTMMJJJJ
	date = `20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])` // JJJJMMTT
)

var headExpressions = []string{
	`"EXTF"`, `700`, `(16|21)`, `"(Buchungsstapel|Debitoren/Kreditoren)"`, `(5|13)`, date + `([01]\d|2[0-3])[0-5]\d[0-5]\d{4}`, ``, `"\w{0,2}"`, `"\w{0,25}"`, `"\w{0,25}"`,
	`(\d{4,6}|\d{7})`, `\d{1,5}`, date, `[4-8]`, `(` + date + `)?`, `(` + date + `)?`, `"[\w.\-/ ]{0,30}"`, `"([A-Z]{2}){0,2}"`, `[12]?`, `(0|30|40|50|64)?`,
	`[01]?`, `"([A-Z]{3})?"`, ``, `""`, ``, ``, `"(\d{2}){0,2}"`, `\d{0,4}`, ``, `""`, `".{0,16}"`,
}

var bookingExpressions = map[int]string{
	1: `\d{1,10},\d{2}`, 2: `"(S|H)"`, 3: `"([A-Z]{3})?"`, 4: `([1-9]\d{0,3},\d{2,6}|0,\d{6})?`, 5: `(\d{1,10},\d{2})?`, 6: `"([A-Z]{3})?"`,
	7: `\d{1,9}`, 8: `\d{1,9}`, 9: `"(\d{4})?"`, 10: `(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])`, 11: `"[A-Za-z0-9$%\-/]{1,36}"`, 14: `".{0,60}"`,
	20: `"(BEDI ""[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"")?"`, 114: `1`, 117: `(` + day + `)?`, 118: `"[01]"`,
}

var partyExpressions = map[int]string{
	1: `\d{1,9}`, 2: `".{0,50}"`, 7: `"2"`, 8: `".{0,15}"`, 9: `"\w{0,2}"`, 10: `".{0,13}"`, 15: `"\w{0,3}"`, 16: `".{0,36}"`, 18: `".{0,10}"`, 19: `".{0,30}"`,
	20: `"([A-Z]{2})?"`, 26: `1`, 29: `".{0,60}"`, 33: `".{0,60}"`, 99: `".{0,15}"`, 100: `".{0,20}"`, 101: `\d{0,2}`,
}

// places are fields at their place in the description, by the number of fields.
var places = map[int]map[int]string{
	125: {4: "Kurs", 6: "WKZ Basis-Umsatz", 11: "Belegfeld 1", 20: "Beleglink", 40: "EU-Land u. UStID (Bestimmung)", 48: "Zusatzinformation - Art 1", 88: "Stück",
		95: "Auftragsnummer", 105: "SEPA-Mandatsreferenz", 114: "Festschreibung", 115: "Leistungsdatum", 118: "Generalumkehr (GU)", 121: "Abrechnungsreferenz", 125: "Abw. Skontokonto"},
	254: {10: "EU-UStID", 26: "Kennz. Korrespondenzadresse", 41: "Bankleitzahl 1", 96: "Leerfeld", 99: "Kunden-/Lief.-Nr.", 101: "Sprache", 133: "Lastschrift",
		220: "Nummer Fremdsystem", 222: "SEPA-Mandatsreferenz 1", 232: "Verknüpftes OPOS-Konto", 244: "Alternativer Suchname", 254: "Letzte Frist"},
}

// split takes a line apart at the semicolons outside of quotes, and keeps these.
func split(line string) (fields []string) {
	quoted, start := false, 0
	for i, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ';' && !quoted:
			fields = append(fields, line[start:i])
			start = i + 1
		}
	}
	return append(fields, line[start:])
}

// linesOf reads a file of DATEV: Windows-1252, and CR LF at the end of every line
// and nowhere else.
func linesOf(t *testing.T, f journal.File) []string {
	t.Helper()
	text, err := charmap.Windows1252.NewDecoder().String(string(f.Content))
	if err != nil || !strings.HasSuffix(text, "\r\n") || strings.Count(text, "\n") != strings.Count(text, "\r\n") || strings.Count(text, "\r") != strings.Count(text, "\r\n") {
		t.Fatalf("%s: %v, or another end of a line", f.Name, err)
	}
	return strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n")
}

func fits(t *testing.T, where string, fields []string, expressions map[int]string) {
	t.Helper()
	for i, field := range fields {
		expression, filled := expressions[i+1]
		if !filled {
			expression = `("")?`
		}
		if !regexp.MustCompile(`^(?:` + expression + `)$`).MatchString(field) {
			t.Errorf("%s, field %d: %s does not fit %s", where, i+1, field, expression)
		}
	}
}

func TestFieldsFitTheDescriptionOfTheFormat(t *testing.T) {
	t.Parallel()
	j := november()
	j.ClosedBy = "Änne.Müller@example.org"
	files, err := datev.Files(j, config())
	if err != nil {
		t.Fatal(err)
	}
	heads := map[int]string{}
	for i, expression := range headExpressions {
		heads[i+1] = expression
	}
	for _, f := range files[:3] {
		lines := linesOf(t, f)
		expressions, count := bookingExpressions, 125
		if strings.Contains(f.Name, "Debitoren") {
			expressions, count = partyExpressions, 254
		}
		head := split(lines[0])
		if len(head) != 31 {
			t.Errorf("%s: %d fields in the header", f.Name, len(head))
		}
		fits(t, f.Name+", header", head, heads)
		names := split(lines[1])
		if len(names) != count {
			t.Fatalf("%s: %d names", f.Name, len(names))
		}
		for place, name := range places[count] {
			if names[place-1] != name {
				t.Errorf("%s: field %d is %s, want %s", f.Name, place, names[place-1], name)
			}
		}
		for i, line := range lines[2:] {
			fields := split(line)
			if len(fields) != count {
				t.Errorf("%s, line %d: %d fields", f.Name, i+3, len(fields))
			}
			fits(t, fmt.Sprintf("%s, line %d", f.Name, i+3), fields, expressions)
			if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
				t.Errorf("%s, line %d has a control character", f.Name, i+3)
			}
		}
	}
}

// Texts with everything that breaks a CSV come back from it as they were written.
func TestTextsAreQuoted(t *testing.T) {
	t.Parallel()
	j := november()
	j.Parties[0].Name, j.Parties[0].Street = `Zum "Goldenen" Löwen; €`, "Straße\r\n1\tb"
	j.Parties[0].City = "Ōsaka 大"
	files, err := datev.Files(j, config())
	if err != nil {
		t.Fatal(err)
	}
	text := linesOf(t, files[2])[2]
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = ';'
	record, err := reader.Read()
	if err != nil || record[1] != `Zum "Goldenen" Löwen; €` || record[15] != "Straße  1 b" || record[18] != "Osaka ?" {
		t.Errorf("%v: %q", err, record[:20])
	}
	if utf8.Valid(files[2].Content) || !bytes.Contains(files[2].Content, []byte{0x80}) {
		t.Error("the file is not in Windows-1252")
	}
}
