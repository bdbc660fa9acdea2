package creditnotes

import (
	"iter"

	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Beneath yields those of the details of a note that one of its positions adds
// up (domain.md §6.3): for time and fee the sessions with an amount in them.
// Nothing is beneath a sum carried forward. The details are read twice where
// the note corrects sessions. After an error there are no more.
func (n *Note) Beneath(p *Position, details iter.Seq2[Detail, error]) iter.Seq2[Detail, error] {
	return func(yield func(Detail, error) bool) {
		corrected, err := n.corrected(details)
		if err != nil {
			yield(Detail{}, err)
			return
		}
		for d, err := range details {
			if err != nil {
				yield(Detail{}, err)
				return
			}
			if p.adds(&d, corrected[nameOf(&d.Session)]) && !yield(d, nil) {
				return
			}
		}
	}
}

// sessionName is by what a session is known in all its versions.
type sessionName struct{ source, externalID string }

func nameOf(s *sessions.Session) sessionName { return sessionName{s.Source, s.ExternalID} }

// corrected are the sessions that the note takes back in an earlier version.
func (n *Note) corrected(details iter.Seq2[Detail, error]) (map[sessionName]bool, error) {
	names := map[sessionName]bool{}
	for _, p := range n.Positions {
		if p.Correction {
			for d, err := range details {
				if err != nil {
					return nil, err
				}
				if d.Line.Kind == LineReversal {
					names[nameOf(&d.Session)] = true
				}
			}
			return names, nil
		}
	}
	return names, nil
}

// adds tells whether a position adds up a detail.
func (p *Position) adds(d *Detail, corrected bool) bool {
	if p.Owner != d.Owner || p.Station != d.Path.Station || p.Month != d.Month || p.Correction != corrected {
		return false
	}
	switch p.Component {
	case Energy:
		return true
	case Time:
		return d.Line.NetTime != 0
	case Fee:
		return d.Line.NetFee != 0
	}
	return false
}

// Net is what the line has in a component.
func (l *Line) Net(c Component) money.Micros {
	switch c {
	case Energy:
		return l.NetEnergy
	case Time:
		return l.NetTime
	case Fee:
		return l.NetFee
	}
	return 0
}
