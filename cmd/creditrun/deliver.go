package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"creditrun/configs"
	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/mailer"
)

// sendingGrace is how long a handing over may last before it counts as that of
// a process that died: a little longer than a mail server may take to answer.
const sendingGrace = 12 * time.Minute

// waitingMailings is how many mails are prepared while the connections are busy.
const waitingMailings = 3

// delivery connects the mail transport with the outbox.
func (a *app) delivery(ctx context.Context, s *store.Store) (*mailer.Deliverer, store.Work, error) {
	transport, err := mailer.Open(a.config.MailURL())
	if err != nil {
		return nil, store.Work{}, err
	}
	signing, err := signingOf(a.config)
	if err != nil {
		return nil, store.Work{}, err
	}
	runner, _, err := a.runner(ctx)
	if err != nil {
		return nil, store.Work{}, err
	}
	printer, err := a.renderer()
	if err != nil {
		return nil, store.Work{}, err
	}
	deliverer := &mailer.Deliverer{
		Outbox: mailbag{s, runner, printer}, Notices: s, Transport: transport, Journal: mailer.NewJournal(a.config.JournalFolder()), Texts: a.texts, Signing: signing,
		Now: a.now, Log: a.log, MaxAttempts: a.config.MailAttempts, RetryFor: a.config.RetryFor, Grace: sendingGrace,
	}
	work := store.Work{
		Deliver: deliverer.Deliver, Notify: deliverer.Notify, MailWorkers: a.config.Workers, SendingGrace: sendingGrace,
	}
	if n := transport.Connections(); n > 0 {
		work.MailWorkers = n + waitingMailings
	}
	if transport.Repeatable() {
		work.SendingGrace, deliverer.Grace = 0, 0
	}
	if n, err := deliverer.Replay(ctx); err != nil {
		return nil, store.Work{}, err
	} else if n > 0 {
		a.log.InfoContext(ctx, "mails recorded that a process had sent before it ended", "mails", n)
	}
	return deliverer, work, nil
}

// endDelivery closes the connections to the mail server.
func endDelivery(d *mailer.Deliverer) {
	_ = d.Transport.Close()
	d.Journal.Close()
}

// signingOf is how the configuration wants mails signed.
func signingOf(c configs.Config) (mailer.Signing, error) {
	key, dkimErr := c.DKIMSigner()
	pair, smimeErr := c.SMIMEKeyPair()
	signing := mailer.Signing{SMIME: pair}
	if key != nil {
		signing.DKIM = &mailer.DKIM{Domain: c.DKIMDomain, Selector: c.DKIMSelector, Key: key}
	}
	return signing, errors.Join(dkimErr, smimeErr)
}

func (a *app) deliverCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "deliver", Short: "Send the mails that are queued",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			_, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			return a.deliverAll(c.Context(), s)
		},
	}
	return a.jsonFlag(c)
}

// deliverAll works on the mail queue and prints how many mailings there are in
// each state; without --json only if all is well.
func (a *app) deliverAll(ctx context.Context, s *store.Store) error {
	trouble := a.deliverQueued(ctx, s)
	if trouble != nil && !a.json {
		return trouble
	}
	counts, err := s.DeliveryCounts(ctx)
	if err == nil {
		err = a.printDeliveries(counts)
	}
	return errors.Join(trouble, err)
}

// deliverQueued works on the mail queue until every mailing that waits was tried
// once in this call. What another process is sending is left to it. While the
// queue is paused one mail tries the server first. The error says what did not
// go out.
func (a *app) deliverQueued(ctx context.Context, s *store.Store) error {
	deliverer, work, err := a.delivery(ctx, s)
	if err != nil {
		return err
	}
	defer endDelivery(deliverer)
	if waits, err := s.Restored(ctx); err != nil || waits != nil {
		return errors.Join(err, refused(waits))
	}
	if _, err := mailer.OpenAccessPoint(a.config.AccessPoint, s).HandOver(ctx); err != nil {
		return err
	}
	deliverer.Eager = true
	before, err := s.DeliveryCounts(ctx)
	if err != nil {
		return err
	}
	notices, err := s.NoticeCounts(ctx)
	if err != nil {
		return err
	}
	round, others := newMailRound(work.Deliver, true), newMailRound(work.Notify, true)
	if err := deliverer.TryServer(ctx); err != nil {
		if !errors.As(err, new(*mailer.Paused)) {
			return err
		}
		return a.pauseTrouble(ctx, s)
	}
	work.Deliver, work.Notify = round.try, others.try
	if err := a.workOff(ctx, s, work, round, others); err != nil {
		return err
	}
	if err := errors.Join(a.pauseTrouble(ctx, s), a.noticeTrouble(ctx, s, others.failed, notices)); err != nil {
		return err
	}
	after, err := s.DeliveryCounts(ctx)
	if err != nil {
		return err
	}
	return errors.Join(a.mailTrouble(round.failed, before, after), a.stillOpen(ctx, s))
}

