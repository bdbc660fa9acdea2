package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/tariffs"
)

// Lifetimes implements creditnotes.LifetimeStore.
func (s *Store) Lifetimes(_ context.Context, q creditnotes.LifetimeQuery) (list []creditnotes.LifetimeCount, err error) {
	d := s.read()
	counts := map[creditnotes.LifetimeCount]creditnotes.Count{}
	for i := range d.Sessions {
		v := &d.Sessions[i]
		at, ok := d.askedFor(v, q)
		if !ok || !v.Current {
			continue
		}
		line := d.settling(v)
		key := creditnotes.LifetimeCount{Station: at.Station, EVSEID: at.EVSEID, Outcome: d.outcomeOf(line)}
		count := counts[key]
		count.Add(d.had(v, line))
		counts[key] = count
	}
	for key, count := range counts {
		key.Count = count
		list = append(list, key)
	}
	return list, nil
}

// lifetimePlace is where a session was.
type lifetimePlace struct{ Station, EVSEID string }

func (d *Data) askedFor(v *Session, q creditnotes.LifetimeQuery) (at lifetimePlace, ok bool) {
	for i := range d.Connectors {
		if c := &d.Connectors[i]; c.ID == v.ConnectorID {
			at = lifetimePlace{c.Station, c.EVSEID}
		}
	}
	return at, (q.Until.IsZero() || v.End.Before(q.Until)) && (len(q.Stations) == 0 || slices.Contains(q.Stations, at.Station))
}

// settling is the line that settles a session, or nil.
func (d *Data) settling(v *Session) *Line {
	var alike *Line
	for i := range d.Lines {
		l := &d.Lines[i]
		if !l.Live || l.Kind == creditnotes.LineReversal {
			continue
		}
		if l.SessionID == v.ID {
			return l
		}
		if l.Kind == creditnotes.LineCredit && !l.ByDriver && v.alike(d.session(l.SessionID)) {
			alike = l
		}
	}
	return alike
}

// outcomeOf is what became of a session with a line, or without one.
func (d *Data) outcomeOf(l *Line) creditnotes.Outcome {
	switch {
	case l == nil || !d.issued(l.RunID):
		return creditnotes.OutcomeHeld
	case l.Kind != creditnotes.LineCredit:
		return creditnotes.Outcome(l.Kind)
	case d.note(l.NoteID).State == creditnotes.Zero:
		return creditnotes.OutcomeZero
	}
	return creditnotes.OutcomeCredited
}

func (d *Data) issued(run int64) bool {
	stage := d.run(run).Stage
	return stage == creditnotes.StageIssued || stage == creditnotes.StageCompleted
}

// had is the energy of a session; of one that its source took back before it
// was credited, what it had.
func (d *Data) had(v *Session, l *Line) money.Quantity {
	if !v.Reversed || l != nil && l.Kind == creditnotes.LineCredit {
		return v.worth()
	}
	energy := v.Energy
	for i := range d.Sessions { // later versions come later
		if p := &d.Sessions[i]; p.sameSession(v) && !p.Reversed {
			energy = p.Energy
		}
	}
	return energy
}

// LifetimeNets implements creditnotes.LifetimeStore.
func (s *Store) LifetimeNets(_ context.Context, q creditnotes.LifetimeQuery) (list []creditnotes.LifetimeNet, err error) {
	d := s.read()
	nets := map[creditnotes.LifetimeNet]money.Micros{}
	for i := range d.Lines {
		l := &d.Lines[i]
		if !l.Live || l.NoteID == 0 || !d.issued(l.RunID) {
			continue
		}
		if at, ok := d.askedFor(d.session(l.SessionID), q); ok {
			nets[creditnotes.LifetimeNet{Station: at.Station, EVSEID: at.EVSEID, Currency: d.note(l.NoteID).Currency}] += l.Total()
		}
	}
	for key, net := range nets {
		key.Net = net
		list = append(list, key)
	}
	return list, nil
}

// LifetimeMeters implements creditnotes.LifetimeStore.
func (s *Store) LifetimeMeters(_ context.Context, q creditnotes.LifetimeQuery) iter.Seq2[creditnotes.MeterReading, error] {
	d := s.read()
	var list []creditnotes.MeterReading
	for i := range d.Sessions {
		v := &d.Sessions[i]
		if at, ok := d.askedFor(v, q); ok && v.Current && !v.Reversed {
			list = append(list, creditnotes.MeterReading{Station: at.Station, EVSEID: at.EVSEID, Session: v.ExternalID,
				Start: v.Start, End: v.End, MeterStart: v.MeterStart, MeterStop: v.MeterStop})
		}
	}
	slices.SortStableFunc(list, func(a, b creditnotes.MeterReading) int {
		return cmp.Or(cmp.Compare(a.Station, b.Station), cmp.Compare(a.EVSEID, b.EVSEID), a.Start.Compare(b.Start))
	})
	return func(yield func(creditnotes.MeterReading, error) bool) {
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func (b *books) StationProofs(context.Context) (list []creditnotes.StationProof, err error) {
	if !b.since.IsZero() {
		return nil, nil
	}
	proofs := map[string]*creditnotes.StationProof{}
	at := func(station string) *creditnotes.StationProof {
		if proofs[station] == nil {
			proofs[station] = &creditnotes.StationProof{Station: station, Lines: map[string]money.Micros{}, Printed: map[string]money.Micros{}}
		}
		return proofs[station]
	}
	own := map[int64]*Line{}
	for i := range b.d.Lines {
		l := &b.d.Lines[i]
		if !l.Live {
			continue
		}
		if l.Kind != creditnotes.LineReversal {
			own[l.SessionID] = l
		}
		if path, broken := tariffs.ParsePath(b.d.Paths[l.PathID]); l.NoteID != 0 && broken == nil {
			at(path.Station).Lines[b.d.note(l.NoteID).Currency] += l.Total()
		}
	}
	for i := range b.d.Sessions {
		v := &b.d.Sessions[i]
		if !v.Current {
			continue
		}
		place, _ := b.d.askedFor(v, creditnotes.LifetimeQuery{})
		one := at(place.Station)
		one.Received.Add(v.worth())
		if l := own[v.ID]; l != nil {
			one.Settled.Add(l.Energy)
		} else {
			one.Open.Add(v.worth())
		}
	}
	for i := range b.d.Notes {
		n := &b.d.Notes[i]
		if n.Kind != "credit_note" || !b.d.stands(n.ID) {
			continue
		}
		for _, p := range n.Positions {
			if p.Station != "" && p.Component != creditnotes.CarriedForward {
				at(p.Station).Printed[n.Currency] += p.Sum
			}
		}
	}
	for _, one := range proofs {
		list = append(list, *one)
	}
	slices.SortFunc(list, func(x, y creditnotes.StationProof) int { return cmp.Compare(x.Station, y.Station) })
	return list, nil
}
