package web

import (
	"context"
	"strconv"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// userView is one user.
type userView struct {
	User    userLine
	Path    string
	Form    userForm
	Tokens  []tokenLine
	Self    bool // the visitor
	Confirm confirmView
}

// userPage shows one user.
func (v *visit) userPage() error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	return v.showUser(u, *u, nil)
}

// userNamed is the user of the address.
func (v *visit) userNamed() (*access.User, error) {
	return v.Store.UserByName(v.r.Context(), v.r.PathValue("name"))
}

// showUser shows a user and the form as it was filled in, with what was wrong
// on top.
func (v *visit) showUser(u *access.User, filled access.User, problem error) error {
	tokens, err := v.tokenLines(u.ID)
	if err != nil {
		return err
	}
	path := userPath(u.Name)
	view := userView{
		User: v.userLine(u), Path: path, Form: v.userForm(&filled), Tokens: tokens, Self: u.ID == v.who.User.ID, Confirm: v.confirmTo(path),
	}
	if problem != nil {
		return v.retry(problem, "user", u.Name, view)
	}
	return v.show("user", u.Name, view)
}

// changeUser stores what the form says.
func (v *visit) changeUser() error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	wanted := v.formUser(*u)
	if err = v.confirm(); err == nil {
		err = v.Store.ChangeUser(v.r.Context(), v.name(), wanted)
	}
	if err != nil {
		return v.showUser(u, wanted, err)
	}
	return v.done(userPath(u.Name), "user_saved", "Name", u.Name)
}

// actOn does something dangerous to the user of the address and says so.
func (v *visit) actOn(message string, do func(ctx context.Context, u *access.User) error) error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	if err = v.confirm(); err == nil {
		err = do(v.r.Context(), u)
	}
	if err != nil {
		return v.showUser(u, *u, err)
	}
	return v.done(userPath(u.Name), message, "Name", u.Name)
}

// activateUser lets a user in again.
func (v *visit) activateUser() error {
	return v.actOn("user_activated", func(ctx context.Context, u *access.User) error {
		wanted := *u
		wanted.Active = true
		return v.Store.ChangeUser(ctx, v.name(), wanted)
	})
}

// deactivateUser keeps a user out; logins and tokens end.
func (v *visit) deactivateUser() error {
	return v.actOn("user_deactivated", func(ctx context.Context, u *access.User) error {
		wanted := *u
		wanted.Active = false
		return v.Store.ChangeUser(ctx, v.name(), wanted)
	})
}

// inviteUser shows a new one-time link.
func (v *visit) inviteUser() error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	if err := v.confirm(); err != nil {
		return v.showUser(u, *u, err)
	}
	return v.invite(u)
}

// resetTOTP removes the second factor of a user who has lost it.
func (v *visit) resetTOTP() error {
	return v.actOn("user_totp_reset", func(ctx context.Context, u *access.User) error {
		if u.TOTPSecret == "" {
			return nil
		}
		return v.Store.SetTOTP(ctx, v.name(), u.ID, "")
	})
}

// unlinkOIDC takes away the account of another login server.
func (v *visit) unlinkOIDC() error {
	return v.actOn("user_oidc_unlinked", func(ctx context.Context, u *access.User) error {
		return v.Store.LinkOIDC(ctx, v.name(), u.ID, "", "")
	})
}

// revokeUserToken ends an API token of a user.
func (v *visit) revokeUserToken() error {
	return v.actOn("token_is_revoked", func(ctx context.Context, u *access.User) error {
		id, err := v.id("token_unknown", "token")
		if err != nil {
			return err
		}
		return v.Store.RevokeToken(ctx, v.name(), u.ID, id)
	})
}

// id is the number {id} of the address; what is none is not there.
func (v *visit) id(unknown, noun string) (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, unknown, fault.Args{noun: v.r.PathValue("id")})
	}
	return id, nil
}
