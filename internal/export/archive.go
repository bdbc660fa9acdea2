package export

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/spreadsheet"
)

// Archive writes the files of an archive one by one into a folder or a ZIP, and
// keeps the SHA-256 of each. The same content gives the same bytes.
type Archive struct {
	create func(name string, write func(io.Writer) error) error
	taken  map[string]bool
	sums   strings.Builder
}

// NewArchive makes an archive of which create writes each file; names have
// slashes.
func NewArchive(create func(name string, write func(io.Writer) error) error) *Archive {
	return &Archive{create: create, taken: map[string]bool{}}
}

// ZipFiles is a create of NewArchive for a ZIP.
func ZipFiles(archive *zip.Writer) func(string, func(io.Writer) error) error {
	return func(name string, write func(io.Writer) error) error {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: firstDay})
		if err != nil {
			return err
		}
		return write(entry)
	}
}

// Add writes a file into a folder of the archive.
func (a *Archive) Add(folder, name string, write func(io.Writer) error) error {
	if name = cleaned(name); folder != "" {
		name = folder + "/" + name
	}
	name = free(a.taken, name)
	sum := sha256.New()
	if err := a.create(name, func(w io.Writer) error { return write(io.MultiWriter(w, sum)) }); err != nil {
		return fmt.Errorf("file %s: %w", name, err)
	}
	fmt.Fprintf(&a.sums, "%s  %s\n", hex.EncodeToString(sum.Sum(nil)), name)
	return nil
}

// Files adds stored files, the XML of each document before its PDF.
func (a *Archive) Files(folder string, files []creditnotes.File) error {
	for _, first := range []bool{true, false} {
		for _, f := range files {
			if strings.HasSuffix(f.Name, ".xml") != first {
				continue
			}
			err := a.Add(folder, f.Name, func(w io.Writer) error {
				_, err := w.Write(f.Content)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Table adds a table as CSV: semicolons, UTF-8, lines that end with CR LF, decimal
// points, and the names of the columns in the first line. A text that a spreadsheet
// would take for a formula begins with an apostrophe.
func (a *Archive) Table(ctx context.Context, t *creditnotes.ArchiveTable) error {
	return a.Add("tables", t.Name+".csv", func(w io.Writer) error {
		file := csv.NewWriter(w)
		file.Comma, file.UseCRLF = ';', true
		head := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			head[i] = c.Name
		}
		if err := file.Write(head); err != nil {
			return err
		}
		for row, err := range t.Rows(ctx) {
			if err != nil {
				return err
			}
			for i := range row {
				row[i] = spreadsheet.Text(row[i])
			}
			if err := file.Write(row); err != nil {
				return err
			}
		}
		file.Flush()
		return file.Error()
	})
}

// Close writes the hashes of all files, as sha256sum checks them.
func (a *Archive) Close() error {
	return a.create("SHA256SUMS", func(w io.Writer) error {
		_, err := io.WriteString(w, a.sums.String())
		return err
	})
}
