package creditnotes

import (
	"cmp"
	"slices"
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// Balance is what an account came to: positive is owed by the operator.
type Balance struct {
	Currency  string
	Movements int
	Amount    money.Amount
}

// StatementSection is a part of an account statement.
type StatementSection string

// The sections of an account statement (settlement.md §6.3).
const (
	SectionTransactions   StatementSection = "transactions"
	SectionPublicCharges  StatementSection = "public"   // no medium known: QR code, direct payment
	SectionRFIDCharges    StatementSection = "rfid"     // medium known
	SectionOtherStations  StatementSection = "machines" // at stations of kind machine
	sectionsOfChargesFrom                  = 1
)

// StatementSections are all sections, in the order of the statement.
func StatementSections() []StatementSection {
	return []StatementSection{SectionTransactions, SectionPublicCharges, SectionRFIDCharges, SectionOtherStations}
}

// StatementQuery asks for the account statements of an entity.
type StatementQuery struct {
	Entity string
	// From and Until are days, both included.
	From, Until entities.Date
	Sections    []StatementSection // none: transactions alone
	// AsOf is the time until which something had to be known; zero: now.
	AsOf time.Time
	// Since lists what became known after it; zero: no such list.
	Since time.Time
}

// Wants reports whether a section is asked for.
func (q *StatementQuery) Wants(s StatementSection) bool {
	return slices.Contains(q.Sections, s) || len(q.Sections) == 0 && s == SectionTransactions
}

// WantsCharges reports whether any section with sessions is asked for.
func (q *StatementQuery) WantsCharges() bool {
	return slices.ContainsFunc(StatementSections()[sectionsOfChargesFrom:], q.Wants)
}

// WantsNewSessions reports whether sessions of a section are listed when they
// became known after Since: those of the sections that are asked for, of all
// where it is the transactions alone.
func (q *StatementQuery) WantsNewSessions(s StatementSection) bool {
	return !q.Since.IsZero() && (q.Wants(s) || !q.WantsCharges())
}

// AccountStatement is the account of an entity over some days (settlement.md
// §6.3): one statement for each currency, and the sessions of its stations.
type AccountStatement struct {
	StatementQuery
	Name       string // of the entity
	Language   string
	MadeAt     time.Time
	Statements []Statement // by currency
	Charges    []Charges   // by section, those that are asked for
	// News is what became known after Since, until AsOf: movements with a value
	// date until the end of the range, and sessions that ended until then.
	News        []Movement
	NewSessions []StatementSession
}

// Statement is the account in one currency.
type Statement struct {
	Currency  string
	Opening   money.Amount // before the range
	Movements []StatementLine
	Closing   money.Amount
}

// StatementLine is a movement with the balance after it.
type StatementLine struct {
	Movement
	Balance money.Amount
}

// Charges are the sessions of one section.
type Charges struct {
	Section  StatementSection
	Sessions []StatementSession
	Energy   money.Quantity
	Amounts  []CurrencySum // driver amounts, by currency
}

// CurrencySum is a sum of driver amounts.
type CurrencySum struct {
	Currency string
	Amount   money.Micros
	Unknown  int // sessions without a driver amount
}

// StatementSession is a session of a statement as it was known then.
type StatementSession struct {
	sessions.Session
	Station string // key
	Machine bool
	Number  string // of the document that credited it; empty: none yet
	Earlier bool   // it ended before the range: it is only news
}

// Section is where a session stands.
func (s *StatementSession) Section() StatementSection {
	switch {
	case s.Machine:
		return SectionOtherStations
	case s.MediumUID == "":
		return SectionPublicCharges
	}
	return SectionRFIDCharges
}

// Complete makes the statement out of all movements of the entity and the
// sessions of the range, as far as they were known.
func (a *AccountStatement) Complete(movements []Movement, charges []StatementSession) {
	byCurrency := map[string]*Statement{}
	slices.SortFunc(movements, func(x, y Movement) int { return cmp.Or(cmp.Compare(x.Value, y.Value), cmp.Compare(x.ID, y.ID)) })
	for _, m := range movements {
		if m.Booked.After(a.AsOf) || a.Until.Before(m.Value) {
			continue
		}
		if !a.Since.IsZero() && m.Booked.After(a.Since) {
			a.News = append(a.News, m)
		}
		s := byCurrency[m.Currency]
		if s == nil {
			s = &Statement{Currency: m.Currency}
			byCurrency[m.Currency] = s
		}
		s.add(m, a.From)
	}
	for _, s := range byCurrency {
		if s.Opening != 0 || len(s.Movements) > 0 {
			a.Statements = append(a.Statements, *s)
		}
	}
	slices.SortFunc(a.Statements, func(x, y Statement) int { return cmp.Compare(x.Currency, y.Currency) })
	a.charge(charges)
}

func (s *Statement) add(m Movement, from entities.Date) {
	s.Closing += m.Amount
	if m.Value.Before(from) {
		s.Opening += m.Amount
		return
	}
	s.Movements = append(s.Movements, StatementLine{m, s.Closing})
}

func (a *AccountStatement) charge(list []StatementSession) {
	for _, section := range StatementSections()[sectionsOfChargesFrom:] {
		if !a.Wants(section) {
			continue
		}
		c := Charges{Section: section}
		for _, s := range list {
			if s.Section() == section && !s.Earlier {
				c.add(s)
			}
		}
		a.Charges = append(a.Charges, c)
	}
	for _, s := range list {
		if a.WantsNewSessions(s.Section()) && s.ReceivedAt.After(a.Since) {
			a.NewSessions = append(a.NewSessions, s)
		}
	}
}

// ChargesOf adds up sessions of any section.
func ChargesOf(list []StatementSession) (c Charges) {
	for _, s := range list {
		c.add(s)
	}
	return c
}

func (c *Charges) add(s StatementSession) {
	c.Sessions = append(c.Sessions, s)
	c.Energy += s.Energy
	at := slices.IndexFunc(c.Amounts, func(sum CurrencySum) bool { return sum.Currency == s.Currency })
	if at < 0 {
		c.Amounts = append(c.Amounts, CurrencySum{Currency: s.Currency})
		at = len(c.Amounts) - 1
	}
	if s.DriverAmount == nil {
		c.Amounts[at].Unknown++
		return
	}
	c.Amounts[at].Amount += *s.DriverAmount
}
