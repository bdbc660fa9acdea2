package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// reportReader implements creditnotes.ReportReader.
type reportReader struct{ d *Data }

// SaveReports implements creditnotes.ReportWriter.
func (w *issueWriter) SaveReports(list []*creditnotes.FrozenReport, who string) error {
	for _, f := range list {
		f.ID = w.t.takeIDs("settlement_reports", 1)
		w.t.Reports = append(w.t.Reports, *f)
		w.t.audit(who, creditnotes.ActionReported, f.Name, "", f.SHA256)
	}
	return nil
}

func (b *books) FrozenReports(context.Context) (list []*creditnotes.FrozenReport, err error) {
	for _, f := range b.d.Reports {
		f.Earlier = f.FrozenAt.Before(b.since)
		list = append(list, new(f))
	}
	return list, nil
}

func (r reportReader) LastReports(_ context.Context, at creditnotes.ReportMoment) (map[creditnotes.ReportKey]*creditnotes.FrozenReport, error) {
	last := map[creditnotes.ReportKey]*creditnotes.FrozenReport{}
	for _, f := range r.d.Reports {
		if key := (creditnotes.ReportKey{Owner: f.Owner, Currency: f.Currency}); f.ID <= at.Report && (last[key] == nil || last[key].ID < f.ID) {
			last[key] = new(f)
		}
	}
	return last, nil
}

// reportedBy reports whether a line is in a report until another one.
func (r reportReader) reportedBy(l *Line, key creditnotes.ReportKey, until int64) bool {
	return slices.ContainsFunc(r.d.Reports, func(f creditnotes.FrozenReport) bool {
		return f.RunID == l.RunID && f.Owner == key.Owner && f.Currency == key.Currency && f.ID <= until
	})
}

// driver is what the driver was charged, with the sign of the line; nil: unknown.
func (r reportReader) driver(l *Line, currency string) *money.Micros {
	if l.ByDriver {
		return new(l.DriverAmount)
	}
	v := r.d.session(l.SessionID)
	if v.DriverAmount == nil || v.Currency != currency {
		if l.Sold {
			return new(l.Sale)
		}
		return nil
	}
	if l.Kind == creditnotes.LineReversal {
		return new(-*v.DriverAmount)
	}
	return new(*v.DriverAmount)
}

func (r reportReader) collected(l *Line, currency string, cutoff time.Time, run int64) bool {
	v := r.d.session(l.SessionID)
	if !v.CollectedAt.IsZero() && !v.CollectionKnownAt.After(cutoff) {
		return true
	}
	if amount := r.driver(l, currency); amount != nil && *amount == 0 {
		return true
	}
	return slices.ContainsFunc(r.d.Own, func(c OwnCharge) bool {
		return c.SessionID == l.SessionID && c.Kind == creditnotes.LineOwnCharging && c.RunID <= run
	})
}

// undoneAfter reports whether the note of a line was cancelled, or withdrawn, by
// a cancellation after another one.
func (r reportReader) undoneAfter(note, at int64) bool {
	by := r.d.cancelledBy(note)
	if id := r.d.Withdrawn[note]; by == nil && id != 0 {
		by = r.d.note(id)
	}
	return by != nil && by.ID > at
}

func (r reportReader) stoodAt(l *Line, at int64) bool {
	return l.Live || r.undoneAfter(l.NoteID, at)
}

// lines yields the lines on credit notes that fit, as a report counts them.
func (r reportReader) lines(cutoff time.Time, run int64, fits func(*Line, creditnotes.ReportKey) bool) iter.Seq2[creditnotes.ReportLine, error] {
	type placed struct {
		creditnotes.ReportLine
		id int64
	}
	var list []placed
	for i := range r.d.Lines {
		l := &r.d.Lines[i]
		n := r.d.note(l.NoteID)
		if n == nil || n.Kind != numbering.CreditNote {
			continue
		}
		key := creditnotes.ReportKey{Owner: r.d.ownerKey(l.OwnerID), Currency: n.Currency}
		if !fits(l, key) {
			continue
		}
		v := r.d.session(l.SessionID)
		one := creditnotes.ReportLine{
			Owner: key.Owner, Currency: key.Currency, Number: n.Number, Kind: l.Kind, Session: v.ExternalID, Source: v.Source, Medium: v.MediumUID,
			Start: v.Start, End: v.End, Duration: v.Duration, Energy: l.Energy, Nets: l.Nets,
			Driver: r.driver(l, key.Currency), Collected: r.collected(l, key.Currency, cutoff, run),
		}
		if !v.CollectedAt.IsZero() && !v.CollectionKnownAt.After(cutoff) {
			one.CollectedAt = v.CollectedAt
		}
		if path, err := tariffs.ParsePath(r.d.Paths[l.PathID]); err == nil {
			info := creditnotes.PathInfoOf(path)
			one.Station, one.EVSEID, one.Connector = info.Station, info.EVSEID, info.Connector
		}
		list = append(list, placed{one, v.ID})
	}
	slices.SortStableFunc(list, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Currency, b.Currency), a.Start.Compare(b.Start), cmp.Compare(a.id, b.id), cmp.Compare(a.Kind, b.Kind))
	})
	return func(yield func(creditnotes.ReportLine, error) bool) {
		for _, one := range list {
			if !yield(one.ReportLine, nil) {
				return
			}
		}
	}
}

