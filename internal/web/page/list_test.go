package page

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/fault"
)

// numbers is a list of figures from 1, of which each page has ten.
func numbers(query string, n int) (*List, []int) {
	asked, _ := url.ParseQuery(query)
	l := NewList(asked, ListOptions{Path: "/n", Fields: []string{"q"}, Size: 10, Order: "n"})
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i + 1
	}
	return l, Rows(l, rows, Column[int]{Head{Key: "n"}, By(func(i int) int { return i })},
		Column[int]{Head{Key: "even"}, By(func(i int) int { return i % 2 })}, Column[int]{Head: Head{Message: "plain"}})
}

func TestRowsAreSortedAndCut(t *testing.T) {
	for query, want := range map[string]string{
		"":                 "[1 2 3 4 5 6 7 8 9 10]",
		"page=3":           "[21 22 23]",
		"page=99":          "[21 22 23]",
		"page=0":           "[1 2 3 4 5 6 7 8 9 10]",
		"sort=-n":          "[23 22 21 20 19 18 17 16 15 14]",
		"sort=even":        "[2 4 6 8 10 12 14 16 18 20]",
		"sort=-even":       "[1 3 5 7 9 11 13 15 17 19]",
		"sort=even&page=2": "[22 1 3 5 7 9 11 13 15 17]",
	} {
		if l, got := numbers(query, 23); fmt.Sprint(got) != want || l.Err() != nil {
			t.Errorf("%s: %v, want %s: %v", query, got, want, l.Err())
		}
	}
	for _, bad := range []string{"page=x", "sort=plain", "sort=--n", "sort=x"} {
		if l, got := numbers(bad, 3); l.Err() == nil || len(got) != 3 {
			t.Errorf("%s: %v %v", bad, got, l.Err())
		}
	}
}

func TestPagesAreNumbered(t *testing.T) {
	l, _ := numbers("page=8&q=a+b&junk=1", 195)
	var shown []int
	for _, n := range l.Pager.Numbers {
		shown = append(shown, n.Number)
	}
	if want := []int{1, 0, 6, 7, 8, 9, 10, 0, 20}; !cmp.Equal(shown, want) {
		t.Errorf("pages %v, want %v", shown, want)
	}
	l.Pager.Numbers = nil
	if want := (Pager{Newer: "/n?page=7&q=a+b", Older: "/n?page=9&q=a+b", From: 71, Until: 80, Total: 195}); !cmp.Equal(l.Pager, want) {
		t.Errorf("%+v, want %+v", l.Pager, want)
	}
	if l, _ := numbers("page=2", 12); l.Pager.Newer != "/n" || l.Pager.Older != "" {
		t.Errorf("%+v", l.Pager)
	}
	if l, _ := numbers("", 10); len(l.Pager.Numbers) > 0 || l.Pager.Older != "" {
		t.Errorf("one page: %+v", l.Pager)
	}
}

func TestRowsThatAreReadOneByOneAreCut(t *testing.T) {
	read := 0
	rows := func(yield func(int, error) bool) {
		for i := range 35 {
			if read++; !yield(i, nil) {
				return
			}
		}
	}
	for query, want := range map[string]Pager{
		"":       {Older: "/n?page=2"},
		"page=2": {Newer: "/n", Older: "/n?page=3"},
		"page=4": {Newer: "/n?page=3"},
	} {
		asked, _ := url.ParseQuery(query)
		l := NewList(asked, ListOptions{Path: "/n", Size: 10})
		page, err := Streamed(l, rows)
		if err != nil || !cmp.Equal(l.Pager, want) || page[0] != (l.pageNumber()-1)*10 {
			t.Errorf("%s: %v %+v %v", query, page, l.Pager, err)
		}
	}
	if read > 11+21+35 {
		t.Errorf("%d rows were read", read)
	}
	l := NewList(nil, ListOptions{Path: "/n", Size: 10})
	if _, err := Streamed(l, func(yield func(int, error) bool) { yield(0, http.ErrBodyNotAllowed) }); !errors.Is(err, http.ErrBodyNotAllowed) {
		t.Errorf("an error is lost: %v", err)
	}
}

func TestFieldsOfAFilterAreChecked(t *testing.T) {
	l := NewList(url.Values{"m": {"x"}, "d": {"2026-02-30"}, "c": {"z"}, "t": {" a "}, "below": {"-3"}}, ListOptions{Fields: []string{"m", "d", "c", "t", "none"}})
	l.Month("m")
	if l.Day("d") != "" || l.Choice("c", "a", "b") != "" || l.Choice("none", "a") != "" || l.Text("t") != "a" || l.Below() != 0 {
		t.Error("a field is not what it should be")
	}
	var keys []string
	for _, f := range fault.Of(l.Err()) {
		keys = append(keys, f.Key)
	}
	if want := []string{"run_month_invalid", "filter_date_invalid", "list_value_unknown", "cursor_invalid"}; !cmp.Equal(keys, want) {
		t.Errorf("%v, want %v", keys, want)
	}
}
