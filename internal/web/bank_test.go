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
	felix.get("/bank/2").shows(t, "/bank/2/undo", "Take the decision back")
	felix.post("/bank/2/undo", "reason", "").refuses(t, http.StatusUnprocessableEntity, "Say why")
	if p := felix.post("/bank/2/undo", "reason", "it is a refund"); p.path != "/bank/3" {
		t.Errorf("taken back, it shows %s", p.path)
	}
	felix.get("/bank/2").shows(t, "taken back", "it is a refund", "/bank/3")
	felix.get("/bank/3").shows(t, "a decision about it was taken back", "/bank/2", "/bank/3/assign")
	felix.post("/bank/2/undo", "reason", "twice").refuses(t, http.StatusConflict, "taken back before")
	felix.get("/bank?state=undone").shows(t, "/bank/2")
	felix.get("/bank/99").refuses(t, http.StatusNotFound, "99")
	if p := paul.get("/bank"); p.status != http.StatusForbidden && p.status != http.StatusNotFound {
		t.Errorf("a Sub-CPO sees what banks said: %d", p.status)
	}
	list, _, _, err := w.store.BankEntries(t.Context(), payouts.EntryFilter{State: payouts.EntryBooked}, creditnotes.Page{})
	if err != nil || len(list) != 1 || list[0].Entity != "stadtwerke" {
		t.Errorf("%+v, %v", list, err)
	}
}

// uploaded uploads a file of the bank and waits until the page shows a text.
func (b *browser) uploaded(content, want string) string {
	b.w.t.Helper()
	t := b.w.t.(*testing.T)
	p := b.upload(t, "/bank/files", "file", []byte(content))
	if !strings.HasPrefix(p.path, "/bank/files/") {
		t.Fatalf("%d at %s: %s", p.status, p.path, p.body)
	}
	b.eventually(p.path, want)
	return p.path
}

func TestBankFilesAreUploaded(t *testing.T) {
	w := newWorld(t)
	felix, anna, vera := w.as("felix"), w.as("anna"), w.as("vera")
	if p := vera.upload(t, "/bank/files", "file", []byte(statementOf)); p.status != http.StatusForbidden {
		t.Errorf("who may only read uploads a file: %d", p.status)
	}
	if p := vera.get("/bank"); strings.Contains(p.body, `action="/bank/files"`) {
		t.Error("who may only read is offered to upload")
	}
	if p := felix.upload(t, "/bank/files", "file", nil); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "Choose a file of the bank") {
		t.Errorf("an empty file: %d %s", p.status, p.body)
	}
	felix.get("/bank/files/x").refuses(t, http.StatusNotFound, "not kept any longer")
	path := felix.uploaded(statementOf, "What the file would do")
	felix.get(path).shows(t, "wait for a decision", "Rent of the office", "fits nothing", "Book the file")
	felix.get("/bank").shows(t, "There are no such bank entries.")
	anna.get(path).refuses(t, http.StatusNotFound, "another person uploaded it")
	anna.post(path+"/apply").refuses(t, http.StatusNotFound, "another person uploaded it")
	felix.post(path + "/apply")
	felix.post(path + "/apply") // a second click
	felix.eventually(path, "The file was booked.").shows(t, "What the file did", "Rent of the office", "To what waits for a decision")
	felix.get("/bank").shows(t, "2 bank entries wait")
	felix.get(felix.uploaded(statementOf, "This file was read before")).shows(t, "said before")
	other := strings.Replace(statementOf, "DE17123456780000000001", "DE02120300000000202051", 1)
	felix.get(felix.uploaded(other, "Nothing was booked from file.")).shows(t, "DE02120300000000202051", "not the operator", "Check again")
	felix.get(felix.uploaded(statementOf[:len(statementOf)/2], "Nothing was booked from file.")).shows(t, "ends in the middle, at line 4", "Download it again")
	for hostile, want := range map[string]string{
		`<!DOCTYPE x [<!ENTITY bomb "x">]>` + statementOf:                    "declares a document type",
		strings.Replace(statementOf, "<Id>S</Id>", "<Id>&bomb;</Id>", 1):     "declares a document type or uses an entity",
		strings.Replace(statementOf, "<Stmt>", strings.Repeat("<x>", 99), 1): "exceeds the limit",
		"PK\x03\x04 a workbook": "not well-formed XML at line 1",
	} {
		felix.get(felix.uploaded(hostile, "Nothing was booked from file.")).shows(t, want)
	}
	list, _, _, err := w.store.BankEntries(t.Context(), payouts.EntryFilter{}, creditnotes.Page{})
	if err != nil || len(list) != 2 {
		t.Errorf("%d entries, %v", len(list), err)
	}
}
