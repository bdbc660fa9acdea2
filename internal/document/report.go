package document

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
	"creditrun/numbering"
)

// settlementReport is the kind under which a report is set as a letter.
const settlementReport numbering.DocumentType = "settlement_report"

// reportLetter sets a settlement report with the head, the address and the foot
// of a note.
type reportLetter struct {
	*letter
	report *creditnotes.SettlementReport
}

// ReportPDF renders a settlement report from the report alone. The same report
// always gives the same bytes.
func (r *Renderer) ReportPDF(report *creditnotes.SettlementReport) ([]byte, error) {
	note := &creditnotes.Note{
		Kind: settlementReport, Number: report.Name, Language: report.Language, Currency: report.Currency,
		Date: entities.DateOf(report.FrozenAt, time.UTC), IssuedAt: report.FrozenAt,
		PeriodFrom: report.Period.From.FirstDay(), PeriodTo: report.Period.To.LastDay(),
		Document: creditnotes.Document{Issuer: report.Issuer, Recipient: report.To, CurrencyDigits: report.Digits, Color: report.Color, TimeZone: report.TimeZone},
	}
	l := &reportLetter{r.newLetter(note), report}
	colors, err := l.dress(r)
	if err != nil {
		return nil, fmt.Errorf("PDF of report %s: %w", report.Name, err)
	}
	l.compose()
	content, err := pdf.Write(r.face, &pdf.Document{Properties: l.properties(), Pages: l.pages, Recolor: colors})
	if err == nil {
		err = l.err
	}
	if err != nil {
		return nil, fmt.Errorf("PDF of report %s: %w", report.Name, err)
	}
	return content, nil
}

func (l *reportLetter) compose() {
	l.newPage()
	l.head()
	l.y = max(l.y+6, 98)
	l.text(left, l.y+headline.Baseline(), l.Fit(l.title(), headline, right-left), headline)
	l.y += headline.Pitch() + 1
	l.paragraph(left, right-left, field(l.report.OwnerName)+" · "+l.periodOfReport(), plain)
	l.space(3)
	l.together(l.figures)
	l.charts()
	l.documents()
	l.account()
	l.heldSessions()
	l.paragraph(left, right-left, "SHA-256 "+l.report.SHA256, tiny)
	l.finishPages()
}

// periodOfReport names the months of the report.
func (l *reportLetter) periodOfReport() string {
	from, to := l.texts.Month(l.note.Language, l.report.Period.From), l.texts.Month(l.note.Language, l.report.Period.To)
	if from == to {
		return from
	}
	return from + " – " + to
}

// written is a figure of a report in the language of the document, with the
// decimals that it has.
func (l *reportLetter) written(figure string) string {
	_, decimals, _ := strings.Cut(figure, ".")
	value, err := money.Parse(figure, len(decimals))
	if err != nil {
		l.fail(err)
	}
	return l.texts.Number(l.note.Language, value, len(decimals))
}

// exact writes a sum in millionths.
func (l *reportLetter) exact(m money.Micros) string {
	return l.texts.Number(l.note.Language, int64(m), money.MicroDecimals)
}

// figures sets the totals: driver amounts, and the owner's share beside them.
func (l *reportLetter) figures() {
	t := &l.report.Totals
	l.section("report_totals")
	rows := []row{
		{l.say("report_collected"), l.written(t.Collected), l.written(t.CollectedShare)},
		{l.say("report_awaited"), l.written(t.Awaited), l.written(t.AwaitedShare)},
		{l.say("report_not_from_drivers"), "", l.written(t.NotFromDrivers)},
		{l.say("report_rounding"), "", l.written(t.Rounding)},
		{l.say("report_revenue"), "", l.written(t.Revenue)},
		{l.say("report_expenses"), "", l.written(t.Expenses)},
		{l.say("report_top_ups"), "", l.written(t.TopUps)},
	}
	bold := map[int]bool{4: true, 5: true}
	l.reportTable([]column{{head: "", flex: true}, {head: l.say("report_driver_amounts"), right: true}, {head: l.say("report_owner_share") + " " + l.report.Currency, right: true}},
		rows, bold)
	if t.Unknown > 0 {
		l.paragraph(left, right-left, l.say("report_unknown")+": "+l.texts.Number(l.note.Language, t.Unknown, 0), small)
	}
	l.space(3)
	l.reportTable([]column{{head: "", flex: true}, {head: l.say("report_driver_amounts"), right: true}, {head: l.say("report_owner_share") + " " + l.report.Currency, right: true}}, []row{
		{l.say("report_awaited_before"), l.written(t.AwaitedBefore), l.written(t.AwaitedBeforeShare)},
		{l.say("report_awaited"), l.written(t.Awaited), l.written(t.AwaitedShare)},
		{l.say("report_previous"), l.written(t.CollectedPrevious), l.written(t.PreviousShare)},
		{l.say("report_cancelled"), l.written(t.Cancelled), l.written(t.CancelledShare)},
		{l.say("report_still_awaited"), l.written(t.StillAwaited), l.written(t.StillAwaitedShare)},
	}, map[int]bool{4: true})
	l.space(4)
}

// reportTable sets rows, some of them in bold type.
func (l *reportLetter) reportTable(columns []column, rows []row, bold map[int]bool) {
	t := &table{setter: l.setter, density: roomy, x: left, across: right - left, columns: columns}
	t.fitColumns(rows, 40)
	for i, r := range rows {
		if i > 0 {
			t.line()
		}
		st := plain
		if bold[i] {
			st = strong
		}
		t.row(r, st)
	}
	if len(rows) > 0 {
		t.line()
	}
}

