package account

import (
	"encoding/base64"
	"html/template"
	"strings"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// keyTOTP is where a web session remembers a secret for one-time codes until a
// right code shows that an app knows it.
const keyTOTP = "totp"

// imageSize is how wide and high the QR code is, in pixels.
const imageSize = 240

// totpView is the page on which an authenticator app is set up.
type totpView struct {
	*page.FormState
	Secret  string
	Image   template.URL // the QR code
	Confirm page.ConfirmView
}

// TOTPPage shows a new secret. It stays the same until it is confirmed, so
// that looking again does not void what the app has read.
func (v *Visit) TOTPPage() error { return v.showTOTP(v.Form("")) }

func (v *Visit) showTOTP(f *page.FormState) error {
	if v.Who.User.TOTPSecret != "" {
		return v.Redirect("/account")
	}
	secret := v.Sessions.GetString(v.R.Context(), keyTOTP)
	if secret == "" {
		var err error
		if secret, err = access.NewTOTPSecret(); err != nil {
			return err
		}
		v.Sessions.Put(v.R.Context(), keyTOTP, secret)
	}
	address, err := access.TOTPURL("creditrun", v.Name(), secret)
	if err != nil {
		return err
	}
	image, err := access.TOTPImage(address, imageSize)
	if err != nil {
		return err
	}
	view := totpView{
		FormState: f, Secret: inFours(secret), Confirm: v.ConfirmTo("/account/totp").On(f),
		Image: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(image)),
	}
	return v.ShowForm(f, "totp", v.Message("totp_title"), view)
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

// AddTOTP turns the second factor on, once a code of it is right. The code is
// used up by that.
func (v *Visit) AddTOTP() error {
	ctx, user := v.R.Context(), &v.Who.User
	secret := v.Sessions.GetString(ctx, keyTOTP)
	if secret == "" || user.TOTPSecret != "" {
		return v.Redirect("/account/totp")
	}
	f := v.Form("")
	if f.Fail(v.Confirm()) {
		return v.showTOTP(f)
	}
	step, right := access.CheckTOTP(secret, v.R.PostFormValue("code"), v.Now(), 0)
	if !right {
		f.Fail(fault.New(fault.Forbidden, "code_refused", nil).At("code"))
		return v.showTOTP(f)
	}
	if err := v.Store.SetTOTP(ctx, v.Actor(), user.ID, secret); err != nil {
		return err
	}
	if _, err := v.Store.UseTOTPStep(ctx, user.ID, step); err != nil {
		return err
	}
	v.Sessions.Remove(ctx, keyTOTP)
	return v.Stay("totp_added")
}

// RemoveTOTP turns the second factor off, for who has both factors.
func (v *Visit) RemoveTOTP() error {
	user := &v.Who.User
	if user.TOTPSecret == "" {
		return v.Redirect("/account")
	}
	if f := v.Form(factorForm); f.Fail(v.Confirm()) || f.Fail(v.checkCode(user, page.Guesses{page.ByConfirmation(user.Name)})) {
		return v.showAccount(f)
	}
	if err := v.Store.SetTOTP(v.R.Context(), v.Actor(), user.ID, ""); err != nil {
		return err
	}
	return v.Stay("totp_removed")
}
