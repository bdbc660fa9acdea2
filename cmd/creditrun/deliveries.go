package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// mostOpen is how many open recipients are listed at most, and mailings.
const mostOpen = 100_000

// openJSON is an open recipient in a listing.
type openJSON struct {
	Run       string                     `json:"run"`
	Month     string                     `json:"month"`
	Number    string                     `json:"number"`
	Recipient string                     `json:"recipient"`
	Copy      int                        `json:"copy"`
	Delivery  creditnotes.DeliveryState  `json:"delivery"`
	Address   string                     `json:"address"`
	State     creditnotes.RecipientState `json:"state"`
	Reason    string                     `json:"reason"`
	Todo      creditnotes.Todo           `json:"todo"`
	What      string                     `json:"what_to_do"`
	Since     string                     `json:"since"`
	DueAt     string                     `json:"due_at,omitempty"`
}

// mailingJSON is a mailing in a listing.
type mailingJSON struct {
	Number     string                    `json:"number"`
	Recipient  string                    `json:"recipient"`
	Copy       int                       `json:"copy"`
	State      creditnotes.DeliveryState `json:"state"`
	Attempts   int                       `json:"attempts"`
	Reply      string                    `json:"reply"`
	Recipients []recipientJSON           `json:"recipients"`
}

// recipientJSON is what became of a mail at one address.
type recipientJSON struct {
	Address string                     `json:"address"`
	State   creditnotes.RecipientState `json:"state"`
	Reply   string                     `json:"reply"`
}

// mailingsJSON are the mailings of a note.
func mailingsJSON(n *creditnotes.Note, list []creditnotes.Delivery) []mailingJSON {
	out := make([]mailingJSON, len(list))
	for i, d := range list {
		out[i] = mailingJSON{n.Number, n.Recipient, d.Copy, d.State, d.Attempts, d.Reply, recipientsJSON(d.Recipients)}
	}
	return out
}

func recipientsJSON(list []creditnotes.DeliveryRecipient) []recipientJSON {
	out := make([]recipientJSON, len(list))
	for i, r := range list {
		out[i] = recipientJSON(r)
	}
	return out
}

func (a *app) deliveriesCommand() *cobra.Command {
	var open bool
	var run string
	c := &cobra.Command{
		Use: "deliveries", Short: "List the mails of all runs, or those that have not reached everyone",
		Long: `List the mails of all runs, the latest first. With --open list every recipient that has not got its
mail, with the reason and what to do; the exit status is 1 as long as there is one.`,
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			_, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			if open || run != "" {
				return a.listOpen(c.Context(), s, run)
			}
			return a.listMailings(c.Context(), s)
		},
	}
	c.Flags().BoolVar(&open, "open", false, "only what has not arrived, recipient by recipient")
	c.Flags().StringVar(&run, "run", "", "with --open: only of this run")
	a.jsonFlag(c)
	c.AddCommand(a.settleCommand())
	return c
}

// listOpen lists what has not arrived. That there is something makes the
// command fail: someone has to look after it.
func (a *app) listOpen(ctx context.Context, s *store.Store, run string) error {
	if run != "" {
		if _, err := s.RunByName(ctx, run); err != nil {
			return err
		}
	}
	list, err := s.OpenRecipients(ctx, store.OpenFilter{Run: run, Limit: mostOpen})
	if err != nil {
		return err
	}
	pause, err := s.MailPause(ctx)
	if err != nil {
		return err
	}
	rows := make([]openJSON, len(list))
	for i, r := range list {
		rows[i] = openJSON{
			r.Run, r.Month, r.Number, r.Recipient, r.Copy, r.Mailed, r.Address, r.State, r.Reply, r.State.Todo(), whatToDo(r, pause), r.Since.Format(time.RFC3339), "",
		}
		if !r.DueAt.IsZero() {
			rows[i].DueAt = r.DueAt.Format(time.RFC3339)
		}
	}
	if a.json {
		err = a.printJSON(rows)
	} else {
		err = a.printOpen(rows)
	}
	if err == nil && len(rows) > 0 {
		err = fmt.Errorf("%d recipients have not got their mail", len(rows))
	}
	return err
}

func (a *app) printOpen(rows []openJSON) error {
	if len(rows) == 0 {
		a.say("Every mail has reached all its recipients.")
		return nil
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "run\tmonth\tnumber\trecipient\taddress\tstate\treason\twhat to do\t")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", r.Run, r.Month, r.Number, r.Recipient, r.Address, r.State, r.Reason, r.What)
	}
	return table.Flush()
}

// whatToDo is a sentence for an open recipient.
func whatToDo(r creditnotes.OpenRecipient, pause *creditnotes.MailPause) string {
	switch r.State.Todo() {
	case creditnotes.TodoCorrect:
		return "correct the address, then creditrun resend " + r.Number + " --to ADDRESS"
	case creditnotes.TodoAsk:
		return "ask the recipient, then creditrun deliveries settle " + r.Number + " arrived, or again"
	}
	switch {
	case r.State == creditnotes.RecipientSending:
		return "nothing, it is being handed over"
	case pause != nil:
		return "nothing, it waits for the mail server, which is tried next at " + pause.NextProbe.Format(time.RFC3339) + ": " + pause.Said
	case !r.DueAt.IsZero():
		return "nothing, it is tried again at " + r.DueAt.Format(time.RFC3339)
	}
	return "nothing, creditrun deliver or a running creditrun serve sends it"
}

func (a *app) listMailings(ctx context.Context, s *store.Store) error {
	list, err := s.ListDeliveries(ctx, store.DeliveryFilter{Limit: mostOpen})
	if err != nil {
		return err
	}
	rows := make([]mailingJSON, len(list))
	for i, d := range list {
		rows[i] = mailingJSON{d.Number, d.Recipient, d.Copy, d.State, d.Attempts, d.Reply, recipientsJSON(d.Recipients)}
	}
	if a.json {
		return a.printJSON(rows)
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "number\tcopy\trecipient\tstate\taddress\tstate\treply\t")
	for _, d := range rows {
		number, copied, recipient, state := d.Number, strconv.Itoa(d.Copy), d.Recipient, string(d.State)
		for _, r := range d.Recipients {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", number, copied, recipient, state, r.Address, r.State, r.Reply)
			number, copied, recipient, state = "", "", "", ""
		}
	}
	return table.Flush()
}

func (a *app) settleCommand() *cobra.Command {
	return &cobra.Command{
		Use: "settle NUMBER arrived|again", Short: "Say of a parked mail whether it arrived",
		Long: `A mail is parked when no one knows whether the server took it: it ended between the end of the mail
and the answer. Ask the recipient, then say that it arrived, or have it sent again.`,
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			if args[1] != "arrived" && args[1] != "again" {
				return usageError{fmt.Errorf("deliveries settle: %q is neither arrived nor again", args[1])}
			}
			_, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			if err := s.SettleMail(c.Context(), a.who(), args[0], args[1] == "arrived"); err != nil {
				return err
			}
			if args[1] == "arrived" {
				a.say("The mail of %s counts as arrived.", args[0])
				return nil
			}
			a.say("The mail of %s is queued; creditrun deliver or a running creditrun serve sends it.", args[0])
			return nil
		},
	}
}
