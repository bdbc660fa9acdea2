package network

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/web/page"
)

// ProposeBank asks for new bank data of an entity.
func (v *Visit) ProposeBank() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	f := newEntityForm(v, bankForm, b, e)
	f.bank = entities.Bank{Holder: f.Text("holder"), IBAN: f.Text("iban"), BIC: f.Text("bic")}
	var waiting []creditnotes.Proposal
	var changed bool
	if !f.Fail(v.Confirm()) {
		waiting, changed, err = v.Store.ProposeBank(v.R.Context(), v.Name(), e.Key, f.bank, f.Sent())
		f.Fail(err)
	}
	switch {
	case !f.Ok():
		return v.showEntityForm(f)
	case !changed:
		return v.Done(page.EntityPath(e.Key), "entity_bank_unchanged", "Name", e.Name)
	case len(waiting) > 0:
		return v.Done(page.EntityPath(e.Key), "entity_bank_proposed", "Name", e.Name)
	}
	return v.Done(page.EntityPath(e.Key), "entity_bank_saved", "Name", e.Name)
}
