// Package fault holds errors that are meant for people: what is wrong, of
// which kind, and with which particulars. The words are in the locales; the
// kind decides the exit status and the HTTP status. Every other error is for
// the log.
package fault

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kind sorts faults by what the caller can do about them.
type Kind string

// The kinds of fault.
const (
	// Invalid is input that breaks a rule: correct it and try again.
	Invalid Kind = "invalid"
	// NotFound names something that is not there.
	NotFound Kind = "not_found"
	// Conflict is a request that conflicts with what is already there.
	Conflict Kind = "conflict"
	// NotReady is a request whose preconditions a person must first set.
	NotReady Kind = "not_ready"
	// Unconfirmed is a request with consequences that a person must first
	// confirm: confirm it and try again.
	Unconfirmed Kind = "unconfirmed"
	// Forbidden is a request this user may not make.
	Forbidden Kind = "forbidden"
	// Usage is a command or form that was filled in wrongly.
	Usage Kind = "usage"
	// Unavailable is a thing outside (mail server, disk) that did not answer.
	Unavailable Kind = "unavailable"
)

// Args are the particulars a message mentions, by name.
type Args map[string]any

// Fault is one error for a person. Key names its message in the locales.
// Field is what of the record or form it is about, as the network file names
// it ("vat_id", "bank.iban", "purchase[2]"), or as the form does for what is in
// no file; empty: the whole. A form shows the message there. It is neither part
// of the message nor of what the API answers.
type Fault struct {
	Kind  Kind
	Key   string
	Args  Args
	Field string `json:"-"`
	Err   error
}

// New makes a fault without a cause.
func New(kind Kind, key string, args Args) *Fault {
	return &Fault{Kind: kind, Key: key, Args: args}
}

// Wrap makes a fault out of a cause.
func Wrap(kind Kind, key string, args Args, err error) *Fault {
	return &Fault{Kind: kind, Key: key, Args: args, Err: err}
}

// At sets the field that a fault is about and returns the fault, which was just
// made and is not shared yet.
func (f *Fault) At(field string) *Fault {
	f.Field = field
	return f
}

// Error tells kind, key and arguments for the log; people get the message of
// the locales instead.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Key)
	for _, k := range slices.Sorted(maps.Keys(f.Args)) {
		fmt.Fprintf(&b, " %s=%v", k, f.Args[k])
	}
	if f.Err != nil {
		fmt.Fprintf(&b, ": %v", f.Err)
	}
	return b.String()
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.Err }

// List is several faults found in one go: a validation reports all of them.
type List []*Fault

// Error joins the faults line by line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.As access to each fault.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, f := range l {
		errs[i] = f
	}
	return errs
}

// Err returns the list as an error, or nil when it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Of returns the faults in an error, however it was wrapped or joined: one,
// several, or none. A fault that caused another fault is left out, since the
// outer one says what it means to the reader.
func Of(err error) []*Fault {
	switch e := err.(type) {
	case nil:
		return nil
	case *Fault:
		return []*Fault{e}
	case interface{ Unwrap() []error }:
		var all []*Fault
		for _, one := range e.Unwrap() {
			all = append(all, Of(one)...)
		}
		return all
	case interface{ Unwrap() error }:
		return Of(e.Unwrap())
	}
	return nil
}

// Is reports whether the error is a fault of the given kind. The first one of
// several decides, as it does for the exit status.
func Is(err error, kind Kind) bool {
	faults := Of(err)
	return len(faults) > 0 && faults[0].Kind == kind
}

// HTTPStatus is the kind as a status of HTTP.
func (k Kind) HTTPStatus() int {
	switch k {
	case Usage:
		return 400
	case Forbidden:
		return 403
	case NotFound:
		return 404
	case Conflict, NotReady, Unconfirmed:
		return 409
	case Unavailable:
		return 503
	}
	return 422
}
