package creditnotes_test

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

func TestPreviewShowsWhatTheRunWillDo(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("create_zero_notes", "true")
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.Now = w.Now.AddDate(0, 1, 0)
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "1"), charge("S-7", "ST-1", "2026-11-03 10:00", "5"), charge("S-8", "ST-9", "2026-11-03 10:00", "5", invalid))
		before := w.s.Look()
		preview, err := w.Runner.Preview(t.Context(), byAnna("2026-11"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(before, w.s.Look()); diff != "" {
			t.Errorf("the preview left a trace:\n%s", diff)
		}
		plain := func(r *creditnotes.Report) creditnotes.ReportJSON {
			out := r.JSON(func(f *fault.Fault) string { return f.Key })
			out.Stage = ""
			for i := range out.Notes {
				out.Notes[i].Number, out.Notes[i].Hash, out.Notes[i].State = nil, "", ""
			}
			return out
		}
		for _, n := range preview.Notes {
			if n.JSON().Number != nil {
				t.Errorf("number %s", n.Number)
			}
		}
		want := w.Month("2026-11")
		if diff := gocmp.Diff(plain(want), plain(preview)); diff != "" {
			t.Errorf("- run + preview\n%s", diff)
		}
		if len(want.Notes) != 1 || len(want.Silent) != 1 || len(want.Held) != 2 {
			t.Error(story(want))
		}
	})
}
