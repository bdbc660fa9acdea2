package creditnotes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"creditrun/internal/fault"
)

// moment is what a frozen report knew.
func (f *FrozenReport) moment() ReportMoment {
	return ReportMoment{Cutoff: f.Cutoff, FrozenAt: f.FrozenAt, ReportHorizon: f.Horizon}
}

// key tells the report from the others of its run.
func (f *FrozenReport) key() ReportKey { return ReportKey{f.Owner, f.Currency} }

// of narrows a moment to the owner of the report.
func (f *FrozenReport) of(at ReportMoment) ReportMoment {
	at.Owner = f.Owner
	return at
}

// Live makes a report again with what is known now: collections, cancellations
// and movements of the account since it was frozen.
func (b *ReportBook) Live(ctx context.Context, f *FrozenReport, run *Run, now time.Time) (*SettlementReport, error) {
	horizon, err := b.Reader.ReportHorizon(ctx)
	if err != nil {
		return nil, err
	}
	was, err := f.Report()
	if err != nil {
		return nil, err
	}
	horizon.Report = f.Horizon.Report // what came before it stays
	reports, err := b.Reports(ctx, run, f.of(ReportMoment{Cutoff: now, FrozenAt: now, ReportHorizon: horizon}), ReportSink{})
	if err != nil {
		return nil, err
	}
	live := reports[f.key()]
	if live == nil { // everything was cancelled
		return nil, fault.New(fault.NotFound, "report_unknown", fault.Args{"report": f.Name})
	}
	live.Period = was.Period
	return live, nil
}

// errEnough ends the reading of records early.
var errEnough = errors.New("no more records are wanted")

// Records yields the records of a frozen report.
func (b *ReportBook) Records(ctx context.Context, f *FrozenReport, run *Run) iter.Seq2[ReportRecord, error] {
	return func(yield func(ReportRecord, error) bool) {
		_, err := b.Reports(ctx, run, f.of(f.moment()), ReportSink{Record: func(key ReportKey, r *ReportRecord) error {
			if key == f.key() && !yield(*r, nil) {
				return errEnough
			}
			return nil
		}})
		if err != nil && !errors.Is(err, errEnough) {
			yield(ReportRecord{}, err)
		}
	}
}

// Previous yields what a frozen report says was collected for previous periods.
func (b *ReportBook) Previous(ctx context.Context, f *FrozenReport, run *Run) iter.Seq2[ReportLine, error] {
	return func(yield func(ReportLine, error) bool) {
		_, err := b.Reports(ctx, run, f.of(f.moment()), ReportSink{Previous: func(key ReportKey, l *ReportLine) error {
			if key == f.key() && !yield(*l, nil) {
				return errEnough
			}
			return nil
		}})
		if err != nil && !errors.Is(err, errEnough) {
			yield(ReportLine{}, err)
		}
	}
}

// collectedJSON is a session that was collected for a previous period.
type collectedJSON struct {
	Session     string `json:"session"`
	Source      string `json:"source"`
	Document    string `json:"document"`
	Driver      string `json:"driver_amount"`
	Share       string `json:"owner_share"`
	CollectedAt string `json:"collected_at"`
}

// WriteJSON writes a frozen report with its records (formats.md §6). It keeps
// none of them in memory.
func (b *ReportBook) WriteJSON(ctx context.Context, w io.Writer, f *FrozenReport, run *Run) error {
	report, err := f.Report()
	if err != nil {
		return err
	}
	head, err := json.Marshal(report)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s,\n\"records\": [", head[:len(head)-1]); err != nil {
		return err
	}
	if err := writeList(w, b.Records(ctx, f, run), func(r *ReportRecord) any { return r }); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "],\n\"collected_previous\": ["); err != nil {
		return err
	}
	err = writeList(w, b.Previous(ctx, f, run), func(l *ReportLine) any {
		one := collectedJSON{Session: l.Session, Source: l.Source, Document: l.Number, Share: l.Total().String()}
		if l.Driver != nil {
			one.Driver = l.Driver.String()
		}
		if !l.CollectedAt.IsZero() {
			one.CollectedAt = l.CollectedAt.In(b.Zone).Format(time.RFC3339)
		}
		return one
	})
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, "]}\n")
	return err
}

func writeList[T any](w io.Writer, list iter.Seq2[T, error], as func(*T) any) error {
	between := "\n"
	for one, err := range list {
		if err != nil {
			return err
		}
		content, err := json.Marshal(as(&one))
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%s%s", between, content); err != nil {
			return err
		}
		between = ",\n"
	}
	return nil
}
