package month

import (
	"cmp"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// earnedView is what owners earned by documents in twelve months: by month and by
// station.
type earnedView struct {
	Months   []earnedLine // the latest first
	Stations []earnedLine // those with most first
	More     int          // stations that are not listed
	All      string       // link to all of them; empty: none
}

// earnedLine is a month or a station in a currency.
type earnedLine struct {
	analysisLine
	Currency string
}

// earned adds up the twelve months until this one.
func (v *Visit) earned(b *snapshot.Snapshot, owners []string) (view earnedView, err error) {
	this := v.ThisMonth()
	read := func(by creditnotes.AnalysisBy) ([]earnedLine, error) {
		rows, err := v.Store.AnalysisRows(v.R.Context(), creditnotes.AnalysisQuery{By: by, From: this.AddMonths(-11), Until: this, Owners: owners})
		return v.earnedLines(b, rows, by), err
	}
	if view.Months, err = read(creditnotes.ByMonth); err != nil {
		return view, err
	}
	slices.SortFunc(view.Months, func(x, y earnedLine) int {
		return cmp.Or(cmp.Compare(y.Month, x.Month), cmp.Compare(x.Currency, y.Currency))
	})
	if view.Stations, err = read(creditnotes.ByStation); err != nil {
		return view, err
	}
	slices.SortFunc(view.Stations, func(x, y earnedLine) int { return cmp.Or(cmp.Compare(y.Share, x.Share), cmp.Compare(x.Name, y.Name)) })
	if view.More = len(view.Stations) - portalStations; view.More > 0 {
		view.Stations, view.All = view.Stations[:portalStations], v.NearestAllowed("/analysis?by=station&from="+string(this.AddMonths(-11))+"&until="+string(this))
	}
	return view, nil
}

// earnedLines rounds rows and measures them against the largest of their currency.
func (v *Visit) earnedLines(b *snapshot.Snapshot, rows []creditnotes.AnalysisRow, by creditnotes.AnalysisBy) []earnedLine {
	most := map[string]money.Micros{}
	for i := range rows {
		most[rows[i].Currency] = max(most[rows[i].Currency], rows[i].Share)
	}
	list := make([]earnedLine, len(rows))
	for i := range rows {
		list[i] = earnedLine{lineOf(&rows[i], page.DigitsOf(rows[i].Currency)), rows[i].Currency}
		v.nameLine(b, &list[i].analysisLine, by)
		if largest := most[rows[i].Currency]; largest > 0 {
			list[i].Part = max(0, scaled(rows[i].Share, largest, 1000))
		}
	}
	return list
}
