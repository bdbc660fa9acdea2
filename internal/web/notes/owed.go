package notes

import (
	"io"

	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// ageingView lists what is open by age on a day.
type ageingView struct {
	List     *page.List
	Operator bool
	Day      entities.Date
	Entities []page.Choice
	Rows     []agedLine
	Totals   []payouts.Aged
}

// agedLine is one side of an account.
type agedLine struct {
	payouts.Aged
	Name string
	Path string // of the statement
}

var agedColumns = []page.Column[agedLine]{
	{Head: page.Head{Key: "entity", Message: "accounts_entity"}, By: page.ByText(func(a agedLine) string { return a.Name })},
	{Head: page.Head{Key: "side", Message: "ageing_side"}, By: page.ByText(func(a agedLine) string { return string(a.Side) })},
	{Head: page.Head{Key: "items", Message: "accounts_items", Num: true}, By: page.By(func(a agedLine) int { return a.Items })},
	agedColumn("not_due", "ageing_not_due", 0), agedColumn("to_30", "ageing_to_30", 1), agedColumn("to_60", "ageing_to_60", 2),
	agedColumn("to_90", "ageing_to_90", 3), agedColumn("over_90", "ageing_over_90", 4),
	{Head: page.Head{Key: "total", Message: "ageing_total", Num: true}, By: page.By(func(a agedLine) int64 { return int64(a.Total()) })},
}

func agedColumn(key, message string, age int) page.Column[agedLine] {
	return page.Column[agedLine]{Head: page.Head{Key: key, Message: message, Num: true}, By: page.By(func(a agedLine) int64 { return int64(a.ByAge[age]) })}
}

// askedOwed is a list of what was open on a day, as the address asks for it.
func (v *Visit) askedOwed(b *snapshot.Snapshot, path, order, empty string) (*page.List, entities.Date, []payouts.Account, error) {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: path, Fields: []string{"day", "entity"}, Order: order, Size: page.RowsPerPage, Empty: empty})
	day, entity := l.Day("day"), v.EntityField(b, l, "entity")
	if day == "" {
		day = b.Day(v.Now())
	}
	if l.Err() != nil {
		return l, day, nil, nil
	}
	all, err := v.Store.OpenAccountsOn(v.R.Context(), day)
	return l, day, payouts.Seen(all, func(key string) bool { return v.Who.Sees(key) && (entity == "" || entity == key) }), err
}

func (v *Visit) askedAgeing(b *snapshot.Snapshot) (*page.List, entities.Date, payouts.Ageing, error) {
	l, day, accounts, err := v.askedOwed(b, "/ageing", "entity", "ageing_none")
	return l, day, payouts.AgeingOf(day, accounts), err
}

// Ageing lists what is open by age.
func (v *Visit) Ageing() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l, day, list, err := v.askedAgeing(b)
	if err != nil {
		return err
	}
	view := ageingView{List: l, Operator: v.Who.Operator, Day: day, Entities: v.EntitiesOffered(b), Totals: list.Totals}
	lines := make([]agedLine, len(list.Rows))
	for i, a := range list.Rows {
		lines[i] = agedLine{a, b.Names(a.Entity), page.EntityPath(a.Entity) + "/statement"}
	}
	view.Rows = page.Rows(l, lines, agedColumns...)
	v.offer(l, "/ageing")
	return v.ShowList("ageing", "menu_ageing", view, l.Err())
}

// offer offers a list as files to those who may export.
func (v *Visit) offer(l *page.List, path string) {
	if v.May(access.Export) {
		l.Export(path+".csv", "CSV", "")
		l.Export(path+".xlsx", "XLSX", "")
	}
}

// AgeingCSV downloads the list as the filter shows it.
func (v *Visit) AgeingCSV() error {
	return v.ageingFile(page.TypeCSV, "ageing.csv", func(w io.Writer, a *payouts.Ageing) error { return export.AgeingCSV(w, v.CSVLook(), a) })
}

