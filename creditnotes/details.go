package creditnotes

import (
	"iter"

	"creditrun/internal/money"
)

// DetailsOf yields those of the details of a note that one of its positions adds
// up (domain.md §6.3): for time and fee the sessions with an amount in them,
// for a sum carried forward those it is made of.
// After an error there are no more.
func (n *Note) DetailsOf(p *Position, details iter.Seq2[Detail, error]) iter.Seq2[Detail, error] {
	return func(yield func(Detail, error) bool) {
		for d, err := range details {
			if err != nil {
				yield(Detail{}, err)
				return
			}
			if p.adds(&d) && !yield(d, nil) {
				return
			}
		}
	}
}

// adds reports whether a position adds up a detail.
func (p *Position) adds(d *Detail) bool {
	if p.Component == CarriedForward {
		return p.Owner == d.Owner && p.Tax == d.Line.Tax && p.Month == d.CarriedFrom && (p.CarriedFrom == 0 || p.CarriedFrom == d.CarriedNote)
	}
	if p.Component == OwnCharging {
		return d.CarriedNote == 0 && p.Owner == d.Owner && p.Contract == d.Path.Contract && p.Month == d.Month && p.Correction == d.Line.Correction &&
			p.Tax == d.Line.Tax
	}
	if d.CarriedNote != 0 || p.Owner != d.Owner || p.Station != d.Path.Station || p.Month != d.Month || p.Correction != d.Line.Correction || p.Tax != d.Line.Tax ||
		p.CreditedAgain != d.CreditedAgain {
		return false
	}
	switch p.Component {
	case Energy, Share:
		return true
	}
	return d.Line.Net(p.Component) != 0
}

// Net is what the detail has in a component.
func (d *Detail) Net(c Component) money.Micros {
	if c == OwnCharging || c == CarriedForward {
		return d.Total()
	}
	return d.Line.Net(c)
}

// Net is what the line has in a component.
func (l *Line) Net(c Component) money.Micros {
	if c == CarriedForward {
		return l.Total()
	}
	parts := l.Parts()
	for i, known := range lineComponents {
		if c == known {
			return *parts[i]
		}
	}
	return 0
}
