package demo

import (
	"bytes"
	"encoding/xml"
	"fmt"

	"creditrun/entities"
)

// Paid is a payment of a file of transfers that the bank of the demo executed.
type Paid struct {
	ID     string // end-to-end id
	Amount string // with a decimal point, in EUR
	Name   string // of the recipient
	Reason string // why it came back; empty: it did not
}

// The elements of a notification that the demo writes.
type (
	notification struct {
		XMLName xml.Name `xml:"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08 Document"`
		ID      string   `xml:"BkToCstmrDbtCdtNtfctn>GrpHdr>MsgId"`
		Created string   `xml:"BkToCstmrDbtCdtNtfctn>GrpHdr>CreDtTm"`
		Number  string   `xml:"BkToCstmrDbtCdtNtfctn>Ntfctn>Id"`
		Account string   `xml:"BkToCstmrDbtCdtNtfctn>Ntfctn>Acct>Id>IBAN"`
		Entries []entry  `xml:"BkToCstmrDbtCdtNtfctn>Ntfctn>Ntry"`
	}
	entry struct {
		Amount    amount `xml:"Amt"`
		Direction string `xml:"CdtDbtInd"`
		State     string `xml:"Sts>Cd"`
		Booked    string `xml:"BookgDt>Dt"`
		Value     string `xml:"ValDt>Dt"`
		Reference string `xml:"AcctSvcrRef"`
		Details   detail `xml:"NtryDtls>TxDtls"`
	}
	amount struct {
		Currency string `xml:"Ccy,attr"`
		Value    string `xml:",chardata"`
	}
	detail struct {
		ID     string  `xml:"Refs>EndToEndId"`
		Amount amount  `xml:"Amt"`
		Name   string  `xml:"RltdPties>Cdtr>Pty>Nm"`
		Return *reason `xml:"RtrInf"`
	}
	reason struct {
		Code string `xml:"Rsn>Cd"`
	}
)

// Answer writes the notification (camt.054) in which the bank of the demo says that
// payments left an account on a day, and that some came back on another.
func Answer(account string, on, back entities.Date, payments []Paid) ([]byte, error) {
	n := notification{ID: "DEMO-" + string(on), Created: string(back) + "T18:00:00", Number: "1", Account: account}
	for i, p := range payments {
		n.Entries = append(n.Entries, entryOf(p, on, "DBIT", fmt.Sprintf("D%05d", i+1)))
	}
	for i, p := range payments {
		if p.Reason != "" {
			e := entryOf(p, back, "CRDT", fmt.Sprintf("R%05d", i+1))
			e.Details.Return = &reason{p.Reason}
			n.Entries = append(n.Entries, e)
		}
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	encoder := xml.NewEncoder(&out)
	encoder.Indent("", "  ")
	if err := encoder.Encode(n); err != nil {
		return nil, fmt.Errorf("notification of the demo: %w", err)
	}
	out.WriteString("\n")
	return out.Bytes(), nil
}

func entryOf(p Paid, day entities.Date, direction, reference string) entry {
	a := amount{"EUR", p.Amount}
	return entry{Amount: a, Direction: direction, State: "BOOK", Booked: string(day), Value: string(day), Reference: reference,
		Details: detail{ID: p.ID, Amount: a, Name: p.Name}}
}
