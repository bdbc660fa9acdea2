package mailer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"

	"creditrun/creditnotes"
	"creditrun/mailer/bounces"
	"creditrun/mailer/mailbox"
)

// Bounced keeps what mail systems report.
type Bounced interface {
	// RecordBounce records a report if it is about a mail of ours, once.
	RecordBounce(ctx context.Context, b creditnotes.Bounce) (creditnotes.BounceResult, error)
}

// Returns reads the mailbox into which mails come back.
type Returns struct {
	Mailbox mailbox.Mailbox
	Store   Bounced
	Who     string // for the audit log
	Log     *slog.Logger
}

// Read is what was read of a mailbox in one go.
type Read struct {
	Messages   int `json:"messages"`   // that were read
	Reports    int `json:"reports"`    // of them about mails of ours, recorded now
	Known      int `json:"known"`      // of them recorded before
	Bounced    int `json:"bounced"`    // recipients that did not get a mail
	Delayed    int `json:"delayed"`    // recipients whose mail is delayed
	Marked     int `json:"marked"`     // addresses that get no more mails from now on
	Unassigned int `json:"unassigned"` // failures and complaints about addresses that the mail was not sent to
	Left       int `json:"left"`       // messages that are about no mail of ours and stay in the mailbox
}

// Read reads what is in the mailbox. Reports about mails of ours are recorded
// and put aside; every other message stays as it is. It may be called again at
// any time, also after a crash: a report counts once.
func (r *Returns) Read(ctx context.Context) (Read, error) {
	var all Read
	err := r.Mailbox.Each(ctx, func(raw []byte) (mailbox.Verdict, error) {
		all.Messages++
		b, about := r.bounce(raw)
		if !about {
			all.Left++
			return mailbox.Stay, nil
		}
		result, err := r.Store.RecordBounce(ctx, b)
		if err != nil {
			return mailbox.Again, fmt.Errorf("report of a mail system: %w", err)
		}
		return r.count(&all, b, result), nil
	})
	return all, err
}

// bounce is what a message reports; false: it is no report.
func (r *Returns) bounce(raw []byte) (creditnotes.Bounce, bool) {
	report := bounces.Parse(raw)
	if report.Kind == bounces.NotABounce {
		return creditnotes.Bounce{}, false
	}
	sum := sha256.Sum256(raw)
	b := creditnotes.Bounce{
		Hash: hex.EncodeToString(sum[:]), Kind: creditnotes.BounceKind(report.Kind), IDs: report.IDs, Mentioned: report.Mentioned,
		Reporter: oneLine(report.From), Mailbox: r.Mailbox.Name(), Who: r.Who,
	}
	for _, to := range report.Recipients {
		b.Recipients = append(b.Recipients, creditnotes.BounceRecipient{
			Address: oneLine(to.Address), Original: oneLine(to.Original), Kind: bounceKind(report.Kind, to.Action), Reason: shortened(to.Reason()),
		})
	}
	return b, true
}

// bounceKind is what a report says of one recipient.
func bounceKind(report bounces.Kind, action string) creditnotes.BounceKind {
	switch {
	case report == bounces.Complaint:
		return creditnotes.BounceComplaint
	case action == string(bounces.Failed), action == string(bounces.Delayed):
		return creditnotes.BounceKind(action)
	}
	return creditnotes.BounceDelivered
}

// count adds up what became of a report and says what becomes of its message.
func (r *Returns) count(all *Read, b creditnotes.Bounce, result creditnotes.BounceResult) mailbox.Verdict {
	switch {
	case result.Number == "":
		all.Left++
		return mailbox.Stay
	case result.Early:
		return mailbox.Again
	case result.Known:
		all.Known++
		return mailbox.Aside
	}
	all.Reports++
	all.Bounced += len(result.Bounced)
	all.Delayed += len(result.Delayed)
	all.Marked += len(result.Marked)
	all.Unassigned += len(result.Unassigned)
	if r.Log != nil {
		r.Log.Info("report of a mail system", "number", result.Number, "kind", string(b.Kind), "bounced", len(result.Bounced), "marked", len(result.Marked))
	}
	return mailbox.Aside
}