// wants reports whether an owner was asked for.
func wants(at creditnotes.ReportMoment, key creditnotes.ReportKey) bool {
	return at.Owner == "" || at.Owner == key.Owner
}

func (r reportReader) ReportLines(_ context.Context, run *creditnotes.Run, at creditnotes.ReportMoment) iter.Seq2[creditnotes.ReportLine, error] {
	return r.lines(at.Cutoff, run.ID, func(l *Line, key creditnotes.ReportKey) bool {
		return l.RunID == run.ID && r.stoodAt(l, at.Cancellation) && wants(at, key)
	})
}

func (r reportReader) ReportCollected(ctx context.Context, run *creditnotes.Run, at creditnotes.ReportMoment) iter.Seq2[creditnotes.ReportLine, error] {
	last, _ := r.LastReports(ctx, at)
	return r.lines(at.Cutoff, run.ID, func(l *Line, key creditnotes.ReportKey) bool {
		prev := last[key]
		return prev != nil && wants(at, key) && r.reportedBy(l, key, prev.ID) && r.stoodAt(l, at.Cancellation) &&
			r.collected(l, key.Currency, at.Cutoff, run.ID) && !r.collected(l, key.Currency, prev.Cutoff, prev.RunID)
	})
}

func (r reportReader) ReportCancelled(ctx context.Context, run *creditnotes.Run, at creditnotes.ReportMoment) iter.Seq2[creditnotes.ReportLine, error] {
	last, _ := r.LastReports(ctx, at)
	return r.lines(at.Cutoff, run.ID, func(l *Line, key creditnotes.ReportKey) bool {
		prev := last[key]
		return prev != nil && wants(at, key) && r.reportedBy(l, key, prev.ID) && r.undoneAfter(l.NoteID, prev.Horizon.Cancellation) &&
			!r.undoneAfter(l.NoteID, at.Cancellation) && !r.collected(l, key.Currency, prev.Cutoff, prev.RunID)
	})
}

func (r reportReader) ReportAwaited(ctx context.Context) (map[creditnotes.ReportKey]creditnotes.DriverSum, error) {
	last, _ := r.LastReports(ctx, creditnotes.ReportMoment{ReportHorizon: creditnotes.ReportHorizon{Report: 1 << 62}})
	sums := map[creditnotes.ReportKey]creditnotes.DriverSum{}
	for l := range r.lines(time.Time{}, 0, func(l *Line, key creditnotes.ReportKey) bool {
		prev := last[key]
		return prev != nil && r.reportedBy(l, key, prev.ID) && r.stoodAt(l, prev.Horizon.Cancellation) &&
			!r.collected(l, key.Currency, prev.Cutoff, prev.RunID)
	}) {
		key := creditnotes.ReportKey{Owner: l.Owner, Currency: l.Currency}
		sum := sums[key]
		sum.Share += l.Total()
		if l.Driver != nil {
			sum.Driver += *l.Driver
		}
		sums[key] = sum
	}
	return sums, nil
}

func (r reportReader) ReportPositions(_ context.Context, run *creditnotes.Run) (list []creditnotes.ReportPosition, err error) {
	for i := range r.d.Notes {
		n := &r.d.Notes[i]
		if n.RunID != run.ID || n.Kind == numbering.Cancellation {
			continue
		}
		for _, p := range n.Positions {
			list = append(list, creditnotes.ReportPosition{Position: p, Kind: n.Kind, Number: n.Number, Currency: n.Currency})
		}
	}
	return list, nil
}

func (r reportReader) ReportDocuments(ctx context.Context, run *creditnotes.Run, at creditnotes.ReportMoment) (map[creditnotes.ReportKey][]creditnotes.ReportDocument, error) {
	last, _ := r.LastReports(ctx, at)
	byKey := map[creditnotes.ReportKey][]creditnotes.ReportDocument{}
	for i := range r.d.Notes {
		n := &r.d.Notes[i]
		for _, owner := range n.Owners {
			key := creditnotes.ReportKey{Owner: owner, Currency: n.Currency}
			later := n.Kind == numbering.Cancellation && last[key] != nil && n.ID > last[key].Horizon.Cancellation && n.ID <= at.Cancellation
			if later || n.RunID == run.ID && n.Kind != numbering.Cancellation {
				one := creditnotes.ReportDocument{Number: n.Number, Kind: n.Kind, State: n.State, Date: n.Date, Shared: len(n.Owners) > 1}
				byKey[key] = append(byKey[key], one.Amounted(n.Net, n.Gross, n.Document.CurrencyDigits))
			}
		}
	}
	for _, list := range byKey {
		slices.SortStableFunc(list, func(a, b creditnotes.ReportDocument) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Number, b.Number))
		})
	}
	return byKey, nil
}

