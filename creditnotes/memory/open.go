package memory

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// endOfTime is after all sessions.
var endOfTime = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)

// ends reports whether a session ends in time for a run: before the end of its
// month, or in the future, where that holds it.
func (s *Session) ends(until, future time.Time) bool {
	if future.IsZero() {
		future = endOfTime
	}
	return s.End.Before(until) || s.End.After(future) && !s.Released && !s.Reversed
}

// OpenSessions implements creditnotes.DraftStore.
func (s *Store) OpenSessions(ctx context.Context, q creditnotes.SessionQuery) (creditnotes.SessionCursor, error) {
	d := s.read()
	settled := d.settled()
	c := &cursor{ctx: ctx, drivers: q.Drivers, cutoff: utc(q.Cutoff)}
	for i := range d.Sessions {
		v := &d.Sessions[i]
		if !slices.Contains(q.Connectors, v.ConnectorID) || !v.knownAt(utc(q.Cutoff)) {
			continue
		}
		open := !settled[v.ID] && (q.Since.IsZero() || !v.End.Before(q.Since) || slices.Contains(q.Waiting, v.ID))
		if q.All {
			open = !v.End.Before(q.From)
		}
		c.rows = append(c.rows, cursorRow{v, open && v.ends(utc(q.Until), utc(q.Future))})
	}
	slices.SortFunc(c.rows, func(a, b cursorRow) int {
		return cmp.Or(cmp.Compare(a.ConnectorID, b.ConnectorID), a.Start.Compare(b.Start),
			strings.Compare(a.ExternalID, b.ExternalID), strings.Compare(a.Source, b.Source))
	})
	return c, nil
}

type cursorRow struct {
	*Session
	open bool
}

// cursor walks over sessions. It keeps to the letter of SessionCursor: there is
// one session, which the next one overwrites, with no more texts than promised.
type cursor struct {
	ctx     context.Context
	rows    []cursorRow
	at      int
	session sessions.Session
	closed  bool
	drivers bool
	cutoff  time.Time
}

func (c *cursor) Next() bool {
	if c.closed || c.ctx.Err() != nil || c.at == len(c.rows) {
		return false
	}
	v := c.rows[c.at].Session
	c.at++
	c.session = sessions.Session{
		ID: v.ID, Version: v.Version, ConnectorID: v.ConnectorID, Class: v.Class, Partner: v.Partner, Start: v.Start, End: v.End,
		ReceivedAt: v.ReceivedAt, Duration: v.Duration, Energy: v.Energy, MeterStart: copied(v.MeterStart), MeterStop: copied(v.MeterStop),
		Status: v.Status, Reversed: v.Reversed, Released: v.Released, IDReused: v.IDReused, Signed: v.Signed,
	}
	if v.Class == "" || c.drivers {
		c.session.MediumUID = v.MediumUID
	}
	if c.drivers {
		c.session.DriverAmount, c.session.DriverFee, c.session.Currency = copied(v.DriverAmount), copied(v.DriverFee), v.Currency
		if !v.CollectionKnownAt.After(c.cutoff) {
			c.session.CollectedAt = v.CollectedAt
		}
	}
	return true
}

func (c *cursor) Session() *sessions.Session { return &c.session }
func (c *cursor) Name() string               { return c.rows[c.at-1].ExternalID }
func (c *cursor) Open() bool                 { return c.rows[c.at-1].open }
func (c *cursor) Err() error                 { return c.ctx.Err() }

func (c *cursor) Close() error {
	if c.closed {
		return errors.New("a cursor is closed twice")
	}
	c.closed = true
	return nil
}

// lastSettled returns the run that has settled most of what was received until a
// cut-off, or nil.
func (d *Data) lastSettled(cutoff time.Time) (base *Run) {
	for i := range d.Runs {
		r := &d.Runs[i]
		if r.SettledUntil.IsZero() || r.Stage == creditnotes.StageDiscarded || r.Cutoff.After(cutoff) {
			continue
		}
		if base == nil || !r.SettledUntil.Before(base.SettledUntil) {
			base = r
		}
	}
	return base
}

// Waiting implements creditnotes.DraftStore: what the last run held, what came
// later, and what a cancellation undid.
func (s *Store) Waiting(_ context.Context, cutoff, until time.Time) (w creditnotes.Waiting, err error) {
	d := s.read()
	base := d.lastSettled(utc(cutoff))
	if base == nil {
		return w, nil
	}
	w.Since, w.ByConnector = base.SettledUntil, map[int64][]int64{}
	if until.Before(w.Since) {
		w.Since = until
	}
	few := map[int64]bool{}
	for _, h := range d.Holds {
		if h.RunID == base.ID {
			few[h.SessionID] = true
		}
	}
	for i := range d.Lines {
		if !d.Lines[i].Live {
			few[d.Lines[i].SessionID] = true
		}
	}
	settled := d.settled()
	for i := range d.Sessions {
		v := &d.Sessions[i]
		if (few[v.ID] || v.ID >= base.SettledBelow) && v.knownAt(utc(cutoff)) && v.End.Before(w.Since) && !settled[v.ID] {
			w.ByConnector[v.ConnectorID] = append(w.ByConnector[v.ConnectorID], v.ID)
		}
	}
	return w, nil
}

// ReceivedBy implements creditnotes.DraftStore. It looks at all sessions.
func (s *Store) ReceivedBy(_ context.Context, run *creditnotes.Run, q creditnotes.SessionQuery) (count creditnotes.Count, err error) {
	d := s.read()
	paid := map[int64]bool{} // by other runs
	for i := range d.Lines {
		if l := &d.Lines[i]; l.Live && l.Kind != creditnotes.LineReversal && (l.RunID != run.ID || l.Kind == creditnotes.LineExcluded && l.Correction) {
			paid[l.SessionID] = true
		}
	}
	d.settleAlike(paid)
	for i := range d.Sessions {
		if v := &d.Sessions[i]; v.knownAt(utc(run.Cutoff)) && v.ends(utc(q.Until), utc(q.Future)) && !paid[v.ID] {
			count.Add(v.worth())
		}
	}
	return count, nil
}

// worth is the energy with which a session counts.
func (s *Session) worth() money.Quantity {
	if s.Reversed {
		return 0
	}
	return s.Energy
}
