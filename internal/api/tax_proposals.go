package api

import (
	"creditrun/creditnotes"
	"creditrun/entities"
)

// proposedDays is how many days before and after today proposals are listed for when
// nothing else is asked for.
const proposedDays = 60

// taxProposalsInput asks for what the decision table proposes over some days of supply.
type taxProposalsInput struct {
	Key   string `path:"key"`
	From  string `query:"from" format:"date" doc:"the first day of supply; 60 days ago when left out"`
	Until string `query:"until" format:"date" doc:"the last day of supply; in 60 days when left out"`
}

// taxProposals lists what the decision table proposes for an entity as the recipient of
// credit notes, beside the tax that it has.
func (c *call) taxProposals(in *taxProposalsInput) (*One[Items[creditnotes.ProposedTaxJSON]], error) {
	e, err := c.stored(in.Key)
	if err != nil {
		return nil, err
	}
	today := c.snapshot.Day(c.Now())
	first, last := today.AddDays(-proposedDays), today.AddDays(proposedDays)
	if in.From != "" {
		if first, err = entities.ParseDate(in.From); err != nil {
			return nil, c.invalid("query.from", "expected a date")
		}
	}
	if in.Until != "" {
		if last, err = entities.ParseDate(in.Until); err != nil {
			return nil, c.invalid("query.until", "expected a date")
		}
	}
	if last.Before(first) {
		return nil, c.invalid("query.until", "expected a date that is not before from")
	}
	list, err := c.Store.EntityDocuments(c.ctx, creditnotes.EntityDocumentFilter{Entity: e.Key, Kind: creditnotes.SmallBusinessLetter, Valid: true})
	if err != nil {
		return nil, err
	}
	items := []creditnotes.ProposedTaxJSON{}
	for _, p := range c.snapshot.Config.ProposedTaxes(e, c.snapshot.Operator(), creditnotes.StatementsIn(list), first, last) {
		items = append(items, p.JSON(e, c.words))
	}
	return &One[Items[creditnotes.ProposedTaxJSON]]{Items[creditnotes.ProposedTaxJSON]{Items: items}}, nil
}
