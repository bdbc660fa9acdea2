// Package journal puts what was issued and paid in a month into ledger entries
// (settlement.md §11). It computes and never reads. Amounts are in the minor unit
// of their currency.
package journal

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// Journal is what is booked of a month. What became known too late for an
// earlier month is part of it, with its own date.
type Journal struct {
	Month    entities.Month `json:"month"`
	ClosedAt time.Time      `json:"closed_at"`
	ClosedBy string         `json:"closed_by"`
	Entries  []Entry        `json:"entries"` // by date, documents first, then by number or movement
	Parties  []Party        `json:"parties"` // those that the entries name, by account
	Controls []Control      `json:"controls"`
}

// Entry is one balanced entry: that of a document, or that of a movement which
// belongs to none. Amounts have the sign of the document: those of a
// cancellation are negative on the side of what it cancels.
type Entry struct {
	ID        string                   `json:"id"` // stable, and unique in all journals
	Kind      creditnotes.MovementKind `json:"kind"`
	Date      entities.Date            `json:"date"` // of the document or the payment
	Due       entities.Date            `json:"due,omitempty"`
	Reference string                   `json:"reference"` // number of the document or the payout
	// Field is Reference as ledgers take it; no two references have the same one.
	// Empty: closed before that was recorded.
	Field    string       `json:"document_field,omitempty"`
	Cancels  string       `json:"cancels,omitempty"`
	Text     string       `json:"text,omitempty"` // reason of an adjustment or a return
	Link     string       `json:"link,omitempty"` // GUID of the document, made of its number
	Entity   string       `json:"entity"`         // key of the recipient
	Name     string       `json:"name"`           // as on the document
	Account  string       `json:"account"`        // ledger account of the recipient
	Currency string       `json:"currency"`
	Side     Side         `json:"side"`               // of Gross on the account of the recipient
	Gross    money.Amount `json:"gross"`              // the sum of the parts
	Exchange *Exchange    `json:"exchange,omitempty"` // nil: in the currency of the ledger
	Parts    []Part       `json:"parts"`

	NoteID     int64 `json:"-"` // 0: of no document
	MovementID int64 `json:"-"` // 0: a document that moves nothing
}

// Side is a side of the ledger.
type Side string

// The sides.
const (
	Debit  Side = "debit"
	Credit Side = "credit"
)

// other is the opposite side.
func (s Side) other() Side {
	if s == Debit {
		return Credit
	}
	return Debit
}

// Part is the part of an entry that has the same contra account and tax.
type Part struct {
	Account    string                  `json:"account"` // contra account: revenue, bank or clearing account
	Net        money.Amount            `json:"net"`
	TaxKey     string                  `json:"tax_account,omitempty"` // key of the tax account; empty: no tax
	TaxAccount string                  `json:"tax_ledger_account,omitempty"`
	Category   creditnotes.TaxCategory `json:"category,omitempty"`
	Rate       money.Percent           `json:"rate,omitempty"`
	Tax        money.Amount            `json:"tax"`
}

// Gross is net and tax.
func (p *Part) Gross() money.Amount { return p.Net + p.Tax }

// Party is a recipient with its account in the ledger.
type Party struct {
	Entity     string `json:"entity"`
	Account    string `json:"account"`
	Name       string `json:"name"`
	Street     string `json:"street,omitempty"`
	Postcode   string `json:"postcode,omitempty"`
	City       string `json:"city,omitempty"`
	Country    string `json:"country,omitempty"`
	VATID      string `json:"vat_id,omitempty"`
	TaxNumber  string `json:"tax_number,omitempty"`
	Email      string `json:"email,omitempty"`
	Phone      string `json:"phone,omitempty"`
	CustomerNo string `json:"customer_ref,omitempty"`
	Language   string `json:"language,omitempty"`
}

// Line is one line of an entry. One of Debit and Credit is zero; the other is
// negative in a reversal.
type Line struct {
	Account       string
	Debit, Credit money.Amount
	Role          Role
	Part          *Part // nil: the gross amount
}

// Role says what a line of an entry is.
type Role string

// The roles.
const (
	RoleGross Role = "gross"
	RoleNet   Role = "net"
	RoleTax   Role = "tax"
)

