package bank

import (
	"cmp"
	"encoding/xml"
	"strconv"

	"creditrun/internal/money"
)

// Level is what a status is about.
type Level string

// The levels of statuses. A status counts for all below it that have none of
// their own: banks list only what differs.
const (
	OfFile        Level = "file"        // all transfers of a file
	OfInformation Level = "information" // one payment information of it
	OfTransaction Level = "transaction" // one payment
)

// Status is what becomes of a file of transfers, of one payment information of
// it, or of one payment. Those of the payments follow that of their payment
// information, and these that of the file.
type Status struct {
	Level Level
	// Key identifies the status for ever: the message of the bank, and what it is
	// about.
	Key  string
	Line int
	// Stated is the code that the bank states at this level, such as ACSC, PDNG
	// or RJCT; Code is it, or else that of the level above. Verification of payee
	// has codes of its own, such as RCVC.
	Stated, Code string
	Reasons      []Reason
	// File and Information are what it is about.
	File, Information Original
	// Counts are how many payments have which status, as far as the bank states
	// it; for transactions there are none.
	Counts []StatusCount
	// EndToEndID and what follows are those of a payment, empty where the bank
	// leaves them out.
	EndToEndID, InstructionID, BankReference string
	// Amount is what was ordered, without a sign.
	Amount           Money
	Debtor, Creditor Counterparty
}

// StatusCount is how many payments have a status. Sum is empty where the bank
// does not state it.
type StatusCount struct{ Code, Count, Sum string }

// maxCounts is how many counts by status are kept; there are about 20 codes.
const maxCounts = 100

// reportReader reads a status report.
type reportReader struct {
	file      *File
	group     Status // of the file
	info      Status // of the payment information being read
	head      *node  // what the payment information says so far
	held      int64  // how many bytes that takes
	begun     bool   // the status of the payment information was handed out
	listed    int    // payments listed in the payment information
	number    int    // statuses handed out
	payments  int    // payments of all payment informations, as stated
	groupLine int
}

// report reads what follows the group header of a status report.
func (f *File) report() error {
	r := &reportReader{file: f}
	if err := f.scan.children(r.part); err != nil {
		return err
	}
	if stated, err := strconv.Atoi(r.group.File.Count); err == nil && r.payments > stated {
		return f.differs("OrgnlGrpInfAndSts/OrgnlNbOfTxs", r.groupLine, r.group.File.Count, strconv.Itoa(r.payments))
	}
	return nil
}

func (r *reportReader) part(start xml.StartElement) error {
	switch start.Name.Local {
	case "OrgnlGrpInfAndSts":
		n, err := r.file.scan.tree(start)
		if err != nil {
			return err
		}
		return r.ofFile(n)
	case "OrgnlPmtInfAndSts":
		return r.ofInformation()
	}
	return r.file.scan.skip()
}

// ofFile reads the status of the file.
func (r *reportReader) ofFile(n *node) error {
	original := Original{ID: n.words("OrgnlMsgId"), Name: n.words("OrgnlMsgNmId"), Count: n.words("OrgnlNbOfTxs"), Sum: n.words("OrgnlCtrlSum")}
	if original.ID == "" {
		return r.file.value(&node{name: "OrgnlGrpInfAndSts/OrgnlMsgId", line: n.line})
	}
	stated := n.words("GrpSts")
	r.file.message.Original, r.groupLine = original, n.line
	r.group = Status{Level: OfFile, Line: n.line, Stated: stated, Code: stated, Reasons: reasons(n), File: original, Counts: counts(n)}
	if err := r.checkCounts(r.group, original); err != nil {
		return err
	}
	return r.hand(r.group)
}

// ofInformation reads a payment information with its payments.
func (r *reportReader) ofInformation() error {
	r.head = &node{name: "OrgnlPmtInfAndSts", line: r.file.scan.guard.line}
	r.held, r.begun, r.listed = 0, false, 0
	if r.group.Level == "" {
		return r.file.value(&node{name: "OrgnlGrpInfAndSts", line: r.head.line})
	}
	if err := r.file.scan.children(r.within); err != nil {
		return err
	}
	if err := r.begin(); err != nil {
		return err
	}
	if stated, err := strconv.Atoi(r.info.Information.Count); err == nil && r.listed > stated {
		return r.file.differs("OrgnlPmtInfAndSts/OrgnlNbOfTxs", r.head.line, r.info.Information.Count, strconv.Itoa(r.listed))
	}
	return nil
}

