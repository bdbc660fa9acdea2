package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
)

// nextStates are what --next chooses from.
var nextStates = []string{
	string(creditnotes.SessionHeld), string(creditnotes.SessionCredited), string(creditnotes.SessionZero), string(creditnotes.SessionExcluded),
	string(creditnotes.SessionWithdrawn),
}

// nextJSON is what the next run would make of a session, where that was asked for.
type nextJSON struct {
	Next         creditnotes.SessionState `json:"next,omitempty"`
	NextReason   sessions.Reason          `json:"next_reason,omitempty"`
	NextNet      *money.Micros            `json:"next_net,omitempty"`
	NextCurrency string                   `json:"next_currency,omitempty"`
}

func nextOf(asked creditnotes.SessionState, row *creditnotes.SessionRow) nextJSON {
	if asked == "" {
		return nextJSON{}
	}
	return nextJSON{row.Next, row.NextReason, row.Net, row.Currency}
}

func nextFlag(c *cobra.Command, next *string) {
	c.Flags().StringVar(next, "next", "", "only those of which the next run would make this: "+strings.Join(nextStates, ", "))
	c.PreRunE = func(*cobra.Command, []string) error {
		if *next != "" && !slices.Contains(nextStates, *next) {
			return usageError{fmt.Errorf("--next: there is no outcome %q; outcomes are %s", *next, strings.Join(nextStates, ", "))}
		}
		return nil
	}
}

// openFor brings the open month up to date where a list asks for it.
func (a *app) openFor(ctx context.Context, s *store.Store, next creditnotes.SessionState) error {
	if next == "" {
		return nil
	}
	runner, _, err := a.runner(ctx)
	if err != nil {
		return err
	}
	_, err = (&creditnotes.OpenMonth{Runner: runner, Store: s}).Refresh(ctx)
	return err
}