func lineOn(side Side, account string, amount money.Amount, role Role, part *Part) Line {
	line := Line{Account: account, Role: role, Part: part}
	if side == Debit {
		line.Debit = amount
	} else {
		line.Credit = amount
	}
	return line
}

// Lines are the lines of an entry, which sum up to the same on both sides. Lines
// of 0.00 are left out.
func (e *Entry) Lines() []Line {
	var list []Line
	add := func(line Line) {
		if line.Debit != 0 || line.Credit != 0 {
			list = append(list, line)
		}
	}
	add(lineOn(e.Side, e.Account, e.Gross, RoleGross, nil))
	for i := range e.Parts {
		p := &e.Parts[i]
		add(lineOn(e.Side.other(), p.Account, p.Net, RoleNet, p))
		add(lineOn(e.Side.other(), p.TaxAccount, p.Tax, RoleTax, p))
	}
	return list
}

// Balanced reports whether both sides of an entry are the same.
func (e *Entry) Balanced() bool {
	var debit, credit money.Amount
	for _, line := range e.Lines() {
		debit += line.Debit
		credit += line.Credit
	}
	return debit == credit
}

// Moves is the amount of the movement of an entry: positive where the operator
// owes it.
func (e *Entry) Moves() money.Amount {
	if e.Side == Debit {
		return -e.Gross
	}
	return e.Gross
}

// OfDocument reports whether an entry is that of a document.
func (e *Entry) OfDocument() bool { return e.Kind.OfDocument() }

// Accounts are the ledger accounts of the settings.
type Accounts struct {
	Revenue    string // net amount of credit notes that name no account
	FeeRevenue string // net amount of fee invoices that name no account
	Bank       string // payouts, returns and payments
	Clearing   string // top-ups and adjustments
	// Taxes are the ledger accounts by key of the tax account, for documents that
	// name none.
	Taxes map[string]string
}

// OfNote is the entry of a document. cancels is the kind of the document that it
// cancels, movement the id of its movement, 0 where it moves nothing.
func OfNote(n *creditnotes.Note, cancels numbering.DocumentType, movement int64, account string, accounts *Accounts) Entry {
	e := Entry{ID: "document:" + n.Number, Kind: creditnotes.MovementKind(n.Kind), Date: n.Date, Due: n.Document.DueDate, Reference: n.Number,
		Cancels: n.Document.CancelsNumber, Link: guid(n.Number), Entity: n.Recipient, Name: n.Document.Recipient.Name, Account: account,
		Currency: n.Currency, Side: Credit, Gross: n.Gross, NoteID: n.ID, MovementID: movement}
	contra := n.Document.RevenueAccount
	fallback := accounts.Revenue
	if n.Kind == numbering.Invoice || cancels == numbering.Invoice {
		e.Side, fallback = Debit, accounts.FeeRevenue
	}
	contra = cmp.Or(contra, fallback)
	for i := range n.Taxes {
		t := &n.Taxes[i]
		ledger := cmp.Or(t.LedgerAccount, accounts.Taxes[t.Account])
		e.Parts = append(e.Parts, Part{contra, t.Base, t.Account, ledger, t.Category, t.Rate, t.Tax})
	}
	return e
}

// OfMovement is the entry of a movement that belongs to no document.
func OfMovement(m *creditnotes.Movement, name, account string, accounts *Accounts) Entry {
	e := Entry{ID: "movement:" + strconv.FormatInt(m.ID, 10), Kind: m.Kind, Date: m.Value, Reference: m.Reference, Text: m.Reason, Entity: m.Entity,
		Name: name, Account: account, Currency: m.Currency, Side: Credit, Gross: m.Amount, MovementID: m.ID}
	if m.Amount < 0 {
		e.Side, e.Gross = Debit, -m.Amount
	}
	contra := accounts.Clearing
	if !m.Kind.IsItem() {
		contra = accounts.Bank
	}
	e.Parts = []Part{{Account: contra, Net: e.Gross}}
	return e
}

// guid names a document in the form of a GUID, always the same one for the same
// number.
func guid(number string) string {
	sum := sha256.Sum256([]byte("document:" + number))
	sum[6] = sum[6]&0x0f | 0x80 // version 8: of a hash of one's own
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
