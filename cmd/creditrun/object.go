package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
)

// shownNoteJSON is a note with the latest objection to it.
type shownNoteJSON struct {
	creditnotes.NoteJSON
	Deliveries []mailingJSON  `json:"deliveries"` // the original first
	Objection  *objectionJSON `json:"objection,omitempty"`
}

// objectionJSON is an objection to a note.
type objectionJSON struct {
	State     creditnotes.ObjectionState `json:"state"`
	RaisedAt  time.Time                  `json:"raised_at"`
	RaisedBy  string                     `json:"raised_by"`
	About     string                     `json:"about"`
	Text      string                     `json:"text"`
	SettledAt time.Time                  `json:"settled_at,omitzero"`
	SettledBy string                     `json:"settled_by,omitempty"`
	Answer    string                     `json:"answer,omitempty"`
}

// objectionJSONOf is the latest of them, or nil.
func objectionJSONOf(list []creditnotes.Objection) *objectionJSON {
	if len(list) == 0 {
		return nil
	}
	o := list[0]
	return &objectionJSON{o.State, o.RaisedAt, o.RaisedBy, o.Reason, o.Text, o.SettledAt, o.SettledBy, o.Answer}
}

func (a *app) printObjections(list []creditnotes.Objection) {
	for _, o := range list {
		fmt.Fprintf(a.stdout, "  objection of %s by %s, %s: %s\n", o.RaisedAt.Format(time.DateOnly), o.RaisedBy, o.State, o.Text)
		if o.State == creditnotes.ObjectionWithdrawn {
			fmt.Fprintf(a.stdout, "    answer of %s by %s: %s\n", o.SettledAt.Format(time.DateOnly), o.SettledBy, o.Answer)
		}
	}
}

func (a *app) objectCommand() *cobra.Command {
	var reason, answer, about string
	var withdraw bool
	c := &cobra.Command{
		Use: "object NUMBER", Short: "Record a recipient's objection to a credit note, or its withdrawal; until then its owners are not credited",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkObjection(withdraw, reason, answer); err != nil {
				return usageError{err}
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			if withdraw {
				return s.WithdrawObjection(c.Context(), a.who(), args[0], answer)
			}
			return s.Object(c.Context(), a.who(), args[0], about, reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "what the recipient objects to")
	c.Flags().StringVar(&about, "about", "", "code of what it is about: "+strings.Join(creditnotes.ObjectionReasons(), ", "))
	c.Flags().BoolVar(&withdraw, "withdraw", false, "the objection is withdrawn: the credit note stands")
	c.Flags().StringVar(&answer, "answer", "", "what settled it, with --withdraw")
	return c
}

func checkObjection(withdraw bool, reason, answer string) error {
	switch {
	case withdraw && reason != "":
		return errors.New("object: --reason does not go with --withdraw; use --answer")
	case withdraw && answer == "":
		return errors.New("object: --withdraw needs --answer")
	case !withdraw && answer != "":
		return errors.New("object: --answer goes with --withdraw")
	case !withdraw && reason == "":
		return errors.New("object: --reason is required")
	}
	return nil
}
