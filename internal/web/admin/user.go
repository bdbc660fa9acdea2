package admin

import (
	"context"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// userView is one user.
type userView struct {
	User    page.UserLine
	Path    string
	Form    page.UserForm
	Tokens  page.TokensView
	Link    *linkLine // the last one that was mailed; nil: none
	Self    bool      // the visitor
	Confirm page.ConfirmView
}

// linkLine is what became of a link that was mailed; never the link.
type linkLine struct {
	To    string
	State string // queued, sent, failed or void
	When  time.Time
	Reply string // of the mail server
}

// linkLine is the last link that was mailed to a user, or nil.
func (v *Visit) linkLine(userID int64) (*linkLine, error) {
	n, err := v.Store.LastLink(v.R.Context(), userID)
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
)

// UserPage shows one user.
func (v *Visit) UserPage() error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	return v.showUser(v.Form(changeForm), u, *u)
}

// userNamed is the user of the address.
func (v *Visit) userNamed() (*access.User, error) {
	return v.Store.UserByName(v.R.Context(), v.R.PathValue("name"))
}

// showUser shows a user and the form as it was filled in.
func (v *Visit) showUser(f *page.FormState, u *access.User, filled access.User) error {
	path := page.UserPath(u.Name)
	tokens, err := v.TokensOf(u.ID, path)
	if err != nil {
		return err
	}
	link, err := v.linkLine(u.ID)
	if err != nil {
		return err
	}
	change := f.In(changeForm)
	change.See(store.UserFingerprint(u))
	view := userView{
		User: v.UserLine(u), Path: path, Form: v.userForm(change, &filled), Tokens: tokens, Link: link,
		Self: u.ID == v.Who.User.ID, Confirm: v.ConfirmTo(path).On(f),
	}
	f.Fail(tokens.Err())
	return v.ShowForm(f, "user", u.Name, view)
}

// ChangeUser stores what the form says.
func (v *Visit) ChangeUser() error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	f := v.Form(changeForm)
	wanted := page.FormUser(f, *u)
	if f.Fail(v.Confirm()) || f.Fail(v.Store.ChangeUser(v.R.Context(), v.Actor(), wanted, f.Sent())) {
		return v.showUser(f, u, wanted)
	}
	return v.Done(page.UserPath(u.Name), "user_saved", "Name", u.Name)
}

// actOn does something dangerous to the user of the address and says so.
func (v *Visit) actOn(form, message string, do func(ctx context.Context, u *access.User) error) error {
	u, err := v.userNamed()
	if err != nil {
		return err
	}
	f := v.Form(form)
	if f.Fail(v.Confirm()) || f.Fail(do(v.R.Context(), u)) {
		return v.showUser(f, u, *u)
	}
	return v.Done(page.UserPath(u.Name), message, "Name", u.Name)
}

// ActivateUser lets a user in again.
func (v *Visit) ActivateUser() error {
	return v.actOn(actionsForm, "user_activated", func(ctx context.Context, u *access.User) error {
		wanted := *u
		wanted.Active = true
		return v.Store.ChangeUser(ctx, v.Actor(), wanted, store.UserFingerprint(u))
	})
}

// DeactivateUser keeps a user out; logins and tokens end.
func (v *Visit) DeactivateUser() error {
	return v.actOn(actionsForm, "user_deactivated", func(ctx context.Context, u *access.User) error {
		wanted := *u
		wanted.Active = false
		return v.Store.ChangeUser(ctx, v.Actor(), wanted, store.UserFingerprint(u))
	})
}

// InviteUser has a link to set a password mailed to the user.
func (v *Visit) InviteUser() error {
	return v.actOn(actionsForm, "user_invited", func(ctx context.Context, u *access.User) error {
		return v.Store.MailLink(ctx, v.Actor(), u.ID, store.ToSetPassword, v.PublicURL)
	})
}

// ResetTOTP has a link mailed to a user who has lost the second factor, with
// which the user removes it.
func (v *Visit) ResetTOTP() error {
	return v.actOn(actionsForm, "user_totp_reset", func(ctx context.Context, u *access.User) error {
		return v.Store.MailLink(ctx, v.Actor(), u.ID, store.ToRemoveSecondFactor, v.PublicURL)
	})
}

// UnlinkOIDC takes away the account of another login server.
func (v *Visit) UnlinkOIDC() error {
	return v.actOn(actionsForm, "user_oidc_unlinked", func(ctx context.Context, u *access.User) error {
		return v.Store.LinkOIDC(ctx, v.Actor(), u.ID, "", "")
	})
}

// RevokeUserToken ends an API token of a user.
func (v *Visit) RevokeUserToken() error {
	return v.actOn(page.TokensForm, "token_is_revoked", func(ctx context.Context, u *access.User) error {
		id, err := v.ID("token_unknown", "token")
		if err != nil {
			return err
		}
		return v.Store.RevokeToken(ctx, v.Name(), u.ID, id)
	})
}
