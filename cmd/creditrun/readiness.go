package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// findingJSON is one thing the readiness check found.
type findingJSON struct {
	Severity creditnotes.Severity `json:"severity"`
	Finding  string               `json:"finding"`
	Args     fault.Args           `json:"args"`
	Text     string               `json:"text"`
}

// readinessJSON is the whole check.
type readinessJSON struct {
	Month    entities.Month          `json:"month"`
	Ready    bool                    `json:"ready"`
	Findings []findingJSON           `json:"findings"`
	Held     []creditnotes.HeldGroup `json:"held"`
	Warned   []creditnotes.HeldGroup `json:"warned"`
}

func (a *app) readinessCommand() *cobra.Command {
	var month string
	c := &cobra.Command{
		Use: "readiness", Short: "What would go wrong in the next run",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			runner, s, err := a.runner(c.Context())
			if err != nil {
				return err
			}
			network, err := a.network(c.Context(), s)
			if err != nil {
				return err
			}
			m := entities.MonthOf(a.now(), network.Zone())
			if month != "" {
				if m, err = entities.ParseMonth(month); err != nil {
					return usageError{fmt.Errorf("--month: %w", err)}
				}
			}
			ready, err := runner.Readiness(c.Context(), m)
			if err != nil {
				return err
			}
			return a.printReadiness(ready)
		},
	}
	c.Flags().StringVar(&month, "month", "", "the month to be credited (default: this month)")
	return a.jsonFlag(c)
}

func (a *app) printReadiness(r *creditnotes.Readiness) error {
	out := readinessJSON{Month: r.Month, Ready: !r.Stopped(), Findings: []findingJSON{}, Held: r.Held, Warned: r.Warned}
	if out.Held == nil {
		out.Held = []creditnotes.HeldGroup{}
	}
	if out.Warned == nil {
		out.Warned = []creditnotes.HeldGroup{}
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, findingJSON{f.Severity, f.Fault.Key, f.Fault.Args, a.words(f.Fault)})
	}
	if a.json {
		return a.printJSON(out)
	}
	for _, f := range out.Findings {
		fmt.Fprintf(a.stdout, "%-6s %s\n", f.Severity, f.Text)
	}
	for _, h := range out.Held {
		fmt.Fprintf(a.stdout, "held   %d sessions with %s kWh of %q: %s\n", h.Sessions, h.Energy, h.Owner, h.Reason)
	}
	for _, h := range out.Warned {
		fmt.Fprintf(a.stdout, "warned %d sessions with %s kWh of %q are credited: %s\n", h.Sessions, h.Energy, h.Owner, h.Reason)
	}
	verdict := "ready"
	if !out.Ready {
		verdict = "not ready"
	}
	fmt.Fprintf(a.stdout, "%s is %s\n", r.Month, verdict)
	return nil
}
