package document

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"iter"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
)

// manyDetails yields so many sessions of a month.
func manyDetails(n int) iter.Seq2[creditnotes.Detail, error] {
	return func(yield func(creditnotes.Detail, error) bool) {
		for i := range n {
			d := oneDetail()
			d.Session.ExternalID = fmt.Sprintf("cdr-2026-10-%07d", i)
			d.Session.Start = d.Session.Start.Add(time.Duration(i) * 11 * time.Minute)
			d.Session.End = d.Session.Start.Add(time.Hour)
			d.Line.NetTime, d.Line.NetFee = 123_456, 500_000
			if !yield(d, nil) {
				return
			}
		}
	}
}

// pngLogo is a picture with a transparent ground.
func pngLogo(tb testing.TB) []byte {
	tb.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 120, 40))
	for x := range 120 {
		for y := range 40 {
			if (x-20)*(x-20)+(y-20)*(y-20) < 380 || x > 50 && y > 12 && y < 28 {
				picture.SetNRGBA(x, y, color.NRGBA{200, 30, 60, uint8(255 - x)})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

const svgLogo = `<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="-10 -10 220 70"><title>Voltnetz</title>
<style>.bolt{fill:#f6b800} .ring{fill:none;stroke:#0b5563;stroke-width:4}</style>
<defs><clipPath id="unused"><rect width="1" height="1"/></clipPath></defs>
<circle class="ring" cx="25" cy="25" r="24"/>
<path class="bolt" d="M28 4 12 28h11l-3 18 17-25H26z"/>
<g transform="translate(60 10) scale(1.5)" fill="#0b5563" opacity=".8">
<rect width="80" height="8" rx="4"/><rect y="12" width="60" height="8" style="fill:rgb(14, 78, 96)"/>
<path d="M0 24a4 4 0 014-4h10q5 0 5 4t5 4s8 0 8-4M40 24c0 4 8 4 8 0zm20 0A4 2 30 1 1 70 24"/>
<polygon points="85,0 95,0 90,10"/><line x1="85" y1="14" x2="95" y2="20" stroke="black"/></g>
</svg>`

// archived are the documents whose files are checked against PDF/A-3b.
func archived(tb testing.TB) map[string]*creditnotes.Note {
	list := samples()
	// Its figures are there to be wide: they do not add up.
	list["long-names"].Number = ""
	withPNG := shortNote()
	withPNG.Logo, withPNG.Document.Color = pngLogo(tb), "#f6b800"
	list["logo-png"] = withPNG
	withSVG := shortNote()
	withSVG.Logo, withSVG.Document.Color, withSVG.Document.SessionDetail = []byte(svgLogo), "#0b5563", "pdf"
	list["logo-svg-annex"] = withSVG
	none := shortNote()
	none.Document.SessionDetail = "none"
	list["no-sessions"] = none
	list["proven"] = provenNote(tb)
	escaped := shortNote()
	escaped.Document.Issuer.Name, escaped.Number = `Volt (net) \ <&> "Süd"`, "GS/2026 Ä(1)"
	list["special-characters"] = escaped
	return list
}

func pdfOf(tb testing.TB, files []creditnotes.File) []byte {
	tb.Helper()
	if len(files) == 0 || files[0].Kind != creditnotes.FilePDF {
		tb.Fatal("the first file is not the PDF")
	}
	return files[0].Content
}

func TestDocumentsKeepTheRulesOfPDFA3b(t *testing.T) {
	r := newRenderer(t)
	for name, note := range archived(t) {
		t.Run(name, func(t *testing.T) {
			files, err := r.Files(note, manyDetails(70))
			if err != nil {
				t.Fatal(err)
			}
			for _, complaint := range pdftest.Violations(pdfOf(t, files)) {
				t.Error(complaint)
			}
			look(t, name+"-files", pdfOf(t, files))
			bare, err := r.PDF(note)
			if err != nil {
				t.Fatal(err)
			}
			for _, complaint := range pdftest.Violations(bare) {
				t.Errorf("without files: %s", complaint)
			}
		})
	}
}
