package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// userJSON is a user in a listing.
type userJSON struct {
	Name      string        `json:"name"`
	FullName  string        `json:"full_name"`
	Email     string        `json:"email"`
	Entity    string        `json:"entity"`
	Roles     []access.Role `json:"roles"`
	Language  string        `json:"language"`
	Active    bool          `json:"active"`
	Password  bool          `json:"password"` // has one
	TOTP      bool          `json:"totp"`     // has a second factor
	OpenID    bool          `json:"openid"`   // is linked to an account
	LastLogin string        `json:"last_login_at,omitempty"`
}

func (a *app) usersCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "users", Short: "List who may log in",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			return a.listUsers(c.Context(), s)
		},
	}
	a.jsonFlag(c)
	c.AddCommand(
		a.addUserCommand(), a.setUserCommand(),
		a.userCommand("deactivate NAME", "Refuse a user from now on; logins end and tokens are revoked", func(ctx context.Context, s *store.Store, u *access.User) error {
			u.Active = false
			return s.ChangeUser(ctx, a.actor(), *u)
		}),
		a.userCommand("activate NAME", "Let a user in again", func(ctx context.Context, s *store.Store, u *access.User) error {
			u.Active = true
			return s.ChangeUser(ctx, a.actor(), *u)
		}),
		a.userCommand("invite NAME", "Print a link by which a user sets a new password, once", a.invite),
		a.userCommand("unlock NAME", "Let a user try again at once who has to wait after failed logins", a.unlock),
		a.userCommand("reset-totp NAME", "Remove the second factor of a user", func(ctx context.Context, s *store.Store, u *access.User) error {
			return s.SetTOTP(ctx, a.actor(), u.ID, "")
		}),
		a.addTokenCommand(), a.tokensCommand(), a.revokeCommand(),
	)
	return c
}

func (a *app) listUsers(ctx context.Context, s *store.Store) error {
	users, err := s.Users(ctx)
	if err != nil {
		return err
	}
	list := []userJSON{}
	for _, u := range users {
		list = append(list, userJSON{
			Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: u.Entity, Roles: u.Roles, Language: u.Language, Active: u.Active,
			Password: u.PasswordHash != "", TOTP: u.TOTPSecret != "", OpenID: u.OIDCSubject != "", LastLogin: stamp(u.LastLoginAt),
		})
	}
	if a.json {
		return a.printJSON(list)
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "user\tname\tentity\troles\tactive\tpassword\tsecond factor\topenid\tlast login\t")
	for _, u := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n",
			u.Name, u.FullName, u.Entity, listed(u.Roles), yes(u.Active), yes(u.Password), yes(u.TOTP), yes(u.OpenID), u.LastLogin)
	}
	return table.Flush()
}

// stamp writes a time in UTC, and the zero time as nothing.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

// listed writes roles or scopes in one cell.
func listed[W ~string](list []W) string {
	texts := make([]string, len(list))
	for i, w := range list {
		texts[i] = string(w)
	}
	return strings.Join(texts, ",")
}

// userCommand makes a command about one user.
func (a *app) userCommand(use, short string, do func(ctx context.Context, s *store.Store, u *access.User) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			u, err := s.UserByName(c.Context(), args[0])
			if err != nil {
				return err
			}
			return do(c.Context(), s, u)
		},
	}
}

// unlock forgets the failed logins of a user.
func (a *app) unlock(ctx context.Context, s *store.Store, u *access.User) error {
	counted, err := s.Unlock(ctx, a.who(), u.ID)
	if err != nil {
		return err
	}
	if counted {
		a.say("%s may try again at once.", u.Name)
	} else {
		a.say("%s did not have to wait.", u.Name)
	}
	return nil
}

// invite prints a link of which only the hash is kept.
func (a *app) invite(ctx context.Context, s *store.Store, u *access.User) error {
	return a.printLink(u.Name, func(hash string, expires time.Time) error {
		return s.Invite(ctx, a.actor(), u.ID, hash, expires)
	})
}

// addLinked adds a user and prints a link to set the password.
func (a *app) addLinked(ctx context.Context, s *store.Store, u access.User) error {
	return a.printLink(u.Name, func(hash string, expires time.Time) error {
		_, err := s.AddLinked(ctx, a.actor(), u, hash, expires)
		return err
	})
}

// printLink makes a link to set a password, has its hash kept and prints it.
func (a *app) printLink(name string, keep func(hash string, expires time.Time) error) error {
	secret, hash, err := access.NewSecret()
	if err != nil {
		return err
	}
	if err := keep(hash, a.now().Add(store.LinkLasts)); err != nil {
		return err
	}
	a.say("%s sets a password here, once, within %.0f hours:", name, store.LinkLasts.Hours())
	fmt.Fprintln(a.stdout, a.config.PublicAddress()+"/invite/"+secret)
	return nil
}

// roleFlag collects roles; which there are, the store knows.
type roleFlag []access.Role

// Set implements pflag.Value.
func (f *roleFlag) Set(text string) error {
	for role := range strings.SplitSeq(text, ",") {
		*f = append(*f, access.Role(role))
	}
	return nil
}

// String implements pflag.Value.
func (f *roleFlag) String() string { return listed(*f) }

// Type implements pflag.Value.
func (f *roleFlag) Type() string { return "role" }

