package payouts

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

// BatchJSON is a batch of payouts for programs. Amounts are texts with all digits
// of their currency, times are in the operator's zone.
type BatchJSON struct {
	Batch      int64         `json:"batch" doc:"0: nothing is prepared, only what would be"`
	Requested  entities.Date `json:"requested_date" format:"date" doc:"when the bank executes it"`
	State      State         `json:"state" doc:"prepared, approved, exported or discarded"`
	PreparedAt time.Time     `json:"prepared_at"`
	PreparedBy string        `json:"prepared_by"`
	ApprovedAt *time.Time    `json:"approved_at,omitempty"`
	ApprovedBy string        `json:"approved_by,omitempty"`
	ExportedAt *time.Time    `json:"exported_at,omitempty"`
	ExportedBy string        `json:"exported_by,omitempty"`
	Payouts    []PayoutJSON  `json:"payouts" nullable:"false"`
	LeftOut    []LeftOutJSON `json:"left_out" nullable:"false"`
}

// PayoutJSON is a payout for programs.
type PayoutJSON struct {
	Payout     string        `json:"payout" doc:"number, and end-to-end id at the bank"`
	Recipient  string        `json:"recipient" doc:"key"`
	Amount     string        `json:"amount"`
	Currency   string        `json:"currency"`
	State      State         `json:"state" doc:"prepared, approved, exported, executed, discarded, rejected or returned"`
	ByHand     bool          `json:"by_hand" doc:"in no bank file: not in euro"`
	IBAN       string        `json:"iban" doc:"its last four characters"`
	ExecutedOn entities.Date `json:"executed_on,omitempty" format:"date"`
	Reason     string        `json:"reason,omitempty" doc:"why it was discarded, rejected or returned"`
	ExternalID string        `json:"external_id,omitempty" doc:"its key in another system"`
	Items      []ItemJSON    `json:"items" nullable:"false"`
}

// ItemJSON is an item of a payout for programs; a negative one is set off.
type ItemJSON struct {
	Kind      string        `json:"kind"`
	Reference string        `json:"reference" doc:"number of the document"`
	Value     entities.Date `json:"value_date" format:"date"`
	Amount    string        `json:"amount"`
}

// LeftOutJSON is what is not paid out, for programs.
type LeftOutJSON struct {
	Recipient string `json:"recipient" doc:"key"`
	Amount    string `json:"amount"`
	Currency  string `json:"currency"`
	Reason    Reason `json:"reason" doc:"objection, negative, awaits_bank, on_hold, no_bank, unconfirmed_bank, unwritable or below_minimum"`
	Detail    string `json:"detail,omitempty" doc:"number of the document or payout, reason of the hold, or in sentences what a bank would refuse"`
}

// OpenItemJSON is an open item of an account, for programs.
type OpenItemJSON struct {
	Recipient string        `json:"recipient" doc:"key"`
	Currency  string        `json:"currency"`
	Kind      string        `json:"kind"`
	Reference string        `json:"reference"`
	Value     entities.Date `json:"value_date" format:"date"`
	Due       entities.Date `json:"due_date" format:"date"`
	Amount    string        `json:"amount" doc:"positive: the operator owes it"`
	Open      string        `json:"open"`
	Age       Age           `json:"age" doc:"not_due, 1-30, 31-60, 61-90 or over_90 days late"`
	Objection bool          `json:"objection"`
	Payout    string        `json:"in_payment,omitempty" doc:"number of the payout in which it stands"`
}

// JSON writes a batch for programs, with its times in a zone and sentences in a
// language.
func (b *Batch) JSON(zone *time.Location, words Words) BatchJSON {
	out := BatchJSON{Batch: b.ID, Requested: b.Requested, State: b.State, PreparedAt: b.PreparedAt.In(zone), PreparedBy: b.PreparedBy,
		ApprovedBy: b.ApprovedBy, ExportedBy: b.ExportedBy, Payouts: []PayoutJSON{}, LeftOut: []LeftOutJSON{}}
	if !b.ApprovedAt.IsZero() {
		out.ApprovedAt = new(b.ApprovedAt.In(zone))
	}
	if !b.ExportedAt.IsZero() {
		out.ExportedAt = new(b.ExportedAt.In(zone))
	}
	for i := range b.Payouts {
		out.Payouts = append(out.Payouts, b.Payouts[i].JSON())
	}
	for i := range b.LeftOut {
		l := &b.LeftOut[i]
		out.LeftOut = append(out.LeftOut, LeftOutJSON{l.Entity, text(l.Amount, l.Currency), l.Currency, l.Reason, l.Says(words)})
	}
	return out
}

// JSON writes a payout for programs.
func (p *Payout) JSON() PayoutJSON {
	out := PayoutJSON{Payout: p.Number, Recipient: p.Entity, Amount: text(p.Amount, p.Currency), Currency: p.Currency, State: p.State, ByHand: p.ByHand(),
		IBAN: entities.LastFour(p.Payee.IBAN), ExecutedOn: p.ExecutedOn, Reason: p.Reason, ExternalID: p.ExternalID, Items: []ItemJSON{}}
	for _, item := range p.Items {
		out.Items = append(out.Items, ItemJSON{string(item.Kind), item.Reference, item.Value, text(item.Amount, p.Currency)})
	}
	return out
}

// JSON writes the items of an account for programs, with their age on a day.
func (a *Account) JSON(day entities.Date) (list []OpenItemJSON) {
	for j := range a.Items {
		i := &a.Items[j]
		list = append(list, OpenItemJSON{a.Recipient.Key, a.Currency, string(i.Kind), i.Reference, i.Value, i.Due, text(i.Amount, a.Currency),
			text(i.Open, a.Currency), i.Age(day), i.Objection, i.Payout})
	}
	return list
}

// Preview is the batch that a preparation of a day would make. It has no id, and
// its payouts have no numbers.
func Preview(day entities.Date, drafts []Draft, left []LeftOut) *Batch {
	b := &Batch{Requested: day, State: Prepared, LeftOut: left}
	for i := range drafts {
		d := &drafts[i]
		p := Payout{Entity: d.Recipient.Key, Currency: d.Currency, Amount: d.Amount, State: Prepared, Payee: PayeeOf(d.Recipient)}
		for j := range d.Items {
			item := &d.Items[j]
			p.Items = append(p.Items, PaidItem{item.ID, item.Kind, item.Reference, item.Value, item.Open})
		}
		b.Payouts = append(b.Payouts, p)
	}
	return b
}

func text(a money.Amount, currency string) string {
	digits, _ := money.Digits(currency)
	return a.Format(digits)
}
