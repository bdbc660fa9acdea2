package page

import (
	"strconv"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// ConfirmView is what a form needs to ask for the confirmation.
type ConfirmView struct {
	*FormState
	ByPassword bool
	Confirmed  bool   // by the other server, a moment ago
	Next       string // where the other server sends the browser back to
}

// In is ConfirmView in the form of the page with a name.
func (c ConfirmView) In(name string) ConfirmView {
	if c.FormState != nil {
		c.FormState = c.FormState.In(name)
	}
	return c
}

// On is ConfirmView in a form, at which a wrong password is said.
func (c ConfirmView) On(f *FormState) ConfirmView {
	c.FormState = f
	return c
}

// ConfirmView is what a form at the address of the page needs.
func (v *Visit) ConfirmView() ConfirmView {
	at := v.remembered(KeyConfirmed)
	return ConfirmView{
		ByPassword: v.Who.User.PasswordHash != "",
		Confirmed:  v.now().Sub(at) < ConfirmedFor-time.Minute,
		Next:       v.R.URL.RequestURI(),
	}
}

// ConfirmTo is ConfirmView for a form whose page is at another address than
// the form is sent to.
func (v *Visit) ConfirmTo(page string) ConfirmView {
	c := v.ConfirmView()
	c.Next = page
	return c
}

// Guesses are the keys under which a failed try is counted: first that of what
// was tried, then that of the address it came from, if it counts there.
type Guesses []string

// CheckPassword finds the active user of a name and password. Failures slow
// down the next tries; a try counts as failed before it is judged, so that many
// at once find no gap.
func (v *Visit) CheckPassword(name, password string, g Guesses) (*access.User, error) {
	ctx := v.R.Context()
	user, err := v.store.UserByName(ctx, name)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err := v.Throttle(user, g); err != nil {
		return nil, err
	}
	hash := "" // as slow as a real one
	if user != nil && user.Active {
		hash = user.PasswordHash
	}
	right, err := access.CheckPassword(ctx, hash, password)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, v.Refused("login_refused", user, g)
	}
	return user, v.store.LoginSucceeded(ctx, g[0])
}

// Throttle refuses a try while the user has to wait, and counts the try.
func (v *Visit) Throttle(user *access.User, g Guesses) error {
	ctx := v.R.Context()
	for _, key := range g {
		until, err := v.store.LoginWait(ctx, key)
		if err != nil {
			return err
		}
		if wait := until.Sub(v.now()); wait > 0 {
			seconds := int((wait + time.Second - 1) / time.Second)
			v.log.Warn("login throttled", "user", known(user), "seconds", seconds)
			v.W.Header().Set("Retry-After", strconv.Itoa(seconds))
			return fault.New(fault.Forbidden, "login_wait", fault.Args{"seconds": seconds})
		}
	}
	return v.store.LoginFailed(ctx, g[0])
}

// Refused counts a failed try for the address, too, and makes its fault.
func (v *Visit) Refused(key string, user *access.User, g Guesses) error {
	v.log.Warn("login failed", "user", known(user), "why", key)
	for _, also := range g[1:] {
		if err := v.store.LoginFailed(v.R.Context(), also); err != nil {
			return err
		}
	}
	refused := fault.New(fault.Forbidden, key, nil)
	if key == "code_refused" {
		refused.At("code")
	}
	return refused
}

// known is a user for the log. What a person typed as a name is not logged where
// there is no such user: it may be a password.
func known(user *access.User) string {
	if user == nil {
		return ""
	}
	return user.Name
}

// ByConfirmation is what the failures of a person who is logged in already are
// counted under: apart, so that no one outside can keep a user from confirming,
// and no confirmation from logging in.
func ByConfirmation(name string) string { return store.GuessedConfirmation + name }

// ConfirmedFor is how long a confirmation by the other login server counts.
const ConfirmedFor = 5 * time.Minute

// Confirm makes sure that it is still the visitor who sits there before
// something dangerous is done: by the password in the form or, for those who
// have none, by a login at the other server a moment ago.
func (v *Visit) Confirm() error {
	user := &v.Who.User
	if user.PasswordHash == "" {
		at := v.remembered(KeyConfirmed)
		if v.now().Sub(at) > ConfirmedFor {
			return fault.New(fault.Forbidden, "confirmation_missing", nil)
		}
		return nil
	}
	_, err := v.CheckPassword(user.Name, v.R.PostFormValue("confirm_password"), Guesses{ByConfirmation(user.Name)})
	if fault.Is(err, fault.Forbidden) && fault.Of(err)[0].Key == "login_refused" {
		if err := v.store.ConfirmationFailed(v.R.Context(), user.Name, v.R.URL.Path); err != nil {
			return err
		}
		return fault.New(fault.Forbidden, "password_wrong", nil).At("confirm_password")
	}
	return err
}

// ConfirmedIfTyped reports whether the visitor has confirmed a form in which the
// password is needed only for what decides where money goes: a wrong password
// is an error, none is not.
func (v *Visit) ConfirmedIfTyped() (bool, error) {
	if v.Who.User.PasswordHash != "" && v.R.PostFormValue("confirm_password") == "" {
		return false, nil
	}
	err := v.Confirm()
	if fault.Is(err, fault.Forbidden) && v.Who.User.PasswordHash == "" {
		return false, nil // the other server was not asked a moment ago
	}
	return err == nil, err
}
