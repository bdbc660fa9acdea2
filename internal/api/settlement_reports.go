package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"creditrun/creditnotes"
	"creditrun/internal/flow"
	"creditrun/internal/snapshot"
)

// ReportEntry is a settlement report in a listing. Amounts are in its currency.
type ReportEntry struct {
	Report   string                   `json:"report" example:"a-2026-10-EUR"`
	Owner    string                   `json:"owner"`
	Run      string                   `json:"run"`
	Period   creditnotes.ReportPeriod `json:"period"`
	Currency string                   `json:"currency"`
	FrozenAt time.Time                `json:"frozen_at"`
	Totals   creditnotes.ReportTotals `json:"totals"`
	SHA256   string                   `json:"sha256" doc:"of the frozen content"`
	MailedBy string                   `json:"mailed_with,omitempty" doc:"number of the credit note with whose mails the report goes"`
}

// reportsInput narrows the listing.
type reportsInput struct {
	Paging
	Owner    string `query:"owner"`
	Below    bool   `query:"below" doc:"with owner: also the reports of the entities below it"`
	From     string `query:"from_month" doc:"the first month: reports whose period ends in it or later"`
	Until    string `query:"until_month" doc:"the last month: reports whose period begins in it or earlier"`
	Currency string `query:"currency"`
	Run      string `query:"run" example:"2026-10"`
}

// settlementReports lists the reports that the visitor may see.
func (c *call) settlementReports(in *reportsInput) (*List[ReportEntry], error) {
	f, err := c.reportFilter(in)
	if err != nil {
		return nil, err
	}
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	list, next, _, err := c.Store.Reports(c.ctx, f, page)
	if err != nil {
		return nil, err
	}
	items := make([]ReportEntry, len(list))
	for i, frozen := range list {
		r, err := frozen.Report()
		if err != nil {
			return nil, err
		}
		items[i] = ReportEntry{r.Name, r.Owner, r.Run, r.Period, r.Currency, c.at(r.FrozenAt), r.Totals, r.SHA256, r.Mail.With}
	}
	return listed(c, items, next), nil
}

func (c *call) reportFilter(in *reportsInput) (f creditnotes.ReportFilter, err error) {
	f = creditnotes.ReportFilter{Currency: in.Currency}
	if in.Owner != "" {
		if _, err := c.stored(in.Owner); err != nil {
			return f, err
		}
	}
	f.Scope = c.snapshot.OwnersSeen(c.who, in.Owner, in.Below)
	if in.From != "" {
		if f.From, err = c.month(in.From); err != nil {
			return f, err
		}
	}
	if in.Until != "" {
		if f.Until, err = c.month(in.Until); err != nil {
			return f, err
		}
	}
	if in.Run != "" {
		run, err := c.Store.RunByName(c.ctx, in.Run)
		if err != nil {
			return f, err
		}
		f.RunID = run.ID
	}
	return f, nil
}

// ReportInput names a settlement report.
type ReportInput struct {
	Name string `path:"name" example:"a-2026-10-EUR"`
}

// report calls fn with a report that the visitor sees, and with what it is made of.
func (c *call) report(name string, fn func(*creditnotes.FrozenReport, *creditnotes.Run, *creditnotes.ReportBook) error) error {
	frozen, err := c.Store.FrozenReport(c.ctx, name, snapshot.Scope(c.who))
	if err != nil {
		return err
	}
	run, err := c.Store.RunByID(c.ctx, frozen.RunID)
	if err != nil {
		return err
	}
	report, err := frozen.Report()
	if err != nil {
		return err
	}
	return c.Store.ReportView(c.ctx, func(reader creditnotes.ReportReader) error {
		book, err := creditnotes.BookOf(reader, report)
		if err != nil {
			return err
		}
		return fn(frozen, run, book)
	})
}

// settlementReport writes a frozen report with its records, however many there
// are. An answer that breaks off is cut off, never ended.
func (c *call) settlementReport(in *ReportInput) (*streamed, error) {
	if _, err := c.Store.FrozenReport(c.ctx, in.Name, snapshot.Scope(c.who)); err != nil {
		return nil, err
	}
	leave, err := c.place()
	if err != nil {
		return nil, err
	}
	context.AfterFunc(c.r.Context(), leave) // should no one ask for the body
	c.download("settlement report")
	return &streamed{func(answer huma.Context) {
		defer leave()
		answer.SetHeader("Content-Type", "application/json")
		answer.SetStatus(http.StatusOK)
		err := c.report(in.Name, func(f *creditnotes.FrozenReport, run *creditnotes.Run, book *creditnotes.ReportBook) error {
			return book.WriteJSON(c.ctx, answer.BodyWriter(), f, run)
		})
		if err != nil {
			c.Log.Warn("answer broken off", "report", in.Name, "err", err)
			flow.CutOff()
		}
	}}, nil
}

