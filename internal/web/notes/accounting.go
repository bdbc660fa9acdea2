package notes

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/export/datev"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
	"creditrun/internal/money"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// The forms of the pages of accounting.
const (
	exportForm = "export"
	rateForm   = "rate"
)

// accountingView lists months: those that are open, and those that were closed.
type accountingView struct {
	*page.FormState
	Open   []openMonth
	List   *page.List
	Months []closedMonth
	Rates  []journal.MonthRate
	Change bool // the visitor may set rates
	Base   string
}

// openMonth is a month with something that is in no journal.
type openMonth struct {
	journal.Open
	Path  string
	Over  bool // it can be closed
	Later bool // a later month was closed: what it has goes into the next journal
}

// closedMonth is a month whose journal was exported.
type closedMonth struct {
	journal.State
	Path    string
	Formats []journal.Format
}

func accountingPath(month entities.Month) string {
	return "/accounting/" + url.PathEscape(string(month))
}

// Accounting shows the months for the books.
func (v *Visit) Accounting() error { return v.showAccounting(v.Form("")) }

func (v *Visit) showAccounting(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/accounting", Size: page.RowsPerPage, Order: "-month", Empty: "accounting_none_closed"})
	view := accountingView{FormState: f, List: l, Change: v.May(access.Draft)}
	if view.Base, err = v.Store.LedgerCurrency(v.R.Context()); err != nil {
		return err
	}
	closed, err := v.closedMonths()
	if err != nil {
		return err
	}
	view.Months = page.Rows(l, closed, closedColumns...)
	if err := v.addOpenMonths(&view, b.Day(v.Now()).Month(), closed); err != nil {
		return err
	}
	if view.Rates, err = v.Store.ExchangeRates(v.R.Context()); err != nil {
		return err
	}
	f.Fail(l.Err())
	return v.ShowForm(f, "accounting", v.Message("menu_accounting"), view)
}

var closedColumns = []page.Column[closedMonth]{
	{Head: page.Head{Key: "month", Message: "accounting_month"}, By: page.By(func(m closedMonth) string { return string(m.Month) })},
	{Head: page.Head{Message: "accounting_state"}},
	{Head: page.Head{Message: "accounting_entries", Num: true}},
	{Head: page.Head{Message: "accounting_documents_sum", Num: true}},
	{Head: page.Head{Message: "accounting_others_sum", Num: true}},
	{Head: page.Head{Message: "accounting_closed_by"}},
}

func (v *Visit) closedMonths() (list []closedMonth, err error) {
	states, err := v.Store.Journals(v.R.Context())
	for i := range states {
		list = append(list, closedMonthOf(&states[i]))
	}
	return list, err
}

func closedMonthOf(s *journal.State) closedMonth {
	m := closedMonth{State: *s, Path: accountingPath(s.Month)}
	for _, f := range s.Files {
		if !slices.Contains(m.Formats, f.Format) {
			m.Formats = append(m.Formats, f.Format)
		}
	}
	return m
}

// addOpenMonths fills in what is in no journal, where now is the month that has
// begun.
func (v *Visit) addOpenMonths(view *accountingView, now entities.Month, closed []closedMonth) error {
	open, err := v.Store.OpenForJournal(v.R.Context())
	if err != nil {
		return err
	}
	for _, o := range open {
		m := openMonth{Open: o, Path: accountingPath(o.Month), Over: o.Month.Before(now)}
		for _, c := range closed {
			m.Later = m.Later || !c.Month.Before(o.Month)
		}
		view.Open = append(view.Open, m)
	}
	return nil
}

// SetRate sets the exchange rate of a currency in a month.
func (v *Visit) SetRate() error {
	f := v.Form(rateForm)
	month, err := entities.ParseMonth(f.Text("month"))
	if err != nil {
		f.Say("month", "accounting_month_malformed")
	}
	rate := journal.MonthRate{Currency: f.Text("currency"), Month: month, Rate: money.Rate(f.At("rate", "accounting_rate").Price(money.MicroDecimals))}
	if !f.Ok() || f.Fail(v.Store.SetExchangeRate(v.R.Context(), v.Name(), rate)) {
		return v.showAccounting(f)
	}
	return v.Done("/accounting", "accounting_rate_set", "Currency", rate.Currency, "Month", v.Texts.Month(v.Lang, month))
}

// monthView is the page of a month: what it would hold, or what it holds.
type monthView struct {
	*page.FormState
	Month   entities.Month
	Path    string
	Closed  *closedMonth // nil: it is open
	Check   journal.Check
	Sums    []journal.Control
	Problem string        // why the month cannot be closed
	Missing []missingLine // without which it cannot be closed
	Lacking []missingLine // without which DATEV cannot be exported
	Formats []formatLine
	Export  bool // the visitor may export
	Read    bool // the visitor may download
	Confirm page.ConfirmView
}

// missingLine is something without which a month cannot be closed.
type missingLine struct{ Text, Path string }

// formatLine is a format with the files that were made of it.
type formatLine struct {
	Format journal.Format
	Files  []fileLine
}

type fileLine struct {
	journal.StoredFile
	Path string
}

