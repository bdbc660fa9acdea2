package main

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
)

func TestAnObjectionIsRecordedAndWithdrawn(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.ran()
		w.do("object", "GS-2026-00001", "--reason", "two sessions are missing")
		var shown shownNoteJSON
		w.read(&shown, "notes", "show", "GS-2026-00001")
		if o := shown.Objection; o == nil || o.State != creditnotes.ObjectionOpen || o.RaisedBy != "erika" || o.Text != "two sessions are missing" {
			t.Fatalf("%+v", shown.Objection)
		}
		if out := w.do("notes", "show", "GS-2026-00001"); !strings.Contains(out, "by erika, open: two sessions are missing") {
			t.Errorf("it shows\n%s", out)
		}
		if out := w.do("readiness"); !strings.Contains(out, "gets no credit note while the objection to GS-2026-00001 is open") {
			t.Errorf("readiness says\n%s", out)
		}
		if said := w.fails(exitFailed, "object", "GS-2026-00001", "--reason", "again"); !strings.Contains(said, "There is an open objection to GS-2026-00001 already") {
			t.Errorf("it says %q", said)
		}
		w.do("object", "GS-2026-00001", "--withdraw", "--answer", "they are late")
		if out := w.do("notes", "show", "GS-2026-00001"); !strings.Contains(out, "by erika: they are late") {
			t.Errorf("it shows\n%s", out)
		}
		shown = shownNoteJSON{}
		w.read(&shown, "notes", "show", "GS-2026-00002")
		if shown.Objection != nil {
			t.Errorf("%+v", shown.Objection)
		}
		w.clean()
	})
}
