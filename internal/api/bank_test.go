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
	if left := all[payouts.EntryJSON](felix, "/bank-entries?state=queued"); len(left) != 0 {
		t.Errorf("%+v", left)
	}
}
