package web

import (
	"creditrun/creditnotes"
	"creditrun/entities"
)

// proposeBank asks for new bank data of an entity.
func (v *visit) proposeBank() error {
	b, err := v.network()
	if err != nil {
		return err
	}
	e, err := v.entityAt(b, v.r.PathValue("key"))
	if err != nil {
		return err
	}
	f := newEntityForm(v, bankForm, b, e)
	f.bank = entities.Bank{Holder: f.text("holder"), IBAN: f.text("iban"), BIC: f.text("bic")}
	var waiting []creditnotes.Proposal
	var changed bool
	if !f.fail(v.confirm()) {
		waiting, changed, err = v.Store.ProposeBank(v.r.Context(), v.name(), e.Key, f.bank, f.sent())
		f.fail(err)
	}
	switch {
	case !f.ok():
		return v.showEntityForm(f)
	case !changed:
		return v.done(entityPath(e.Key), "entity_bank_unchanged", "Name", e.Name)
	case len(waiting) > 0:
		return v.done(entityPath(e.Key), "entity_bank_proposed", "Name", e.Name)
	}
	return v.done(entityPath(e.Key), "entity_bank_saved", "Name", e.Name)
}
