package web

import (
	"time"
)

// confirmView is what a form needs to ask for the confirmation.
type confirmView struct {
	*form
	ByPassword bool
	Confirmed  bool   // by the other server, a moment ago
	Next       string // where the other server sends the browser back to
}

// In is confirmView in the form of the page with a name.
func (c confirmView) In(name string) confirmView {
	if c.form != nil {
		c.form = c.form.In(name)
	}
	return c
}

// on is confirmView in a form, at which a wrong password is said.
func (c confirmView) on(f *form) confirmView {
	c.form = f
	return c
}

func (v *visit) confirmView() confirmView {
	at := v.remembered(keyConfirmed)
	return confirmView{
		ByPassword: v.who.User.PasswordHash != "",
		Confirmed:  v.Now().Sub(at) < confirmedFor-time.Minute,
		Next:       v.r.URL.RequestURI(),
	}
}

// confirmTo is confirmView for a form whose page is at another address than
// the form is sent to.
func (v *visit) confirmTo(page string) confirmView {
	c := v.confirmView()
	c.Next = page
	return c
}
