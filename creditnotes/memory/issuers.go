package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
)

// IssuerEntries implements creditnotes.IssuerStore.
func (s *Store) IssuerEntries(_ context.Context, q creditnotes.IssuerQuery) iter.Seq2[creditnotes.IssuerEntry, error] {
	d := s.read()
	var list []creditnotes.IssuerEntry
	for i := range d.Sessions {
		v := &d.Sessions[i]
		if !slices.Contains(q.Media, entities.MediumKey(v.MediumUID)) || v.End.Before(q.From) || !v.End.Before(q.Until) {
			continue
		}
		if v.Current {
			list = append(list, d.issuerSession(v))
		}
		for _, o := range d.Own {
			if n := d.note(o.NoteID); o.Live && o.SessionID == v.ID && isRecorded(n) {
				e := d.issuerEntry(creditnotes.SideBilled, v, o.OwnerID, n)
				e.Energy, e.Driver, e.Net = o.Energy, new(o.DriverAmount), o.Net
				list = append(list, e)
			}
		}
		for k := range d.Lines {
			l := &d.Lines[k]
			if l.SessionID != v.ID || !l.Live || l.NoteID == 0 || !isRecorded(d.note(l.NoteID)) {
				continue
			}
			n := d.note(l.NoteID)
			e := d.issuerEntry(creditnotes.SideCredited, v, l.OwnerID, n)
			e.Energy, e.Net, e.Driver = l.Energy, l.Total(), d.driverOf(l, v, n)
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b creditnotes.IssuerEntry) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Session, b.Session), cmp.Compare(a.Side, b.Side), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Number, b.Number))
	})
	return func(yield func(creditnotes.IssuerEntry, error) bool) {
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func isRecorded(n *creditnotes.Note) bool {
	return n.State == creditnotes.Issued || n.State == creditnotes.Carried || n.State == creditnotes.Zero
}

// issuerEntry is what is known of a version on every side.
func (d *Data) issuerEntry(side creditnotes.IssuerSide, v *Session, party int64, n *creditnotes.Note) creditnotes.IssuerEntry {
	at, _ := d.askedFor(v, creditnotes.LifetimeQuery{})
	e := creditnotes.IssuerEntry{
		Side: side, Source: v.Source, Session: v.ExternalID, ID: v.ID, ConnectorID: v.ConnectorID, Station: at.Station, EVSEID: at.EVSEID,
		Medium: v.MediumUID, Start: v.Start, End: v.End, Party: d.ownerKey(party),
	}
	if n != nil {
		e.Currency, e.Number = n.Currency, n.Number
	}
	return e
}

// driverOf is the driver amount of a line, in the currency of its note, or nil.
func (d *Data) driverOf(l *Line, v *Session, n *creditnotes.Note) *money.Micros {
	switch {
	case l.ByDriver:
		return new(l.DriverAmount)
	case v.DriverAmount == nil || v.Currency != n.Currency:
		return nil
	case l.Kind == creditnotes.LineReversal:
		return new(-*v.DriverAmount)
	}
	return new(*v.DriverAmount)
}

// issuerSession is the current version with what became of it.
func (d *Data) issuerSession(v *Session) creditnotes.IssuerEntry {
	e := d.issuerEntry(creditnotes.SideSession, v, 0, nil)
	e.Energy, e.Driver, e.Currency, e.CollectedAt, e.Reversed = v.worth(), v.DriverAmount, v.Currency, v.CollectedAt, v.Reversed
	e.State = creditnotes.SessionOpen
	run := d.latestRun()
	if line := d.settling(v); line != nil {
		e.State = d.stateOf(line)
		if line.Kind == creditnotes.LineExcluded {
			e.Reason = line.Reason
		}
	} else {
		for _, h := range d.Holds {
			if h.RunID == run && h.SessionID == v.ID {
				e.State, e.Reason = creditnotes.SessionHeld, h.Reason
			}
		}
	}
	for _, w := range d.OwnWaits {
		if w.RunID == run && w.SessionID == v.ID {
			e.Waits = w.Reason
		}
	}
	return e
}

// stateOf is the state of a session with a line.
func (d *Data) stateOf(l *Line) creditnotes.SessionState {
	switch {
	case l.Kind == creditnotes.LineExcluded:
		return creditnotes.SessionExcluded
	case l.Kind == creditnotes.LineWithdrawn:
		return creditnotes.SessionWithdrawn
	}
	switch d.note(l.NoteID).State {
	case creditnotes.Zero:
		return creditnotes.SessionZero
	case creditnotes.Draft:
		return creditnotes.SessionDrafted
	}
	return creditnotes.SessionCredited
}

// latestRun is the run whose holds count.
func (d *Data) latestRun() (id int64) {
	for i := range d.Runs {
		if d.Runs[i].Stage != creditnotes.StageDiscarded {
			id = max(id, d.Runs[i].ID)
		}
	}
	return id
}

// TopUps implements creditnotes.IssuerStore.
func (s *Store) TopUps(_ context.Context, f creditnotes.TopUpFilter) (list []creditnotes.TopUp, err error) {
	for _, t := range s.read().TopUps {
		if (f.Entity == "" || t.Entity == f.Entity) && (f.Currency == "" || t.Currency == f.Currency) && (f.From.IsZero() || !t.At.Before(f.From)) &&
			(f.Until.IsZero() || t.At.Before(f.Until)) && (f.Scope == nil || slices.Contains(f.Scope, t.Entity)) {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.TopUp) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID)) })
	return list, nil
}
