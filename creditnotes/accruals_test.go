package creditnotes_test

import (
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

func TestAccrualsAreAddedUpByCurrency(t *testing.T) {
	list := creditnotes.NewAccrualList("2026-10-31", []creditnotes.Accrual{
		{Owner: "b", Currency: "EUR", Kind: creditnotes.AccruedSessions, State: creditnotes.AccrualOpen, Count: creditnotes.Count{Sessions: 2}, Net: 2_000_001},
		{Owner: "a", Currency: "EUR", Kind: creditnotes.AccruedMonthly, State: creditnotes.AccrualOpen, Net: 30_000_000},
		{Owner: "b", Currency: "EUR", Kind: creditnotes.AccruedSessions, State: creditnotes.AccrualOpen, Count: creditnotes.Count{Sessions: 1}, Net: 1},
		{Owner: "b", Currency: "CHF", Kind: creditnotes.AccruedHeld, State: creditnotes.AccrualOpen, Reason: sessions.Reason("invalid"), Count: creditnotes.Count{Sessions: 1}, Net: 5_000_000},
		{Kind: creditnotes.AccruedHeld, State: creditnotes.AccrualOpen, Reason: sessions.Reason("unknown_station"), Count: creditnotes.Count{Sessions: 3}, Unknown: 3},
		{Owner: "c", Currency: "EUR", Kind: creditnotes.AccruedSessions, State: creditnotes.AccrualLater, Count: creditnotes.Count{Sessions: 1}, Net: 7},
		{Owner: "c", Currency: "EUR", Kind: creditnotes.AccruedSessions, State: creditnotes.AccrualLater, Count: creditnotes.Count{Sessions: -1}, Net: -7},
	})
	if len(list.Rows) != 4 || list.Rows[0].Owner != "" || list.Rows[3].Net != 2_000_002 || list.Rows[3].Sessions != 3 || list.Unknown != 3 {
		t.Errorf("%+v", list.Rows)
	}
	if len(list.Totals) != 2 || list.Totals[0] != (creditnotes.AccrualTotal{Currency: "CHF", Held: 5_000_000}) || list.Totals[1].Owed() != 32_000_002 || list.Totals[1].Held != 0 {
		t.Errorf("%+v", list.Totals)
	}
	if out := list.JSON(); out.Totals[1].Owed != "32.000002" || out.Rows[0].Unknown != 3 {
		t.Errorf("%+v", out)
	}
	if err := list.Whole(); !fault.Is(err, fault.Conflict) {
		t.Errorf("not complete: %v", err)
	}
}
