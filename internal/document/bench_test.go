package document

import (
	"runtime"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/pdf/pdftest"
)

// BenchmarkTwoPageNote and BenchmarkSixtyPageNote make all files of a note:
// PDF/A-3 with everything inside, CII, UBL, sessions. Documents per second are
// those of one core.
func BenchmarkTwoPageNote(b *testing.B) { benchmarkFiles(b, longNote(20), 200, 2) }

func BenchmarkSixtyPageNote(b *testing.B) {
	note := longNote(100)
	note.Document.SessionDetail = detailPDF
	benchmarkFiles(b, note, 3200, 60)
}

func benchmarkFiles(b *testing.B, note *creditnotes.Note, sessions, pages int) {
	r := newRenderer(b)
	files, err := r.Files(note, manyDetails(sessions))
	if err != nil {
		b.Fatal(err)
	}
	if got := pdftest.Pages(b, files[0].Content); got < pages || len(files) < 4 {
		b.Fatalf("%d pages and %d files, want %d pages at least", got, len(files), pages)
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
