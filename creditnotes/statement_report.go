package creditnotes

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
)

// StatementJSON is an account statement as programs read it.
type StatementJSON struct {
	Entity   string         `json:"entity"`
	From     entities.Date  `json:"from"`
	Until    entities.Date  `json:"until"`
	MadeAt   time.Time      `json:"made_at"`
	AsOf     time.Time      `json:"as_of" doc:"what was known until then"`
	Accounts []AccountJSON  `json:"accounts" nullable:"false"`
	Charges  []ChargesJSON  `json:"charges,omitempty" nullable:"false"`
	Since    *time.Time     `json:"since,omitempty"`
	News     []MovementJSON `json:"news,omitempty" nullable:"false" doc:"movements that became known since"`
	Sessions []ChargeJSON   `json:"new_sessions,omitempty" nullable:"false" doc:"sessions that became known since, and where they were credited"`
}

// AccountJSON is the account in one currency.
type AccountJSON struct {
	Currency  string         `json:"currency"`
	Opening   string         `json:"opening"`
	Movements []MovementJSON `json:"movements" nullable:"false"`
	Closing   string         `json:"closing"`
}

// MovementJSON is a movement, with the balance after it.
type MovementJSON struct {
	Booked    time.Time     `json:"booked"`
	Value     entities.Date `json:"value"`
	Kind      MovementKind  `json:"kind" enum:"credit_note,invoice,cancellation,top_up,payout,payout_return,payment,adjustment"`
	Reference string        `json:"reference"`
	Currency  string        `json:"currency"`
	Amount    string        `json:"amount"`
	Balance   string        `json:"balance,omitempty"`
}

// ChargesJSON are the sessions of a section.
type ChargesJSON struct {
	Section  StatementSection `json:"section" enum:"public,rfid,machines"`
	Energy   money.Quantity   `json:"energy_kwh"`
	Sessions []ChargeJSON     `json:"sessions" nullable:"false"`
}

// ChargeJSON is a session of a statement.
type ChargeJSON struct {
	Session      string         `json:"session"`
	Station      string         `json:"station"`
	Start        time.Time      `json:"start"`
	End          time.Time      `json:"end"`
	Energy       money.Quantity `json:"energy_kwh"`
	Medium       string         `json:"medium,omitempty" doc:"its last four characters"`
	DriverAmount *money.Micros  `json:"driver_amount,omitempty"`
	Currency     string         `json:"currency,omitempty"`
	CollectedAt  *time.Time     `json:"collected_at,omitempty"`
	Document     string         `json:"document,omitempty" doc:"that credited it"`
}

// JSON is the statement as programs read it, with the times of a zone.
func (a *AccountStatement) JSON(zone *time.Location) StatementJSON {
	out := StatementJSON{Entity: a.Entity, From: a.From, Until: a.Until, MadeAt: a.MadeAt.In(zone), AsOf: a.AsOf.In(zone), Accounts: []AccountJSON{}}
	for _, s := range a.Statements {
		digits, _ := money.Digits(s.Currency)
		one := AccountJSON{Currency: s.Currency, Opening: s.Opening.Format(digits), Closing: s.Closing.Format(digits), Movements: []MovementJSON{}}
		for i := range s.Movements {
			m := s.Movements[i].Movement.JSON(zone)
			m.Balance = s.Movements[i].Balance.Format(digits)
			one.Movements = append(one.Movements, m)
		}
		out.Accounts = append(out.Accounts, one)
	}
	for _, c := range a.Charges {
		out.Charges = append(out.Charges, ChargesJSON{c.Section, c.Energy, chargesJSON(c.Sessions, zone)})
	}
	if !a.Since.IsZero() {
		since := a.Since.In(zone)
		out.Since, out.Sessions = &since, chargesJSON(a.NewSessions, zone)
		for i := range a.News {
			out.News = append(out.News, a.News[i].JSON(zone))
		}
	}
	return out
}

// JSON is the movement as programs read it, with the times of a zone.
func (m *Movement) JSON(zone *time.Location) MovementJSON {
	digits, _ := money.Digits(m.Currency)
	return MovementJSON{Booked: m.Booked.In(zone), Value: m.Value, Kind: m.Kind, Reference: m.Reference, Currency: m.Currency, Amount: m.Amount.Format(digits)}
}

func chargesJSON(list []StatementSession, zone *time.Location) []ChargeJSON {
	out := make([]ChargeJSON, len(list))
	for i := range list {
		s := &list[i]
		out[i] = ChargeJSON{Session: s.ExternalID, Station: s.Station, Start: s.Start.In(zone), End: s.End.In(zone), Energy: s.Energy, Medium: s.MediumUID,
			DriverAmount: s.DriverAmount, Currency: s.Currency, Document: s.Number}
		if !s.CollectedAt.IsZero() {
			collected := s.CollectedAt.In(zone)
			out[i].CollectedAt = &collected
		}
	}
	return out
}
