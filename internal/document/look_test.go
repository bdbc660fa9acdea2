package document

import (
	"creditrun/creditnotes"
	"os"
	"testing"
)

func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip()
	}
	r := newRenderer(t)
	kwd := in("it", shortNote())
	kwd.Currency = "KWD"
	kwd.Document.CurrencyDigits = 3
	jpy := in("en", longNote(12))
	jpy.Currency = "JPY"
	jpy.Document.CurrencyDigits = 0
	draft := shortNote()
	draft.Number = ""
	for name, n := range map[string]*creditnotes.Note{"short": shortNote(), "long": longNote(300), "cons": consolidatedNote(), "cancel": cancellationNote(), "fr": in("fr", longNote(20)), "it": kwd, "en": jpy, "draft": draft, "encancel": in("en", cancellationNote())} {
		b, err := r.PDF(n)
		if err != nil {
			t.Error(name, err)
			continue
		}
		os.WriteFile(dir+"/"+name+".pdf", b, 0o644)
	}
}
