package notes

import (
	"creditrun/internal/access"
	"creditrun/internal/web/page"
)

// externalIDView is the key that another system has for what a page shows, with
// the form that sets it.
type externalIDView struct {
	*page.FormState
	Path  string // to which the form is sent; empty: not for the visitor
	Kept  string
	Value string // as it was typed, else as it is kept
	Open  bool   // something was wrong with the form
}

func (v *Visit) externalID(f *page.FormState, path, kept string) externalIDView {
	view := externalIDView{FormState: f.In(externalForm), Kept: kept, Value: kept}
	if v.Who.Operator && v.May(access.Draft) {
		view.Path = path + "/external-id"
	}
	if f.Name == externalForm && !f.Ok() {
		view.Value, view.Open = f.Text("external_id"), true
	}
	return view
}

// SetNoteExternalID keeps the key that another system has for a note.
func (v *Visit) SetNoteExternalID() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	f := v.Form(externalForm)
	if f.Fail(v.Store.SetNoteExternalID(v.R.Context(), v.Name(), entry.Number, f.Text("external_id"))) {
		return v.showNote(f)
	}
	return v.Done(page.NotePath(entry), "external_id_kept", "Number", entry.Number)
}

// SetPayoutExternalID keeps the key that another system has for a payout.
func (v *Visit) SetPayoutExternalID() error {
	p, err := v.shownPayout()
	if err != nil {
		return err
	}
	f := v.Form(externalForm)
	if f.Fail(v.Store.SetPayoutExternalID(v.R.Context(), v.Name(), p.Number, f.Text("external_id"))) {
		return v.showPayout(f)
	}
	return v.Done(payoutPath(p.Number), "external_id_kept", "Number", p.Number)
}
