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
)

// annex lists the sessions of a note behind the letter, station by station
// (domain.md §2.2: session detail "pdf").
type annex struct {
	*letter
	table   *table
	settled bool // by contract
	places  []*annexPlace
	byKey   map[annexKey]*annexPlace
	owners  map[string]int // in the order in which they come
}

// annexKey is a station of an owner.
type annexKey struct {
	owner   int
	station string
}

// annexPlace is what the annex lists of a station: its sessions in the order in
// which they come, and their sums.
type annexPlace struct {
	annexKey
	rows []row
	sum  annexSum
}

// annexSum is the figures of a row.
type annexSum struct {
	energy money.Quantity
	parts  [3]money.Micros
	net    money.Micros
}

// The annex is set in small type: a month has many sessions.
var (
	annexStyle   = pdf.Style{Size: 6.5, Color: black}
	annexSums    = pdf.Style{Bold: true, Size: 6.5, Color: black}
	annexHeading = pdf.Style{Bold: true, Size: 7.5, Color: accent}
)

// annexTexts is how many columns of the annex come before the figures.
const annexTexts = 5

// newAnnex begins an annex.
func (r *Renderer) newAnnex(n *creditnotes.Note) *annex {
	a := &annex{letter: r.newLetter(n), settled: settledByContract(n), byKey: map[annexKey]*annexPlace{}, owners: map[string]int{}}
	a.onPage = a.runningHead
	return a
}

// settledByContract reports whether contracts settle sessions of the note, so
// that the annex shows the share, the electricity with its tax, and the fees.
func settledByContract(n *creditnotes.Note) bool {
	return slices.ContainsFunc(n.Positions, func(p creditnotes.Position) bool { return p.Contract != "" && p.Station != "" })
}

// add takes one session: its local begin and end, and the exact amounts of its
// line.
func (a *annex) add(d *creditnotes.Detail, zone *time.Location, _ []string) error {
	l := &d.Line
	figures := annexSum{energy: l.Energy, parts: [3]money.Micros{l.NetEnergy, l.NetTime, l.NetFee}, net: l.Total()}
	if a.settled {
		figures.parts = [3]money.Micros{l.NetShare + l.NetEnergy + l.NetTime + l.NetFee, l.NetElectricityCost + l.NetElectricityTax, l.NetSessionFees}
	}
	begin, end := d.Session.Start.In(zone), d.Session.End.In(zone)
	day := a.date(entities.DateOf(begin, zone)) + "\u00a0" + begin.Format("15:04")
	texts := row{day, ending(begin, end), duration(d.Session.Duration), strings.Join(append([]string{field(d.Session.ExternalID)}, a.marks(d)...), "\n"), field(d.Path.EVSEID)}
	place := a.place(d.Owner, d.Path.Station)
	place.rows = append(place.rows, append(texts, a.figures(&figures)...))
	place.sum.add(&figures)
	return nil
}

// place is where the sessions of a station of an owner are listed.
func (a *annex) place(owner, station string) *annexPlace {
	if _, known := a.owners[owner]; !known {
		a.owners[owner] = len(a.owners)
	}
	key := annexKey{a.owners[owner], station}
	p := a.byKey[key]
	if p == nil {
		p = &annexPlace{annexKey: key}
		a.byKey[key], a.places = p, append(a.places, p)
	}
	return p
}

// marks say what is special about a session.
func (a *annex) marks(d *creditnotes.Detail) (marks []string) {
	for _, m := range []struct {
		applies bool
		key     string
	}{{d.Path.CollectedLater, "collected_later"}, {d.Late, "mark_late"}, {d.Line.Correction, "mark_correction"}} {
		if m.applies {
			marks = append(marks, "("+a.say(m.key)+")")
		}
	}
	return marks
}

// ending is the time of the end, with the days that lie between: 00:12 +1.
func ending(begin, end time.Time) string {
	text := end.Format("15:04")
	midnight := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	if days := int(midnight(end).Sub(midnight(begin)) / (24 * time.Hour)); days != 0 {
		text += fmt.Sprintf("\u00a0%+d", days)
	}
	return text
}

