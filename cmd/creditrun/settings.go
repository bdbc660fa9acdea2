package main

import (
	"bufio"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
)

func (a *app) settingsCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "settings", Short: "Show what administrators toggle",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			settings, err := s.Settings(c.Context())
			if err != nil {
				return err
			}
			values := settings.Values()
			if a.json {
				return a.printJSON(values)
			}
			for _, key := range slices.Sorted(maps.Keys(values)) {
				fmt.Fprintf(a.stdout, "%-28s %s\n", key, values[key])
			}
			return nil
		},
	}
	a.jsonFlag(c)
	c.AddCommand(a.setCommand())
	return c
}

func (a *app) setCommand() *cobra.Command {
	var yes bool
	c := &cobra.Command{
		Use: "set KEY VALUE", Short: "Change a setting; who, when, old and new value are kept",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			if args[0] == "active" && args[1] == "true" && !yes && !a.confirmTwice() {
				return usageError{fmt.Errorf("settings set active true: not confirmed; nothing was changed (--yes confirms)")}
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			key, value := args[0], args[1]
			if creditnotes.IsLogo(key) {
				if value, err = logoSetting(c.Context(), s, value); err != nil {
					return err
				}
			}
			changed, err := s.SetSettings(c.Context(), a.who(), []creditnotes.Setting{{Key: key, Value: value}})
			if err == nil && changed == 0 {
				a.say("%s is %s already.", args[0], args[1])
			}
			return err
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "confirm turning the feature on")
	return c
}

// confirmTwice asks twice before the feature is turned on (domain.md §9.1).
func (a *app) confirmTwice() bool {
	answers := bufio.NewScanner(a.stdin)
	for _, question := range []string{
		"Credit notes to Sub-CPOs is a charged service. Turn it on? [yes/no] ",
		"From the next month end credit notes will be issued and mailed. Really turn it on? [yes/no] ",
	} {
		fmt.Fprint(a.stderr, question)
		if !answers.Scan() || strings.TrimSpace(answers.Text()) != "yes" {
			return false
		}
	}
	return true
}
