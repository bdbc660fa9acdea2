package mailer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// whilePaused tries the server with one mail if it is time for that, and goes on
// with this one if the server took that.
func (d *Deliverer) whilePaused(ctx context.Context, id int64, p *creditnotes.MailPause) error {
	tried, ok, err := d.Outbox.ClaimProbe(ctx, false)
	if err != nil {
		return fmt.Errorf("delivery %d: %w", id, err)
	}
	if !ok {
		return d.waits(ctx, id, p)
	}
	if tried == 0 {
		tried = id
	}
	err = d.deliver(ctx, tried, true)
	after, failed := d.tried(ctx)
	switch {
	case tried == id || failed != nil:
		return errors.Join(err, failed)
	case after != nil:
		return d.pausedError(after)
	}
	return d.deliver(ctx, id, false)
}

// TryServer tries a paused server at once, with one mail. The error is Later
// with Paused where the pause goes on.
func (d *Deliverer) TryServer(ctx context.Context) error {
	p, err := d.Outbox.MailPause(ctx)
	if err != nil || p == nil {
		return err
	}
	id, ok, err := d.Outbox.ClaimProbe(ctx, true)
	switch {
	case err != nil:
		return err
	case !ok:
		return d.pausedError(p)
	case id == 0:
		return d.resume(ctx) // nothing but notices can try the server
	}
	tried := d.deliver(ctx, id, true)
	p, err = d.tried(ctx)
	switch {
	case err != nil:
		return err
	case p != nil:
		return d.pausedError(p)
	case errors.As(tried, new(*Later)):
		return nil
	}
	return tried
}

// tried returns the pause after a mail tried the server. Where that mail came
// to nothing by itself, the next one tries it.
func (d *Deliverer) tried(ctx context.Context) (*creditnotes.MailPause, error) {
	p, err := d.Outbox.MailPause(context.WithoutCancel(ctx))
	if err == nil && p != nil && !p.Probing.IsZero() {
		p, _, err = d.Outbox.PauseMail(context.WithoutCancel(ctx), p.Reason, p.Said, true)
	}
	return p, err
}

// waits keeps a mail back while the queue is paused. One that was given up
// meanwhile is settled.
func (d *Deliverer) waits(ctx context.Context, id int64, p *creditnotes.MailPause) error {
	if d.Now().Sub(p.Since) < d.retryFor() {
		return d.pausedError(p)
	}
	delivery, _, _, err := d.Outbox.Delivery(ctx, id)
	if err != nil {
		return fmt.Errorf("delivery %d: %w", id, err)
	}
	if delivery.State != creditnotes.DeliverySending && len(delivery.Untried()) == 0 {
		return nil
	}
	return d.pausedError(p)
}

// giveUp ends the tries for all mails that have waited too long for the server,
// after a try with one of them failed: the time begins with the pause or, where a
// mail was queued later, with the mail. It returns nil where this mail is one of
// those.
func (j *job) giveUp(ctx context.Context, p *creditnotes.MailPause) error {
	before := j.Now().Add(-j.retryFor())
	if p.Since.After(before) {
		return j.pausedError(p)
	}
	if err := j.Outbox.GiveUpMails(ctx, before, p.Said); err != nil {
		return fmt.Errorf("mails that waited too long: %w", err)
	}
	return j.waits(ctx, j.delivery.ID, p)
}

// pausedError is the error of a mail that waits for the server.
func (d *Deliverer) pausedError(p *creditnotes.MailPause) error {
	if p == nil {
		return nil
	}
	at := p.NextProbe
	if soon := d.Now().Add(probingPause); p.Probing.After(d.Now()) && at.Before(soon) {
		at = soon
	}
	return &Later{at, &Paused{p}}
}

// probingPause is how long mails wait while another one tries the server.
const probingPause = 5 * time.Second

// Paused is the error of a mail that is not sent because the queue is paused.
type Paused struct{ Pause *creditnotes.MailPause }

