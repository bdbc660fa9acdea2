package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
)

// resendFlags say what is mailed again, and where to.
type resendFlags struct {
	run    string
	stored bool
	to     []string
}

func (a *app) resendCommand() *cobra.Command {
	var flags resendFlags
	c := &cobra.Command{
		Use: "resend NUMBER|REPORT", Short: "Mail the identical documents once more, to the addresses that the recipient has now",
		Long: `Mail the identical documents of a note or of a settlement report once more, or with --run those of
every note and report of a run that did not reach all its recipients. They go to the addresses that the recipient has now, unless a
flag says otherwise. The subject is marked as a copy where a server accepted an earlier mail.`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := flags.check(args); err != nil {
				return usageError{err}
			}
			runner, _, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			if flags.run != "" {
				return a.resendRun(c.Context(), runner, flags)
			}
			delivery, err := runner.Resend(c.Context(), creditnotes.ResendRequest{
				Number: args[0], Addresses: flags.addresses(), To: flags.to, Who: a.who(),
			})
			if err != nil {
				return err
			}
			a.say("Mail %d of %s to %s is queued (0 is the original); creditrun deliver or a running creditrun serve sends it.",
				delivery.Copy, args[0], strings.Join(delivery.To, ", "))
			return nil
		},
	}
	c.Flags().StringVar(&flags.run, "run", "", "every note of this run that did not reach all its recipients")
	c.Flags().BoolVar(&flags.stored, "stored", false, "to the addresses that were stored with the note")
	c.Flags().StringSliceVar(&flags.to, "to", nil, "to these addresses, separated by commas")
	return c
}

func (f *resendFlags) check(args []string) error {
	switch {
	case (f.run == "") == (len(args) == 0):
		return errors.New("resend: name one credit note, or a run with --run")
	case f.stored && len(f.to) > 0:
		return errors.New("resend: --stored and --to exclude each other")
	case f.run != "" && len(f.to) > 0:
		return errors.New("resend: --to is for one credit note, not for a run")
	}
	return nil
}

func (f *resendFlags) addresses() creditnotes.Addresses {
	switch {
	case len(f.to) > 0:
		return creditnotes.AddressesNamed
	case f.stored:
		return creditnotes.AddressesStored
	}
	return creditnotes.AddressesPresent
}

// resendRun mails the notes of a run again and says which were left out. Those
// make the command fail: a person has to look after them.
func (a *app) resendRun(ctx context.Context, runner *creditnotes.Runner, flags resendFlags) error {
	resent, err := runner.ResendRun(ctx, flags.run, flags.addresses(), a.who())
	if err != nil {
		return err
	}
	a.say("%d mails are queued; creditrun deliver or a running creditrun serve sends them.", len(resent.Queued))
	var errs []error
	for _, s := range resent.Skipped {
		errs = append(errs, fmt.Errorf("%s was not queued: %s", s.Number, a.words(s.Reason)))
	}
	return errors.Join(errs...)
}
