package payouts

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/bank"
	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// Euro is the currency of the payouts in a bank file; the others are paid by
// hand.
const Euro = "EUR"

// ByHand reports whether a payout is not in the bank file.
func (p *Payout) ByHand() bool { return p.Currency != Euro }

// File is a bank file of payouts. Exporting them again gives the same file.
type File struct {
	Name    string
	Content []byte
}

// NewFiles writes the payouts in euro of a batch that stand as bank files: one of
// all of them, or with single one of each, for banks that check the names of
// single payments only. There are none where there is no such payout.
func NewFiles(b *Batch, single bool, operator *entities.Entity, addresses bank.AddressStyle, now time.Time) (files []File, err error) {
	if !single {
		file, err := NewFile(b, operator, addresses, now)
		if err != nil || file == nil {
			return nil, err
		}
		return []File{*file}, nil
	}
	for i := range b.Payouts {
		p := &b.Payouts[i]
		if !p.State.Standing() || p.ByHand() {
			continue
		}
		one := *b
		one.Payouts = b.Payouts[i : i+1]
		file, err := writeFile(messageID(b)+fmt.Sprintf("-%d", len(files)+1), &one, operator, addresses, now)
		if err != nil {
			return nil, err
		}
		files = append(files, *file)
	}
	return files, nil
}

// messageID names the bank file of a batch.
func messageID(b *Batch) string {
	return fmt.Sprintf("PO-%08d-%s", b.ID, strings.ReplaceAll(string(b.Requested), "-", ""))
}

// NewFile writes the payouts in euro of a batch that stand as pain.001.001.09, to
// be paid from the account of the operator. The file of no payouts is nil. The
// faults name the payout of which a bank would refuse something.
func NewFile(b *Batch, operator *entities.Entity, addresses bank.AddressStyle, now time.Time) (*File, error) {
	return writeFile(messageID(b), b, operator, addresses, now)
}

func writeFile(id string, b *Batch, operator *entities.Entity, addresses bank.AddressStyle, now time.Time) (*File, error) {
	t := bank.Transfers{
		MessageID: id, Created: now, Execution: b.Requested,
		Debtor: partyOf(PayeeOf(operator)), BatchBooking: true, Addresses: addresses,
	}
	for i := range b.Payouts {
		if p := &b.Payouts[i]; p.State.Standing() && !p.ByHand() {
			t.Payments = append(t.Payments, p.payment(addresses))
		}
	}
	if len(t.Payments) == 0 {
		return nil, nil
	}
	var content bytes.Buffer
	if err := bank.WritePain001(&content, t); err != nil {
		return nil, err
	}
	return &File{t.MessageID + ".xml", content.Bytes()}, nil
}

// payment is the payout as it is written to the file. What a bank can do without is
// shortened or left out where it does not fit: the name of an ultimate creditor, and
// an address within the European Economic Area.
func (p *Payout) payment(style bank.AddressStyle) bank.Payment {
	one := bank.Payment{EndToEndID: p.Number, Amount: p.Amount, Currency: p.Currency, Creditor: partyOf(p.Payee), Holder: p.Payee.Holder, Text: p.text()}
	if name := []rune(bank.Latin(one.Creditor.Name)); one.Holder != "" && len(name) > bank.MaxName {
		one.Creditor.Name = strings.TrimSpace(string(name[:bank.MaxName]))
	}
	bare := one
	bare.Creditor.Address = bank.Address{}
	if slices.Contains(economicArea, country(p.Payee.IBAN)) && bank.CheckPayment(one, style) != nil && bank.CheckPayment(bare, style) == nil {
		return bare
	}
	return one
}

// economicArea are the countries of the European Economic Area: transfers between
// them need no address.
var economicArea = strings.Fields("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK")

func country(iban string) string {
	iban = entities.NormalIBAN(iban)
	return iban[:min(2, len(iban))]
}

// Refused is what a bank would refuse of a payout to a recipient, each fault with the
// key of the recipient; nothing of one that is in no bank file.
func Refused(e *entities.Entity, currency string, amount money.Amount, style bank.AddressStyle) (faults []*fault.Fault) {
	p := Payout{Number: "PO-00000000", Currency: currency, Amount: amount, Payee: PayeeOf(e)}
	if p.ByHand() {
		return nil
	}
	for _, f := range fault.Of(bank.CheckPayment(p.payment(style), style)) {
		f.Args["recipient"] = e.Key
		if f.Key == "bank_amount_invalid" {
			f.Args["id"] = e.Key // there is no payment yet
		}
		if !slices.ContainsFunc(faults, func(known *fault.Fault) bool { return known.Error() == f.Error() }) {
			faults = append(faults, f)
		}
	}
	return faults
}

// RefusedTo is what a bank would refuse of any payment to a recipient that is
// credited in a currency; empty: in euros.
func RefusedTo(e *entities.Entity, currency, addresses string) []*fault.Fault {
	return Refused(e, cmp.Or(currency, Euro), 1, bank.AddressStyle(addresses))
}

func partyOf(p Payee) bank.Party {
	return bank.Party{Name: p.Name, IBAN: p.IBAN, BIC: p.BIC,
		Address: bank.Address{Street: p.Street, PostCode: p.Postcode, Town: p.City, Country: p.Country}}
}

// text names what is paid, as far as it fits into the remittance text: the
// number of the payout, then those of its documents.
func (p *Payout) text() string {
	text := p.Number
	for i, item := range p.Items {
		rest := fmt.Sprintf(" +%d", len(p.Items)-i)
		if len(text)+1+len(item.Reference)+len(rest) > bank.MaxText {
			return text + rest
		}
		text += " " + item.Reference
	}
	return text
}

// FileOf is the only one of some bank files, or a ZIP of them with a name of its
// own, which has the same bytes every time.
func FileOf(b int64, files []File) (*File, error) {
	if len(files) == 1 {
		return &files[0], nil
	}
	var content bytes.Buffer
	archive := zip.NewWriter(&content)
	for _, file := range files {
		w, err := archive.CreateHeader(&zip.FileHeader{Name: file.Name, Method: zip.Store})
		if err != nil {
			return nil, fmt.Errorf("bank files: %w", err)
		}
		if _, err := w.Write(file.Content); err != nil {
			return nil, fmt.Errorf("bank files: %w", err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("bank files: %w", err)
	}
	return &File{fmt.Sprintf("PO-%08d.zip", b), content.Bytes()}, nil
}
