package document

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
)

// The annex has the stations of each owner in natural order, whatever order the
// sessions come in, with their sums; it says when each session ended, how long it
// was, and what is special about it.
func TestTheAnnexListsSessionsByStation(t *testing.T) {
	r := newRenderer(t)
	note := shortNote()
	note.Document.SessionDetail = detailPDF
	note.Positions[0].Station, note.Positions[0].StationName = "S10", "Nordhof"
	note.Positions[1].Station, note.Positions[1].StationName = "S2", ""
	var list []creditnotes.Detail
	for i, station := range []string{"S10", "S2", "S10"} {
		d := oneDetail()
		d.Session.ExternalID, d.Path.Station = "cdr-"+string(rune('a'+i)), station
		list = append(list, d)
	}
	list[0].Session.End = moment("2026-10-12T00:12:05+02:00")
	list[0].Session.Duration = 130_325
	list[1].Late, list[2].Line.Correction = true, true
	files, err := r.Files(note, details(list, nil))
	if err != nil {
		t.Fatal(err)
	}
	content := pdfOf(t, files)
	look(t, "annex", content)
	checkLayout(t, r, content)
	var texts []string
	for _, p := range pdftest.Read(t, content) {
		if p.Page == 2 && p.Size < 8 {
			texts = append(texts, p.Text)
		}
	}
	from := 0
	for _, want := range []string{
		"S2", "13:30", "1:30:00", "cdr-b", "(Nachzügler)", "Zwischensumme S2", "12,345", "3,888675",
		"Nordhof (S10)", "00:12\u00a0+2", "36:12:05", "cdr-a", "cdr-c", "(Korrektur)", "Zwischensumme Nordhof (S10)", "24,690", "7,777350",
	} {
		at := slices.Index(texts[from:], want)
		if at < 0 {
			t.Fatalf("%q is missing or out of order in %q", want, texts)
		}
		from += at + 1
	}
}
