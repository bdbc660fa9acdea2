package bank

import (
	"fmt"
)

// Transaction is one payment of an entry, or the entry itself where the bank
// gives no details.
type Transaction struct {
	Entry *Entry
	// Key is that of the entry, with the number of the transaction.
	Key string
	// Number counts the transactions of the entry from 1; 0 is the entry itself.
	Number int
	// Amount is that of the transaction, taken from AmountFrom. It has the sign
	// of Own, or else of the entry. It is not known where an entry has several
	// transactions and the bank states no amount of this one.
	Amount     Money
	AmountFrom AmountSource
	// Own is the direction that the bank states for the transaction itself. Some
	// banks state the receiver's there: then it contradicts that of the entry,
	// which is the one that moved money (finding bank_direction_differs).
	Own Direction
	// Instructed is what the payer ordered, without a sign, often in another
	// currency.
	Instructed Money
	// EndToEndID and the other ids are those of the file of transfers.
	// NOTPROVIDED is what banks put where the payer gave none; it is kept.
	EndToEndID, InstructionID, MessageID, PaymentInformationID string
	// BankReference is the bank's reference of this transaction, Mandate that of
	// a direct debit.
	BankReference, Mandate string
	// Counterparty is the other side: the debtor of what came in, the creditor
	// of what went out; in a return or reversal, whose parties are those of the
	// first payment, the other way around. Where that side is our own account or
	// empty, it is the other one, if that is neither. Debtor and Creditor are the
	// sides as the bank states them.
	Counterparty, Debtor, Creditor Counterparty
	Code                           BankCode
	// Texts are the lines of remittance text, References the structured ones.
	Texts, References []string
	// Info is what the bank adds.
	Info string
	// Return says why the payment came back; nil where it did not.
	Return    *Reason
	Charges   []Charge
	Exchanges []Exchange
}

// AmountSource is where the amount of a transaction is stated.
type AmountSource string

// The places of amounts.
const (
	FromTransaction AmountSource = "TxDtls/Amt"
	FromDetails     AmountSource = "AmtDtls/TxAmt"
	FromInstructed  AmountSource = "AmtDtls/InstdAmt"
	FromEntry       AmountSource = "Ntry/Amt" // the only transaction of its entry
)

// Counterparty is one side of a payment.
type Counterparty struct {
	Name    string
	Account Account
}

func (c Counterparty) empty() bool { return c.Name == "" && c.Account.ID == "" }

// Reason says why a payment came back or has a status. Code is of the external
// code set of ISO 20022, such as AC04; Proprietary is the bank's own.
type Reason struct {
	Code, Proprietary string
	Texts             []string
}

// transaction reads the details of one transaction.
func (f *File) transaction(e *Entry, n *node) (*Transaction, error) {
	t := &Transaction{
		Entry: e, Number: e.details, Key: fmt.Sprintf("%s.%d", e.Key, e.details),
		EndToEndID: n.words("Refs/EndToEndId"), InstructionID: n.words("Refs/InstrId"), MessageID: n.words("Refs/MsgId"),
		PaymentInformationID: n.words("Refs/PmtInfId"), BankReference: n.words("Refs/AcctSvcrRef"), Mandate: n.words("Refs/MndtId"),
		Debtor: side(n, "Dbtr"), Creditor: side(n, "Cdtr"), Code: bankCode(n),
		Texts: n.texts("RmtInf/Ustrd"), References: n.texts("RmtInf/Strd/CdtrRefInf/Ref"), Info: n.words("AddtlTxInf"),
		Return: reason(n.first("RtrInf")), Exchanges: exchanges(n),
	}
	t.Counterparty = t.counterparty()
	var err error
	if t.Charges, err = f.charges(n); err != nil {
		return nil, err
	}
	if t.Own, err = f.direction(n.first("CdtDbtInd")); err != nil {
		return nil, err
	}
	if t.Instructed, err = f.amount(n.first("AmtDtls/InstdAmt/Amt")); err != nil {
		return nil, err
	}
	return t, f.detailAmount(t, n)
}

// detailAmount reads the amount of a transaction from the first place that has
// one.
func (f *File) detailAmount(t *Transaction, n *node) error {
	direction := t.Own
	if direction == "" {
		direction = t.Entry.Direction
	}
	for _, place := range []struct {
		path string
		from AmountSource
	}{{"Amt", FromTransaction}, {"AmtDtls/TxAmt/Amt", FromDetails}, {"AmtDtls/InstdAmt/Amt", FromInstructed}} {
		if stated := n.first(place.path); stated != nil {
			amount, err := f.amount(stated)
			t.Amount, t.AmountFrom = amount.signed(direction), place.from
			return err
		}
	}
	return nil
}

// side reads one party with its account, as versions .02 and .08 write them.
func side(n *node, role string) Counterparty {
	c := Counterparty{Name: n.words("RltdPties/"+role+"/Nm", "RltdPties/"+role+"/Pty/Nm")}
	if a := n.first("RltdPties/" + role + "Acct"); a != nil {
		c.Account = account(a)
	}
	return c
}

// counterparty chooses the side that is not ours.
func (t *Transaction) counterparty() Counterparty {
	expected, other := t.Debtor, t.Creditor
	if (t.Entry.Direction == Debit) != (t.Entry.Reversal || t.Return != nil) {
		expected, other = other, expected
	}
	own := t.Entry.Statement.Account.ID
	ours := func(c Counterparty) bool { return c.Account.ID != "" && c.Account.ID == own }
	if (ours(expected) || expected.empty()) && !ours(other) {
		return other
	}
	return expected
}

// reason reads why a payment came back, or nil.
func reason(n *node) *Reason {
	if n == nil {
		return nil
	}
	return &Reason{Code: n.words("Rsn/Cd"), Proprietary: n.words("Rsn/Prtry"), Texts: n.texts("AddtlInf")}
}
