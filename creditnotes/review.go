package creditnotes

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// Review is what a person looks at before a run is released: owner by owner what is
// other than on the last document.
type Review struct {
	*Comparison
	Owners []OwnerReview // the largest change of amount first
}

// OwnerReview is what is other about an owner.
type OwnerReview struct {
	NetChange
	Last    string // number of the document that the draft is compared with; empty: none
	Changes []ReviewChange
	Failed  *fault.Fault // why the owner gets no document; nil: nothing
}

// Has reports whether something of a kind changed.
func (o *OwnerReview) Has(kind ReviewKind) bool {
	return slices.ContainsFunc(o.Changes, func(c ReviewChange) bool { return c.Kind == kind })
}

// ReviewChange is one thing that is other than before. The texts are master data and
// amounts, the same in every language.
type ReviewChange struct {
	Kind   ReviewKind `json:"kind"`
	Before string     `json:"before,omitempty"`
	After  string     `json:"after,omitempty"`
}

// ReviewKind says what changed.
type ReviewKind string

// The kinds of changes, in the order in which they are shown.
const (
	ReviewLeftOut   ReviewKind = "left_out"  // a person left the owner out of the run
	ReviewFailed    ReviewKind = "failed"    // the owner cannot be credited
	ReviewFirst     ReviewKind = "first"     // no earlier run made a document for it
	ReviewNothing   ReviewKind = "nothing"   // it had something in the month before
	ReviewRecipient ReviewKind = "recipient" // another entity gets the document
	ReviewAddress   ReviewKind = "address"   // name or address of the recipient
	ReviewBank      ReviewKind = "bank"      // account to which the amount is paid
	ReviewTax       ReviewKind = "tax"       // category or rate
	ReviewContract  ReviewKind = "contract"  // by which the owner is settled
	ReviewPrice     ReviewKind = "price"     // tariff or price at a station that was on both documents
	ReviewDiscount  ReviewKind = "discount"
	ReviewAmount    ReviewKind = "amount" // by more than the settings review_change_percent and review_change_amount
)

// LeftOutKey is the key of the fault with which an owner fails that a person left out.
const LeftOutKey = "owner_left_out"

