package notes

import (
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// noteListView is the list of credit notes and fee invoices with its filter.
type noteListView struct {
	List       *page.List
	Entities   []page.Choice
	Kinds      []page.Choice
	Standings  []page.Choice
	Ranges     []page.Choice
	Currencies []page.Choice
	Deliveries []page.Choice
	Totals     []creditnotes.NoteTotal
	Rows       []page.NoteListRow
}

// NoteList lists the credit notes that the visitor may see.
func (v *Visit) NoteList() error {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	view := v.noteFilterView(b)
	if err := v.AddSaved(view.List); err != nil {
		return err
	}
	return v.ShowList("notes", "menu_notes", view, v.listNotes(b, &view))
}

// noteFields are the parameters of the filter of credit notes.
var noteFields = []string{"from", "until", "owner", "recipient", "kind", "standing", "delivery", "range", "currency", "text", "amount", "run", "external_id"}

// askedNotes is the list of credit notes as the address asks for it.
func (v *Visit) askedNotes() *page.List {
	return page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/notes", Fields: noteFields, Size: page.RowsPerPage, Order: "-date", Empty: "notes_none"})
}

func (v *Visit) listNotes(b *snapshot.Snapshot, view *noteListView) error {
	view.List.SetHeads(page.Head{Message: "notes_number"}, page.Head{Key: "date", Message: "notes_date"}, page.Head{Message: "notes_month"},
		page.Head{Message: "notes_kind"}, page.Head{Message: "notes_recipient"}, page.Head{Message: "notes_owner"}, page.Head{Message: "notes_net", Num: true}, page.Head{Message: "notes_tax", Num: true},
		page.Head{Message: "notes_gross", Num: true}, page.Head{Message: "notes_standing"}, page.Head{Message: "notes_delivery"})
	filter, err := v.noteFilter(b, view.List)
	if err != nil {
		return err
	}
	list, err := v.Store.ListNotes(v.R.Context(), filter, view.List.Page("date"))
	if err != nil {
		return err
	}
	if view.Rows, err = v.NoteRows(b, list.Notes); err != nil {
		return err
	}
	view.List.Cursors(list.Next, list.Previous)
	if view.Totals, err = v.Store.NoteTotals(v.R.Context(), filter); err != nil {
		return err
	}
	if v.May(access.Export) {
		if len(view.Totals) > 0 && tooMany(view.Totals) == nil && filter.Standing != creditnotes.StandsDraft {
			view.List.Export("/notes.zip", "", "notes_zip")
		}
		view.List.Export("/notes.csv", "CSV", "")
		view.List.Export("/notes.xlsx", "XLSX", "")
	}
	return nil
}

// noteFilter is the filter of a list, narrowed to what the visitor may see.
func (v *Visit) noteFilter(b *snapshot.Snapshot, l *page.List) (creditnotes.NoteFilter, error) {
	f := creditnotes.NoteFilter{
		Kind:     numbering.DocumentType(l.Choice("kind", noteKinds...)),
		Standing: creditnotes.Standing(l.Choice("standing", append(noteStandings, string(creditnotes.StandsDraft))...)),
		Delivery: creditnotes.DeliveryState(l.Choice("delivery", noteDeliveries...)),
		Range:    l.Text("range"), Currency: l.Text("currency"), Text: l.Text("text"), Run: l.Text("run"), ExternalID: l.Text("external_id"),
		FromMonth: l.Month("from"), UntilMonth: l.Month("until"), Scope: snapshot.Scope(v.Who),
	}
	if text := l.Text("amount"); text != "" {
		amount, ok := amountIn(v.Texts.DecimalSign(v.Lang), text)
		if f.Amount = amount; !ok {
			l.Add(fault.New(fault.Invalid, "list_value_unknown", fault.Args{"value": text}))
		}
	}
	f.Owner, f.Recipient = v.EntityField(b, l, "owner"), v.EntityField(b, l, "recipient")
	return f, l.Err()
}

// What a field of the filter offers. Drafts are offered to the operator.
var (
	noteKinds      = []string{string(numbering.CreditNote), string(numbering.Invoice), string(numbering.Cancellation)}
	noteStandings  = []string{string(creditnotes.StandsIssued), string(creditnotes.StandsCancelled), string(creditnotes.StandsAgainst)}
	noteDeliveries = []string{
		string(creditnotes.DeliveryQueued), string(creditnotes.DeliverySending), string(creditnotes.DeliverySent), string(creditnotes.DeliveryIncomplete),
		string(creditnotes.DeliveryFailed), string(creditnotes.DeliveryParked), string(creditnotes.NeverMailed),
	}
)

// noteFilterView is the form of the filter as the address asks for it.
func (v *Visit) noteFilterView(b *snapshot.Snapshot) noteListView {
	l := v.askedNotes()
	view := noteListView{List: l, Entities: v.EntitiesOffered(b), Currencies: page.PlainChoices(l.Text("currency"), currencies(b)...)}
	if l.Narrowed() {
		l.Empty = "notes_none_found"
	}
	standings := noteStandings
	if v.Who.Operator {
		standings = append(slices.Clone(standings), string(creditnotes.StandsDraft))
		for _, r := range b.Config.NumberRanges {
			view.Ranges = append(view.Ranges, page.Choice{Value: r.Key, Text: r.Key, Chosen: r.Key == l.Text("range")})
		}
	}
	view.Kinds = v.Choices("title_%s", l.Text("kind"), noteKinds...)
	view.Standings = v.Choices("standing_%s", l.Text("standing"), standings...)
	view.Deliveries = v.Choices("delivery_%s", l.Text("delivery"), noteDeliveries...)
	return view
}

// currencies are those of cost rates and of entities.
func currencies(b *snapshot.Snapshot) (list []string) {
	for _, rate := range b.Config.Tariffs.CostRates {
		list = append(list, rate.Currency)
	}
	for i := range b.Config.Entities {
		if c := b.Config.Entities[i].Currency; c != "" {
			list = append(list, c)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// visibleNote finds the note of the address; one that the visitor may not see
// is unknown.
func (v *Visit) visibleNote() (*creditnotes.NoteEntry, error) {
	number := v.R.PathValue("number")
	list, err := v.Store.ListNotes(v.R.Context(), creditnotes.NoteFilter{Number: number}, creditnotes.Page{Limit: 1})
	if err != nil {
		return nil, err
	}
	if number == "" || len(list.Notes) == 0 || !snapshot.SeesNote(v.Who, list.Notes[0].Recipient, list.Notes[0].Owners) {
		return nil, fault.New(fault.NotFound, "note_unknown", fault.Args{"number": number})
	}
	return &list.Notes[0], nil
}
