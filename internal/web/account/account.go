package account

import (
	"net/http"
	"slices"
	"strings"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// accountView is the own account.
type accountView struct {
	Language  *page.FormState // of the pages
	Digest    *page.FormState // of mails
	Digests   []page.Choice
	Change    *page.FormState // of the password
	Factor    *page.FormState // removed
	User      page.UserLine
	Operator  bool
	Rights    []access.Right
	Languages []page.Choice
	Logins    []loginLine
	Tokens    page.TokensView
	Token     tokenForm
	Confirm   page.ConfirmView
}

// AccountPage shows the own account.
func (v *Visit) AccountPage() error { return v.showAccount(v.Form("")) }

// The forms of the page of the own account, besides those of tokens.
const (
	languageForm = "language"
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
		Logins: logins, Language: f.In(languageForm), Digest: f.In(digestForm), Digests: v.digests(), Change: f.In(passwordForm), Factor: f.In(factorForm),
		User: v.UserLine(u), Operator: v.Who.Operator, Rights: v.rights(), Languages: v.Languages(u.Language), Tokens: tokens,
		Token: v.tokenForm(f.In(page.TokensForm)), Confirm: v.ConfirmTo("/account").On(f),
	}
	f.Fail(tokens.Err())
	return v.ShowForm(f, "account", v.Message("account_title"), view)
}

// SaveLanguage keeps the language that pages are in wherever the user logs in;
// what was chosen in this browser alone no longer counts.
func (v *Visit) SaveLanguage() error {
	f := v.Form(languageForm)
	lang := f.Text("language")
	if lang != "" && !slices.Contains(v.Texts.PageLanguages(), lang) {
		f.Fail(fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": lang}).At("language"))
		return v.showAccount(f)
	}
	if err := v.Store.SetUserLanguage(v.R.Context(), v.Name(), v.Who.User.ID, lang); err != nil {
		return err
	}
	http.SetCookie(v.W, &http.Cookie{Name: "language", Path: "/", MaxAge: -1})
	if lang != "" {
		v.Lang = lang
	}
	return v.Done("/account", "account_language_saved")
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
