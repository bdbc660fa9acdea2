package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// roleJSON is a role in a listing.
type roleJSON struct {
	Role    access.Role    `json:"role"`
	Name    string         `json:"name,omitempty"`
	BuiltIn bool           `json:"built_in"`
	Rights  []access.Right `json:"rights"`
}

func (a *app) rolesCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "roles", Short: "List roles and their rights",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			custom, err := s.CustomRoles(c.Context())
			if err != nil {
				return err
			}
			return a.listRoles(custom)
		},
	}
	c.AddCommand(a.setRoleCommand(), a.deleteRoleCommand())
	return a.jsonFlag(c)
}

func (a *app) listRoles(custom []access.CustomRole) error {
	var list []roleJSON
	for _, role := range access.Roles() {
		list = append(list, roleJSON{Role: role, BuiltIn: true, Rights: access.RightsOf(role)})
	}
	for _, c := range custom {
		list = append(list, roleJSON{Role: c.Role, Name: c.Name, Rights: c.Rights})
	}
	if a.json {
		return a.printJSON(list)
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "role\tname\tbuilt in\trights\t")
	for _, r := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t\n", r.Role, r.Name, yes(r.BuiltIn), listed(r.Rights))
	}
	return table.Flush()
}

func (a *app) setRoleCommand() *cobra.Command {
	var name string
	var rights []string
	c := &cobra.Command{
		Use: "set ROLE", Short: "Make a role of rights, or change its name and rights",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			role, err := s.CustomRole(c.Context(), access.Role(args[0]))
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			if role == nil {
				role = &access.CustomRole{Role: access.Role(args[0])}
			}
			seen := store.CustomRoleFingerprint(nil)
			if err == nil {
				seen = store.CustomRoleFingerprint(role)
			}
			if !c.Flags().Changed("name") && !c.Flags().Changed("right") {
				return usageError{errors.New("roles set: nothing to change is given")}
			}
			if c.Flags().Changed("name") {
				role.Name = name
			}
			if c.Flags().Changed("right") {
				role.Rights = nil
				for _, right := range rights {
					role.Rights = append(role.Rights, access.Right(strings.TrimSpace(right)))
				}
			}
			return s.SaveCustomRole(c.Context(), a.actor(), *role, seen)
		},
	}
	c.Flags().StringVar(&name, "name", "", "name of the role")
	c.Flags().StringSliceVar(&rights, "right", nil, "what its users may do; may be repeated: "+listed(access.Rights()))
	return c
}

func (a *app) deleteRoleCommand() *cobra.Command {
	return &cobra.Command{
		Use: "delete ROLE", Short: "Delete a role that no user has",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			return s.DeleteCustomRole(c.Context(), a.actor(), access.Role(args[0]))
		},
	}
}
