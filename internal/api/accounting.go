package api

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/export/datev"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
	"creditrun/internal/money"
	"creditrun/internal/tasks"
)

// AccountingMonth is a month of the books.
type AccountingMonth struct {
	Month     entities.Month          `json:"month" example:"2026-10"`
	State     string                  `json:"state" enum:"running,open,late,exporting,closed" doc:"running: not over; open: can be closed; late: goes into the journal of a later month; exporting: an export goes on"`
	Documents int                     `json:"documents,omitempty" doc:"in no journal yet"`
	Others    int                     `json:"others,omitempty" doc:"payouts, payments, top-ups and adjustments in no journal yet"`
	ClosedAt  *time.Time              `json:"closed_at,omitempty"`
	ClosedBy  string                  `json:"closed_by,omitempty"`
	Entries   int                     `json:"entries,omitempty" doc:"of the journal; of an open month, those that it would have"`
	Controls  []export.JournalControl `json:"controls,omitempty"`
	Missing   []string                `json:"missing,omitempty" doc:"the places where something is to be entered before the month can be closed"`
	ForDATEV  []string                `json:"missing_for_datev,omitempty" doc:"what an export for DATEV needs besides"`
	Files     []JournalFile           `json:"files,omitempty"`
}

// JournalFile is a file that was exported.
type JournalFile struct {
	Format journal.Format `json:"format" enum:"datev,csv,xlsx,json"`
	Name   string         `json:"name"`
	Bytes  int64          `json:"bytes"`
	Path   string         `json:"path" format:"uri-reference"`
}

// accountingMonths lists open months, the earliest first, and closed ones, the
// latest first.
func (c *call) accountingMonths(*struct{}) (*One[Items[AccountingMonth]], error) {
	open, err := c.Store.OpenForJournal(c.ctx)
	if err != nil {
		return nil, err
	}
	closed, err := c.Store.Journals(c.ctx)
	if err != nil {
		return nil, err
	}
	items := []AccountingMonth{}
	now := c.snapshot.Day(c.Now()).Month()
	for _, o := range open {
		m := AccountingMonth{Month: o.Month, State: "running", Documents: o.Documents, Others: o.Others}
		if o.Month.Before(now) {
			m.State = "open"
		}
		if slices.ContainsFunc(closed, func(s journal.State) bool { return !s.Month.Before(o.Month) }) {
			m.State = "late"
		}
		items = append(items, m)
	}
	for i := range closed {
		items = append(items, c.closedMonth(&closed[i]))
	}
	return &One[Items[AccountingMonth]]{Items[AccountingMonth]{Items: items}}, nil
}

func (c *call) closedMonth(s *journal.State) AccountingMonth {
	at := s.ClosedAt.In(c.zone())
	m := AccountingMonth{Month: s.Month, State: "closed", ClosedAt: &at, ClosedBy: s.ClosedBy, Entries: s.Entries, Controls: controlsOf(s.Controls)}
	for _, f := range s.Files {
		path := Base + "/accounting/months/" + string(s.Month) + "/files/" + url.PathEscape(f.Name)
		m.Files = append(m.Files, JournalFile{f.Format, f.Name, f.Size, path})
	}
	return m
}

func controlsOf(controls []journal.Control) (list []export.JournalControl) {
	for i := range controls {
		list = append(list, export.JournalControlOf(&controls[i]))
	}
	return list
}

// MonthInput names a month.
type MonthInput struct {
	Month string `path:"month" example:"2026-10"`
}

func (in *MonthInput) parsed() (entities.Month, error) {
	month, err := entities.ParseMonth(in.Month)
	if err != nil {
		return "", fault.New(fault.NotFound, "accounting_file_unknown", fault.Args{"month": in.Month, "name": ""})
	}
	return month, nil
}

// accountingMonth shows a month: what its journal holds, or would hold if it were
// closed now.
func (c *call) accountingMonth(in *MonthInput) (*One[AccountingMonth], error) {
	month, err := in.parsed()
	if err != nil {
		return nil, err
	}
	if under, err := c.exporting(month); under != nil || err != nil {
		return underWay(under), err
	}
	closed, err := c.Store.Journals(c.ctx)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(closed, func(s journal.State) bool { return s.Month == month }); i >= 0 {
		return &One[AccountingMonth]{c.closedMonth(&closed[i])}, nil
	}
	check, err := c.Store.CheckJournal(c.ctx, month, datev.Missing)
	if err != nil {
		return nil, err
	}
	m := AccountingMonth{Month: month, State: "open", Entries: check.Entries, Controls: controlsOf(check.Controls)}
	for _, p := range check.Missing {
		m.Missing = append(m.Missing, p.String())
	}
	for _, p := range check.Lacking {
		m.ForDATEV = append(m.ForDATEV, p.String())
	}
	return &One[AccountingMonth]{m}, nil
}

