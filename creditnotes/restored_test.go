package creditnotes_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/numbering"
)

// archived is a database as an archive is compared with it.
type archived struct {
	known map[string]*creditnotes.KnownDocument
	next  int64
	fails error
}

func (a archived) KnownDocument(_ context.Context, number string) (*creditnotes.KnownDocument, error) {
	return a.known[number], a.fails
}

func (a archived) KnownReminder(_ context.Context, number string) (*creditnotes.KnownDocument, error) {
	return a.known[number], a.fails
}

func (a archived) NextReminder(context.Context) (int64, error) { return 2, nil }

func (a archived) NextNumber(context.Context, *numbering.Range, numbering.Counter) (int64, error) {
	return a.next, nil
}

func (a archived) LastDocuments(context.Context) ([]string, error) {
	return []string{"GS-2026-00002"}, nil
}

func kept(list ...creditnotes.KeptFile) iter.Seq2[creditnotes.KeptFile, error] {
	return func(yield func(creditnotes.KeptFile, error) bool) {
		for _, f := range list {
			f.Path = "archive/" + f.Name
			if !yield(f, nil) {
				return
			}
		}
	}
}

func TestAnArchiveIsComparedWithTheDatabase(t *testing.T) {
	ranges := []numbering.Range{numberRange("gs", "GS-{YYYY}-{SEQ:5}", numbering.CreditNote)}
	at := time.Date(2026, 10, 31, 19, 0, 0, 0, time.UTC)
	database := archived{next: 4, known: map[string]*creditnotes.KnownDocument{
		"GS-2026-00001": {Files: map[creditnotes.FileKind]string{creditnotes.FilePDF: "11"}, IssuedAt: at},
		"MA-000001":     {Files: map[creditnotes.FileKind]string{creditnotes.FilePDF: "61"}, IssuedAt: at.Add(-time.Hour)},
		"GS-2026-00003": {Files: map[creditnotes.FileKind]string{creditnotes.FilePDF: "33"}, Later: true},
	}}
	got, err := creditnotes.CompareArchive(t.Context(), database, ranges, kept(
		creditnotes.KeptFile{Name: "GS-2026-00001.pdf", SHA256: "11"}, creditnotes.KeptFile{Name: "GS-2026-00001.csv", SHA256: "12"},
		creditnotes.KeptFile{Name: "GS-2026-00003.pdf", SHA256: "34"}, creditnotes.KeptFile{Name: "GS-2026-00005.pdf", SHA256: "55"},
		creditnotes.KeptFile{Name: "GS-2026-00005.csv", SHA256: "56"}, creditnotes.KeptFile{Name: "GS-2026-00002.pdf", SHA256: "22"},
		creditnotes.KeptFile{Name: "MA-000002.pdf", SHA256: "62"}, creditnotes.KeptFile{Name: "MA-000001.pdf", SHA256: "62"},
		creditnotes.KeptFile{Name: "MA-000001.csv"}, creditnotes.KeptFile{Name: "MA-1.pdf"}, creditnotes.KeptFile{Name: "letter.pdf"}, creditnotes.KeptFile{Name: "notes.txt"}))
	if err != nil {
		t.Fatal(err)
	}
	want := &creditnotes.ArchiveComparison{Files: 8, Documents: 3, Others: 4,
		Differing: []string{"archive/GS-2026-00003.pdf", "archive/GS-2026-00002.pdf", "archive/MA-000001.pdf"},
		Twice: []creditnotes.KeptDocument{{Number: "GS-2026-00005", Counter: numbering.Counter{Range: "gs", Period: "2026"}, Sequence: 5,
			File: "archive/GS-2026-00005.pdf", SHA256: "55"}, {Number: "MA-000002", Reminder: true, Sequence: 2, File: "archive/MA-000002.pdf", SHA256: "62"}},
		Missing: []string{"GS-2026-00002"}, Later: 3, Newest: "GS-2026-00001", NewestAt: at}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var keys []string
	for _, f := range got.Problems() {
		keys = append(keys, f.Key)
	}
	if diff := gocmp.Diff([]string{"against_twice", "against_twice", "against_differs", "against_differs", "against_differs", "against_missing"}, keys); diff != "" {
		t.Error(diff)
	}
	empty, err := creditnotes.CompareArchive(t.Context(), database, ranges, kept())
	if problems := empty.Problems(); err != nil || problems[len(problems)-1].Key != "against_empty" {
		t.Errorf("%+v, %v", problems, err)
	}
	database.fails = errors.New("gone")
	if _, err := creditnotes.CompareArchive(t.Context(), database, ranges, kept(creditnotes.KeptFile{Name: "GS-2026-00001.pdf"})); !errors.Is(err, database.fails) {
		t.Error(err)
	}
}

func TestNothingIsIssuedWhileARestoreWaits(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.s.Tamper(func(d *memory.Data) { d.Configuration.Restored = &creditnotes.Restored{BackupAt: w.Now} })
		_, err := w.Try("2026-11")
		says(t, err, "restore_unconfirmed")
		_, err = w.TryCancel("GS-2026-00001")
		says(t, err, "restore_unconfirmed")
		_, err = w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Who: "anna"})
		says(t, err, "restore_unconfirmed")
		if !w.warns("2026-11", "restore_unconfirmed") {
			t.Error("readiness says nothing")
		}
	})
}
