package mailer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// envelope is an address as the server is told it; as it is where it is none.
func envelope(text string) string {
	a, err := parse(text)
	if err != nil {
		return text
	}
	return a.Address
}

func addresses(list []creditnotes.DeliveryRecipient) []string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.Address
	}
	return out
}

// addressed is the message for the recipients that have not got it. One that
// none of them can get is a fault.
func (j *job) addressed(m *Message) (*Message, error) {
	to := j.delivery.Untried()
	for i := range to {
		to[i] = envelope(to[i])
	}
	if m = m.only(to); m == nil {
		return nil, fault.New(fault.Invalid, "mail_address_invalid", fault.Args{"address": strings.Join(j.delivery.Untried(), ", ")})
	}
	return m, nil
}

// unsendable are the recipients of a mail that cannot be written.
func (j *job) unsendable(err error) (list []creditnotes.DeliveryRecipient) {
	for _, to := range j.delivery.Untried() {
		r := creditnotes.DeliveryRecipient{Address: to, State: creditnotes.RecipientRefused, Reply: j.words(err)}
		if _, invalid := parse(to); invalid != nil {
			r.Reply = j.words(invalid)
		}
		list = append(list, r)
	}
	return list
}

// sending are the recipients that the mail is being handed over for, in another
// state now.
func (j *job) sending(state creditnotes.RecipientState, reply string) (list []creditnotes.DeliveryRecipient) {
	for _, r := range j.delivery.Recipients {
		if r.State == creditnotes.RecipientSending {
			list = append(list, creditnotes.DeliveryRecipient{Address: r.Address, State: state, Reply: reply})
		}
	}
	return list
}

// decided says what became of each recipient that the attempt was for: what the
// server said of it by itself, and for the others this state. Where the attempt
// was the last one, those that are put off are refused.
func (j *job) decided(refused []Refusal, others creditnotes.RecipientState, reply string, last bool) (list []creditnotes.DeliveryRecipient, putOff bool) {
	for _, r := range j.delivery.Recipients {
		if !r.State.Waits() && r.State != creditnotes.RecipientSending {
			continue
		}
		to := creditnotes.DeliveryRecipient{Address: r.Address, State: others, Reply: reply}
		_, invalid := parse(r.Address)
		at := slices.IndexFunc(refused, func(f Refusal) bool { return strings.EqualFold(f.Address, envelope(r.Address)) })
		switch {
		case invalid != nil:
			to.State, to.Reply = creditnotes.RecipientRefused, j.words(invalid)
		case at >= 0:
			to.State, to.Reply = creditnotes.RecipientRefused, refused[at].Reply
			if refused[at].Err != nil {
				to.Reply = j.words(refused[at].Err)
			}
			if !refused[at].forGood() {
				to.State = creditnotes.RecipientDeferred
			}
		}
		if to.State == creditnotes.RecipientDeferred && last {
			to.State = creditnotes.RecipientRefused
		}
		putOff = putOff || to.State == creditnotes.RecipientDeferred
		list = append(list, to)
	}
	return list, putOff
}

// counts reports whether the attempt counts: one before its time does not.
func (j *job) counts() bool { return !j.delivery.DueAt.After(j.Now()) }

// last reports whether a mail is not tried again after this attempt.
func (j *job) last() bool {
	if !j.counts() {
		return false
	}
	first := j.delivery.JudgedAt
	return j.delivery.Attempts+1 >= j.maxAttempts() || !first.IsZero() && j.Now().Sub(first) >= j.retryFor()
}

// due is when recipients that this attempt put off are tried again.
func (j *job) due() time.Time {
	if !j.counts() {
		return j.delivery.DueAt
	}
	return j.Now().Add(creditnotes.RetryPause(j.delivery.Attempts + 1))
}

// sent records that the server took the mail, and for whom.
func (j *job) sent(ctx context.Context, receipt Receipt) error {
	a, putOff := j.taken(receipt)
	return j.end(ctx, a, putOff)
}

// taken is the attempt that ended with the server taking the mail.
func (j *job) taken(receipt Receipt) (a creditnotes.Attempt, putOff bool) {
	list, putOff := j.decided(receipt.Refused, creditnotes.RecipientAccepted, receipt.Said, j.last())
	return creditnotes.Attempt{Recipients: list, Reply: receipt.Reply, Counts: j.counts()}, putOff
}

// answered writes down that the server took the mail, before its connection
// carries another one: a process that dies from then on parks nothing.
func (j *job) answered(receipt Receipt) {
	a, _ := j.taken(receipt)
	a.Handover, a.At = j.handover, j.Now()
	if err := j.Journal.keep(journalEntry{j.delivery.ID, a}, false); err != nil {
		j.log().Warn("mail journal cannot be written", "err", err)
	}
}

