package page

import (
	"iter"
	"strconv"
)

// Pager leads to the other pages of a list.
type Pager struct {
	Newer, Older string // addresses of the pages beside this one; empty: there is none
	// Numbers are the pages around this one, the first and the last; none where
	// the pages are not counted or there is one.
	Numbers []PageNumber
	// From and Until are the places of the first and the last row shown, from
	// 1, and Total is how many there are; 0 where they are not counted.
	From, Until, Total int
}

// PageNumber is the number of a page, or a gap between numbers.
type PageNumber struct {
	Number int    // 0: a gap
	Path   string // empty: this page
}

// pagesBeside is how many numbers are shown on either side of a page.
const pagesBeside = 2

// numbered is the part of counted rows that the address asks for by the number
// of a page. A number behind the last page is the last page: rows may have gone.
func (l *List) numbered(total int) (from, until int) {
	size := l.options.Size
	if size == 0 {
		size = max(1, total)
	}
	pages := max(1, (total+size-1)/size)
	page := min(l.pageNumber(), pages)
	from, until = (page-1)*size, min(page*size, total)
	l.Pager = Pager{Total: total, From: from + 1, Until: until}
	l.beside(page, page < pages)
	for n := 1; n <= pages && pages > 1; n++ {
		switch {
		case n == page:
			l.Pager.Numbers = append(l.Pager.Numbers, PageNumber{Number: n})
		case n == 1 || n == pages || n >= page-pagesBeside && n <= page+pagesBeside:
			l.Pager.Numbers = append(l.Pager.Numbers, PageNumber{n, l.pageAddress(n)})
		case n == page-pagesBeside-1 || n == page+pagesBeside+1:
			l.Pager.Numbers = append(l.Pager.Numbers, PageNumber{})
		}
	}
	return from, until
}

// pageNumber is the number of the page that the address asks for, from 1.
func (l *List) pageNumber() int {
	text := l.Text(ParamPage)
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		l.BadPlace(text)
	}
	return max(1, n)
}

// beside links to the pages before and after one with a number.
func (l *List) beside(page int, more bool) {
	if page > 1 {
		l.Pager.Newer = l.pageAddress(page - 1)
	}
	if more {
		l.Pager.Older = l.pageAddress(page + 1)
	}
}

func (l *List) pageAddress(n int) string {
	if n == 1 {
		return l.Address()
	}
	return l.Address(ParamPage, strconv.Itoa(n))
}

// Cursors links to the pages beside one that a store has read; empty: there is
// none.
func (l *List) Cursors(next, previous string) {
	if previous != "" {
		l.Pager.Newer = l.Address(ParamBefore, previous)
	}
	if next != "" {
		l.Pager.Older = l.Address(ParamAfter, next)
	}
}

// More is for stores that only read on: rows are those of a page and one more
// where there are more. The page behind is linked to with a parameter that says
// where this one ends, and the first page from the others.
func More[T any](l *List, rows []T, param string, end func(T) string) []T {
	if l.Text(param) != "" {
		l.Pager.Newer = l.Address()
	}
	if size := l.options.Size; len(rows) > size {
		rows = rows[:size]
		l.Pager.Older = l.Address(param, end(rows[size-1]))
	}
	return rows
}

// Streamed cuts the page that the address asks for out of rows that are read
// one by one and not counted. It reads to the end of that page and one row on.
func Streamed[T any](l *List, rows iter.Seq2[T, error]) (page []T, err error) {
	number, n := l.pageNumber(), 0
	from := (number - 1) * l.options.Size
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		if len(page) == l.options.Size {
			l.beside(number, true)
			return page, nil
		}
		if n++; n > from {
			page = append(page, row)
		}
	}
	l.beside(number, false)
	return page, nil
}
