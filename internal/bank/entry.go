package bank

import (
	"encoding/xml"
	"slices"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// State is how far an entry is.
type State string

// The states of entries. Only what is booked has moved money.
const (
	Booked      State = "BOOK"
	Pending     State = "PDNG"
	Information State = "INFO"
	Future      State = "FUTR"
)

// Entry is one booking on an account, which may stand for a batch.
type Entry struct {
	Statement *Statement
	// Key identifies the booking for ever: the same booking has it in a file that
	// comes again, and, where the bank gives bookings references, in the
	// notification and in the statement. See the README for what it is made of.
	Key string
	// Number counts the entries of the statement from 1.
	Number int
	// Line is where the entry begins in the file.
	Line int
	// Reference is the bank's number of the entry, often within the statement
	// only; BankReference is its reference of the booking.
	Reference, BankReference string
	// Amount has the sign of Direction, also in a reversal.
	Amount    Money
	Direction Direction
	// Reversal says that the entry takes back an earlier one.
	Reversal bool
	// State is empty where the bank states none; the entry counts as booked.
	State State
	// Booking is the day on which it was booked, Value the day from which it
	// counts for interest. Pending entries may lack the first.
	Booking, Value entities.Date
	Code           BankCode
	Batches        []Batch
	Charges        []Charge
	Exchanges      []Exchange
	// Text is what the bank adds. Of an entry with more transactions than are
	// kept at once it is set only after the last of them.
	Text string
	// Differs says that its transactions do not come to its amount. It is set before
	// the first of them is handed out, but for an entry with more transactions than
	// are kept at once: there only the finding behind the last of them says so.
	Differs bool

	details int
}

// IsBooked reports whether the entry has moved money.
func (e *Entry) IsBooked() bool { return e.State == Booked || e.State == "" }

// BankCode says what kind of transaction it is.
type BankCode struct {
	// Domain is a code of ISO 20022 with family and subfamily: PMNT/ICDT/ESCT.
	Domain string
	// Proprietary is the bank's own, in the list of Issuer.
	Proprietary, Issuer string
}

// Batch names a file of transfers, or another collection, that is booked in one
// sum. Count and the total are empty where the bank does not state them.
type Batch struct {
	MessageID, PaymentInformationID, Count string
	Total                                  Money

	line int
}

// Charge is a fee. Its amount is negative when it is charged, as nearly always.
type Charge struct {
	Money
	Direction Direction
}

// Exchange is a rate between two currencies, as the bank states it.
type Exchange struct{ Source, Target, Unit, Rate string }

const (
	// maxWaiting is how many transactions of an entry are kept, so that all of
	// the entry is known before the first of them is handed out.
	maxWaiting = 200
	// maxBatches is how many batches an entry names at most.
	maxBatches = 1000
)

// entryReader reads one entry.
type entryReader struct {
	file    *File
	entry   *Entry
	head    *node // all but the details
	waiting []*node
	from    int64 // where the entry begins
	held    int64 // how many bytes its head takes
	begun   bool  // the entry is complete, and its transactions are handed out
	whole   bool  // it was read to its end
	sole    bool  // it has one transaction
	sums    detailSums
}

// entry reads the entry that was just begun and hands out its transactions.
func (f *File) entry(s *Statement) error {
	s.Entries++
	r := &entryReader{file: f, from: f.scan.decoder.InputOffset()}
	r.entry = &Entry{Statement: s, Number: s.Entries, Line: f.scan.guard.line}
	r.head = &node{name: "Ntry", line: r.entry.Line}
	if err := f.scan.children(r.child); err != nil {
		return err
	}
	r.whole, r.sole = true, !r.begun && len(r.waiting) == 1
	if err := r.flush(); err != nil {
		return err
	}
	if r.entry.details == 0 {
		if err := r.alone(); err != nil {
			return err
		}
	}
	r.entry.Text = r.head.words("AddtlNtryInf")
	return f.checkEntry(r.entry, &r.sums)
}

func (r *entryReader) child(start xml.StartElement) error {
	if start.Name.Local == "NtryDtls" {
		return r.file.scan.children(r.detail)
	}
	before := r.file.scan.decoder.InputOffset()
	n, err := r.file.scan.tree(start)
	if err != nil {
		return err
	}
	if r.held += r.file.scan.decoder.InputOffset() - before; r.held > maxPart {
		return r.file.scan.tooMuch(maxPart)
	}
	r.head.children = append(r.head.children, n)
	return nil
}

// detail reads a batch or a transaction of the entry.
func (r *entryReader) detail(start xml.StartElement) error {
	n, err := r.file.scan.tree(start)
	if err != nil {
		return err
	}
	switch n.name {
	case "Btch":
		return r.batch(n)
	case "TxDtls":
		r.waiting = append(r.waiting, n)
		if r.begun || len(r.waiting) == maxWaiting || r.file.scan.decoder.InputOffset()-r.from > maxPart {
			return r.flush()
		}
	}
	return nil
}

func (r *entryReader) batch(n *node) error {
	if len(r.entry.Batches) == maxBatches {
		return r.file.scan.tooMuch(maxBatches)
	}
	total, err := r.file.amount(n.first("TtlAmt"))
	r.entry.Batches = append(r.entry.Batches, Batch{
		MessageID: n.words("MsgId"), PaymentInformationID: n.words("PmtInfId"), Count: n.words("NbOfTxs"), Total: total, line: n.line,
	})
	return err
}

// flush completes the entry, if it is not yet, and hands out the transactions
// that wait.
func (r *entryReader) flush() error {
	if !r.begun {
		if err := r.begin(); err != nil {
			return err
		}
	}
	list := make([]*Transaction, len(r.waiting))
	for i, n := range r.waiting {
		r.entry.details++
		t, err := r.file.transaction(r.entry, n)
		if err != nil {
			return err
		}
		if r.sole && !t.Amount.Known() {
			t.Amount, t.AmountFrom = r.entry.Amount, FromEntry
		}
		r.sums.add(t)
		list[i] = t
	}
	if r.whole {
		meets, known := r.sums.meets(r.entry.Amount)
		r.entry.Differs = known && !meets
	}
	for i, t := range list {
		if err := r.take(t, r.waiting[i]); err != nil {
			return err
		}
	}
	r.waiting = r.waiting[:0]
	return nil
}

// take hands a transaction out.
func (r *entryReader) take(t *Transaction, n *node) error {
	if t.Own != "" && t.Own != r.entry.Direction {
		if err := r.file.find("bank_direction_differs", fault.Args{"line": n.line, "stated": string(t.Own), "entry": string(r.entry.Direction)}); err != nil {
			return err
		}
	}
	return r.file.emit(Item{Transaction: t})
}

// alone hands out an entry without details.
func (r *entryReader) alone() error {
	t := &Transaction{Entry: r.entry, Key: r.entry.Key, Amount: r.entry.Amount, AmountFrom: FromEntry, Code: r.entry.Code}
	return r.file.emit(Item{Transaction: t})
}

// begin reads what the entry says besides its details.
func (r *entryReader) begin() error {
	r.begun = true
	e, f := r.entry, r.file
	if err := r.amounts(); err != nil {
		return err
	}
	e.Reference, e.BankReference, e.Text = r.head.words("NtryRef"), r.head.words("AcctSvcrRef"), r.head.words("AddtlNtryInf")
	e.Reversal = isTrue(r.head.words("RvslInd"))
	e.State = State(r.head.words("Sts/Cd", "Sts"))
	e.Code = bankCode(r.head)
	var errs [4]error
	e.Booking, errs[0] = f.date(r.head.first("BookgDt"))
	e.Value, errs[1] = f.date(r.head.first("ValDt"))
	e.Charges, errs[2] = f.charges(r.head)
	if e.Exchanges = exchanges(r.head); e.Statement.Account.ID == "" {
		errs[3] = f.value(&node{name: "Acct/Id", line: e.Statement.line})
	}
	if at := slices.IndexFunc(errs[:], func(err error) bool { return err != nil }); at >= 0 {
		return errs[at]
	}
	e.Key = e.Statement.tally.key(e, r.waiting)
	e.Statement.tally.add(e)
	return nil
}

func (r *entryReader) amounts() error {
	amount, err := r.file.required(r.head, "Amt")
	if err != nil {
		return err
	}
	stated := r.head.first("CdtDbtInd")
	if stated == nil {
		return r.file.value(&node{name: "Ntry/CdtDbtInd", line: r.head.line})
	}
	if r.entry.Direction, err = r.file.direction(stated); err != nil {
		return err
	}
	r.entry.Amount = amount.signed(r.entry.Direction)
	return nil
}

func isTrue(text string) bool { return text == "true" || text == "1" }

func bankCode(n *node) BankCode {
	c := BankCode{Proprietary: n.words("BkTxCd/Prtry/Cd"), Issuer: n.words("BkTxCd/Prtry/Issr")}
	if domain := n.words("BkTxCd/Domn/Cd"); domain != "" {
		c.Domain = domain + "/" + n.words("BkTxCd/Domn/Fmly/Cd") + "/" + n.words("BkTxCd/Domn/Fmly/SubFmlyCd")
	}
	return c
}

// charges reads the single charges, or else their total.
func (f *File) charges(n *node) ([]Charge, error) {
	var list []Charge
	for _, c := range n.all("Chrgs") {
		records := c.all("Rcrd")
		if len(records) == 0 {
			records = []*node{c}
		}
		for _, record := range records {
			charge, err := f.charge(record)
			if err != nil {
				return nil, err
			}
			if charge.Known() {
				list = append(list, charge)
			}
		}
	}
	return list, nil
}

// charge reads one charge; without an indicator it is charged.
func (f *File) charge(n *node) (Charge, error) {
	amount, err := f.amount(n.first("Amt", "TtlChrgsAndTaxAmt"))
	if err != nil {
		return Charge{}, err
	}
	direction, err := f.direction(n.first("CdtDbtInd"))
	if direction == "" {
		direction = Debit
	}
	return Charge{Money: amount.signed(direction), Direction: direction}, err
}

// exchanges reads the rates of all amounts of an entry or transaction.
func exchanges(n *node) []Exchange {
	var list []Exchange
	for _, amounts := range n.all("AmtDtls") {
		for _, kind := range amounts.children {
			for _, x := range kind.all("CcyXchg") {
				list = append(list, Exchange{Source: x.words("SrcCcy"), Target: x.words("TrgtCcy"), Unit: x.words("UnitCcy"), Rate: x.words("XchgRate")})
			}
		}
	}
	return list
}
