package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"creditrun/internal/payouts"
)

// payoutDay is a day on which everything of the world is due.
const payoutDay = "2026-12-30"

// firstPayout is the payout of a batch to the Sub-CPO of the tests.
func (w *world) firstPayout(id int64) *payouts.Payout {
	w.t.Helper()
	b, err := w.store.PayoutBatch(w.t.Context(), id)
	must(w.t, err)
	for i := range b.Payouts {
		if b.Payouts[i].Entity == subCPO {
			return &b.Payouts[i]
		}
	}
	w.t.Fatalf("no payout to %s: %+v", subCPO, b)
	return nil
}

func TestPayoutsAreMadeOnThePages(t *testing.T) {
	w := newWorld(t)
	felix, anna, paul := w.as("felix"), w.as("anna"), w.as("paul")
	felix.get("/payouts").shows(t, "Payouts", "No payouts have been prepared yet.")
	felix.get("/payouts?date=2026-12-25").shows(t, "Banks execute no transfers on this day")
	felix.get("/payouts?date=x").refuses(t, http.StatusUnprocessableEntity, "x")
	felix.get("/payouts?date="+payoutDay).shows(t, "Stadtwerke", "Prepare", "Left out")
	felix.post("/payouts/prepare", "date", "2026-12-25").refuses(t, http.StatusUnprocessableEntity, "Banks execute no transfers")
	felix.post("/payouts/prepare", "date", "").refuses(t, http.StatusUnprocessableEntity, "Execution day")
	felix.post("/payouts/prepare", "date", payoutDay).shows(t, "A second person has to approve")
	p := w.firstPayout(1)
	felix.get("/payout-batches/1").shows(t, p.Number, "prepared", "wait to be approved", p.Items[0].Reference)
	if seen := paul.get("/payouts/" + p.Number); seen.status != http.StatusNotFound {
		t.Errorf("a recipient sees a payout that is not approved: %d", seen.status)
	}
	batchIsTrimmed(t, w, felix, p)
	anna.post("/payout-batches/1/approve", "confirm_password", "wrong").refuses(t, http.StatusForbidden, "password")
	anna.post("/payout-batches/1/approve", "confirm_password", password).shows(t, "were approved", "Make the bank file")
	file := anna.post("/payout-batches/1/export")
	if file.status != http.StatusOK || !strings.Contains(file.body, "pain.001.001.09") || strings.Contains(file.header.Get("Content-Disposition"), "copy") {
		t.Fatalf("%d %s %s", file.status, file.header, file.body)
	}
	again := anna.post("/payout-batches/1/export", "single", "true")
	if again.body != file.body || !strings.Contains(again.header.Get("Content-Disposition"), "copy-PO-00000001") {
		t.Errorf("the copy: %d %s", again.status, again.header)
	}
	anna.get("/payout-batches/1").shows(t, "Download a copy of the bank file", "Bank file of payouts written again")
	anna.get("/payouts").shows(t, "/payout-batches/1", "in the bank file")
	must(t, w.store.ExecutePayout(t.Context(), "anna", p.Number, "2026-11-12"))
	n, err := w.server.Runner.AdviseRemittances(t.Context(), "schedule")
	if again, _ := w.server.Runner.AdviseRemittances(t.Context(), "schedule"); err != nil || n != 1 || again != 0 {
		t.Errorf("%d remittance advices, then %d: %v", n, again, err)
	}
	if pdf := paul.get("/payouts/" + p.Number + "/advice.pdf"); !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Errorf("the advice: %d", pdf.status)
	} else if dir := os.Getenv("CREDITRUN_LOOK"); dir != "" {
		must(t, os.WriteFile(filepath.Join(dir, "advice.pdf"), []byte(pdf.body), 0o600))
	}
	anna.get("/payouts/"+p.Number).shows(t, "advice.pdf", "Original", "queued")
	anna.get("/payouts/"+p.Number).shows(t, "Payout executed", "Paid on", "12 Nov 2026")
	own := paul.get("/payouts")
	own.shows(t, p.Number, "executed", "12 Nov 2026")
	if strings.Contains(own.body, "/entities/cafe") || strings.Contains(own.body, "/payout-batches") {
		t.Error("a Sub-CPO sees what is not its own")
	}
	seen := paul.get("/payouts/" + p.Number)
	seen.shows(t, p.Items[0].Reference, "12 Nov 2026")
	if strings.Contains(seen.body, "felix") {
		t.Error("a Sub-CPO sees who prepared its payout")
	}
	paul.get("/notes/"+p.Items[0].Reference).shows(t, "Paid on", "/payouts/"+p.Number)
	paul.get("/notes").shows(t, "paid on 12 Nov 2026")
	paul.get("/").shows(t, "paid on 12 Nov 2026")
	anna.get("/payouts/all?entity="+subCPO+"&state=executed&sort=number").shows(t, p.Number)
	anna.get("/payouts/all?by_hand=true&entity="+subCPO).shows(t, "There are no such payouts.")
	anna.get("/payout-batches/99").refuses(t, http.StatusNotFound, "99")
	anna.get("/payout-batches/x").refuses(t, http.StatusNotFound, "x")
	anna.get("/payouts/PO-x").refuses(t, http.StatusNotFound, "PO-x")
}

// batchIsTrimmed takes another payout out of the first batch.
func batchIsTrimmed(t *testing.T, w *world, felix *browser, but *payouts.Payout) {
	t.Helper()
	b, err := w.store.PayoutBatch(t.Context(), 1)
	must(t, err)
	for _, p := range b.Payouts {
		if p.Number != but.Number {
			felix.post("/payout-batches/1/discard", "payout", p.Number, "reason", "").refuses(t, http.StatusUnprocessableEntity, "Enter the reason.")
			felix.post("/payout-batches/1/discard", "payout", "PO-00099999", "reason", "x").refuses(t, http.StatusNotFound, "PO-00099999")
			felix.post("/payout-batches/1/discard", "payout", p.Number, "reason", "Wrong account").shows(t, "was taken out", "Wrong account")
			return
		}
	}
	t.Fatal("there is one payout only")
}

func TestABatchOfPayoutsIsDiscardedAndNotApprovedByItsMaker(t *testing.T) {
	w := newWorld(t)
	anna, felix := w.as("anna"), w.as("felix")
	anna.post("/payouts/prepare", "date", payoutDay)
	anna.get("/payout-batches/1").shows(t, "You prepared them yourself.")
	anna.post("/payout-batches/1/approve", "confirm_password", password).refuses(t, http.StatusForbidden, "another person")
	anna.post("/payout-batches/1/export").refuses(t, http.StatusConflict, "prepared")
	anna.post("/payout-batches/1/discard", "reason", " ").refuses(t, http.StatusUnprocessableEntity, "Enter the reason.")
	anna.post("/payout-batches/1/discard", "reason", "A mistake").shows(t, "were discarded")
	felix.post("/payouts/prepare", "date", payoutDay)
	anna.post("/payout-batches/2/approve", "confirm_password", password).shows(t, "were approved")
	file := anna.post("/payout-batches/2/export", "single", "true")
	if !strings.HasPrefix(file.body, "PK") {
		t.Errorf("%d %.20q", file.status, file.body)
	}
	if again := anna.post("/payout-batches/2/export"); again.body != file.body {
		t.Error("the copy of the ZIP has other bytes")
	}
}
