package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
)

// sessionJSON is a session in a listing.
type sessionJSON struct {
	Source    string                   `json:"source"`
	Session   string                   `json:"session"`
	Version   int                      `json:"version"`
	EVSEID    string                   `json:"evse_id"`
	Connector int                      `json:"connector"`
	OCPI      string                   `json:"connector_id,omitempty"`
	Class     sessions.Class           `json:"class"`
	Start     string                   `json:"start"`
	End       string                   `json:"end"`
	Energy    string                   `json:"energy_kwh"`
	Status    sessions.Status          `json:"status"`
	State     creditnotes.SessionState `json:"state"`
	Reason    sessions.Reason          `json:"reason,omitempty"`
	Overlaps  string                   `json:"overlaps,omitempty"`
	Number    string                   `json:"number,omitempty"`
	ReusedID  string                   `json:"reused_id,omitempty"`
	nextJSON
}

// sessionStates are what --state chooses from.
var sessionStates = []string{
	string(creditnotes.SessionOpen), string(creditnotes.SessionHeld), string(creditnotes.SessionDrafted),
	string(creditnotes.SessionCredited), string(creditnotes.SessionZero), string(creditnotes.SessionExcluded),
	string(creditnotes.SessionWithdrawn),
}

func (a *app) sessionsCommand() *cobra.Command {
	var month, owner, state, next string
	var limit int
	c := &cobra.Command{
		Use: "sessions", Short: "List sessions and what became of them",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if state != "" && !slices.Contains(sessionStates, state) {
				return usageError{fmt.Errorf("--state: there is no state %q; states are %s", state, strings.Join(sessionStates, ", "))}
			}
			return a.listSessions(c.Context(), month, owner, creditnotes.SessionFilter{State: creditnotes.SessionState(state), Next: creditnotes.SessionState(next)}, limit)
		},
	}
	c.Flags().StringVar(&month, "month", "", "only those that end in this month")
	c.Flags().StringVar(&owner, "owner", "", "only those at connectors this entity owned when they started")
	c.Flags().StringVar(&state, "state", "", "only in this state: "+strings.Join(sessionStates, ", "))
	nextFlag(c, &next)
	c.Flags().IntVar(&limit, "limit", 0, "at most this many")
	a.jsonFlag(c)
	c.AddCommand(
		a.releaseCommand(),
		a.decideCommand("invalidate ID", "Mark a session as invalid; it is held from now on",
			"Session %s is invalid; it is held until it is released.", (*store.Store).InvalidateSession),
		a.correctCommand(), a.signedCommand(), a.checkSignaturesCommand(),
		a.decideCommand("separate ID", "Decide that a record held as id_reused is a session of its own",
			"Session %s stands by itself; the next run judges it.", (*store.Store).SeparateSession),
		a.decideCommand("merge ID", "Decide that a record held as id_reused corrects the session that has its id",
			"Record %s is a correction; the next run pays the difference.", (*store.Store).TakeAsCorrection),
	)
	return c
}

// releaseCommand releases one session, or all that another one blocks.
func (a *app) releaseCommand() *cobra.Command {
	c := a.decideCommand("release ID", "Credit a held session all the same in the next run",
		"Session %s is released; the next run credits it if it has a price.", (*store.Store).ReleaseSession)
	one := c.RunE
	blocker := c.Flags().String("blocked-by", "", "instead of ID: all sessions that are held because they overlap this one")
	c.Use = "release (ID | --blocked-by ID)"
	c.Args = arguments(func(c *cobra.Command, args []string) error {
		if *blocker != "" {
			return cobra.NoArgs(c, args)
		}
		return cobra.ExactArgs(1)(c, args)
	})
	c.RunE = func(c *cobra.Command, args []string) error {
		if *blocker == "" {
			return one(c, args)
		}
		reason, err := reasonOf(c)
		if err != nil {
			return err
		}
		return a.releaseBlocked(c.Context(), *blocker, reason)
	}
	return c
}

func (a *app) releaseBlocked(ctx context.Context, blocker, reason string) error {
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	session, err := oneSession(ctx, s, blocker)
	if err != nil {
		return err
	}
	ids, err := runner.Blocked(ctx, session)
	if err != nil {
		return err
	}
	done, _, err := s.ReleaseSessions(ctx, a.who(), ids, reason)
	if err != nil {
		return err
	}
	a.say("%d sessions that %s blocks are released; the next run credits those that have a price.", done, session.ExternalID)
	return nil
}

