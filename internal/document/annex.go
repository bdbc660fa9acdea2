package document

import (
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
)

// annex sets the sessions of a note behind the letter, row by row as they come
// (domain.md §2.2: session detail "pdf").
type annex struct {
	*letter
	table   *table
	settled bool // by contract
}

// The annex is set in small type: a month has many sessions.
var annexStyle = pdf.Style{Size: 6.5, Color: black}

// newAnnex begins the annex on a page of its own.
func (r *Renderer) newAnnex(n *creditnotes.Note) *annex {
	a := &annex{letter: r.newLetter(n)}
	a.onPage = a.runningHead
	a.newPage()
	a.paragraph(left, right-left, a.say("column_sessions"), section)
	a.space(1.5)
	heads := [...]string{"component_energy", "component_time", "component_fee"}
	if a.settled = settledByContract(n); a.settled {
		heads = [...]string{"component_share", "component_electricity_cost", "component_session_fees"}
	}
	figures := func(head, widest string) column {
		c := column{head: head, right: true, width: a.Width(widest, annexStyle)}
		for _, word := range pdf.Words(head) {
			c.width = max(c.width, a.Width(strings.TrimSpace(word), dense.head)+0.1)
		}
		return c
	}
	const amount = "0.000,000000"
	a.table = &table{setter: a.setter, density: dense, x: left, across: right - left, columns: []column{
		{head: a.say("label_date"), width: a.Width(a.date("2026-10-31")+" 00:00", annexStyle) + 0.5},
		{head: "ID"},
		{head: "EVSE"},
		figures("kWh", "0.000,000"),
		figures(a.say(heads[0]), amount),
		figures(a.say(heads[1]), amount),
		figures(a.say(heads[2]), amount),
		figures(a.say("column_net", "Currency", n.Currency), amount),
	}}
	rest := a.table.across - dense.gap*float64(len(a.table.columns)-1)
	for _, c := range a.table.columns {
		rest -= c.width
	}
	a.table.columns[1].width, a.table.columns[2].width = rest*0.52, rest*0.48
	return a
}

// settledByContract reports whether contracts settle sessions of the note, so
// that the annex shows the share, the electricity with its tax, and the fees.
func settledByContract(n *creditnotes.Note) bool {
	return slices.ContainsFunc(n.Positions, func(p creditnotes.Position) bool { return p.Contract != "" && p.Station != "" })
}

// add sets one session: its local begin and the exact amounts of its line.
func (a *annex) add(d *creditnotes.Detail, zone *time.Location, _ []string) error {
	l := &d.Line
	parts := [...]money.Micros{l.NetEnergy, l.NetTime, l.NetFee}
	if a.settled {
		parts = [...]money.Micros{l.NetShare + l.NetEnergy + l.NetTime + l.NetFee, l.NetElectricityCost + l.NetElectricityTax, l.NetSessionFees}
	}
	begin := d.Session.Start.In(zone)
	day := a.date(entities.Date(begin.Format(time.DateOnly))) + "\u00a0" + begin.Format("15:04")
	name := field(d.Session.ExternalID)
	if d.Path.CollectedLater {
		name += "\n(" + a.say("collected_later") + ")"
	}
	a.table.row(row{
		day, name, field(d.Path.EVSEID), a.texts.Quantity(a.note.Language, l.Energy),
		a.micros(parts[0]), a.micros(parts[1]), a.micros(parts[2]), a.micros(l.Total()),
	}, annexStyle)
	return nil
}

// close leaves the pages to the document.
func (a *annex) close() error { return nil }

// micros writes an amount with all the decimals that are kept, as the session
// file does, so that a column of them lines up.
func (a *annex) micros(m money.Micros) string {
	return a.texts.Number(a.note.Language, int64(m), money.MicroDecimals)
}
