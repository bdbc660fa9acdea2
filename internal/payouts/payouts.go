// Package payouts decides what is paid out to whom: one payout per recipient and
// currency, of all that is due and set off against what the recipient owes
// (settlement.md §10.1).
package payouts

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// Item is an open item of an account, and what a payout has to know of it.
type Item struct {
	creditnotes.OpenItem
	Due       entities.Date // of a document; otherwise the value date
	Objection bool          // the recipient objects to the document
	Payout    string        // number of the payout in which it stands; empty: none
	Requested entities.Date // when the bank is to execute that payout
}

// counts reports whether something is owed by the item: it is open, or money that
// the recipient has to give back, for a payout or a payment that was charged back
// settles nothing. Money of the recipient that settles nothing is left to it.
func (i *Item) counts() bool { return i.Open < 0 || i.Open > 0 && i.Kind.IsItem() }

// Age says how long an item has been due on a day.
type Age string

// The ages of items (settlement.md §10.4).
const (
	NotDue Age = "not_due"
	To30   Age = "1-30" // days
	To60   Age = "31-60"
	To90   Age = "61-90"
	Over90 Age = "over_90"
)

// Age is how long the item has been due on a day. On the day it is due it is not
// late.
func (i *Item) Age(day entities.Date) Age {
	switch late := i.Due.DaysUntil(day); {
	case late <= 0:
		return NotDue
	case late <= 30:
		return To30
	case late <= 60:
		return To60
	case late <= 90:
		return To90
	}
	return Over90
}

// Account is the account of a recipient in one currency.
type Account struct {
	Recipient *entities.Entity
	Currency  string
	Items     []Item
	BankWaits bool // a change of the bank data waits for a second person
	Addresses bank.AddressStyle
	Awaits    string // number of a payout on its way that pays more than is open of its items; empty: none
}

// Draft is a payout that is to be made: what its items come to, which is above 0.
type Draft struct {
	Recipient *entities.Entity
	Currency  string
	Amount    money.Amount
	Items     []Item
}

// Reason says why something is not paid out.
type Reason string

// The reasons in the order in which they are looked for.
const (
	Objection       Reason = "objection"        // to the document; the rest of the account is paid
	Negative        Reason = "negative"         // what the recipient owes is not less
	AwaitsBank      Reason = "awaits_bank"      // a payout on its way pays what is not owed any more
	OnHold          Reason = "on_hold"          // PayoutHold of the entity
	NoBank          Reason = "no_bank"          // no IBAN
	UnconfirmedBank Reason = "unconfirmed_bank" // a change waits for a second person
	Unwritable      Reason = "unwritable"       // a bank would refuse it
	BelowMinimum    Reason = "below_minimum"    // setting minimum_payout
)

// Reasons are all of them.
func Reasons() []Reason {
	return []Reason{Objection, Negative, AwaitsBank, OnHold, NoBank, UnconfirmedBank, Unwritable, BelowMinimum}
}

// LeftOut is what is due and not paid out. It is due again in the next
// preparation.
type LeftOut struct {
	Entity   string // key of the recipient
	Currency string
	Amount   money.Amount
	Reason   Reason
	Detail   string         // number of the document or payout, reason of the hold
	Refused  []*fault.Fault // what a bank would refuse
}

// Words puts faults into a language.
type Words func(f *fault.Fault) string

// Says is the detail of why it is left out, in a language.
func (l *LeftOut) Says(words Words) string { return detailed(l.Detail, l.Refused, words) }

func detailed(detail string, refused []*fault.Fault, words Words) string {
	for _, f := range refused {
		detail = strings.TrimSpace(detail + " " + words(f))
	}
	return detail
}

// Prepare makes a payout of each account of which something is due on a day. An
// item is paid whole. Fee invoices of an entity that does not set off are left to
// its payments.
func Prepare(day entities.Date, minimum map[string]money.Amount, accounts []Account) (drafts []Draft, left []LeftOut) {
	for i := range accounts {
		a := &accounts[i]
		items, objected := a.due(day)
		left = append(left, objected...)
		if len(items) == 0 {
			continue
		}
		d := Draft{a.Recipient, a.Currency, sum(items), items}
		if d.Amount == 0 { // neither owes anything
			continue
		}
		if out := a.obstacle(day, d.Amount, minimum[a.Currency]); out.Reason != "" {
			out.Entity, out.Currency, out.Amount = a.Recipient.Key, a.Currency, d.Amount
			left = append(left, out)
			continue
		}
		drafts = append(drafts, d)
	}
	return drafts, left
}

// due are the items of which at least one is due to the recipient, and what is
// set off against them. Where nothing is due, nothing is set off.
func (a *Account) due(day entities.Date) (items []Item, objected []LeftOut) {
	owed := false
	for _, item := range a.Items {
		switch {
		case !item.counts() || item.Payout != "":
		case item.Open > 0 && day.Before(item.Due):
		case item.Open > 0 && item.Objection:
			objected = append(objected, LeftOut{Entity: a.Recipient.Key, Currency: a.Currency, Amount: item.Open, Reason: Objection, Detail: item.Reference})
		case item.Open < 0 && item.Kind == creditnotes.MovedInvoice && !a.Recipient.SetOff:
		case day.Before(item.Value): // dated later
		default:
			items, owed = append(items, item), owed || item.Open > 0
		}
	}
	if !owed {
		return nil, objected
	}
	slices.SortStableFunc(items, func(x, y Item) int { return cmp.Or(cmp.Compare(x.Value, y.Value), cmp.Compare(x.ID, y.ID)) })
	return items, objected
}

