package web

import (
	"net/http"
	"slices"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// accountView is the own account.
type accountView struct {
	Language  *form // of the pages
	Change    *form // of the password
	Factor    *form // removed
	User      userLine
	Operator  bool
	Rights    []access.Right
	Languages []choice
	Tokens    tokensView
	Token     tokenForm
	Confirm   confirmView
}

// accountPage shows the own account.
func (v *visit) accountPage() error { return v.showAccount(v.form("")) }

// The forms of the page of the own account, besides those of tokens.
const (
	languageForm = "language"
	passwordForm = "password"
	factorForm   = "factor"
)

func (v *visit) showAccount(f *form) error {
	u := &v.who.User
	tokens, err := v.tokensOf(u.ID, "/account")
	if err != nil {
		return err
	}
	view := accountView{
		Language: f.In(languageForm), Change: f.In(passwordForm), Factor: f.In(factorForm),
		User: v.userLine(u), Operator: v.who.Operator, Rights: v.rights(), Languages: v.languages(u.Language), Tokens: tokens,
		Token: v.tokenForm(f.In(tokensForm)), Confirm: v.confirmTo("/account").on(f),
	}
	f.fail(tokens.Err())
	return v.showForm(f, "account", v.message("account_title"), view)
}

// saveLanguage keeps the language that pages are in wherever the user logs in;
// what was chosen in this browser alone no longer counts.
func (v *visit) saveLanguage() error {
	f := v.form(languageForm)
	lang := f.text("language")
	if lang != "" && !slices.Contains(v.Texts.PageLanguages(), lang) {
		f.fail(fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": lang}).At("language"))
		return v.showAccount(f)
	}
	if err := v.Store.SetUserLanguage(v.r.Context(), v.name(), v.who.User.ID, lang); err != nil {
		return err
	}
	http.SetCookie(v.w, &http.Cookie{Name: "language", Path: "/", MaxAge: -1})
	if lang != "" {
		v.lang = lang
	}
	return v.done("/account", "account_language_saved")
}

// changePassword replaces the own password. All other logins end.
func (v *visit) changePassword() error {
	f := v.form(passwordForm)
	if f.fail(v.confirm()) {
		return v.showAccount(f)
	}
	hash, err := v.newPassword(f, v.name())
	if f.fail(err) {
		return v.showAccount(f)
	}
	if err := v.Store.SetPassword(v.r.Context(), v.actor(), v.who.User.ID, hash); err != nil {
		return err
	}
	return v.stay("account_password_changed")
}

// stay keeps this login, and no other, after the visitor's own change that
// ended all of them. Should somebody else have ended them at the same time, it
// ends, too.
func (v *visit) stay(message string) error {
	ctx := v.r.Context()
	if err := v.sessions.RenewToken(ctx); err != nil {
		return err
	}
	v.sessions.Put(ctx, keyEpoch, v.who.User.Epoch+1)
	return v.done("/account", message)
}
