package document

import (
	"cmp"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
)

// mostPrinted is how many records, and how many sessions that were collected for
// previous periods, a report has on paper. More are in its workbook.
const mostPrinted = 3000

// origins sets what the records of each origin and month come to.
func (l *reportLetter) origins() {
	if len(l.report.Origins) == 0 {
		return
	}
	var rows []row
	for _, o := range l.report.Origins {
		kind := l.say("report_revenue")
		if o.Kind == creditnotes.RecordExpense {
			kind = l.say("report_expenses")
		}
		rows = append(rows, row{l.origin(o.Origin), kind, l.month(o.Month), l.count(o.Records), l.exact(o.Net)})
	}
	l.block("report_origins", []column{{head: l.say("column_component"), flex: true}, {}, {}, {head: l.say("report_records"), right: true}, {head: l.net(), right: true}}, rows)
}

// origin names why a record exists.
func (l *reportLetter) origin(origin string) string {
	switch creditnotes.Origin(origin) {
	case creditnotes.OriginSession:
		return l.say("column_sessions")
	case creditnotes.OriginElectricityCost:
		return l.say("component_electricity_cost")
	case creditnotes.OriginElectricityTax:
		return l.say("component_electricity_tax")
	case creditnotes.OriginPlatformFee:
		return l.say("report_platform_fee")
	case creditnotes.OriginTopUp:
		return l.say("movement_top_up")
	}
	return l.say("component_" + origin)
}

func (l *reportLetter) documents() {
	if len(l.report.Documents) == 0 {
		return
	}
	var rows []row
	for _, d := range l.report.Documents {
		rows = append(rows, row{cmp.Or(field(d.Number), "–"), l.say("title_" + string(d.Kind)), l.date(d.Date), l.written(d.Net), l.written(d.Gross)})
	}
	l.block("report_documents", []column{{head: l.say("label_number")}, {flex: true}, {head: l.say("label_date")},
		{head: l.net(), right: true}, {head: l.say("report_gross"), right: true}}, rows)
}

// account sets the movements with the running balance.
func (l *reportLetter) account() {
	a := &l.report.Account
	rows := []row{{l.say("report_opening"), "", "", "", l.written(a.Opening)}}
	for _, m := range a.Movements {
		rows = append(rows, row{field(m.Reference), l.moved(m.Kind), l.date(m.Value), l.written(m.Amount), l.written(m.Balance)})
	}
	rows = append(rows, row{l.say("report_closing"), "", "", "", l.written(a.Closing)})
	l.block("report_account", []column{{head: l.say("column_reference"), flex: true}, {}, {head: l.say("label_date")},
		{head: l.say("column_amount") + "\u00a0" + l.report.Currency, right: true}, {head: l.say("column_balance"), right: true}}, rows, 0, len(rows)-1)
}

// moved is what moved the account.
func (l *reportLetter) moved(kind string) string {
	switch creditnotes.MovementKind(kind) {
	case creditnotes.MovedCreditNote, creditnotes.MovedCancellation:
		return l.say("title_" + kind)
	}
	return l.say("movement_" + kind)
}

func (l *reportLetter) topUps() {
	if len(l.report.TopUps) == 0 {
		return
	}
	var rows []row
	for _, t := range l.report.TopUps {
		rows = append(rows, row{l.date(t.Date), field(t.ID), field(t.User), l.written(t.Amount)})
	}
	l.block("report_top_ups_list", []column{{head: l.say("label_date")}, {head: "ID"}, {flex: true}, {head: l.say("column_amount") + "\u00a0" + l.report.Currency, right: true}}, rows)
}

// heldSessions tells what is under review, and which own charging waits.
func (l *reportLetter) heldSessions() {
	columns := func() []column {
		return []column{{flex: true}, {head: l.say("column_sessions"), right: true}, {head: "kWh", right: true}}
	}
	rowsOf := func(list []creditnotes.ReportHeld) (rows []row) {
		for _, h := range list {
			rows = append(rows, row{l.say("reason_" + string(h.Reason)), l.count(h.Sessions), l.texts.Quantity(l.note.Language, h.Energy)})
		}
		return rows
	}
	if all := l.report.HeldBack(); all.Sessions > 0 {
		l.block("report_held", columns(), rowsOf(l.report.Held))
		l.space(-3)
		l.remark(l.say("report_held_note", "Count", int(all.Sessions), "Energy", l.texts.Quantity(l.note.Language, all.Energy)))
		l.space(4)
	}
	if len(l.report.OwnWaits) > 0 {
		l.block("report_own_waits", columns(), rowsOf(l.report.OwnWaits))
	}
}