// refused says that nothing is sent because of a restore that waits.
func refused(waits *creditnotes.Restored) error {
	if waits == nil {
		return nil
	}
	return waits.Fault()
}

// workOff works on the queue until nothing is left for this call.
func (a *app) workOff(ctx context.Context, s *store.Store, work store.Work, round, others *mailRound) error {
	stop, err := s.StartWork(ctx, work)
	if err != nil {
		return err
	}
	defer stop()
	return waitFor(ctx, func() (bool, error) {
		ready, err := s.ReadyDeliveries(ctx, work.SendingGrace)
		if err != nil || !round.over(ready) {
			return false, err
		}
		waiting, err := s.NoticeCounts(ctx)
		return others.idle(waiting[creditnotes.DeliveryQueued]), err
	})
}

// pauseTrouble says that no mail is sent, what the server said, and what to do.
func (a *app) pauseTrouble(ctx context.Context, s *store.Store) error {
	p, err := s.MailPause(ctx)
	if err != nil || p == nil {
		return err
	}
	waiting, err := s.ReadyDeliveries(ctx, sendingGrace)
	if err != nil {
		return err
	}
	return fault.New(fault.Unavailable, "mail_paused", fault.Args{"since": p.Since.UTC().Format(time.RFC3339), "said": sentence(p.Said), "mails": len(waiting)})
}

// sentence ends what a server said with a full stop where it has none.
func sentence(said string) string {
	if strings.HasSuffix(said, ".") || strings.HasSuffix(said, "!") {
		return said
	}
	return said + "."
}

// stillOpen says that mails of earlier calls have not reached everyone.
func (a *app) stillOpen(ctx context.Context, s *store.Store) error {
	open, err := s.OpenRecipients(ctx, store.OpenFilter{Limit: mostOpen})
	if err != nil || len(open) == 0 {
		return err
	}
	notes := map[string]bool{}
	var errs []error
	for _, r := range open {
		notes[r.Number] = true
		if r.Mailed == creditnotes.DeliveryIncomplete && r.State.Todo() == creditnotes.TodoCorrect && len(errs) < mostLeftOut {
			what := "%s was not mailed to %s, but to the others: %s"
			if r.State == creditnotes.RecipientBounced {
				what = "%s came back from %s: %s"
			}
			errs = append(errs, fmt.Errorf(what+"\n  Correct the address, then creditrun resend %s, or creditrun resend %s --to ADDRESS for this one alone",
				r.Number, r.Address, r.Reply, r.Number, r.Number))
		}
	}
	return errors.Join(append(errs, stillOpenError(len(notes)))...)
}

// mostLeftOut is how many recipients that were left out are named.
const mostLeftOut = 20

func stillOpenError(notes int) error {
	if notes == 1 {
		return errors.New("the mail of 1 note has not reached all its recipients; creditrun deliveries --open lists them, with the reasons and what to do")
	}
	return fmt.Errorf("the mails of %d notes have not reached all their recipients; creditrun deliveries --open lists them, with the reasons and what to do", notes)
}

// noticeTrouble says how many notices went out, and which did not, and why.
func (a *app) noticeTrouble(ctx context.Context, s *store.Store, failed map[int64]error, before map[creditnotes.DeliveryState]int) error {
	after, err := s.NoticeCounts(ctx)
	if err != nil {
		return err
	}
	if n := after[creditnotes.DeliverySent] - before[creditnotes.DeliverySent]; n > 0 {
		a.say("%d notices about users and changes are sent.", n)
	}
	reasons := map[string]int{}
	for _, err := range failed {
		if errors.As(err, new(*mailer.Paused)) {
			continue
		}
		reason, _ := a.mailReason(err)
		reasons[reason]++
	}
	var errs []error
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		errs = append(errs, fmt.Errorf("%s\n  %d notices about users and changes are still queued; call creditrun deliver again", reason, reasons[reason]))
	}
	if n := after[creditnotes.DeliveryFailed] - before[creditnotes.DeliveryFailed]; n > 0 {
		errs = append(errs, fmt.Errorf("%d notices about users and changes were refused for good; correct the e-mail address of the user and ask for the link again", n))
	}
	return errors.Join(errs...)
}

