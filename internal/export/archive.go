package export

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"creditrun/creditnotes"
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
// points, and the names of the columns in the first line.
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

// Supplier is who hands an archive over.
type Supplier struct {
	Name     string `xml:"Name"`
	Location string `xml:"Location"`
	Comment  string `xml:"Comment"`
}

// The elements of a description, in the order of gdpdu-01-09-2004.dtd.
type (
	indexSet struct {
		XMLName  xml.Name   `xml:"DataSet"`
		Version  string     `xml:"Version"`
		Supplier Supplier   `xml:"DataSupplier"`
		Media    indexMedia `xml:"Media"`
	}
	indexMedia struct {
		Name   string       `xml:"Name"`
		Tables []indexTable `xml:"Table"`
	}
	indexTable struct {
		URL         string   `xml:"URL"`
		Name        string   `xml:"Name"`
		Description string   `xml:"Description"`
		UTF8        struct{} `xml:"UTF8"`
		Decimal     string   `xml:"DecimalSymbol"`
		Grouping    string   `xml:"DigitGroupingSymbol"`
		From        string   `xml:"Range>From"`
		Columns     indexRow `xml:"VariableLength"`
	}
	indexRow struct {
		Delimiter string        `xml:"ColumnDelimiter"`
		Record    indexBreak    `xml:"RecordDelimiter"`
		Text      string        `xml:"TextEncapsulator"`
		Keys      []indexColumn `xml:"VariablePrimaryKey"`
		Others    []indexColumn `xml:"VariableColumn"`
	}
	// indexBreak is written with references, which the encoder does for line ends.
	indexBreak  string
	indexColumn struct {
		Name        string       `xml:"Name"`
		Description string       `xml:"Description"`
		Numeric     *indexNumber `xml:"Numeric"`
		Text        *struct{}    `xml:"AlphaNumeric"`
		Date        *indexDate   `xml:"Date"`
	}
	indexNumber struct {
		Accuracy string `xml:"Accuracy,omitempty"`
	}
	indexDate struct {
		Format string `xml:"Format"`
	}
)

// IndexXML writes the description of the tables by the GDPdU standard, as
// gdpdu-01-09-2004.dtd orders it.
func IndexXML(w io.Writer, from Supplier, media string, tables []creditnotes.ArchiveTable) error {
	set := indexSet{Version: "1.0", Supplier: from, Media: indexMedia{Name: media}}
	for _, t := range tables {
		one := indexTable{URL: "tables/" + t.Name + ".csv", Name: t.Name, Description: t.Description, Decimal: ".", Grouping: ",", From: "2",
			Columns: indexRow{Delimiter: ";", Record: "\r\n", Text: `"`}}
		for _, c := range t.Columns {
			column := indexColumn{Name: c.Name, Description: c.Description}
			switch c.Kind {
			case creditnotes.ArchiveNumber:
				column.Numeric = &indexNumber{strconv.Itoa(c.Decimals)}
			case creditnotes.ArchiveDate:
				column.Date = &indexDate{"YYYY-MM-DD"}
			default:
				column.Text = &struct{}{}
			}
			if c.Key {
				one.Columns.Keys = append(one.Columns.Keys, column)
			} else {
				one.Columns.Others = append(one.Columns.Others, column)
			}
		}
		set.Media.Tables = append(set.Media.Tables, one)
	}
	if _, err := io.WriteString(w, xml.Header+"<!DOCTYPE DataSet SYSTEM \"gdpdu-01-09-2004.dtd\">\n"); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	return e.Encode(set)
}

// quotaColumns are the columns of the list for the greenhouse-gas quota.
var quotaColumns = []string{"evse_id", "station", "name", "street", "postcode", "city", "country", "power_type", "from", "until", "sessions", "energy_kwh", "energy_mwh"}

// QuotaXLSX writes the energy per public charge point, as the greenhouse-gas quota
// asks for it.
func QuotaXLSX(w io.Writer, sheet string, heads *Look, list []creditnotes.QuotaRow) error {
	return writeXLSX(w, sheet, quotaColumns, heads, rowsOf(list), func(r *creditnotes.QuotaRow) []cell {
		return []cell{text(r.EVSEID), text(r.Station), text(r.Name), text(r.Street), text(r.Postcode), text(r.City), text(r.Country), text(r.PowerType),
			text(r.From), text(r.Until), whole(r.Sessions), number(r.Energy.String()), number(r.MWh().String())}
	})
}
