package creditnotes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"creditrun/internal/fault"
)

// reports proves the settlement reports (settlement.md §7.1): each is what it
// was when it was frozen, its records come to what stands on documents, and what
// is awaited at its end is awaited.
func (v *Verification) reports(ctx context.Context, store VerifyStore) error {
	list, err := store.FrozenReports(ctx)
	if err != nil {
		return err
	}
	byRun := map[int64][]*FrozenReport{}
	for _, f := range list {
		if f.Earlier {
			delete(v.recorded.reports, f.Name)
			continue
		}
		v.Reports++
		v.sealedReport(f)
		byRun[f.RunID] = append(byRun[f.RunID], f)
	}
	for _, name := range slices.Sorted(maps.Keys(v.recorded.reports)) {
		v.add("verify_report_gone", fault.Args{"report": name})
	}
	runs, err := store.Runs(ctx)
	for i := range runs {
		if of := byRun[runs[i].ID]; len(of) > 0 && err == nil {
			err = v.reportsAgain(ctx, store, &runs[i], of)
		}
	}
	if err != nil {
		return err
	}
	return v.awaited(ctx, store, list)
}

// sealedReport compares a report with its hash, and with that of the audit log.
func (v *Verification) sealedReport(f *FrozenReport) {
	sum := sha256.Sum256(f.Content)
	if now := hex.EncodeToString(sum[:]); now != f.SHA256 || v.recorded.reports[f.Name] != now {
		v.add("verify_report_seal", fault.Args{"report": f.Name})
	}
	delete(v.recorded.reports, f.Name)
	if report, err := f.Report(); err == nil && (report.Mail.With != f.Number || f.Recipient != "" && report.Recipient != f.Recipient) {
		v.add("verify_report_mail", fault.Args{"report": f.Name})
	}
}

// reportsAgain makes the reports of a run again and compares them with what was
// frozen.
func (v *Verification) reportsAgain(ctx context.Context, store VerifyStore, run *Run, list []*FrozenReport) error {
	frozen, owners := map[ReportKey]*SettlementReport{}, map[string]ReportOwner{}
	zone := time.UTC
	for _, f := range list {
		report, err := f.Report()
		if err != nil {
			return nil //nolint:nilerr // its seal is broken, which was said
		}
		frozen[ReportKey{f.Owner, f.Currency}] = report
		owners[f.Owner] = ReportOwner{Name: report.OwnerName, Recipient: report.Recipient, Shared: report.Shared}
		if zone, err = time.LoadLocation(report.TimeZone); err != nil {
			return nil //nolint:nilerr // its seal is broken, which was said
		}
	}
	book := &ReportBook{Reader: store, Zone: zone, Owner: func(key string) (ReportOwner, bool) {
		o, ok := owners[key]
		return o, ok
	}}
	again, err := book.drafts(ctx, run, list[0].moment(), ReportSink{})
	if err != nil {
		return err
	}
	for _, key := range slices.SortedFunc(maps.Keys(again), compareReportKeys) {
		d := again[key]
		if !d.Control.Balanced {
			v.add("verify_report_balance", fault.Args{"report": d.Name, "records": d.Control.Records, "documents": d.Control.Documents})
		}
		was := frozen[key]
		delete(frozen, key)
		if was == nil {
			v.add("verify_report_gone", fault.Args{"report": d.Name})
			continue
		}
		if d.Period = was.Period; d.Control.Balanced {
			was.Control.Balanced = true // earlier versions looked for top-ups of later periods in the wrong report
		}
		if what, before, now := differing(was, &d.SettlementReport); what != "" {
			v.add("verify_report_sums", fault.Args{"report": d.Name, "what": what, "frozen": before, "now": now})
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(frozen), compareReportKeys) {
		v.add("verify_report_sums", fault.Args{"report": frozen[key].Name, "what": "records", "frozen": fmt.Sprint(frozen[key].RecordCount), "now": "0"})
	}
	return nil
}

func compareReportKeys(a, b ReportKey) int {
	return bytes.Compare([]byte(a.Owner+"\x00"+a.Currency), []byte(b.Owner+"\x00"+b.Currency))
}

// awaited compares what the last report of each owner says is awaited at its
// end with all that is awaited.
func (v *Verification) awaited(ctx context.Context, store VerifyStore, list []*FrozenReport) error {
	last := map[ReportKey]*FrozenReport{}
	for _, f := range list {
		if f.Earlier {
			return nil // the chain of all lines is proven as a whole, or not
		}
		if before := last[f.key()]; before == nil || before.ID < f.ID {
			last[f.key()] = f
		}
	}
	sums, err := store.ReportAwaited(ctx)
	for _, key := range slices.SortedFunc(maps.Keys(last), compareReportKeys) {
		said, now := last[key].Awaited, sums[key]
		if said.Driver != now.Driver || said.Share != now.Share {
			v.add("verify_report_awaited", fault.Args{"report": last[key].Name, "frozen": said.Driver.String(), "now": now.Driver.String()})
		}
	}
	return err
}

// ReportDifference is a figure that two versions of a report do not agree on.
type ReportDifference struct {
	Line   string `json:"line"` // such as totals.collected or records
	Frozen string `json:"frozen"`
	Now    string `json:"now"`
}

// differing is the first difference of two reports; empty: there is none.
func differing(was, now *SettlementReport) (what, before, after string) {
	if list := DifferencesOf(was, now); len(list) > 0 {
		return list[0].Line, list[0].Frozen, list[0].Now
	}
	return "", "", ""
}

// DifferencesOf compares a report with what it would be now, line by line.
func DifferencesOf(was, now *SettlementReport) (list []ReportDifference) {
	a, b := linesOfReport(was), linesOfReport(now)
	keys := maps.Clone(a)
	maps.Copy(keys, b)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if a[key] != b[key] {
			list = append(list, ReportDifference{key, a[key], b[key]})
		}
	}
	return list
}

// linesOfReport names every figure of a report.
func linesOfReport(r *SettlementReport) map[string]string {
	lines := map[string]string{"records": r.RecordsSHA256, "record_count": fmt.Sprint(r.RecordCount), "period": string(r.Period.From + "–" + r.Period.To)}
	put := func(prefix string, value any) {
		content, err := json.Marshal(value)
		if err != nil {
			return // it was read from JSON
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal(content, &fields) != nil {
			lines[prefix] = string(content)
			return
		}
		for name, field := range fields {
			lines[prefix+"."+name] = string(bytes.Trim(field, `"`))
		}
	}
	put("totals", r.Totals)
	put("control", r.Control)
	put("account.opening", r.Account.Opening)
	put("account.closing", r.Account.Closing)
	for _, d := range r.Documents {
		put("documents."+string(d.Kind)+" "+d.Number, d)
	}
	for _, t := range r.TopUps {
		put("top_ups."+t.ID, t)
	}
	for _, o := range r.Origins {
		put("origins."+o.Kind+" "+o.Origin+" "+string(o.Month), o)
	}
	for _, s := range r.Stations {
		put("stations."+s.Name, s)
	}
	for _, s := range r.Days {
		put("days."+s.Name, s)
	}
	for _, h := range r.Held {
		put("held."+string(h.Reason), h)
	}
	for _, h := range r.OwnWaits {
		put("own_charging_waiting."+string(h.Reason), h)
	}
	return lines
}
