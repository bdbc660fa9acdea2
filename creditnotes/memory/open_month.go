package memory

import (
	"context"
	"fmt"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// OpenBook is a book of the open month with what is in it.
type OpenBook struct {
	creditnotes.OpenBook
	Current bool
	Entered int64 // the change of which Entries are
	Beat    time.Time
	Lines   []creditnotes.OpenLine
	Holds   []creditnotes.Hold
	Own     []creditnotes.OpenCharge
	Entries []creditnotes.SettlementRecord
}

// OpenMark says that a session has changed; 0: something beside sessions.
type OpenMark struct{ ID, Session int64 }

// touch marks sessions as changed.
func (t *tx) touch(ids ...int64) {
	for _, id := range ids {
		t.Touched = append(t.Touched, OpenMark{t.takeIDs("open_touched", 1), id})
	}
}

// openBook finds a book by id, or the current one; nil: there is none. A transaction
// may change what it points at.
func (d *Data) openBook(id int64) *OpenBook {
	for i := range d.OpenBooks {
		if b := &d.OpenBooks[i]; b.ID == id || id == 0 && b.Current {
			return b
		}
	}
	return nil
}

// OpenState implements creditnotes.OpenStore.
func (s *Store) OpenState(context.Context) (creditnotes.OpenState, error) {
	return s.read().openState(utc(s.now())), nil
}

func (d *Data) openState(now time.Time) (state creditnotes.OpenState) {
	state.Cursor, state.Touched = max(d.IDs["session"], 1), len(d.Touched) > 0
	settled, cancelled, drafted := "", int64(0), 0
	for i := range d.Runs {
		r := &d.Runs[i]
		switch r.Stage {
		case creditnotes.StageDrafting:
			state.Drafting = state.Drafting || r.LeaseUntil.After(now)
			for _, o := range d.Owners {
				if o.RunID == r.ID {
					drafted++
				}
			}
		case creditnotes.StageDiscarded:
		default:
			settled += fmt.Sprintf(" %d", r.ID)
		}
	}
	for i := range d.Notes {
		if d.Notes[i].Cancels != 0 {
			cancelled = max(cancelled, d.Notes[i].ID)
		}
	}
	state.Basis = fmt.Sprintf("%d%s %d %d", d.IDs["configuration"], settled, cancelled, drafted)
	if b := d.openBook(0); b != nil {
		state.Book, state.Touched = new(b.OpenBook), state.Touched || b.Changed != b.Entered
	}
	return state
}

// BeginBook implements creditnotes.OpenStore.
func (s *Store) BeginBook(ctx context.Context, b creditnotes.OpenBook) (id int64, mine bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		for _, other := range t.OpenBooks {
			if !other.Current && other.Beat.After(t.now.Add(-2*time.Minute)) {
				return nil
			}
		}
		t.OpenBooks = slices.DeleteFunc(t.OpenBooks, func(b OpenBook) bool { return !b.Current })
		id, mine, t.Touched = t.takeIDs("open_book", 1), true, nil
		b.ID = id
		t.OpenBooks = append(t.OpenBooks, OpenBook{OpenBook: b, Beat: t.now})
		return nil
	})
	return id, mine, err
}

// WriteOpen implements creditnotes.OpenStore.
func (s *Store) WriteOpen(ctx context.Context, id int64, fn func(creditnotes.OpenWriter) error) error {
	return s.write(ctx, func(t *tx) error {
		b := t.openBook(id)
		if b == nil || b.Current {
			return fault.New(fault.Conflict, "run_taken", fault.Args{"run": "open"})
		}
		b.Beat, b.Lines, b.Holds = t.now, slices.Clone(b.Lines), slices.Clone(b.Holds)
		return fn(&openWriter{b})
	})
}

type openWriter struct{ book *OpenBook }

func (w *openWriter) CopyOpenLines(src creditnotes.OpenLines) error {
	for src.Next() {
		w.book.Lines = append(w.book.Lines, *src.OpenLine())
	}
	return src.Err()
}

func (w *openWriter) SaveOpenHolds(holds []creditnotes.Hold) error {
	w.book.Holds = append(w.book.Holds, holds...)
	return nil
}

// FinishBook implements creditnotes.OpenStore.
func (s *Store) FinishBook(ctx context.Context, id int64, own []creditnotes.OpenCharge) error {
	return s.write(ctx, func(t *tx) error {
		b := t.openBook(id)
		if b == nil || b.Current {
			return fault.New(fault.Conflict, "run_taken", fault.Args{"run": "open"})
		}
		done := *b
		done.Current, done.Changed, done.Own = true, 1, own
		t.OpenBooks = []OpenBook{done}
		return nil
	})
}

