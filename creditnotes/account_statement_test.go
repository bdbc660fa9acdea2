package creditnotes_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// on is an instant of November 2026.
func on(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }

// moved is a movement of 2026 that was booked on a day of November.
func moved(id int64, kind creditnotes.MovementKind, amount money.Amount, value string, day int) creditnotes.Movement {
	return creditnotes.Movement{ID: id, Account: creditnotes.Account{Entity: "a", Currency: "EUR"}, Kind: kind, Amount: amount,
		Booked: on(day, 8), Value: entities.Date(value), Reference: string(kind)}
}

// someMovements are those of an account, not in their order.
func someMovements() []creditnotes.Movement {
	list := []creditnotes.Movement{
		moved(4, creditnotes.MovedPayout, -80_00, "2026-11-10", 11),
		moved(1, creditnotes.MovedCreditNote, 100_00, "2026-10-31", 1),
		moved(3, creditnotes.MovedTopUp, -5_00, "2026-11-02", 20), // became known late
		moved(2, creditnotes.MovedInvoice, -15_00, "2026-11-01", 2),
		moved(6, creditnotes.MovedCreditNote, 1_00, "2026-12-01", 2), // after the range
	}
	francs := moved(5, creditnotes.MovedAdjustment, 7_00, "2026-11-03", 3)
	francs.Currency = "CHF"
	return append(list, francs)
}

func november(change func(a *creditnotes.AccountStatement)) *creditnotes.AccountStatement {
	a := &creditnotes.AccountStatement{
		StatementQuery: creditnotes.StatementQuery{Entity: "a", From: "2026-11-01", Until: "2026-11-30", AsOf: on(30, 12)},
		Name:           "Hotel A", Language: "de", MadeAt: on(30, 12),
	}
	change(a)
	return a
}

// lines are the movements of a statement: reference, amount and balance.
func linesOf(s *creditnotes.Statement) (list []string) {
	for i := range s.Movements {
		m := &s.Movements[i]
		list = append(list, m.Reference+" "+m.Amount.Format(2)+" "+m.Balance.Format(2))
	}
	return list
}

func TestAStatementGoesFromBalanceToBalance(t *testing.T) {
	a := november(func(*creditnotes.AccountStatement) {})
	a.Complete(someMovements(), nil)
	if len(a.Statements) != 2 || a.Statements[0].Currency != "CHF" || len(a.Charges) != 0 {
		t.Fatalf("%+v", a)
	}
	s := &a.Statements[1]
	if s.Opening != 100_00 || s.Closing != 0 {
		t.Errorf("from %s to %s", s.Opening.Format(2), s.Closing.Format(2))
	}
	if diff := gocmp.Diff([]string{"invoice -15.00 85.00", "top_up -5.00 80.00", "payout -80.00 0.00"}, linesOf(s)); diff != "" {
		t.Error(diff)
	}
}

func TestAStatementIsMadeAgainAsItWas(t *testing.T) {
	a := november(func(a *creditnotes.AccountStatement) { a.AsOf = on(15, 12) })
	a.Complete(someMovements(), nil)
	s := &a.Statements[1]
	if diff := gocmp.Diff([]string{"invoice -15.00 85.00", "payout -80.00 5.00"}, linesOf(s)); diff != "" || s.Closing != 5_00 {
		t.Errorf("%s%s", s.Closing.Format(2), diff)
	}
	now := november(func(a *creditnotes.AccountStatement) { a.Since = on(15, 12) })
	now.Complete(someMovements(), nil)
	if len(now.News) != 1 || now.News[0].Reference != "top_up" {
		t.Errorf("came since: %+v", now.News)
	}
}

func TestAnAccountOnWhichNothingMovedIsNotOnTheStatement(t *testing.T) {
	a := november(func(a *creditnotes.AccountStatement) { a.Until = "2026-10-30" })
	a.Complete(someMovements(), nil)
	if len(a.Statements) != 0 {
		t.Errorf("%+v", a.Statements)
	}
}

// charges are sessions of a statement, one of each section and one unknown.
func someCharges() []creditnotes.StatementSession {
	of := func(id, medium string, machine bool, amount *money.Micros, day int) creditnotes.StatementSession {
		return creditnotes.StatementSession{
			Session: sessions.Session{ExternalID: id, MediumUID: medium, Start: on(day, 8), End: on(day, 9), Energy: 10_000_000_000, Currency: "EUR",
				DriverAmount: amount, ReceivedAt: on(day, 10)},
			Station: "ST-1", Machine: machine, Number: "GS-1",
		}
	}
	card := of("card", "04A1B2C3D4E5F6", false, new(money.Micros(4_900_000)), 2)
	card.CollectedAt = on(4, 6)
	return []creditnotes.StatementSession{
		card, of("other card", "04FFFFFFFFFFFF", false, nil, 20), of("code", "", false, new(money.Micros(2_000_000)), 3), of("wash", "04A1B2C3D4E5F6", true, nil, 4),
	}
}

