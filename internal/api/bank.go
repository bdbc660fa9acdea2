package api

import (
	"strconv"

	"creditrun/internal/fault"
	"creditrun/internal/flow"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

// bankInput narrows the listing.
type bankInput struct {
	Paging
	State payouts.EntryState `query:"state" enum:"queued,booked,ignored,foreign,undone" doc:"queued: waits for a person"`
}

// bankEntries lists what banks said, the latest day first.
func (c *call) bankEntries(in *bankInput) (*List[payouts.EntryJSON], error) {
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	list, next, _, err := c.Store.BankEntries(c.ctx, payouts.EntryFilter{State: in.State}, page)
	if err != nil {
		return nil, err
	}
	items := make([]payouts.EntryJSON, len(list))
	for i := range list {
		if items[i], err = c.entryJSON(&list[i]); err != nil {
			return nil, err
		}
	}
	return listed(c, items, next), nil
}

// entryJSON is an entry with suggestions.
func (c *call) entryJSON(e *payouts.BankEntry) (out payouts.EntryJSON, err error) {
	finding := ""
	if e.Finding != nil {
		finding = c.words(e.Finding)
	}
	var suggestions []payouts.Suggestion
	if e.State == payouts.EntryQueued {
		suggestions, err = c.Store.SuggestForBankEntry(c.ctx, e)
	}
	return e.JSON(c.snapshot.Network.Zone(), finding, suggestions), err
}

// BankEntryInput names an entry.
type BankEntryInput struct {
	ID string `path:"id" doc:"of the entry"`
}

func (in *BankEntryInput) number() (int64, error) {
	id, err := strconv.ParseInt(in.ID, 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, "bank_entry_unknown", fault.Args{"entry": in.ID})
	}
	return id, nil
}

// bankEntry shows one entry.
func (c *call) bankEntry(in *BankEntryInput) (*One[payouts.EntryJSON], error) {
	id, err := in.number()
	if err != nil {
		return nil, err
	}
	e, err := c.Store.BankEntry(c.ctx, id)
	if err != nil {
		return nil, err
	}
	out, err := c.entryJSON(e)
	return &One[payouts.EntryJSON]{out}, err
}

// assignInput says what an entry is about.
type assignInput struct {
	BankEntryInput
	Body struct {
		Payout   string `json:"payout,omitempty" doc:"number of the payout that was executed, returned or rejected"`
		Document string `json:"document,omitempty" doc:"number of the document that is paid"`
		Entity   string `json:"entity,omitempty" doc:"key of the recipient whose account it is: its oldest items are settled"`
		Reason   string `json:"reason,omitempty" maxLength:"200"`
	}
}

// assignBankEntry books an entry on what it is about.
func (c *call) assignBankEntry(in *assignInput) (*One[payouts.EntryJSON], error) {
	id, err := in.number()
	if err != nil {
		return nil, err
	}
	to := payouts.Target{Payout: in.Body.Payout, Document: in.Body.Document, Entity: in.Body.Entity}
	if err := c.Store.AssignBankEntry(c.ctx, c.name(), id, to, in.Body.Reason); err != nil {
		return nil, err
	}
	return c.bankEntry(&in.BankEntryInput)
}

// foreignInput says why an entry is about no account.
type foreignInput struct {
	BankEntryInput
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200"`
	}
}

// markBankEntry says that an entry is about no account.
func (c *call) markBankEntry(in *foreignInput) (*One[payouts.EntryJSON], error) {
	id, err := in.number()
	if err != nil {
		return nil, err
	}
	if err := c.Store.MarkForeign(c.ctx, c.name(), id, in.Body.Reason); err != nil {
		return nil, err
	}
	return c.bankEntry(&in.BankEntryInput)
}

// undoInput says why a decision is taken back.
type undoInput struct {
	BankEntryInput
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200"`
	}
}

// undoBankEntry takes back what a person decided about an entry, and answers with
// the entry that waits in its place.
func (c *call) undoBankEntry(in *undoInput) (*One[payouts.EntryJSON], error) {
	id, err := in.number()
	if err != nil {
		return nil, err
	}
	instead, err := c.Store.UndoBankEntry(c.ctx, c.name(), id, in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return c.bankEntry(&BankEntryInput{ID: strconv.FormatInt(instead, 10)})
}

// bankFileInput says how a file of a bank is taken in.
type bankFileInput struct {
	Name  string `query:"name" maxLength:"200" default:"api" doc:"of the file"`
	Check bool   `query:"check" doc:"only say what the file would do"`
}

// ImportedBankFile says what became of a file of a bank.
type ImportedBankFile struct {
	store.BankResult
	Findings []string `json:"findings,omitempty" nullable:"false" doc:"the first hundred contradictions of the file"`
}

// importBankFile takes in an answer of a bank.
func (c *call) importBankFile(in *bankFileInput) (*One[ImportedBankFile], error) {
	content, err := flow.Unpacked(c.r.Body, c.unpacked)
	if err != nil {
		return nil, err
	}
	result, err := c.Store.ImportBank(c.ctx, c.name(), content, store.ImportOptions{Name: in.Name, Check: in.Check})
	if err != nil {
		return nil, c.ofRecords(err)
	}
	out := ImportedBankFile{BankResult: result}
	for _, f := range result.Findings {
		out.Findings = append(out.Findings, c.words(f))
	}
	return &One[ImportedBankFile]{out}, nil
}