// RemoveBook implements creditnotes.OpenStore.
func (s *Store) RemoveBook(ctx context.Context, id int64) error {
	return s.write(ctx, func(t *tx) error {
		t.OpenBooks = slices.DeleteFunc(t.OpenBooks, func(b OpenBook) bool { return b.ID == id && !b.Current })
		return nil
	})
}

// TouchedSessions implements creditnotes.OpenStore.
func (s *Store) TouchedSessions(_ context.Context, b *creditnotes.OpenBook, sweep bool) (t creditnotes.OpenTouched, err error) {
	d := s.read()
	book := d.openBook(b.ID)
	t.Cursor = max(d.IDs["session"], 1)
	if book == nil {
		return t, nil
	}
	t.Beside = book.Changed != book.Entered
	changed := map[int64]bool{}
	for _, m := range d.Touched {
		t.Marks = append(t.Marks, m.ID)
		changed[m.Session] = m.Session != 0
		t.Beside = t.Beside || m.Session == 0
	}
	for _, h := range book.Holds {
		changed[h.SessionID] = changed[h.SessionID] || sweep && h.Reason == sessions.InTheFuture
	}
	for i := range d.Sessions {
		v := &d.Sessions[i]
		if v.ID >= b.Cursor {
			changed[v.ID] = true
		}
	}
	var versions []*Session
	for i := range d.Sessions {
		v := &d.Sessions[i]
		for k := range d.Sessions {
			if o := &d.Sessions[k]; changed[o.ID] && o.sameSession(v) {
				versions = append(versions, v)
				break
			}
		}
	}
	seen := map[int64]bool{}
	for i := range d.Sessions {
		v := &d.Sessions[i]
		near := slices.ContainsFunc(versions, func(w *Session) bool {
			return w.ID == v.ID || v.Current && w.ConnectorID == v.ConnectorID && !v.Start.Before(w.Start) && v.Start.Before(w.End)
		})
		if !near {
			continue
		}
		t.Sessions = append(t.Sessions, v.ID)
		if !seen[v.ConnectorID] {
			seen[v.ConnectorID] = true
			t.Connectors = append(t.Connectors, v.ConnectorID)
		}
	}
	return t, nil
}

// UpdateOpen implements creditnotes.OpenStore.
func (s *Store) UpdateOpen(ctx context.Context, b *creditnotes.OpenBook, u *creditnotes.OpenUpdate) (done bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		book := t.openBook(b.ID)
		if book == nil || !book.Current || book.Changed != b.Changed || book.Cursor != b.Cursor {
			return nil
		}
		of := func(id int64) bool { return slices.Contains(u.Sessions, id) }
		if len(u.Sessions) > 0 {
			book.Lines = append(slices.DeleteFunc(slices.Clone(book.Lines), func(l creditnotes.OpenLine) bool { return of(l.For) }), u.Lines...)
			book.Holds = append(slices.DeleteFunc(slices.Clone(book.Holds), func(h creditnotes.Hold) bool { return of(h.SessionID) }), u.Holds...)
			book.Own = append(slices.DeleteFunc(slices.Clone(book.Own), func(c creditnotes.OpenCharge) bool { return of(c.For) }), u.Own...)
		}
		if len(u.Sessions) > 0 || u.Beside {
			book.Changed++
		}
		book.Cursor, book.AsOf, book.Swept = u.Cursor, utc(u.AsOf), utc(u.Swept)
		t.Touched = slices.DeleteFunc(t.Touched, func(m OpenMark) bool { return slices.Contains(u.Marks, m.ID) })
		*b, done = book.OpenBook, true
		return nil
	})
	return done, err
}

// SaveOpenEntries implements creditnotes.OpenStore.
func (s *Store) SaveOpenEntries(ctx context.Context, b *creditnotes.OpenBook, list []creditnotes.SettlementRecord) error {
	return s.write(ctx, func(t *tx) error {
		if book := t.openBook(b.ID); book != nil && book.Current && book.Changed == b.Changed {
			book.Entries, book.Entered = slices.Clone(list), b.Changed
		}
		return nil
	})
}

