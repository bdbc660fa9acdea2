package document

import (
	"testing"
	"time"

	"creditrun/creditnotes"
)

func TestWhatCannotBeMadeIsFoundWithoutMakingIt(t *testing.T) {
	r := newRenderer(t)
	draft := func(change func(*creditnotes.Note)) *creditnotes.Note {
		n := longNote(20)
		n.Number, n.IssuedAt = "", time.Time{}
		change(n)
		return n
	}
	if err := r.Try(draft(func(n *creditnotes.Note) { n.Document.Recipient.Name = "🔌 東京 \x00" })); err != nil {
		t.Errorf("a draft that can be made: %v", err)
	}
	for name, change := range map[string]func(*creditnotes.Note){
		"a language without words": func(n *creditnotes.Note) { n.Language = "xx" },
		"a color that is none":     func(n *creditnotes.Note) { n.Document.Color = "red" },
		"a logo that is none":      func(n *creditnotes.Note) { n.Logo = []byte("no picture") },
	} {
		if err := r.Try(draft(change)); err == nil {
			t.Errorf("%s is not found", name)
		}
	}
}

// BenchmarkTry is what a draft costs beside BenchmarkTwoPageNote.
func BenchmarkTry(b *testing.B) {
	r, note := newRenderer(b), longNote(20)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Try(note); err != nil {
			b.Fatal(err)
		}
	}
}
