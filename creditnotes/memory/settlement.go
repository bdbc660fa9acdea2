package memory

import (
	"context"
	"iter"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// Records implements creditnotes.RecordStore.
func (s *Store) Records(_ context.Context, f creditnotes.SettlementFilter, p creditnotes.RecordPage) (creditnotes.RecordList, error) {
	list, err := s.read().records(&f)
	if err != nil {
		return creditnotes.RecordList{}, err
	}
	return p.PageOf(list, &f)
}

// EachRecord implements creditnotes.RecordStore.
func (s *Store) EachRecord(_ context.Context, f creditnotes.SettlementFilter) iter.Seq2[creditnotes.SettlementRecord, error] {
	return func(yield func(creditnotes.SettlementRecord, error) bool) {
		list, err := s.read().records(&f)
		if err != nil {
			yield(creditnotes.SettlementRecord{}, err)
			return
		}
		for _, r := range list {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// RecordTotals implements creditnotes.RecordStore.
func (s *Store) RecordTotals(_ context.Context, f creditnotes.SettlementFilter) ([]creditnotes.RecordTotal, error) {
	list, err := s.read().records(&f)
	return creditnotes.TotalsOfRecords(list), err
}

// records lists what a filter lets through, by date.
func (d *Data) records(f *creditnotes.SettlementFilter) (list []creditnotes.SettlementRecord, err error) {
	zone := d.zone()
	for i := range d.Lines {
		l := &d.Lines[i]
		if !l.Live || l.NoteID == 0 || !d.recorded(d.note(l.NoteID), f) {
			continue
		}
		one, err := d.recordedLine(l, f.AsOf)
		if err != nil {
			return nil, err
		}
		list = append(list, one.Records(zone)...)
	}
	for i := range d.Notes {
		n := &d.Notes[i]
		if !d.recorded(n, f) || n.Kind == numbering.Cancellation || !d.stands(n.ID) {
			continue
		}
		for k := range n.Positions {
			p := &n.Positions[k]
			if r, ok := n.Record(p, "", zone); ok {
				r.Number = d.numberOf(n.ID, d.ownerID(p.Owner))
				list = append(list, r)
			}
		}
	}
	list = slices.DeleteFunc(list, func(r creditnotes.SettlementRecord) bool { return !f.Fits(&r) })
	creditnotes.RecordPage{Page: creditnotes.Page{OldestFirst: true}}.Sort(list)
	return list, nil
}

// recorded reports whether what stands on a note makes records.
func (d *Data) recorded(n *creditnotes.Note, f *creditnotes.SettlementFilter) bool {
	return (f.Drafts || n.State != creditnotes.Draft) && (f.Run == "" || d.run(n.RunID).Name == f.Run)
}

func (d *Data) recordedLine(l *Line, asOf time.Time) (one creditnotes.RecordedLine, err error) {
	v, n := d.session(l.SessionID), d.note(l.NoteID)
	path, err := tariffs.ParsePath(d.Paths[l.PathID])
	if err != nil {
		return one, err
	}
	one = creditnotes.RecordedLine{
		Line: l.Line, Owner: d.ownerKey(l.OwnerID), Currency: n.Currency, Path: creditnotes.PathInfoOf(path), Session: v.Session,
		Number: d.numberOf(n.ID, l.OwnerID), Charged: d.charged(v, n.Currency, asOf),
	}
	if asOf.IsZero() || !v.CollectionKnownAt.After(utc(asOf)) {
		one.CollectedAt = v.CollectedAt
	}
	return one, nil
}

// charged is the driver amount of the latest version that is the same charge, in
// a currency.
func (d *Data) charged(v *Session, currency string, asOf time.Time) *money.Micros {
	latest := v
	for i := range d.Sessions {
		if later := &d.Sessions[i]; later.alike(v) && later.Version > latest.Version && (asOf.IsZero() || !later.ReceivedAt.After(utc(asOf))) {
			latest = later
		}
	}
	if latest.Currency != currency {
		return nil
	}
	return latest.DriverAmount
}

// zone is the operator's; UTC while there is none.
func (d *Data) zone() *time.Location {
	for i := range d.Configuration.Entities {
		if e := &d.Configuration.Entities[i]; e.Parent == "" {
			if zone, err := time.LoadLocation(e.TimeZone); err == nil {
				return zone
			}
		}
	}
	return time.UTC
}
