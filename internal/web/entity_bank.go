package web

import (
	"context"
	"strconv"
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// bankChangeView is a change of bank data that waits for a second person.
type bankChangeView struct {
	store.BankChange
	IBAN    string // in groups of four
	Path    string // of the entity
	Own     bool   // the visitor asked for it
	Confirm confirmView
}

// waitingBank is the change of bank data that waits for the entity, or nil.
// Only the operator's people see it.
func (v *visit) waitingBank(key string) (*bankChangeView, error) {
	if !v.who.Operator {
		return nil, nil
	}
	list, err := v.Store.BankChanges(v.r.Context(), store.BankChangeFilter{Waiting: true, Entity: key})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &bankChangeView{
		BankChange: list[0], IBAN: groupsOfFour(list[0].Bank.IBAN), Path: entityPath(key),
		Own: list[0].AskedBy == v.name(), Confirm: v.confirmViewAt(entityPath(key)),
	}, nil
}

// confirmViewAt is confirmView for a form on another page than this one.
func (v *visit) confirmViewAt(path string) confirmView {
	view := v.confirmView()
	view.Next = path
	return view
}

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
	var id int64
	if err = v.confirm(); err == nil {
		id, err = v.Store.ProposeBank(v.r.Context(), v.name(), e.Key, bank)
	}
	switch {
	case err != nil:
		form := newEntityForm(v, b, e)
		form.bank = bank
		return v.showEntityForm(form, err)
	case id == 0:
		return v.done(entityPath(e.Key), "entity_bank_unchanged", "Name", e.Name)
	}
	return v.done(entityPath(e.Key), "entity_bank_proposed", "Name", e.Name)
}

// approveBank lets new bank data apply.
func (v *visit) approveBank() error {
	err := v.confirm()
	if err == nil {
		err = v.decideBank(v.Store.ApproveBank)
	}
	return v.bankDecided(err, "entity_bank_approved")
}

// rejectBank throws new bank data away.
func (v *visit) rejectBank() error {
	return v.bankDecided(v.decideBank(v.Store.RejectBank), "entity_bank_rejected")
}

// decideBank decides the change of the address, which must be one of the
// entity of the address.
func (v *visit) decideBank(decide func(ctx context.Context, who string, id int64) error) error {
	id, _ := strconv.ParseInt(v.r.PathValue("id"), 10, 64) // what is no number is no change
	ctx := v.r.Context()
	list, err := v.Store.BankChanges(ctx, store.BankChangeFilter{Entity: v.r.PathValue("key")})
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.ID == id {
			return decide(ctx, v.name(), id)
		}
	}
	return fault.New(fault.NotFound, "bank_change_unknown", fault.Args{"change": id})
}

func (v *visit) bankDecided(err error, message string) error {
	if err != nil {
		return v.showEntity(err)
	}
	key := v.r.PathValue("key")
	return v.done(entityPath(key), message, "Name", v.entityName(key))
}