// duration writes seconds as hours, minutes and seconds.
func duration(seconds int64) string {
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

func (s *annexSum) add(other *annexSum) {
	s.energy, s.net = s.energy+other.energy, s.net+other.net
	for i := range s.parts {
		s.parts[i] += other.parts[i]
	}
}

// figures are the cells of figures.
func (a *annex) figures(s *annexSum) row {
	cells := row{a.texts.Quantity(a.note.Language, s.energy)}
	for _, part := range s.parts {
		cells = append(cells, a.micros(part))
	}
	return append(cells, a.micros(s.net))
}

// close leaves the pages to the document.
func (a *annex) close() error { return nil }

// micros writes an amount with all the decimals that are kept, as the session
// file does, so that a column of them lines up.
func (a *annex) micros(m money.Micros) string {
	return a.texts.Number(a.note.Language, int64(m), money.MicroDecimals)
}

// finish sets what was taken on pages: the stations of each owner in their
// order, each with its sum.
func (a *annex) finish() {
	slices.SortStableFunc(a.places, func(p, q *annexPlace) int {
		if p.owner != q.owner {
			return p.owner - q.owner
		}
		return creditnotes.CompareNaturally(p.station, q.station)
	})
	a.newPage()
	a.partHeading(a.say("column_sessions"))
	a.mark(a.say("column_sessions"))
	a.space(1.5)
	a.table = &table{setter: a.setter, density: dense, x: left, across: right - left, columns: a.annexColumns()}
	for _, p := range a.places {
		a.station(p)
	}
}

// station sets the sessions of a station and their sum.
func (a *annex) station(p *annexPlace) {
	name := a.stationName(p.station)
	a.table.heading(name, annexHeading)
	a.mark(name)
	for i, r := range p.rows {
		if i == len(p.rows)-1 {
			a.table.keep = annexSums.Pitch() + 2*dense.padding
		}
		a.table.row(r, annexStyle)
	}
	a.table.keep = 0
	a.table.line()
	sum := row{a.say("subtotal", "Owner", name), "", "", "", ""}
	a.table.row(append(sum, a.figures(&p.sum)...), annexSums)
}

// stationName names a station as the positions do.
func (a *annex) stationName(key string) string {
	for i := range a.note.Positions {
		if p := &a.note.Positions[i]; p.Station == key {
			return stationOf(p)
		}
	}
	return field(key)
}

// annexColumns are as wide as what stands in them; ids share what is left.
func (a *annex) annexColumns() []column {
	heads := [...]string{"component_energy", "component_time", "component_fee"}
	if a.settled {
		heads = [...]string{"component_share", "component_electricity_cost", "component_session_fees"}
	}
	columns := []column{
		{head: a.say("label_date"), width: a.Width(a.date("2026-10-31")+" 00:00", annexStyle) + 0.5},
		{head: a.say("column_end"), width: a.Width("00:00 +1", annexStyle)},
		{head: a.say("column_duration"), width: a.Width("00:00:00", annexStyle), right: true},
		{head: "ID"}, {head: "EVSE"},
		{head: "kWh", right: true},
		{head: a.say(heads[0]), right: true}, {head: a.say(heads[1]), right: true}, {head: a.say(heads[2]), right: true},
		{head: a.say("column_net", "Currency", a.note.Currency), right: true},
	}
	rest := right - left - dense.gap*float64(len(columns)-1)
	for i := range columns {
		if c := &columns[i]; i != annexTexts-2 && i != annexTexts-1 {
			a.fit(c, i)
			rest -= c.width
		}
	}
	columns[annexTexts-2].width, columns[annexTexts-1].width = rest*0.52, rest*0.48
	return columns
}

// fit makes a column wide enough for the words of its head and its figures.
func (a *annex) fit(c *column, i int) {
	for _, word := range pdf.Words(c.head) {
		c.width = max(c.width, a.Width(strings.TrimSpace(word), dense.head)+0.1)
	}
	for _, p := range a.places {
		if i < annexTexts {
			break
		}
		c.width = max(c.width, a.Width(a.figures(&p.sum)[i-annexTexts], annexSums)+0.1)
		for _, r := range p.rows {
			c.width = max(c.width, a.Width(r[i], annexStyle)+0.1)
		}
	}
}