// userFlags are the flags with which a user is described.
func userFlags(c *cobra.Command, u *access.User) {
	flags := c.Flags()
	flags.StringVar(&u.FullName, "full-name", "", "name of the person")
	flags.StringVar(&u.Email, "email", "", "e-mail address")
	flags.StringVar(&u.Entity, "entity", "", "key of the entity whose sub-tree the user sees (default the operator)")
	flags.Var((*roleFlag)(&u.Roles), "role", "one of "+listed(access.Roles())+"; may be repeated")
	flags.StringVar(&u.Language, "language", "", "language of the pages, such as de")
}

func (a *app) addUserCommand() *cobra.Command {
	var u access.User
	var fromStdin bool
	c := &cobra.Command{
		Use: "add NAME", Short: "Add a user and print a link to set the password",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			u.Name = args[0]
			if fromStdin {
				hash, err := a.passwordFromStdin(c.Context(), u.Name)
				if err != nil {
					return err
				}
				u.PasswordHash = hash
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			if fromStdin {
				_, err := s.AddUser(c.Context(), a.actor(), u)
				return err
			}
			return a.addLinked(c.Context(), s, u)
		},
	}
	userFlags(c, &u)
	c.Flags().BoolVar(&fromStdin, "password-stdin", false, "read the password from standard input instead of printing a link")
	return c
}

func (a *app) passwordFromStdin(ctx context.Context, name string) (string, error) {
	line, _ := bufio.NewReader(a.stdin).ReadString('\n')
	password := strings.TrimRight(line, "\r\n")
	if f := access.WeakPassword(password, name); f != nil {
		return "", f
	}
	return access.HashPassword(ctx, password)
}

func (a *app) setUserCommand() *cobra.Command {
	var wanted access.User
	c := a.userCommand("set NAME", "Change a user; other roles or another entity end the logins", nil)
	userFlags(c, &wanted)
	c.RunE = a.userCommand("", "", func(ctx context.Context, s *store.Store, u *access.User) error {
		given := map[string]func(){
			"full-name": func() { u.FullName = wanted.FullName },
			"email":     func() { u.Email = wanted.Email },
			"entity":    func() { u.Entity = wanted.Entity },
			"role":      func() { u.Roles = wanted.Roles },
			"language":  func() { u.Language = wanted.Language },
		}
		some := false
		for name, set := range given {
			if c.Flags().Changed(name) {
				set()
				some = true
			}
		}
		if !some {
			return usageError{errors.New("users set: nothing to change is given")}
		}
		return s.ChangeUser(ctx, a.actor(), *u)
	}).RunE
	return c
}

func (a *app) addTokenCommand() *cobra.Command {
	var name string
	var scopes []string
	var days int
	c := a.userCommand("token NAME", "Make an API token of a user and print it, once", func(ctx context.Context, s *store.Store, u *access.User) error {
		if name == "" {
			return usageError{errors.New("--name is required; it tells what the token is for")}
		}
		secret, hash, err := access.NewSecret()
		if err != nil {
			return err
		}
		t := access.Token{UserID: u.ID, Name: name, Hash: hash, Prefix: access.SecretPrefix(secret), ExpiresAt: a.now().AddDate(0, 0, days)}
		for _, scope := range scopes {
			t.Scopes = append(t.Scopes, access.Right(scope))
		}
		added, err := s.AddToken(ctx, a.actor(), t)
		if err != nil {
			return err
		}
		a.say("Token %d of %s is valid until %s and is not shown again:", added.ID, u.Name, stamp(added.ExpiresAt))
		fmt.Fprintln(a.stdout, secret)
		return nil
	})
	c.Flags().StringVar(&name, "name", "", "what the token is for (required)")
	c.Flags().StringSliceVar(&scopes, "scope", nil, "what it may be used for, at most what the user may; may be repeated: "+listed(access.Rights()))
	c.Flags().IntVar(&days, "days", 90, "how long it is valid")
	return c
}

// tokenJSON is an API token in a listing.
type tokenJSON struct {
	ID       int64          `json:"id"`
	Name     string         `json:"name"`
	Prefix   string         `json:"prefix"`
	Scopes   []access.Right `json:"scopes"`
	Expires  string         `json:"expires_at"`
	LastUsed string         `json:"last_used_at,omitempty"`
	Revoked  string         `json:"revoked_at,omitempty"`
}

func (a *app) tokensCommand() *cobra.Command {
	return a.jsonFlag(a.userCommand("tokens NAME", "List the API tokens of a user", func(ctx context.Context, s *store.Store, u *access.User) error {
		tokens, err := s.Tokens(ctx, u.ID)
		if err != nil {
			return err
		}
		list := []tokenJSON{}
		for _, t := range tokens {
			list = append(list, tokenJSON{t.ID, t.Name, t.Prefix, t.Scopes, stamp(t.ExpiresAt), stamp(t.LastUsedAt), stamp(t.RevokedAt)})
		}
		if a.json {
			return a.printJSON(list)
		}
		table := newTable(a.stdout)
		fmt.Fprintln(table, "token\tname\tbegins\tscopes\texpires\tlast used\trevoked\t")
		for _, t := range list {
			fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t\n", t.ID, t.Name, t.Prefix, listed(t.Scopes), t.Expires, t.LastUsed, t.Revoked)
		}
		return table.Flush()
	}))
}

func (a *app) revokeCommand() *cobra.Command {
	return &cobra.Command{
		Use: "revoke NAME TOKEN-ID", Short: "End an API token for good",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil {
				return fault.New(fault.NotFound, "token_unknown", fault.Args{"token": args[1]})
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			u, err := s.UserByName(c.Context(), args[0])
			if err != nil {
				return err
			}
			return s.RevokeToken(c.Context(), a.who(), u.ID, id)
		},
	}
}
