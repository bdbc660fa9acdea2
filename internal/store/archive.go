package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// ArchiveTables are the tables of the archive of a calendar year in a zone. Rows are
// read when they are asked for.
func (s *Store) ArchiveTables(year int, zone *time.Location) []creditnotes.ArchiveTable {
	var list []creditnotes.ArchiveTable
	for _, t := range archiveTables {
		table := creditnotes.ArchiveTable{Name: t.name, Refers: t.refers}
		for _, c := range t.columns {
			table.Columns = append(table.Columns, c.described())
		}
		table.Rows = func(ctx context.Context) iter.Seq2[[]string, error] { return s.archiveRows(ctx, &t, year, zone) }
		list = append(list, table)
	}
	return list
}

func (c *archivedColumn) described() creditnotes.ArchiveColumn {
	d := creditnotes.ArchiveColumn{Name: c.name, Kind: creditnotes.ArchiveText, Key: c.key, Says: cmp.Or(c.says, c.name)}
	switch c.stored {
	case asDay:
		d.Kind = creditnotes.ArchiveDate
	case asWhole:
		d.Kind = creditnotes.ArchiveNumber
	case asAmount:
		d.Kind, d.Decimals = creditnotes.ArchiveNumber, mostDigits
	case asMicros:
		d.Kind, d.Decimals = creditnotes.ArchiveNumber, money.QuantityDecimals
	}
	return d
}

// mostDigits is how many decimals the amounts of a currency have at most.
const mostDigits = 4

func (s *Store) archiveRows(ctx context.Context, t *archived, year int, zone *time.Location) iter.Seq2[[]string, error] {
	begin := time.Date(year, time.January, 1, 0, 0, 0, 0, zone)
	days, moments := []any{fmt.Sprintf("%04d-01-01", year), fmt.Sprintf("%04d-12-31", year)}, []any{begin, begin.AddDate(1, 0, 0)}
	args := map[archivedBy][]any{byDays: days, byMoments: moments, byBoth: append(days, moments...)}[t.by]
	rows := each(ctx, s.readSQL, func(r *archivedRow) []any { return r.fields(t.columns) }, t.query, args...)
	return func(yield func([]string, error) bool) {
		for r, err := range rows {
			if !yield(r.texts(t.columns), err) || err != nil {
				return
			}
		}
	}
}

// archivedRow is a row as it is read.
type archivedRow struct {
	words   []string
	numbers []int64
	moments []sqliteInstant // zero: there is none
}

func (r *archivedRow) fields(columns []archivedColumn) (into []any) {
	r.words, r.numbers, r.moments = make([]string, len(columns)), make([]int64, len(columns)), make([]sqliteInstant, len(columns))
	for i, c := range columns {
		switch c.stored {
		case asText, asDay:
			into = append(into, &r.words[i])
		case asMoment:
			into = append(into, &r.moments[i])
		default:
			into = append(into, &r.numbers[i])
		}
	}
	return into
}

// texts writes the values.
func (r *archivedRow) texts(columns []archivedColumn) []string {
	if r.words == nil {
		return nil
	}
	list, digits := make([]string, len(columns)), 2
	for i, c := range columns {
		switch c.stored {
		case asText, asDay:
			if list[i] = r.words[i]; c.name == "currency" {
				digits = digitsOf(list[i])
			}
		case asMoment:
			if at := r.moments[i]; !at.IsZero() {
				list[i] = at.UTC().Format(time.RFC3339Nano)
			}
		case asWhole:
			list[i] = strconv.FormatInt(r.numbers[i], 10)
		case asAmount:
			list[i] = money.Amount(r.numbers[i]).Format(digits)
		case asMicros:
			list[i] = money.Quantity(r.numbers[i]).String()
		}
	}
	return list
}
