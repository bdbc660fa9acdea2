package notes

import (
	"testing"

	"creditrun/creditnotes"
)

func TestTooManyDocumentsAreNotDownloadedTogether(t *testing.T) {
	most := []creditnotes.NoteTotal{{Currency: "CHF", Notes: 1}, {Currency: "EUR", Notes: mostBundled - 1}}
	if f := tooMany(most); f != nil {
		t.Error(f)
	}
	most[0].Notes++
	if f := tooMany(most); f == nil || f.Key != "notes_too_many" {
		t.Errorf("got %v", f)
	}
}
