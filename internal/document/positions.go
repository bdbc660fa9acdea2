package document

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
)

// group is the positions that stand under one heading.
type group struct {
	groupKey
	positions []*creditnotes.Position
}

type groupKey struct {
	owner      string
	month      entities.Month
	late       bool
	correction bool
	carried    bool
	again      string // number of the cancelled document that credited the sessions before
}

func keyOf(p *creditnotes.Position) groupKey {
	if p.Component == creditnotes.CarriedForward {
		return groupKey{owner: p.Owner, carried: true}
	}
	return groupKey{owner: p.Owner, month: p.Month, late: p.Late, correction: p.Correction, again: p.CreditedAgain}
}

// groupsOf sorts the positions under headings: owners in the order of the
// note, and for each the groups in the order of their first position.
func groupsOf(n *creditnotes.Note) []*group {
	byKey := map[groupKey]*group{}
	byOwner := map[string][]*group{}
	var owners []string
	for i := range n.Positions {
		p := &n.Positions[i]
		key := keyOf(p)
		g := byKey[key]
		if g == nil {
			g = &group{groupKey: key}
			byKey[key] = g
			if byOwner[key.owner] == nil {
				owners = append(owners, key.owner)
			}
			byOwner[key.owner] = append(byOwner[key.owner], g)
		}
		g.positions = append(g.positions, p)
	}
	groups := make([]*group, 0, len(byKey))
	for _, owner := range owners {
		groups = append(groups, byOwner[owner]...)
	}
	return groups
}

// positions sets the table of positions.
func (l *letter) positions() {
	groups := groupsOf(l.note)
	if len(groups) == 0 {
		l.paragraph(left, right-left, l.say("no_positions"), plain)
		l.space(2)
		return
	}
	decimals := energyDecimals(l.note)
	t := &table{setter: l.setter, density: l.roomy(), x: left, across: right - left, columns: l.columns()}
	if l.severalTaxes() {
		t.columns = slices.Insert(t.columns, len(t.columns)-1, column{head: l.say("column_tax")})
	}
	rows := map[*group][]tableLine{}
	all := []row{l.sumRow("", decimals)}
	for _, g := range groups {
		rows[g] = l.groupLines(g, decimals)
		for _, one := range rows[g] {
			all = append(all, one.cells)
		}
	}
	t.fitColumns(all, 55)
	consolidated := l.severalOwners(groups)
	for i, g := range groups {
		if consolidated && (i == 0 || groups[i-1].owner != g.owner) {
			t.keep = strong.Pitch() + 4*padding + t.first(rows[g], 0) // the heading of the group
			t.heading(l.ownerName(g.owner), ownerStyle)
			l.mark(l.ownerName(g.owner))
			t.keep = 0
		}
		last := i == len(groups)-1
		ends := consolidated && (last || groups[i+1].owner != g.owner)
		l.groupRows(t, g, rows[g], len(groups) > 1, keepFor(ends)+keepFor(last))
		if ends {
			l.subtotal(t, g.owner, decimals)
		}
	}
	t.line()
	t.row(l.sumRow("", decimals), strong)
	l.space(4)
}

// columns are those of the positions.
func (l *letter) columns() []column {
	if l.fees() {
		return l.feeColumns()
	}
	return []column{
		{head: l.say("column_position"), right: true},
		{head: l.say("column_station"), flex: true},
		{head: l.say("column_component")},
		{head: l.say("column_sessions"), right: true},
		{head: "kWh", right: true},
		{head: l.say("column_net", "Currency", l.note.Currency), right: true},
	}
}

var ownerStyle = pdf.Style{Bold: true, Size: 9.5, Color: accent}

// keepFor is the height of a sum that must not stand on a page of its own.
func keepFor(sum bool) float64 {
	if sum {
		return 2*strong.Pitch() + 2*padding
	}
	return 0
}

// groupRows sets the heading of a group, unless it is the only one, and its
// positions, each on a page with what stands below it; the last one stays with the
// sums below it.
func (l *letter) groupRows(t *table, g *group, rows []tableLine, headed bool, keep float64) {
	if text := l.groupHeading(g, headed); text != "" {
		t.keep = t.first(rows, keep)
		t.heading(text, strong)
		l.mark(text)
		t.keep = 0
	}
	for i, r := range rows {
		t.keep = t.below(rows[i:], keep)
		t.row(r.cells, r.st)
		t.keep = 0
		if r.title != "" {
			l.mark(r.title)
		}
		if i < len(rows)-1 && rows[i+1].cells[0] != "" {
			t.line()
		}
	}
}

// groupHeading is what stands above a group. The month of the run is named
// only where there is more than it.
func (l *letter) groupHeading(g *group, several bool) string {
	month := l.month(g.month)
	switch {
	case g.carried:
		return l.say("heading_carried_forward")
	case g.correction:
		return l.say("heading_correction", "Month", month)
	case g.again != "":
		return l.say("heading_again", "Number", field(g.again)) + " – " + month
	case g.late && !l.fees():
		return l.say("heading_late", "Month", month)
	case several:
		return month
	}
	return ""
}

