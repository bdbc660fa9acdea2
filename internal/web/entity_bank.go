package web

import (
	"strings"

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
	bank := entities.Bank{
		Holder: strings.TrimSpace(v.r.FormValue("holder")),
		IBAN:   strings.TrimSpace(v.r.FormValue("iban")),
		BIC:    strings.TrimSpace(v.r.FormValue("bic")),
	}
	var waiting []creditnotes.Proposal
	var changed bool
	if err = v.confirm(); err == nil {
		waiting, changed, err = v.Store.ProposeBank(v.r.Context(), v.name(), e.Key, bank, v.sentSeen())
	}
	switch {
	case err != nil:
		form := newEntityForm(v, b, e)
		form.bank = bank
		return v.showEntityForm(form, err)
	case !changed:
		return v.done(entityPath(e.Key), "entity_bank_unchanged", "Name", e.Name)
	case len(waiting) > 0:
		return v.done(entityPath(e.Key), "entity_bank_proposed", "Name", e.Name)
	}
	return v.done(entityPath(e.Key), "entity_bank_saved", "Name", e.Name)
}
