package month

import (
	"fmt"
	"io"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// accrualsView lists what was owed and on no document on a day.
type accrualsView struct {
	List     *page.List
	Day      entities.Date
	Entities []page.Choice
	Complete bool // false: the open month is being looked at
	AsOf     time.Time
	Rows     []accrualLine
	Totals   []creditnotes.AccrualTotal
	Unknown  int64
}

// accrualLine is one row.
type accrualLine struct {
	creditnotes.Accrual
	Name string
	Path string // of the owner; empty: none
}

var accrualColumns = []page.Column[accrualLine]{
	{Head: page.Head{Key: "owner", Message: "notes_owner"}, By: page.ByText(func(a accrualLine) string { return a.Name })},
	{Head: page.Head{Key: "kind", Message: "accruals_kind"}, By: page.ByText(func(a accrualLine) string { return string(a.Kind) })},
	{Head: page.Head{Key: "state", Message: "accruals_state"}, By: page.ByText(func(a accrualLine) string { return string(a.State) + string(a.Reason) })},
	{Head: page.Head{Key: "sessions", Message: "run_sessions", Num: true}, By: page.By(func(a accrualLine) int64 { return a.Sessions })},
	{Head: page.Head{Key: "energy", Message: "run_energy", Num: true}, By: page.By(func(a accrualLine) int64 { return int64(a.Energy) })},
	{Head: page.Head{Key: "net", Message: "notes_net", Num: true}, By: page.By(func(a accrualLine) int64 { return int64(a.Net) })},
}

// askedAccruals is the list that the address asks for; nil: the address is wrong.
func (v *Visit) askedAccruals(b *snapshot.Snapshot) (*page.List, entities.Date, *creditnotes.AccrualList, error) {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/accruals", Fields: []string{"day", "owner"}, Order: "owner", Size: page.RowsPerPage, Empty: "accruals_none"})
	day, owner := l.Day("day"), v.EntityField(b, l, "owner")
	if day == "" {
		day = b.Day(v.Now())
	}
	if l.Err() != nil {
		return l, day, nil, nil
	}
	var scope []string
	if owner != "" {
		scope = []string{owner}
	}
	list, err := v.Store.Accruals(v.R.Context(), day, scope)
	return l, day, list, err
}

// Accruals lists what was owed and on no document at the end of a day.
func (v *Visit) Accruals() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	v.refresh()
	l, day, list, err := v.askedAccruals(b)
	if err != nil {
		return err
	}
	view := accrualsView{List: l, Day: day, Entities: v.EntitiesOffered(b), Complete: true}
	var lines []accrualLine
	if list != nil {
		view.Complete, view.AsOf, view.Totals, view.Unknown = list.Complete, list.AsOf, list.Totals, list.Unknown
		for _, r := range list.Rows {
			line := accrualLine{Accrual: r, Name: v.Message("accruals_no_owner")}
			if r.Owner != "" {
				line.Name, line.Path = b.Names(r.Owner), page.EntityPath(r.Owner)
			}
			lines = append(lines, line)
		}
	}
	view.Rows = page.Rows(l, lines, accrualColumns...)
	if v.May(access.Export) {
		l.Export("/accruals.csv", "CSV", "")
		l.Export("/accruals.xlsx", "XLSX", "")
	}
	return v.ShowList("accruals", "accruals_title", view, l.Err())
}

// Held reports whether a row is what held sessions would come to.
func (a accrualLine) Held() bool { return a.Kind == creditnotes.AccruedHeld }

// Net is the amount of a total in the minor unit of its currency.
func (v accrualsView) Net(currency string, m money.Micros) money.Amount {
	return m.Round(page.DigitsOf(currency))
}

// AccrualsCSV downloads the list as the filter shows it.
func (v *Visit) AccrualsCSV() error {
	return v.accrualsFile(page.TypeCSV, "accruals.csv", func(w io.Writer, list *creditnotes.AccrualList) error { return export.AccrualsCSV(w, nil, list) })
}

// AccrualsXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *Visit) AccrualsXLSX() error {
	words := map[string]string{}
	for _, column := range export.AccrualColumns {
		words[column] = v.Message(fmt.Sprintf("head_%s", column))
	}
	heads, sheet := func(column string) string { return words[column] }, v.Message("accruals_title")
	return v.accrualsFile(page.TypeXLSX, "accruals.xlsx", func(w io.Writer, list *creditnotes.AccrualList) error {
		return export.AccrualsXLSX(w, sheet, heads, list)
	})
}

// accrualsFile brings the open month up to date before it writes, so that a file
// is complete.
func (v *Visit) accrualsFile(mediaType, name string, write func(io.Writer, *creditnotes.AccrualList) error) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	if _, err := v.Open.Refresh(v.R.Context()); err != nil {
		return err
	}
	l, _, list, err := v.askedAccruals(b)
	if err == nil {
		err = l.Err()
	}
	if err == nil {
		err = list.Whole()
	}
	if err != nil {
		return err
	}
	return v.Stream(mediaType, name, func(w io.Writer) error { return write(w, list) })
}
