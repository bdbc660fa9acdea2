package export_test

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/export"
)

func TestTablesOfTheArchiveHaveNoFormulas(t *testing.T) {
	var content bytes.Buffer
	a := export.NewArchive(func(_ string, write func(io.Writer) error) error { return write(&content) })
	table := creditnotes.ArchiveTable{Name: "t", Columns: []creditnotes.ArchiveColumn{{Name: "text"}, {Name: "amount"}}}
	table.Rows = func(context.Context) iter.Seq2[[]string, error] {
		return func(yield func([]string, error) bool) { yield([]string{"=1+1", "-12.34"}, nil) }
	}
	if err := a.Table(t.Context(), &table); err != nil || !strings.Contains(content.String(), "\n'=1+1;-12.34\r\n") {
		t.Errorf("%q, %v", content.String(), err)
	}
}
