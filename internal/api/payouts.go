package api

import (
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
)

// Payout is a payout with its batch.
type Payout struct {
	payouts.PayoutJSON
	Batch     int64         `json:"batch"`
	Requested entities.Date `json:"requested_date" format:"date"`
}

// payoutsInput narrows the listing.
type payoutsInput struct {
	Paging
	Entity   string        `query:"entity" doc:"key of the recipient"`
	State    payouts.State `query:"state" enum:"prepared,approved,exported,executed,discarded,rejected,returned"`
	ByHand   bool          `query:"by_hand" doc:"only those in no bank file"`
	External string        `query:"external_id" doc:"key in another system"`
}

// payouts lists the payouts that the visitor sees: a Sub-CPO those of its entities
// that were approved.
func (c *call) payouts(in *payoutsInput) (*List[Payout], error) {
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	some, place, _, err := c.Store.Payouts(c.ctx, store.PayoutFilter{Entity: in.Entity, State: in.State, ByHand: in.ByHand, External: in.External, Told: !c.who.Operator, Scope: snapshot.Scope(c.who)}, page)
	if err != nil {
		return nil, err
	}
	items := make([]Payout, len(some))
	for i := range some {
		items[i] = Payout{some[i].JSON(), some[i].Batch, some[i].Requested}
	}
	return listed(c, items, place), nil
}

// PayoutInput names a payout.
type PayoutInput struct {
	Number string `path:"number" example:"PO-00000001"`
}

// payout shows a payout that the visitor sees.
func (c *call) payout(in *PayoutInput) (*One[Payout], error) {
	p, err := c.Store.Payout(c.ctx, in.Number, snapshot.Scope(c.who))
	if err != nil {
		return nil, err
	}
	batch, err := c.Store.PayoutBatch(c.ctx, p.Batch)
	if err != nil {
		return nil, err
	}
	return &One[Payout]{Payout{p.JSON(), p.Batch, batch.Requested}}, nil
}

// openAccountsInput narrows the listing of open items.
type openAccountsInput struct {
	Entity string `query:"entity" doc:"key of the recipient"`
	Date   string `query:"date" format:"date" doc:"their age on this day; without it, today"`
}

// openAccounts lists the open items of all accounts that the visitor sees.
func (c *call) openAccounts(in *openAccountsInput) (*One[Items[payouts.OpenItemJSON]], error) {
	day := c.snapshot.Day(c.Now())
	if in.Date != "" {
		var err error
		if day, err = entities.ParseDate(in.Date); err != nil {
			return nil, c.invalid("query.date", "expected a date")
		}
	}
	accounts, err := c.Store.OpenAccounts(c.ctx)
	if err != nil {
		return nil, err
	}
	items := []payouts.OpenItemJSON{}
	for i := range accounts {
		if key := accounts[i].Recipient.Key; c.who.Sees(key) && (in.Entity == "" || in.Entity == key) {
			items = append(items, accounts[i].JSON(day)...)
		}
	}
	if !c.who.Operator {
		if err := c.untold(items); err != nil {
			return nil, err
		}
	}
	return &One[Items[payouts.OpenItemJSON]]{Items[payouts.OpenItemJSON]{Items: items}}, nil
}

// untold leaves out in which payouts items stand: those that are only prepared are
// not told to recipients.
func (c *call) untold(items []payouts.OpenItemJSON) error {
	var numbers []string
	for i := range items {
		if items[i].Payout != "" {
			numbers = append(numbers, items[i].Payout)
		}
	}
	told, err := c.Store.ToldPayouts(c.ctx, numbers, snapshot.Scope(c.who))
	for i := range items {
		if !told[items[i].Payout] {
			items[i].Payout = ""
		}
	}
	return err
}

// payoutBatches lists the batches of payouts.
func (c *call) payoutBatches(in *pageInput) (*List[payouts.BatchJSON], error) {
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	some, place, _, err := c.Store.PayoutBatches(c.ctx, page)
	if err != nil {
		return nil, err
	}
	items := make([]payouts.BatchJSON, len(some))
	for i := range some {
		items[i] = some[i].JSON(c.zone(), c.words)
	}
	return listed(c, items, place), nil
}

// BatchInput names a batch.
type BatchInput struct {
	ID int64 `path:"id"`
}

