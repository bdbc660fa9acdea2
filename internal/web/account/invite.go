package account

import (
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// inviteView is the page that a link from a mail leads to: to set the own
// password, or to remove the own second factor.
type inviteView struct {
	*page.FormState
	Name     string
	Secret   string
	Factor   bool // the second factor is removed
	Password bool // by the password; otherwise there is none
}

// InvitePage opens a one-time link.
func (v *Visit) InvitePage() error {
	user, purpose, err := v.invited()
	if err != nil {
		return err
	}
	return v.showInvite(v.Form(""), user, purpose)
}

// invited is whose link it is, and what it is for.
func (v *Visit) invited() (*access.User, store.LinkPurpose, error) {
	return v.Store.InvitedUser(v.R.Context(), access.HashSecret(v.R.PathValue("secret")))
}

func (v *Visit) showInvite(f *page.FormState, user *access.User, purpose store.LinkPurpose) error {
	view := inviteView{f, user.Name, v.R.PathValue("secret"), purpose == store.ToRemoveSecondFactor, user.PasswordHash != ""}
	key := "invite_title"
	if view.Factor {
		key = "invite_factor_title"
	}
	return v.ShowForm(f, "invite", v.Message(key), view)
}

// AcceptInvite does what the link is for and logs in; the link is used up. A
// link to set a password does not represent a second factor, nor one to remove
// the second factor for a password.
func (v *Visit) AcceptInvite() error {
	user, purpose, err := v.invited()
	if err != nil {
		return err
	}
	use := v.setPassword
	if purpose == store.ToRemoveSecondFactor {
		use = v.removeFactor
	}
	f := v.Form("")
	accepted, err := use(f, user)
	if f.Fail(err) {
		return v.showInvite(f, user, purpose)
	}
	if accepted.PasswordHash == "" { // the link alone lets no one in
		return v.Redirect("/login")
	}
	return v.admit(accepted)
}

// setPassword sets the password that was typed.
func (v *Visit) setPassword(f *page.FormState, user *access.User) (*access.User, error) {
	hash, err := v.newPassword(f, user.Name)
	if err != nil {
		return nil, err
	}
	return v.Store.AcceptInvitation(v.R.Context(), access.HashSecret(v.R.PathValue("secret")), hash)
}

// removeFactor removes the second factor of who knows the password.
func (v *Visit) removeFactor(f *page.FormState, user *access.User) (*access.User, error) {
	if user.PasswordHash != "" {
		if _, err := v.CheckPassword(user.Name, f.Values.Get("password"), v.anonymous(byName(user.Name))); err != nil {
			return nil, err
		}
	}
	return v.Store.RemoveSecondFactor(v.R.Context(), access.HashSecret(v.R.PathValue("secret")))
}

// newPassword reads a new password, typed twice, from a form and returns its
// hash.
func (v *Visit) newPassword(f *page.FormState, name string) (string, error) {
	password := f.Values.Get("password") // with its spaces
	if password != f.Values.Get("repeated") {
		return "", fault.New(fault.Invalid, "passwords_differ", nil).At("repeated")
	}
	if weak := access.WeakPassword(password, name); weak != nil {
		return "", weak
	}
	return access.HashPassword(v.R.Context(), password)
}
