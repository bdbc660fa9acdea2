package bank

import (
	"cmp"
	"encoding/xml"
	"errors"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"

	"creditrun/internal/fault"
)

// Kind is what a file of a bank is about.
type Kind string

// The kinds of files.
const (
	AccountStatement Kind = "camt.053" // what was booked on an account, with balances
	Notification     Kind = "camt.054" // single bookings, or the transactions of a batch
	StatusReport     Kind = "pain.002" // what becomes of a file of transfers
)

// containers are the elements that hold each kind.
var containers = map[string]Kind{
	"BkToCstmrStmt": AccountStatement, "BkToCstmrDbtCdtNtfctn": Notification, "CstmrPmtStsRpt": StatusReport,
}

// versions are those whose files the reader is tested with. Later ones are read
// alike, with a finding.
var versions = []string{
	"camt.053.001.02", "camt.053.001.04", "camt.053.001.08", "camt.054.001.02", "camt.054.001.04", "camt.054.001.08",
	"pain.002.001.03", "pain.002.001.10",
}

// Message is the head of a file.
type Message struct {
	Kind Kind
	// Name is the message with its version as the namespace has it, such as
	// camt.053.001.08; empty for a file without a namespace.
	Name string
	// ID and Created are as the bank wrote them. Created may lack its offset.
	ID, Created string
	// Original is the file of transfers that a status report is about.
	Original Original
}

// Original is the file of transfers, or one payment information of it, that a
// status is about, as the bank repeats it: its ids, how many payments it had,
// and their total. Count and Sum are empty when the bank does not state them.
type Original struct{ ID, Name, Count, Sum string }

// Item is one thing that a file says. Exactly one of its fields is set.
type Item struct {
	// Transaction is a booking, or one transaction of it.
	Transaction *Transaction
	// Statement is a statement or notification that was read to its end, with
	// its sums. Its transactions come before it.
	Statement *Statement
	// Status is what becomes of transfers.
	Status *Status
	// Finding is a contradiction in the file, which is read on all the same:
	// bank_balance_differs, bank_sum_differs, bank_direction_differs,
	// bank_version_unlisted. Its line is that of the file.
	Finding *fault.Fault
}

// File is a bank's answer that is being read. It is read once, from front to
// back, in memory that does not grow with the file.
type File struct {
	scan    *scanner
	message Message
	yield   func(Item, error) bool
}

var errStop = errors.New("the reader of the items has stopped")

// Open reads the head of a bank's answer: camt.053.001.02, .04 and .08,
// camt.054.001.02, .04 and .08, pain.002.001.03 and .10, in UTF-8, ISO-8859-1,
// ISO-8859-15 or Windows-1252, with or without a namespace. Later versions are
// read, too, with a finding.
//
// A file that cannot be read gives a fault of the kind Invalid with the line and
// the offset: bank_file_unknown, bank_file_second (two in one), bank_file_encoding, bank_file_truncated,
// bank_file_broken, bank_file_forbidden (document types and entities),
// bank_file_too_much (nesting and lengths that no bank sends), bank_file_value.
// Other errors are those of r.
func Open(r io.Reader) (*File, error) {
	scan, err := newScanner(r)
	if err != nil {
		return nil, err
	}
	f := &File{scan: scan}
	if err := f.recognize(); err != nil {
		return nil, err
	}
	return f, f.head()
}

// Message returns the head of the file. What a status report is about is known
// once its first item was read.
func (f *File) Message() Message { return f.message }

// Items reads the rest of the file. An error is the last thing it yields, of the
// kinds that Open returns; what came before it is then part of a broken file and
// must not be kept.
func (f *File) Items() iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		f.yield = yield
		if err := f.body(); err != nil && !errors.Is(err, errStop) {
			yield(Item{}, err)
		}
	}
}

// emit hands out an item, and reports whether there is to be another.
func (f *File) emit(item Item) error {
	if !f.yield(item, nil) {
		return errStop
	}
	return nil
}

func (f *File) find(key string, args fault.Args) error {
	return f.emit(Item{Finding: fault.New(fault.Invalid, key, args)})
}

// differs reports a sum or count of the file that is not what it counts.
func (f *File) differs(element string, line int, stated, found string) error {
	return f.find("bank_sum_differs", fault.Args{"element": element, "line": line, "stated": stated, "found": found})
}

var messageName = regexp.MustCompile(`(camt\.\d{3}|pain\.\d{3})\.\d{3}\.\d{2}`)

// recognize reads the first two elements: Document, and what it holds.
func (f *File) recognize() error {
	root, err := f.begin()
	if err != nil {
		return err
	}
	if root.Name.Local != "Document" {
		return f.unknown(root)
	}
	inside, err := f.begin()
	if err != nil {
		return err
	}
	kind, ok := containers[inside.Name.Local]
	f.message = Message{Kind: kind, Name: messageName.FindString(inside.Name.Space)}
	if !ok || inside.Name.Space != "" && !strings.HasPrefix(f.message.Name, string(kind)) {
		return f.unknown(inside)
	}
	return nil
}

func (f *File) unknown(start xml.StartElement) error {
	found := cmp.Or(messageName.FindString(start.Name.Space), start.Name.Local)
	return fault.New(fault.Invalid, "bank_file_unknown", fault.Args{"line": f.scan.guard.line, "found": found})
}

// begin reads up to the beginning of the next element.
func (f *File) begin() (xml.StartElement, error) {
	for {
		token, err := f.scan.next()
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			return t, nil
		case xml.EndElement:
			return xml.StartElement{}, f.value(&node{name: "GrpHdr", line: f.scan.guard.line})
		}
	}
}

// head reads the group header.
func (f *File) head() error {
	start, err := f.begin()
	if err != nil {
		return err
	}
	header, err := f.scan.tree(start)
	if err != nil {
		return err
	}
	f.message.ID, f.message.Created = header.words("MsgId"), header.words("CreDtTm")
	if header.name != "GrpHdr" || f.message.ID == "" {
		return f.value(&node{name: "GrpHdr/MsgId", line: header.line})
	}
	return nil
}

// body reads what follows the group header, to the end of the file.
func (f *File) body() error {
	if name := f.message.Name; name != "" && !slices.Contains(versions, name) {
		if err := f.find("bank_version_unlisted", fault.Args{"version": name}); err != nil {
			return err
		}
	}
	read := f.statements
	if f.message.Kind == StatusReport {
		read = f.report
	}
	if err := read(); err != nil {
		return err
	}
	return f.end()
}

// end reads the end of Document, after which there is nothing.
func (f *File) end() error {
	for {
		f.scan.guard.budget = maxToken
		token, err := f.scan.decoder.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return f.scan.broken(err)
		}
		if start, more := token.(xml.StartElement); more {
			if start.Name.Local == "Document" {
				return fault.New(fault.Invalid, "bank_file_second", fault.Args{"line": f.scan.guard.line})
			}
			return f.unknown(start)
		}
	}
}

// value is the fault of an element whose text is missing or cannot be.
func (f *File) value(n *node) error {
	return fault.New(fault.Invalid, "bank_file_value", fault.Args{"element": n.name, "line": n.line, "value": n.text})
}
