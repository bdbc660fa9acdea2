package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"io"
	"iter"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// The columns of the other tables, those that each must have first
// (formats.md §2).
var (
	collectionColumns = []string{"id", "collected_at", "source", "amount"}
	topUpColumns      = []string{"id", "entity", "amount", "currency", "at", "user"}
	recordColumns     = []string{"id", "owner", "month", "date", "text", "net", "direction", "currency", "tax_account"}
)

// How many of the columns each must have.
const (
	requiredOfCollections = 2
	requiredOfTopUps      = 5
	requiredOfRecords     = 7
)

// ReadCollections reads when the money of drivers arrived from a CSV file, in
// constant memory. Errors are yielded as ReadCSV does. A collection without a
// source is one of a session from a CSV file.
func ReadCollections(name string, r io.Reader) iter.Seq2[creditnotes.FromFile[sessions.Collection], error] {
	return readTable(name, r, collectionColumns, requiredOfCollections, func(c *row) sessions.Collection {
		one := sessions.Collection{
			ExternalID: string(c.identifier(0)), At: c.instant(1), Source: c.share(c.identifier(2)), Amount: c.amount(3),
		}
		if one.Source == "" {
			one.Source = SourceCSV
		}
		return one
	})
}

// ReadTopUps reads top-ups from a CSV file as ReadCollections does.
func ReadTopUps(name string, r io.Reader) iter.Seq2[creditnotes.FromFile[creditnotes.TopUp], error] {
	return readTable(name, r, topUpColumns, requiredOfTopUps, func(c *row) creditnotes.TopUp {
		one := creditnotes.TopUp{
			Key: string(c.identifier(0)), Entity: c.share(c.identifier(1)), At: c.instant(4), User: string(c.identifier(5)),
		}
		one.Currency = c.currency(3)
		if one.Amount = c.minor(2, one.Currency); one.Amount == 0 {
			c.fail(c.columns[2], "an amount that is not 0", string(c.field(2)))
		}
		return one
	})
}

// ReadRecords reads custom records from a CSV file as ReadCollections does.
// currencyOf is the currency of an owner, which one that states none has.
func ReadRecords(name string, r io.Reader, currencyOf func(owner string) string) iter.Seq2[creditnotes.FromFile[creditnotes.CustomRecord], error] {
	return readTable(name, r, recordColumns, requiredOfRecords, func(c *row) creditnotes.CustomRecord {
		one := creditnotes.CustomRecord{
			Key: string(c.identifier(0)), Owner: c.share(c.identifier(1)), Text: string(c.identifier(4)),
			Direction: creditnotes.Direction(c.field(6)), Currency: c.currency(7), TaxAccount: c.share(c.identifier(8)),
		}
		if one.Currency == "" {
			one.Currency = currencyOf(one.Owner)
		}
		var err error
		if one.Month, err = entities.ParseMonth(string(c.field(2))); err != nil {
			c.fail(c.columns[2], expMonth, string(c.field(2)))
		}
		if one.Date, err = entities.ParseDate(string(c.field(3))); err != nil {
			c.fail(c.columns[3], expDate, string(c.field(3)))
		}
		if one.Direction != creditnotes.Credited && one.Direction != creditnotes.Debited {
			c.fail(c.columns[6], "credit or debit", string(one.Direction))
		}
		if one.Net = c.minor(5, one.Currency); one.Net <= 0 {
			c.fail(c.columns[5], "an amount above 0", string(c.field(5)))
		}
		return one
	})
}

// readTable reads a table of records that each stand on their own.
func readTable[T any](name string, r io.Reader, columns []string, required int, read func(*row) T) iter.Seq2[creditnotes.FromFile[T], error] {
	return func(yield func(creditnotes.FromFile[T], error) bool) {
		var none creditnotes.FromFile[T]
		in, err := decompressed(bufio.NewReaderSize(r, 64<<10))
		if err != nil {
			yield(none, unreadable(name, 0, err))
			return
		}
		c := newCSVReader(name, in, columns, required)
		if err := c.header(); err != nil {
			yield(none, err)
			return
		}
		for {
			var one T
			err := c.record(func() {
				c.need(required)
				one = read(&c.row)
			})
			if err == io.EOF {
				return
			}
			if !yield(creditnotes.FromFile[T]{Value: one, Line: c.line, Record: string(c.raw)}, err) || fatal(err) {
				return
			}
		}
	}
}

// decompressed reads what is compressed with gzip, and anything else as it is.
func decompressed(in *bufio.Reader) (io.Reader, error) {
	if first, _ := in.Peek(len(gzipMagic)); bytes.Equal(first, gzipMagic) {
		return gzip.NewReader(in)
	}
	return in, nil
}

// currency reads a currency code; empty where there is none.
func (r *row) currency(column int) string {
	code := string(r.field(column))
	if _, err := parseCurrency(code); code != "" && err != nil {
		r.fail(r.columns[column], expCurrency, code)
		return ""
	}
	return r.share([]byte(code))
}

// minor reads an amount with the decimals of its currency, or with two where
// that is unknown.
func (r *row) minor(column int, currency string) money.Amount {
	digits, ok := money.Digits(currency)
	if !ok {
		digits = 2
	}
	f := r.field(column)
	if len(f) == 0 {
		return 0
	}
	v, err := money.Parse(string(f), digits)
	if err != nil {
		expected := "an amount with a point and the decimals of its currency, such as " + money.Amount(1234).Format(digits)
		r.fail(r.columns[column], expected, string(f))
		return 1 // said already
	}
	return money.Amount(v)
}

// ofColumns says which table has the columns of a header: that of a column which
// no other has.
func ofColumns(header []byte) Kind {
	names := strings.FieldsFunc(strings.ToLower(string(header)), func(c rune) bool { return strings.ContainsRune(",; \t\"", c) })
	has := func(list ...string) bool {
		return slices.ContainsFunc(list, func(name string) bool { return slices.Contains(names, name) })
	}
	switch {
	case has("evse_id", "energy_kwh", "start", "end"):
		return KindCSV
	case has("direction", "tax_account", "net", "text", "owner"):
		return KindRecords
	case has("entity", "at", "user"):
		return KindTopUps
	case has("collected_at"):
		return KindCollections
	}
	return KindCSV
}

// headerOf is the first line of a file that says something, as far as its first
// bytes tell; compressed or not.
func headerOf(first []byte) []byte {
	in, err := decompressed(bufio.NewReader(bytes.NewReader(first)))
	if err != nil {
		return nil
	}
	plain, _ := io.ReadAll(io.LimitReader(in, 4096)) // what was cut off is not missed
	plain = bytes.TrimPrefix(plain, []byte("\uFEFF"))
	for line := range bytes.Lines(plain) {
		if _, separator := stated(line); !separator && len(bytes.TrimSpace(line)) > 0 {
			return bytes.TrimSpace(line)
		}
	}
	return nil
}
