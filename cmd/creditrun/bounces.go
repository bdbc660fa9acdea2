package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/robfig/cron/v3"
	"github.com/spf13/cobra"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/mailer"
	"creditrun/mailer/bounces"
	"creditrun/mailer/mailbox"
)

// returns connects the mailbox into which mails come back with the store; nil:
// none is configured.
func (a *app) returns(s *store.Store, who string) (*mailer.Returns, error) {
	if a.config.BounceMailbox == "" {
		return nil, nil
	}
	m, err := mailbox.Open(a.config.BounceURL())
	if err != nil {
		return nil, err
	}
	return &mailer.Returns{Mailbox: m, Store: s, Who: who, Log: a.log}, nil
}

func (a *app) bouncesCommand() *cobra.Command {
	var show string
	c := &cobra.Command{
		Use: "bounces", Short: "Read the mailbox into which mails come back, and mark the addresses that failed",
		Long: `Read the mailbox bounce_mailbox. Recipients of whom a mail system reports that a mail of creditrun
failed are bounced, and their addresses get no more mails until the address is replaced or the mark
is lifted (creditrun addresses). Reports that are read are moved into the folder Processed; every
other message stays. With --show nothing is read or changed but the message in a file is explained.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if show != "" {
				return a.showBounce(show)
			}
			return a.readBounces(c.Context())
		},
	}
	c.Flags().StringVar(&show, "show", "", "explain the message in this file instead, as JSON")
	return a.jsonFlag(c)
}

func (a *app) readBounces(ctx context.Context) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	returns, err := a.returns(s, a.who())
	if err != nil {
		return err
	}
	if returns == nil {
		return fault.New(fault.NotReady, "bounce_mailbox_missing", nil)
	}
	read, err := returns.Read(ctx)
	if a.json {
		return errors.Join(a.printJSON(read), err)
	}
	a.say("%d messages read: %d reports about mails of creditrun, %d known already; %d are about something else and stay.",
		read.Messages, read.Reports, read.Known, read.Left)
	if read.Bounced+read.Delayed+read.Marked > 0 {
		a.say("%d recipients did not get a mail, %d wait for it longer; %d addresses are marked: creditrun addresses lists them.",
			read.Bounced, read.Delayed, read.Marked)
	}
	if read.Unassigned > 0 {
		a.say("%d failures or complaints name an address that the mail was not sent to; nothing was marked for them.", read.Unassigned)
	}
	return err
}

// shownBounce is what a message says, in JSON.
type shownBounce struct {
	Kind       bounces.Kind     `json:"kind"`
	Recipients []shownRecipient `json:"recipients"`
	OriginalID *string          `json:"original_message_id"`
}

type shownRecipient struct {
	Address    string  `json:"address"`
	Original   *string `json:"original_recipient,omitempty"`
	Status     *string `json:"status"`
	Action     string  `json:"action"`
	Diagnostic *string `json:"diagnostic"`
	RemoteMTA  *string `json:"remote_mta"`
}

// showBounce explains the message in a file.
func (a *app) showBounce(path string) error {
	var from io.Reader = a.stdin
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return err
		}
		defer file.Close()
		from = file
	}
	raw, err := io.ReadAll(io.LimitReader(from, bounces.MaxSize))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	report := bounces.Parse(raw)
	shown := shownBounce{Kind: report.Kind, Recipients: []shownRecipient{}, OriginalID: orNull(report.OriginalID)}
	for _, r := range report.Recipients {
		shown.Recipients = append(shown.Recipients, shownRecipient{
			r.Address, orNull(r.Original), orNull(r.Status), r.Action, orNull(r.Diagnostic), orNull(r.RemoteMTA),
		})
	}
	encoder := json.NewEncoder(a.stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(shown)
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// watchBounces reads the mailbox now and every few minutes until the context
// ends. What is wrong with it is logged once, and when it is over.
func (a *app) watchBounces(ctx context.Context, s *store.Store) error {
	returns, err := a.returns(s, "bounces")
	if err != nil || returns == nil {
		return err
	}
	broken := false
	read := cron.NewChain(cron.SkipIfStillRunning(cron.DiscardLogger)).Then(cron.FuncJob(func() {
		_, err := returns.Read(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && !broken:
			a.log.Error("mailbox of returned mails", "err", err)
		case err == nil && broken:
			a.log.Info("mailbox of returned mails is read again")
		}
		broken = err != nil
	}))
	clock := cron.New()
	clock.Schedule(cron.Every(bouncesEvery), read)
	clock.Start()
	go read.Run()
	context.AfterFunc(ctx, func() { clock.Stop() })
	return nil
}

// bouncesEvery is how often the mailbox of returned mails is read.
const bouncesEvery = askEvery
