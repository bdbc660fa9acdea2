package bank

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

// Transfers is one file of credit transfers: the payments from one account on
// one day.
type Transfers struct {
	// MessageID identifies the file for ever: 1 to 35 characters of a to z, A to
	// Z, 0 to 9, and / - ? : ( ) . , ' + and space. Banks refuse one they have
	// seen. It is the id of the payment information, too.
	MessageID string
	// Created is when the file was made. It is written in UTC, in whole seconds.
	Created time.Time
	Debtor  Party
	// Execution is the day on which the debtor's account is charged: a TARGET
	// day (IsTargetDay).
	Execution entities.Date
	// BatchBooking asks the bank for one entry for all payments.
	BatchBooking bool
	// Addresses says how addresses are written; empty is AddressStructured.
	Addresses AddressStyle
	Payments  []Payment
}

// Party is a name with an account. The name may have any letters: Latin applies,
// and what comes of it has 1 to MaxName characters.
type Party struct {
	Name    string
	Address Address
	IBAN    string // spaces and small letters do not matter
	BIC     string // 8 or 11 characters; empty: the bank finds it
}

// Payment is one credit transfer.
type Payment struct {
	// EndToEndID comes back with every answer, unique in the file. It has the
	// syntax of a message id.
	EndToEndID string
	// Amount is in cents, from 1 to MaxAmount.
	Amount money.Amount
	// Currency is EUR: SEPA has no other.
	Currency string
	// Creditor is whom the money is for, with the account. Its address is that
	// of the account holder.
	Creditor Party
	// Holder is the name of the account holder where it differs from the name of
	// the creditor. Banks compare it with the account (verification of payee), so
	// it is written as the creditor, and the creditor as the ultimate one.
	Holder string
	// Text is the remittance text, at most MaxText characters after Latin.
	Text string
}

// Address is where a party is. It is left out when all of it is empty; otherwise
// it has a town and a country at least.
type Address struct {
	Street   string // with the number of the building or without, at most 70 characters
	Building string // number of the building, at most 16 characters
	Extra    string // second line, such as c/o; structured addresses have no place for it
	PostCode string // at most 16 characters
	Town     string // at most 35 characters
	Country  string // ISO 3166-1, two capital letters
}

// AddressStyle is how addresses are written (EPC132-08 of 2025). Addresses that
// are all address lines are not possible since November 2026.
type AddressStyle string

// The styles of addresses.
const (
	// AddressStructured has an element for each part.
	AddressStructured AddressStyle = "structured"
	// AddressHybrid has elements for post code, town and country, and at most two
	// address lines of 70 characters for the rest. Some banks refuse it.
	AddressHybrid AddressStyle = "hybrid"
	// AddressNone leaves addresses out. Transfers within the EEA need none.
	AddressNone AddressStyle = "none"
)

// WritePain001 writes a file of SEPA credit transfers as pain.001.001.09: valid
// against the schema of ISO 20022, by the implementation guidelines of the EPC
// for customers (EPC132-08 of 2025). The same transfers give the same bytes.
//
// It first checks all of it and writes nothing if anything is wrong. Then the
// error is a fault.List of the kind Invalid with every fault there is:
// bank_payments_none, bank_id_invalid, bank_id_twice, bank_day_closed,
// bank_amount_invalid, bank_iban_invalid, bank_bic_invalid, bank_name_missing,
// bank_text_long, bank_address_incomplete. Nothing is shortened. Other errors
// are those of w.
func WritePain001(w io.Writer, t Transfers) error {
	if err := checkTransfers(t); err != nil {
		return err
	}
	var out xmlWriter
	out.document(t)
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write pain.001 %s: %w", t.MessageID, err)
	}
	return nil
}

// xmlWriter writes elements, one a line. Their texts are of the Latin set, which
// has nothing that XML escapes.
type xmlWriter struct {
	bytes.Buffer
	depth int
}

func (x *xmlWriter) element(name, text string) {
	if text == "" {
		return
	}
	x.indent()
	fmt.Fprintf(x, "<%s>%s</%s>\n", name, text, name)
}

func (x *xmlWriter) within(name string, content func()) {
	x.indent()
	fmt.Fprintf(x, "<%s>\n", name)
	x.depth++
	content()
	x.depth--
	x.indent()
	fmt.Fprintf(x, "</%s>\n", name)
}

func (x *xmlWriter) indent() {
	for range x.depth {
		x.WriteString("  ")
	}
}