// Review sets what a run makes of every owner beside the last document that an
// earlier run made for it, in one pass.
func (r *Runner) Review(ctx context.Context, run *Run) (*Review, error) {
	c, err := r.CompareRun(ctx, run)
	if err != nil {
		return nil, err
	}
	results, err := r.Store.OwnerResults(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	notes, err := r.Store.RunNotes(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	last, err := r.Store.LastNotes(ctx, run.ID)
	if err != nil {
		return nil, err
	}
	v := &reviewer{now: asDocuments(notes), before: asDocuments(last), known: map[string]bool{}, failed: map[string]*fault.Fault{}}
	for _, n := range last {
		for _, owner := range n.Owners {
			v.known[owner] = true
		}
	}
	for _, o := range results {
		if o.Failed != nil {
			v.failed[o.Owner] = o.Failed
		}
	}
	return &Review{c, v.owners(c, &run.Settings)}, nil
}

// reviewer holds both sides of a review.
type reviewer struct {
	now, before map[effectKey]*Note
	known       map[string]bool // owners that had a document before
	failed      map[string]*fault.Fault
}

// asDocuments are the credit notes by owner and currency; of several that are in one
// currency, the first.
func asDocuments(notes []*Note) map[effectKey]*Note {
	found := map[effectKey]*Note{}
	for _, n := range notes {
		if n.Kind != numbering.CreditNote || n.State != Draft && n.State != Issued {
			continue
		}
		for _, owner := range n.Owners {
			if key := (effectKey{owner, n.Currency}); found[key] == nil {
				found[key] = n
			}
		}
	}
	return found
}

// owners reviews every owner that has an amount before or now, a document or a
// failure.
func (v *reviewer) owners(c *Comparison, s *Settings) (list []OwnerReview) {
	seen := map[effectKey]bool{}
	named := map[string]bool{}
	add := func(change NetChange) {
		key := effectKey{change.Owner, change.Currency}
		if !seen[key] {
			seen[key], named[change.Owner] = true, true
			list = append(list, v.owner(change, s))
		}
	}
	for _, change := range c.Owners {
		add(change)
	}
	for key := range v.now {
		add(NetChange{Owner: key.owner, Currency: key.currency})
	}
	for owner := range v.failed {
		if !named[owner] {
			add(NetChange{Owner: owner})
		}
	}
	slices.SortFunc(list, func(a, b OwnerReview) int {
		return cmp.Or(cmp.Compare(b.Size(), a.Size()), cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

// owner finds what is other about an owner in a currency.
func (v *reviewer) owner(change NetChange, s *Settings) OwnerReview {
	o := OwnerReview{NetChange: change, Failed: v.failed[change.Owner]}
	key := effectKey{change.Owner, change.Currency}
	now, before := v.now[key], v.before[key]
	if before != nil {
		o.Last = before.Number
	}
	add := func(kind ReviewKind, before, after string) {
		o.Changes = append(o.Changes, ReviewChange{kind, before, after})
	}
	switch {
	case o.Failed != nil && o.Failed.Key == LeftOutKey:
		add(ReviewLeftOut, "", "")
	case o.Failed != nil:
		add(ReviewFailed, "", "")
	case now != nil && !v.known[change.Owner]:
		add(ReviewFirst, "", "")
	case change.Before != 0 && change.Now == 0:
		add(ReviewNothing, "", "")
	}
	if now != nil && before != nil {
		for _, one := range differences(before, now, change.Owner) {
			add(one.Kind, one.Before, one.After)
		}
	}
	if change.large(s) {
		add(ReviewAmount, "", "")
	}
	return o
}

// differences are what two documents of an owner say otherwise.
func differences(before, now *Note, owner string) (list []ReviewChange) {
	add := func(kind ReviewKind, before, after string) {
		if before != after {
			list = append(list, ReviewChange{kind, before, after})
		}
	}
	x, y := &before.Document.Recipient, &now.Document.Recipient
	if before.Recipient != now.Recipient {
		add(ReviewRecipient, x.Name, y.Name)
	} else {
		add(ReviewAddress, x.postal(), y.postal())
	}
	add(ReviewBank, x.account(), y.account())
	add(ReviewTax, before.wordsOf(owner, before.TaxLabel), now.wordsOf(owner, now.TaxLabel))
	contract := func(p Position) string { return p.Contract }
	add(ReviewContract, before.wordsOf(owner, contract), now.wordsOf(owner, contract))
	priceOf := func(u *UnitPrice) string {
		return strings.TrimSpace(u.Tariff + " " + u.Price.String() + "/" + string(u.Unit) + shareOf(u))
	}
	discountOf := func(u *UnitPrice) string { return u.Discount.String() + " %" }
	wordsBefore, wordsNow := pricesBothHave(before, now, owner, priceOf)
	add(ReviewPrice, wordsBefore, wordsNow)
	wordsBefore, wordsNow = pricesBothHave(before, now, owner, discountOf)
	add(ReviewDiscount, wordsBefore, wordsNow)
	return list
}

func shareOf(u *UnitPrice) string {
	if u.Share == 0 {
		return ""
	}
	return " × " + u.Share.String() + " %"
}

// postal is what an envelope says, and an e-invoice of who the recipient is.
func (p *Party) postal() string {
	return joinFilled(p.Name, p.Street, p.Postcode+" "+p.City, p.Country)
}

// account is where the amount is paid.
func (p *Party) account() string { return joinFilled(p.Bank.Holder, p.Bank.IBAN, p.Bank.BIC) }

func joinFilled(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return strings.TrimSpace(s) == "" }), ", ")
}

// wordsOf lists what the positions of sessions and contracts of an owner have, each
// once. What was brought along or typed in says nothing of this month.
func (n *Note) wordsOf(owner string, of func(Position) string) string {
	var words []string
	for _, p := range n.Positions {
		if word := of(p); word != "" && p.Owner == owner && p.Component != CarriedForward && p.Component != Custom && !p.Correction {
			words = append(words, word)
		}
	}
	slices.Sort(words)
	return strings.Join(slices.Compact(words), ", ")
}

// stationPart is where prices are compared: a price of the day and one of the night
// are both of it.
type stationPart struct {
	station   string
	component Component
}

// mostPricesNamed is how many stations a change of prices names.
const mostPricesNamed = 3

// pricesBothHave says what two documents of an owner have as prices at the stations that
// both have, where the later one has a price that the earlier one has not. That a price
// of the night is missing in a month without a session at night is no change.
func pricesBothHave(before, now *Note, owner string, of func(*UnitPrice) string) (wordsBefore, wordsNow string) {
	x, y := before.pricesOf(owner, of), now.pricesOf(owner, of)
	var from, to []string
	for _, part := range slices.SortedFunc(maps.Keys(y), func(a, b stationPart) int {
		return cmp.Or(cmp.Compare(a.station, b.station), cmp.Compare(a.component, b.component))
	}) {
		if len(x[part]) == 0 || !slices.ContainsFunc(y[part], func(price string) bool { return !slices.Contains(x[part], price) }) {
			continue
		}
		if len(to) == mostPricesNamed {
			from, to = append(from, "…"), append(to, "…")
			break
		}
		from, to = append(from, part.station+": "+strings.Join(x[part], " + ")), append(to, part.station+": "+strings.Join(y[part], " + "))
	}
	return strings.Join(from, "; "), strings.Join(to, "; ")
}

func (n *Note) pricesOf(owner string, of func(*UnitPrice) string) map[stationPart][]string {
	found := map[stationPart][]string{}
	for i := range n.Positions {
		p := &n.Positions[i]
		if p.Owner != owner || p.Station == "" || p.Correction || p.Late {
			continue
		}
		part := stationPart{p.Station, p.Component}
		for j := range p.Prices {
			found[part] = append(found[part], of(&p.Prices[j]))
		}
	}
	for part, list := range found {
		slices.Sort(list)
		found[part] = slices.Compact(list)
	}
	return found
}

// OwnerReviewJSON is the review of an owner as programs read it.
type OwnerReviewJSON struct {
	Owner      string         `json:"owner"`
	Currency   string         `json:"currency,omitempty"`
	Before     string         `json:"before" doc:"net of the month before"`
	Now        string         `json:"now" doc:"net of the month, with the drafts"`
	Difference string         `json:"difference"`
	Last       string         `json:"last,omitempty" doc:"number of the document it is compared with"`
	Changes    []ReviewChange `json:"changes" nullable:"false"`
	Failed     string         `json:"failed,omitempty" doc:"why the owner gets no document"`
}

// JSON is the review of an owner; words says a fault.
func (o *OwnerReview) JSON(words func(*fault.Fault) string) OwnerReviewJSON {
	digits, _ := money.Digits(o.Currency) // of an owner without an amount there is none
	out := OwnerReviewJSON{
		Owner: o.Owner, Currency: o.Currency, Before: o.Before.Format(digits), Now: o.Now.Format(digits), Difference: o.Difference.Format(digits),
		Last: o.Last, Changes: append([]ReviewChange{}, o.Changes...),
	}
	if o.Failed != nil {
		out.Failed = words(o.Failed)
	}
	return out
}
