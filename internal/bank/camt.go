package bank

import (
	"encoding/xml"

	"creditrun/entities"
)

// Statement is one statement of a camt.053, or one notification of a camt.054.
type Statement struct {
	// ID, Electronic and Legal are its id and its sequence numbers, Created its
	// time, all as the bank wrote them.
	ID, Electronic, Legal, Created string
	Account                        Account
	Balances                       []Balance
	// Opening is the balance OPBD, or PRCD where there is none, and Closing is
	// CLBD. Notifications have none.
	Opening, Closing Money
	// Booked is the sum of the booked entries. It is not known when they are in
	// several currencies, or in another one than the account.
	Booked Money
	// Entries is how many entries there are, in any state.
	Entries int

	line  int
	tally tally
}

// Account is an account of a customer.
type Account struct {
	// ID is the IBAN without spaces where IBAN is true, otherwise whatever the
	// bank calls the account.
	ID       string
	IBAN     bool
	Currency string // empty where the bank does not state it
}

// Balance is a balance of an account. One without an indicator counts as
// positive.
type Balance struct {
	// Type is a code of ISO 20022 such as OPBD, PRCD, CLBD or CLAV, or the
	// bank's own.
	Type string
	Money
	Date             entities.Date
	IndicatorMissing bool
}

// maxBalances is how many balances a statement has at most; banks send up to a
// dozen.
const maxBalances = 1000

// statements reads all statements or notifications of a file.
func (f *File) statements() error {
	return f.scan.children(func(start xml.StartElement) error {
		if start.Name.Local != "Stmt" && start.Name.Local != "Ntfctn" {
			return f.scan.skip()
		}
		s := &Statement{line: f.scan.guard.line}
		if err := f.statement(s); err != nil {
			return err
		}
		if err := f.checkStatement(s); err != nil {
			return err
		}
		return f.emit(Item{Statement: s})
	})
}

func (f *File) statement(s *Statement) error {
	return f.scan.children(func(start xml.StartElement) error {
		if start.Name.Local == "Ntry" {
			return f.entry(s)
		}
		n, err := f.scan.tree(start)
		if err != nil {
			return err
		}
		switch n.name {
		case "Id":
			s.ID = n.text
		case "ElctrncSeqNb":
			s.Electronic = n.text
		case "LglSeqNb":
			s.Legal = n.text
		case "CreDtTm":
			s.Created = n.text
		case "Acct":
			s.Account = account(n)
			s.Account.Currency = n.words("Ccy")
		case "Bal":
			return f.balance(s, n)
		case "TxsSummry":
			s.tally.stated = n
		}
		return nil
	})
}

// account reads the Id of an account.
func account(n *node) Account {
	if iban := n.words("Id/IBAN"); iban != "" {
		return Account{ID: entities.NormalIBAN(iban), IBAN: true}
	}
	return Account{ID: n.words("Id/Othr/Id")}
}

func (f *File) balance(s *Statement, n *node) error {
	amount, err := f.required(n, "Amt")
	if err != nil {
		return err
	}
	direction, err := f.direction(n.first("CdtDbtInd"))
	if err != nil {
		return err
	}
	day, err := f.date(n.first("Dt"))
	if err != nil {
		return err
	}
	if len(s.Balances) == maxBalances {
		return f.scan.tooMuch(maxBalances)
	}
	b := Balance{Type: n.words("Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry"), Money: amount.signed(direction), Date: day, IndicatorMissing: direction == ""}
	s.Balances = append(s.Balances, b)
	return nil
}

// required reads an amount that has to be there.
func (f *File) required(n *node, path string) (Money, error) {
	stated := n.first(path)
	if stated == nil {
		return Money{}, f.value(&node{name: n.name + "/" + path, line: n.line})
	}
	return f.amount(stated)
}

// balanceOf is the first balance of the first type that there is.
func (s *Statement) balanceOf(types ...string) Money {
	for _, wanted := range types {
		for _, b := range s.Balances {
			if b.Type == wanted {
				return b.Money
			}
		}
	}
	return Money{}
}
