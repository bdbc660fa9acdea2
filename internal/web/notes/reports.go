package notes

import (
	"io"
	"net/url"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// reportListView is the list of settlement reports.
type reportListView struct {
	List       *page.List
	Entities   []page.Choice
	Currencies []page.Choice
	Rows       []reportLine
}

// reportLine is a settlement report in the list.
type reportLine struct {
	*creditnotes.SettlementReport
	Owner string // its name
}

// ReportList lists the settlement reports that the visitor may see.
func (v *Visit) ReportList() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/reports", Fields: []string{"owner", "currency", "from", "until"}, Size: page.RowsPerPage, Order: "-period", Empty: "reports_none",
	})
	view := reportListView{List: l, Entities: v.EntitiesOffered(b), Currencies: page.PlainChoices(l.Text("currency"), currencies(b)...)}
	l.SetHeads(page.Head{Message: "report_name"}, page.Head{Message: "notes_owner"}, page.Head{Key: "period", Message: "report_period"},
		page.Head{Message: "report_revenue", Num: true}, page.Head{Message: "report_expenses", Num: true}, page.Head{Message: "report_collected", Num: true},
		page.Head{Message: "report_awaited", Num: true}, page.Head{Message: "report_still_awaited", Num: true}, page.Head{Message: "notes_currency"})
	return v.ShowList("reports", "reports_title", &view, v.listReports(b, &view))
}

func (v *Visit) listReports(b *snapshot.Snapshot, view *reportListView) error {
	l := view.List
	f := creditnotes.ReportFilter{
		Owner: v.EntityField(b, l, "owner"), Currency: l.Text("currency"), From: l.Month("from"), Until: l.Month("until"), Scope: snapshot.Scope(v.Who),
	}
	if err := l.Err(); err != nil {
		return err
	}
	list, next, previous, err := v.Store.Reports(v.R.Context(), f, l.Page("period"))
	if err != nil {
		return err
	}
	for _, frozen := range list {
		report, err := frozen.Report()
		if err != nil {
			return err
		}
		view.Rows = append(view.Rows, reportLine{report, b.Names(report.Owner)})
	}
	l.Cursors(next, previous)
	return nil
}

// reportView is one settlement report.
type reportView struct {
	*page.FormState
	*creditnotes.SettlementReport
	Name        string
	Owner       string // its name
	Live        bool   // with today's data
	Differences []creditnotes.ReportDifference
	Compared    bool
	Export      bool
	Path        string
	Most        int64 // of the days

	Mailings   bool // the visitor may see them: they tell addresses of the recipient
	Deliveries []creditnotes.Delivery
	Operator   bool
	Resend     bool
	Parked     bool // the visitor may say whether a mail arrived
	Present    []string
	Confirm    page.ConfirmView
}

// Date is the day that a sum is of.
func (r *reportView) Date(s creditnotes.ReportSum) entities.Date { return entities.Date(s.Name) }

// shownReport is what the visitor asks for: a report that the scope holds.
func (v *Visit) shownReport(fn func(*snapshot.Snapshot, *creditnotes.FrozenReport, *creditnotes.Run, *creditnotes.ReportBook) error) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	ctx, name := v.R.Context(), v.R.PathValue("name")
	if name == "" {
		return fault.New(fault.NotFound, "report_unknown", fault.Args{"report": name})
	}
	frozen, err := v.Store.FrozenReport(ctx, name, snapshot.Scope(v.Who))
	if err != nil {
		return err
	}
	run, err := v.Store.RunByID(ctx, frozen.RunID)
	if err != nil {
		return err
	}
	return v.Store.ReportView(ctx, func(reader creditnotes.ReportReader) error {
		return fn(b, frozen, run, creditnotes.NewReportBook(reader, b.Network, b.Config.Settings))
	})
}

// ReportPage shows a settlement report as it was frozen, or with today's data
// and what changed since.
func (v *Visit) ReportPage() error { return v.showReport(v.Form("")) }