// correctCommand corrects a session, credited or not.
func (a *app) correctCommand() *cobra.Command {
	var invalid bool
	var end, energy string
	c := &cobra.Command{
		Use: "correct ID", Short: "Correct a session, credited or not; the next run takes back and pays the difference",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			reason, err := reasonOf(c)
			if err != nil {
				return err
			}
			change := creditnotes.SessionChange{Invalid: invalid}
			if end != "" {
				if change.End, err = time.Parse(time.RFC3339, end); err != nil {
					return usageError{fmt.Errorf("--end: %q is not a time such as 2026-10-31T12:00:00+01:00", end)}
				}
			}
			if energy != "" {
				kWh, err := money.ParseQuantity(energy)
				if err != nil || kWh < 0 {
					return usageError{fmt.Errorf("--energy: %q is not an energy in kWh such as 12.345", energy)}
				}
				change.Energy = &kWh
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			session, err := oneSession(c.Context(), s, args[0])
			if err != nil {
				return err
			}
			if err := s.CorrectSession(c.Context(), a.who(), session.ID, change, reason); err != nil {
				return err
			}
			a.say("Session %s is corrected; the next run takes back what it was paid and pays what it is worth now.", session.ExternalID)
			return nil
		},
	}
	c.Flags().BoolVar(&invalid, "invalid", false, "it was no charge: what it was paid is taken back")
	c.Flags().StringVar(&end, "end", "", "when it really ended, such as 2026-10-31T12:00:00+01:00")
	c.Flags().StringVar(&energy, "energy", "", "the energy in kWh that it really had")
	addReason(c)
	return c
}

func addReason(c *cobra.Command) { c.Flags().String("reason", "", "why (required)") }

// reasonOf is the reason that a person gives for a decision.
func reasonOf(c *cobra.Command) (string, error) {
	reason, err := c.Flags().GetString("reason")
	if err == nil && reason == "" {
		err = usageError{errors.New("--reason is required; it is kept in the audit log")}
	}
	return reason, err
}

func (a *app) listSessions(ctx context.Context, month, owner string, f creditnotes.SessionFilter, limit int) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	network, err := a.network(ctx, s)
	if err != nil {
		return err
	}
	if month != "" {
		m, err := entities.ParseMonth(month)
		if err != nil {
			return usageError{fmt.Errorf("--month: %w", err)}
		}
		f.From, f.Until = m.Start(network.Zone()), m.End(network.Zone())
	}
	if owner != "" {
		entity := network.Tree.Entity(owner)
		if entity == nil {
			return fault.New(fault.NotFound, "entity_unknown", fault.Args{"entity": owner})
		}
		f.Owned = network.Holdings(entity.Key)
	}
	if err := a.openFor(ctx, s, f.Next); err != nil {
		return err
	}
	var list []sessionJSON
	for row, err := range s.EachSession(ctx, f) {
		if err != nil {
			return err
		}
		one := row.Session
		list = append(list, sessionJSON{
			Source: one.Source, Session: one.ExternalID, Version: one.Version, EVSEID: one.EVSEID, Connector: one.Connector,
			Class: network.Class(&one), Start: one.Start.In(network.Zone()).Format(time.RFC3339), End: one.End.In(network.Zone()).Format(time.RFC3339),
			Energy: one.Energy.String(), Status: one.Status, State: row.State, Reason: row.Reason, Overlaps: row.Other, Number: row.Number,
			OCPI: one.OCPIConnector, ReusedID: one.ReusedID, nextJSON: nextOf(f.Next, &row),
		})
		if len(list) == limit {
			break
		}
	}
	return a.printSessions(list)
}

func (a *app) printSessions(list []sessionJSON) error {
	if a.json {
		if list == nil {
			list = []sessionJSON{}
		}
		return a.printJSON(list)
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "session\tevse\tstart\tkWh\tclass\tstate\treason\tnote\t")
	for _, one := range list {
		connector := cmp.Or(one.OCPI, strconv.Itoa(one.Connector))
		fmt.Fprintf(table, "%s\t%s/%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", one.Session, one.EVSEID, connector, one.Start, one.Energy, one.Class, one.State, reasonWords(cmp.Or(one.NextReason, one.Reason), one.Overlaps), one.Number)
	}
	return table.Flush()
}

// reasonWords is a reason with the session that is overlapped, if one is.
func reasonWords(reason sessions.Reason, other string) string {
	if other == "" {
		return string(reason)
	}
	return fmt.Sprintf("%s (%s)", reason, other)
}

// network compiles the configured network; where nothing is configured yet it
// says so.
func (a *app) network(ctx context.Context, s *store.Store) (*entities.Network, error) {
	config, err := s.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	if len(config.Entities) == 0 {
		return nil, fault.New(fault.NotReady, "operator_missing", nil)
	}
	return entities.NewNetwork(config.Entities, config.Stations, config.Connectors, config.Media, config.Partners)
}

