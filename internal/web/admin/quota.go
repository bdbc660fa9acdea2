package admin

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// quotaView lists the energy per public charge point and year.
type quotaView struct {
	List      *page.List
	Year      string
	Power     []page.Choice
	Countries []page.Choice
	Rows      []creditnotes.QuotaRow
	Total     creditnotes.QuotaRow // of all that the filter lets through
	Count     int
}

var quotaColumns = []page.Column[creditnotes.QuotaRow]{
	{Head: page.Head{Key: "evse", Message: "quota_evse_id"}, By: page.ByText(func(r creditnotes.QuotaRow) string { return r.EVSEID })},
	{Head: page.Head{Key: "station", Message: "quota_station"}, By: page.ByText(func(r creditnotes.QuotaRow) string { return r.Station })},
	{Head: page.Head{Key: "city", Message: "quota_location"}, By: page.ByText(func(r creditnotes.QuotaRow) string { return r.City + " " + r.Street })},
	{Head: page.Head{Key: "power", Message: "quota_power_type"}, By: page.ByText(func(r creditnotes.QuotaRow) string { return r.PowerType })},
	{Head: page.Head{Key: "from", Message: "quota_from"}, By: page.By(func(r creditnotes.QuotaRow) string { return string(r.From) })},
	{Head: page.Head{Key: "until", Message: "quota_until"}, By: page.By(func(r creditnotes.QuotaRow) string { return string(r.Until) })},
	{Head: page.Head{Key: "sessions", Message: "quota_sessions", Num: true}, By: page.By(func(r creditnotes.QuotaRow) int64 { return r.Sessions })},
	{Head: page.Head{Key: "mwh", Message: "quota_energy_mwh", Num: true}, By: page.By(func(r creditnotes.QuotaRow) int64 { return int64(r.Energy) })},
}

// Quota lists the energy of a year.
func (v *Visit) Quota() error {
	view, err := v.quota()
	if err != nil {
		return err
	}
	if v.May(access.Export) {
		view.List.Export("/quota.csv", "CSV", "")
		view.List.Export("/quota.xlsx", "XLSX", "")
	}
	view.Rows = page.Rows(view.List, view.Rows, quotaColumns...)
	return v.ShowList("quota", "quota_title", view, view.List.Err())
}

// quota reads the rows that the filter lets through.
func (v *Visit) quota() (*quotaView, error) {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/quota", Fields: []string{"year", "station", "country", "power"}, Size: page.RowsPerPage, Order: "evse", Empty: "quota_none"})
	view := &quotaView{List: l, Year: page.OrElse(l.Text("year"), strconv.Itoa(v.Now().In(v.Zone()).Year()-1))}
	year, err := strconv.Atoi(view.Year)
	if err != nil || year < 2000 || year > 9999 {
		l.Add(fault.New(fault.Invalid, "list_value_unknown", fault.Args{"value": view.Year}))
		return view, nil
	}
	rows, err := v.Store.Quota(v.R.Context(), year, v.Zone())
	if err != nil {
		return nil, err
	}
	var powers, countries []string
	for i := range rows {
		powers, countries = append(powers, rows[i].PowerType), append(countries, rows[i].Country)
	}
	slices.Sort(powers)
	slices.Sort(countries)
	view.Power = page.PlainChoices(l.Text("power"), slices.Compact(powers)...)
	view.Countries = page.PlainChoices(l.Text("country"), slices.Compact(countries)...)
	for i := range rows {
		if r := &rows[i]; wantsQuota(l, r) {
			view.Rows = append(view.Rows, *r)
			view.Total.Sessions, view.Total.Energy = view.Total.Sessions+r.Sessions, view.Total.Energy+r.Energy
		}
	}
	view.Count = len(view.Rows)
	return view, nil
}

// wantsQuota reports whether a filter lets a row through.
func wantsQuota(l *page.List, r *creditnotes.QuotaRow) bool {
	has := func(text string) bool {
		return strings.Contains(strings.ToLower(text), strings.ToLower(l.Text("station")))
	}
	return (l.Text("power") == "" || l.Text("power") == r.PowerType) && (l.Text("country") == "" || l.Text("country") == r.Country) &&
		(has(r.EVSEID) || has(r.Station) || has(r.Name) || has(r.City))
}

// QuotaXLSX sends the list as a workbook.
func (v *Visit) QuotaXLSX() error {
	return v.quotaFile(page.TypeXLSX, "xlsx", func(w io.Writer, list []creditnotes.QuotaRow) error {
		return export.QuotaXLSX(w, v.Message("quota_sheet"), v.quotaHead, list)
	})
}

// QuotaCSV sends the list as CSV.
func (v *Visit) QuotaCSV() error {
	return v.quotaFile(page.TypeCSV, "csv", func(w io.Writer, list []creditnotes.QuotaRow) error {
		return export.QuotaCSV(w, v.quotaHead, list)
	})
}

func (v *Visit) quotaHead(column string) string { return v.Message(fmt.Sprintf("quota_%s", column)) }

func (v *Visit) quotaFile(mediaType, ending string, write func(io.Writer, []creditnotes.QuotaRow) error) error {
	view, err := v.quota()
	if err == nil {
		err = view.List.Err()
	}
	if err != nil {
		return err
	}
	return v.Stream(mediaType, "quota-"+view.Year+"."+ending, func(w io.Writer) error { return write(w, view.Rows) })
}
