package store_test

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
)

const ownAccount = "DE02120300000000202051" // of the operator

// camt writes a file of entries on an account.
func camt(kind, account string, entries ...string) string {
	within := map[string][3]string{"camt.053": {"BkToCstmrStmt", "Stmt", "camt.053.001.08"}, "camt.054": {"BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054.001.08"}}[kind]
	return fmt.Sprintf(`<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:%s"><%s><GrpHdr><MsgId>M-%d</MsgId><CreDtTm>2027-01-04T18:00:00</CreDtTm></GrpHdr>
<%s><Id>S-1</Id><Acct><Id><IBAN>%s</IBAN></Id><Ccy>EUR</Ccy></Acct>
%s
</%s></%s></Document>`, within[2], within[0], len(entries), within[1], account, strings.Join(entries, "\n"), within[1], within[0])
}

// booking is one of a bank, of which the amount is negative when it leaves.
type booking struct {
	amount, ref, day, head string
	details                []string
}

func (b booking) String() string {
	amount, direction := b.amount, "CRDT"
	if after, out := strings.CutPrefix(amount, "-"); out {
		amount, direction = after, "DBIT"
	}
	if b.ref != "" {
		b.ref = "<AcctSvcrRef>" + b.ref + "</AcctSvcrRef>"
	}
	details := ""
	if len(b.details) > 0 {
		details = "<NtryDtls>" + strings.Join(b.details, "") + "</NtryDtls>"
	}
	return fmt.Sprintf(`<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>%s</CdtDbtInd>%s<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><ValDt><Dt>%s</Dt></ValDt>%s%s</Ntry>`,
		amount, direction, map[bool]string{true: "<RvslInd>true</RvslInd>"}[b.head == "reversal"], b.day, b.day, b.ref, details)
}

// detail is one payment: its end-to-end id, amount, text, and reason of a return.
func detail(id, amount, text, reason string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text))
	d := "<TxDtls>"
	if id != "" {
		d += "<Refs><EndToEndId>" + id + "</EndToEndId></Refs>"
	}
	if amount != "" {
		d += `<Amt Ccy="EUR">` + amount + "</Amt>"
	}
	d += "<RmtInf><Ustrd>" + b.String() + "</Ustrd></RmtInf>"
	if reason != "" {
		d += "<RtrInf><Rsn><Cd>" + reason + "</Cd></Rsn></RtrInf>"
	}
	return d + "</TxDtls>"
}

func pain002(message string, statuses ...string) string {
	return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>R-1</MsgId><CreDtTm>2027-01-04T18:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>` + message + `</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>` + statuses[0] + `</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>` + message + `</OrgnlPmtInfId>` + strings.Join(statuses[1:], "") + `</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`
}

func refusal(id string) string {
	return "<TxInfAndSts><OrgnlEndToEndId>" + id + "</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf></TxInfAndSts>"
}

// answered takes a file and tells what became of it.
func (w *world) answered(content string) string {
	w.T.Helper()
	r, err := w.s.ImportBank(w.T.Context(), "anna", strings.NewReader(content), store.ImportOptions{Name: "in/file.xml"})
	w.ok(err)
	return toldBank(&r)
}

func toldBank(r *store.BankResult) string {
	var list []string
	for _, c := range []struct {
		what  string
		count int
	}{{"known", r.Known}, {"pending", r.Pending}, {"elsewhere", r.Others}, {"executed", r.Executed}, {"returned", r.Returned}, {"rejected", r.Rejected},
		{"received", r.Received}, {"queued", r.Queued}, {"ignored", r.Ignored}} {
		if c.count > 0 {
			list = append(list, fmt.Sprintf("%d %s", c.count, c.what))
		}
	}
	if r.Repeated {
		list = append(list, "repeated")
	}
	return strings.Join(list, ", ")
}

// queue tells what waits, and why.
func (w *world) queue() string {
	w.T.Helper()
	list, _, _, err := w.s.BankEntries(w.T.Context(), payouts.EntryFilter{State: payouts.EntryQueued}, creditnotes.Page{})
	w.ok(err)
	slices.SortFunc(list, func(a, b payouts.BankEntry) int { return int(a.ID - b.ID) })
	var b strings.Builder
	for i := range list {
		fmt.Fprintf(&b, "%s %s %s:", list[i].Amount.Format(2), list[i].EndToEnd, list[i].Why)
		suggestions, err := w.s.SuggestForBankEntry(w.T.Context(), &list[i])
		w.ok(err)
		for _, s := range suggestions {
			fmt.Fprintf(&b, " %s%s%s by %s", s.Payout, s.Document, s.Entity, s.Because)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// exported has the two Sub-CPOs' payouts exported: PO-00000001 of 15.00 to a, and
// PO-00000002 of 7.50 to b. It returns the message id of the bank file.
func (w *world) exported() string {
	w.T.Helper()
	b := w.prepared()
	file, _, err := w.s.ExportPayouts(w.T.Context(), "otto", b)
	w.ok(err)
	w.Now = evening("2027-01-10")
	return payouts.MessageID(file.Name)
}

// prepared has the payouts of exported approved, and returns their batch.
func (w *world) prepared() int64 {
	w.T.Helper()
	w.s.ReadAnswers(2) // so that what belongs together is decided apart
	w.Ignored = ofReports
	w.withBanks()
	threeMonths(w)
	b, err := w.s.PreparePayouts(w.T.Context(), "anna", "2026-12-31")
	w.ok(err)
	w.ok(w.s.ApprovePayouts(w.T.Context(), "otto", b.ID))
	return b.ID
}

func (w *world) paid() string {
	w.T.Helper()
	b, err := w.s.PayoutBatch(w.T.Context(), 1)
	w.ok(err)
	var list []string
	for _, p := range b.Payouts {
		list = append(list, p.Entity+" "+string(p.State)+" "+string(p.ExecutedOn))
	}
	return strings.TrimSpace(strings.Join(list, ", "))
}
