package web

import (
	"slices"
	"strconv"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

const (
	longestTokenDays = 365
	usualTokenDays   = 90
)

// tokenLine is an API token in a list.
type tokenLine struct {
	ID                         int64
	Name, Prefix               string
	Scopes                     []access.Right
	Created, Expires, LastUsed time.Time
	State                      string // active, expired or revoked
}

// tokensView lists API tokens, the newest first.
type tokensView struct {
	*List
	Rows []tokenLine
}

// tokensOf lists the API tokens of a user on a page.
func (v *visit) tokensOf(userID int64, page string) (view tokensView, err error) {
	tokens, err := v.Store.Tokens(v.r.Context(), userID)
	if err != nil {
		return view, err
	}
	var lines []tokenLine
	for _, t := range slices.Backward(tokens) {
		lines = append(lines, tokenLine{
			ID: t.ID, Name: t.Name, Prefix: t.Prefix, Scopes: t.Scopes, Created: t.CreatedAt, Expires: t.ExpiresAt,
			LastUsed: t.LastUsedAt, State: tokenState(&t, v.Now()),
		})
	}
	view.List = NewList(v.r.URL.Query(), ListOptions{Path: page, Anchor: "#tokens", Order: "-created"})
	view.Rows = Rows(view.List, lines, tokenColumns...)
	return view, nil
}

var tokenColumns = []Column[tokenLine]{
	{Head{Key: "name", Message: "token_name"}, ByText(func(t tokenLine) string { return t.Name })},
	{Head: Head{Message: "token_prefix"}},
	{Head: Head{Message: "token_scopes"}},
	{Head{Key: "created", Message: "token_created"}, By(func(t tokenLine) int64 { return t.ID })},
	{Head{Key: "expires", Message: "token_expires"}, By(func(t tokenLine) int64 { return t.Expires.Unix() })},
	{Head{Key: "last_used", Message: "token_last_used"}, By(func(t tokenLine) int64 { return t.LastUsed.Unix() })},
	{Head{Key: "state", Message: "token_state"}, ByText(func(t tokenLine) string { return t.State })},
	{Head: Head{Message: "token_action", Unseen: true}},
}

func tokenState(t *access.Token, now time.Time) string {
	switch {
	case !t.RevokedAt.IsZero():
		return "revoked"
	case !t.ExpiresAt.After(now):
		return "expired"
	}
	return "active"
}

// tokenForm is what can be said about a new API token.
type tokenForm struct {
	*form
	Name   string
	Days   string
	Scopes []choice
}

// tokenForm is the form as it was filled in; it offers what the visitor may.
func (v *visit) tokenForm(f *form) tokenForm {
	fields := tokenForm{form: f, Name: f.text("token_name"), Days: orElse(f.text("days"), strconv.Itoa(usualTokenDays))}
	for _, right := range v.rights() {
		fields.Scopes = append(fields.Scopes, choice{Value: string(right), Chosen: slices.Contains(f.all("scopes"), string(right))})
	}
	return fields
}

// rights are those of the visitor.
func (v *visit) rights() []access.Right {
	return slices.DeleteFunc(rightsInOrder(), func(r access.Right) bool { return !v.may(r) })
}

// formToken reads the form of a new token. It may do at most what the visitor
// may.
func (v *visit) formToken(f *form) access.Token {
	t := access.Token{UserID: v.who.User.ID, Name: f.text("token_name")}
	days, err := strconv.Atoi(f.text("days"))
	if err != nil || days < 1 || days > longestTokenDays {
		f.fail(fault.New(fault.Invalid, "token_days_invalid", nil).At("days"))
	}
	t.ExpiresAt = v.Now().AddDate(0, 0, days)
	for _, scope := range f.all("scopes") {
		if right := access.Right(scope); v.may(right) {
			t.Scopes = append(t.Scopes, right)
		} else {
			f.fail(fault.New(fault.Forbidden, "right_missing", nil).At("scopes"))
		}
	}
	return t
}

// addToken makes an API token and shows it, this once.
func (v *visit) addToken() error {
	f := v.form(tokensForm)
	t := v.formToken(f)
	if !f.ok() || f.fail(v.confirm()) {
		return v.showAccount(f)
	}
	secret, hash, err := access.NewSecret()
	if err != nil {
		return err
	}
	t.Hash, t.Prefix = hash, access.SecretPrefix(secret)
	added, err := v.Store.AddToken(v.r.Context(), v.actor(), t)
	if f.fail(err) {
		return v.showAccount(f)
	}
	return v.showAs("secret", "token_added", secretView{Kind: "token", Name: added.Name, Expires: added.ExpiresAt, Secret: secret, Back: "/account"})
}

// revokeToken ends an API token of the visitor.
func (v *visit) revokeToken() error {
	id, err := v.id("token_unknown", "token")
	if err != nil {
		return err
	}
	if err := v.Store.RevokeToken(v.r.Context(), v.name(), v.who.User.ID, id); err != nil {
		return err
	}
	return v.done("/account", "token_is_revoked")
}
