package payouts

import (
	"regexp"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// BankEntry is one thing that a bank said: a payment, what became of payments
// that were ordered, or a contradiction in a file (settlement.md §10.2).
type BankEntry struct {
	ID        int64
	Kind      EntryKind
	State     EntryState
	Outcome   Outcome   // of what was booked
	Why       QueuedWhy // of what is queued or was ignored
	File      string    // name of the file, without its folder
	Source    bank.Kind
	Line      int
	Account   string        // of the operator
	Day       entities.Date // value day, else the day it was booked
	Amount    money.Amount  // positive: it came in; 0: not known
	Currency  string
	EndToEnd  string
	Reference string // of the bank
	Name      string // of the other side
	IBAN      string
	Text      string
	Reason    string       // why it was returned or rejected, in the words of the bank
	Finding   *fault.Fault // of a contradiction, instead of a text
	Reversal  bool         // the bank says that it takes back a payment
	Payouts   []string
	Documents string // reference of the movement that it made
	Entity    string // whose account it moved
	DecidedAt time.Time
	DecidedBy string
	Decision  string // the reason of the person who decided
	Instead   int64  // of an entry that was taken back: the one that is decided instead; 0: none
	Before    int64  // the entry that was taken back and in whose place this one is; 0: none
	UndoneAt  time.Time
	UndoneBy  string
	UndoneWhy string
}

// EntryKind says what an entry is about.
type EntryKind string

// The kinds of entries.
const (
	PaymentEntry EntryKind = "payment" // money came in or went out
	StatusEntry  EntryKind = "status"  // of payments that were ordered
	FindingEntry EntryKind = "finding" // sums of a file that are not what it holds
)

// EntryState says what became of an entry.
type EntryState string

// The states of entries.
const (
	EntryQueued  EntryState = "queued"  // waits for a person
	EntryBooked  EntryState = "booked"  // is part of the accounts
	EntryIgnored EntryState = "ignored" // needs nothing
	EntryForeign EntryState = "foreign" // a person said that it is not about accounts
	EntryUndone  EntryState = "undone"  // what a person decided was taken back
)

// EntryStates are all of them.
func EntryStates() []EntryState {
	return []EntryState{EntryQueued, EntryBooked, EntryIgnored, EntryForeign, EntryUndone}
}

// Outcome is what an entry did.
type Outcome string

// The outcomes of entries.
const (
	OutcomeExecuted Outcome = "executed" // payouts
	OutcomeReturned Outcome = "returned"
	OutcomeRejected Outcome = "rejected"
	OutcomeReceived Outcome = "received" // a payment to the operator
	OutcomePaid     Outcome = "paid"     // a payment of the operator that is no payout
)

// QueuedWhy says why a person has to look; empty: no person has to.
type QueuedWhy string

// The reasons.
const (
	WhyUnmatched       QueuedWhy = "unmatched"        // fits nothing
	WhyUnknownID       QueuedWhy = "unknown_id"       // looks like a payout that does not exist
	WhyAmountDiffers   QueuedWhy = "amount_differs"   // from that of the payout, batch or documents
	WhyAmountUnknown   QueuedWhy = "amount_unknown"   // the bank states none that can be booked
	WhyAmbiguous       QueuedWhy = "ambiguous"        // fits several
	WhyPayoutState     QueuedWhy = "payout_state"     // of a payout that it cannot happen to
	WhyAlreadyExecuted QueuedWhy = "already_executed" // a payout by another entry
	WhyReversal        QueuedWhy = "reversal"         // takes back what is not known
	WhyVerification    QueuedWhy = "verification"     // the name is not that of the account
	WhyFinding         QueuedWhy = "finding"          // sums that do not add up
	WhyOthersListed    QueuedWhy = "others_listed"    // refuses a file, but lists some of its payouts only
	WhyDuplicate       QueuedWhy = "duplicate"        // refuses a copy of what the bank has
	WhyContradicts     QueuedWhy = "contradicts"      // refuses what was accepted or executed
	WhyDetailsDiffer   QueuedWhy = "details_differ"   // part of a booking whose payments do not come to its amount
	WhyDay             QueuedWhy = "day"              // of a day on which it cannot have happened
	WhyUndone          QueuedWhy = "undone"           // a decision about it was taken back

	WhyRepeated    QueuedWhy = "repeated"    // ignored: another file said so before
	WhyFee         QueuedWhy = "fee"         // ignored: the bank charges it
	WhyInformation QueuedWhy = "information" // ignored: nothing moved
	WhyDetails     QueuedWhy = "details"     // ignored: its payments came one by one
)

// Whys are all reasons.
func Whys() []QueuedWhy {
	return []QueuedWhy{WhyUnmatched, WhyUnknownID, WhyAmountDiffers, WhyAmountUnknown, WhyAmbiguous, WhyPayoutState, WhyAlreadyExecuted, WhyReversal,
		WhyVerification, WhyFinding, WhyOthersListed, WhyDuplicate, WhyContradicts, WhyDetailsDiffer, WhyDay, WhyUndone, WhyRepeated, WhyFee, WhyInformation, WhyDetails}
}

// EntryFilter narrows a listing of entries.
type EntryFilter struct {
	State EntryState // empty: all
	ID    int64      // 0: all
}

// Target is what an entry is assigned to: one of its fields is set.
type Target struct {
	Payout   string // number
	Document string // number of a document, which the entry pays
	Entity   string // key of the recipient whose account the entry moves
}

// Suggestion is what a queued entry may be about.
type Suggestion struct {
	Target
	Amount   money.Amount // of the payout, or what is open of the document
	Currency string
	Because  Because
}

// Because says what speaks for a suggestion.
type Because string

// The reasons of suggestions, the strongest first.
const (
	BecauseID      Because = "id"      // the bank names the payout
	BecauseNamed   Because = "named"   // the text names the document
	BecauseAmount  Because = "amount"  // the amount is the same
	BecauseAccount Because = "account" // the bank account is that of the recipient
	BecauseName    Because = "name"    // the name is that of the recipient
)

var numberSyntax = regexp.MustCompile(`^PO-\d{8,}$`)

// IsNumber reports whether a text looks like the number of a payout.
func IsNumber(text string) bool { return numberSyntax.MatchString(text) }

// MessageID is the id of the bank file with a name.
func MessageID(file string) string { return strings.TrimSuffix(file, ".xml") }

// Mentions reports whether a text names a document or payout: all letters and
// digits of its number in their order, whatever stands between them, and no
// letter or digit right before or behind. Banks break lines in the middle of
// numbers and leave out what is neither letter nor digit.
func Mentions(text, number string) bool {
	wanted := compact(number)
	if len(wanted) < 3 || !strings.Contains(compact(text), wanted) {
		return false
	}
	runes := []rune(strings.ToUpper(text))
	for at := range runes {
		if (at == 0 || !alphanumeric(runes[at-1])) && begins(runes[at:], []rune(wanted)) {
			return true
		}
	}
	return false
}

// begins reports whether a text begins with letters and digits, separated or
// not, that end there.
func begins(text, wanted []rune) bool {
	for i, r := range text {
		switch {
		case len(wanted) == 0:
			return !alphanumeric(r)
		case !alphanumeric(r):
			if i == 0 {
				return false
			}
		case r != wanted[0]:
			return false
		default:
			wanted = wanted[1:]
		}
	}
	return len(wanted) == 0
}

func alphanumeric(r rune) bool { return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r > 0x7f }

// compact leaves the letters and digits of a text, in upper case.
func compact(text string) string {
	return strings.Map(func(r rune) rune {
		if alphanumeric(r) {
			return r
		}
		return -1
	}, strings.ToUpper(text))
}

// Count is how many things a target names.
func (t Target) Count() (n int) {
	for _, name := range []string{t.Payout, t.Document, t.Entity} {
		if name != "" {
			n++
		}
	}
	return n
}
