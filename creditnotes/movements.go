package creditnotes

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// Account is what the operator and an entity owe each other, in one currency.
type Account struct {
	Entity   string // key of the recipient
	Currency string
}

// Movement is one entry of an account (settlement.md §6.1). It never changes:
// its hash covers it and the hash of the movement before it.
type Movement struct {
	ID int64
	Account
	Kind      MovementKind
	Amount    money.Amount  // positive: the operator owes it
	Booked    time.Time     // when it became known
	Value     entities.Date // of the document, or of the payment
	Reference string        // number of the document, id of the top-up, text of the payment
	NoteID    int64         // 0: not of a document
	TopUpID   int64         // 0: not of a top-up
	Reason    string        // of an adjustment
	Who       string
	Previous  string
	Hash      string
}

// MovementKind says what moved an account.
type MovementKind string

// The kinds of movements.
const (
	MovedCreditNote   MovementKind = "credit_note"
	MovedInvoice      MovementKind = "invoice"      // a fee invoice
	MovedCancellation MovementKind = "cancellation" // of either
	MovedTopUp        MovementKind = "top_up"
	MovedPayout       MovementKind = "payout"
	MovedPayoutReturn MovementKind = "payout_return"
	MovedPayment      MovementKind = "payment"
	MovedAdjustment   MovementKind = "adjustment"
)

// IsItem reports whether a movement of this kind is an open item until it is
// settled; the others settle items.
func (k MovementKind) IsItem() bool {
	switch k {
	case MovedPayout, MovedPayoutReturn, MovedPayment:
		return false
	}
	return true
}

// maySettle reports whether a movement of this kind may settle one of another:
// money settles items and other money, a cancellation settles items.
func (k MovementKind) maySettle(other MovementKind) bool {
	return !k.IsItem() || k == MovedCancellation && other.IsItem()
}

// Seal is the SHA-256, in 64 hexadecimal digits, of the movement and the hash
// before it. Each field has its length before it.
func (m *Movement) Seal() string {
	sum := sha256.New()
	for _, field := range [...]string{
		strconv.FormatInt(m.ID, 10), m.Entity, m.Currency, string(m.Kind), strconv.FormatInt(int64(m.Amount), 10),
		strconv.FormatInt(m.Booked.UnixMicro(), 10), string(m.Value), m.Reference, strconv.FormatInt(m.NoteID, 10),
		strconv.FormatInt(m.TopUpID, 10), m.Reason, m.Who, m.Previous,
	} {
		fmt.Fprintf(sum, "%d:", len(field))
		sum.Write([]byte(field))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// NoteMovement is what a document moves; false where it moves nothing. cancels
// is the kind of the document that a cancellation cancels. The account is that
// of the recipient on the document, also where there is another one today.
func NoteMovement(n *Note, cancels numbering.DocumentType) (Movement, bool) {
	m := Movement{Account: Account{n.Recipient, n.Currency}, Kind: MovementKind(n.Kind), Amount: n.Gross, Booked: n.IssuedAt, Value: n.Date,
		Reference: n.Number, NoteID: n.ID}
	if n.Kind == numbering.Invoice || cancels == numbering.Invoice {
		m.Amount = -n.Gross
	}
	return m, m.Amount != 0
}

// TopUpMovement is what a top-up moves on an account, by its day in a zone.
func TopUpMovement(t *TopUp, account string, zone *time.Location) Movement {
	return Movement{Account: Account{account, t.Currency}, Kind: MovedTopUp, Amount: -t.Amount, Booked: t.ReceivedAt,
		Value: entities.Date(t.At.In(zone).Format(time.DateOnly)), Reference: t.Key, TopUpID: t.ID}
}

// Allocation is what one movement settles of an item, with the sign of the item.
type Allocation struct {
	Movement int64
	Item     int64
	Amount   money.Amount
}

// OpenItem is a movement with what is still open of it, or not yet allocated.
type OpenItem struct {
	Movement
	Open money.Amount
}

// OpenItems says what is open of each movement: its amount, less what was
// allocated to it, and with what it settles itself added. What is open of all
// movements is the balance.
func OpenItems(movements []Movement, allocations []Allocation) []OpenItem {
	at := make(map[int64]int, len(movements))
	list := make([]OpenItem, len(movements))
	for i, m := range movements {
		list[i], at[m.ID] = OpenItem{m, m.Amount}, i
	}
	for _, a := range allocations {
		if i, ok := at[a.Item]; ok {
			list[i].Open -= a.Amount
		}
		if i, ok := at[a.Movement]; ok {
			list[i].Open += a.Amount
		}
	}
	slices.SortStableFunc(list, func(a, b OpenItem) int { return cmp.Or(cmp.Compare(a.Value, b.Value), cmp.Compare(a.ID, b.ID)) })
	return list
}

// Allocate settles items with an amount that has the other sign: the named one
// first, if there is one, then the oldest. Items are in order of value date.
func Allocate(movement int64, amount money.Amount, named int64, items []OpenItem) (list []Allocation) {
	settle := func(item *OpenItem) {
		if amount == 0 || item.Open == 0 || (item.Open < 0) == (amount < 0) || !item.Kind.IsItem() || item.ID == movement {
			return
		}
		part := item.Open
		if abs(amount) < abs(part) {
			part = -amount
		}
		list = append(list, Allocation{movement, item.ID, part})
		item.Open -= part
		amount += part
	}
	items = slices.Clone(items)
	for i := range items {
		if items[i].ID == named {
			settle(&items[i])
		}
	}
	if named == 0 {
		for i := range items {
			settle(&items[i])
		}
	}
	return list
}

func abs(a money.Amount) money.Amount { return max(a, -a) }

// Adjustment is a change of an account by hand; a second person approves it.
type Adjustment struct {
	Entity   string        `json:"entity"`
	Currency string        `json:"currency"`
	Amount   money.Amount  `json:"amount"` // in the minor unit; positive: the operator owes it
	Value    entities.Date `json:"value_date"`
	Reason   string        `json:"reason"`
}

// OfDocument reports whether a movement of this kind is that of a document.
func (k MovementKind) OfDocument() bool {
	switch k {
	case MovedCreditNote, MovedInvoice, MovedCancellation:
		return true
	}
	return false
}
