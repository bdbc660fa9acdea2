package creditnotes

import (
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// BounceKind is what the report of a mail system says.
type BounceKind string

// The kinds of reports that are kept.
const (
	BounceFailed    BounceKind = "failed"    // at least one recipient will not get the mail
	BounceDelayed   BounceKind = "delayed"   // the mail system keeps trying
	BounceDelivered BounceKind = "delivered" // nothing failed
	BounceComplaint BounceKind = "complaint" // a recipient reported the mail as abuse
)

// Bounce is a report of a mail system about one mail, as it was read.
type Bounce struct {
	Hash string // SHA-256 of the message, hexadecimal
	Kind BounceKind
	// IDs are the Message-IDs, without angle brackets, that may be the one of
	// the mail; one that is of no mailing counts for nothing.
	IDs        []string
	Recipients []BounceRecipient
	Mentioned  []string // to whom the mail went according to the copy in the report
	Reporter   string   // who sent the report, by its own account
	Mailbox    string   // where it was read, without a password
	Who        string   // for the audit log
}

// BounceRecipient is what a report says of one address.
type BounceRecipient struct {
	Address  string     // the final one, after aliases and forwards
	Original string     // to which the mail was sent; empty where the report does not say
	Kind     BounceKind // of this recipient
	Reason   string     // in the words of the mail system
}

// BounceResult is what became of a report.
type BounceResult struct {
	// Number is that of the note whose mail the report is about; empty: it is
	// about no mail of ours, and nothing was changed.
	Number string
	Known  bool // it was recorded before, and nothing was changed now
	// Early says that the mail is just being handed over: the report is to be
	// recorded later.
	Early      bool
	Bounced    []string // recipients that are bounced now
	Delayed    []string // recipients whose mail is delayed
	Marked     []string // addresses that are marked now and were not before
	Unassigned []string // addresses that the mail was not sent to, of failures and complaints
}

// MarkKind says why an address gets no more mails.
type MarkKind string

// Why addresses are marked.
const (
	MarkBounced    MarkKind = "bounced"    // a mail to it came back
	MarkComplained MarkKind = "complained" // who reads it reported a mail as abuse
)

// MarkedAddress is an address that gets no more mails until a person lifts the
// mark, or the address is replaced at the entity.
type MarkedAddress struct {
	Address  string // as AddressKey writes it
	Kind     MarkKind
	Reason   string
	Number   string // of the note whose mail it was
	MarkedAt time.Time
	MarkedBy string
	Reporter string // who sent the report, by its own account
}

// AddressKey writes an e-mail address so that two that mean the same mailbox are
// equal: in lower case, the domain in punycode. Mail systems may tell the case
// before the @ apart, but none gives them to two people.
func AddressKey(address string) string {
	address = strings.ToLower(strings.TrimSpace(address))
	if plain, ok := entities.ASCIIDomain(address); ok {
		return strings.ToLower(plain)
	}
	return address
}

// Matching returns which of the addresses that a mail was sent to a report is
// about; empty: none of them. It is the original one, or the final one where no
// original is named. A report about an address that the mail was forwarded to
// is about the only recipient, if the copy of the mail names that one.
func (r BounceRecipient) Matching(sentTo, mentioned []string) string {
	for _, candidate := range []string{r.Original, decodedXtext(r.Original), r.Address} {
		for _, to := range sentTo {
			if candidate != "" && AddressKey(to) == AddressKey(candidate) {
				return to
			}
		}
	}
	if len(sentTo) != 1 {
		return ""
	}
	for _, m := range mentioned {
		if AddressKey(m) == AddressKey(sentTo[0]) {
			return sentTo[0]
		}
	}
	return ""
}

// decodedXtext undoes xtext (RFC 3461 §4), which some mail systems leave in
// original addresses.
func decodedXtext(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '+' && i+2 < len(text) && isHex(text[i+1]) && isHex(text[i+2]) {
			b.WriteByte(hexValue(text[i+1])<<4 | hexValue(text[i+2]))
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

// isHex reports whether a character is a digit of xtext, which has upper case.
func isHex(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'F' }

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'A' + 10
}

// MarkedFaults says of an entity which of its addresses get no more mails, in
// their order.
func MarkedFaults(e entities.Entity, marked []MarkedAddress, zone *time.Location) (list []*fault.Fault) {
	for _, address := range e.Emails {
		for _, m := range marked {
			if AddressKey(address) != m.Address {
				continue
			}
			key := "address_bounced"
			if m.Kind == MarkComplained {
				key = "address_complained"
			}
			list = append(list, fault.New(fault.NotReady, key, fault.Args{
				"entity": e.Key, "address": address, "number": m.Number, "reason": m.Reason, "since": string(entities.DateOf(m.MarkedAt, zone)),
			}))
		}
	}
	return list
}

// marked warns of addresses that get no more mails.
func (o *Readiness) marked(list []entities.Entity, marked []MarkedAddress, zone *time.Location) {
	if len(marked) == 0 {
		return
	}
	for _, e := range list {
		for _, f := range MarkedFaults(e, marked, zone) {
			o.add(Warns, f)
		}
	}
}
