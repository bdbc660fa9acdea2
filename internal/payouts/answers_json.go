package payouts

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

// EntryJSON is what programs see of a bank entry.
type EntryJSON struct {
	ID          int64            `json:"id"`
	Kind        EntryKind        `json:"kind" enum:"payment,status,finding"`
	State       EntryState       `json:"state" enum:"queued,booked,ignored,foreign,undone"`
	Outcome     Outcome          `json:"outcome,omitempty" doc:"what was booked: executed, returned or rejected payouts, or a payment received or paid"`
	Why         QueuedWhy        `json:"why,omitempty" doc:"why a person has to look, or why it was ignored"`
	File        string           `json:"file"`
	Line        int              `json:"line"`
	Account     string           `json:"account,omitempty" doc:"of the operator"`
	Day         entities.Date    `json:"day" doc:"value day"`
	Amount      string           `json:"amount,omitempty" doc:"positive: it came in; missing: the bank states none that can be booked"`
	Currency    string           `json:"currency,omitempty"`
	EndToEnd    string           `json:"end_to_end_id,omitempty"`
	Reference   string           `json:"reference,omitempty" doc:"of the bank"`
	Name        string           `json:"name,omitempty" doc:"of the other side"`
	IBAN        string           `json:"iban,omitempty" doc:"the last four characters"`
	Text        string           `json:"text,omitempty"`
	Reason      string           `json:"reason,omitempty" doc:"of a return or refusal, in the words of the bank"`
	Reversal    bool             `json:"reversal,omitempty"`
	Payouts     []string         `json:"payouts,omitempty" nullable:"false"`
	Entity      string           `json:"entity,omitempty" doc:"key of the recipient whose account it moved"`
	DecidedAt   *time.Time       `json:"decided_at,omitempty"`
	DecidedBy   string           `json:"decided_by,omitempty"`
	Decision    string           `json:"decision,omitempty" doc:"why"`
	UndoneAt    *time.Time       `json:"undone_at,omitempty"`
	UndoneBy    string           `json:"undone_by,omitempty"`
	UndoneWhy   string           `json:"undone_reason,omitempty"`
	Instead     int64            `json:"instead,omitempty" doc:"the entry that is decided in the place of this one, whose decision was taken back"`
	Before      int64            `json:"before,omitempty" doc:"the entry whose decision was taken back, in the place of which this one is"`
	Suggestions []SuggestionJSON `json:"suggestions,omitempty" nullable:"false"`
}

// SuggestionJSON is what programs see of a suggestion.
type SuggestionJSON struct {
	Payout   string  `json:"payout,omitempty"`
	Document string  `json:"document,omitempty"`
	Entity   string  `json:"entity,omitempty"`
	Amount   string  `json:"amount,omitempty" doc:"of the payout, or what is open of the document"`
	Because  Because `json:"because" enum:"id,named,amount,account,name"`
}

// JSON is the entry for programs, with times in a zone. finding is the sentence of
// its finding.
func (e *BankEntry) JSON(zone *time.Location, finding string, suggestions []Suggestion) EntryJSON {
	out := EntryJSON{ID: e.ID, Kind: e.Kind, State: e.State, Outcome: e.Outcome, Why: e.Why, File: e.File, Line: e.Line, Account: e.Account, Day: e.Day,
		Currency: e.Currency, EndToEnd: e.EndToEnd, Reference: e.Reference, Name: e.Name, IBAN: entities.LastFour(e.IBAN), Text: e.Text + finding, Reason: e.Reason,
		Reversal: e.Reversal, Payouts: e.Payouts, Entity: e.Entity, DecidedBy: e.DecidedBy, Decision: e.Decision,
		UndoneBy: e.UndoneBy, UndoneWhy: e.UndoneWhy, Instead: e.Instead, Before: e.Before}
	if e.Currency != "" {
		out.Amount = amountText(e.Amount, e.Currency)
	}
	if !e.DecidedAt.IsZero() {
		out.DecidedAt = new(e.DecidedAt.In(zone))
	}
	if !e.UndoneAt.IsZero() {
		out.UndoneAt = new(e.UndoneAt.In(zone))
	}
	for _, s := range suggestions {
		one := SuggestionJSON{Payout: s.Payout, Document: s.Document, Entity: s.Entity, Because: s.Because}
		if s.Amount != 0 {
			one.Amount = amountText(s.Amount, s.Currency)
		}
		out.Suggestions = append(out.Suggestions, one)
	}
	return out
}

func amountText(amount money.Amount, currency string) string {
	digits, _ := money.Digits(currency)
	return amount.Format(digits)
}
