package creditnotes

import (
	"cmp"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// FromFile is a record that was read from a file, with its place.
type FromFile[T any] struct {
	Value  T
	Line   int
	Record string // as it was written
}

// TopUp is balance that a Sub-CPO grants one of its drivers, or takes back where
// Amount is negative (settlement.md §3.9). It is on no document: a movement of
// the account, and an expense record of the month in which it happened.
type TopUp struct {
	ID         int64
	Key        string // the id that its source gave it
	Entity     string // key
	User       string // whose balance it is
	Amount     money.Amount
	Currency   string
	At         time.Time
	ReceivedAt time.Time
}

// Same reports whether two top-ups say the same.
func (t *TopUp) Same(o *TopUp) bool {
	return t.Key == o.Key && t.Entity == o.Entity && t.User == o.User && t.Amount == o.Amount && t.Currency == o.Currency && t.At.Equal(o.At)
}

// TopUpFilter narrows a listing of top-ups; zero fields match everything.
type TopUpFilter struct {
	Entity   string
	Currency string
	From     time.Time
	Until    time.Time // exclusive
	// Scope are the keys of the entities a visitor may see; nil: all.
	Scope []string
}

// CustomRecord is an amount beside sessions and contracts that is owed to an
// owner or by it (settlement.md §3.10). It may be changed while it stands on no
// document.
type CustomRecord struct {
	ID         int64
	Key        string // its id, unique
	Owner      string // key
	Month      entities.Month
	Date       entities.Date
	Text       string
	Net        money.Amount // above 0
	Currency   string
	TaxAccount string // key; empty: that of the recipient, or of the fee invoice
	Direction  Direction
	NoteID     int64 // the standing document, or the carried sum, that it is on; 0: none
}

// Direction says who owes.
type Direction string

// The directions of custom records.
const (
	Credited Direction = "credit" // the operator: on a credit note
	Debited  Direction = "debit"  // the owner: on a fee invoice
)

// RecordFilter narrows a listing of custom records; zero fields match
// everything.
type RecordFilter struct {
	Owner     string
	Direction Direction
	Open      bool // on no document
	// Until is the last month.
	Until entities.Month
	Scope []string // as in TopUpFilter
}

// CheckRecord says what is wrong with a custom record: an owner or tax account
// that is not there, an amount that is not above 0, a tax account that may not
// stand beside the others on a credit note.
func (p *Plan) CheckRecord(r *CustomRecord) *fault.Fault {
	args := fault.Args{"record": r.Key, "owner": r.Owner, "account": r.TaxAccount}
	owner := p.Network.Tree.Entity(r.Owner)
	digits, known := money.Digits(r.Currency)
	account := p.account[r.TaxAccount]
	switch {
	case owner == nil || owner == p.Network.Operator():
		return fault.New(fault.Invalid, "record_owner_unknown", args).At("owner")
	case r.Text == "":
		return fault.New(fault.Invalid, "record_without_text", args).At("text")
	case !known:
		return fault.New(fault.Invalid, "record_currency_unknown", fault.Args{"record": r.Key, "currency": r.Currency}).At("currency")
	case r.Net <= 0:
		args["net"] = r.Net.Format(digits)
		return fault.New(fault.Invalid, "record_net", args).At("net")
	case r.TaxAccount == "":
		return nil
	case account == nil:
		return fault.New(fault.Invalid, "record_tax_unknown", args).At("tax_account")
	}
	if _, ok := account.RateOn(r.Date); !ok {
		return fault.New(fault.Invalid, "tax_rate_missing", fault.Args{"account": r.TaxAccount, "date": string(r.Date)}).At("tax_account")
	}
	if r.Direction == Credited && (treatment{account: account}).outside() != p.creditedOutside(owner, r.Date) {
		return fault.New(fault.Invalid, "record_tax_alone", args).At("tax_account")
	}
	return nil
}

// creditedOutside reports whether what an owner is credited on a day is not
// subject to VAT.
func (p *Plan) creditedOutside(owner *entities.Entity, day entities.Date) bool {
	recipient, err := p.Network.Tree.Recipient(owner)
	if err != nil {
		recipient = owner
	}
	with, _ := p.treatmentOn(recipient, day)
	return with.outside()
}

// CurrencyOf is the currency of an entity: its own, that of the operator, or
// EUR.
func (p *Plan) CurrencyOf(e *entities.Entity) string {
	return cmp.Or(e.Currency, p.Network.Operator().Currency, "EUR")
}