// payoutBatch shows a batch.
func (c *call) payoutBatch(in *BatchInput) (*One[payouts.BatchJSON], error) {
	b, err := c.Store.PayoutBatch(c.ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &One[payouts.BatchJSON]{b.JSON(c.zone(), c.words)}, nil
}

// duePayoutsInput asks what would be prepared.
type duePayoutsInput struct {
	Date string `query:"date" required:"true" format:"date" doc:"execution day"`
}

// duePayouts shows what a preparation would make of a day.
func (c *call) duePayouts(in *duePayoutsInput) (*One[payouts.BatchJSON], error) {
	day, err := entities.ParseDate(in.Date)
	if err != nil {
		return nil, c.invalid("query.date", "expected a date")
	}
	drafts, left, err := c.Store.DuePayouts(c.ctx, day)
	if err != nil {
		return nil, err
	}
	return &One[payouts.BatchJSON]{payouts.Preview(day, drafts, left).JSON(time.UTC, c.words)}, nil
}

// preparePayoutsInput asks for a batch.
type preparePayoutsInput struct {
	Body struct {
		Requested string `json:"requested_date" format:"date" doc:"a day on which banks execute transfers (TARGET)"`
	}
}

// preparePayouts makes the payouts of a day.
func (c *call) preparePayouts(in *preparePayoutsInput) (*One[payouts.BatchJSON], error) {
	day, err := entities.ParseDate(in.Body.Requested)
	if err != nil {
		return nil, c.invalid("body.requested_date", "expected a date")
	}
	if !bank.IsTargetDay(day) {
		return nil, c.invalid("body.requested_date", "banks execute no transfers on this day; the next day is "+string(bank.NextTargetDay(day)))
	}
	b, err := c.Store.PreparePayouts(c.ctx, c.name(), day)
	if err != nil {
		return nil, err
	}
	return &One[payouts.BatchJSON]{b.JSON(c.zone(), c.words)}, nil
}

// approvePayouts releases a batch that another person prepared.
func (c *call) approvePayouts(in *BatchInput) (*One[payouts.BatchJSON], error) {
	if err := c.Store.ApprovePayouts(c.ctx, c.name(), in.ID); err != nil {
		return nil, err
	}
	return c.payoutBatch(in)
}

// discardPayoutsInput gives up a batch, or one of its payouts.
type discardPayoutsInput struct {
	BatchInput
	Body struct {
		Reason string `json:"reason" minLength:"1"`
		Payout string `json:"payout,omitempty" doc:"only this one, by its number"`
	}
}

// discardPayouts opens the items of a batch, or of one of its payouts, again.
func (c *call) discardPayouts(in *discardPayoutsInput) (*One[payouts.BatchJSON], error) {
	b, err := c.Store.PayoutBatch(c.ctx, in.ID)
	if err != nil {
		return nil, err
	}
	if in.Body.Payout == "" {
		err = c.Store.DiscardPayouts(c.ctx, c.name(), in.ID, in.Body.Reason)
	} else if b.Has(in.Body.Payout) {
		err = c.Store.DiscardPayout(c.ctx, c.name(), in.Body.Payout, in.Body.Reason)
	} else {
		return nil, c.invalid("body.payout", "expected a payout of the batch")
	}
	if err != nil {
		return nil, err
	}
	return c.payoutBatch(&in.BatchInput)
}

// exportPayoutsInput asks for the bank files of a batch.
type exportPayoutsInput struct {
	BatchInput
	Body struct {
		Single bool `json:"single,omitempty" doc:"one file for each payout; files that were made before stay as they are"`
	}
}

// BankFiles are the bank files of a batch.
type BankFiles struct {
	Copy   bool                 `json:"copy" doc:"they were made before: a bank executes them once"`
	Files  []BankFile           `json:"files" nullable:"false"`
	ByHand []payouts.PayoutJSON `json:"by_hand" nullable:"false" doc:"payouts in no file, to be paid by hand"`
}

// BankFile is a bank file.
type BankFile struct {
	Name    string `json:"name" example:"PO-00000001-20261231.xml"`
	Content string `json:"content" doc:"pain.001.001.09, UTF-8"`
}

// exportPayouts makes the bank files of an approved batch, or copies of them.
func (c *call) exportPayouts(in *exportPayoutsInput) (*One[BankFiles], error) {
	files, copied, err := c.Store.ExportPayoutFiles(c.ctx, c.name(), in.ID, in.Body.Single)
	if err != nil {
		return nil, err
	}
	b, err := c.Store.PayoutBatch(c.ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := BankFiles{Copy: copied, Files: []BankFile{}, ByHand: []payouts.PayoutJSON{}}
	for _, f := range files {
		out.Files = append(out.Files, BankFile{f.Name, string(f.Content)})
	}
	for _, p := range b.ByHand() {
		out.ByHand = append(out.ByHand, p.JSON())
	}
	return &One[BankFiles]{out}, nil
}

// resendAdviceInput says where a remittance advice is mailed.
type resendAdviceInput struct {
	PayoutInput
	Body *struct {
		To []string `json:"to,omitempty" nullable:"false" doc:"the addresses that the recipient has now, when left out"`
	}
}

// resendAdvice mails the remittance advice of a payout once more.
func (c *call) resendAdvice(in *resendAdviceInput) (*One[Delivery], error) {
	if _, err := c.Store.RemittanceOf(c.ctx, in.Number); err != nil {
		return nil, err
	}
	q := creditnotes.ResendRequest{Number: in.Number, Addresses: creditnotes.AddressesPresent, Who: c.name()}
	if in.Body != nil && len(in.Body.To) > 0 {
		q.Addresses, q.To = creditnotes.AddressesNamed, in.Body.To
	}
	delivery, err := c.Runner.Resend(c.ctx, q)
	if err != nil {
		return nil, err
	}
	return &One[Delivery]{c.deliveryOf(in.Number, delivery)}, nil
}