// notSent records that the server took the mail for no recipient: each was
// refused or put off by itself.
func (j *job) notSent(ctx context.Context, sendErr error) error {
	var send *SendError
	errors.As(sendErr, &send)
	list, putOff := j.decided(send.Refused, creditnotes.RecipientRefused, j.reply(sendErr), j.last())
	return j.end(ctx, creditnotes.Attempt{Recipients: list, Reply: j.reply(sendErr), Counts: j.counts()}, putOff)
}

// unknown parks the mail for those whom it was handed over for.
func (j *job) unknown(ctx context.Context, sendErr error) error {
	var send *SendError
	refused := []Refusal(nil)
	if errors.As(sendErr, &send) {
		refused = send.Refused
	}
	reply := j.reply(sendErr)
	list, putOff := j.decided(refused, creditnotes.RecipientParked, reply, j.last())
	return j.end(ctx, creditnotes.Attempt{Recipients: list, Reply: reply, Counts: j.counts()}, putOff)
}

// end records an attempt and says when recipients that were put off are due.
func (j *job) end(ctx context.Context, a creditnotes.Attempt, putOff bool) error {
	if putOff {
		a.DueAt = j.due()
	}
	if err := j.finish(ctx, a); err != nil {
		return err
	}
	if err := j.resumed(ctx); err != nil {
		return err
	}
	if putOff {
		return &Later{a.DueAt, j.putOffFault(said(a.Reply))}
	}
	return nil
}

// putOff keeps a mail that the server put off as a whole, or that did not get
// so far; stopped is set where the process ends.
func (j *job) putOff(ctx context.Context, sendErr, stopped error) error {
	var send *SendError
	if errors.As(sendErr, &send) && send.Judged {
		list, putOff := j.decided(send.Refused, creditnotes.RecipientDeferred, send.Reply, j.last())
		return j.end(ctx, creditnotes.Attempt{Recipients: list, Reply: send.Reply, Counts: j.counts()}, putOff)
	}
	if err := j.back(ctx, ""); err != nil {
		return err
	}
	if stopped != nil {
		return fmt.Errorf("mail of %s: %w", j.note.Number, stopped)
	}
	return &Later{j.Now().Add(creditnotes.RetryPause(1)), j.putOffFault(sendErr)}
}

// back queues a mail again that the server certainly has not taken. doubt is
// what the server said where another mail is to show whether it means all.
func (j *job) back(ctx context.Context, doubt string) error {
	list := j.sending(creditnotes.RecipientQueued, "")
	if len(list) == 0 && doubt == "" {
		return nil
	}
	return j.finish(ctx, creditnotes.Attempt{Recipients: list, Reply: doubt, Doubt: doubt})
}

// said is what the server said, as an error that shows no addresses.
func said(reply string) error { return &SendError{Outcome: OutcomeRetry, Reply: reply} }

// putOffFault tells that the mail is tried again.
func (j *job) putOffFault(cause error) error {
	return fault.Wrap(fault.Unavailable, "mail_put_off", fault.Args{
		"number": j.note.Number, "attempt": j.delivery.Attempts, "attempts": j.maxAttempts(),
	}, cause)
}

// finish records the end of an attempt and logs it, without the reply, which
// may name addresses. What is known is kept in the journal until it is
// recorded.
func (j *job) finish(ctx context.Context, a creditnotes.Attempt) error {
	a.Handover, a.At = j.handover, j.Now()
	err := j.record(ctx, j.done, j.delivery.ID, a)
	if fault.Is(err, fault.Conflict) {
		return j.elsewhere(err)
	}
	if err != nil {
		return fmt.Errorf("mail of %s: its state could not be recorded: %w", j.note.Number, err)
	}
	state := creditnotes.StateOf(merged(j.delivery.Recipients, a.Recipients))
	level := slog.LevelInfo
	if state != creditnotes.DeliverySent && state != creditnotes.DeliveryQueued {
		level = slog.LevelWarn
	}
	j.log().Log(ctx, level, "mail "+string(state), "number", j.note.Number)
	return nil
}

// merged is a list of recipients with some of them changed.
func merged(list, changed []creditnotes.DeliveryRecipient) []creditnotes.DeliveryRecipient {
	list = slices.Clone(list)
	for i, r := range list {
		if at := slices.IndexFunc(changed, func(c creditnotes.DeliveryRecipient) bool { return c.Address == r.Address }); at >= 0 {
			list[i] = changed[at]
		}
	}
	return list
}
