package api

import (
	"net/http"
	"strings"
	"testing"

	"creditrun/internal/payouts"
	"creditrun/internal/web/webtest"
)

func TestPayoutsAreMadeByTheAPI(t *testing.T) {
	w := newWorld(t)
	felix, anna, paul := w.as("felix"), w.as("anna"), w.as("paul")
	items := read[Items[payouts.OpenItemJSON]](paul.get("/open-items?date=2026-12-30").is(http.StatusOK)).Items
	if len(items) == 0 {
		t.Fatal("no open items")
	}
	for _, item := range items {
		paul.get("/entities/" + item.Recipient).is(http.StatusOK)
	}
	due := read[payouts.BatchJSON](felix.get("/payout-batches/preview?date=2026-12-30").is(http.StatusOK))
	felix.post("/payout-batches", object{"requested_date": "2026-12-25"}).is(http.StatusUnprocessableEntity)
	batch := read[payouts.BatchJSON](felix.post("/payout-batches", object{"requested_date": "2026-12-30"}).is(http.StatusCreated))
	if due.Batch != 0 || batch.Batch != 1 || len(batch.Payouts) == 0 || len(due.Payouts) != len(batch.Payouts) || len(due.LeftOut) != len(batch.LeftOut) {
		t.Fatalf("%+v, previewed %+v", batch, due)
	}
	own, other := "", ""
	for _, p := range batch.Payouts {
		if p.Recipient == webtest.SubCPO {
			own = p.Payout
		} else if !p.ByHand {
			other = p.Payout
		}
	}
	paul.get("/payouts/"+own).problem(http.StatusNotFound, "payout_unknown")
	paul.get("/payout-batches").is(http.StatusForbidden)
	felix.post("/payout-batches/1/approve", nil).is(http.StatusForbidden)
	felix.post("/payout-batches/1/discard", object{"reason": "x", "payout": "PO-00099999"}).is(http.StatusUnprocessableEntity)
	felix.post("/payout-batches/1/discard", object{"reason": "wrong account", "payout": other}).is(http.StatusOK)
	anna.post("/payout-batches/1/export", object{}).problem(http.StatusConflict, "payout_batch_state")
	anna.post("/payout-batches/1/approve", nil).is(http.StatusOK)
	first := read[BankFiles](anna.post("/payout-batches/1/export", object{"single": true}).is(http.StatusOK))
	again := read[BankFiles](anna.post("/payout-batches/1/export", object{}).is(http.StatusOK))
	if first.Copy || !again.Copy || len(first.Files) < 2 || len(again.Files) != len(first.Files) || len(first.ByHand) == 0 {
		t.Fatalf("%+v, then %+v", first, again)
	}
	for i, f := range first.Files {
		if again.Files[i] != f || strings.Contains(f.Content, other) || strings.Count(f.Content, "<CdtTrfTxInf>") != 1 {
			t.Errorf("file %d: %+v", i, f)
		}
	}
	list := all[Payout](paul, "/payouts")
	if len(list) == 0 || len(list) >= len(batch.Payouts) || list[0].State != payouts.Exported || list[0].Requested != "2026-12-30" {
		t.Errorf("a Sub-CPO sees %+v", list)
	}
	for _, p := range list {
		paul.get("/entities/" + p.Recipient).is(http.StatusOK)
	}
	if one := read[Payout](paul.get("/payouts/" + own).is(http.StatusOK)); one.Payout != own || one.Batch != 1 {
		t.Errorf("%+v", one)
	}
}
