package main

import (
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store/storetest"
)

// The hotel's own card charges at the inn's station: the inn is credited, and the
// hotel is billed what the driver would have paid, less its discount.
func TestAnOwnerIsBilledWhatItsOwnCardsCharge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, storetest.SQLite(t)).small()
	w.do("import", w.file("contract.yaml", `
media:
  - {uid: CARD0001, issuer: a, billing_from: 2022-01-01}
contracts:
  - {key: ka, owner: a, from: 2026-10, bill_own_charging: true, own_charging_discount_percent: "5", fee_tax_account: de-19, active: true}
settings: {invoice_range: re, fee_net_days: 14, fee_revenue_account: "8400"}
`), w.file("own.csv", `id,evse_id,start,end,energy_kwh,class,medium_uid,driver_amount,currency
OWN-1,DE*VLT*E3,2026-10-07T10:00:00+02:00,2026-10-07T12:00:00+02:00,10,community,CARD0001,6.00,EUR
`))
	open := w.do("records", "--month", "2026-10", "--owner", "a", "--show", "open")
	if !strings.Contains(open, "own_charging") {
		t.Errorf("before the run:\n%s", open)
	}
	w.do("run", "--month", "2026-10")
	var documents []noteRowJSON
	w.read(&documents, "notes", "--owner", "a")
	var invoice *creditnotes.NoteJSON
	for i := range documents {
		if documents[i].Number != nil && strings.HasPrefix(*documents[i].Number, "RE-") {
			invoice = &documents[i].NoteJSON
		}
	}
	if invoice == nil || invoice.Net != "5.70" || invoice.Gross != "6.78" {
		t.Fatalf("%+v", documents)
	}
	if out := w.do("notes", "show", *invoice.Number); !strings.Contains(out, "own_charging") || !strings.Contains(out, "5.70") {
		t.Errorf("%s", out)
	}
	if out := w.do("records", "--month", "2026-10", "--owner", "a", "--show", "open"); strings.Contains(out, "OWN-1") {
		t.Errorf("after the run:\n%s", out)
	}
	if out := w.do("records", "--month", "2026-10", "--owner", "a", "--show", "documents"); !strings.Contains(out, *invoice.Number) || !strings.Contains(out, "own_charging") {
		t.Errorf("of documents:\n%s", out)
	}
	w.fails(exitUsage, "records", "--show", "some")
	w.do("cancel", *invoice.Number, "--reason", "wrong card")
	w.clean()
}
