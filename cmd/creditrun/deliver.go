package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/mailer"
)

// sendingGrace is how long a sending may be unfinished before it counts as that
// of a process that died: as long as one mailing may take.
const sendingGrace = 20 * time.Minute

// delivery connects the mail transport with the outbox.
func (a *app) delivery(s *store.Store) (*mailer.Deliverer, store.Work, error) {
	transport, err := mailer.Open(a.config.MailURL())
	if err != nil {
		return nil, store.Work{}, err
	}
	deliverer := &mailer.Deliverer{Outbox: s, Transport: transport, Texts: a.texts, Now: a.now, Log: a.log, MaxAttempts: a.config.MailAttempts}
	work := store.Work{Deliver: deliverer.Deliver, MailWorkers: 2, SendingGrace: sendingGrace}
	if transport.Repeatable() {
		work.SendingGrace = 0
	}
	return deliverer, work, nil
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

// deliverAll works on the mail queue until nothing is queued any more, or
// every mailing that is left has failed once in this call.
func (a *app) deliverAll(ctx context.Context, s *store.Store) error {
	deliverer, work, err := a.delivery(s)
	if err != nil {
		return err
	}
	defer deliverer.Transport.Close()
	var failures failures
	work.Failed = failures.add
	stop, err := s.StartWork(ctx, work)
	if err != nil {
		return err
	}
	err = waitFor(ctx, func() (bool, error) {
		ready, err := s.ReadyDeliveries(ctx)
		return ready == 0 || failures.count() >= ready, err
	})
	stop()
	if err := errors.Join(err, failures.err()); err != nil {
		return err
	}
	return a.printDeliveries(ctx, s)
}

func (a *app) printDeliveries(ctx context.Context, s *store.Store) error {
	counts, err := s.DeliveryCounts(ctx)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(counts)
	}
	for _, state := range []creditnotes.DeliveryState{
		creditnotes.DeliverySent, creditnotes.DeliveryQueued, creditnotes.DeliverySending, creditnotes.DeliveryFailed, creditnotes.DeliveryParked,
	} {
		if counts[state] > 0 {
			fmt.Fprintf(a.stdout, "%s %d\n", state, counts[state])
		}
	}
	return nil
}

func (a *app) resendCommand() *cobra.Command {
	return &cobra.Command{
		Use: "resend NUMBER", Short: "Mail the identical documents once more, marked as a copy",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			runner, _, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			delivery, err := runner.Resend(c.Context(), args[0], a.who())
			if err != nil {
				return err
			}
			a.say("Copy %d of %s is queued; creditrun deliver or a running creditrun serve sends it.", delivery.Copy, args[0])
			return nil
		},
	}
}
