package notes

import (
	"fmt"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// bankView lists what banks said.
type bankView struct {
	*page.FormState
	List   *page.List
	States []page.Choice
	Rows   []bankLine
	Queued int64
	Upload bool // the visitor may take files in
}

// bankLine is one entry.
type bankLine struct {
	payouts.BankEntry
	Path   string // where it is decided or looked at
	Said   string // the sentence of a finding, else the text
	Result string // what became of it, in words
}

var entryStates = func() (list []string) {
	for _, s := range payouts.EntryStates() {
		list = append(list, string(s))
	}
	return list
}()

// Bank lists what banks said, the latest day first: what waits for a person, unless
// the address asks for more.
func (v *Visit) Bank() error { return v.showBank(v.Form("")) }

func (v *Visit) showBank(f *page.FormState) error {
	ctx := v.R.Context()
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/bank", Fields: []string{"state"}, Size: page.RowsPerPage, Empty: "bank_none"})
	l.SetHeads(page.Head{Message: "bank_entry"}, page.Head{Message: "bank_day"}, page.Head{Message: "bank_amount", Num: true}, page.Head{Message: "bank_name"},
		page.Head{Message: "bank_text"}, page.Head{Message: "bank_state"})
	state := l.Choice("state", append([]string{"all"}, entryStates...)...)
	view := bankView{FormState: f, List: l, Upload: v.May(access.Draft), States: v.Choices("bank_state_%s", state, append([]string{"all"}, entryStates[1:]...)...)}
	filter := payouts.EntryFilter{State: payouts.EntryState(state)}
	switch state {
	case "":
		filter.State = payouts.EntryQueued
	case "all":
		filter.State = ""
	}
	if l.Err() == nil {
		list, next, previous, err := v.Store.BankEntries(ctx, filter, l.Page("day"))
		if err != nil {
			return err
		}
		l.Cursors(next, previous)
		for i := range list {
			view.Rows = append(view.Rows, v.bankLine(&list[i]))
		}
	}
	var err error
	if view.Queued, err = v.Store.QueuedBankEntries(ctx); err != nil {
		return err
	}
	if !f.Ok() {
		return v.ShowForm(f, "bank", v.Message("menu_bank"), view)
	}
	return v.ShowList("bank", "menu_bank", view, l.Err())
}

func (v *Visit) bankLine(e *payouts.BankEntry) bankLine {
	line := bankLine{BankEntry: *e, Path: bankPath(e.ID), Said: e.Text, Result: v.Message(fmt.Sprintf("bank_state_%s", e.State))}
	if e.Finding != nil {
		line.Said = v.words(e.Finding)
	}
	switch {
	case e.State == payouts.EntryUndone:
	case e.Outcome != "":
		line.Result = v.Message(fmt.Sprintf("bank_outcome_%s", e.Outcome))
	case e.Why != "":
		line.Result = v.Message(fmt.Sprintf("bank_why_%s", e.Why))
	}
	return line
}

// words says a fault in the visitor's language.
func (v *Visit) words(f *fault.Fault) string { return v.Texts.PageFault(v.Lang, f) }

func bankPath(id int64) string { return "/bank/" + page.FormatID(id) }

// bankEntryView is one entry, and what may be done with it.
type bankEntryView struct {
	*page.FormState
	Entry       bankLine
	Path        string
	Decide      bool
	Undo        bool // the visitor may take the decision back
	Suggestions []bankSuggestion
	Entities    []page.Choice
	EntityName  string
}

// bankSuggestion is what an entry may be about.
type bankSuggestion struct {
	payouts.Suggestion
	Field, Value, Name string // of the form that takes it
	Said               string // what it is, in words
	Known              bool   // the amount
}

const (
	uploadForm  = "upload"
	assignForm  = "assign"
	foreignForm = "foreign"
	undoForm    = "undo"
)

// answerWithin is how long a page waits for what goes on in the background, before
// it says that it is not done yet.
const answerWithin = time.Second

// BankEntry shows an entry with suggestions.
func (v *Visit) BankEntry() error { return v.showBankEntry(v.Form("")) }

func (v *Visit) showBankEntry(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	e, err := v.bankEntry()
	if err != nil {
		return err
	}
	view := bankEntryView{FormState: f, Entry: v.bankLine(e), Path: bankPath(e.ID), Entities: v.EntitiesOffered(b),
		Decide: e.State == payouts.EntryQueued && v.May(access.Draft)}
	view.Undo = e.DecidedBy != "" && e.State != payouts.EntryUndone && v.May(access.Draft)
	if e.Entity != "" {
		view.EntityName = b.Names(e.Entity)
	}
	if view.Decide {
		if view.Suggestions, err = v.bankSuggestions(b, e); err != nil {
			return err
		}
	}
	return v.ShowForm(f, "bank_entry", v.Message("bank_entry_title", "Number", e.ID), view)
}

// bankEntry is the entry of the address.
func (v *Visit) bankEntry() (*payouts.BankEntry, error) {
	id, err := page.ParseID(v.R.PathValue("id"))
	if err != nil {
		return nil, fault.New(fault.NotFound, "bank_entry_unknown", fault.Args{"entry": v.R.PathValue("id")})
	}
	return v.Store.BankEntry(v.R.Context(), id)
}

func (v *Visit) bankSuggestions(b *snapshot.Snapshot, e *payouts.BankEntry) (list []bankSuggestion, err error) {
	found, err := v.Store.SuggestForBankEntry(v.R.Context(), e)
	for _, s := range found {
		one := bankSuggestion{Suggestion: s, Said: v.Message(fmt.Sprintf("bank_because_%s", s.Because)), Known: s.Amount != 0}
		switch {
		case s.Payout != "":
			one.Field, one.Value, one.Name = "payout", s.Payout, v.Message("bank_payout")+" "+s.Payout
		case s.Document != "":
			one.Field, one.Value, one.Name = "document", s.Document, v.Message("bank_document")+" "+s.Document
		default:
			one.Field, one.Value, one.Name = "account", s.Entity, v.Message("bank_account")+" "+b.Names(s.Entity)
		}
		list = append(list, one)
	}
	return list, err
}

// AssignBank books an entry on what the person says it is about.
func (v *Visit) AssignBank() error {
	e, err := v.bankEntry()
	if err != nil {
		return err
	}
	f := v.Form(assignForm)
	to := payouts.Target{Payout: f.Text("payout"), Document: f.Text("document"), Entity: f.Text("account")}
	if f.Fail(v.Store.AssignBankEntry(v.R.Context(), v.Name(), e.ID, to, f.Text("reason"))) {
		return v.showBankEntry(f)
	}
	return v.Done("/bank", "bank_assigned", "Number", e.ID)
}

// MarkBankForeign says that an entry is about no account.
func (v *Visit) MarkBankForeign() error {
	e, err := v.bankEntry()
	if err != nil {
		return err
	}
	f := v.Form(foreignForm)
	if f.Fail(v.Store.MarkForeign(v.R.Context(), v.Name(), e.ID, f.Text("reason"))) {
		return v.showBankEntry(f)
	}
	return v.Done("/bank", "bank_marked", "Number", e.ID)
}

// UndoBank takes back what a person decided about an entry.
func (v *Visit) UndoBank() error {
	e, err := v.bankEntry()
	if err != nil {
		return err
	}
	f := v.Form(undoForm)
	instead, err := v.Store.UndoBankEntry(v.R.Context(), v.Name(), e.ID, f.Text("reason"))
	if f.Fail(err) {
		return v.showBankEntry(f)
	}
	return v.Done(bankPath(instead), "bank_undone_done", "Number", e.ID, "Instead", instead)
}
