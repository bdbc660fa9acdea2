package api

import (
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
)

// accountsInput narrows the listing.
type accountsInput struct {
	Paging
	Entity   string                      `query:"entity" doc:"key of the recipient"`
	Currency string                      `query:"currency"`
	Standing creditnotes.AccountStanding `query:"standing" enum:"owed,owing,even,open" doc:"owed: the operator owes the balance; owing: it is owed to the operator; even: the balance is 0; open: with open items"`
	Until    string                      `query:"until" format:"date" doc:"last day whose movements count"`
}

// accounts lists accounts by the key of the recipient and the currency.
func (c *call) accounts(in *accountsInput) (*List[creditnotes.AccountStateJSON], error) {
	f := creditnotes.AccountFilter{Entity: in.Entity, Currency: in.Currency, Standing: in.Standing, Scope: snapshot.Scope(c.who)}
	if in.Until != "" {
		var err error
		if f.Until, err = entities.ParseDate(in.Until); err != nil {
			return nil, c.invalid("query.until", "expected a date")
		}
	}
	all, err := c.Store.Accounts(c.ctx, f)
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, func(a *creditnotes.AccountState) string { return a.Entity + " " + a.Currency })
	if err != nil {
		return nil, err
	}
	items := make([]creditnotes.AccountStateJSON, len(some))
	for i := range some {
		items[i] = some[i].JSON()
	}
	return listed(c, items, place), nil
}

// OpenItem is what of a movement is not settled, or settles nothing yet.
type OpenItem struct {
	creditnotes.MovementJSON
	Open string `json:"open" doc:"with the sign of the amount"`
}

// openItems lists what is open of the accounts of an entity.
func (c *call) openItems(in *keyInput) (*One[Items[OpenItem]], error) {
	if c.snapshot.Network.Tree.Entity(in.Key) == nil || !c.who.Sees(in.Key) {
		return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": in.Key})
	}
	accounts, err := c.Store.Accounts(c.ctx, creditnotes.AccountFilter{Entity: in.Key})
	if err != nil {
		return nil, err
	}
	items := []OpenItem{}
	for _, a := range accounts {
		list, err := c.Store.OpenItems(c.ctx, a.Account)
		if err != nil {
			return nil, err
		}
		for i := range list {
			items = append(items, OpenItem{list[i].Movement.JSON(c.snapshot.Network.Zone()), amountIn(list[i].Open, a.Currency)})
		}
	}
	return &One[Items[OpenItem]]{Items[OpenItem]{Items: items}}, nil
}
