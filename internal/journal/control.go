package journal

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// Control compares the journal of a currency with what the documents and their
// movements sum up to, each read on its own. Amounts are positive where the
// operator owes them.
type Control struct {
	Currency  string       `json:"currency"`
	Documents int          `json:"documents"`
	Journal   money.Amount `json:"journal"`   // of the entries of documents
	Issued    money.Amount `json:"issued"`    // gross amounts of the documents
	Movements money.Amount `json:"movements"` // movements of the documents
	Others    int          `json:"others"`    // entries of payouts, payments, top-ups and adjustments
	Payments  money.Amount `json:"payments"`  // their sum
}

// Holds reports whether the three sums are the same.
func (c *Control) Holds() bool { return c.Journal == c.Issued && c.Journal == c.Movements }

// Sums are the sums of documents and of their movements by currency.
type Sums struct{ Issued, Movements map[string]money.Amount }

// Prove sorts the entries, fills in the controls, and refuses a journal that
// differs from the documents or their movements, or has an entry that is not
// balanced.
func (j *Journal) Prove(sums Sums) error {
	slices.SortStableFunc(j.Entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(order(&a), order(&b)), cmp.Compare(a.MovementID, b.MovementID), cmp.Compare(a.Reference, b.Reference))
	})
	by := map[string]*Control{}
	of := func(currency string) *Control {
		if by[currency] == nil {
			by[currency] = &Control{Currency: currency, Issued: sums.Issued[currency], Movements: sums.Movements[currency]}
		}
		return by[currency]
	}
	for currency := range sums.Issued {
		of(currency)
	}
	for currency := range sums.Movements {
		of(currency)
	}
	for i := range j.Entries {
		e := &j.Entries[i]
		if !e.Balanced() {
			return fmt.Errorf("the entry of %s is not balanced", e.Reference)
		}
		of(e.Currency).add(e)
	}
	for _, currency := range slices.Sorted(maps.Keys(by)) {
		c := by[currency]
		j.Controls = append(j.Controls, *c)
		if !c.Holds() {
			digits, _ := money.Digits(currency)
			return fault.New(fault.Conflict, "accounting_differs", fault.Args{"month": string(j.Month), "currency": currency,
				"journal": c.Journal.Format(digits), "documents": c.Issued.Format(digits), "movements": c.Movements.Format(digits)})
		}
	}
	return nil
}

func (c *Control) add(e *Entry) {
	if e.OfDocument() {
		c.Documents++
		c.Journal += e.Moves()
		return
	}
	c.Others++
	c.Payments += e.Moves()
}

// order puts documents before what pays them.
func order(e *Entry) int {
	if e.OfDocument() {
		return 0
	}
	return 1
}

// Place is where something is entered that a journal cannot be made without.
type Place struct {
	Kind  PlaceKind
	Key   string // of the setting, the entity, the tax account; the currency of a rate
	Field string // of an entity or tax account; the month of a rate
}

// PlaceKind says what is missing.
type PlaceKind string

// The kinds of places.
const (
	PlaceEntity  PlaceKind = "entity"
	PlaceSetting PlaceKind = "setting"
	PlaceTax     PlaceKind = "tax"
	PlaceRate    PlaceKind = "rate"
)

// String names the place: setting bank_account.
func (p Place) String() string {
	switch p.Kind {
	case PlaceEntity:
		return "entity " + p.Key + ": " + p.Field
	case PlaceTax:
		return "tax account " + p.Key + ": " + p.Field
	case PlaceRate:
		return "exchange rate of " + p.Key + " for " + p.Field
	}
	return "setting " + p.Key
}

// Places are places without doubles, in the order of their names.
func Places(list ...Place) []Place {
	slices.SortFunc(list, func(a, b Place) int { return cmp.Compare(a.String(), b.String()) })
	return slices.Compact(list)
}

// ListOf names places in a sentence.
func ListOf(places []Place) string {
	var names []string
	for _, p := range places {
		names = append(names, p.String())
	}
	return strings.Join(names, ", ")
}

// Missing are the ledger accounts and exchange rates without which a journal
// cannot be made, each as the place where it is entered.
func (j *Journal) Missing() (missing []Place) {
	for i := range j.Entries {
		e := &j.Entries[i]
		if e.Account == "" {
			missing = append(missing, Place{PlaceEntity, e.Entity, "creditor_account"})
		}
		for k := range e.Parts {
			p := &e.Parts[k]
			if p.Account == "" && p.Net != 0 {
				missing = append(missing, Place{PlaceSetting, e.contraSetting(), ""})
			}
			if p.TaxAccount == "" && p.Tax != 0 {
				missing = append(missing, Place{PlaceTax, p.TaxKey, "ledger_account"})
			}
		}
	}
	for _, r := range j.Unrated() {
		missing = append(missing, Place{PlaceRate, r.Currency, string(r.Month)})
	}
	return Places(missing...)
}

// contraSetting names the setting of the contra account of an entry.
func (e *Entry) contraSetting() string {
	switch {
	case e.OfDocument() && e.Side == Debit:
		return "fee_revenue_account"
	case e.OfDocument():
		return "revenue_account"
	case e.Kind.IsItem():
		return "clearing_account"
	}
	return "bank_account"
}