// OpenSums implements creditnotes.OpenStore.
func (s *Store) OpenSums(_ context.Context, id int64, by creditnotes.OpenSumsBy) ([]creditnotes.OpenSum, error) {
	d, sums := s.read(), map[creditnotes.OpenSum]*creditnotes.OpenSum{}
	book := d.openBook(id)
	if book == nil {
		return nil, nil
	}
	for i := range book.Lines {
		l := &book.Lines[i]
		key := creditnotes.OpenSum{
			Owner: d.ownerKey(l.OwnerID), Station: l.Station, Day: l.Day, Currency: l.Currency, Contract: l.Contract, Shared: l.Shared, Correction: l.Correction, Tax: l.Tax,
		}
		switch first := l.Day.Month().FirstDay(); by {
		case creditnotes.OpenByDay:
			key = creditnotes.OpenSum{Day: key.Day, Currency: key.Currency}
		case creditnotes.OpenByOwner:
			key = creditnotes.OpenSum{Owner: key.Owner, Day: first, Currency: key.Currency}
		default:
			if key.Day = first; l.Contract == "" {
				continue
			}
		}
		sum := sums[key]
		if sum == nil {
			sum = new(key)
			sums[key] = sum
		}
		if l.Kind == creditnotes.LineCredit {
			sum.Sessions++
		}
		sum.Count.Add(l.Energy)
		into := sum.Parts()
		for i, part := range l.Parts() {
			*into[i] += *part
		}
	}
	var list []creditnotes.OpenSum
	for _, sum := range sums {
		list = append(list, *sum)
	}
	return list, nil
}

// OpenHeld implements creditnotes.OpenStore.
func (s *Store) OpenHeld(_ context.Context, id int64) (list []creditnotes.OpenHeld, err error) {
	book := s.read().openBook(id)
	if book == nil {
		return nil, nil
	}
	for _, h := range book.Holds {
		if h.Closed != "" {
			continue
		}
		at := slices.IndexFunc(list, func(one creditnotes.OpenHeld) bool { return one.Owner == h.Owner && one.Reason == h.Reason })
		if at < 0 {
			at = len(list)
			list = append(list, creditnotes.OpenHeld{Owner: h.Owner, Reason: h.Reason})
		}
		list[at].Add(h.Energy)
	}
	return list, nil
}

// OpenFailed implements creditnotes.OpenStore.
func (s *Store) OpenFailed(_ context.Context, id int64) (ids []int64, err error) {
	if book := s.read().openBook(id); book != nil {
		for _, h := range book.Holds {
			if h.Reason == sessions.OwnerFailed && !slices.Contains(ids, h.OwnerID) {
				ids = append(ids, h.OwnerID)
			}
		}
	}
	return ids, nil
}

// openRecords lists the records of the open month.
func (d *Data) openRecords(f *creditnotes.SettlementFilter, zone *time.Location) (list []creditnotes.SettlementRecord) {
	book, state := d.openBook(0), d.openState(time.Time{})
	if book == nil || !f.WantsOpen() {
		return nil
	}
	settled, again := d.settled(), d.cancelledCredits()
	for i := range book.Lines {
		l := &book.Lines[i]
		if settled[l.SessionID] && l.Kind == creditnotes.LineCredit {
			continue // by a run since
		}
		v := d.session(l.SessionID)
		charged := slices.ContainsFunc(book.Own, func(c creditnotes.OpenCharge) bool {
			return c.SessionID == l.SessionID && c.Kind == creditnotes.LineOwnCharging
		})
		one := creditnotes.RecordedLine{
			Line: l.Line, Owner: d.ownerKey(l.OwnerID), Currency: l.Currency, Path: d.pathOf(v, l), Session: v.Session, Open: true,
			Again: creditnotes.CreditedAgain(&l.Line, again), Charged: d.charged(v, l.Currency, time.Time{}), CollectedAt: v.CollectedAt, OwnCharged: charged || d.ownCharged(v),
		}
		list = append(list, one.Records(zone)...)
	}
	for _, c := range book.Own {
		v := d.session(c.SessionID)
		one := creditnotes.RecordedCharge{
			OwnCharge: c.OwnCharge, Owner: d.ownerKey(c.OwnerID), Currency: c.Currency, Open: true, Session: v.Session, CollectedAt: v.CollectedAt, Station: d.stationOf(v.ConnectorID),
		}
		list = append(list, one.Record(zone))
	}
	if state.Overtaken() {
		return list
	}
	return append(list, book.Entries...)
}

func (d *Data) pathOf(v *Session, l *creditnotes.OpenLine) creditnotes.PathInfo {
	path := creditnotes.PathInfo{Station: l.Station, Contract: l.Contract}
	at := slices.IndexFunc(d.Connectors, func(c entities.Connector) bool { return c.ID == v.ConnectorID })
	if at >= 0 {
		path.EVSEID, path.Connector = d.Connectors[at].EVSEID, d.Connectors[at].Number
	}
	return path
}
