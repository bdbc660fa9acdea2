package api

import (
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// statementInput asks for an account statement.
type statementInput struct {
	Key      string    `path:"key"`
	From     string    `query:"from" required:"true" format:"date" doc:"first day"`
	Until    string    `query:"until" required:"true" format:"date" doc:"last day"`
	Sections string    `query:"sections" default:"transactions" doc:"transactions, public, rfid, machines, with commas between them"`
	AsOf     time.Time `query:"as_of" doc:"as it was known at this time; without it, now"`
	Diff     time.Time `query:"diff" doc:"also what has become known since this time, and where it was credited"`
}

// statement shows the account of an entity over some days.
func (c *call) statement(in *statementInput) (*One[creditnotes.StatementJSON], error) {
	if c.snapshot.Network.Tree.Entity(in.Key) == nil || !c.who.Sees(in.Key) {
		return nil, fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": in.Key})
	}
	q := creditnotes.StatementQuery{Entity: in.Key, AsOf: in.AsOf, Since: in.Diff}
	var err, wrong error
	if q.From, err = entities.ParseDate(in.From); err != nil {
		return nil, c.invalid("query.from", "expected a date")
	}
	if q.Until, wrong = entities.ParseDate(in.Until); wrong != nil || q.Until.Before(q.From) {
		return nil, c.invalid("query.until", "expected a date that is not before from")
	}
	for name := range strings.SplitSeq(in.Sections, ",") {
		s := creditnotes.StatementSection(strings.TrimSpace(name))
		if !slices.Contains(creditnotes.StatementSections(), s) {
			return nil, c.invalid("query.sections", "expected transactions, public, rfid or machines")
		}
		q.Sections = append(q.Sections, s)
	}
	st, err := c.Store.Statement(c.ctx, q, c.snapshot.Network)
	if err != nil {
		return nil, err
	}
	return &One[creditnotes.StatementJSON]{st.JSON(c.snapshot.Network.Zone())}, nil
}

// adjustmentInput asks for a change of an account by hand.
type adjustmentInput struct {
	Key  string `path:"key"`
	Body struct {
		Currency string `json:"currency"`
		Amount   string `json:"amount" doc:"positive: the operator owes it"`
		Value    string `json:"value_date" format:"date"`
		Reason   string `json:"reason" minLength:"1"`
	}
}

// adjust asks for a change of an account, which a second person approves.
func (c *call) adjust(in *adjustmentInput) (*One[Waiting], error) {
	digits, known := money.Digits(in.Body.Currency)
	amount, err := money.Parse(in.Body.Amount, digits)
	if err != nil || !known {
		return nil, c.invalid("body.amount", "expected an amount with the decimals of its currency")
	}
	day, err := entities.ParseDate(in.Body.Value)
	if err != nil {
		return nil, c.invalid("body.value_date", "expected a date")
	}
	waiting, err := c.Store.ProposeAdjustment(c.ctx, c.name(), creditnotes.Adjustment{
		Entity: in.Key, Currency: in.Body.Currency, Amount: money.Amount(amount), Value: day, Reason: in.Body.Reason})
	if err != nil {
		return nil, err
	}
	return &One[Waiting]{Waiting{waiting[0].ID}}, nil
}

// Waiting names a change that waits for a second person.
type Waiting struct {
	Change int64 `json:"change" doc:"id, to be approved by another person"`
}
