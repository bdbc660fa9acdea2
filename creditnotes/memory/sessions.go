package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

// TakeSessions takes sessions in (domain.md §3.4). A session is known by its
// source and external id: content that any stored version has, or that is older
// by the source's own clock, is ignored; other content becomes the next version.
// A record at another connector, or one that begins more than 24 h away, is kept
// beside the session and held, unless a person says that it is a correction. A
// reversal is final.
func (s *Store) TakeSessions(ctx context.Context, list []sessions.Session, asCorrection bool) error {
	return s.write(ctx, func(t *tx) error {
		first := max(t.IDs["session"], 1)
		for _, one := range list {
			t.take(copied(one), asCorrection, first)
		}
		return nil
	})
}

// chain is one session with all its versions.
type chain struct {
	current    *Session // nil: a person took it as a correction of another
	externalID string
	versions   []Session
}

// chains are the sessions that were sent under an id, in the order in which they
// came.
func (d *Data) chains(source, id string) (list []*chain) {
	for i := range d.Sessions {
		v := &d.Sessions[i]
		if v.Source != source || v.ExternalID != id && v.ReusedID != id {
			continue
		}
		at := slices.IndexFunc(list, func(c *chain) bool { return c.externalID == v.ExternalID })
		if at < 0 {
			at = len(list)
			list = append(list, &chain{externalID: v.ExternalID})
		}
		list[at].versions = append(list[at].versions, *v)
		if v.Current {
			list[at].current = v
		}
	}
	return list
}

// take takes one record in. first is the id of the first session of the import:
// a person corrects what was stored before.
func (t *tx) take(s sessions.Session, asCorrection bool, first int64) {
	next := Session{Session: s, Current: true, Fingerprint: sessions.Fingerprint(&s)}
	if next.Status == "" {
		next.Status = sessions.Valid
	}
	next.Start, next.End, next.UpdatedAt, next.CollectedAt = utc(s.Start), utc(s.End), utc(s.UpdatedAt), utc(s.CollectedAt)
	next.ConnectorID, next.ReceivedAt, next.Version = t.connectorOf(&s), t.now, 1
	if s.Signed != nil {
		next.Signed = &sessions.Signed{Values: s.Signed.Values}
		next.Signed.Check(t.meterKeys(next.ConnectorID, s.Start))
	}
	next.Released, next.IDReused, next.ReusedID, next.SameAs, next.CollectionKnownAt = false, false, "", 0, time.Time{}
	if !next.CollectedAt.IsZero() {
		next.CollectionKnownAt = t.now
	}
	known := t.chains(s.Source, s.ExternalID)
	if len(known) == 0 {
		t.add(&next, nil)
		return
	}
	meant := having(known, &next)
	again := meant != nil
	if !again {
		meant = meantBy(known, &next, asCorrection)
	}
	if meant == nil {
		next.ReusedID, next.IDReused = s.ExternalID, true
		next.ExternalID = fmt.Sprintf("%s~%d", s.ExternalID, len(known)+1)
		t.add(&next, nil)
		return
	}
	stored := meant.current
	switch {
	case stored == nil, stored.Reversed:
		return
	case stored.says(&next):
		t.collect(stored, next.CollectedAt)
		return
	case asCorrection && stored.ID < first:
	case again && !(!stored.UpdatedAt.IsZero() && next.UpdatedAt.After(stored.UpdatedAt)):
		return
	case !again && !next.UpdatedAt.IsZero() && next.UpdatedAt.Before(stored.UpdatedAt):
		return
	}
	next.ExternalID, next.ReusedID, next.IDReused = stored.ExternalID, stored.ReusedID, stored.IDReused
	next.Version = stored.Version + 1
	if next.UpdatedAt.Before(stored.UpdatedAt) {
		next.UpdatedAt = stored.UpdatedAt
	}
	t.collect(stored, next.CollectedAt)
	next.CollectedAt, next.CollectionKnownAt = stored.CollectedAt, stored.CollectionKnownAt
	if next.sameCharge(stored) {
		next.Released, next.SameAs = stored.Released, stored.ID
		if stored.SameAs != 0 {
			next.SameAs = stored.SameAs
		}
	}
	t.add(&next, stored)
}

// says reports whether a version has the content of another one.
func (s *Session) says(other *Session) bool {
	return s.Fingerprint == other.Fingerprint || s.Fingerprint == sessions.FingerprintCollected(&other.Session, s.CollectedAt)
}

