package creditnotes

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// ResendRequest asks for one more mailing of a note.
type ResendRequest struct {
	Number string
	// Addresses says where to.
	Addresses Addresses
	// To are the addresses that AddressesNamed means.
	To  []string
	Who string
}

// Addresses says to which addresses a note is mailed again.
type Addresses string

// The choices of addresses; any other word means the first.
const (
	AddressesPresent Addresses = "present" // that the recipient has now
	AddressesStored  Addresses = "stored"  // that it had when the note was issued
	AddressesNamed   Addresses = "named"   // those of the request
)

// Resend queues the identical documents once more (domain.md §9.9), or for the
// first time where automatic mail was off. They go to the addresses that the
// recipient has now, to those that were stored with the note, or to others. The
// mail is marked as a copy where a server has accepted an earlier one.
func (r *Runner) Resend(ctx context.Context, q ResendRequest) (*Delivery, error) {
	if err := r.mayResend(ctx); err != nil {
		return nil, err
	}
	return r.resend(ctx, q, nil)
}

func (r *Runner) mayResend(ctx context.Context) error {
	settings, err := r.Store.Settings(ctx)
	if err != nil {
		return err
	}
	if f := settings.licensed(); f != nil {
		return f
	}
	return nil
}

// resend queues a mailing to all addresses but those to be left out. The number
// may be the name of a settlement report.
func (r *Runner) resend(ctx context.Context, q ResendRequest, but []string) (*Delivery, error) {
	note, err := r.Store.NoteByNumber(ctx, q.Number)
	if fault.Is(err, fault.NotFound) {
		if f, none := r.Store.FrozenReport(ctx, q.Number, nil); none == nil {
			return r.resendReport(ctx, f, q, but)
		}
		if r.Remittances != nil {
			if f, none := r.Remittances.RemittanceOf(ctx, q.Number); none == nil {
				return r.resendRemittance(ctx, f, q, but)
			}
		}
		if r.Reminders != nil {
			if one, none := r.Reminders.Reminder(ctx, q.Number); none == nil {
				return r.resendReminder(ctx, one, q, but)
			}
		}
	}
	if err != nil {
		return nil, err
	}
	delivery := r.delivery(note, 1)
	if err := r.address(ctx, &delivery, note, q); err != nil {
		return nil, err
	}
	return r.queueAgain(ctx, &delivery, mailOf{note.Number, note.Recipient, note.Document.Issuer.Email}, q.Who, but)
}

// mailOf is what a mailing carries: a note, or a report by its name.
type mailOf struct{ number, recipient, operatorEmail string }

// queueAgain queues a mailing without the addresses to be left out.
func (r *Runner) queueAgain(ctx context.Context, delivery *Delivery, of mailOf, who string, but []string) (*Delivery, error) {
	delivery.To = slices.DeleteFunc(slices.Clone(delivery.To), func(to string) bool { return containsFold(but, to) })
	if len(delivery.To) == 0 {
		return nil, fault.New(fault.NotReady, "resend_reached_all", fault.Args{"number": of.number, "recipient": of.recipient})
	}
	err := r.Store.WriteIssue(ctx, func(w IssueWriter) error {
		if err := w.Resend(delivery, func(copy int) string { return r.MessageID(of.number, copy, of.operatorEmail) }); err != nil {
			return err
		}
		return w.Audit(who, ActionResent, of.number, "", resentText(delivery))
	})
	return delivery, err
}

// address fills in where a delivery goes.
func (r *Runner) address(ctx context.Context, d *Delivery, note *Note, q ResendRequest) error {
	switch q.Addresses {
	case AddressesStored:
		d.To, d.ReplyTo = note.Document.MailTo, note.Document.ReplyTo
	case AddressesNamed:
		var err error
		if d.To, err = namedAddresses(q.To); err != nil {
			return err
		}
	default:
		recipient, err := r.Store.Entity(ctx, note.Recipient)
		if err != nil {
			return err
		}
		d.To, d.ReplyTo = recipient.Emails, recipient.ReplyTo
	}
	if len(d.To) == 0 {
		return fault.New(fault.NotReady, "resend_without_recipient", fault.Args{"number": q.Number, "recipient": note.Recipient})
	}
	return nil
}

// namedAddresses checks addresses that a person typed: each is one, without a
// name.
func namedAddresses(list []string) (to []string, err error) {
	var faults fault.List
	for _, text := range list {
		text = strings.TrimSpace(text)
		switch {
		case text == "" || containsFold(to, text):
		case !entities.IsMailAddress(text):
			faults = append(faults, fault.New(fault.Invalid, "resend_address_invalid", fault.Args{"address": text}).At("to"))
		default:
			to = append(to, text)
		}
	}
	return to, faults.Err()
}

func containsFold(list []string, text string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, text) })
}

// ResentEvidence is what the audit log records of one more mailing.
type ResentEvidence struct {
	MessageID string   `json:"message_id"`
	To        []string `json:"to"`
}

func resentText(d *Delivery) string {
	text, _ := json.Marshal(ResentEvidence{d.MessageID, d.To}) // strings are always written
	return string(text)
}

// Resent says what became of sending the mails of a run again.
type Resent struct {
	Queued  []Delivery
	Numbers []string // of the notes of Queued, in the same order
	Skipped []Skipped
}

// Skipped is a note that was not mailed again, and why.
type Skipped struct {
	Number string
	Reason *fault.Fault
}

// ResendRun mails every note of a run again that did not reach all its
// recipients, to the addresses that they have now, or had then. Addresses that
// accepted an earlier mailing are left out. Of a parked mail no one knows
// whether it arrived, so a person decides about each of those.
func (r *Runner) ResendRun(ctx context.Context, run string, addresses Addresses, who string) (*Resent, error) {
	if err := r.mayResend(ctx); err != nil {
		return nil, err
	}
	found, err := r.Store.RunByName(ctx, run)
	if err != nil {
		return nil, err
	}
	list, err := r.Store.Undelivered(ctx, found.ID)
	if err != nil {
		return nil, err
	}
	out := &Resent{}
	for _, u := range list {
		if u.State == DeliveryParked {
			out.Skipped = append(out.Skipped, Skipped{u.Number, fault.New(fault.Conflict, "resend_parked", fault.Args{"number": u.Number})})
			continue
		}
		delivery, err := r.resend(ctx, ResendRequest{Number: u.Number, Addresses: addresses, Who: who}, u.Reached)
		if faults := fault.Of(err); len(faults) > 0 {
			out.Skipped = append(out.Skipped, Skipped{u.Number, faults[0]})
			continue
		}
		if err != nil {
			return out, err
		}
		out.Queued, out.Numbers = append(out.Queued, *delivery), append(out.Numbers, u.Number)
	}
	return out, nil
}

// Undelivered is a note whose latest mailing did not reach every recipient, or
// of which no one knows whether it did.
type Undelivered struct {
	Delivery
	Number    string
	Recipient string   // key
	Reached   []string // addresses that accepted this mailing or an earlier one
}
