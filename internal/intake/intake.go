// Package intake reads what comes in from outside: the network file (YAML),
// and charging sessions as CSV or as OCPI CDRs. It knows the formats and
// nothing else: it checks every record by itself and leaves whether records
// fit together, and where they are kept, to others.
//
// Whatever is wrong with a file comes back as faults with the key file_record
// and the arguments file, line, field, expected and got; faults of session
// files also carry the record as it was written.
package intake

import (
	"strings"
	"unicode/utf8"

	"creditrun/internal/fault"
)

// Keys of the faults of this package. Their words are in the locales.
const (
	// FaultRecord is one wrong field of one record: file, line, field,
	// expected, got and, for sessions, record.
	FaultRecord = "file_record"
	// FaultMore says how many faults were found beyond those reported: file,
	// count.
	FaultMore = "file_more"
	// FaultEmpty is a file without content: file.
	FaultEmpty = "file_empty"
	// FaultUnreadable is a file that stopped being readable: file, line. The
	// cause is wrapped.
	FaultUnreadable = "file_unreadable"
)

// maxFaults is how many faults of one file are reported one by one.
const maxFaults = 50

// nothing is what a fault says it got where a value is absent.
const nothing = "nothing"

// report collects the faults of one file or of one record.
type report struct {
	file   string
	record string // as written; empty in a network file
	faults fault.List
	more   int
}

// add notes that a field holds something else than expected, once.
func (r *report) add(line int, field, expected, got string) {
	for _, f := range r.faults {
		if f.Args["field"] == field && f.Args["line"] == line && f.Args["expected"] == expected {
			return
		}
	}
	if len(r.faults) >= maxFaults {
		r.more++
		return
	}
	if got == "" {
		got = nothing
	}
	args := fault.Args{"file": r.file, "line": line, "field": field, "expected": expected, "got": shorten(got)}
	if r.record != "" {
		args["record"] = r.record
	}
	r.faults = append(r.faults, fault.New(fault.Invalid, FaultRecord, args))
}

// err is what was collected, or nil.
func (r *report) err() error {
	if r.more > 0 {
		r.faults = append(r.faults, fault.New(fault.Invalid, FaultMore, fault.Args{"file": r.file, "count": r.more}))
		r.more = 0
	}
	return r.faults.Err()
}

// Rejected takes a record error of a session file apart: the line on which the
// record begins and the record as it was written, which is what goes into the
// file of rejected records. It is false for an error that ended the file.
func Rejected(err error) (line int, record string, ok bool) {
	for _, f := range fault.Of(err) {
		if record, ok = f.Args["record"].(string); ok {
			line, _ = f.Args["line"].(int)
			return line, record, true
		}
	}
	return 0, "", false
}

// unreadable is the fault of a file that cannot be read on.
func unreadable(file string, line int, err error) error {
	return fault.Wrap(fault.Invalid, FaultUnreadable, fault.Args{"file": file, "line": line}, err)
}

// empty is the fault of a file without content.
func empty(file string) error {
	return fault.New(fault.Invalid, FaultEmpty, fault.Args{"file": file})
}

// shorten keeps a quoted value printable in one line.
func shorten(s string) string {
	const most = 80
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.ToValidUTF8(strings.Map(printable, s), "\uFFFD")
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}

// clean reports whether text is UTF-8 without control characters but tabs and
// line breaks.
func clean(b []byte) bool {
	for _, c := range b {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return false
		}
	}
	return utf8.Valid(b)
}
