package document

import (
	"fmt"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// sampleStatement is an account statement with every kind of movement and the
// sessions of all sections.
func sampleStatement(language string) (*creditnotes.Note, *creditnotes.AccountStatement) {
	n := in(language, shortNote())
	n.Kind, n.Number, n.PeriodFrom, n.PeriodTo = "statement", "hotel-alster", "2026-10-01", "2026-10-31"
	a := &creditnotes.AccountStatement{
		StatementQuery: creditnotes.StatementQuery{Entity: "a", From: "2026-10-01", Until: "2026-10-31", AsOf: n.IssuedAt}, Name: "Hotel Alster GmbH & Co. KG", Language: language, MadeAt: n.IssuedAt,
	}
	s := creditnotes.Statement{Currency: "EUR", Opening: -12050, Closing: 12345678}
	for i, kind := range []creditnotes.MovementKind{
		creditnotes.MovedCreditNote, creditnotes.MovedInvoice, creditnotes.MovedCancellation, creditnotes.MovedTopUp, creditnotes.MovedPayout, "payout_return", "payment", "adjustment",
	} {
		m := creditnotes.Movement{Kind: kind, Amount: money.Amount(1234567 - 400000*i), Value: n.Date, Reference: fmt.Sprintf("GS-2026-%05d", i)}
		s.Movements = append(s.Movements, creditnotes.StatementLine{Movement: m, Balance: money.Amount(98765432 + i)})
	}
	a.Statements = []creditnotes.Statement{s}
	for _, section := range creditnotes.StatementSections()[1:] {
		c := creditnotes.Charges{Section: section, Energy: 45_678_901_000, Amounts: []creditnotes.CurrencySum{{Currency: "EUR", Amount: 1_234_567_891}}}
		for i := range 3 {
			one := sessions.Session{ExternalID: "20261014-DE*VLT*E1001-1-20261014T081500Z", End: moment("2026-09-14T10:00:00Z"), Energy: 1_234_567_000, DriverAmount: new(money.Micros(1_234_567_891)), Currency: "EUR"}
			if i > 0 {
				one.CollectedAt = moment("2026-10-15T10:00:00Z")
			}
			c.Sessions = append(c.Sessions, creditnotes.StatementSession{Session: one, Station: "ST-001", Number: "GS-2026-00001"})
		}
		a.Charges = append(a.Charges, c)
	}
	return n, a
}

func TestNothingInAnAccountStatementOverflows(t *testing.T) {
	r := newRenderer(t)
	for _, language := range r.texts.Languages() {
		t.Run(language, func(t *testing.T) {
			content, err := r.StatementPDF(sampleStatement(language))
			if err != nil {
				t.Fatal(err)
			}
			checkLayout(t, r, content)
			conforms(t, content)
			look(t, "statement-"+language, content)
		})
	}
}
