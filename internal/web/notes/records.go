package notes

import (
	"io"
	"iter"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// settledView is the list of revenue and expense records with its filter.
type settledView struct {
	List       *page.List
	Entities   []page.Choice
	Origins    []page.Choice
	Directions []page.Choice
	Collected  []page.Choice
	Currencies []page.Choice
	Shown      []page.Choice
	Rows       []settledRow
	Narrowed   bool
}

// settledRow is one record.
type settledRow struct {
	creditnotes.SettlementRecord
	OwnerName string
	Medium    string // masked
	Path      string // of the session
	NotePath  string
}

var settledFields = []string{"month", "from", "until", "owner", "below", "origin", "direction", "collected", "currency", "document", "run", "show"}

// askedRecords is the list of records as the address asks for it: those of the
// last month where it asks for nothing.
func (v *Visit) askedRecords() *page.List {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/records", Fields: settledFields, Size: page.RowsPerPage, Order: "-date", Empty: "settled_none", Unfiltered: "month=",
	})
	if v.R.URL.RawQuery == "" {
		l.Set("month", string(v.ThisMonth().Prev()))
	}
	return l
}

// RecordList lists the revenue and expense records that the visitor may see.
func (v *Visit) RecordList() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := v.askedRecords()
	view := settledView{
		List: l, Entities: v.EntitiesOffered(b), Currencies: page.PlainChoices(l.Text("currency"), currencies(b)...), Narrowed: v.R.URL.RawQuery != "",
		Origins:    v.Choices("origin_%s", l.Text("origin"), recordOrigins()...),
		Directions: v.Choices("settled_%s", l.Text("direction"), recordKinds...), Collected: v.Choices("settled_%s", l.Text("collected"), recordCollected...),
		Shown: v.Choices("settled_show_%s", l.Text("show"), recordsShown...),
	}
	if err := v.AddSaved(l); err != nil {
		return err
	}
	return v.ShowList("records", "menu_settled", view, v.listRecords(b, &view))
}

// What fields of the filter offer.
var (
	recordKinds     = []string{string(creditnotes.Revenue), string(creditnotes.Expense)}
	recordsShown    = []string{"documents", string(creditnotes.OnlyOpen)}
	recordCollected = []string{string(creditnotes.DriverCollected), string(creditnotes.DriverAwaited)}
)

func recordOrigins() (list []string) {
	for _, origin := range creditnotes.Origins {
		list = append(list, string(origin))
	}
	return list
}

func (v *Visit) listRecords(b *snapshot.Snapshot, view *settledView) error {
	l := view.List
	l.SetHeads(page.Head{Key: "date", Message: "notes_date"}, page.Head{Message: "settled_origin"}, page.Head{Message: "notes_owner"},
		page.Head{Text: "kWh", Num: true}, page.Head{Message: "settled_driver", Num: true}, page.Head{Message: "settled_owner_share", Num: true},
		page.Head{Message: "settled_operator_share", Num: true}, page.Head{Key: "net", Message: "notes_net", Num: true}, page.Head{Message: "settled_document"})
	f, err := v.recordFilter(b, l)
	if err != nil {
		return err
	}
	list, err := v.Store.Records(v.R.Context(), f, recordPage(l))
	if err != nil {
		return err
	}
	for _, r := range list.Records {
		row := settledRow{SettlementRecord: r, OwnerName: b.Names(r.Owner)}
		if r.Session != nil {
			row.Medium = sessions.MaskMedium(r.Session.Medium)
			row.Path = page.SessionPath(r.Session.ID)
		}
		if r.Number != "" {
			row.NotePath = page.NumberPath(r.Number)
		}
		view.Rows = append(view.Rows, row)
	}
	l.Cursors(list.Next, list.Previous)
	if v.May(access.Export) {
		l.Export("/records.csv", "CSV", "")
		l.Export("/records.xlsx", "XLSX", "")
	}
	return nil
}

// recordPage is the page that the address asks for, in its order.
func recordPage(l *page.List) creditnotes.RecordPage {
	switch l.Text(page.ParamOrder) {
	case "net", "-net":
		return creditnotes.RecordPage{Page: l.Page("net"), ByNet: true}
	}
	return creditnotes.RecordPage{Page: l.Page("date")}
}

// recordFilter is the filter of a list, narrowed to what the visitor may see.
func (v *Visit) recordFilter(b *snapshot.Snapshot, l *page.List) (creditnotes.SettlementFilter, error) {
	f := creditnotes.SettlementFilter{
		Month: l.Month("month"), From: l.Day("from"), Until: l.Day("until"), Origin: creditnotes.Origin(l.Choice("origin", recordOrigins()...)),
		Direction: creditnotes.RecordDirection(l.Choice("direction", recordKinds...)), Collected: creditnotes.Collected(l.Choice("collected", recordCollected...)),
		Currency: l.Text("currency"), Number: l.Text("document"), Run: l.Text("run"), Drafts: v.Who.Operator,
	}
	f.Open, _ = creditnotes.ParseOpenRecords(l.Choice("show", recordsShown...))
	f.Owners = b.OwnersSeen(v.Who, v.EntityField(b, l, "owner"), l.Choice("below", "true") != "")
	return f, l.Err()
}

// settledTotals is what all records of a filter come to.
type settledTotals struct {
	Totals []creditnotes.RecordTotal
	Back   string
}

// RecordTotals adds up the records of a filter: as a part of the list, or as a
// page of its own.
func (v *Visit) RecordTotals() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l := v.askedRecords()
	f, err := v.recordFilter(b, l)
	if err != nil {
		return err
	}
	view := settledTotals{Back: l.Address()}
	if view.Totals, err = v.Store.RecordTotals(v.R.Context(), f); err != nil {
		return err
	}
	if v.Refreshes() {
		return v.Part("record_totals", "totals", view)
	}
	return v.ShowAs("record_totals", "settled_totals", view)
}

// RecordsCSV downloads the list as the filter shows it.
func (v *Visit) RecordsCSV() error {
	b, rows, err := v.exportedRecords()
	if err != nil {
		return err
	}
	return v.Stream(page.TypeCSV, "records.csv", func(w io.Writer) error { return export.RecordsCSV(w, v.CSVLook(), b.Network.Zone(), rows) })
}

// RecordsXLSX downloads the list as a workbook with heads in the visitor's
// language.
func (v *Visit) RecordsXLSX() error {
	b, rows, err := v.exportedRecords()
	if err != nil {
		return err
	}
	look, sheet := v.XLSXLook("head_%s"), v.Message("menu_settled")
	return v.Stream(page.TypeXLSX, "records.xlsx", func(w io.Writer) error {
		return export.RecordsXLSX(w, sheet, look, b.Network.Zone(), rows)
	})
}

func (v *Visit) exportedRecords() (*snapshot.Snapshot, iter.Seq2[creditnotes.SettlementRecord, error], error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	f, err := v.recordFilter(b, v.askedRecords())
	return b, v.Store.EachRecord(v.R.Context(), f), err
}
