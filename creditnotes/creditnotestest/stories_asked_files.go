package creditnotestest

import (
	"iter"
	"slices"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// asked makes files of which the bytes are as it says.
type asked struct {
	creditnotes.Printer
	bytes string
}

func (a asked) AskedFile(n *creditnotes.Note, kind creditnotes.FileKind, _ iter.Seq2[creditnotes.Detail, error]) (*creditnotes.File, error) {
	if a.bytes == "" {
		return nil, nil
	}
	return &creditnotes.File{NoteID: n.ID, Kind: kind, Name: kind.FileName(n.Number), MediaType: kind.MediaType(), Content: []byte(a.bytes)}, nil
}

func filesAreMadeOnceWhenAskedFor(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		note, ctx := w.Note("GS-2026-00001"), t.Context()
		for _, c := range []struct {
			made string
			kind creditnotes.FileKind
			want string // empty: there is none
		}{
			{"", creditnotes.FileXLSX, ""},
			{"first", creditnotes.FileUBL, ""}, // it has no e-invoice at all
			{"first", creditnotes.FilePDF, ""}, // made with the note or never
			{"first", creditnotes.FileXLSX, "first"},
			{"second", creditnotes.FileXLSX, "first"},
		} {
			w.Runner.Printer = asked{bytes: c.made}
			f, err := w.Runner.File(ctx, note, c.kind, "vera")
			if c.want == "" {
				Says(t, err, "file_not_stored")
				continue
			}
			if err != nil || string(f.Content) != c.want || f.Name != "GS-2026-00001.xlsx" || !f.Asked {
				t.Errorf("%+v, %v", f, err)
			}
		}
		stored, err := w.Store.StoredFiles(ctx, note.ID)
		w.must(err)
		if mailed := creditnotes.Mailed(stored, []entities.Channel{entities.ChannelPDF}); len(stored) != 2 || len(mailed) != 1 || mailed[0].Kind != creditnotes.FileCSV {
			t.Errorf("%d files are stored, %+v mailed", len(stored), mailed)
		}
		infos, err := w.Store.FileInfos(ctx, note.ID)
		w.must(err)
		if slices.ContainsFunc(creditnotes.WithAsked(infos), func(f creditnotes.FileInfo) bool { return f.Bytes == 0 }) {
			t.Errorf("%+v can still be asked for", infos)
		}
		w.Proven()
	})
}
