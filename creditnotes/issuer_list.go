package creditnotes

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"

	"creditrun/internal/fault"
)

// IssuerList is one page of a comparison with the totals of all of it. Next and
// Previous are the cursors of the pages beside it; empty: there is none.
type IssuerList struct {
	Rows           []IssuerRow
	Totals         *IssuerTotals
	Next, Previous string
}

// ListIssuer compares both sides of an issuer and keeps one page of the rows with
// one of the findings; none: all rows. The whole month is compared for every
// page, and only the page is kept. A cursor that no listing gave out is a Usage
// fault.
func ListIssuer(ctx context.Context, store IssuerStore, q IssuerQuery, findings []IssuerFinding, p Page) (list IssuerList, err error) {
	w := &issuerWindow{size: p.Size(), backwards: p.Before != ""}
	if w.place, err = issuerPlace(p); err != nil {
		return list, err
	}
	list.Totals, err = CompareIssuer(ctx, store, q, func(r *IssuerRow) error {
		if len(findings) == 0 || slices.Contains(findings, r.Finding) {
			w.take(r)
		}
		return nil
	})
	if err != nil {
		return list, err
	}
	list.Rows = w.rows
	if len(w.rows) == 0 {
		return list, nil
	}
	if w.after {
		list.Next = cursorOfRow(&w.rows[len(w.rows)-1])
	}
	if w.before {
		list.Previous = cursorOfRow(&w.rows[0])
	}
	return list, nil
}

// issuerWindow keeps the rows of a page.
type issuerWindow struct {
	size          int
	place         *IssuerRow // nil: the first page
	backwards     bool       // the rows before the place
	rows          []IssuerRow
	before, after bool // there are rows on that side
}

func (w *issuerWindow) take(r *IssuerRow) {
	c := -1 // to the place
	if w.place != nil {
		c = cmp.Or(cmp.Compare(r.Source, w.place.Source), cmp.Compare(r.Session, w.place.Session))
	}
	switch {
	case w.backwards && c >= 0:
		w.after = true
	case w.backwards && len(w.rows) == w.size:
		w.rows, w.before = append(w.rows[1:], *r), true
	case !w.backwards && w.place != nil && c <= 0:
		w.before = true
	case len(w.rows) == w.size:
		w.after = true
	default:
		w.rows = append(w.rows, *r)
	}
}

func cursorOfRow(r *IssuerRow) string { return r.Source + "~" + r.Session }

// issuerPlace is where a page begins or ends, nil at the beginning.
func issuerPlace(p Page) (*IssuerRow, error) {
	cursor := p.After + p.Before
	if cursor == "" {
		return nil, nil
	}
	source, session, ok := strings.Cut(cursor, "~")
	if !ok {
		return nil, fault.New(fault.Usage, "cursor_invalid", fault.Args{"cursor": cursor})
	}
	return &IssuerRow{Source: source, Session: session}, nil
}

// IssuersOf are the keys of the entities that issue media, with how many.
func IssuersOf(config *Configuration) map[string]int {
	issuers := map[string]int{}
	for i := range config.Media {
		issuers[config.Media[i].Issuer]++
	}
	return issuers
}

// errNoMoreRows ends a comparison whose rows no one wants any more.
var errNoMoreRows = errors.New("no more rows are wanted")

// IssuerRows yields the rows with one of the findings, none: all, and fills in the
// totals when all of them are read. After an error there are no more.
func IssuerRows(ctx context.Context, store IssuerStore, q IssuerQuery, findings []IssuerFinding, totals *IssuerTotals) iter.Seq2[IssuerRow, error] {
	return func(yield func(IssuerRow, error) bool) {
		all, err := CompareIssuer(ctx, store, q, func(r *IssuerRow) error {
			if (len(findings) == 0 || slices.Contains(findings, r.Finding)) && !yield(*r, nil) {
				return errNoMoreRows
			}
			return nil
		})
		switch {
		case err == nil:
			*totals = *all
		case !errors.Is(err, errNoMoreRows):
			yield(IssuerRow{}, err)
		}
	}
}
