package account

import (
	"net/http"
	"slices"
	"strings"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

// accountView is the own account.
type accountView struct {
	Look      *page.FormState // of the pages
	Digest    *page.FormState // of mails
	Digests   []page.Choice
	Change    *page.FormState // of the password
	Factor    *page.FormState // removed
	User      page.UserLine
	Operator  bool
	Rights    []access.Right
	Languages []page.Choice
	Numbers   []page.Choice // ways of writing numbers
	Zone      string        // in which times are shown
	Logins    []loginLine
	Tokens    page.TokensView
	Token     tokenForm
	Confirm   page.ConfirmView
}

// AccountPage shows the own account.
func (v *Visit) AccountPage() error { return v.showAccount(v.Form("")) }

// The forms of the page of the own account, besides those of tokens.
const (
	lookForm     = "look"
	digestForm   = "digest"
	passwordForm = "password"
	factorForm   = "factor"
)

func (v *Visit) showAccount(f *page.FormState) error {
	u := &v.Who.User
	tokens, err := v.TokensOf(u.ID, "/account")
	if err != nil {
		return err
	}
	logins, err := v.logins(u)
	if err != nil {
		return err
	}
	view := accountView{
		Logins: logins, Look: f.In(lookForm), Digest: f.In(digestForm), Digests: v.digests(), Change: f.In(passwordForm), Factor: f.In(factorForm),
		User: v.UserLine(u), Operator: v.Who.Operator, Rights: v.rights(), Languages: v.Languages(u.Language), Numbers: v.numberFormats(u.NumberFormat), Zone: page.OrElse(f.Text("time_zone"), u.TimeZone), Tokens: tokens,
		Token: v.tokenForm(f.In(page.TokensForm)), Confirm: v.ConfirmTo("/account").On(f),
	}
	f.Fail(tokens.Err())
	return v.ShowForm(f, "account", v.Message("account_title"), view)
}

// numberFormats are the ways of writing numbers that the visitor may choose,
// each as an example; the empty one is that of the language.
func (v *Visit) numberFormats(chosen string) (list []page.Choice) {
	for _, region := range append([]string{""}, locales.NumberFormats()...) {
		example := v.Texts.Number(locales.WithNumbers(v.Words(), region), 123456789, 2)
		if region == "" {
			example = v.Message("account_numbers_own", "Example", example)
		}
		list = append(list, page.Choice{Value: region, Text: example, Chosen: region == chosen})
	}
	return list
}

// SaveLook keeps how pages are written wherever the user logs in; the language
// that was chosen in this browser alone no longer counts.
func (v *Visit) SaveLook() error {
	f := v.Form(lookForm)
	look := access.Look{Language: f.Text("language"), NumberFormat: f.Text("numbers"), TimeZone: f.Text("time_zone")}
	if look.Language != "" && !slices.Contains(v.OfferedLanguages(), look.Language) {
		f.Fail(fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": look.Language}).At("language"))
	}
	if look.NumberFormat != "" && !slices.Contains(locales.NumberFormats(), look.NumberFormat) {
		f.Fail(fault.New(fault.Invalid, "user_number_format_unknown", fault.Args{"format": look.NumberFormat}).At("numbers"))
	}
	if !f.Ok() || f.Fail(v.Store.SetLook(v.R.Context(), v.Name(), v.Who.User.ID, look)) {
		return v.showAccount(f)
	}
	http.SetCookie(v.W, &http.Cookie{Name: "language", Path: "/", MaxAge: -1})
	v.SetLook(look)
	return v.Done("/account", "account_look_saved")
}

// digests are how often the visitor may be mailed what waits.
func (v *Visit) digests() []page.Choice {
	var values []string
	for _, d := range access.Digests() {
		values = append(values, string(d))
	}
	return v.Choices("digest_%s", string(v.Who.User.Digest), values...)
}

// SaveDigest keeps how often the visitor is mailed what waits.
func (v *Visit) SaveDigest() error {
	f := v.Form(digestForm)
	if f.Fail(v.Store.SetDigest(v.R.Context(), v.Name(), v.Who.User.ID, access.Digest(f.Text("digest")))) {
		return v.showAccount(f)
	}
	return v.Done("/account", "digest_saved")
}

// ChangePassword replaces the own password. All other logins end.
func (v *Visit) ChangePassword() error {
	f := v.Form(passwordForm)
	if f.Fail(v.Confirm()) {
		return v.showAccount(f)
	}
	hash, err := v.newPassword(f, v.Name())
	if f.Fail(err) {
		return v.showAccount(f)
	}
	if err := v.Store.SetPassword(v.R.Context(), v.Actor(), v.Who.User.ID, hash); err != nil {
		return err
	}
	return v.Stay("account_password_changed")
}

// SavePreferences keeps language and theme in this browser.
func (v *Visit) SavePreferences() error {
	for _, name := range []string{"language", "theme"} {
		if value := v.R.FormValue(name); value != "" {
			http.SetCookie(v.W, &http.Cookie{
				Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600,
				HttpOnly: true, Secure: strings.HasPrefix(v.PublicURL, "https://"), SameSite: http.SameSiteLaxMode,
			})
		}
	}
	return v.Redirect(page.Local(v.R.FormValue("back")))
}
