package store_test

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
)

// A number with a slash and a hostile name of a report make no folders.
func TestFilesOfAnArchiveStayInTheirFolder(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Config.NumberRanges[0].Pattern = "GS/{YYYY}/{SEQ:5}"
		w.Save()
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		files, err := w.s.FileInfos(ctx, w.Note("GS/2026/00001").ID)
		w.ok(err)
		report := creditnotes.ValidationReport{Kind: files[0].Kind, Validator: "v", Result: creditnotes.ValidationPassed, Name: "../../etc/x.xml", Content: []byte("<x/>"), CreatedBy: "anna"}
		w.ok(creditnotes.AttachValidation(ctx, w.s, "GS/2026/00001", report))
		reports := 0
		for f, err := range w.s.ArchiveFiles(ctx, 2026) {
			w.ok(err)
			if strings.ContainsAny(f.Name, `/\`) || strings.HasPrefix(f.Name, ".") {
				t.Errorf("%s: %s", f.Folder, f.Name)
			}
			if f.Folder == "validations" && strings.Contains(f.Name, "x") && string(f.Content) == "<x/>" {
				reports++
			}
		}
		if reports != 1 {
			t.Errorf("%d reports", reports)
		}
	})
}
