package api

import (
	"net/http"
	"strings"
	"testing"

	"creditrun/internal/payouts"
	"creditrun/internal/store"
	"creditrun/internal/web/webtest"
)

// statementOf is a statement of the operator with one payment that fits nothing.
const statementOf = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>
<Stmt><Id>S</Id><Acct><Id><IBAN>DE17123456780000000001</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">120.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-02</Dt></BookgDt><AcctSvcrRef>A1</AcctSvcrRef></Ntry>
<Ntry><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-02</Dt></BookgDt><AcctSvcrRef>A2</AcctSvcrRef></Ntry>
</Stmt></BkToCstmrStmt></Document>`

func TestTheQueueOfTheBankIsDecidedByPrograms(t *testing.T) {
	w := newWorld(t)
	if _, err := w.store.ImportBank(t.Context(), "olga", strings.NewReader(statementOf), store.ImportOptions{Name: "statement.xml"}); err != nil {
		t.Fatal(err)
	}
	felix, paul := w.as("felix"), w.as("paul")
	paul.get("/bank-entries").is(http.StatusForbidden)
	list := all[payouts.EntryJSON](felix, "/bank-entries?state=queued&limit=1")
	if len(list) != 2 || list[0].Amount != "-9.00" || list[1].Why != payouts.WhyUnmatched {
		t.Fatalf("%+v", list)
	}
	felix.get("/bank-entries?state=open").is(http.StatusUnprocessableEntity)
	felix.get("/bank-entries/77").problem(http.StatusNotFound, "bank_entry_unknown")
	felix.post("/bank-entries/1/assign", object{}).problem(http.StatusUnprocessableEntity, "bank_target")
	assigned := read[payouts.EntryJSON](felix.post("/bank-entries/1/assign", object{"entity": webtest.SubCPO}).is(http.StatusOK))
	if assigned.State != payouts.EntryBooked || assigned.Outcome != payouts.OutcomeReceived || assigned.Entity != webtest.SubCPO {
		t.Errorf("%+v", assigned)
	}
	felix.post("/bank-entries/1/assign", object{"entity": webtest.SubCPO}).problem(http.StatusConflict, "bank_entry_state")
	felix.post("/bank-entries/2/foreign", object{}).is(http.StatusUnprocessableEntity)
	felix.post("/bank-entries/2/foreign", object{"reason": "rent"}).is(http.StatusOK)
	felix.post("/bank-entries/2/undo", object{}).is(http.StatusUnprocessableEntity)
	again := read[payouts.EntryJSON](felix.post("/bank-entries/2/undo", object{"reason": "a refund"}).is(http.StatusOK))
	if again.State != payouts.EntryQueued || again.Before != 2 || again.Why != payouts.WhyUndone {
		t.Errorf("%+v", again)
	}
	felix.post("/bank-entries/2/undo", object{"reason": "twice"}).problem(http.StatusConflict, "bank_undo_none")
	if old := all[payouts.EntryJSON](felix, "/bank-entries?state=undone"); len(old) != 1 || old[0].Instead != again.ID || old[0].UndoneBy != "felix" {
		t.Errorf("%+v", old)
	}
	felix.post("/bank-entries/3/foreign", object{"reason": "rent"}).is(http.StatusOK)
	if left := all[payouts.EntryJSON](felix, "/bank-entries?state=queued"); len(left) != 0 {
		t.Errorf("%+v", left)
	}
}

func TestBankFilesOfProgramsHaveClearAnswers(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix").with("Content-Type", "application/xml")
	checked := read[ImportedBankFile](felix.post("/bank-entries?name=s.xml&check=true", statementOf).is(http.StatusOK))
	if checked.Queued != 2 || len(all[payouts.EntryJSON](felix, "/bank-entries?state=queued")) != 0 {
		t.Errorf("%+v", checked)
	}
	if taken := read[ImportedBankFile](felix.post("/bank-entries?name=s.xml", statementOf).is(http.StatusOK)); taken.Queued != 2 || taken.Repeated {
		t.Errorf("%+v", taken)
	}
	if again := read[ImportedBankFile](felix.post("/bank-entries?name=s.xml", statementOf).is(http.StatusOK)); !again.Repeated || again.Known != 2 || again.Queued != 0 {
		t.Errorf("%+v", again)
	}
	for key, content := range map[string]string{
		"bank_other_account":  strings.Replace(statementOf, "DE17123456780000000001", "DE02120300000000202051", 1),
		"bank_file_truncated": statementOf[:len(statementOf)/2],
		"bank_file_forbidden": `<!DOCTYPE x [<!ENTITY bomb "x">]>` + statementOf,
		"bank_file_too_much":  strings.Replace(statementOf, "<Stmt>", strings.Repeat("<x>", 99), 1),
		"bank_file_unknown":   "<html></html>",
	} {
		felix.post("/bank-entries", content).problem(http.StatusUnprocessableEntity, key)
	}
	if list := all[payouts.EntryJSON](felix, "/bank-entries"); len(list) != 2 {
		t.Errorf("%+v", list)
	}
}
