package web

import (
	"encoding/base64"
	"html/template"
	"strings"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// keyTOTP is where a web session remembers a secret for one-time codes until a
// right code shows that an app knows it.
const keyTOTP = "totp"

// imageSize is how wide and high the QR code is, in pixels.
const imageSize = 240

// totpView is the page on which an authenticator app is set up.
type totpView struct {
	*form
	Secret  string
	Image   template.URL // the QR code
	Confirm confirmView
}

// totpPage shows a new secret. It stays the same until it is confirmed, so
// that looking again does not void what the app has read.
func (v *visit) totpPage() error { return v.showTOTP(v.form("")) }

func (v *visit) showTOTP(f *form) error {
	if v.who.User.TOTPSecret != "" {
		return v.redirect("/account")
	}
	secret := v.sessions.GetString(v.r.Context(), keyTOTP)
	if secret == "" {
		var err error
		if secret, err = access.NewTOTPSecret(); err != nil {
			return err
		}
		v.sessions.Put(v.r.Context(), keyTOTP, secret)
	}
	address, err := access.TOTPURL("creditrun", v.name(), secret)
	if err != nil {
		return err
	}
	image, err := access.TOTPImage(address, imageSize)
	if err != nil {
		return err
	}
	view := totpView{
		form: f, Secret: inFours(secret), Confirm: v.confirmTo("/account/totp").on(f),
		Image: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(image)),
	}
	return v.showForm(f, "totp", v.message("totp_title"), view)
}

// inFours writes a secret so that it can be typed.
func inFours(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// addTOTP turns the second factor on, once a code of it is right. The code is
// used up by that.
func (v *visit) addTOTP() error {
	ctx, user := v.r.Context(), &v.who.User
	secret := v.sessions.GetString(ctx, keyTOTP)
	if secret == "" || user.TOTPSecret != "" {
		return v.redirect("/account/totp")
	}
	f := v.form("")
	if f.fail(v.confirm()) {
		return v.showTOTP(f)
	}
	step, right := access.CheckTOTP(secret, v.r.PostFormValue("code"), v.Now(), 0)
	if !right {
		f.fail(fault.New(fault.Forbidden, "code_refused", nil).At("code"))
		return v.showTOTP(f)
	}
	if err := v.Store.SetTOTP(ctx, v.actor(), user.ID, secret); err != nil {
		return err
	}
	if _, err := v.Store.UseTOTPStep(ctx, user.ID, step); err != nil {
		return err
	}
	v.sessions.Remove(ctx, keyTOTP)
	return v.stay("totp_added")
}

// removeTOTP turns the second factor off, for who has both factors.
func (v *visit) removeTOTP() error {
	user := &v.who.User
	if user.TOTPSecret == "" {
		return v.redirect("/account")
	}
	if f := v.form(factorForm); f.fail(v.confirm()) || f.fail(v.checkCode(user, guesses{byConfirmation(user.Name)})) {
		return v.showAccount(f)
	}
	if err := v.Store.SetTOTP(v.r.Context(), v.actor(), user.ID, ""); err != nil {
		return err
	}
	return v.stay("totp_removed")
}