func (v *Visit) showReport(f *page.FormState) error {
	var view reportView
	err := v.shownReport(func(b *snapshot.Snapshot, frozen *creditnotes.FrozenReport, run *creditnotes.Run, book *creditnotes.ReportBook) error {
		report, err := frozen.Report()
		if err != nil {
			return err
		}
		view = reportView{FormState: f, SettlementReport: report, Name: report.Name, Owner: b.Names(report.Owner), Export: v.May(access.Export), Path: "/reports/" + url.PathEscape(report.Name)}
		view.Confirm = v.ConfirmView().On(f)
		if err := v.reportMails(b, &view, frozen.ID); err != nil {
			return err
		}
		if v.R.URL.Query().Get("view") != "live" {
			return nil
		}
		live, err := book.Live(v.R.Context(), frozen, run, v.Now())
		if err != nil {
			return err
		}
		view.SettlementReport, view.Live, view.Compared, view.Differences = live, true, true, creditnotes.DifferencesOf(report, live)
		return nil
	})
	if err != nil {
		return err
	}
	for _, d := range view.Days {
		view.Most = max(view.Most, int64(d.Net))
	}
	return v.ShowForm(f, "report", v.Message("report_title")+" "+view.Name, &view)
}

// reportMails fills in how the report was mailed.
func (v *Visit) reportMails(b *snapshot.Snapshot, view *reportView, id int64) (err error) {
	view.Operator = v.Who.Operator
	if view.Mailings = snapshot.SeesMailings(v.Who, view.Recipient); !view.Mailings {
		return nil
	}
	view.Resend = v.Who.Operator && v.May(access.Send)
	if to := b.Network.Tree.Entity(view.Recipient); to != nil {
		view.Present = to.Emails
	}
	view.Deliveries, err = v.Store.ReportDeliveries(v.R.Context(), id)
	for _, d := range view.Deliveries {
		view.Parked = view.Parked || view.Resend && d.State == creditnotes.DeliveryParked
	}
	return err
}

// ResendReport mails a report alone.
func (v *Visit) ResendReport() error {
	name := v.R.PathValue("name")
	f := v.Form(resendForm)
	if f.Fail(v.Confirm()) {
		return v.showReport(f)
	}
	q := creditnotes.ResendRequest{Number: name, Addresses: creditnotes.AddressesPresent, Who: v.Name()}
	if to := f.Lines("to"); len(to) > 0 {
		q.Addresses, q.To = creditnotes.AddressesNamed, to
	}
	delivery, err := v.Runner.Resend(v.R.Context(), q)
	if f.Fail(err) {
		return v.showReport(f)
	}
	return v.Done("/reports/"+url.PathEscape(name)+"#mail", "note_resent", "Number", name, "To", strings.Join(delivery.To, ", "))
}

// SettleReportMail ends that the mail of a report is parked.
func (v *Visit) SettleReportMail() error {
	name := v.R.PathValue("name")
	f := v.Form(settleForm)
	arrived := f.Text("outcome") == "arrived"
	if f.Fail(v.Store.SettleMail(v.R.Context(), v.Name(), name, arrived)) {
		return v.showReport(f)
	}
	said := "note_mail_again"
	if arrived {
		said = "note_mail_arrived"
	}
	return v.Done("/reports/"+url.PathEscape(name)+"#mail", said, "Number", name)
}

// Bar is how long the bar of a day is, in percent of the longest.
func (r *reportView) Bar(s creditnotes.ReportSum) int64 {
	if r.Most <= 0 || s.Net <= 0 {
		return 0
	}
	return int64(s.Net) / max(1, r.Most/100)
}

// ReportXLSX downloads a settlement report as a workbook.
func (v *Visit) ReportXLSX() error { return v.reportFile(creditnotes.FileXLSX) }

// ReportPDF downloads a settlement report as a document.
func (v *Visit) ReportPDF() error { return v.reportFile(creditnotes.FilePDF) }

// reportFile downloads a file of a settlement report that the scope holds.
func (v *Visit) reportFile(kind creditnotes.FileKind) error {
	ctx := v.R.Context()
	frozen, err := v.Store.FrozenReport(ctx, v.R.PathValue("name"), snapshot.Scope(v.Who))
	if err != nil {
		return err
	}
	file, err := v.Runner.ReportFile(ctx, frozen, kind)
	if err != nil {
		return err
	}
	return v.Stream(file.MediaType, page.PlainName(frozen.Name)+"."+string(kind), func(w io.Writer) error {
		_, err := w.Write(file.Content)
		return err
	})
}

// ReportJSON downloads a settlement report with its records.
func (v *Visit) ReportJSON() error {
	return v.shownReport(func(_ *snapshot.Snapshot, frozen *creditnotes.FrozenReport, run *creditnotes.Run, book *creditnotes.ReportBook) error {
		return v.Stream(page.TypeJSON, page.PlainName(frozen.Name)+".json", func(w io.Writer) error {
			return book.WriteJSON(v.R.Context(), w, frozen, run)
		})
	})
}
