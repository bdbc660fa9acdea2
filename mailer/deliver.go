package mailer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Outbox keeps the deliveries.
type Outbox interface {
	// Delivery returns a delivery with its note and the files that are to be
	// attached, in order. A missing one is a NotFound fault.
	Delivery(ctx context.Context, id int64) (*creditnotes.Delivery, *creditnotes.Note, []creditnotes.File, error)

	// HandOver records that a delivery is being handed over to these of its
	// recipients; when it returns this is committed. It succeeds only if the
	// delivery was not handed over since it was read, when its handover was
	// before, and returns the one from now on, also with an error. Where
	// another process has the delivery it is a Conflict fault.
	HandOver(ctx context.Context, id int64, before string, to []string) (next string, err error)

	// Finish records how an attempt ended. A Conflict fault means that another
	// process has the delivery, or that the attempt is recorded already.
	Finish(ctx context.Context, id int64, a creditnotes.Attempt) error

	// Doubts is what is known of the other deliveries, where this one was
	// refused for a reason that may concern all.
	Doubts(ctx context.Context, d *creditnotes.Delivery) (creditnotes.MailDoubts, error)

	Pauses
}

// Pauses keeps the pause of all mails.
type Pauses interface {
	// MailPause returns the pause, or nil.
	MailPause(ctx context.Context) (*creditnotes.MailPause, error)

	// PauseMail begins the pause; one that there is stays, and where a mail
	// tried the server at its time, the next try is put off further. It reports
	// whether the pause began now.
	PauseMail(ctx context.Context, reason, said string, tried bool) (p *creditnotes.MailPause, began bool, err error)

	// ClaimProbe gives the caller the right to try the server with one mail if
	// the time has come, or at once if it is eager, and no other is at it. It
	// returns which delivery that is; 0: none waits.
	ClaimProbe(ctx context.Context, eager bool) (id int64, ok bool, err error)

	// GiveUpMails ends the tries for all mails that were queued before this time
	// if the pause began before it, too, and no mail tries the server now.
	GiveUpMails(ctx context.Context, before time.Time, said string) error

	// ResumeMail ends the pause and returns it; nil: there was none.
	ResumeMail(ctx context.Context) (*creditnotes.MailPause, error)
}

// Deliverer carries deliveries out, one per call, and never sends a mail twice
// that may have arrived.
type Deliverer struct {
	Outbox      Outbox
	Notices     Notices
	Transport   Transport
	Journal     *Journal // nil: what could not be recorded is only tried again
	Texts       Texts
	Signing     Signing // of every mail; the zero value signs nothing
	Now         func() time.Time
	Log         *slog.Logger
	MaxAttempts int           // in which a server judged a mail, until it fails; 0 means DefaultAttempts
	RetryFor    time.Duration // how long a mail is tried; 0 means creditnotes.RetryFor
	// Grace is how long a handing over may last before it counts as that of a
	// process that died.
	Grace time.Duration
	// Eager tries recipients that were put off before they are due, without
	// counting that.
	Eager bool
	// After waits between the tries to record what is known; nil: time.After.
	After func(time.Duration) <-chan time.Time
}

// DefaultAttempts is how often a mail is tried that the server puts off.
const DefaultAttempts = 10

// Later is the error of a mail that is to be tried again.
type Later struct {
	At  time.Time
	Err error // why
}

// Error tells why.
func (e *Later) Error() string { return e.Err.Error() }

// Unwrap returns why.
func (e *Later) Unwrap() error { return e.Err }

// Due is when the mail is tried again.
func (e *Later) Due() time.Time { return e.At }

// Deliver sends one mail, or tries the server with another one if the queue is
// paused. It may be called again at any time, also after a crash: what is sent,
// failed or parked stays so. It returns an error when the delivery is to be
// tried again, with Later at a certain time; everything else is settled and
// told by the state of the delivery.
func (d *Deliverer) Deliver(ctx context.Context, deliveryID int64) error {
	p, err := d.Outbox.MailPause(ctx)
	if err != nil {
		return fmt.Errorf("delivery %d: %w", deliveryID, err)
	}
	if p == nil {
		return d.deliver(ctx, deliveryID, false)
	}
	return d.whilePaused(ctx, deliveryID, p)
}

// deliver sends one mail. With try it is the one that tries whether the server
// takes mails again.
func (d *Deliverer) deliver(ctx context.Context, id int64, try bool) error {
	delivery, note, files, err := d.Outbox.Delivery(ctx, id)
	if err != nil {
		return fmt.Errorf("delivery %d: %w", id, err)
	}
	j := &job{Deliverer: d, delivery: delivery, note: note, try: try, handover: delivery.Handover, done: ctx.Done()}
	if goesOn, err := j.begins(ctx); err != nil || !goesOn {
		return err
	}
	if err := d.Signing.usable(d.Now()); err != nil {
		return fmt.Errorf("mail of %s: %w", note.Number, err)
	}
	m, err := d.Signing.Compose(d.Texts, note, delivery, files)
	if err == nil {
		m, err = j.addressed(m)
	}
	if err != nil {
		return j.finish(ctx, creditnotes.Attempt{Recipients: j.unsendable(err), Reply: d.words(err)})
	}
	return j.attempt(ctx, m)
}

// job is one mail on its way.
type job struct {
	*Deliverer
	delivery *creditnotes.Delivery
	note     *creditnotes.Note
	try      bool   // tries whether the server takes mails again
	handover string // as read, or the one that was recorded
	done     <-chan struct{}
}

