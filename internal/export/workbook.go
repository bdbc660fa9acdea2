package export

import (
	"io"
	"iter"

	"github.com/xuri/excelize/v2"
)

// workbook is an XLSX file of several sheets, each with columns of its own.
type workbook struct {
	book  *excelize.File
	bold  int
	began bool
}

func newWorkbook() (*workbook, error) {
	w := &workbook{book: excelize.NewFile()}
	var err error
	w.bold, err = w.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	return w, err
}

// addSheet writes rows on a sheet of their own, and on more of them where they
// are more than a sheet holds.
func addSheet[T any](w *workbook, name string, columns []string, heads *Look, rows iter.Seq2[T, error], cells func(*T) []cell) error {
	s := &sheets{book: w.book, name: name, bold: w.bold}
	for _, head := range heads.columns(columns) {
		s.head = append(s.head, excelize.Cell{StyleID: w.bold, Value: head})
	}
	if w.began { // the first sheet has the place of the one that is there
		if _, err := w.book.NewSheet(name); err != nil {
			return err
		}
		s.added = true
	}
	w.began = true
	if err := s.begin(); err != nil {
		return err
	}
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := s.add(heads.cells(columns, cells(&row))); err != nil {
			return err
		}
	}
	return s.stream.Flush()
}

// finish writes the file and throws its temporary files away.
func (w *workbook) finish(out io.Writer, err error) error {
	if err == nil {
		_, err = w.book.WriteTo(out)
	}
	if closing := w.book.Close(); err == nil {
		err = closing
	}
	return err
}

// rowsOf yields the rows of a list.
func rowsOf[T any](list []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, one := range list {
			if !yield(one, nil) {
				return
			}
		}
	}
}