// sameCharge reports whether two versions differ in nothing but what the driver
// was charged.
func (s *Session) sameCharge(other *Session) bool {
	plain := func(v *Session) sessions.Session {
		return sessions.Session{ConnectorID: v.ConnectorID, MediumUID: v.MediumUID, Class: v.Class, Partner: v.Partner, AuthMethod: v.AuthMethod,
			Status: v.Status, Start: v.Start.UTC(), End: v.End.UTC(), Duration: v.Duration, Energy: v.Energy}
	}
	meter := func(a, b *money.Quantity) bool { return a == b || a != nil && b != nil && *a == *b }
	return !s.Reversed && !other.Reversed && plain(s) == plain(other) && s.signedWrong() == other.signedWrong() &&
		meter(s.MeterStart, other.MeterStart) && meter(s.MeterStop, other.MeterStop)
}

func (s *Session) signedWrong() bool { return s.Signed != nil && s.Signed.Verdict == ocmf.Invalid }

// collect writes a collection on all versions of a session that have none.
func (t *tx) collect(of *Session, at time.Time) {
	if at.IsZero() {
		return
	}
	for i := range t.Sessions {
		if v := &t.Sessions[i]; v.sameSession(of) && v.CollectedAt.IsZero() {
			v.CollectedAt, v.CollectionKnownAt = at, t.now
			t.touch(v.ID)
		}
	}
}

// TakeCollections takes in when the money of drivers arrived (settlement.md
// §2.3): all of the list or, where a session is not there or was charged
// another amount, nothing.
func (s *Store) TakeCollections(ctx context.Context, list []sessions.Collection) error {
	return s.write(ctx, func(t *tx) error {
		for _, one := range list {
			at := slices.IndexFunc(t.Sessions, func(v Session) bool {
				return v.Current && v.Source == one.Source && v.ExternalID == one.ExternalID
			})
			if at < 0 {
				return fault.New(fault.NotFound, "session_not_found", fault.Args{"session": one.Source + "/" + one.ExternalID})
			}
			stored := &t.Sessions[at]
			if one.Amount != nil && stored.DriverAmount != nil && *one.Amount != *stored.DriverAmount {
				return fault.New(fault.Invalid, "collection_amount", fault.Args{
					"session": stored.name(), "expected": stored.DriverAmount.String(), "got": one.Amount.String()})
			}
			t.collect(stored, utc(one.At))
		}
		return nil
	})
}

// having finds the session that has, or had, this content.
func having(list []*chain, next *Session) (had *chain) {
	for _, c := range list {
		if c.current != nil && c.current.says(next) {
			return c
		}
		if slices.ContainsFunc(c.versions, func(v Session) bool { return v.says(next) }) && (had == nil || had.current == nil) {
			had = c
		}
	}
	return had
}

// meantBy finds the session that a record is about, or nil.
func meantBy(list []*chain, s *Session, asCorrection bool) *chain {
	var living []*chain
	for _, c := range list {
		if c.current == nil {
			continue
		}
		living = append(living, c)
		if c.current.ConnectorID == s.ConnectorID && c.current.Start.Sub(s.Start).Abs() <= 24*time.Hour {
			return c
		}
	}
	if len(living) > 0 && (asCorrection || s.Reversed && len(living) == 1) {
		return living[0]
	}
	return nil
}

// add stores a version, in the place of an earlier one if there is one. A
// reversal is the same charge, worth nothing.
func (t *tx) add(next, earlier *Session) {
	if next.Reversed {
		if earlier != nil {
			back := *earlier
			back.ExternalID, back.ReusedID, back.Version, back.Fingerprint = next.ExternalID, next.ReusedID, next.Version, next.Fingerprint
			back.UpdatedAt, back.ReceivedAt = next.UpdatedAt, next.ReceivedAt
			*next = back
		}
		next.Reversed, next.Released, next.IDReused = true, false, earlier == nil && next.IDReused
		next.Energy, next.MeterStart, next.MeterStop, next.Signed = 0, nil, nil, nil
		next.DriverAmount, next.DriverFee, next.Currency, next.SameAs = nil, nil, "", 0
	}
	if earlier != nil {
		earlier.Current, earlier.SupersededAt = false, t.now
	}
	next.ID, next.Current, next.SupersededAt = t.takeIDs("session", 1), true, time.Time{}
	t.Sessions = append(t.Sessions, *next)
}

// meterKeys are the keys of the meter at a connector.
func (t *tx) meterKeys(id int64, at time.Time) []*ocmf.Key {
	for i := range t.Connectors {
		if c := &t.Connectors[i]; c.ID == id {
			return c.MeterKeysAt(at, t.stationZone(c.Station))
		}
	}
	return nil
}

// stationZone is the time zone of a station; UTC where it is not known.
func (t *tx) stationZone(key string) *time.Location {
	for i := range t.Configuration.Stations {
		if t.Configuration.Stations[i].Key == key {
			if zone, err := time.LoadLocation(t.Configuration.Stations[i].TimeZone); err == nil {
				return zone
			}
		}
	}
	return time.UTC
}