func (r reportReader) ReportOwnCharges(_ context.Context, run *creditnotes.Run) (list []creditnotes.ReportOwnCharge, err error) {
	for i := range r.d.Own {
		c := &r.d.Own[i]
		n, v := r.d.note(c.NoteID), r.d.session(c.SessionID)
		if n == nil || n.RunID != run.ID {
			continue
		}
		list = append(list, creditnotes.ReportOwnCharge{Owner: r.d.ownerKey(c.OwnerID), Currency: n.Currency, Number: n.Number, Session: v.ExternalID,
			Source: v.Source, Start: v.Start, End: v.End, Energy: c.Energy, Driver: c.DriverAmount, Net: c.Net})
	}
	slices.SortStableFunc(list, func(a, b creditnotes.ReportOwnCharge) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Currency, b.Currency), a.Start.Compare(b.Start))
	})
	return list, nil
}

func (r reportReader) ReportTopUps(_ context.Context, at creditnotes.ReportMoment, until time.Time) (list []creditnotes.MovedTopUpRecord, err error) {
	reported := map[int64]bool{}
	for _, f := range r.d.Reports {
		for _, id := range f.TopUps {
			reported[id] = reported[id] || f.ID <= at.Report
		}
	}
	for _, t := range r.d.TopUps {
		if t.At.Before(until) && !t.ReceivedAt.After(at.Cutoff) && !reported[t.ID] {
			one := creditnotes.MovedTopUpRecord{TopUp: t}
			for _, m := range r.d.Movements {
				if m.TopUpID == t.ID {
					one.Moved += m.Amount
				}
			}
			list = append(list, one)
		}
	}
	slices.SortStableFunc(list, func(a, b creditnotes.MovedTopUpRecord) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

func (r reportReader) ReportHeld(_ context.Context, run *creditnotes.Run) (map[string]creditnotes.ReportHeldCounts, error) {
	byOwner := map[string]creditnotes.ReportHeldCounts{}
	of := func(owner string) creditnotes.ReportHeldCounts {
		if _, ok := byOwner[owner]; !ok {
			byOwner[owner] = creditnotes.ReportHeldCounts{Held: map[sessions.Reason]creditnotes.Count{}, Own: map[sessions.Reason]creditnotes.Count{}}
		}
		return byOwner[owner]
	}
	add := func(counts map[sessions.Reason]creditnotes.Count, h *Hold) {
		count := counts[h.Reason]
		if v := r.d.session(h.SessionID); v != nil {
			count.Add(v.worth())
		}
		counts[h.Reason] = count
	}
	for i := range r.d.Holds {
		if h := &r.d.Holds[i]; h.RunID == run.ID {
			add(of(r.d.ownerKey(h.OwnerID)).Held, h)
		}
	}
	for i := range r.d.OwnWaits {
		if h := &r.d.OwnWaits[i]; h.RunID == run.ID {
			add(of(r.d.ownerKey(h.OwnerID)).Own, h)
		}
	}
	return byOwner, nil
}

func (r reportReader) ReportMovements(
	_ context.Context, recipient, currency string, after, until int64,
) (opening money.Amount, list []creditnotes.ReportMovement, err error) {
	for _, m := range r.d.Movements {
		switch {
		case m.Entity != recipient || m.Currency != currency || m.ID > until:
		case m.ID <= after:
			opening += m.Amount
		default:
			list = append(list, creditnotes.ReportMovement{At: m.Booked, Value: m.Value, Kind: string(m.Kind), Reference: m.Reference, Moved: m.Amount})
		}
	}
	slices.SortStableFunc(list, func(a, b creditnotes.ReportMovement) int { return cmp.Compare(a.Value, b.Value) })
	return opening, list, nil
}

func (r reportReader) ReportHorizon(context.Context) (h creditnotes.ReportHorizon, err error) {
	for i := range r.d.Notes {
		if n := &r.d.Notes[i]; n.Cancels != 0 {
			h.Cancellation = max(h.Cancellation, n.ID)
		}
	}
	for _, f := range r.d.Reports {
		h.Report = max(h.Report, f.ID)
	}
	for _, m := range r.d.Movements {
		h.Movement = max(h.Movement, m.ID)
	}
	return h, nil
}