// previous lists the sessions that were collected for previous periods.
func (l *reportLetter) previous() {
	n := l.report.Totals.PreviousSessions
	if n == 0 || n > mostPrinted {
		return
	}
	l.section("report_previous")
	t := &table{setter: l.setter, density: dense, x: left, across: right - left, columns: []column{
		l.dayColumn("label_date"), {head: "ID"}, {head: l.say("column_reference"), width: 30}, l.dayColumn("column_collected"),
		l.figureColumn(l.say("column_driver_amount"), "0.000,000000"), l.figureColumn(l.say("report_owner_share"), "0.000,000000"),
	}}
	t.columns[1].width = restOf(t)
	for one, err := range l.rows.Previous {
		if err != nil {
			l.fail(err)
			return
		}
		driver := ""
		if one.Driver != nil {
			driver = l.exact(*one.Driver)
		}
		t.row(row{l.day(one.End), field(one.Session), field(one.Number), l.day(one.CollectedAt), driver, l.exact(one.Total())}, annexStyle)
	}
	l.space(4)
}

// records lists every record, in small type.
func (l *reportLetter) records() {
	if l.report.RecordCount == 0 {
		return
	}
	l.section("report_records")
	if l.report.RecordCount > mostPrinted {
		l.paragraph(left, right-left, l.say("report_records_many", "Records", l.count(l.report.RecordCount)), small)
		return
	}
	const amount = "0.000,000000"
	t := &table{setter: l.setter, density: dense, x: left, across: right - left, columns: []column{
		l.dayColumn("label_date"), {head: l.say("column_component")}, {head: l.say("column_station")}, l.figureColumn("kWh", "000,000"),
		l.figureColumn(l.say("column_driver_amount"), amount), l.figureColumn(l.say("report_owner_share"), amount), l.figureColumn(l.net(), amount),
		l.dayColumn("column_collected"), {head: l.say("column_reference"), width: 19},
	}}
	rest := restOf(t)
	t.columns[1].width, t.columns[2].width = rest*0.6, rest*0.4
	for r, err := range l.rows.Records {
		if err != nil {
			l.fail(err)
			return
		}
		t.row(l.record(&r), annexStyle)
	}
}

// record is one record; that of a session is named by the session.
func (l *reportLetter) record(r *creditnotes.ReportRecord) row {
	cells := row{l.date(r.Date), l.origin(r.Origin), field(r.Station), "", "", "", l.written(r.Net), "", field(r.Document)}
	switch {
	case r.Text != "":
		cells[1] = field(r.Text)
	case r.Origin == string(creditnotes.OriginSession):
		cells[1] = field(r.Session)
	case r.User != "":
		cells[1] += " " + field(r.User)
	}
	if r.Energy != 0 {
		cells[3] = l.texts.Quantity(l.note.Language, r.Energy)
	}
	if r.Driver != nil {
		cells[4] = l.written(*r.Driver)
	}
	if r.Share != "" {
		cells[5] = l.written(r.Share)
	}
	if r.CollectedAt != nil {
		if at, err := time.Parse(time.RFC3339, *r.CollectedAt); err == nil {
			cells[7] = l.date(entities.Date(at.Format(time.DateOnly)))
		}
	}
	return cells
}

// day is the day of a time in the zone of the report; the zero time has none.
func (l *reportLetter) day(at time.Time) string {
	zone, err := time.LoadLocation(l.report.TimeZone)
	if at.IsZero() || err != nil {
		return ""
	}
	return l.date(entities.DateOf(at, zone))
}

// dayColumn is a column of days, as wide as the longest name of a month.
func (l *reportLetter) dayColumn(key string) column {
	c := l.figureColumn(l.say(key), "")
	c.width, c.right = max(c.width, l.widestDay(annexStyle)+0.5), false
	return c
}

// restOf is what is left beside the columns that have a width.
func restOf(t *table) float64 {
	rest := t.across - t.gap*float64(len(t.columns)-1)
	for _, c := range t.columns {
		rest -= c.width
	}
	return rest
}