// connectorOf finds the connector of a session; one that no one knows is made.
func (t *tx) connectorOf(s *sessions.Session) int64 {
	if at := t.connectorAt(s.EVSEID, s.Connector); at >= 0 {
		return t.Connectors[at].ID
	}
	c := entities.Connector{ID: t.takeIDs("connectors", 1), EVSEID: s.EVSEID, Number: s.Connector}
	t.Connectors = append(t.Connectors, c)
	return c.ID
}

// ReleaseSessions lets sessions be credited in spite of the reasons for which
// they are held. It returns how many are released now, and for each of the
// others why not.
func (s *Store) ReleaseSessions(ctx context.Context, who string, ids []int64, reason string) (done int, refused map[int64]*fault.Fault, err error) {
	return s.decide(ctx, ids, func(t *tx, v *Session) *fault.Fault {
		if v.IDReused {
			return fault.New(fault.Conflict, "session_id_reused", fault.Args{"session": v.name(), "id": v.ReusedID})
		}
		if !v.Released {
			v.Released = true
			t.touch(v.ID)
			t.audit(who, "session.released", v.name(), "held", reason)
		}
		return nil
	})
}

// InvalidateSessions declares sessions invalid: each becomes a version of its
// own.
func (s *Store) InvalidateSessions(ctx context.Context, who string, ids []int64, reason string) (done int, refused map[int64]*fault.Fault, err error) {
	return s.decide(ctx, ids, func(t *tx, v *Session) *fault.Fault {
		if v.Status == sessions.Invalid && !v.Released {
			return nil
		}
		next := *v
		next.Status, next.Released, next.ReceivedAt, next.Version = sessions.Invalid, false, t.now, v.Version+1
		next.IDReused, next.SameAs = v.IDReused && !v.Reversed, 0
		v.Current, v.SupersededAt = false, t.now
		t.audit(who, "session.invalidated", v.name(), string(v.Status), reason)
		next.ID = t.takeIDs("session", 1)
		t.Sessions = append(t.Sessions, next)
		return nil
	})
}

// decide lets a person decide about sessions that are current and not credited.
func (s *Store) decide(ctx context.Context, ids []int64, change func(*tx, *Session) *fault.Fault) (done int, refused map[int64]*fault.Fault, err error) {
	err = s.write(ctx, func(t *tx) error {
		done, refused = 0, map[int64]*fault.Fault{}
		for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
			v, f := t.undecided(id)
			if f == nil {
				f = change(t, v)
			}
			if f != nil {
				refused[id] = f
				continue
			}
			done++
		}
		return nil
	})
	return done, refused, err
}

func (t *tx) undecided(id int64) (*Session, *fault.Fault) {
	v := t.session(id)
	if v == nil {
		return nil, fault.New(fault.NotFound, "session_not_found", fault.Args{"session": id})
	}
	args := fault.Args{"session": v.name()}
	switch {
	case !v.Current:
		return nil, fault.New(fault.Conflict, "session_superseded", args)
	case v.Reversed && !v.IDReused:
		return nil, fault.New(fault.Conflict, "session_reversed", args)
	case t.settled()[id]:
		return nil, fault.New(fault.Conflict, "session_credited", args)
	}
	return v, nil
}

// FindSessions finds all versions of sessions by their external id, the current
// one first.
func (s *Store) FindSessions(_ context.Context, id string) (found []sessions.Session, err error) {
	d := s.read()
	for i := range slices.Backward(d.Sessions) {
		if d.Sessions[i].ExternalID == id {
			found = append(found, copied(d.Sessions[i].Session))
		}
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "session_not_found", fault.Args{"session": id})
	}
	return found, nil
}

// SessionsByID implements creditnotes.DraftStore.
func (s *Store) SessionsByID(_ context.Context, ids []int64) (map[int64]sessions.Session, error) {
	found, d := map[int64]sessions.Session{}, s.read()
	for _, id := range ids {
		if v := d.session(id); v != nil {
			found[id] = copied(v.Session)
		}
	}
	return found, nil
}

// MonthCount implements creditnotes.RunStore.
func (s *Store) MonthCount(_ context.Context, from, until time.Time) (count creditnotes.MonthCount, err error) {
	d := s.read()
	settled := d.settled()
	for i := range d.Sessions {
		if v := &d.Sessions[i]; v.Current && !v.End.Before(from) && v.End.Before(until) {
			count.Sessions++
			if !settled[v.ID] {
				count.Open++
			}
		}
	}
	return count, nil
}

// CurrentSessions lists the current versions of all sessions.
func (s *Store) CurrentSessions(context.Context) (list []sessions.Session, err error) {
	for _, v := range s.read().Sessions {
		if v.Current {
			list = append(list, copied(v.Session))
		}
	}
	return list, nil
}
