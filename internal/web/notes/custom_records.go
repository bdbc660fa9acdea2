package notes

import (
	"creditrun/creditnotes"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// recordsView lists custom records with the filter.
type recordsView struct {
	List       *page.List
	Entities   []page.Choice
	Directions []page.Choice
	Rows       []recordLine
	New        bool   // the visitor may add one
	Upload     string // page on which files are uploaded; empty: not for the visitor
}

// recordLine is one custom record.
type recordLine struct {
	creditnotes.CustomRecord
	Path      string // empty: the visitor may not change it
	OwnerName string
	Number    string // of the document it is on; empty: none that has one
	NotePath  string
}

var recordColumns = []page.Column[recordLine]{
	{Head: page.Head{Key: "id", Message: "record_id"}, By: page.ByText(func(r recordLine) string { return r.Key })},
	{Head: page.Head{Key: "owner", Message: "record_owner"}, By: page.ByText(func(r recordLine) string { return r.OwnerName })},
	{Head: page.Head{Key: "month", Message: "record_month"}, By: page.By(func(r recordLine) string { return string(r.Month) })},
	{Head: page.Head{Key: "date", Message: "record_date"}, By: page.By(func(r recordLine) string { return string(r.Date) })},
	{Head: page.Head{Key: "text", Message: "record_text"}, By: page.ByText(func(r recordLine) string { return r.Text })},
	{Head: page.Head{Key: "direction", Message: "record_direction"}, By: page.ByText(func(r recordLine) string { return string(r.Direction) })},
	{Head: page.Head{Key: "net", Message: "record_net", Num: true}, By: page.By(func(r recordLine) int64 { return int64(r.Net) })},
	{Head: page.Head{Key: "document", Message: "record_document"}, By: page.ByText(func(r recordLine) string { return r.Number })},
}

// recordDirections are what a field for the direction offers.
var recordDirections = []string{string(creditnotes.Credited), string(creditnotes.Debited)}

// CustomRecords lists the custom records that the visitor may see.
func (v *Visit) CustomRecords() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/custom-records", Fields: []string{"owner", "direction", "open"}, Order: "-date", Size: page.RowsPerPage, Empty: "records_none"})
	direction := l.Choice("direction", recordDirections...)
	f := creditnotes.RecordFilter{Owner: v.EntityField(b, l, "owner"), Direction: creditnotes.Direction(direction),
		Open: l.Choice("open", "true") != "", Scope: snapshot.Scope(v.Who)}
	view := recordsView{List: l, Upload: v.LinkIfAllowed("/uploads"), Entities: v.EntitiesOffered(b), Directions: v.Choices("record_direction_%s", direction, append([]string{""}, recordDirections...)...),
		New: v.LinkIfAllowed("/custom-records/new") != ""}
	list, err := v.Store.ListCustomRecords(v.R.Context(), f)
	if err != nil {
		return err
	}
	lines := make([]recordLine, len(list))
	for i, r := range list {
		lines[i] = recordLine{CustomRecord: r, OwnerName: b.Names(r.Owner)}
		if r.NoteID == 0 {
			lines[i].Path = v.LinkIfAllowed(recordPath(r.Key))
		}
	}
	view.Rows = page.Rows(l, lines, recordColumns...)
	if err := v.nameDocuments(view.Rows); err != nil {
		return err
	}
	return v.ShowList("custom_records", "records_title", view, l.Err())
}

// nameDocuments finds the documents that the records of a page are on.
func (v *Visit) nameDocuments(rows []recordLine) error {
	for i := range rows {
		if rows[i].NoteID == 0 {
			continue
		}
		note, err := v.Store.Note(v.R.Context(), rows[i].NoteID)
		if err != nil {
			return err
		}
		switch rows[i].Number = note.Number; {
		case note.Number != "":
			rows[i].NotePath = page.NumberPath(note.Number)
		case !v.Who.Operator: // a draft is between the people of the operator
			rows[i].NoteID = 0
		}
	}
	return nil
}

// topUpsView lists top-ups with the filter.
type topUpsView struct {
	List     *page.List
	Entities []page.Choice
	Rows     []topUpLine
	Upload   string // as of custom records
}

type topUpLine struct {
	creditnotes.TopUp
	EntityName string
}

var topUpColumns = []page.Column[topUpLine]{
	{Head: page.Head{Key: "at", Message: "top_up_at"}, By: page.By(func(t topUpLine) int64 { return t.At.UnixMicro() })},
	{Head: page.Head{Key: "id", Message: "record_id"}, By: page.ByText(func(t topUpLine) string { return t.Key })},
	{Head: page.Head{Key: "entity", Message: "top_up_entity"}, By: page.ByText(func(t topUpLine) string { return t.EntityName })},
	{Head: page.Head{Key: "user", Message: "top_up_user"}, By: page.ByText(func(t topUpLine) string { return t.User })},
	{Head: page.Head{Key: "amount", Message: "top_up_amount", Num: true}, By: page.By(func(t topUpLine) int64 { return int64(t.Amount) })},
}

// TopUps lists the top-ups that the visitor may see.
func (v *Visit) TopUps() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/top-ups", Fields: []string{"entity"}, Order: "-at", Size: page.RowsPerPage, Empty: "top_ups_none"})
	view := topUpsView{List: l, Upload: v.LinkIfAllowed("/uploads"), Entities: v.EntitiesOffered(b)}
	list, err := v.Store.TopUps(v.R.Context(), creditnotes.TopUpFilter{Entity: v.EntityField(b, l, "entity"), Scope: snapshot.Scope(v.Who)})
	if err != nil {
		return err
	}
	lines := make([]topUpLine, len(list))
	for i, t := range list {
		lines[i] = topUpLine{t, b.Names(t.Entity)}
	}
	view.Rows = page.Rows(l, lines, topUpColumns...)
	return v.ShowList("top_ups", "top_ups_title", view, l.Err())
}
