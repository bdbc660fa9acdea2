package page

import (
	"cmp"
	"slices"
	"strings"
)

// Head is the head of a column of a list.
type Head struct {
	Key     string // by which an address names the column; empty: the list cannot be sorted by it
	Message string // what it says; empty: Text alone
	Text    string // what it says behind that
	Num     bool   // the column has figures
	Unseen  bool   // only read out

	Sorted string // ascending or descending; empty: by another column
	Path   string // the list sorted by this column, or the other way round; empty: it cannot be
}

// Column is a column of a list of rows in memory.
type Column[T any] struct {
	Head
	By Ordering[T] // nil: the list cannot be sorted by it
}

// Ordering compares rows by their places among all rows. What is compared is
// worked out once for each row.
type Ordering[T any] func(rows []T) func(i, j int) int

// ByText sorts by a text, in upper or lower case alike.
func ByText[T any](of func(T) string) Ordering[T] {
	return By(func(row T) string { return strings.ToLower(of(row)) })
}

// By sorts by a figure or a text.
func By[T any, K cmp.Ordered](of func(T) K) Ordering[T] {
	return func(rows []T) func(i, j int) int {
		keys := make([]K, len(rows))
		for i, row := range rows {
			keys[i] = of(row)
		}
		return func(i, j int) int { return cmp.Compare(keys[i], keys[j]) }
	}
}

// order is the key of the column by which the rows are sorted, with a - before
// it where they are sorted backwards.
func (l *List) order() string { return cmp.Or(l.Text(ParamOrder), l.options.Order) }

// SetHeads gives the list its columns. Those with a key link to the list sorted
// by them. An address that asks for the order of another column is a fault, and
// the first order applies.
func (l *List) SetHeads(heads ...Head) {
	if asked := l.Text(ParamOrder); asked == l.options.Order {
		l.Set(ParamOrder, "")
	} else if asked != "" && !slices.ContainsFunc(heads, func(h Head) bool { return h.Key != "" && h.Key == strings.TrimPrefix(asked, "-") }) {
		l.unknown(asked)
		l.Set(ParamOrder, "")
	}
	l.Heads = heads
	for i := range heads {
		h := &heads[i]
		if h.Key == "" {
			continue
		}
		next := h.Key
		switch l.order() {
		case h.Key:
			h.Sorted, next = "ascending", "-"+h.Key
		case "-" + h.Key:
			h.Sorted = "descending"
		}
		if next == l.options.Order {
			next = "" // the address is that of the list
		}
		h.Path = l.Address(ParamOrder, next)
	}
}

// Rows gives a list its columns, sorts the rows as the address asks, and returns
// those of the page that it asks for. Rows that are alike stay in their order.
func Rows[T any](l *List, rows []T, columns ...Column[T]) []T {
	heads := make([]Head, len(columns))
	for i, c := range columns {
		heads[i] = c.Head
	}
	l.SetHeads(heads...)
	rows = slices.Clone(rows)
	for _, c := range columns {
		if c.By != nil && c.Key == strings.TrimPrefix(l.order(), "-") {
			rows = sorted(rows, c.By(rows), strings.HasPrefix(l.order(), "-"))
		}
	}
	from, until := l.numbered(len(rows))
	return rows[from:until]
}

func sorted[T any](rows []T, compare func(i, j int) int, backwards bool) []T {
	places := make([]int, len(rows))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int {
		if backwards {
			return compare(j, i)
		}
		return compare(i, j)
	})
	in := make([]T, len(rows))
	for i, place := range places {
		in[i] = rows[place]
	}
	return in
}
