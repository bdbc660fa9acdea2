package document

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/pdf"
)

// tableLine is one line of the table of positions.
type tableLine struct {
	cells row
	st    pdf.Style
	title string // in the outline; empty: it is not there
}

// shortTable is how many positions are read without sums of stations.
const shortTable = 30

// stationSums is the type of the sums of stations.
var stationSums = pdf.Style{Bold: true, Size: 8, Color: black}

// groupLines are the positions of a group with what stands below each. In a long
// note the stations are in the outline, and each with several positions has its
// sum.
func (l *letter) groupLines(g *group, decimals int) (list []tableLine) {
	long, begins := len(l.note.Positions) > shortTable, 0
	for i, p := range g.positions {
		if p.Station != g.positions[begins].Station {
			begins = i
		}
		one := tableLine{cells: l.positionRow(p, decimals), st: plain}
		if long && i == begins && p.Station != "" {
			one.title = stationOf(p)
		}
		list = append(list, one)
		for _, cells := range slices.Concat(l.monthRows(p, decimals), l.priceRows(p)) {
			list = append(list, tableLine{cells: cells, st: small})
		}
		ends := i == len(g.positions)-1 || g.positions[i+1].Station != p.Station
		if long && ends && i > begins && p.Station != "" {
			list = append(list, tableLine{cells: l.stationSum(g.positions[begins:i+1], decimals), st: stationSums})
		}
	}
	return list
}

// stationSum is the sum of the positions of a station.
func (l *letter) stationSum(positions []*creditnotes.Position, decimals int) row {
	var energy money.Quantity
	var net money.Amount
	for _, p := range positions {
		net += p.Net
		switch p.Component {
		case creditnotes.Energy, creditnotes.Share:
			energy += p.Energy
		}
	}
	text := l.say("subtotal", "Owner", stationOf(positions[0]))
	return l.taxed(row{"", text, "", "", l.energy(energy, decimals), l.amount(net)}, nil)
}
