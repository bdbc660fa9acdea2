package document

import (
	"fmt"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
)

// reportLetter sets a settlement report with the head, the address and the foot
// of a note.
type reportLetter struct {
	*letter
	report *creditnotes.SettlementReport
	rows   creditnotes.ReportRows
}

// ReportPDF implements creditnotes.ReportPrinter. The same report always gives the
// same bytes.
func (r *Renderer) ReportPDF(report *creditnotes.SettlementReport, rows creditnotes.ReportRows) ([]byte, error) {
	note := report.Letter()
	note.Logo = report.LogoFile
	l := &reportLetter{r.newLetter(note), report, rows}
	colors, err := l.dress(r)
	if err != nil {
		return nil, fmt.Errorf("PDF of report %s: %w", report.Name, err)
	}
	l.compose()
	content, err := pdf.Write(r.face, &pdf.Document{Properties: l.properties(), Pages: l.pages, Structure: l.root, Recolor: colors})
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
	l.y = max(l.y+7, 101)
	l.mainHeading(l.title())
	l.space(2)
	l.paragraph(left, right-left, field(l.report.OwnerName)+" · "+l.periodOfReport(), plain)
	l.space(3)
	l.figures()
	l.charts()
	l.origins()
	l.documents()
	l.account()
	l.topUps()
	l.previous()
	l.heldSessions()
	l.records()
	l.space(2)
	l.paragraph(left, right-left, "SHA-256 "+l.report.SHA256, tiny)
	l.finishPages()
}

// periodOfReport names the months of the report.
func (l *reportLetter) periodOfReport() string {
	from, to := l.month(l.report.Period.From), l.month(l.report.Period.To)
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

func (l *reportLetter) count(n int64) string { return l.texts.Number(l.note.Language, n, 0) }

// net is the head of a column of net amounts.
func (l *reportLetter) net() string { return l.say("column_net", "Currency", l.report.Currency) }

// figures sets the totals: driver amounts, and the owner's share beside them.
func (l *reportLetter) figures() {
	t := &l.report.Totals
	columns := []column{{head: "", flex: true}, {head: l.say("report_driver_amounts"), right: true}, {head: l.say("report_owner_share") + " " + l.report.Currency, right: true}}
	l.block("report_totals", columns, []row{
		{l.say("report_collected"), l.written(t.Collected), l.written(t.CollectedShare)},
		{l.say("report_awaited"), l.written(t.Awaited), l.written(t.AwaitedShare)},
		{l.say("report_not_from_drivers"), "", l.written(t.NotFromDrivers)},
		{l.say("report_rounding"), "", l.written(t.Rounding)},
		{l.say("report_revenue"), "", l.written(t.Revenue)},
		{l.say("report_late"), "", l.written(t.RevenueLate)},
		{l.say("report_expenses"), "", l.written(t.Expenses)},
		{l.say("report_top_ups"), "", l.written(t.TopUps)},
	}, 4, 6)
	l.space(-3)
	l.paragraph(left, right-left, l.energies(), small)
	if t.Unknown > 0 {
		l.paragraph(left, right-left, l.say("report_unknown")+"\u00a0"+l.count(t.Unknown), small)
	}
	l.space(3)
	l.block("report_still_awaited", columns, []row{
		{l.say("report_awaited_before"), l.written(t.AwaitedBefore), l.written(t.AwaitedBeforeShare)},
		{l.say("report_awaited"), l.written(t.Awaited), l.written(t.AwaitedShare)},
		{l.say("report_previous"), l.written(t.CollectedPrevious), l.written(t.PreviousShare)},
		{l.say("report_cancelled"), l.written(t.Cancelled), l.written(t.CancelledShare)},
		{l.say("report_still_awaited"), l.written(t.StillAwaited), l.written(t.StillAwaitedShare)},
	}, 4)
}

// energies names the sessions and kWh that were credited, and those of own
// charging.
func (l *reportLetter) energies() string {
	t := &l.report.Totals
	text := l.say("column_sessions") + "\u00a0" + l.count(t.Sessions) + " · " + l.texts.Quantity(l.note.Language, t.Energy) + "\u00a0kWh"
	if t.OwnCharging != 0 {
		text += " · " + l.say("component_own_charging") + "\u00a0" + l.texts.Quantity(l.note.Language, t.OwnCharging) + "\u00a0kWh"
	}
	return text
}

// block sets a table under a heading, and keeps the heading with its first rows.
// The rows in bold are named by their place.
func (l *reportLetter) block(heading string, columns []column, rows []row, bold ...int) {
	l.section(heading)
	t := &table{setter: l.setter, density: roomy, x: left, across: right - left, columns: columns, bold: true}
	t.fitColumns(rows, 40)
	for i, r := range rows {
		if i > 0 {
			t.line()
		}
		st := plain
		for _, b := range bold {
			if b == i {
				st = strong
			}
		}
		t.row(r, st)
	}
	t.line()
	l.space(4)
}

// section sets a heading that does not stand alone at the foot of a page.
func (l *reportLetter) section(key string) {
	l.need(30)
	l.partHeading(l.say(key))
	l.space(1.5)
}
