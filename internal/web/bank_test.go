package web

import (
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

// statementOf is a statement of the operator of two payments that fit nothing.
const statementOf = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>
<Stmt><Id>S</Id><Acct><Id><IBAN>DE17123456780000000001</IBAN></Id></Acct>
<Ntry><Amt Ccy="EUR">120.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-02</Dt></BookgDt><AcctSvcrRef>A1</AcctSvcrRef>
<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>Stadtwerke Beispielstadt GmbH</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>deposit</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">900.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-02</Dt></BookgDt><AcctSvcrRef>A2</AcctSvcrRef>
<NtryDtls><TxDtls><RmtInf><Ustrd>Rent of the office</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`

func TestTheQueueOfTheBankIsDecided(t *testing.T) {
	w := newWorld(t)
	if _, err := w.store.ImportBank(t.Context(), "olga", strings.NewReader(statementOf), store.ImportOptions{Name: "statement.xml"}); err != nil {
		t.Fatal(err)
	}
	felix, paul := w.as("felix"), w.as("paul")
	felix.get("/bank").shows(t, "2 bank entries wait", "Rent of the office", "fits nothing", "/bank/1", "/bank/2")
	felix.get("/bank/1").shows(t, "statement.xml, line", "name of the recipient", `name="account" value="stadtwerke"`, "/bank/1/foreign")
	felix.post("/bank/1/assign").refuses(t, http.StatusUnprocessableEntity, "Name one thing")
	felix.post("/bank/1/assign", "payout", "PO-00000009").refuses(t, http.StatusNotFound, "PO-00000009")
	felix.post("/bank/1/assign", "account", "stadtwerke").shows(t, "was assigned")
	felix.post("/bank/2/foreign", "reason", "").refuses(t, http.StatusUnprocessableEntity, "Say why")
	felix.post("/bank/2/foreign", "reason", "rent").shows(t, "marked as foreign", "There are no such bank entries.")
	felix.get("/bank?state=all").shows(t, "payment received", "foreign")
	felix.get("/bank/2").shows(t, "rent", "felix")
	felix.get("/bank?state=x").refuses(t, http.StatusUnprocessableEntity, "x")
	felix.get("/bank/99").refuses(t, http.StatusNotFound, "99")
	if p := paul.get("/bank"); p.status != http.StatusForbidden && p.status != http.StatusNotFound {
		t.Errorf("a Sub-CPO sees what banks said: %d", p.status)
	}
	list, _, _, err := w.store.BankEntries(t.Context(), payouts.EntryFilter{State: payouts.EntryBooked}, creditnotes.Page{})
	if err != nil || len(list) != 1 || list[0].Entity != "stadtwerke" {
		t.Errorf("%+v, %v", list, err)
	}
}