func (r *reportReader) within(start xml.StartElement) error {
	before := r.file.scan.decoder.InputOffset()
	n, err := r.file.scan.tree(start)
	if err != nil {
		return err
	}
	if n.name == "TxInfAndSts" {
		return r.ofTransaction(n)
	}
	if r.held += r.file.scan.decoder.InputOffset() - before; r.held > maxPart {
		return r.file.scan.tooMuch(maxPart)
	}
	r.head.children = append(r.head.children, n)
	return nil
}

// begin hands out the status of the payment information, once.
func (r *reportReader) begin() error {
	if r.begun {
		return nil
	}
	r.begun = true
	n := r.head
	original := Original{ID: n.words("OrgnlPmtInfId"), Count: n.words("OrgnlNbOfTxs"), Sum: n.words("OrgnlCtrlSum")}
	stated := n.words("PmtInfSts")
	r.info = Status{
		Level: OfInformation, Line: n.line, Stated: stated, Code: cmp.Or(stated, r.group.Code), Reasons: reasons(n),
		File: r.group.File, Information: original, Counts: counts(n),
	}
	if count, err := strconv.Atoi(original.Count); err == nil {
		r.payments += count
	}
	if err := r.checkCounts(r.info, original); err != nil {
		return err
	}
	return r.hand(r.info)
}

// ofTransaction reads the status of one payment.
func (r *reportReader) ofTransaction(n *node) error {
	if err := r.begin(); err != nil {
		return err
	}
	r.listed++
	amount, err := r.file.amount(n.first("OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/Amt/EqvtAmt/Amt"))
	if err != nil {
		return err
	}
	stated := n.words("TxSts")
	return r.hand(Status{
		Level: OfTransaction, Line: n.line, Stated: stated, Code: cmp.Or(stated, r.info.Code), Reasons: reasons(n),
		File: r.group.File, Information: r.info.Information, Amount: amount,
		EndToEndID: n.words("OrgnlEndToEndId"), InstructionID: n.words("OrgnlInstrId"), BankReference: n.words("AcctSvcrRef"),
		Debtor: original(n, "Dbtr"), Creditor: original(n, "Cdtr"),
	})
}

func (r *reportReader) hand(s Status) error {
	r.number++
	s.Key = digest([]string{r.file.message.ID, r.group.File.ID, strconv.Itoa(r.number), s.Information.ID, s.EndToEndID, s.Stated})
	return r.file.emit(Item{Status: &s})
}

// original reads one party of the original payment.
func original(n *node, role string) Counterparty {
	at := "OrgnlTxRef/" + role
	c := Counterparty{Name: n.words(at+"/Nm", at+"/Pty/Nm")}
	if a := n.first(at + "Acct"); a != nil {
		c.Account = account(a)
	}
	return c
}

// reasons are those of one level.
func reasons(n *node) []Reason {
	var list []Reason
	for _, info := range n.all("StsRsnInf") {
		list = append(list, *reason(info))
	}
	return list
}

func counts(n *node) []StatusCount {
	var list []StatusCount
	for _, c := range n.all("NbOfTxsPerSts") {
		if len(list) < maxCounts {
			list = append(list, StatusCount{Code: c.words("DtldSts"), Count: c.words("DtldNbOfTxs"), Sum: c.words("DtldCtrlSum")})
		}
	}
	return list
}

// checkCounts compares the counts and sums by status with those of the original,
// where the bank states both.
func (r *reportReader) checkCounts(s Status, o Original) error {
	if len(s.Counts) == 0 {
		return nil
	}
	count, sum, whole := 0, money.Micros(0), true
	for _, c := range s.Counts {
		n, err := strconv.Atoi(c.Count)
		part, errSum := number(c.Sum)
		if count += n; err != nil {
			return r.file.value(&node{name: "DtldNbOfTxs", line: s.Line, text: c.Count})
		}
		sum, whole = sum+part, whole && errSum == nil
	}
	if stated, err := strconv.Atoi(o.Count); err == nil && stated != count {
		return r.file.differs("NbOfTxsPerSts/DtldNbOfTxs", s.Line, o.Count, strconv.Itoa(count))
	}
	if stated, err := number(o.Sum); err == nil && whole && stated != sum {
		return r.file.differs("NbOfTxsPerSts/DtldCtrlSum", s.Line, decimal(stated), decimal(sum))
	}
	return nil
}
