package month

import (
	"cmp"
	"io"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// analysisView shows what was settled, and what waits, in one currency.
type analysisView struct {
	List       *page.List
	By         creditnotes.AnalysisBy
	Groups     []page.Choice
	Currencies []page.Choice
	Entities   []page.Choice
	Currency   string
	Rows       []analysisLine
	Total      analysisLine
	Charts     []*trendChart
	Trend      []analysisLine
	Points     *pointChart // nil: there are too few rows
	Held       []heldWorth
	HeldTotal  heldWorth
	Beside     bool // rows have what is beside sessions
	Owners     bool // rows are owners: they have what is awaited and held
}

// analysisLine is one row with its amounts in the minor unit.
type analysisLine struct {
	Key, Name, Path                  string
	Month                            entities.Month
	Sessions, Unknown                int64
	Energy                           money.Quantity
	Driver, Share, Operator, Awaited money.Amount
	Beside, Fees                     money.Amount
	Still                            money.Amount // awaited by the last settlement report
	Held                             creditnotes.Count
	HeldWorth                        money.Amount
	Part                             int // the owner's share in thousandths of the largest one
}

// heldWorth is what waits for one reason.
type heldWorth struct {
	Reason string
	creditnotes.Count
	Worth   money.Amount
	Unknown int64
}

var analysisFields = []string{"by", "from", "until", "owner", "below", "currency"}

// mostAnalysisMonths is how many months an analysis may span.
const mostAnalysisMonths = 120

// askedAnalysis is the analysis that the address asks for: the twelve months until
// the last one where it says nothing else.
func (v *Visit) askedAnalysis() (*snapshot.Snapshot, *page.List, creditnotes.AnalysisQuery, error) {
	var q creditnotes.AnalysisQuery
	b, err := v.Network()
	if err != nil {
		return nil, nil, q, err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/analysis", Fields: analysisFields, Size: page.RowsPerPage, Order: "-share", Empty: "analysis_none",
	})
	q.By = creditnotes.AnalysisBy(cmp.Or(l.Choice("by", analysisGroups()...), string(creditnotes.ByOwner)))
	last := v.ThisMonth().Prev()
	q.Until = cmp.Or(l.Month("until"), last)
	q.From = cmp.Or(l.Month("from"), q.Until.AddMonths(-11))
	if q.By == creditnotes.ByMonth {
		l.SetOrder("name")
	}
	if q.Until < q.From || q.From < q.Until.AddMonths(1-mostAnalysisMonths) {
		l.Add(fault.New(fault.Invalid, "list_value_unknown", fault.Args{"value": string(q.From)}))
	}
	q.Currency = cmp.Or(l.Choice("currency", analysisCurrencies(b)...), b.Currency())
	q.Owners = b.OwnersSeen(v.Who, v.EntityField(b, l, "owner"), l.Choice("below", "true") != "")
	for name, value := range map[string]string{"from": string(q.From), "until": string(q.Until), "currency": q.Currency, "by": string(q.By)} {
		if l.Text(name) == "" {
			l.Set(name, value)
		}
	}
	return b, l, q, l.Err()
}

func analysisGroups() (list []string) {
	for _, by := range creditnotes.AnalysisGroups {
		list = append(list, string(by))
	}
	return list
}

// analysisCurrencies are the currencies in which something may be settled.
func analysisCurrencies(b *snapshot.Snapshot) []string {
	list := []string{b.Currency()}
	for i := range b.Config.Entities {
		list = append(list, b.Config.Entities[i].Currency)
	}
	for i := range b.Config.Tariffs.CostRates {
		list = append(list, b.Config.Tariffs.CostRates[i].Currency)
	}
	for i := range b.Config.Contracts {
		list = append(list, b.Config.Contracts[i].Currency)
	}
	slices.Sort(list)
	return slices.DeleteFunc(slices.Compact(list), func(c string) bool { return c == "" })
}

// Analysis shows what owners, stations, tariffs and months came to, with the trend
// of two years, and what is held.
func (v *Visit) Analysis() error {
	b, l, q, err := v.askedAnalysis()
	if b == nil {
		return err
	}
	view := analysisView{
		List: l, By: q.By, Currency: q.Currency, Groups: v.Choices("analysis_by_%s", string(q.By), analysisGroups()...),
		Currencies: page.PlainChoices(q.Currency, analysisCurrencies(b)...), Entities: v.EntitiesOffered(b),
		Beside: q.By == creditnotes.ByOwner || q.By == creditnotes.ByMonth, Owners: q.By == creditnotes.ByOwner,
	}
	if err == nil {
		err = cmp.Or(v.analyse(b, q, &view), l.Err())
	}
	return v.ShowList("analysis", "analysis_title", view, err)
}