// exportMonthInput asks for a journal in a format.
type exportMonthInput struct {
	MonthInput
	Body struct {
		Format journal.Format `json:"format" enum:"datev,csv,xlsx,json"`
	}
}

// exportMonth exports a month, in the background; the first export closes it.
func (c *call) exportMonth(in *exportMonthInput) (*exportedMonth, error) {
	month, err := in.parsed()
	if err != nil {
		return nil, err
	}
	s, who, format := c.Store, c.name(), in.Body.Format
	state := c.journals.Start(who, string(month), func(ctx context.Context, _ *tasks.Progress) (bool, error) {
		out, err := s.ExportJournal(ctx, who, month, format, export.JournalFiles(format))
		return out.Copied, err
	}).Within(c.within)
	switch {
	case state.Err != nil:
		return nil, state.Err
	case !state.Over():
		return &exportedMonth{http.StatusAccepted, workPath(state.ID), AccountingMonth{Month: month, State: "exporting"}}, nil
	}
	out, err := c.accountingMonth(&in.MonthInput)
	if err != nil {
		return nil, err
	}
	return &exportedMonth{http.StatusOK, "", out.Body}, nil
}

func underWay(m *AccountingMonth) *One[AccountingMonth] {
	if m == nil {
		return nil
	}
	return &One[AccountingMonth]{*m}
}

// workWithin is how long a request waits for work that goes on without it.
const workWithin = 20 * time.Second

// exportedMonth answers 202 while a month is exported.
type exportedMonth struct {
	Status   int
	Location string `header:"Location"`
	Body     AccountingMonth
}

// exporting is a month of which an export goes on; nil: none does.
func (c *call) exporting(month entities.Month) (*AccountingMonth, error) {
	task, err := c.journals.Latest(c.ctx, "", string(month))
	if err != nil || task == nil {
		return nil, err
	}
	if state := task.State(); !state.Over() {
		return &AccountingMonth{Month: month, State: "exporting"}, nil
	}
	return nil, nil
}

// journalFileInput names a file of a journal.
type journalFileInput struct {
	MonthInput
	Name string `path:"name"`
}

// journalFile gives out a file that was exported, byte for byte.
func (c *call) journalFile(in *journalFileInput) (*fileOutput, error) {
	month, err := in.parsed()
	if err != nil {
		return nil, err
	}
	f, err := c.Store.JournalFile(c.ctx, c.name(), month, in.Name)
	if err != nil {
		return nil, err
	}
	return &fileOutput{Status: http.StatusOK, ContentType: "application/octet-stream", Disposition: `attachment; filename="` + f.Name + `"`, Body: f.Content}, nil
}

// ExchangeRate is the exchange rate of a month.
type ExchangeRate struct {
	Currency string         `json:"currency" minLength:"3" maxLength:"3" example:"CHF"`
	Month    entities.Month `json:"month" example:"2026-10"`
	Rate     string         `json:"rate" doc:"units of the currency for one of the ledger's" example:"0.9387"`
}

// exchangeRates lists the exchange rates, the latest month first.
func (c *call) exchangeRates(*struct{}) (*One[Items[ExchangeRate]], error) {
	list, err := c.Store.ExchangeRates(c.ctx)
	if err != nil {
		return nil, err
	}
	items := []ExchangeRate{}
	for _, r := range list {
		items = append(items, ExchangeRate{r.Currency, r.Month, r.Rate.String()})
	}
	return &One[Items[ExchangeRate]]{Items[ExchangeRate]{Items: items}}, nil
}

// exchangeRateInput sets a rate.
type exchangeRateInput struct{ Body ExchangeRate }

// setExchangeRate sets the exchange rate of a currency in a month.
func (c *call) setExchangeRate(in *exchangeRateInput) (*One[ExchangeRate], error) {
	if _, err := entities.ParseMonth(string(in.Body.Month)); err != nil {
		return nil, c.invalid("body.month", "expected a month such as 2026-10")
	}
	rate, err := money.ParseRate(in.Body.Rate)
	if err != nil {
		return nil, c.invalid("body.rate", "expected a number with at most six decimals")
	}
	if err := c.Store.SetExchangeRate(c.ctx, c.name(), journal.MonthRate{Currency: in.Body.Currency, Month: in.Body.Month, Rate: rate}); err != nil {
		return nil, err
	}
	return &One[ExchangeRate]{in.Body}, nil
}