// begins reports whether the mail is to be sent now.
func (j *job) begins(ctx context.Context) (bool, error) {
	d := j.delivery
	if d.State == creditnotes.DeliverySending {
		return j.interrupted(ctx)
	}
	if len(d.Untried()) == 0 {
		return false, nil
	}
	if now := j.Now(); !j.Eager && !j.try && d.DueAt.After(now) {
		return false, &Later{d.DueAt, j.putOffFault(nil)}
	}
	if d.Doubt == "" || j.try {
		return true, nil
	}
	others, err := j.Outbox.Doubts(ctx, d)
	if err != nil {
		return false, fmt.Errorf("mail of %s: %w", j.note.Number, err)
	}
	if others.Ready > 0 { // how the server takes another mail tells what it refused
		return false, &Later{j.Now().Add(doubtPause), &Undecided{j.putOffFault(nil)}}
	}
	return true, nil
}

// doubtPause is how long a mail that was refused waits for another one to show
// whether the server refuses all.
const doubtPause = time.Second

// Undecided is the error of a mail that waits for another one to show whether
// the server refuses all mails.
type Undecided struct{ err error }

// Error tells why.
func (e *Undecided) Error() string { return e.err.Error() }

// Unwrap returns why.
func (e *Undecided) Unwrap() error { return e.err }

// interrupted settles a mail that was being handed over by a process that died:
// by what it wrote down, else it is parked, unless sending it again does no
// harm.
func (j *job) interrupted(ctx context.Context) (bool, error) {
	if known, err := j.Journal.find(j.delivery.Handover); err != nil {
		j.log().WarnContext(ctx, "mail journal cannot be read", "err", err)
	} else if known != nil {
		return false, j.Journal.settle(ctx, j.Outbox, known)
	}
	if dead := j.delivery.SendingAt.Add(j.Grace); dead.After(j.Now()) {
		return false, &Later{dead, j.putOffFault(nil)}
	}
	if j.Transport.Repeatable() {
		for i, r := range j.delivery.Recipients {
			if r.State == creditnotes.RecipientSending {
				j.delivery.Recipients[i].State = creditnotes.RecipientQueued
			}
		}
		return true, nil
	}
	reply := j.words(fault.New(fault.Unavailable, "mail_interrupted", nil))
	return false, j.finish(ctx, creditnotes.Attempt{Recipients: j.sending(creditnotes.RecipientParked, reply), Reply: reply})
}

// attempt sends the message. What the transport says is recorded also when the
// context ends meanwhile.
func (j *job) attempt(ctx context.Context, m *Message) error {
	m.HandOver = func(to []string) error {
		for i, r := range j.delivery.Recipients {
			if r.State.Waits() && containsFold(to, envelope(r.Address)) {
				j.delivery.Recipients[i].State = creditnotes.RecipientSending
			}
		}
		next, err := j.Outbox.HandOver(context.WithoutCancel(ctx), j.delivery.ID, j.handover, addresses(j.sending("", "")))
		if next != "" {
			j.handover = next
		}
		return err
	}
	m.Answered = j.answered
	receipt, sendErr := j.Transport.Send(ctx, m)
	if fault.Is(sendErr, fault.Conflict) {
		return j.elsewhere(sendErr)
	}
	var stopped error
	if errors.As(sendErr, new(*SendError)) && OutcomeOf(sendErr) == OutcomeRetry {
		stopped = ctx.Err()
	}
	ctx = context.WithoutCancel(ctx)
	switch OutcomeOf(sendErr) {
	case OutcomeSent:
		return j.sent(ctx, receipt)
	case OutcomeUnknown:
		return j.unknown(ctx, sendErr)
	case OutcomeOutage:
		return j.outage(ctx, sendErr)
	case OutcomeDoubt:
		return j.doubted(ctx, sendErr)
	case OutcomeRefused:
		return j.notSent(ctx, sendErr)
	}
	return j.putOff(ctx, sendErr, stopped)
}

// elsewhere says that another process, or another job, has the mail; a while
// later it is looked at again.
func (j *job) elsewhere(cause error) error {
	return &Later{j.Now().Add(doubtPause), &Undecided{j.putOffFault(cause)}}
}

// log is where events are logged.
func (d *Deliverer) log() *slog.Logger {
	if d.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Log
}

func (d *Deliverer) maxAttempts() int {
	if d.MaxAttempts > 0 {
		return d.MaxAttempts
	}
	return DefaultAttempts
}

func (d *Deliverer) retryFor() time.Duration {
	if d.RetryFor > 0 {
		return d.RetryFor
	}
	return creditnotes.RetryFor
}

// reply is what the delivery keeps of a failed attempt: the words of the
// server, or ours when it said nothing.
func (d *Deliverer) reply(err error) string {
	var send *SendError
	if errors.As(err, &send) && send.Reply != "" {
		return send.Reply
	}
	return d.words(err)
}

// words tells an error to the operator's people, faults as sentences.
func (d *Deliverer) words(err error) string {
	faults := fault.Of(err)
	if len(faults) == 0 {
		return shortened(err.Error())
	}
	text := ""
	for _, f := range faults {
		text += " " + d.Texts.Fault(replyLanguage, f)
	}
	return shortened(text)
}

// replyLanguage is the language of what deliveries keep; mail servers speak it
// too.
const replyLanguage = "en"