func (v *Visit) analyse(b *snapshot.Snapshot, q creditnotes.AnalysisQuery, view *analysisView) error {
	a, err := creditnotes.Analyze(v.R.Context(), v.Store, q)
	if err != nil {
		return err
	}
	digits := page.DigitsOf(q.Currency)
	if len(a.Totals) > 0 {
		view.Total = lineOf(&a.Totals[0], digits)
	}
	lines, most := make([]analysisLine, len(a.Rows)), money.Micros(0)
	for i := range a.Rows {
		most = max(most, a.Rows[i].Share)
	}
	for i := range a.Rows {
		lines[i] = lineOf(&a.Rows[i], digits)
		v.nameLine(b, &lines[i], q.By)
		if most > 0 {
			lines[i].Part = max(0, scaled(a.Rows[i].Share, most, 1000))
		}
	}
	if view.Owners {
		addWaiting(lines, a, digits)
	}
	if q.By != creditnotes.ByMonth {
		view.Points = newPointChart(q.Currency, lines, digits)
	}
	view.Rows = page.Rows(view.List, lines, view.columns()...)
	view.trend(a, digits)
	view.held(a, digits)
	if v.May(access.Export) {
		view.List.Export("/analysis.csv", "CSV", "")
		view.List.Export("/analysis.xlsx", "XLSX", "")
	}
	return nil
}

func lineOf(r *creditnotes.AnalysisRow, digits int) analysisLine {
	return analysisLine{
		Key: r.Key, Name: r.Key, Sessions: r.Sessions, Unknown: r.Unknown, Energy: r.Energy, Driver: r.Driver.Round(digits), Share: r.Share.Round(digits),
		Operator: r.Operator().Round(digits), Awaited: r.Awaited().Round(digits), Beside: r.Beside.Round(digits), Fees: r.Fees.Round(digits),
	}
}

// nameLine says what the key of a row is, and where it leads.
func (v *Visit) nameLine(b *snapshot.Snapshot, line *analysisLine, by creditnotes.AnalysisBy) {
	switch by {
	case creditnotes.ByOwner:
		line.Name, line.Path = v.EntityName(line.Key), page.EntityPath(line.Key)
	case creditnotes.ByStation:
		if s := b.Network.Station(line.Key); s != nil && snapshot.SeesStation(v.Who, s) {
			line.Name, line.Path = s.Key+" · "+s.Name, page.StationPath(line.Key)
		}
	case creditnotes.ByMonth:
		line.Month = entities.Month(line.Key)
	}
}

// addWaiting adds what is awaited and held of owners to their rows.
func addWaiting(lines []analysisLine, a *creditnotes.Analysis, digits int) {
	at := map[string]*analysisLine{}
	for i := range lines {
		at[lines[i].Key] = &lines[i]
	}
	for i := range a.Awaited {
		if line := at[a.Awaited[i].Owner]; line != nil {
			line.Still = a.Awaited[i].Driver.Round(digits)
		}
	}
	for i := range a.Held {
		h := &a.Held[i]
		if line := at[h.Owner]; line != nil {
			line.Held = line.Held.Plus(h.Count)
			line.HeldWorth += h.Worth.Round(digits)
		}
	}
}

func (view *analysisView) columns() []page.Column[analysisLine] {
	type column = page.Column[analysisLine]
	amount := func(key, message string, of func(analysisLine) money.Amount) column {
		return column{Head: page.Head{Key: key, Message: message, Num: true}, By: page.By(func(l analysisLine) int64 { return int64(of(l)) })}
	}
	list := []column{
		{Head: page.Head{Key: "name", Message: "analysis_by_" + string(view.By)}, By: page.ByText(func(l analysisLine) string { return l.Name })},
		{Head: page.Head{Key: "sessions", Message: "analysis_sessions", Num: true}, By: page.By(func(l analysisLine) int64 { return l.Sessions })},
		{Head: page.Head{Key: "energy", Text: "kWh", Num: true}, By: page.By(func(l analysisLine) int64 { return int64(l.Energy) })},
		amount("driver", "analysis_driver", func(l analysisLine) money.Amount { return l.Driver }),
		amount("share", "analysis_share", func(l analysisLine) money.Amount { return l.Share }),
		amount("operator", "analysis_operator", func(l analysisLine) money.Amount { return l.Operator }),
	}
	if !view.Owners {
		list = append(list, amount("awaited", "analysis_awaited", func(l analysisLine) money.Amount { return l.Awaited }))
	}
	if view.Beside {
		list = append(list, amount("beside", "analysis_beside", func(l analysisLine) money.Amount { return l.Beside }),
			amount("fees", "analysis_fees", func(l analysisLine) money.Amount { return l.Fees }))
	}
	if view.Owners {
		list = append(list, amount("still", "analysis_still", func(l analysisLine) money.Amount { return l.Still }),
			amount("held", "analysis_held", func(l analysisLine) money.Amount { return l.HeldWorth }))
	}
	return list
}

