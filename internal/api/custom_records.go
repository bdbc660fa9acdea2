package api

import (
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
)

// TopUp is balance that a Sub-CPO granted a driver.
type TopUp struct {
	ID         string    `json:"id"`
	Entity     string    `json:"entity" doc:"key"`
	User       string    `json:"user"`
	Amount     string    `json:"amount" doc:"negative: taken back"`
	Currency   string    `json:"currency"`
	At         time.Time `json:"at"`
	ReceivedAt time.Time `json:"received_at"`
}

// topUpsInput narrows the listing.
type topUpsInput struct {
	Paging
	Entity   string    `query:"entity" doc:"key"`
	Currency string    `query:"currency"`
	From     time.Time `query:"from" doc:"those at or after it"`
	Until    time.Time `query:"until" doc:"those before it"`
}

// topUps lists top-ups, the latest first.
func (c *call) topUps(in *topUpsInput) (*List[TopUp], error) {
	all, err := c.Store.TopUps(c.ctx, creditnotes.TopUpFilter{
		Entity: in.Entity, Currency: in.Currency, From: in.From, Until: in.Until, Scope: snapshot.Scope(c.who)})
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, func(t *creditnotes.TopUp) string { return strconv.FormatInt(t.ID, 10) })
	if err != nil {
		return nil, err
	}
	items := make([]TopUp, len(some))
	for i, t := range some {
		items[i] = TopUp{t.Key, t.Entity, t.User, amountIn(t.Amount, t.Currency), t.Currency, c.at(t.At), c.at(t.ReceivedAt)}
	}
	return listed(c, items, place), nil
}

func amountIn(a money.Amount, currency string) string {
	digits, _ := money.Digits(currency)
	return a.Format(digits)
}

// CustomRecord is an amount beside sessions and contracts.
type CustomRecord struct {
	ID         string                `json:"id"`
	Owner      string                `json:"owner" doc:"key"`
	Month      entities.Month        `json:"month" example:"2026-10"`
	Date       entities.Date         `json:"date" example:"2026-10-31"`
	Text       string                `json:"text" doc:"as printed on the document"`
	Net        string                `json:"net" doc:"above 0"`
	Currency   string                `json:"currency"`
	TaxAccount string                `json:"tax_account,omitempty" doc:"key; without one it is that of the recipient, or of the fee invoice"`
	Direction  creditnotes.Direction `json:"direction" enum:"credit,debit" doc:"credit: the operator owes it; debit: the owner does"`
	Open       bool                  `json:"open" doc:"on no document: it may be changed and deleted"`
}

func customRecordOf(r *creditnotes.CustomRecord) CustomRecord {
	return CustomRecord{r.Key, r.Owner, r.Month, r.Date, r.Text, amountIn(r.Net, r.Currency), r.Currency, r.TaxAccount, r.Direction, r.NoteID == 0}
}

// recordsInput narrows the listing.
type recordsInput struct {
	Paging
	Owner     string                `query:"owner" doc:"key"`
	Direction creditnotes.Direction `query:"direction" enum:"credit,debit"`
	Open      bool                  `query:"open" doc:"only those on no document"`
}

// customRecords lists custom records by month, date and id.
func (c *call) customRecords(in *recordsInput) (*List[CustomRecord], error) {
	all, err := c.Store.ListCustomRecords(c.ctx, creditnotes.RecordFilter{
		Owner: in.Owner, Direction: in.Direction, Open: in.Open, Scope: snapshot.Scope(c.who)})
	if err != nil {
		return nil, err
	}
	some, place, err := cut(c, in.Paging, all, func(r *creditnotes.CustomRecord) string { return r.Key })
	if err != nil {
		return nil, err
	}
	items := make([]CustomRecord, len(some))
	for i := range some {
		items[i] = customRecordOf(&some[i])
	}
	return listed(c, items, place), nil
}

// customRecord shows one custom record.
func (c *call) customRecord(in *keyInput) (*One[CustomRecord], error) {
	r, err := c.Store.CustomRecord(c.ctx, in.Key)
	if err == nil && !c.who.Sees(r.Owner) {
		err = fault.New(fault.NotFound, "record_unknown", fault.Args{"record": in.Key})
	}
	if err != nil {
		return nil, err
	}
	return &One[CustomRecord]{customRecordOf(&r)}, nil
}

// putRecordInput is a custom record as it is typed in.
type putRecordInput struct {
	Key  string `path:"key" maxLength:"200"`
	Body struct {
		Owner      string                `json:"owner" doc:"key"`
		Month      entities.Month        `json:"month" pattern:"^[0-9]{4}-(0[1-9]|1[0-2])$" example:"2026-10"`
		Date       entities.Date         `json:"date" format:"date" example:"2026-10-31"`
		Text       string                `json:"text" minLength:"1" maxLength:"200" doc:"as printed on the document"`
		Net        string                `json:"net" doc:"above 0"`
		Currency   string                `json:"currency,omitempty" doc:"without one it is that of the owner"`
		TaxAccount string                `json:"tax_account,omitempty" doc:"key"`
		Direction  creditnotes.Direction `json:"direction" enum:"credit,debit"`
	}
}

// putRecord creates a custom record, or changes it while it is on no document.
func (c *call) putRecord(in *putRecordInput) (*One[CustomRecord], error) {
	b := &in.Body
	if b.Currency == "" {
		currencyOf, err := c.Store.Currencies(c.ctx)
		if err != nil {
			return nil, err
		}
		b.Currency = currencyOf(b.Owner)
	}
	digits, _ := money.Digits(b.Currency)
	net, err := money.Parse(b.Net, digits)
	if err != nil {
		return nil, c.invalid("body.net", "expected an amount with the decimals of its currency")
	}
	if _, err := entities.ParseDate(string(b.Date)); err != nil {
		return nil, c.invalid("body.date", "expected a date")
	}
	r := creditnotes.CustomRecord{Key: in.Key, Owner: b.Owner, Month: b.Month, Date: b.Date, Text: b.Text, Net: money.Amount(net), Currency: b.Currency,
		TaxAccount: b.TaxAccount, Direction: b.Direction}
	if _, err := c.Store.SaveCustomRecord(c.ctx, c.name(), &r); err != nil {
		return nil, err
	}
	return c.customRecord(&keyInput{in.Key})
}

// deleteRecord deletes a custom record that is on no document.
func (c *call) deleteRecord(in *keyInput) (*none, error) {
	return &none{}, c.Store.DeleteCustomRecord(c.ctx, c.name(), in.Key)
}