// AgeingXLSX downloads the list as a workbook.
func (v *Visit) AgeingXLSX() error {
	look, sheet := v.XLSXLook("head_%s"), v.Message("menu_ageing")
	return v.ageingFile(page.TypeXLSX, "ageing.xlsx", func(w io.Writer, a *payouts.Ageing) error { return export.AgeingXLSX(w, sheet, look, a) })
}

func (v *Visit) ageingFile(mediaType, name string, write func(io.Writer, *payouts.Ageing) error) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l, _, list, err := v.askedAgeing(b)
	if err == nil {
		err = l.Err()
	}
	if err != nil {
		return err
	}
	return v.Stream(mediaType, name, func(w io.Writer) error { return write(w, &list) })
}

// cashView plans what is to be paid by date.
type cashView struct {
	List     *page.List
	Day      entities.Date
	Entities []page.Choice
	Days     []payouts.CashDay
	Planned  []cashLine
	Apart    []cashLine
}

// cashLine is money to be paid to a recipient, or not.
type cashLine struct {
	payouts.Cash
	Name string
	Path string // of the recipient
	Says string // the detail of the reason
}

var cashColumns = []page.Column[cashLine]{
	{Head: page.Head{Key: "day", Message: "cash_day"}, By: page.By(func(c cashLine) string { return string(c.Day) })},
	{Head: page.Head{Key: "entity", Message: "payouts_recipient"}, By: page.ByText(func(c cashLine) string { return c.Name })},
	{Head: page.Head{Key: "documents", Message: "cash_documents", Num: true}, By: page.By(func(c cashLine) int { return len(c.Documents) })},
	{Head: page.Head{Key: "amount", Message: "payouts_amount", Num: true}, By: page.By(func(c cashLine) int64 { return int64(c.Amount) })},
}

func (v *Visit) askedCash(b *snapshot.Snapshot) (*page.List, entities.Date, payouts.Forecast, error) {
	l, day, accounts, err := v.askedOwed(b, "/cash", "day", "cash_none")
	return l, day, payouts.ForecastOf(day, b.Config.Settings.MinimumPayout, accounts), err
}

// Cash shows what is to be paid from a day on.
func (v *Visit) Cash() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l, day, f, err := v.askedCash(b)
	if err != nil {
		return err
	}
	view := cashView{List: l, Day: day, Entities: v.EntitiesOffered(b), Days: f.Days, Apart: v.cashLines(b, f.Apart)}
	view.Planned = page.Rows(l, v.cashLines(b, f.Planned), cashColumns...)
	v.offer(l, "/cash")
	return v.ShowList("cash", "cash_title", view, l.Err())
}

func (v *Visit) cashLines(b *snapshot.Snapshot, list []payouts.Cash) []cashLine {
	lines := make([]cashLine, len(list))
	for i, c := range list {
		lines[i] = cashLine{c, b.Names(c.Entity), page.EntityPath(c.Entity), c.Says(v.inWords)}
	}
	return lines
}

// CashCSV downloads what is planned and what is not as the filter shows it.
func (v *Visit) CashCSV() error {
	return v.cashFile(page.TypeCSV, "cash.csv", func(w io.Writer, f *payouts.Forecast) error { return export.CashCSV(w, v.CSVLook(), f, v.inWords) })
}

// CashXLSX downloads the same as a workbook.
func (v *Visit) CashXLSX() error {
	look, sheet := v.XLSXLook("head_%s"), v.Message("cash_title")
	return v.cashFile(page.TypeXLSX, "cash.xlsx", func(w io.Writer, f *payouts.Forecast) error { return export.CashXLSX(w, sheet, look, f, v.inWords) })
}

func (v *Visit) cashFile(mediaType, name string, write func(io.Writer, *payouts.Forecast) error) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l, _, f, err := v.askedCash(b)
	if err == nil {
		err = l.Err()
	}
	if err != nil {
		return err
	}
	return v.Stream(mediaType, name, func(w io.Writer) error { return write(w, &f) })
}