// trend fills in the charts of the last months and the table beside them.
func (view *analysisView) trend(a *creditnotes.Analysis, digits int) {
	rows := map[entities.Month]*creditnotes.AnalysisRow{}
	for i := range a.Trend {
		rows[entities.Month(a.Trend[i].Key)] = &a.Trend[i]
	}
	var months []entities.Month
	var energy, driver, share []money.Micros
	for m := a.Until.AddMonths(1 - creditnotes.TrendMonths); m <= a.Until; m = m.Next() {
		r := rows[m]
		if r == nil {
			r = &creditnotes.AnalysisRow{Key: string(m)}
		}
		months, energy = append(months, m), append(energy, money.Micros(r.Energy))
		driver, share = append(driver, r.Driver), append(share, r.Share)
		line := lineOf(r, digits)
		line.Month = m
		view.Trend = append(view.Trend, line)
	}
	for _, c := range []*trendChart{
		newTrendChart("energy", "analysis_chart_energy", "", months, energy, 0),
		newTrendChart("share", "analysis_chart_share", view.Currency, months, share, digits),
		newTrendChart("driver", "analysis_chart_driver", view.Currency, months, driver, digits),
	} {
		if c != nil {
			view.Charts = append(view.Charts, c)
		}
	}
}

// held adds up what is held by reason.
func (view *analysisView) held(a *creditnotes.Analysis, digits int) {
	worth := map[string]money.Micros{}
	var total money.Micros
	for i := range a.Held {
		h := &a.Held[i]
		at := slices.IndexFunc(view.Held, func(l heldWorth) bool { return l.Reason == string(h.Reason) })
		if at < 0 {
			at, view.Held = len(view.Held), append(view.Held, heldWorth{Reason: string(h.Reason)})
		}
		line := &view.Held[at]
		line.Count, line.Unknown = line.Plus(h.Count), line.Unknown+h.Unknown
		view.HeldTotal.Count, view.HeldTotal.Unknown = view.HeldTotal.Plus(h.Count), view.HeldTotal.Unknown+h.Unknown
		worth[line.Reason] += h.Worth
		total += h.Worth
	}
	for i := range view.Held {
		view.Held[i].Worth = worth[view.Held[i].Reason].Round(digits)
	}
	view.HeldTotal.Worth = total.Round(digits)
	slices.SortStableFunc(view.Held, func(x, y heldWorth) int {
		return cmp.Or(cmp.Compare(y.Worth, x.Worth), cmp.Compare(x.Reason, y.Reason))
	})
}

// AnalysisCSV downloads the rows of the analysis.
func (v *Visit) AnalysisCSV() error {
	a, err := v.analysed()
	if err != nil {
		return err
	}
	return v.Stream(page.TypeCSV, "analysis.csv", func(w io.Writer) error { return export.AnalysisCSV(w, analysisLook(v.CSVLook(), a), a) })
}

// AnalysisXLSX downloads the analysis as a workbook: its rows, the trend, and what
// is held and awaited.
func (v *Visit) AnalysisXLSX() error {
	a, err := v.analysed()
	if err != nil {
		return err
	}
	sheets := export.AnalysisSheets{v.Message("analysis_by_" + string(a.By)), v.Message("analysis_trend"), v.Message("analysis_held_title"), v.Message("analysis_still")}
	return v.Stream(page.TypeXLSX, "analysis.xlsx", func(w io.Writer) error { return export.AnalysisXLSX(w, sheets, analysisLook(v.XLSXLook(""), a), a) })
}

// analysisLook names owners and stations beside the keys of an analysis by them.
func analysisLook(look *export.Look, a *creditnotes.Analysis) *export.Look {
	if a.By == creditnotes.ByOwner || a.By == creditnotes.ByStation {
		look.Key = string(a.By)
	}
	return look
}

func (v *Visit) analysed() (*creditnotes.Analysis, error) {
	_, _, q, err := v.askedAnalysis()
	if err != nil {
		return nil, err
	}
	return creditnotes.Analyze(v.R.Context(), v.Store, q)
}
