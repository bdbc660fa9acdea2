package web

import (
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// inviteView is the page that a link from a mail leads to: to set the own
// password, or to remove the own second factor.
type inviteView struct {
	*form
	Name     string
	Secret   string
	Factor   bool // the second factor is removed
	Password bool // by the password; otherwise there is none
}

// invitePage opens a one-time link.
func (v *visit) invitePage() error {
	user, purpose, err := v.invited()
	if err != nil {
		return err
	}
	return v.showInvite(v.form(""), user, purpose)
}

// invited is whose link it is, and what it is for.
func (v *visit) invited() (*access.User, store.LinkPurpose, error) {
	return v.Store.InvitedUser(v.r.Context(), access.HashSecret(v.r.PathValue("secret")))
}

func (v *visit) showInvite(f *form, user *access.User, purpose store.LinkPurpose) error {
	view := inviteView{f, user.Name, v.r.PathValue("secret"), purpose == store.ToRemoveSecondFactor, user.PasswordHash != ""}
	key := "invite_title"
	if view.Factor {
		key = "invite_factor_title"
	}
	return v.showForm(f, "invite", v.message(key), view)
}

// acceptInvite does what the link is for and logs in; the link is used up. A
// link to set a password does not represent a second factor, nor one to remove
// the second factor for a password.
func (v *visit) acceptInvite() error {
	user, purpose, err := v.invited()
	if err != nil {
		return err
	}
	use := v.setPassword
	if purpose == store.ToRemoveSecondFactor {
		use = v.removeFactor
	}
	f := v.form("")
	accepted, err := use(f, user)
	if f.fail(err) {
		return v.showInvite(f, user, purpose)
	}
	if accepted.PasswordHash == "" { // the link alone lets no one in
		return v.redirect("/login")
	}
	return v.admit(accepted)
}

// setPassword sets the password that was typed.
func (v *visit) setPassword(f *form, user *access.User) (*access.User, error) {
	hash, err := v.newPassword(f, user.Name)
	if err != nil {
		return nil, err
	}
	return v.Store.AcceptInvitation(v.r.Context(), access.HashSecret(v.r.PathValue("secret")), hash)
}

// removeFactor removes the second factor of who knows the password.
func (v *visit) removeFactor(f *form, user *access.User) (*access.User, error) {
	if user.PasswordHash != "" {
		if _, err := v.checkPassword(user.Name, f.values.Get("password"), v.anonymous(byName(user.Name))); err != nil {
			return nil, err
		}
	}
	return v.Store.RemoveSecondFactor(v.r.Context(), access.HashSecret(v.r.PathValue("secret")))
}

// newPassword reads a new password, typed twice, from a form and returns its
// hash.
func (v *visit) newPassword(f *form, name string) (string, error) {
	password := f.values.Get("password") // with its spaces
	if password != f.values.Get("repeated") {
		return "", fault.New(fault.Invalid, "passwords_differ", nil).At("repeated")
	}
	if weak := access.WeakPassword(password, name); weak != nil {
		return "", weak
	}
	return access.HashPassword(v.r.Context(), password)
}
