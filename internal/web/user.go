package web

import (
	"context"
	"strconv"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// userView is one user.
type userView struct {
	User    userLine
	Path    string
	Form    userForm
	Tokens  tokensView
	Link    *linkLine // the last one that was mailed; nil: none
	Self    bool      // the visitor
	Confirm confirmView
}

// linkLine is what became of a link that was mailed; never the link.
type linkLine struct {
	To    string
	State string // queued, sent, failed or void
	When  time.Time
	Reply string // of the mail server
}

// linkLine is the last link that was mailed to a user, or nil.
func (v *visit) linkLine(userID int64) (*linkLine, error) {
	n, err := v.Store.LastLink(v.r.Context(), userID)
	if n == nil || err != nil {
		return nil, err
	}
	line := &linkLine{To: n.To, State: string(n.State), When: n.CreatedAt, Reply: n.Reply}
	switch {
	case n.State == creditnotes.DeliverySent:
		line.When, line.Reply = n.SentAt, ""
	case n.Reply == store.LinkVoid:
		line.State, line.Reply = store.LinkVoid, ""
	}
	return line, nil
}

// The forms of the page of a user.
const (
	changeForm  = "change"
	actionsForm = "actions"
	tokensForm  = "tokens"
)

// userPage shows one user.
func (v *visit) userPage() error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	return v.showUser(v.form(changeForm), u, *u)
}

// userNamed is the user of the address.
func (v *visit) userNamed() (*access.User, error) {
	return v.Store.UserByName(v.r.Context(), v.r.PathValue("name"))
}

// showUser shows a user and the form as it was filled in.
func (v *visit) showUser(f *form, u *access.User, filled access.User) error {
	path := userPath(u.Name)
	tokens, err := v.tokensOf(u.ID, path)
	if err != nil {
		return err
	}
	link, err := v.linkLine(u.ID)
	if err != nil {
		return err
	}
	change := f.In(changeForm)
	change.see(store.UserFingerprint(u))
	view := userView{
		User: v.userLine(u), Path: path, Form: v.userForm(change, &filled), Tokens: tokens, Link: link,
		Self: u.ID == v.who.User.ID, Confirm: v.confirmTo(path).on(f),
	}
	f.fail(tokens.Err())
	return v.showForm(f, "user", u.Name, view)
}

// changeUser stores what the form says.
func (v *visit) changeUser() error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	f := v.form(changeForm)
	wanted := formUser(f, *u)
	if f.fail(v.confirm()) || f.fail(v.Store.ChangeUser(v.r.Context(), v.actor(), wanted, f.sent())) {
		return v.showUser(f, u, wanted)
	}
	return v.done(userPath(u.Name), "user_saved", "Name", u.Name)
}

// actOn does something dangerous to the user of the address and says so.
func (v *visit) actOn(form, message string, do func(ctx context.Context, u *access.User) error) error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	f := v.form(form)
	if f.fail(v.confirm()) || f.fail(do(v.r.Context(), u)) {
		return v.showUser(f, u, *u)
	}
	return v.done(userPath(u.Name), message, "Name", u.Name)
}

// activateUser lets a user in again.
func (v *visit) activateUser() error {
	return v.actOn(actionsForm, "user_activated", func(ctx context.Context, u *access.User) error {
		wanted := *u
		wanted.Active = true
		return v.Store.ChangeUser(ctx, v.actor(), wanted, store.UserFingerprint(u))
	})
}

// deactivateUser keeps a user out; logins and tokens end.
func (v *visit) deactivateUser() error {
	return v.actOn(actionsForm, "user_deactivated", func(ctx context.Context, u *access.User) error {
		wanted := *u
		wanted.Active = false
		return v.Store.ChangeUser(ctx, v.actor(), wanted, store.UserFingerprint(u))
	})
}

// inviteUser has a link to set a password mailed to the user.
func (v *visit) inviteUser() error {
	return v.actOn(actionsForm, "user_invited", func(ctx context.Context, u *access.User) error {
		return v.Store.MailLink(ctx, v.actor(), u.ID, store.ToSetPassword, v.PublicURL)
	})
}

// resetTOTP has a link mailed to a user who has lost the second factor, with
// which the user removes it.
func (v *visit) resetTOTP() error {
	return v.actOn(actionsForm, "user_totp_reset", func(ctx context.Context, u *access.User) error {
		return v.Store.MailLink(ctx, v.actor(), u.ID, store.ToRemoveSecondFactor, v.PublicURL)
	})
}

// unlinkOIDC takes away the account of another login server.
func (v *visit) unlinkOIDC() error {
	return v.actOn(actionsForm, "user_oidc_unlinked", func(ctx context.Context, u *access.User) error {
		return v.Store.LinkOIDC(ctx, v.actor(), u.ID, "", "")
	})
}

// revokeUserToken ends an API token of a user.
func (v *visit) revokeUserToken() error {
	return v.actOn(tokensForm, "token_is_revoked", func(ctx context.Context, u *access.User) error {
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
