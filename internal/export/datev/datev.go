// Package datev writes journals in the format of DATEV: EXTF, header version 700,
// in Windows-1252 with lines that end with CR LF. A booking batch is category 21
// in version 13, debtors and creditors are category 16 in version 5.
package datev

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
	"creditrun/internal/money"
)

// mostRows is how many rows a booking batch has at most.
const mostRows = 99_999

// mostDigits is how many digits the amount of a row has before the comma.
const mostDigits = 10

// writer writes the files of a journal.
type writer struct {
	journal  *journal.Journal
	config   *journal.Config
	replaced []Replaced
}

// Files writes a journal: a booking batch for each month that its entries lie in
// and for at most 99,999 rows, the recipients, and, where texts did not fit their
// field, a list of them. It refuses a journal whose settings, tax keys or accounts
// DATEV would not take.
func Files(j *journal.Journal, config *journal.Config) ([]journal.File, error) {
	if err := ready(j, config); err != nil {
		return nil, err
	}
	w := &writer{journal: j, config: config}
	files, err := w.batches()
	if err != nil {
		return nil, err
	}
	if len(j.Parties) > 0 {
		file, err := w.parties()
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(w.replaced) > 0 {
		var list bytes.Buffer
		for _, r := range w.replaced {
			fmt.Fprintf(&list, "%s\r\n", r)
		}
		files = append(files, journal.File{Name: "DATEV_" + string(j.Month) + "_replaced.txt", Content: list.Bytes()})
	}
	return files, nil
}

// batches writes the booking batches, the earliest month first. A batch lies in
// one month, and so in one fiscal year.
func (w *writer) batches() (files []journal.File, err error) {
	byMonth := map[entities.Month][][]byte{}
	for i := range w.journal.Entries {
		e := &w.journal.Entries[i]
		rows, err := w.entry(e)
		if err != nil {
			return nil, err
		}
		byMonth[e.Date.Month()] = append(byMonth[e.Date.Month()], rows...)
	}
	for _, month := range slices.Sorted(maps.Keys(byMonth)) {
		part := 0
		for rows := range slices.Chunk(byMonth[month], cmp.Or(w.config.MostRows, mostRows)) {
			part++
			file, err := w.batch(month, part, rows)
			if err != nil {
				return nil, err
			}
			files = append(files, file)
		}
	}
	return files, nil
}

func (w *writer) batch(month entities.Month, part int, rows [][]byte) (journal.File, error) {
	name := "EXTF_Buchungsstapel_" + string(month)
	title := "creditrun " + string(month)
	if month != w.journal.Month {
		name += "_in_" + string(w.journal.Month)
		title += " in " + string(w.journal.Month)
	}
	if part > 1 {
		name += "_" + strconv.Itoa(part)
		title += " " + strconv.Itoa(part)
	}
	var content bytes.Buffer
	if err := w.head(&content, 21, "Buchungsstapel", 13, month.FirstDay(), month.LastDay(), title); err != nil {
		return journal.File{}, err
	}
	if err := names(&content, bookingColumns); err != nil {
		return journal.File{}, err
	}
	for _, row := range rows {
		content.Write(row)
	}
	return journal.File{Name: name + ".csv", Content: content.Bytes()}, nil
}

// head writes the header of a file, of which until is the last day.
func (w *writer) head(out *bytes.Buffer, category int, format string, version int, from, until entities.Date, title string) error {
	booking := category == 21
	kind, purpose, locked, currency := "", "", "", ""
	first, last := "", ""
	if booking {
		kind, purpose, locked, currency = "1", "0", "1", w.config.Currency
		first, last = digits(from), digits(until)
	}
	created := w.journal.ClosedAt.UTC().Format("20060102150405.000")
	fields := []string{
		quoted("EXTF"), "700", strconv.Itoa(category), quoted(format), strconv.Itoa(version), strings.Replace(created, ".", "", 1), "", quoted("CR"),
		quoted(cut(wordsOnly(w.journal.ClosedBy), 25)), quoted(""), strconv.Itoa(w.config.Consultant), strconv.Itoa(w.config.Client),
		digits(w.config.FiscalYear(until)), strconv.Itoa(w.config.AccountLength), first, last, quoted(cut(title, 30)), quoted(""), kind, purpose, locked,
		quoted(currency), "", quoted(""), "", "", quoted(""), "", "", quoted(""), quoted(""),
	}
	return line(out, fields)
}

func names(out *bytes.Buffer, columns []column) error {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.name
	}
	return line(out, list)
}

// record writes the values of a record by the name of their field.
func (w *writer) record(columns []column, where string, values map[string]string) ([]byte, error) {
	fields := make([]string, len(columns))
	for i, c := range columns {
		value := values[c.name]
		if c.limit == 0 {
			fields[i] = value
			continue
		}
		written := cut(encodable(value), c.limit)
		if written != value {
			w.replaced = append(w.replaced, Replaced{where, c.name, value, written})
		}
		fields[i] = quoted(written)
	}
	var out bytes.Buffer
	err := line(&out, fields)
	return out.Bytes(), err
}

func line(out *bytes.Buffer, fields []string) error {
	text, err := charmap.Windows1252.NewEncoder().String(strings.Join(fields, ";"))
	if err != nil {
		return err
	}
	out.WriteString(text + "\r\n")
	return nil
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// digits writes a day as 20261130.
func digits(day entities.Date) string { return strings.ReplaceAll(string(day), "-", "") }

// dayFirst writes a day as 30112026.
func dayFirst(day entities.Date) string {
	if day.IsZero() {
		return ""
	}
	return string(day[8:] + day[5:7] + day[:4])
}

// amount writes an amount of an entry without its sign: 1234,56.
func amount(e *journal.Entry, a money.Amount, currency string) (string, error) {
	decimals, _ := money.Digits(currency)
	if a < 0 {
		a = -a
	}
	text := money.FormatTrimmed(int64(a), decimals)
	whole, rest, _ := strings.Cut(text, ".")
	if len(whole) > mostDigits || len(rest) > 2 {
		return "", fault.New(fault.Invalid, "accounting_amount", fault.Args{"reference": e.Reference, "amount": text + " " + currency})
	}
	return whole + "," + (rest + "00")[:2], nil
}