// Error tells why, without addresses.
func (e *Paused) Error() string { return "mail is paused: " + e.Pause.Said }

// outage pauses the queue. The mail is queued as before.
func (j *job) outage(ctx context.Context, sendErr error) error {
	return j.pause(ctx, reasonOf(sendErr), j.reply(sendErr))
}

func (j *job) pause(ctx context.Context, reason, said string) error {
	if err := j.back(ctx, ""); err != nil {
		return err
	}
	p, err := j.Deliverer.pause(ctx, reason, said, j.try)
	if err != nil {
		return fmt.Errorf("mail of %s: %w", j.note.Number, err)
	}
	if !j.try {
		return j.pausedError(p)
	}
	return j.giveUp(ctx, p)
}

// pause begins the pause, or puts the next try off, and logs its beginning.
func (d *Deliverer) pause(ctx context.Context, reason, said string, tried bool) (*creditnotes.MailPause, error) {
	said = withoutAddresses(said)
	p, began, err := d.Outbox.PauseMail(ctx, reason, said, tried)
	if err == nil && began {
		d.log().WarnContext(ctx, "mail is paused", "reason", reason, "said", said)
	}
	return p, err
}

// reasonOf is the key of why no mail is sent.
func reasonOf(err error) string {
	var send *SendError
	if faults := fault.Of(err); len(faults) > 0 && (!errors.As(err, &send) || send.Reply == "") {
		return faults[0].Key
	}
	return "mail_server_refuses"
}

// resumed ends the pause, if there is one, after the server has judged a mail.
func (j *job) resumed(ctx context.Context) error {
	if !j.try {
		return nil
	}
	return j.resume(ctx)
}

func (d *Deliverer) resume(ctx context.Context) error {
	p, err := d.Outbox.ResumeMail(ctx)
	if err == nil && p != nil {
		d.log().InfoContext(ctx, "mail goes on", "paused_since", p.Since, "tries", p.Probes+1)
	}
	return err
}

// doubted decides about a mail that was refused for a reason that may concern
// all mails: if the server refused another one, too, the queue is paused; if it
// took another one since it first refused this mail so, this one alone is
// refused; that it was put off before does not count. Otherwise the mail waits
// for the next one to show it; where there is none it is tried again by itself,
// because a server that is wrongly set up today may take it tomorrow.
func (j *job) doubted(ctx context.Context, sendErr error) error {
	reply := j.reply(sendErr)
	if j.try {
		return j.pause(ctx, "mail_server_refuses", reply)
	}
	refused := j.Now()
	if err := j.back(ctx, reply); err != nil {
		return err
	}
	if j.delivery.JudgedAt.IsZero() { // another connection may have been quicker to record that its mail was taken
		j.delivery.JudgedAt = refused
	}
	others, err := j.Outbox.Doubts(ctx, j.delivery)
	if err != nil {
		return fmt.Errorf("mail of %s: %w", j.note.Number, err)
	}
	var send *SendError
	errors.As(sendErr, &send)
	switch {
	case others.Accepted && (j.delivery.Doubt != "" || j.delivery.Attempts == 0):
		return j.notSent(ctx, sendErr)
	case others.Alike > 0, others.Ready == 0 && send.Sender:
		return j.pause(ctx, "mail_server_refuses", reply)
	case others.Ready > 0:
		return &Later{j.Now().Add(doubtPause), &Undecided{j.putOffFault(said(reply))}}
	}
	return j.alone(ctx, reply)
}

// alone puts a doubted mail off that no other one can be compared with.
func (j *job) alone(ctx context.Context, reply string) error {
	list, putOff := j.decided(nil, creditnotes.RecipientDeferred, reply, j.last())
	a := creditnotes.Attempt{Recipients: list, Reply: reply, Counts: j.counts()}
	if putOff {
		a.Doubt = reply
	}
	return j.end(ctx, a, putOff)
}
