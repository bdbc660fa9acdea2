package account

import (
	"slices"
	"strconv"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

const (
	longestTokenDays = 365
	usualTokenDays   = 90
)

// tokenForm is what can be said about a new API token.
type tokenForm struct {
	*page.FormState
	Name   string
	Days   string
	Scopes []page.Choice
}

// tokenForm is the form as it was filled in; it offers what the visitor may.
func (v *Visit) tokenForm(f *page.FormState) tokenForm {
	fields := tokenForm{FormState: f, Name: f.Text("token_name"), Days: page.OrElse(f.Text("days"), strconv.Itoa(usualTokenDays))}
	for _, right := range v.rights() {
		fields.Scopes = append(fields.Scopes, page.Choice{Value: string(right), Chosen: slices.Contains(f.All("scopes"), string(right))})
	}
	return fields
}

// rights are those of the visitor.
func (v *Visit) rights() []access.Right {
	return slices.DeleteFunc(page.RightsInOrder(), func(r access.Right) bool { return !v.May(r) })
}

// formToken reads the form of a new token. It may do at most what the visitor
// may.
func (v *Visit) formToken(f *page.FormState) access.Token {
	t := access.Token{UserID: v.Who.User.ID, Name: f.Text("token_name")}
	days, err := strconv.Atoi(f.Text("days"))
	if err != nil || days < 1 || days > longestTokenDays {
		f.Fail(fault.New(fault.Invalid, "token_days_invalid", nil).At("days"))
	}
	t.ExpiresAt = v.Now().AddDate(0, 0, days)
	for _, scope := range f.All("scopes") {
		if right := access.Right(scope); v.May(right) {
			t.Scopes = append(t.Scopes, right)
		} else {
			f.Fail(fault.New(fault.Forbidden, "right_missing", nil).At("scopes"))
		}
	}
	return t
}

// AddToken makes an API token and shows it, this once.
func (v *Visit) AddToken() error {
	f := v.Form(page.TokensForm)
	t := v.formToken(f)
	if !f.Ok() || f.Fail(v.Confirm()) {
		return v.showAccount(f)
	}
	secret, hash, err := access.NewSecret()
	if err != nil {
		return err
	}
	t.Hash, t.Prefix = hash, access.SecretPrefix(secret)
	added, err := v.Store.AddToken(v.R.Context(), v.Actor(), t)
	if f.Fail(err) {
		return v.showAccount(f)
	}
	return v.ShowAs("secret", "token_added", page.SecretView{Kind: "token", Name: added.Name, Expires: added.ExpiresAt, Secret: secret, Back: "/account"})
}

// RevokeToken ends an API token of the visitor.
func (v *Visit) RevokeToken() error {
	id, err := v.ID("token_unknown", "token")
	if err != nil {
		return err
	}
	if err := v.Store.RevokeToken(v.R.Context(), v.Name(), v.Who.User.ID, id); err != nil {
		return err
	}
	return v.Done("/account", "token_is_revoked")
}
