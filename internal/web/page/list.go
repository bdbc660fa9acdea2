package page

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// List is one list of a page as its address asks for it: the fields of the
// filter, the column that the rows are sorted by, and the part of the rows that
// is shown. Every address that a List makes keeps filter and order; fields
// without a value are left out.
//
// Where all rows are in memory, [Rows] sorts them and cuts out a page by its
// number. Where the store pages, [List.Page] says what to read, and
// [List.Cursors] or [More] link to the pages beside it.
type List struct {
	Heads   []Head
	Pager   Pager
	Exports []Export
	Empty   string // message that stands for the rows where there are none
	Saved   []store.SavedFilter

	options ListOptions
	asked   url.Values // fields, order and place; one trimmed value each, never empty
	faults  fault.List
}

// ListOptions say what the address of a list may ask for.
type ListOptions struct {
	Path   string   // of the page
	Anchor string   // of the list on the page, with #; empty: the page is the list
	Fields []string // parameters of the filter
	Size   int      // rows of a page; 0: all
	Order  string   // key of the column that the rows are sorted by at first; with a - before it, backwards. Empty: as they come
	Empty  string   // message of a list without rows
	// Unfiltered is the query that asks for all rows, where an address without
	// a query asks for some of them.
	Unfiltered string
}

// Export is a file with the rows that the filter of a list lets through.
type Export struct {
	Path string
	Text string // what the link says; empty: Message
	// Message is what the link says in the visitor's language.
	Message string
}

// Parameters of the place in a list. All but page come from a page of the list
// itself.
const (
	ParamOrder  = "sort"
	ParamPage   = "page"   // number of a page, from 1
	ParamAfter  = "after"  // the rows behind a cursor
	ParamBefore = "before" // the rows in front of a cursor
	ParamBelow  = "below"  // the rows with smaller ids
)

// NewList reads what an address asks for.
func NewList(query url.Values, o ListOptions) *List {
	l := &List{Empty: o.Empty, options: o, asked: url.Values{}}
	for _, name := range slices.Concat(o.Fields, []string{ParamOrder, ParamPage, ParamAfter, ParamBefore, ParamBelow}) {
		l.Set(name, query.Get(name))
	}
	return l
}

// Text is a field of the filter without blanks around it.
func (l *List) Text(name string) string { return l.asked.Get(name) }

// Set changes a field of the filter; an empty value leaves it out.
func (l *List) Set(name, value string) {
	l.asked.Del(name)
	if value = strings.TrimSpace(value); value != "" {
		l.asked.Set(name, value)
	}
}

// SetOrder changes the column that the rows are sorted by at first.
func (l *List) SetOrder(key string) { l.options.Order = key }

// Choice is a field with one of some values, or empty. Another value is a
// fault.
func (l *List) Choice(name string, values ...string) string {
	value := l.Text(name)
	if value != "" && !slices.Contains(values, value) {
		l.unknown(value)
		return ""
	}
	return value
}

func (l *List) unknown(value string) {
	l.Add(fault.New(fault.Invalid, "list_value_unknown", fault.Args{"value": value}))
}

// Month is a field with a month; the zero Month where it is empty. Anything
// else is a fault.
func (l *List) Month(name string) entities.Month {
	text := l.Text(name)
	if text == "" {
		return ""
	}
	month, err := entities.ParseMonth(text)
	if err != nil {
		l.Add(fault.New(fault.Invalid, "run_month_invalid", fault.Args{"month": text}))
	}
	return month
}

// Day is a field with a day; empty where the field is. Anything else is a fault.
func (l *List) Day(name string) entities.Date {
	text := l.Text(name)
	if text == "" {
		return ""
	}
	day, err := entities.ParseDate(text)
	if err != nil {
		l.Add(fault.Wrap(fault.Invalid, "filter_date_invalid", fault.Args{"value": text}, err))
		return ""
	}
	return day
}

// Add remembers a fault of what the address asks for.
func (l *List) Add(f *fault.Fault) { l.faults = append(l.faults, f) }

// Err is what is wrong with what the address asks for, as far as it has been
// read: a fault.List, or nil.
func (l *List) Err() error { return l.faults.Err() }

// Narrowed reports whether a field of the filter is filled in.
func (l *List) Narrowed() bool { return len(l.filter()) > 0 }

func (l *List) filter() url.Values {
	filter := url.Values{}
	for _, name := range l.options.Fields {
		if value := l.Text(name); value != "" {
			filter.Set(name, value)
		}
	}
	return filter
}

// Query is the filter as the query of an address, with its question mark, for
// files and other views of the same rows; empty where there is none.
func (l *List) Query() string {
	switch filter := l.filter(); {
	case len(filter) > 0:
		return "?" + filter.Encode()
	case l.options.Unfiltered != "":
		return "?" + l.options.Unfiltered
	}
	return ""
}

// Address is that of the first page with the same filter and order, with other
// values of some parameters: names and values in turn, an empty value leaves a
// parameter out.
func (l *List) Address(changes ...string) string {
	query := l.filter()
	if order := l.Text(ParamOrder); order != "" {
		query.Set(ParamOrder, order)
	}
	return l.address(query, changes)
}

// Here is the address of the page that is shown, with other values of some
// parameters, as in [List.Address].
func (l *List) Here(changes ...string) string {
	query := url.Values{}
	for name := range l.asked {
		query.Set(name, l.asked.Get(name))
	}
	return l.address(query, changes)
}

func (l *List) address(query url.Values, changes []string) string {
	for i := 0; i+1 < len(changes); i += 2 {
		query.Del(changes[i])
		if changes[i+1] != "" {
			query.Set(changes[i], changes[i+1])
		}
	}
	address := l.options.Path
	switch {
	case len(query) > 0:
		address += "?" + query.Encode()
	case l.options.Unfiltered != "":
		address += "?" + l.options.Unfiltered
	}
	return address + l.options.Anchor
}

// Export offers the rows that the filter lets through as a file.
func (l *List) Export(path, text, message string) {
	l.Exports = append(l.Exports, Export{Path: path + l.Query(), Text: text, Message: message})
}

// Page is the part of the list to be read from a store that pages with cursors.
// The store knows one order and its reverse: oldest says by which key the
// oldest row comes first.
func (l *List) Page(oldest string) creditnotes.Page {
	p := creditnotes.Page{After: l.Text(ParamAfter), Limit: l.options.Size, OldestFirst: l.order() == oldest}
	if p.After == "" {
		p.Before = l.Text(ParamBefore)
	}
	return p
}

// Below is the id below which the rows of a page are; 0: the first page.
func (l *List) Below() int64 {
	text := l.Text(ParamBelow)
	if text == "" {
		return 0
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 0 {
		l.BadPlace(text)
		return 0
	}
	return id
}

// BadPlace adds the fault that there is no such place in the list.
func (l *List) BadPlace(cursor string) {
	l.Add(fault.New(fault.Usage, "cursor_invalid", fault.Args{"cursor": cursor}))
}
