package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
)

func (a *app) addressesCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "addresses", Short: "List the e-mail addresses that get no more mails, and why",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			list, err := s.MarkedAddresses(c.Context())
			if err != nil {
				return err
			}
			return a.printAddresses(list)
		},
	}
	a.jsonFlag(c)
	c.AddCommand(a.liftCommand())
	return c
}

// shownAddress is a marked address in JSON.
type shownAddress struct {
	Address  string               `json:"address"`
	Kind     creditnotes.MarkKind `json:"kind"`
	Reason   string               `json:"reason"`
	Number   string               `json:"number"`
	MarkedAt time.Time            `json:"marked_at"`
	MarkedBy string               `json:"marked_by"`
	Reporter string               `json:"reporter"`
}

func (a *app) printAddresses(list []creditnotes.MarkedAddress) error {
	if a.json {
		shown := make([]shownAddress, len(list))
		for i, m := range list {
			shown[i] = shownAddress(m)
		}
		return a.printJSON(shown)
	}
	if len(list) == 0 {
		a.say("No address is marked.")
	}
	for _, m := range list {
		fmt.Fprintf(a.stdout, "%s\t%s\t%s\t%s\t%s\n", m.Address, m.Kind, m.MarkedAt.Format(time.DateOnly), m.Number, m.Reason)
	}
	return nil
}

func (a *app) liftCommand() *cobra.Command {
	return &cobra.Command{
		Use: "lift ADDRESS", Short: "Send mails to an address again that was marked",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			if err := s.LiftAddress(c.Context(), a.who(), args[0]); err != nil {
				return err
			}
			a.say("Mails go to %s again. What was not sent meanwhile is sent with creditrun resend.", args[0])
			return nil
		},
	}
}