// mailTrouble says which mails did not go out, and why.
func (a *app) mailTrouble(failed map[int64]error, before, after map[creditnotes.DeliveryState]int) error {
	numbers := map[string][]string{}
	for _, err := range failed {
		if errors.As(err, new(*mailer.Paused)) {
			continue // is said once for all
		}
		reason, number := a.mailReason(err)
		numbers[reason] = append(numbers[reason], number)
	}
	var errs []error
	for _, reason := range slices.Sorted(maps.Keys(numbers)) {
		slices.Sort(numbers[reason])
		errs = append(errs, fmt.Errorf("%s\n  %d mails are still queued; call creditrun deliver again: %s",
			reason, len(numbers[reason]), some(numbers[reason], 5)))
	}
	if n := after[creditnotes.DeliveryFailed] - before[creditnotes.DeliveryFailed]; n > 0 {
		errs = append(errs, fmt.Errorf("%d mails were refused for good; creditrun deliveries --open lists them with the reasons; correct the address, then creditrun resend NUMBER", n))
	}
	if n := after[creditnotes.DeliveryParked] - before[creditnotes.DeliveryParked]; n > 0 {
		errs = append(errs, fmt.Errorf("%d mails were interrupted and may have arrived; creditrun deliveries --open lists them as parked; ask the recipients, then creditrun deliveries settle NUMBER arrived, or again", n))
	}
	if n := after[creditnotes.DeliverySending]; n > 0 {
		errs = append(errs, fmt.Errorf("%d mails are on their way in another process; if it has died, call creditrun deliver again in %d minutes", n, sendingGrace/time.Minute))
	}
	return errors.Join(errs...)
}

// mailReason takes the error of an attempt apart: why it failed, which note it
// was about.
func (a *app) mailReason(err error) (reason, number string) {
	faults := fault.Of(err)
	if len(faults) == 0 {
		return err.Error(), ""
	}
	number, _ = faults[0].Args["number"].(string)
	var send *mailer.SendError
	if errors.As(err, &send) && send.Reply != "" {
		return "The mail server said: " + send.Reply, number
	}
	if cause := faults[0].Err; cause != nil && len(fault.Of(cause)) == 0 {
		return "The mail server said: " + cause.Error(), number
	}
	if causes := fault.Of(faults[0].Err); len(causes) > 0 {
		return a.words(causes[0]), number
	}
	return a.words(faults[0]), number
}

// some lists the first few of many.
func some(list []string, most int) string {
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

// mailRound keeps several jobs for the same mailing from working on it at once,
// and knows what is under way and what has failed.
type mailRound struct {
	deliver func(context.Context, int64) error
	once    bool // what has failed is left to the next round
	mu      sync.Mutex
	busy    map[int64]bool
	failed  map[int64]error
}

func newMailRound(deliver func(context.Context, int64) error, once bool) *mailRound {
	return &mailRound{deliver: deliver, once: once, busy: map[int64]bool{}, failed: map[int64]error{}}
}

// try carries out one mailing.
func (r *mailRound) try(ctx context.Context, id int64) error {
	if !r.begin(id) {
		return nil
	}
	err := r.deliver(ctx, id)
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, id)
	switch {
	case err == nil:
	case errors.As(err, new(*mailer.Undecided)):
	case r.once:
		r.failed[id] = err
	}
	return err
}

func (r *mailRound) begin(id int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[id] || r.failed[id] != nil {
		return false
	}
	r.busy[id] = true
	return true
}

// over reports whether nothing is left to be done when these mailings are ready.
func (r *mailRound) over(ready []int64) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.busy) == 0 && !slices.ContainsFunc(ready, func(id int64) bool { return r.failed[id] == nil })
}

// idle reports the same when so many are ready.
func (r *mailRound) idle(ready int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.busy) == 0 && ready <= len(r.failed)
}

// deliveryStates are the states of mails in the order in which they are listed.
var deliveryStates = []creditnotes.DeliveryState{
	creditnotes.DeliverySent, creditnotes.DeliveryQueued, creditnotes.DeliverySending, creditnotes.DeliveryIncomplete,
	creditnotes.DeliveryFailed, creditnotes.DeliveryParked,
}

func (a *app) printDeliveries(counts map[creditnotes.DeliveryState]int) error {
	if a.json {
		return a.printJSON(counts)
	}
	if len(counts) == 0 {
		a.say("There are no mails.")
	}
	for _, state := range deliveryStates {
		if counts[state] > 0 {
			fmt.Fprintf(a.stdout, "%s %d\n", state, counts[state])
		}
	}
	return nil
}
