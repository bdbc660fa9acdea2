package api

import (
	"encoding/base64"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Paging is what every listing takes.
type Paging struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"the most elements of a page"`
	Cursor string `query:"cursor" doc:"where the page begins: taken from the link to the next page, and meant for nothing else"`
}

// List is one page of a listing.
type List[T any] struct {
	Link string `header:"Link" doc:"the next page, as rel=next"`
	Body Items[T]
}

// Items are the elements of a page.
type Items[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next,omitempty" format:"uri-reference" doc:"the address of the next page; not there on the last"`
}

// cursorVersion is raised when cursors of before can no longer be read.
const cursorVersion = "1"

// after reads a cursor of the listing of this request: the place behind which
// the page begins; empty: at the beginning.
func (c *call) after(p Paging) (place string, err error) {
	if p.Cursor == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(p.Cursor)
	version, rest, _ := strings.Cut(string(text), "\n")
	path, place, ok := strings.Cut(rest, "\n")
	if err != nil || !ok || version != cursorVersion || path != c.r.URL.Path || place == "" {
		return "", cursorInvalid(p)
	}
	return place, nil
}

func cursorInvalid(p Paging) error {
	return fault.New(fault.Usage, "cursor_invalid", fault.Args{"cursor": p.Cursor})
}

// next is the address of the page behind a place.
func (c *call) next(place string) string {
	query := c.r.URL.Query()
	query.Set("cursor", base64.RawURLEncoding.EncodeToString([]byte(cursorVersion+"\n"+c.r.URL.Path+"\n"+place)))
	return c.r.URL.EscapedPath() + "?" + query.Encode()
}

// listed makes a page of elements; place is where the next one begins, empty
// on the last page.
func listed[T any](c *call, items []T, place string) *List[T] {
	if items == nil {
		items = []T{}
	}
	list := &List[T]{Body: Items[T]{Items: items}}
	if place != "" {
		list.Body.Next = c.next(place)
		list.Link = "<" + list.Body.Next + `>; rel="next"`
	}
	return list
}

// cut takes a page out of a list that is in memory; the keys tell its elements
// apart.
func cut[T any](c *call, p Paging, all []T, key func(*T) string) (page []T, place string, err error) {
	after, err := c.after(p)
	if err != nil {
		return nil, "", err
	}
	if after != "" {
		i := 0
		for i < len(all) && key(&all[i]) != after {
			i++
		}
		if i == len(all) {
			return nil, "", cursorInvalid(p)
		}
		all = all[i+1:]
	}
	if len(all) > p.Limit {
		all = all[:p.Limit]
		place = key(&all[len(all)-1])
	}
	return all, place, nil
}

// page is a page of a listing of the store.
func (c *call) page(p Paging) (creditnotes.Page, error) {
	after, err := c.after(p)
	return creditnotes.Page{After: after, Limit: p.Limit}, err
}
