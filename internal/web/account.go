package web

import (
	"errors"
	"net/http"
	"slices"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// accountView is the own account.
type accountView struct {
	User      userLine
	Operator  bool
	Rights    []access.Right
	Languages []choice
	Tokens    tokensView
	Token     tokenForm
	Confirm   confirmView
}

// accountPage shows the own account.
func (v *visit) accountPage() error { return v.showAccount(nil) }

// showAccount shows the own account, with what was wrong on top.
func (v *visit) showAccount(problem error) error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	u := &v.who.User
	tokens, err := v.tokensOf(u.ID, "/account")
	if err != nil {
		return err
	}
	view := accountView{
		User: v.userLine(u), Operator: v.who.Operator, Rights: v.rights(), Languages: v.languages(u.Language), Tokens: tokens,
		Token: v.tokenForm(), Confirm: v.confirmTo("/account"),
	}
	return v.showList("account", "account_title", view, errors.Join(problem, tokens.Err()))
}

// saveLanguage keeps the language that pages are in wherever the user logs in;
// what was chosen in this browser alone no longer counts.
func (v *visit) saveLanguage() error {
	lang := v.r.PostFormValue("language")
	if lang != "" && !slices.Contains(v.Texts.PageLanguages(), lang) {
		return v.showAccount(fault.New(fault.Invalid, "setting_language_unknown", fault.Args{"language": lang}))
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
	if err := v.confirm(); err != nil {
		return v.showAccount(err)
	}
	hash, err := v.newPassword(v.name())
	if err != nil {
		return v.showAccount(err)
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