func TestSectionsOfAStatement(t *testing.T) {
	a := november(func(a *creditnotes.AccountStatement) {
		a.Sections, a.Since = creditnotes.StatementSections(), on(15, 12)
	})
	a.Complete(someMovements(), someCharges())
	var got []string
	for _, c := range a.Charges {
		for _, s := range c.Sessions {
			got = append(got, string(c.Section)+" "+s.ExternalID)
		}
	}
	if diff := gocmp.Diff([]string{"public code", "rfid card", "rfid other card", "machines wash"}, got); diff != "" {
		t.Error(diff)
	}
	rfid := a.Charges[1]
	if rfid.Energy != 20_000_000_000 || len(rfid.Amounts) != 1 || rfid.Amounts[0] != (creditnotes.CurrencySum{Currency: "EUR", Amount: 4_900_000, Unknown: 1}) {
		t.Errorf("%+v", rfid)
	}
	if len(a.NewSessions) != 1 || a.NewSessions[0].ExternalID != "other card" {
		t.Errorf("came since: %+v", a.NewSessions)
	}
	only := november(func(a *creditnotes.AccountStatement) {
		a.Sections = []creditnotes.StatementSection{creditnotes.SectionPublicCharges}
	})
	if only.Wants(creditnotes.SectionTransactions) || !only.WantsCharges() {
		t.Error("the section that was asked for is not the only one")
	}
	only.Complete(nil, someCharges())
	if len(only.Charges) != 1 || len(only.Charges[0].Sessions) != 1 {
		t.Errorf("%+v", only.Charges)
	}
}

func TestAStatementInJSON(t *testing.T) {
	a := november(func(a *creditnotes.AccountStatement) {
		a.Sections, a.Since = creditnotes.StatementSections(), on(15, 12)
	})
	a.Complete(someMovements(), someCharges())
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	content, err := json.Marshal(a.JSON(zone))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"entity":"a","from":"2026-11-01","until":"2026-11-30","made_at":"2026-11-30T13:00:00+01:00"`,
		`{"currency":"EUR","opening":"100.00","movements":[{"booked":"2026-11-02T09:00:00+01:00","value":"2026-11-01","kind":"invoice","reference":"invoice","currency":"EUR","amount":"-15.00","balance":"85.00"}`,
		`"closing":"0.00"`,
		`"since":"2026-11-15T13:00:00+01:00"`,
		`"collected_at":"2026-11-04T07:00:00+01:00"`,
	} {
		if !strings.Contains(string(content), want) {
			t.Errorf("%s is missing in\n%s", want, content)
		}
	}
	var read creditnotes.StatementJSON
	if err := json.Unmarshal(content, &read); err != nil || len(read.News) != 1 || len(read.Sessions) != 1 || len(read.Charges) != 3 {
		t.Errorf("%+v, %v", read, err)
	}
	if slices.ContainsFunc(read.Accounts, func(a creditnotes.AccountJSON) bool { return a.Currency == "CHF" && a.Closing != "7.00" }) {
		t.Errorf("%+v", read.Accounts)
	}
}

// paper takes what is printed of a statement.
type paper struct {
	creditnotes.Printer
	note *creditnotes.Note
}

func (p *paper) StatementPDF(n *creditnotes.Note, _ *creditnotes.AccountStatement) ([]byte, error) {
	p.note = n
	return []byte("%PDF"), nil
}

func TestAStatementIsPrintedForItsRecipient(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Entity("a").Language = "fr"
		w.Save()
		a := november(func(*creditnotes.AccountStatement) {})
		_, err := w.Runner.StatementPDF(t.Context(), a)
		if err == nil {
			t.Error("a printer that prints no statements printed one")
		}
		p := &paper{}
		w.Runner.Printer = p
		content, err := w.Runner.StatementPDF(t.Context(), a)
		if err != nil || string(content) != "%PDF" {
			t.Fatalf("%s, %v", content, err)
		}
		if n := p.note; n.Language != "fr" || n.Recipient != "a" || n.Currency != "EUR" || n.PeriodFrom != "2026-11-01" || n.Document.Issuer.Name != "Voltnetz" {
			t.Errorf("%+v", n)
		}
		a.Entity = "nobody"
		_, err = w.Runner.StatementPDF(t.Context(), a)
		says(t, err, "entity_unknown")
	})
}