func (l *letter) positionRow(p *creditnotes.Position, decimals int) row {
	if l.fees() {
		return l.feeRow(p, decimals)
	}
	number, net := strconv.Itoa(p.Ordinal), l.amount(p.Net)
	if p.Component == creditnotes.CarriedForward {
		return l.taxed(row{number, l.carriedText(p), "", "", "", net}, p)
	}
	if p.Station == "" { // a monthly sum of a contract, or a custom record
		return l.taxed(row{number, cmp.Or(field(p.Text), field(p.Contract)), l.say("component_" + string(p.Component)), "", "", net}, p)
	}
	energy := ""
	if p.Component == creditnotes.Energy || p.Component == creditnotes.Share {
		energy = l.energy(p.Energy, decimals)
	}
	count := l.count(p.Sessions)
	component := l.say("component_" + string(p.Component))
	if p.CollectedLater {
		component += "\n(" + l.say("collected_later") + ")"
	}
	return l.taxed(row{number, stationOf(p), component, count, energy, net}, p)
}

// monthRows say of which months a sum carried forward is; they have no number
// and are not added up.
func (l *letter) monthRows(p *creditnotes.Position, decimals int) (rows []row) {
	for _, m := range l.note.CarriedMonths(p) {
		count, energy := "", ""
		if m.Sessions > 0 || m.Energy != 0 {
			count, energy = l.count(m.Sessions), l.energy(m.Energy, decimals)
		}
		text := "– " + l.month(m.Month)
		if m.CreditedAgain != "" {
			text += ": " + l.say("heading_again", "Number", field(m.CreditedAgain))
		}
		if l.fees() {
			rows = append(rows, l.taxed(row{"", text, "", "", l.amount(m.Net)}, nil))
			continue
		}
		rows = append(rows, l.taxed(row{"", text, "", count, energy, l.amount(m.Net)}, nil))
	}
	return rows
}

// count writes a number of sessions. A correction takes as many back as it pays:
// none is not a number of sessions.
func (l *letter) count(sessions int) string {
	if sessions == 0 {
		return ""
	}
	return l.texts.Number(l.note.Language, int64(sessions), 0)
}

// severalTaxes reports whether the document has to say of each position how it
// is taxed.
func (l *letter) severalTaxes() bool { return len(l.note.Taxes) > 1 }

// taxed adds the tax of a position to its row where there is a column for it;
// p is nil for a sum.
func (l *letter) taxed(r row, p *creditnotes.Position) row {
	if !l.severalTaxes() {
		return r
	}
	words := ""
	if p != nil {
		if t := l.note.TaxOf(p); t != nil {
			words = string(t.Category) + "\u00a0" + l.percent(t)
		}
	}
	return slices.Insert(r, len(r)-1, words)
}

// stationOf names a station with its key.
func stationOf(p *creditnotes.Position) string {
	name, key := field(p.StationName), field(p.Station)
	switch {
	case name == "" || name == key:
		return key
	case key == "":
		return name
	}
	return name + " (" + strings.ReplaceAll(key, " ", "\u00a0") + ")"
}

func (l *letter) carriedText(p *creditnotes.Position) string {
	if run := l.note.Document.CarriedForward[p.Ordinal]; run != "" {
		return l.say("carried_from_run", "Run", l.month(entities.Month(run)))
	}
	return l.say("carried_forward")
}

// sumRow is the sum of one owner's positions, or of all.
func (l *letter) sumRow(owner string, decimals int) row {
	var energy money.Quantity
	var net money.Amount
	for _, p := range l.note.Positions {
		if owner != "" && p.Owner != owner {
			continue
		}
		net += p.Net
		if p.Component == creditnotes.Energy {
			energy += p.Energy
		}
	}
	text := l.say("total_net")
	if owner == "" {
		net = l.note.Net
	} else {
		text = l.say("subtotal", "Owner", l.ownerName(owner))
	}
	if l.fees() {
		return l.taxed(row{"", text, "", "", l.amount(net)}, nil)
	}
	return l.taxed(row{"", text, "", "", l.energy(energy, decimals), l.amount(net)}, nil)
}

func (l *letter) subtotal(t *table, owner string, decimals int) {
	t.line()
	t.row(l.sumRow(owner, decimals), strong)
}

func (l *letter) severalOwners(groups []*group) bool {
	for _, g := range groups {
		if g.owner != groups[0].owner {
			return true
		}
	}
	return len(l.note.Owners) > 1
}

// energy writes a quantity with a fixed number of decimals.
func (l *letter) energy(q money.Quantity, decimals int) string {
	v := int64(q)
	for range money.QuantityDecimals - decimals {
		v /= 10
	}
	return l.texts.Number(l.note.Language, v, decimals)
}

// energyDecimals is how many decimals of a kWh the positions of a note need;
// at least three, so that the column lines up to the watt-hour.
func energyDecimals(n *creditnotes.Note) int {
	decimals := 3
	for _, p := range n.Positions {
		v, need := int64(p.Energy), money.QuantityDecimals
		for need > decimals && v%10 == 0 {
			v, need = v/10, need-1
		}
		decimals = max(decimals, need)
	}
	return decimals
}