func (x *xmlWriter) document(t Transfers) {
	x.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\">\n")
	x.depth++
	x.within("CstmrCdtTrfInitn", func() {
		x.groupHeader(t)
		x.paymentInformation(t)
	})
	x.WriteString("</Document>\n")
}

func (x *xmlWriter) groupHeader(t Transfers) {
	x.within("GrpHdr", func() {
		x.element("MsgId", t.MessageID)
		x.element("CreDtTm", t.Created.UTC().Format("2006-01-02T15:04:05Z"))
		x.control(t)
		x.within("InitgPty", func() { x.element("Nm", Latin(t.Debtor.Name)) })
	})
}

// control writes the control sums: how many payments, and their total.
func (x *xmlWriter) control(t Transfers) {
	var total money.Amount
	for _, p := range t.Payments {
		total += p.Amount
	}
	x.element("NbOfTxs", fmt.Sprint(len(t.Payments)))
	x.element("CtrlSum", total.Format(2))
}

func (x *xmlWriter) paymentInformation(t Transfers) {
	x.within("PmtInf", func() {
		x.element("PmtInfId", t.MessageID)
		x.element("PmtMtd", "TRF")
		x.element("BtchBookg", fmt.Sprint(t.BatchBooking))
		x.control(t)
		x.within("PmtTpInf", func() {
			x.within("SvcLvl", func() { x.element("Cd", "SEPA") })
		})
		x.within("ReqdExctnDt", func() { x.element("Dt", string(t.Execution)) })
		x.within("Dbtr", func() { x.party(t.Debtor.Name, t.Debtor.Address, t.Addresses) })
		x.account("DbtrAcct", t.Debtor.IBAN)
		x.debtorAgent(t.Debtor.BIC)
		x.element("ChrgBr", "SLEV")
		for _, p := range t.Payments {
			x.payment(p, t.Addresses)
		}
	})
}

func (x *xmlWriter) payment(p Payment, style AddressStyle) {
	x.within("CdtTrfTxInf", func() {
		x.within("PmtId", func() { x.element("EndToEndId", p.EndToEndID) })
		x.within("Amt", func() {
			x.indent()
			fmt.Fprintf(x, "<InstdAmt Ccy=%q>%s</InstdAmt>\n", p.Currency, p.Amount.Format(2))
		})
		if p.Creditor.BIC != "" {
			x.within("CdtrAgt", func() { x.agent(p.Creditor.BIC) })
		}
		x.within("Cdtr", func() { x.party(p.payee(), p.Creditor.Address, style) })
		x.account("CdtrAcct", p.Creditor.IBAN)
		if name := Latin(p.Creditor.Name); name != p.payee() {
			x.within("UltmtCdtr", func() { x.element("Nm", name) })
		}
		if text := Latin(p.Text); text != "" {
			x.within("RmtInf", func() { x.element("Ustrd", text) })
		}
	})
}

// payee is the name that the bank compares with the account.
func (p Payment) payee() string {
	if holder := Latin(p.Holder); holder != "" {
		return holder
	}
	return Latin(p.Creditor.Name)
}

func (x *xmlWriter) party(name string, a Address, style AddressStyle) {
	x.element("Nm", Latin(name))
	if a == (Address{}) || style == AddressNone {
		return
	}
	x.within("PstlAdr", func() {
		if style != AddressHybrid {
			x.element("StrtNm", Latin(a.Street))
			x.element("BldgNb", Latin(a.Building))
		}
		x.element("PstCd", Latin(a.PostCode))
		x.element("TwnNm", Latin(a.Town))
		x.element("Ctry", a.Country)
		if style == AddressHybrid {
			x.element("AdrLine", a.line())
			x.element("AdrLine", Latin(a.Extra))
		}
	})
}

// line is the first address line of a hybrid address.
func (a Address) line() string { return Latin(a.Street + " " + a.Building) }

func (x *xmlWriter) account(name, iban string) {
	x.within(name, func() {
		x.within("Id", func() { x.element("IBAN", entities.NormalIBAN(iban)) })
	})
}

func (x *xmlWriter) agent(bic string) {
	x.within("FinInstnId", func() { x.element("BICFI", bic) })
}

// debtorAgent is mandatory in the schema, so it says so when the BIC is unknown.
func (x *xmlWriter) debtorAgent(bic string) {
	x.within("DbtrAgt", func() {
		if bic != "" {
			x.agent(bic)
			return
		}
		x.within("FinInstnId", func() {
			x.within("Othr", func() { x.element("Id", "NOTPROVIDED") })
		})
	})
}
