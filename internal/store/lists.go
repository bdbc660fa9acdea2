package store

import (
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// keyset pages through a listing along two columns that together tell its rows
// apart. A page is found by an index however far down it lies, and does not
// shift when rows are added.
type keyset struct{ first, second string }

// narrow lets a condition hold only behind a place in the listing, and returns
// the order in which to read on from there. A page before a place is read
// backwards.
func (k keyset) narrow(where *condition, p creditnotes.Page, place []any) (order string) {
	compare, direction := ">", ""
	if p.OldestFirst == (p.Before != "") {
		compare, direction = "<", " DESC"
	}
	if len(place) > 0 {
		where.and("("+k.first+", "+k.second+") "+compare+" (?, ?)", place...)
	}
	return " ORDER BY " + k.first + direction + ", " + k.second + direction
}

// byID pages through a listing along a column of ids.
type byID string

// narrow is keyset.narrow.
func (k byID) narrow(where *condition, p creditnotes.Page) (order string, err error) {
	compare, direction := ">", ""
	if p.OldestFirst == (p.Before != "") {
		compare, direction = "<", " DESC"
	}
	if cursor := p.After + p.Before; cursor != "" {
		id, err := strconv.ParseInt(cursor, 10, 64)
		if err != nil {
			return "", cursorFault(p)
		}
		where.and(string(k)+" "+compare+" ?", id)
	}
	return " ORDER BY " + string(k) + direction, nil
}

// idCursor writes the place of a row in such a listing.
func idCursor(id int64) string { return strconv.FormatInt(id, 10) }

// inOrder turns the rows of a page that was read backwards, of which one more
// than the page holds may have been read, and returns the cursors of the pages
// beside it.
func inOrder[T any](rows []T, p creditnotes.Page, cursor func(*T) string) (page []T, next, previous string) {
	more := len(rows) > p.Size()
	page = rows[:min(len(rows), p.Size())]
	if len(page) == 0 {
		return nil, "", ""
	}
	if p.Before != "" {
		slices.Reverse(page)
	}
	if more || p.Before != "" {
		next = cursor(&page[len(page)-1])
	}
	if more && p.Before != "" || p.After != "" {
		previous = cursor(&page[0])
	}
	return page, next, previous
}

// cursorOf writes the place of a row in a listing.
func cursorOf(first, second string) string { return first + "~" + second }

// placeOf reads the cursor of a page, which comes from outside; nothing for a
// listing's beginning.
func placeOf(p creditnotes.Page) (first, second string, err error) {
	cursor := p.After + p.Before
	if cursor == "" {
		return "", "", nil
	}
	first, second, ok := strings.Cut(cursor, "~")
	if !ok || first == "" || second == "" {
		return "", "", cursorFault(p)
	}
	return first, second, nil
}

func cursorFault(p creditnotes.Page) error {
	return fault.New(fault.Usage, "cursor_invalid", fault.Args{"cursor": p.After + p.Before})
}

// containing makes a pattern for LIKE … ESCAPE '\' of what holds a text in any
// place, whatever its letter case.
func containing(text string) string { return "%" + likeEscapes.Replace(strings.ToLower(text)) + "%" }

// ending is containing for what ends with a text.
func ending(text string) string { return "%" + likeEscapes.Replace(strings.ToLower(text)) }

var likeEscapes = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)

// limited adds a limit to a query.
func limited(query string, rows int) string { return query + " LIMIT " + strconv.Itoa(rows) }
