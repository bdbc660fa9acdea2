package document

import (
	"runtime"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/pdf/pdftest"
)

// BenchmarkTwoPageNote makes all files of a note whose recipient gets as many as
// there are: the tagged PDF/A-3 with everything inside, CII, XRechnung, Peppol, the
// sessions as CSV and as a workbook. BenchmarkSixtyPageNote has them on pages, too.
// Documents per second are those of one core.
func BenchmarkTwoPageNote(b *testing.B) {
	note := toNetworks(longNote(20))
	note.Document.SessionDetail = detailXLSX
	note.Document.Delivery = []entities.Channel{entities.ChannelPDF, entities.ChannelXRechnung, entities.ChannelPeppol}
	benchmarkFiles(b, note, 200, 2, 6)
}

func BenchmarkSixtyPageNote(b *testing.B) {
	note := longNote(100)
	note.Document.SessionDetail = detailPDF
	benchmarkFiles(b, note, 3200, 60, 4)
}

func benchmarkFiles(b *testing.B, note *creditnotes.Note, sessions, pages, kinds int) {
	r := newRenderer(b)
	files, err := r.Files(note, manyDetails(sessions))
	if err != nil {
		b.Fatal(err)
	}
	if got := pdftest.Pages(b, files[0].Content); got < pages || len(files) != kinds {
		b.Fatalf("%d pages and %d files, want %d pages at least and %d files", got, len(files), pages, kinds)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Files(note, manyDetails(sessions)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "MiB-sys")
}

func TestAnAnnexOfThreeThousandSessionsTakesLittleMemory(t *testing.T) {
	r := newRenderer(t)
	note := longNote(100)
	note.Document.SessionDetail = detailPDF
	if _, err := r.Files(note, manyDetails(10)); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	files, err := r.Files(note, manyDetails(3000))
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if all := (after.TotalAlloc - before.TotalAlloc) >> 20; all > 100 {
		t.Errorf("%d MiB were allocated, all told", all)
	}
	if found := pdftest.Violations(files[0].Content); len(found) > 0 {
		t.Error(found)
	}
}
