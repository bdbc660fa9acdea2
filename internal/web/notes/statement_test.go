package notes

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/numbering"
)

func TestStatementSumsCreditNotesAndCancellationsApart(t *testing.T) {
	got := statementSumsOf([]creditnotes.Statement{{Movements: []creditnotes.Movement{
		{Kind: numbering.CreditNote, Gross: 5}, {Kind: numbering.Cancellation, Gross: -5}, {Kind: numbering.CreditNote, Gross: 7},
	}}})
	if got[0].Credits != 12 || got[0].Cancelled != -5 {
		t.Errorf("got %+v", got)
	}
	for _, s := range []creditnotes.Statement{{Opening: 1}, {Movements: []creditnotes.Movement{{}}}} {
		if nothingIn(s) {
			t.Errorf("%+v is left out", s)
		}
	}
	if !nothingIn(creditnotes.Statement{Currency: "CHF"}) {
		t.Error("an empty statement is shown")
	}
}
