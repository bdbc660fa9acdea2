package creditnotes

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/settlement"
)

// Report reads a frozen report.
func (f *FrozenReport) Report() (*SettlementReport, error) {
	var r SettlementReport
	if err := json.Unmarshal(f.Content, &r); err != nil {
		return nil, fmt.Errorf("report %s: %w", f.Name, err)
	}
	r.SHA256 = f.SHA256
	return &r, nil
}

// freezing is what the reports of a run that is issued need beside the books.
type freezing struct {
	run       *Run
	network   *entities.Network
	contracts *settlement.Contracts
	carriers  mailCarriers
	who       string
}

// freezeReports makes the settlement reports of a run that is issued, stores
// them in the order of their names, and queues the mails of those that go with
// no note.
func (r *Runner) freezeReports(ctx context.Context, w IssueWriter, f *freezing) error {
	horizon, err := w.ReportHorizon(ctx)
	if err != nil {
		return err
	}
	at := ReportMoment{Cutoff: f.run.Cutoff, FrozenAt: r.Now().UTC().Truncate(time.Microsecond), ReportHorizon: horizon}
	drafts, err := NewReportBook(w, f.network, f.run.Settings).drafts(ctx, f.run, at, ReportSink{})
	if err != nil {
		return err
	}
	var list, alone []*FrozenReport
	for _, d := range drafts {
		note := f.mail(d)
		frozen, err := d.frozen(f.run)
		if err != nil {
			return err
		}
		switch {
		case note != nil:
			frozen.NoteID, frozen.Number = note.ID, note.Number
		case d.Mail.Wanted:
			alone = append(alone, frozen)
		}
		list = append(list, frozen)
	}
	byName := func(a, b *FrozenReport) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortFunc(list, byName)
	slices.SortFunc(alone, byName)
	if err := w.SaveReports(list, f.who); err != nil {
		return err
	}
	return r.mailReports(w, alone, f)
}

// mail decides whether and with which note a report is mailed: by the word of its
// owner, otherwise by the setting where a contract settles the owner in the
// period of the report.
func (f *freezing) mail(d *reportDraft) *Note {
	owner, to := f.network.Tree.Entity(d.Owner), f.network.Tree.Entity(d.Recipient)
	if owner == nil || to == nil {
		return nil
	}
	d.Mail.XLSX = to.SessionDetail != entities.DetailNone
	d.Mail.Wanted = f.run.Settings.SettlementReportMail && f.contracted(d)
	if owner.ReportMail != nil {
		d.Mail.Wanted = *owner.ReportMail
	}
	if !d.Mail.Wanted {
		return nil
	}
	note := f.carriers.of(d.Recipient, d.Owner, d.Currency)
	if note != nil && !note.Document.ByMail() {
		note = nil // the report goes alone
	}
	if note != nil {
		d.Mail.With = note.Number
	}
	return note
}

// contracted reports whether the owner of a report has a contract in its period.
func (f *freezing) contracted(d *reportDraft) bool {
	for month := d.Period.From; ; month = month.Next() {
		if len(f.contracts.InForce(d.Owner, month)) > 0 {
			return true
		}
		if !month.Before(d.Period.To) {
			return false
		}
	}
}