func sum(items []Item) (total money.Amount) {
	for i := range items {
		total += items[i].Open
	}
	return total
}

// obstacle is the reason for which the account is not paid, with its detail; none:
// it is paid.
func (a *Account) obstacle(day entities.Date, amount, minimum money.Amount) LeftOut {
	hold := a.Recipient.PayoutHold
	switch {
	case amount <= 0:
		return LeftOut{Reason: Negative}
	case a.Awaits != "":
		return LeftOut{Reason: AwaitsBank, Detail: a.Awaits}
	case !hold.Since.IsZero() && !day.Before(hold.Since):
		return LeftOut{Reason: OnHold, Detail: hold.Reason}
	case a.Recipient.Bank.IBAN == "":
		return LeftOut{Reason: NoBank}
	case a.BankWaits:
		return LeftOut{Reason: UnconfirmedBank}
	}
	if refused := Refused(a.Recipient, a.Currency, amount, a.Addresses); len(refused) > 0 {
		return LeftOut{Reason: Unwritable, Refused: refused}
	}
	if amount < minimum {
		return LeftOut{Reason: BelowMinimum}
	}
	return LeftOut{}
}

// State says what became of a payout.
type State string

// The states of a payout.
const (
	Prepared  State = "prepared"
	Approved  State = "approved"  // by a second person; its items are "in payment"
	Exported  State = "exported"  // in a bank file
	Executed  State = "executed"  // by the bank
	Discarded State = "discarded" // before it was exported
	Rejected  State = "rejected"  // by the bank, before it was executed
	Returned  State = "returned"  // by the bank, after it was executed
)

// Standing reports whether the items of a payout in this state are in no other
// one.
func (s State) Standing() bool {
	return s == Prepared || s == Approved || s == Exported || s == Executed
}

// Payout is money on its way to a recipient. What it is made of never changes.
type Payout struct {
	ID         int64
	Batch      int64
	Number     string // unlike that of any other payout, and its end-to-end id
	Entity     string // key of the recipient
	Currency   string
	Amount     money.Amount
	State      State
	Payee      Payee
	Items      []PaidItem
	ExecutedOn entities.Date
	MovementID int64 // of the executed payout
	ChangedAt  time.Time
	ChangedBy  string
	Reason     string // why it was discarded, rejected or returned
	ExternalID string // its key in another system; empty: none
}

// Payee is the recipient as it was when the payout was prepared.
type Payee struct {
	Name     string `json:"name"`
	Holder   string `json:"holder"` // of the account; empty: Name
	IBAN     string `json:"iban"`
	BIC      string `json:"bic,omitempty"`
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country"`
	Language string `json:"language,omitempty"`
}

// PaidItem is one item of a payout.
type PaidItem struct {
	Movement  int64
	Kind      creditnotes.MovementKind
	Reference string
	Value     entities.Date
	Amount    money.Amount
}

// Batch is what was prepared at once, and is approved and exported together.
type Batch struct {
	ID         int64
	Requested  entities.Date // when the bank executes it
	State      State         // Prepared, Approved, Exported or Discarded
	PreparedAt time.Time
	PreparedBy string
	ApprovedAt time.Time
	ApprovedBy string
	ExportedAt time.Time // first
	ExportedBy string
	DebtorIBAN string // account of the operator when it was approved; empty: not approved, or by an older version
	Payouts    []Payout
	LeftOut    []LeftOut
}

// PayeeOf is what a payout keeps of its recipient.
func PayeeOf(e *entities.Entity) Payee {
	return Payee{Name: e.DisplayName(), Holder: e.Bank.Holder, IBAN: e.Bank.IBAN, BIC: e.Bank.BIC,
		Street: e.Street, Postcode: e.Postcode, City: e.City, Country: e.Country, Language: e.Language}
}

// Told reports whether the recipient sees the payout: it was approved, and not
// discarded.
func (p *Payout) Told() bool { return p.State != Prepared && p.State != Discarded }

// States are all states of a payout.
func States() []State {
	return []State{Prepared, Approved, Exported, Executed, Discarded, Rejected, Returned}
}

// SetOff adds up the items that are owed to the recipient, and those that are set
// off against them, which is at most 0. Together they are the amount.
func (p *Payout) SetOff() (owed, off money.Amount) {
	for i := range p.Items {
		if p.Items[i].Amount > 0 {
			owed += p.Items[i].Amount
		} else {
			off += p.Items[i].Amount
		}
	}
	return owed, off
}

// Has reports whether the batch has the payout with a number.
func (b *Batch) Has(number string) bool {
	return slices.ContainsFunc(b.Payouts, func(p Payout) bool { return p.Number == number })
}

// ByHand are the payouts of the batch that stand and are in no bank file.
func (b *Batch) ByHand() (list []*Payout) {
	for i := range b.Payouts {
		if p := &b.Payouts[i]; p.State.Standing() && p.ByHand() {
			list = append(list, p)
		}
	}
	return list
}
