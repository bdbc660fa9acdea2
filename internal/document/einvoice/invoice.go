package einvoice

import (
	"fmt"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// invoice is the semantic model of EN 16931 as far as a note fills it:
// what both syntaxes write, every value ready to be written.
type invoice struct {
	profile        *Profile // BT-24
	process        string   // BT-23
	number         string   // BT-1
	issued         entities.Date
	typeCode       string        // BT-3
	currency       string        // BT-5
	due            entities.Date // BT-9
	buyerReference string        // BT-10
	contract       string        // BT-12
	accounting     string        // BT-19
	terms          string        // BT-20
	notes          []note        // BG-1
	preceding      *preceding    // BG-3
	seller         party         // BG-4
	buyer          party         // BG-7
	delivery       delivery      // BG-13
	period         *period       // BG-14
	payment        payment       // BG-16
	totals         totals        // BG-22
	taxes          []tax         // BG-23
	lines          []line        // BG-25
}

// note is a free text on the document.
type note struct {
	code string // BT-21; empty: none
	text string // BT-22
}

// preceding is the document that this one cancels.
type preceding struct {
	number string        // BT-25
	issued entities.Date // BT-26
}

// period is a span of days, the last one included.
type period struct {
	from entities.Date // BT-73, BT-134
	to   entities.Date // BT-74, BT-135
}

// delivery is when the supply was complete, and to where it went.
type delivery struct {
	on      entities.Date // BT-72
	address *address      // BG-15; nil where no category asks for it
}

// payment is how the money goes to the seller.
type payment struct {
	code   string // BT-81
	iban   string // BT-84
	holder string // BT-85
	bic    string // BT-86
}

// totals are the sums of the document.
type totals struct {
	net   string // BT-106 and BT-109: there are no allowances on document level
	tax   string // BT-110
	gross string // BT-112 and BT-115: nothing has been prepaid
}

// The types of document (UNTDID 1001) this package writes.
const (
	selfBilledInvoice    = "389"
	selfBilledCreditNote = "261"
	correctedInvoice     = "384"
	feeInvoice           = creditnotes.TypeFeeInvoice
	feeCreditNote        = creditnotes.TypeFeeCancellation
)

// The ways of payment (UNTDID 4461) this package writes. Transfers must name
// an account (BR-61), the others must not.
const (
	notDefined     = "1"
	creditTransfer = "30"
	sepaTransfer   = "58"
	clearing       = "97" // between partners, by setting off
)

// returns reports whether the type of the document itself means "money back", so
// that its amounts are written without the sign of the cancellation.
func (inv *invoice) returns() bool { return returns(inv.typeCode) }

func returns(typeCode string) bool {
	return typeCode == selfBilledCreditNote || typeCode == feeCreditNote
}

// invoiceOf builds the model from a note.
func invoiceOf(n *creditnotes.Note, p *Profile, texts Texts) (*invoice, error) {
	return composerOf(n, p, texts).invoice()
}

// composer builds the model of one note and collects what is missing.
type composer struct {
	note    *creditnotes.Note
	profile *Profile
	texts   Texts
	sums    figures
	faults  fault.List
}

func composerOf(n *creditnotes.Note, p *Profile, texts Texts) *composer {
	c := &composer{note: n, profile: p, texts: texts}
	c.sums = figures{digits: n.Document.CurrencyDigits, turned: returns(typeCodeOf(n))}
	return c
}

func (c *composer) invoice() (*invoice, error) {
	n, d := c.note, &c.note.Document
	if err := c.writable(); err != nil {
		return nil, err
	}
	inv := &invoice{
		profile: c.profile, process: c.profile.Process, number: clean(n.Number), issued: n.Date, typeCode: typeCodeOf(n), currency: n.Currency,
		due: d.DueDate, buyerReference: clean(d.Recipient.CustomerRef), contract: c.contract(),
		accounting: c.accounting(), period: periodOf(n.PeriodFrom, n.PeriodTo),
	}
	if inv.due.IsZero() {
		inv.due = n.Date.AddDays(d.NetDays)
	}
	if inv.buyerReference == "" {
		inv.buyerReference = clean(d.Recipient.Key)
	}
	if number := clean(d.CancelsNumber); number != "" {
		inv.preceding = &preceding{number, d.CancelsDate}
	}
	inv.payment = c.payment()
	inv.taxes = c.taxes()
	inv.totals = totals{c.sums.write(n.Net), c.sums.write(n.Tax), c.sums.write(n.Gross)}
	c.parties(inv)
	inv.delivery = c.delivery(inv)
	var err error
	if inv.terms, err = c.terms(); err != nil {
		return nil, err
	}
	if inv.notes, err = c.notes(); err != nil {
		return nil, err
	}
	if inv.lines, err = c.lines(inv); err != nil {
		return nil, err
	}
	c.profiled(inv)
	if c.sums.inexact {
		c.lacks(fault.New(fault.NotReady, "einvoice_currency_digits", fault.Args{"currency": n.Currency}))
	}
	return inv, c.faults.Err()
}

// writable refuses what no e-invoice can be written of: a draft, a type no one
// asked for, and a note whose figures do not add up (BR-CO-10, BR-CO-13 to
// BR-CO-15), which would be a mistake of the run.
func (c *composer) writable() error {
	n := c.note
	if n.Number == "" {
		return fmt.Errorf("a draft has no number (BT-1)")
	}
	allowed := []string{selfBilledInvoice, selfBilledCreditNote, correctedInvoice}
	if n.OfFees() {
		allowed = []string{feeInvoice, feeCreditNote}
	}
	if !slices.Contains(allowed, typeCodeOf(n)) {
		return fmt.Errorf("type code %q is none of a document of the kind %s", n.Document.TypeCode, n.Kind)
	}
	net, base, tax := n.Net, n.Net, n.Tax
	for _, p := range n.Positions {
		net -= p.Net
	}
	for _, t := range n.Taxes {
		base, tax = base-t.Base, tax-t.Tax
	}
	if net != 0 || base != 0 || tax != 0 || n.Net+n.Tax != n.Gross {
		return fmt.Errorf("the figures do not add up: net off by %d, taxable amounts by %d, tax by %d, gross by %d",
			net, base, tax, n.Gross-n.Net-n.Tax)
	}
	return nil
}

// lacks notes what is missing, with the number of the note.
func (c *composer) lacks(f *fault.Fault) {
	f.Args["number"] = c.note.Number
	c.faults = append(c.faults, f)
}

// typeCodeOf is the type that was chosen when the note was drafted, or the one
// every note of its kind had before it could be chosen.
func typeCodeOf(n *creditnotes.Note) string {
	switch {
	case n.Document.TypeCode != "":
		return n.Document.TypeCode
	case n.Kind == numbering.Invoice:
		return feeInvoice
	case n.Kind == numbering.Cancellation:
		return selfBilledCreditNote
	}
	return selfBilledInvoice
}

// payment names the one account the money goes to, the seller's. A
// cancellation moves no money to anyone's account: it is set off.
func (c *composer) payment() payment {
	seller, _ := c.sides()
	bank := seller.Bank
	iban := entities.NormalIBAN(clean(bank.IBAN))
	switch {
	case c.note.Kind == numbering.Cancellation:
		return payment{code: clearing}
	case iban == "":
		return payment{code: notDefined}
	}
	p := payment{code: creditTransfer, iban: iban, holder: clean(bank.Holder), bic: entities.NormalIBAN(clean(bank.BIC))}
	if p.holder == "" {
		p.holder = nameOf(seller)
	}
	if c.note.Currency == "EUR" && entities.ValidIBAN(iban) {
		p.code = sepaTransfer
	}
	return p
}

// notes are the statutory words, and why a note is cancelled.
func (c *composer) notes() ([]note, error) {
	var list []note
	for _, mention := range c.note.Document.Mentions {
		if words := clean(mention); words != "" {
			list = append(list, note{text: words})
		}
	}
	if reason := clean(c.note.Document.CancelReason); reason != "" {
		words, err := c.texts.Text(c.note.Language, "intro_cancellation_reason", map[string]any{"Reason": reason})
		if err != nil {
			return nil, err
		}
		list = append(list, note{text: clean(words)})
	}
	return list, nil
}
