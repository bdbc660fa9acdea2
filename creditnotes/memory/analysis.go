package memory

import (
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// AnalysisRows implements creditnotes.AnalysisStore. It looks at lines: what was
// collected counts by the cut-off of their run.
func (s *Store) AnalysisRows(ctx context.Context, q creditnotes.AnalysisQuery) (list []creditnotes.AnalysisRow, err error) {
	config, err := s.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := creditnotes.NewPlan(config, "")
	if err != nil {
		return nil, err
	}
	d := s.read()
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.NoteID == 0 || l.Kind != creditnotes.LineCredit && l.Kind != creditnotes.LineReversal {
			continue
		}
		n, v := d.note(l.NoteID), d.session(l.SessionID)
		month := entities.MonthOf(v.End, plan.Network.Zone())
		if !isRecorded(n) || !d.stands(n.ID) || !asked(q, d.ownerKey(l.OwnerID), month, n.Currency) {
			continue
		}
		path, err := tariffs.ParsePath(d.Paths[l.PathID])
		if err != nil {
			return nil, err
		}
		station, rule, tariff := creditnotes.AnalysisKeys(path)
		row := creditnotes.AnalysisRow{Currency: n.Currency}
		switch q.By {
		case creditnotes.ByOwner:
			row.Key = d.ownerKey(l.OwnerID)
		case creditnotes.ByStation:
			row.Key = station
		case creditnotes.ByTariff:
			row.Key, row.Rule = tariff, rule
		case creditnotes.ByMonth:
			row.Key = string(month)
		}
		row.AnalysisFigures = d.figures(l, v, n)
		list = addRow(list, row)
	}
	return list, nil
}

// figures are what one line comes to.
func (d *Data) figures(l *Line, v *Session, n *creditnotes.Note) (f creditnotes.AnalysisFigures) {
	f.Sessions, f.Energy, f.Share = 1, l.Energy, l.Total()
	if l.Kind == creditnotes.LineReversal {
		f.Sessions = -1
	}
	driver, run := d.driverOf(l, v, n), d.run(l.RunID)
	if driver == nil {
		f.Unknown = f.Sessions
	} else {
		f.Driver, f.DriverShare = *driver, l.Total()
	}
	collected := !v.CollectedAt.IsZero() && !v.CollectionKnownAt.After(run.Cutoff) || driver != nil && *driver == 0
	collected = collected || slices.ContainsFunc(d.Own, func(o OwnCharge) bool {
		return o.SessionID == v.ID && o.Kind == creditnotes.LineOwnCharging && o.RunID <= l.RunID
	})
	if collected {
		f.CollectedShare = l.Total()
		if driver != nil {
			f.Collected = *driver
		}
	}
	return f
}

func asked(q creditnotes.AnalysisQuery, owner string, month entities.Month, currency string) bool {
	return month >= q.From && month <= q.Until && (q.Owners == nil || slices.Contains(q.Owners, owner)) && (q.Currency == "" || q.Currency == currency)
}

func addRow(list []creditnotes.AnalysisRow, row creditnotes.AnalysisRow) []creditnotes.AnalysisRow {
	i := slices.IndexFunc(list, func(r creditnotes.AnalysisRow) bool {
		return r.Key == row.Key && r.Rule == row.Rule && r.Currency == row.Currency
	})
	if i < 0 {
		return append(list, row)
	}
	list[i].Add(&row)
	return list
}

// AnalysisBeside implements creditnotes.AnalysisStore.
func (s *Store) AnalysisBeside(_ context.Context, q creditnotes.AnalysisQuery) (list []creditnotes.AnalysisRow, err error) {
	d := s.read()
	for i := range d.Notes {
		n := &d.Notes[i]
		if n.Kind == numbering.Cancellation || !isRecorded(n) || !d.stands(n.ID) {
			continue
		}
		for _, p := range n.Positions {
			if p.Station != "" || p.Component == creditnotes.CarriedForward || !asked(q, p.Owner, p.Month, n.Currency) {
				continue
			}
			row := creditnotes.AnalysisRow{Key: p.Owner, Currency: n.Currency}
			if q.By == creditnotes.ByMonth {
				row.Key = string(p.Month)
			}
			digits, _ := money.Digits(n.Currency)
			if n.Kind == numbering.Invoice {
				row.Fees = p.Net.Micros(digits)
			} else {
				row.Beside = p.Net.Micros(digits)
			}
			list = addRow(list, row)
		}
	}
	return list, nil
}

// AnalysisHeld implements creditnotes.AnalysisStore.
func (s *Store) AnalysisHeld(_ context.Context, q creditnotes.AnalysisQuery) (list []creditnotes.HeldSum, err error) {
	d := s.read()
	run := d.latestRun()
	for _, h := range d.Holds {
		v, owner := d.session(h.SessionID), d.ownerKey(h.OwnerID)
		if h.RunID != run || !v.Current || q.Owners != nil && !slices.Contains(q.Owners, owner) || q.Currency != "" && h.Worth != nil && h.WorthIn != q.Currency {
			continue
		}
		i := slices.IndexFunc(list, func(x creditnotes.HeldSum) bool {
			return x.Owner == owner && x.Reason == h.Reason && x.Currency == h.WorthIn
		})
		if i < 0 {
			i, list = len(list), append(list, creditnotes.HeldSum{Owner: owner, Reason: h.Reason, Currency: h.WorthIn})
		}
		list[i].Add(v.worth())
		if h.Worth == nil {
			list[i].Unknown++
		} else {
			list[i].Worth += *h.Worth
		}
	}
	return list, nil
}

// AnalysisAwaited implements creditnotes.AnalysisStore.
func (s *Store) AnalysisAwaited(_ context.Context, q creditnotes.AnalysisQuery) (list []creditnotes.AwaitedSum, err error) {
	last := map[creditnotes.Account]creditnotes.FrozenReport{}
	for _, f := range s.read().Reports {
		last[creditnotes.Account{Entity: f.Owner, Currency: f.Currency}] = f
	}
	for at, f := range last {
		if (q.Owners == nil || slices.Contains(q.Owners, at.Entity)) && (q.Currency == "" || q.Currency == at.Currency) {
			list = append(list, creditnotes.AwaitedSum{Owner: at.Entity, Currency: at.Currency, Driver: f.Awaited.Driver, Share: f.Awaited.Share, Until: f.Cutoff})
		}
	}
	return list, nil
}

// BrokenSums implements creditnotes.VerifyStore: this store adds up lines when they
// are asked for.
func (b *books) BrokenSums(context.Context) ([]creditnotes.BrokenSum, error) { return nil, nil }