// charts sets the revenue by day as bars, and by station as a table with bars:
// both can be read without the picture.
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
		l.bars(l.report.Stations, func(s creditnotes.ReportSum) string { return field(s.Name) })
		l.space(4)
	}
}

// days draws a bar for each day from the first to the last, with the figures of
// the highest and the lowest of them below.
func (l *reportLetter) days() {
	const height = 32.0
	list := l.report.Days
	most, least := money.Micros(1), money.Micros(0)
	for _, d := range list {
		most, least = max(most, d.Net), min(least, d.Net)
	}
	l.need(height + 10)
	scale := height / share(int64(most-least), 1)
	zero := l.y + share(int64(most), 1)*scale
	wide := (right - left) / share(int64(len(list)), 1)
	for i, d := range list {
		x, tall := left+share(int64(i), 1)*wide, share(int64(d.Net), 1)*scale
		y := zero - tall
		if tall < 0 {
			y, tall = zero, -tall
		}
		l.bar(x+wide*0.1, y, min(wide*0.8, 8), tall, accent)
	}
	l.rule(left, zero, right-left, hair)
	l.y += height + 1
	l.text(left, l.y+tiny.Baseline(), l.date(entities.Date(list[0].Name)), tiny)
	l.textRight(right, l.y+tiny.Baseline(), l.date(entities.Date(list[len(list)-1].Name)), tiny)
	l.y += tiny.Pitch() + 1
	t := &table{setter: l.setter, density: dense, x: left, across: right - left}
	for range 3 {
		t.columns = append(t.columns, column{head: l.say("label_date"), width: 22}, column{head: l.say("column_net", "Currency", l.report.Currency), right: true, width: 27})
	}
	third := (len(list) + 2) / 3
	for i := range third {
		cells := row{}
		for k := range 3 {
			if at := i + k*third; at < len(list) {
				cells = append(cells, l.date(entities.Date(list[at].Name)), l.exact(list[at].Net))
			}
		}
		t.row(cells, annexStyle)
	}
}

// share divides lengths: what is drawn, and never money that is written.
func share(part, whole int64) float64 { return float64(part) / float64(whole) }

// bars sets a table with a bar behind each name.
func (l *reportLetter) bars(list []creditnotes.ReportSum, name func(creditnotes.ReportSum) string) {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b creditnotes.ReportSum) int { return int(max(-1, min(1, b.Net-a.Net))) })
	t := &table{setter: l.setter, density: roomy, x: left, across: right - left, columns: []column{
		{head: l.say("column_station"), flex: true}, {head: l.say("column_sessions"), right: true}, {head: "kWh", right: true},
		{head: l.say("column_net", "Currency", l.report.Currency), right: true},
	}}
	var rows []row
	for _, s := range list {
		rows = append(rows, row{name(s), l.texts.Number(l.note.Language, s.Sessions, 0), l.texts.Quantity(l.note.Language, s.Energy), l.exact(s.Net)})
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

func (l *reportLetter) documents() {
	if len(l.report.Documents) == 0 {
		return
	}
	l.section("report_documents")
	var rows []row
	for _, d := range l.report.Documents {
		rows = append(rows, row{d.Number, l.say("title_" + string(d.Kind)), l.date(d.Date), l.written(d.Net), l.written(d.Gross)})
	}
	l.reportTable([]column{{head: l.say("label_number")}, {head: "", flex: true}, {head: l.say("label_date")},
		{head: l.say("column_net", "Currency", l.report.Currency), right: true}, {head: l.say("report_gross"), right: true}}, rows, nil)
	l.space(4)
}

func (l *reportLetter) account() {
	a := &l.report.Account
	l.section("report_account")
	rows := []row{{l.say("report_opening"), "", "", l.written(a.Opening)}}
	for _, m := range a.Movements {
		rows = append(rows, row{m.Reference, l.date(m.Value), l.written(m.Amount), l.written(m.Balance)})
	}
	rows = append(rows, row{l.say("report_closing"), "", "", l.written(a.Closing)})
	l.reportTable([]column{{head: "", flex: true}, {head: l.say("label_date")}, {head: l.report.Currency, right: true}, {head: "", right: true}},
		rows, map[int]bool{0: true, len(rows) - 1: true})
	l.space(4)
}

// heldSessions tells what is under review.
func (l *reportLetter) heldSessions() {
	var all creditnotes.Count
	for _, h := range l.report.Held {
		all = all.Plus(creditnotes.Count{Sessions: h.Sessions, Energy: h.Energy})
	}
	if all.Sessions > 0 {
		var rows []row
		for _, h := range l.report.Held {
			rows = append(rows, row{l.say("reason_" + string(h.Reason)), l.texts.Number(l.note.Language, h.Sessions, 0), l.texts.Quantity(l.note.Language, h.Energy)})
		}
		l.reportTable([]column{{head: "", flex: true}, {head: l.say("column_sessions"), right: true}, {head: "kWh", right: true}}, rows, nil)
		l.space(1)
		l.remark(l.say("note_held", "Count", int(all.Sessions), "Energy", l.texts.Quantity(l.note.Language, all.Energy)))
	}
}
