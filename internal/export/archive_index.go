package export

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"

	"creditrun/creditnotes"
)

// Messages are those of a language, by key.
type Messages func(key string, args map[string]any) (string, error)

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
		Refers    []indexRefers `xml:"ForeignKey"`
	}
	indexRefers struct {
		Name  string      `xml:"Name"`
		Table string      `xml:"References"`
		Alias *indexAlias `xml:"Alias"`
	}
	// indexAlias says of which column of the other table a key is.
	indexAlias struct {
		From string `xml:"From"`
		To   string `xml:"To"`
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
func IndexXML(w io.Writer, from Supplier, media string, tables []creditnotes.ArchiveTable, words Messages) error {
	set := indexSet{Version: "1.0", Supplier: from, Media: indexMedia{Name: media}}
	keys := map[string]string{}
	for i := range tables {
		keys[tables[i].Name] = tables[i].Columns[0].Name
	}
	for i := range tables {
		one, err := indexTableOf(&tables[i], keys, words)
		if err != nil {
			return err
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

// indexTableOf describes a table; keys are the first columns of all.
func indexTableOf(t *creditnotes.ArchiveTable, keys map[string]string, words Messages) (one indexTable, err error) {
	one = indexTable{URL: "tables/" + t.Name + ".csv", Name: t.Name, Decimal: ".", Grouping: ",", From: "2",
		Columns: indexRow{Delimiter: ";", Record: "\r\n", Text: `"`}}
	if one.Description, err = words(fmt.Sprintf("archive_table_%s", t.Name), nil); err != nil {
		return one, err
	}
	for _, c := range t.Columns {
		column := indexColumn{Name: c.Name}
		if column.Description, err = words(fmt.Sprintf("archive_column_%s", c.Says), nil); err != nil {
			return one, err
		}
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
		if table := t.Refers[c.Name]; table != "" {
			refers := indexRefers{Name: c.Name, Table: table}
			if keys[table] != c.Name {
				refers.Alias = &indexAlias{c.Name, keys[table]}
			}
			one.Columns.Refers = append(one.Columns.Refers, refers)
		}
	}
	return one, nil
}