// LiveReport is what a settlement report comes to with today's data.
type LiveReport struct {
	Report      string                       `json:"report"`
	Owner       string                       `json:"owner"`
	Period      creditnotes.ReportPeriod     `json:"period"`
	Currency    string                       `json:"currency"`
	At          time.Time                    `json:"at" doc:"of which time the data is"`
	Totals      creditnotes.ReportTotals     `json:"totals"`
	Documents   []creditnotes.ReportDocument `json:"documents" nullable:"false"`
	Account     creditnotes.ReportAccount    `json:"account"`
	Origins     []creditnotes.OriginSum      `json:"origins" nullable:"false"`
	Stations    []creditnotes.ReportSum      `json:"stations" nullable:"false"`
	Days        []creditnotes.ReportSum      `json:"days" nullable:"false"`
	Held        []creditnotes.ReportHeld     `json:"held" nullable:"false"`
	OwnWaits    []creditnotes.ReportHeld     `json:"own_charging_waiting" nullable:"false"`
	Control     creditnotes.ReportControl    `json:"control"`
	RecordCount int64                        `json:"record_count"`
}

// liveReport makes a report with today's data; it has no records.
func (c *call) liveReport(in *ReportInput) (*One[LiveReport], error) {
	out := &One[LiveReport]{}
	return out, c.report(in.Name, func(f *creditnotes.FrozenReport, run *creditnotes.Run, book *creditnotes.ReportBook) error {
		live, err := book.Live(c.ctx, f, run, c.Now())
		if err == nil {
			out.Body = LiveReport{live.Name, live.Owner, live.Period, live.Currency, c.at(live.FrozenAt), live.Totals, live.Documents, live.Account,
				live.Origins, live.Stations, live.Days, live.Held, live.OwnWaits, live.Control, live.RecordCount}
		}
		return err
	})
}

// reportDifference compares a frozen report with today's data, line by line.
func (c *call) reportDifference(in *ReportInput) (*List[creditnotes.ReportDifference], error) {
	var list []creditnotes.ReportDifference
	err := c.report(in.Name, func(f *creditnotes.FrozenReport, run *creditnotes.Run, book *creditnotes.ReportBook) error {
		was, err := f.Report()
		if err != nil {
			return err
		}
		live, err := book.Live(c.ctx, f, run, c.Now())
		if err == nil {
			list = creditnotes.DifferencesOf(was, live)
		}
		return err
	})
	return listed(c, list, ""), err
}

// reportFileInput names a file of a settlement report.
type reportFileInput struct {
	ReportInput
	Kind string `path:"kind" enum:"pdf,xlsx"`
}

// reportFile gives the document or the workbook out: as it was mailed, or made
// from the frozen report.
func (c *call) reportFile(in *reportFileInput) (*fileOutput, error) {
	frozen, err := c.Store.FrozenReport(c.ctx, in.Name, snapshot.Scope(c.who))
	if err != nil {
		return nil, err
	}
	f, err := c.Runner.ReportFile(c.ctx, frozen, creditnotes.FileKind(in.Kind))
	if err != nil {
		return nil, err
	}
	return &fileOutput{
		Status: http.StatusOK, ContentType: f.MediaType, ETag: `"` + f.SHA256 + `"`, Disposition: `attachment; filename="` + f.Name + `"`, Body: f.Content,
	}, nil
}

// resendReportInput says where a report is mailed.
type resendReportInput struct {
	ReportInput
	Body *struct {
		Addresses creditnotes.Addresses `json:"addresses,omitempty" enum:"present,stored,named" doc:"those that the recipient has now (when left out), those of the first mail, or those of to"`
		To        []string              `json:"to,omitempty" doc:"with addresses named"`
	}
}

// resendReport mails a report alone, also one that goes with the mails of a note.
func (c *call) resendReport(in *resendReportInput) (*One[Delivery], error) {
	if _, err := c.Store.FrozenReport(c.ctx, in.Name, nil); err != nil {
		return nil, err
	}
	q := creditnotes.ResendRequest{Number: in.Name, Who: c.name()}
	if in.Body != nil {
		if q.Addresses, q.To = in.Body.Addresses, in.Body.To; q.Addresses == "" && len(q.To) > 0 {
			q.Addresses = creditnotes.AddressesNamed
		}
		if len(q.To) > 0 && q.Addresses != creditnotes.AddressesNamed {
			return nil, c.invalid("body.to", "expected only with addresses named")
		}
	}
	delivery, err := c.Runner.Resend(c.ctx, q)
	if err != nil {
		return nil, err
	}
	return &One[Delivery]{c.deliveryOf(in.Name, delivery)}, nil
}
