package memory

import (
	"context"
	"iter"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
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
			if r, ok := n.Record(p, d.dateOfRecord(p.Record), zone); ok {
				r.Number, r.Open = d.numberOf(n.ID, d.ownerID(p.Owner)), n.State == creditnotes.Draft
				list = append(list, r)
			}
		}
	}
	list = append(append(list, d.chargesAndTopUps(f, zone)...), d.openRecords(f, zone)...)
	list = slices.DeleteFunc(list, func(r creditnotes.SettlementRecord) bool { return !f.Fits(&r) })
	creditnotes.RecordPage{Page: creditnotes.Page{OldestFirst: true}}.Sort(list)
	return list, nil
}

func (d *Data) chargesAndTopUps(f *creditnotes.SettlementFilter, zone *time.Location) (list []creditnotes.SettlementRecord) {
	for _, c := range d.Own {
		n, v := d.note(c.NoteID), d.session(c.SessionID)
		if !c.Live || n == nil || !d.recorded(n, f) {
			continue
		}
		one := creditnotes.RecordedCharge{
			OwnCharge: c.OwnCharge, Owner: d.ownerKey(c.OwnerID), Currency: n.Currency, Number: d.numberOf(n.ID, c.OwnerID),
			Open: n.State == creditnotes.Draft, Session: v.Session, CollectedAt: collectedAsOf(v, f.AsOf), Station: d.stationOf(v.ConnectorID),
		}
		list = append(list, one.Record(zone))
	}
	if f.Run == "" {
		for i := range d.TopUps {
			list = append(list, d.TopUps[i].Record(zone))
		}
	}
	return list
}

func (d *Data) stationOf(connector int64) string {
	for i := range d.Connectors {
		if d.Connectors[i].ID == connector {
			return d.Connectors[i].Station
		}
	}
	return ""
}

func (d *Data) dateOfRecord(key string) entities.Date {
	for i := range d.Records {
		if d.Records[i].Key == key {
			return d.Records[i].Date
		}
	}
	return ""
}

// ownCharged reports whether a version of a session, or a later one that is the
// same charge, is billed as own charging.
func (d *Data) ownCharged(v *Session) bool {
	return slices.ContainsFunc(d.Own, func(c OwnCharge) bool {
		return c.Live && c.Kind == creditnotes.LineOwnCharging && (c.SessionID == v.ID || d.session(c.SessionID).alike(v))
	})
}

func collectedAsOf(v *Session, asOf time.Time) time.Time {
	if asOf.IsZero() || !v.CollectionKnownAt.After(utc(asOf)) {
		return v.CollectedAt
	}
	return time.Time{}
}

// recorded reports whether what stands on a note makes records.
func (d *Data) recorded(n *creditnotes.Note, f *creditnotes.SettlementFilter) bool {
	draft := n.State == creditnotes.Draft
	return (!draft || f.Drafts || f.Open != creditnotes.WithoutOpen) && (draft || f.Open != creditnotes.OnlyOpen) && (f.Run == "" || d.run(n.RunID).Name == f.Run)
}

func (d *Data) recordedLine(l *Line, asOf time.Time) (one creditnotes.RecordedLine, err error) {
	v, n := d.session(l.SessionID), d.note(l.NoteID)
	path, err := tariffs.ParsePath(d.Paths[l.PathID])
	if err != nil {
		return one, err
	}
	one = creditnotes.RecordedLine{
		Line: l.Line, Owner: d.ownerKey(l.OwnerID), Currency: n.Currency, Path: creditnotes.PathInfoOf(path), Session: v.Session,
		Number: d.numberOf(n.ID, l.OwnerID), Charged: d.charged(v, n.Currency, asOf), CollectedAt: collectedAsOf(v, asOf), OwnCharged: d.ownCharged(v),
		Open: n.State == creditnotes.Draft,
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
