package web

import (
	"net/url"
	"slices"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// noteListView is the list of credit notes with its filter.
type noteListView struct {
	Asked      map[string]string // what the filter says, by field
	Entities   []choice
	Standings  []choice
	Ranges     []choice
	Currencies []choice
	Deliveries []choice
	Totals     []creditnotes.NoteTotal
	Rows       []noteListRow
	Pager      pagerView
	Filter     string // of the addresses of downloads
	Export     bool
	ZIP        bool // the documents are few enough to be downloaded together
	Narrowed   bool
	Operator   bool
}

// noteListRow is one note of the list.
type noteListRow struct {
	creditnotes.NoteEntry
	Path      string
	Recipient string // name
	Owners    string // names
}

// noteList lists the credit notes that the visitor may see.
func (v *visit) noteList() error {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return err
	}
	asked := v.query()
	view, err := v.noteFilterView(b, asked)
	if err != nil {
		return err
	}
	if err := v.listNotes(b, asked, &view); err != nil {
		title, missing := v.text("menu_notes")
		if missing != nil {
			return missing
		}
		return v.retry(err, "notes", title, view)
	}
	return v.showAs("notes", "menu_notes", view)
}

func (v *visit) listNotes(b *snapshot.Snapshot, asked url.Values, view *noteListView) error {
	filter, err := v.noteFilter(b, asked)
	if err != nil {
		return err
	}
	list, err := v.Store.ListNotes(v.r.Context(), filter, wanted(asked))
	if err != nil {
		return err
	}
	for _, n := range list.Notes {
		view.Rows = append(view.Rows, noteListRow{n, notePath(&n), b.Names(n.Recipient), b.Names(n.Owners...)})
	}
	view.Pager = pagerOf("/notes", asked, list.Next, list.Previous)
	if view.Totals, err = v.Store.NoteTotals(v.r.Context(), filter); err != nil {
		return err
	}
	view.ZIP = len(view.Totals) > 0 && tooMany(view.Totals) == nil && filter.Standing != creditnotes.StandsDraft
	return nil
}

// notePath is the page of a note; a draft is a part of its run.
func notePath(n *creditnotes.NoteEntry) string {
	if n.Number == "" {
		return draftPath(n.Run, n.ID)
	}
	return "/notes/" + url.PathEscape(n.Number)
}

// noteFilter reads the filter of an address and narrows it to what the visitor
// may see.
func (v *visit) noteFilter(b *snapshot.Snapshot, asked url.Values) (f creditnotes.NoteFilter, err error) {
	f = creditnotes.NoteFilter{
		Standing: creditnotes.Standing(asked.Get("standing")), Range: asked.Get("range"), Currency: asked.Get("currency"),
		Delivery: creditnotes.DeliveryState(asked.Get("delivery")), Text: asked.Get("text"), Run: asked.Get("run"), Scope: v.scope(),
	}
	if f.FromMonth, err = monthOf(asked.Get("from")); err != nil {
		return f, err
	}
	if f.UntilMonth, err = monthOf(asked.Get("until")); err != nil {
		return f, err
	}
	if f.Owner, err = v.entityKey(b, asked.Get("owner")); err != nil {
		return f, err
	}
	f.Recipient, err = v.entityKey(b, asked.Get("recipient"))
	return f, err
}

// scope are the keys of the entities whose notes the visitor sees; nil: all.
func (v *visit) scope() []string {
	if v.who.Operator {
		return nil
	}
	return append([]string{}, sortedKeys(v.who.EntityKeys)...)
}

// noteFilterView is the form of the filter as the address asks for it.
func (v *visit) noteFilterView(b *snapshot.Snapshot, asked url.Values) (view noteListView, err error) {
	view = noteListView{
		Asked: map[string]string{}, Entities: v.entitiesOffered(b), Filter: filterOf(asked), Narrowed: filterOf(asked) != "",
		Export: v.may(access.Export), Operator: v.who.Operator,
	}
	for _, field := range []string{"from", "until", "owner", "recipient", "text", "run"} {
		view.Asked[field] = asked.Get(field)
	}
	standings := []string{string(creditnotes.StandsIssued), string(creditnotes.StandsCancelled), string(creditnotes.StandsAgainst)}
	if v.who.Operator {
		standings = append(standings, string(creditnotes.StandsDraft))
		for _, r := range b.Config.NumberRanges {
			view.Ranges = append(view.Ranges, choice{Value: r.Key, Text: r.Key, Chosen: r.Key == asked.Get("range")})
		}
	}
	if view.Standings, err = v.choices("standing_%s", asked.Get("standing"), standings...); err != nil {
		return view, err
	}
	view.Deliveries, err = v.choices("delivery_%s", asked.Get("delivery"), string(creditnotes.DeliveryQueued), string(creditnotes.DeliverySending),
		string(creditnotes.DeliverySent), string(creditnotes.DeliveryIncomplete), string(creditnotes.DeliveryFailed), string(creditnotes.DeliveryParked), string(creditnotes.NeverMailed))
	view.Currencies = plainChoices(asked.Get("currency"), currencies(b)...)
	return view, err
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
func (v *visit) visibleNote() (*creditnotes.NoteEntry, error) {
	number := v.r.PathValue("number")
	list, err := v.Store.ListNotes(v.r.Context(), creditnotes.NoteFilter{Number: number, Scope: v.scope()}, creditnotes.Page{Limit: 1})
	if err != nil {
		return nil, err
	}
	if number == "" || len(list.Notes) == 0 {
		return nil, fault.New(fault.NotFound, "note_unknown", fault.Args{"number": number})
	}
	return &list.Notes[0], nil
}

// thisMonth is the operator's running month.
func (v *visit) thisMonth() entities.Month { return entities.MonthOf(v.Now(), v.zone()) }
