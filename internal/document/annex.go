package document

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// annex sets the sessions of a note behind the letter, row by row as they come
// (domain.md §2.2: session detail "pdf").
type annex struct {
	*letter
	table *table
}

// The annex is set in small type: a month has many sessions.
var annexStyle = style{size: 7, ink: black}

// newAnnex begins the annex on a page of its own.
func (r *Renderer) newAnnex(n *creditnotes.Note) *annex {
	a := &annex{letter: r.newLetter(n)}
	a.onPage = a.runningHead
	a.newPage()
	a.paragraph(left, right-left, a.say("column_sessions"), section)
	a.space(1.5)
	a.table = &table{setter: a.setter, x: left, across: right - left, columns: []column{
		{head: a.say("label_date"), width: 23},
		{head: "ID", width: 33},
		{head: "EVSE", width: 32},
		{head: "kWh", right: true, width: 14},
		{head: a.say("component_energy"), right: true, width: 15},
		{head: a.say("component_time"), right: true, width: 13},
		{head: a.say("component_fee"), right: true, width: 13},
		{head: a.say("column_net", "Currency", n.Currency), right: true, width: 15},
	}}
	a.table.shrink()
	return a
}

// shrink makes the columns fit where gaps and widths are wider than the page.
func (t *table) shrink() {
	used := gap * float64(len(t.columns)-1)
	sum := 0.0
	for _, c := range t.columns {
		sum += c.width
	}
	for i := range t.columns {
		t.columns[i].width *= (t.across - used) / sum
	}
}

// row sets one session: its local begin and the exact amounts of its line.
func (a *annex) row(d *creditnotes.Detail, zone *time.Location) {
	l := &d.Line
	begin := d.Session.Start.In(zone)
	day := a.date(entities.Date(begin.Format(time.DateOnly))) + "\u00a0" + begin.Format("15:04")
	a.table.row(row{
		day, d.Session.ExternalID, d.Path.EVSEID, a.texts.Quantity(a.note.Language, l.Energy),
		a.micros(l.NetEnergy), a.micros(l.NetTime), a.micros(l.NetFee), a.micros(l.NetEnergy + l.NetTime + l.NetFee),
	}, annexStyle)
}

// micros writes an amount to its last digit, and to the digits of the currency
// at least.
func (a *annex) micros(m money.Micros) string {
	v, decimals := int64(m), money.MicroDecimals
	for decimals > a.note.Document.CurrencyDigits && v%10 == 0 {
		v, decimals = v/10, decimals-1
	}
	return a.texts.Number(a.note.Language, v, decimals)
}
