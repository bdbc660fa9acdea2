package document

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
)

// charts sets the revenue by day as bars with a table of its figures, and by
// station as a table with bars: both can be read without the picture.
func (l *reportLetter) charts() {
	if len(l.report.Days) > 0 {
		l.together(func() {
			l.section("report_by_day")
			l.days()
			l.space(4)
		})
	}
	if len(l.report.Stations) > 0 {
		l.section("report_by_station")
		l.stations()
		l.space(4)
	}
}

// Measures of the chart of days, in millimeters.
const (
	chartHeight = 32.0
	widestBar   = 8.0
)

// days draws a bar for each day that has sessions, above a line for zero, with
// the highest amount beside it, and lists the figures below.
func (l *reportLetter) days() {
	list := l.report.Days
	most, least := money.Micros(0), money.Micros(0)
	for _, d := range list {
		most, least = max(most, d.Net), min(least, d.Net)
	}
	l.need(chartHeight + 14)
	scale := chartHeight / share(int64(max(most-least, 1)), 1)
	zero := l.y + share(int64(most), 1)*scale
	wide := (right - left) / share(int64(len(list)), 1)
	thick := min(wide*0.8, widestBar)
	chart := l.figure(l.chartWords(list, most), left, l.y, right-left, chartHeight+1+tiny.Pitch())
	l.resume(chart, func() {
		for i, d := range list {
			x, tall := left+share(int64(i), 1)*wide+(wide-thick)/2, share(int64(d.Net), 1)*scale
			y := zero - tall
			if tall < 0 {
				y, tall = zero, -tall
			}
			l.bar(x, y, thick, tall, accent)
			l.lastBar().In = chart
		}
		if most > 0 {
			l.textRight(right, l.y-0.7, l.exact(most), tiny)
		}
	})
	if most > 0 {
		l.rule(left, l.y, right-left, hair)
	}
	l.rule(left, zero, right-left, gray)
	l.y += chartHeight + 1
	l.resume(chart, func() { l.axis(list, wide) })
	l.dayTable(list)
}

// chartWords say what the chart of days shows; the figures stand in the table below
// it.
func (l *reportLetter) chartWords(list []creditnotes.ReportSum, most money.Micros) string {
	first, last := l.date(entities.Date(list[0].Name)), l.date(entities.Date(list[len(list)-1].Name))
	return l.say("report_by_day") + ": " + first + " – " + last + ", ≤ " + l.exact(most) + " " + l.report.Currency
}

// axis names the first and the last day below their bars.
func (l *reportLetter) axis(list []creditnotes.ReportSum, wide float64) {
	first, last := l.date(entities.Date(list[0].Name)), l.date(entities.Date(list[len(list)-1].Name))
	baseline := l.y + tiny.Baseline()
	if len(list) == 1 {
		l.text(left+(wide-l.Width(first, tiny))/2, baseline, first, tiny)
	} else {
		l.text(left, baseline, first, tiny)
		l.textRight(right, baseline, last, tiny)
	}
	l.y += tiny.Pitch() + 1
}

// dayTable lists the days in columns side by side, downwards.
func (l *reportLetter) dayTable(list []creditnotes.ReportSum) {
	t := &table{setter: l.setter, density: dense, x: left, across: right - left}
	side := 3
	if len(list) < side {
		side = len(list)
	}
	const dayWidth, netWidth, apart = 20, 24, 5
	for range side {
		t.columns = append(t.columns, column{head: l.say("label_date"), width: dayWidth}, column{head: l.net(), right: true, width: netWidth}, column{width: apart})
	}
	down := (len(list) + side - 1) / side
	for i := range down {
		cells := row{}
		for k := range side {
			if at := i + k*down; at < len(list) {
				cells = append(cells, l.date(entities.Date(list[at].Name)), l.exact(list[at].Net), "")
			}
		}
		t.row(cells, annexStyle)
	}
}

// share divides lengths: what is drawn, and never money that is written.
func share(part, whole int64) float64 { return float64(part) / float64(whole) }

// stations sets a table with a bar below each name, the highest revenue first.
func (l *reportLetter) stations() {
	list := slices.Clone(l.report.Stations)
	slices.SortStableFunc(list, func(a, b creditnotes.ReportSum) int { return int(max(-1, min(1, b.Net-a.Net))) })
	t := &table{setter: l.setter, density: roomy, x: left, across: right - left, columns: []column{
		{head: l.say("column_station"), flex: true}, {head: l.say("column_sessions"), right: true}, {head: "kWh", right: true}, {head: l.net(), right: true},
	}}
	var rows []row
	for _, s := range list {
		rows = append(rows, row{field(s.Name), l.count(s.Sessions), l.texts.Quantity(l.note.Language, s.Energy), l.exact(s.Net)})
	}
	t.fitColumns(rows, 60)
	most := max(list[0].Net, 1)
	for i, r := range rows {
		t.row(r, plain)
		if list[i].Net > 0 {
			l.bar(left, l.y-0.7, t.columns[0].width*share(int64(list[i].Net), int64(most)), 0.7, accent)
		}
	}
}

// figureColumn is a column of figures in small type, wide enough for its head
// word by word.
func (l *reportLetter) figureColumn(head, widest string) column {
	c := column{head: head, right: true, width: l.Width(widest, annexStyle) + 0.5}
	for _, word := range pdf.Words(head) {
		c.width = max(c.width, l.Width(word, dense.head)+0.1)
	}
	return c
}