// decideCommand makes a command by which a person decides about one session.
func (a *app) decideCommand(use, short, done string, decide func(*store.Store, context.Context, string, int64, string) error) *cobra.Command {
	c := &cobra.Command{
		Use: use, Short: short, Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			reason, err := reasonOf(c)
			if err != nil {
				return err
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			session, err := oneSession(c.Context(), s, args[0])
			if err != nil {
				return err
			}
			if err := decide(s, c.Context(), a.who(), session.ID, reason); err != nil {
				return err
			}
			a.say(done, session.ExternalID)
			return nil
		},
	}
	addReason(c)
	return c
}

// oneSession finds the current version of a session by its id, or by
// source/id where several sources use the same.
func oneSession(ctx context.Context, s *store.Store, name string) (*sessions.Session, error) {
	found, err := s.FindSessions(ctx, name)
	if err != nil {
		return nil, err
	}
	current := map[string]*sessions.Session{}
	for i := range found {
		key := found[i].Source
		if current[key] == nil || current[key].Version < found[i].Version {
			current[key] = &found[i]
		}
	}
	if len(current) > 1 {
		return nil, fault.New(fault.Usage, "session_ambiguous", fault.Args{"session": name, "count": len(current)})
	}
	for _, session := range current {
		return session, nil
	}
	return nil, fault.New(fault.NotFound, "session_unknown", fault.Args{"session": name})
}

func (a *app) explainCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "explain SESSION", Short: "Why this amount: the price path of one session",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			runner, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			session, err := oneSession(c.Context(), s, args[0])
			if err != nil {
				return err
			}
			explanation, err := runner.Explain(c.Context(), s, session)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(explanation.JSON())
			}
			a.printExplanation(explanation)
			return nil
		},
	}
	return a.jsonFlag(c)
}

// printParts prints what a session comes to, part by part.
func (a *app) printParts(e *creditnotes.Explanation) {
	contract := e.Path.Contract
	if contract == nil {
		fmt.Fprintf(a.stdout, "  energy %s + time %s + fee %s = %s %s\n", e.NetEnergy, e.NetTime, e.NetFee, e.Total(), e.Path.Currency)
		return
	}
	fmt.Fprintf(a.stdout, "  contract %s", contract.Key)
	if e.Driver != nil {
		fmt.Fprintf(a.stdout, ", driver amount %s (connection fee %s)", e.Driver.Amount, e.Driver.Fee)
	}
	if contract.Share != nil {
		fmt.Fprintf(a.stdout, ", share %s %%", contract.Share)
	}
	fmt.Fprintln(a.stdout)
	for i, net := range e.Nets.Parts() {
		if *net != 0 {
			fmt.Fprintf(a.stdout, "    %s: %s\n", creditnotes.LineComponents()[i], *net)
		}
	}
	fmt.Fprintf(a.stdout, "  = %s %s\n", e.Total(), e.Path.Currency)
}

func (a *app) printExplanation(e *creditnotes.Explanation) {
	fmt.Fprintf(a.stdout, "%s: %s session of %s, %s kWh, %d s\n", e.Session.ExternalID, e.Class, e.Owner, e.Session.Energy, e.Session.Duration)
	if e.Reason != "" {
		fmt.Fprintf(a.stdout, "  %s: %s\n", e.Outcome, reasonWords(e.Reason, e.Other))
	}
	if e.Warned != "" {
		fmt.Fprintf(a.stdout, "  warning: %s\n", reasonWords(e.Warned, e.Other))
	}
	if e.Outcome == creditnotes.OutcomeWithdrawn {
		fmt.Fprintln(a.stdout, "  withdrawn: taken back by its source before it was credited")
	}
	if e.Number != "" {
		fmt.Fprintf(a.stdout, "  credited by %s\n", e.Number)
	}
	if e.Path == nil {
		return
	}
	for _, tried := range e.Path.Tried {
		fmt.Fprintf(a.stdout, "  %-20s %-12s %-11s %s  %s\n", tried.Rule, tried.Tariff, tried.Result, tried.Why, tried.Condition)
	}
	for _, step := range e.Steps {
		fmt.Fprintf(a.stdout, "    %s: %s × %s = %s\n", step.Component, step.Units, step.Price, step.Amount)
	}
	if e.Path.Discount != 0 {
		fmt.Fprintf(a.stdout, "    less %s %%\n", e.Path.Discount)
	}
	if e.Outcome == creditnotes.OutcomePriced {
		a.printParts(e)
	}
}
