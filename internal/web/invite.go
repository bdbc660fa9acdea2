package web

import (
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// inviteView is the page on which somebody sets the own password.
type inviteView struct {
	Name   string
	Secret string
}

// invitePage opens a one-time link.
func (v *visit) invitePage() error {
	user, err := v.Store.InvitedUser(v.r.Context(), access.HashSecret(v.r.PathValue("secret")))
	if err != nil {
		return err
	}
	return v.showAs("invite", "invite_title", inviteView{user.Name, v.r.PathValue("secret")})
}

// acceptInvite sets the password and logs in; the link is used up. It does not
// stand for a second factor.
func (v *visit) acceptInvite() error {
	ctx, secret := v.r.Context(), v.r.PathValue("secret")
	user, err := v.Store.InvitedUser(ctx, access.HashSecret(secret))
	if err != nil {
		return err
	}
	hash, err := v.newPassword(user.Name)
	if err != nil {
		title, _ := v.text("invite_title")
		return v.retry(err, "invite", title, inviteView{user.Name, secret})
	}
	if user, err = v.Store.AcceptInvitation(ctx, access.HashSecret(secret), hash); err != nil {
		return err
	}
	return v.admit(user)
}

// newPassword reads a new password, typed twice, from a form and returns its
// hash.
func (v *visit) newPassword(name string) (string, error) {
	password := v.r.PostFormValue("password")
	if password != v.r.PostFormValue("repeated") {
		return "", fault.New(fault.Invalid, "passwords_differ", nil)
	}
	if weak := access.WeakPassword(password, name); weak != nil {
		return "", weak
	}
	return access.HashPassword(v.r.Context(), password)
}