// accountingMonth is the month of the address.
func (v *Visit) accountingMonth() (entities.Month, error) {
	month, err := entities.ParseMonth(v.R.PathValue("month"))
	if err != nil {
		return "", fault.New(fault.NotFound, "page_unknown", nil)
	}
	return month, nil
}

// AccountingMonth shows a month.
func (v *Visit) AccountingMonth() error { return v.showAccountingMonth(v.Form("")) }

func (v *Visit) showAccountingMonth(f *page.FormState) error {
	month, err := v.accountingMonth()
	if err != nil {
		return err
	}
	view := monthView{FormState: f, Month: month, Path: accountingPath(month), Export: v.May(access.Approve), Read: v.May(access.Export),
		Confirm: v.ConfirmTo(accountingPath(month)).On(f.In(exportForm))}
	closed, err := v.closedMonths()
	if err != nil {
		return err
	}
	for i := range closed {
		if closed[i].Month == month {
			view.Closed, view.Sums = &closed[i], closed[i].Controls
		}
	}
	if view.Closed == nil {
		if err := v.addCheck(&view); err != nil {
			return err
		}
	}
	view.addFormats()
	return v.ShowForm(f, "accounting_month", v.Message("accounting_title", "Month", v.Texts.Month(v.Lang, month)), view)
}

// addCheck says what the month would hold, or why it cannot be closed.
func (v *Visit) addCheck(view *monthView) (err error) {
	view.Check, err = v.Store.CheckJournal(v.R.Context(), view.Month, datev.Missing)
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) {
		view.Problem, view.Export = v.words(fault.Of(err)[0]), false
		return nil
	}
	view.Sums = view.Check.Controls
	view.Missing, view.Lacking = v.missingLines(view.Check.Missing), v.missingLines(view.Check.Lacking)
	view.Export = view.Export && len(view.Missing) == 0
	return err
}

// missingLines says what is missing, with the page where it is entered.
func (v *Visit) missingLines(places []journal.Place) (lines []missingLine) {
	for _, p := range places {
		field, _, _ := strings.Cut(p.Field, " ")
		said := p.Field
		if p.Kind == journal.PlaceRate {
			said = v.Texts.Month(v.Lang, entities.Month(p.Field))
		}
		line := missingLine{Text: v.Message(fmt.Sprintf("accounting_missing_%s", p.Kind), "Key", p.Key, "Field", said)}
		switch p.Kind {
		case journal.PlaceEntity:
			line.Path = page.EntityPath(p.Key) + "/edit#" + field
		case journal.PlaceSetting:
			line.Path = "/settings#" + p.Key
		case journal.PlaceTax:
			line.Path = "/taxes/" + url.PathEscape(p.Key) + "#" + field
		case journal.PlaceRate:
			line.Path = "/accounting#rate"
		}
		lines = append(lines, line)
	}
	return lines
}

func (view *monthView) addFormats() {
	for _, format := range journal.Formats() {
		line := formatLine{Format: format}
		if view.Closed != nil {
			for _, f := range view.Closed.Files {
				if f.Format == format {
					line.Files = append(line.Files, fileLine{f, view.Path + "/files/" + url.PathEscape(f.Name)})
				}
			}
		}
		view.Formats = append(view.Formats, line)
	}
}

// ExportMonth exports a month in a format, in the background; the first export
// closes it, and needs a confirmation.
func (v *Visit) ExportMonth() error {
	month, err := v.accountingMonth()
	if err != nil {
		return err
	}
	f := v.Form(exportForm)
	format := journal.Format(f.Text("format"))
	if !slices.Contains(journal.Formats(), format) {
		f.Say("format", "accounting_format_unknown")
		return v.showAccountingMonth(f)
	}
	if f.Fail(v.Confirm()) {
		return v.showAccountingMonth(f)
	}
	s, who := v.Store, v.Name()
	state := v.journals.Start(who, journalSubject(month, format), func(ctx context.Context, _ *tasks.Progress) (exportedJournal, error) {
		out, err := s.ExportJournal(ctx, who, month, format, export.JournalFiles(format))
		return exportedJournal{len(out.Journal.Entries)}, err
	}).Within(answerWithin)
	if !state.Over() {
		return v.Redirect(accountingWork(state.ID))
	}
	if f.Fail(state.Err) {
		return v.showAccountingMonth(f)
	}
	return v.Done(accountingPath(month), "accounting_exported", "Month", v.Texts.Month(v.Lang, month), "Format", v.Message(fmt.Sprintf("accounting_format_%s", format)))
}

// AccountingFile downloads a file that was exported.
func (v *Visit) AccountingFile() error {
	month, err := v.accountingMonth()
	if err != nil {
		return err
	}
	file, err := v.Store.JournalFile(v.R.Context(), v.Name(), month, v.R.PathValue("name"))
	if err != nil {
		return err
	}
	return v.Stream(journalType(file.Name), file.Name, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(file.Content))
		return err
	})
}

// journalType is the media type of a file of a journal.
func journalType(name string) string {
	switch filepath.Ext(name) {
	case ".xlsx":
		return creditnotes.TypeXLSX
	case ".csv":
		return "text/csv"
	}
	if t := mime.TypeByExtension(filepath.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
