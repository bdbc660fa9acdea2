package notes

import (
	"encoding/json"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// adjustmentView is the form of a change of an account by hand.
type adjustmentView struct {
	*page.FormState
	Entity   *entities.Entity
	Path     string
	Back     string // to the statement
	Changes  string // where it is approved; empty: the visitor may not
	Fields   adjustmentFields
	Waiting  []waitingAdjustment
	Balances []creditnotes.AccountState
}

// adjustmentFields are the fields as they are shown.
type adjustmentFields struct{ Amount, Currency, Value, Reason string }

// waitingAdjustment is one that waits for a second person.
type waitingAdjustment struct {
	creditnotes.Adjustment
	AskedBy string
}

// AdjustPage shows an empty form, with the currency of the entity and today.
func (v *Visit) AdjustPage() error {
	b, e, err := v.adjusted()
	if err != nil {
		return err
	}
	currencyOf, err := v.Store.Currencies(v.R.Context())
	if err != nil {
		return err
	}
	return v.showAdjustment(v.Form(""), e, adjustmentFields{Currency: currencyOf(e.Key), Value: string(b.Day(v.Now()))})
}

func (v *Visit) adjusted() (*snapshot.Snapshot, *entities.Entity, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	return b, e, err
}

// Adjust asks for a change of an account, which a second person approves.
func (v *Visit) Adjust() error {
	_, e, err := v.adjusted()
	if err != nil {
		return err
	}
	f := v.Form("")
	fields := adjustmentFields{f.Text("amount"), f.Text("currency"), f.Text("value_date"), f.Text("reason")}
	digits, known := money.Digits(fields.Currency)
	if !known {
		f.Say("currency", "adjustment_currency_wrong")
	}
	a := creditnotes.Adjustment{
		Entity: e.Key, Currency: fields.Currency, Amount: money.Amount(f.At("amount", "adjustment_amount").Price(digits)),
		Value: f.At("value_date", "adjustment_value").Day(), Reason: fields.Reason,
	}
	if f.Ok() {
		_, err := v.Store.ProposeAdjustment(v.R.Context(), v.Name(), a)
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showAdjustment(f, e, fields)
	}
	return v.Done(statementPath(e), "adjustment_asked", "Name", e.DisplayName())
}

func statementPath(e *entities.Entity) string { return page.EntityPath(e.Key) + "/statement" }

func (v *Visit) showAdjustment(f *page.FormState, e *entities.Entity, fields adjustmentFields) error {
	ctx := v.R.Context()
	view := adjustmentView{
		FormState: f, Entity: e, Path: page.EntityPath(e.Key) + "/adjust", Back: statementPath(e), Changes: v.LinkIfAllowed("/changes"), Fields: fields,
	}
	waiting, err := v.Store.Proposals(ctx, creditnotes.ProposalFilter{Waiting: true, Matter: creditnotes.MatterAdjustment, Subject: e.Key})
	if err != nil {
		return err
	}
	for _, p := range waiting {
		one := waitingAdjustment{AskedBy: p.AskedBy}
		if err := json.Unmarshal([]byte(p.After), &one.Adjustment); err != nil {
			return err
		}
		view.Waiting = append(view.Waiting, one)
	}
	if view.Balances, err = v.Store.Accounts(ctx, creditnotes.AccountFilter{Entity: e.Key}); err != nil {
		return err
	}
	return v.ShowForm(f, "adjustment", v.Message("adjustment_new"), view)
}
