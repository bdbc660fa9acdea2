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

// Outbox keeps the deliveries.
type Outbox interface {
	// Delivery returns a delivery with its note and the files that are to be
	// attached, in order. A missing one is a NotFound fault.
	Delivery(ctx context.Context, id int64) (*creditnotes.Delivery, *creditnotes.Note, []creditnotes.File, error)

	// StartSending moves a delivery that is queued, or whose sender died,
	// to sending and counts the attempt; when it returns this is committed. It
	// succeeds only if the delivery is queued or sending and has had attempt-1
	// attempts so far. Otherwise somebody else has taken it: a Conflict fault.
	StartSending(ctx context.Context, id int64, attempt int) error

	// Finish records how an attempt ended, for sent also when, and what became
	// of the recipients that are decided. It applies to deliveries that are
	// queued, sending or parked: knowing what happened is better than being
	// parked.
	Finish(ctx context.Context, id int64, state creditnotes.DeliveryState, reply string, at time.Time,
		recipients ...creditnotes.DeliveryRecipient) error
}

// Deliverer carries deliveries out, one per call, and never sends a mail twice
// that may have arrived.
type Deliverer struct {
	Outbox      Outbox
	Transport   Transport
	Texts       Texts
	Signing     Signing // of every mail; the zero value signs nothing
	Now         func() time.Time
	Log         *slog.Logger
	MaxAttempts int // of one delivery until it fails; 0 means DefaultAttempts
}

// DefaultAttempts is how often a mail is tried until it fails.
const DefaultAttempts = 10

// Deliver sends one mail. It may be called again at any time, also after a
// crash: what is sent, failed or parked stays so. It returns an error when the
// delivery is to be tried again later; everything else is settled and told by
// the state of the delivery.
func (d *Deliverer) Deliver(ctx context.Context, deliveryID int64) error {
	delivery, note, files, err := d.Outbox.Delivery(ctx, deliveryID)
	if err != nil {
		return fmt.Errorf("delivery %d: %w", deliveryID, err)
	}
	switch delivery.State {
	case creditnotes.DeliveryQueued:
	case creditnotes.DeliverySending:
		if !d.Transport.Repeatable() {
			return d.finish(ctx, delivery, note, creditnotes.DeliveryParked,
				d.words(fault.New(fault.Unavailable, "mail_interrupted", nil)))
		}
	default:
		return nil
	}
	if err := d.Signing.usable(d.Now()); err != nil {
		return fmt.Errorf("mail of %s: %w", note.Number, err)
	}
	m, err := d.Signing.Compose(d.Texts, note, delivery, files)
	if err != nil {
		return d.finish(ctx, delivery, note, creditnotes.DeliveryFailed, d.words(err), d.recipients(delivery, nil, false)...)
	}
	return d.attempt(ctx, delivery, note, m)
}

// attempt sends the message. What the transport says is recorded also when the
// context ends meanwhile.
func (d *Deliverer) attempt(ctx context.Context, delivery *creditnotes.Delivery, note *creditnotes.Note, m *Message) error {
	attempt := delivery.Attempts + 1
	if err := d.Outbox.StartSending(ctx, delivery.ID, attempt); err != nil {
		if fault.Is(err, fault.Conflict) {
			return nil // somebody else is at it
		}
		return fmt.Errorf("mail of %s: %w", note.Number, err)
	}
	m.LastTry = attempt >= d.maxAttempts()
	receipt, sendErr := d.Transport.Send(ctx, m)
	if sendErr != nil {
		receipt.Reply = d.reply(sendErr)
	}
	ctx = context.WithoutCancel(ctx)
	switch OutcomeOf(sendErr) {
	case OutcomeSent:
		return d.finish(ctx, delivery, note, creditnotes.DeliverySent, receipt.Reply, d.recipients(delivery, receipt.Refused, true)...)
	case OutcomeRefused:
		return d.finish(ctx, delivery, note, creditnotes.DeliveryFailed, receipt.Reply, d.recipients(delivery, refusedBy(sendErr), false)...)
	case OutcomeRetry:
		return d.putOff(ctx, delivery, note, attempt, receipt.Reply, sendErr)
	}
	return d.finish(ctx, delivery, note, creditnotes.DeliveryParked, receipt.Reply)
}

// recipients says what became of each recipient that is decided.
func (d *Deliverer) recipients(delivery *creditnotes.Delivery, refused []Refusal, sent bool) (list []creditnotes.DeliveryRecipient) {
	for _, to := range delivery.To {
		r := creditnotes.DeliveryRecipient{Address: to, State: creditnotes.RecipientRefused}
		a, err := parse(to)
		at := -1
		if err == nil {
			at = slices.IndexFunc(refused, func(f Refusal) bool { return strings.EqualFold(f.Address, a.Address) })
		}
		switch {
		case err != nil:
			r.Reply = d.words(err)
		case at >= 0 && refused[at].Err != nil:
			r.Reply = d.words(refused[at].Err)
		case at >= 0:
			r.Reply = refused[at].Reply
		case sent:
			r.State = creditnotes.RecipientAccepted
		default:
			continue
		}
		list = append(list, r)
	}
	return list
}

func refusedBy(err error) []Refusal {
	var send *SendError
	if errors.As(err, &send) {
		return send.Refused
	}
	return nil
}

// putOff queues the delivery again and returns the error that makes the job
// queue try it later, or gives it up after the last attempt.
func (d *Deliverer) putOff(ctx context.Context, delivery *creditnotes.Delivery, note *creditnotes.Note, attempt int, reply string, cause error) error {
	if attempt >= d.maxAttempts() {
		return d.finish(ctx, delivery, note, creditnotes.DeliveryFailed, reply)
	}
	if err := d.finish(ctx, delivery, note, creditnotes.DeliveryQueued, reply); err != nil {
		return err
	}
	return fault.Wrap(fault.Unavailable, "mail_put_off", fault.Args{
		"number": note.Number, "attempt": attempt, "attempts": d.maxAttempts(),
	}, cause)
}

// finish records the end of an attempt and logs it, without the reply, which
// may name addresses.
func (d *Deliverer) finish(ctx context.Context, delivery *creditnotes.Delivery, note *creditnotes.Note, state creditnotes.DeliveryState, reply string, recipients ...creditnotes.DeliveryRecipient) error {
	if err := d.Outbox.Finish(ctx, delivery.ID, state, reply, d.Now(), recipients...); err != nil {
		return fmt.Errorf("mail of %s is %s, but that could not be recorded: %w", note.Number, state, err)
	}
	log := d.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	level := slog.LevelInfo
	if state == creditnotes.DeliveryFailed || state == creditnotes.DeliveryParked {
		level = slog.LevelWarn
	}
	log.Log(ctx, level, "mail "+string(state), "number", note.Number)
	return nil
}

func (d *Deliverer) maxAttempts() int {
	if d.MaxAttempts > 0 {
		return d.MaxAttempts
	}
	return DefaultAttempts
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
