package web

import (
	"time"
)

// confirmView is what a form needs to ask for the confirmation.
type confirmView struct {
	ByPassword bool
	Confirmed  bool   // by the other server, a moment ago
	Next       string // where the other server sends the browser back to
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
