package creditnotes

import (
	"context"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// ActionReportMailed records the mail that was queued for a settlement report of
// its own; the subject is the name of the report, After is Mailing.Seal.
const ActionReportMailed = "settlement_report.mailed"

// KindReport is the kind under which a settlement report is set as a letter. No
// number range has it.
const KindReport numbering.DocumentType = "settlement_report"

// ReportMail says how a settlement report is mailed (settlement.md §7.2).
type ReportMail struct {
	Wanted bool   `json:"wanted"`
	With   string `json:"with,omitempty"` // number of the credit note with whose mails it goes; empty: a mail of its own
	XLSX   bool   `json:"xlsx"`           // the workbook is attached, too: the recipient takes sessions
}

// Letter is the head of a report as a note has one: who writes to whom, in which
// language, about which months. It has no positions and no amounts.
func (r *SettlementReport) Letter() *Note {
	return &Note{
		Kind: KindReport, Number: r.Name, Owners: []string{r.Owner}, Recipient: r.Recipient, Language: r.Language, Currency: r.Currency,
		Date: r.Date(), IssuedAt: r.FrozenAt, PeriodFrom: r.Period.From.FirstDay(), PeriodTo: r.Period.To.LastDay(),
		Document: Document{
			Issuer: r.Issuer, Recipient: r.To, OwnerNames: map[string]string{r.Owner: r.OwnerName}, CurrencyDigits: r.Digits, Color: r.Color, Layout: r.Layout,
			TimeZone: r.TimeZone, Month: r.Period.To,
		},
	}
}

// HeldBack adds up the sessions that the run held of the owner.
func (r *SettlementReport) HeldBack() (all Count) {
	for _, h := range r.Held {
		all = all.Plus(Count{Sessions: h.Sessions, Energy: h.Energy})
	}
	return all
}

// Date is the day on which the report was frozen, in its zone.
func (r *SettlementReport) Date() entities.Date {
	zone, err := time.LoadLocation(r.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	return entities.DateOf(r.FrozenAt, zone)
}

// FileName names a file of the report.
func (f *FrozenReport) FileName(kind FileKind) string {
	return kind.FileName(numbering.FileName(f.Name))
}

// mailReports queues the mails of reports that go with no note. They begin at
// once: their files are made when they are sent.
func (r *Runner) mailReports(w IssueWriter, list []*FrozenReport, run *freezing) error {
	var mails []Delivery
	var names []string
	for _, f := range list {
		to := run.network.Tree.Entity(f.Recipient)
		if !run.run.Settings.Mail || len(to.Emails) == 0 {
			continue
		}
		mails = append(mails, Delivery{
			ReportID: f.ID, State: DeliveryQueued, To: to.Emails, ReplyTo: to.ReplyTo,
			MessageID: r.MessageID(f.Name, 0, partyOf(run.network.Operator()).Email), CreatedAt: r.Now().UTC().Truncate(time.Microsecond),
		})
		names = append(names, f.Name)
	}
	if err := w.AddDeliveries(mails); err != nil {
		return err
	}
	for i, d := range mails {
		if err := w.Audit(run.who, ActionReportMailed, names[i], "", (Mailing{MessageID: d.MessageID, To: d.To}).Seal()); err != nil {
			return err
		}
	}
	return nil
}

// resendReport queues one more mail with a settlement report alone, also where it
// went with that of a note.
func (r *Runner) resendReport(ctx context.Context, f *FrozenReport, q ResendRequest, but []string) (*Delivery, error) {
	report, err := f.Report()
	if err != nil {
		return nil, err
	}
	delivery := Delivery{ReportID: f.ID, State: DeliveryQueued, CreatedAt: r.Now().UTC().Truncate(time.Microsecond)}
	if err := r.addressReport(ctx, &delivery, report, q); err != nil {
		return nil, err
	}
	return r.queueAgain(ctx, &delivery, mailOf{report.Name, report.Recipient, report.Issuer.Email}, q.Who, but)
}

// addressReport fills in where a mail with a report alone goes: those stored are
// the ones of its first mail, or of the note with which it went.
func (r *Runner) addressReport(ctx context.Context, d *Delivery, report *SettlementReport, q ResendRequest) error {
	if q.Addresses == AddressesStored {
		var err error
		if d.To, d.ReplyTo, err = r.reportAddresses(ctx, d.ReportID, report); err != nil {
			return err
		}
		if len(d.To) == 0 {
			return fault.New(fault.NotReady, "resend_without_recipient", fault.Args{"number": report.Name, "recipient": report.Recipient})
		}
		return nil
	}
	return r.address(ctx, d, report.Letter(), q)
}

func (r *Runner) reportAddresses(ctx context.Context, id int64, report *SettlementReport) (to []string, replyTo string, err error) {
	if report.Mail.With != "" {
		note, err := r.Store.NoteByNumber(ctx, report.Mail.With)
		if err != nil {
			return nil, "", err
		}
		return note.Document.MailTo, note.Document.ReplyTo, nil
	}
	mails, err := r.Store.ReportDeliveries(ctx, id)
	if err != nil || len(mails) == 0 {
		return nil, "", err
	}
	return mails[0].To, mails[0].ReplyTo, nil
}
