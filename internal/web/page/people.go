package page

import (
	"slices"
	"time"

	"creditrun/internal/access"
)

// tokenLine is an API token in a list.
type tokenLine struct {
	ID                         int64
	Name, Prefix               string
	Scopes                     []access.Right
	Created, Expires, LastUsed time.Time
	State                      string // active, expired or revoked
}

// TokensView lists API tokens, the newest first.
type TokensView struct {
	*List
	Rows []tokenLine
}

// TokensOf lists the API tokens of a user on a page.
func (v *Visit) TokensOf(userID int64, page string) (view TokensView, err error) {
	tokens, err := v.store.Tokens(v.R.Context(), userID)
	if err != nil {
		return view, err
	}
	var lines []tokenLine
	for _, t := range slices.Backward(tokens) {
		lines = append(lines, tokenLine{
			ID: t.ID, Name: t.Name, Prefix: t.Prefix, Scopes: t.Scopes, Created: t.CreatedAt, Expires: t.ExpiresAt,
			LastUsed: t.LastUsedAt, State: tokenState(&t, v.now()),
		})
	}
	view.List = NewList(v.R.URL.Query(), ListOptions{Path: page, Anchor: "#tokens", Order: "-created"})
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

const (
	TokensForm = "tokens"
)

// UserLine is a user as pages show one: no hash and no secret.
type UserLine struct {
	Name, FullName, Email string
	Entity                string   // its name
	Roles                 []string // their names
	Language              string
	Active                bool
	Password, TOTP, OIDC  bool // has one
	LastLogin, Created    time.Time
}

// UserLine is a user without hash and secret.
func (v *Visit) UserLine(u *access.User) UserLine {
	return UserLine{
		Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: v.EntityName(u.Entity), Roles: v.roleNames(u), Language: u.Language, Active: u.Active,
		Password: u.PasswordHash != "", TOTP: u.TOTPSecret != "", OIDC: u.OIDCSubject != "", LastLogin: u.LastLoginAt, Created: u.CreatedAt,
	}
}

// roleNames are the names of a user's roles.
func (v *Visit) roleNames(u *access.User) []string {
	names := make([]string, len(u.Roles))
	for i, role := range u.Roles {
		names[i] = v.RoleName(role, u.CustomRoles)
	}
	return names
}

// RoleName is the name of a role: that in the language of the page for a built-in one,
// else that of the custom role.
func (v *Visit) RoleName(role access.Role, custom []access.CustomRole) string {
	if role.BuiltIn() {
		return v.Message("role_" + string(role))
	}
	for _, c := range custom {
		if c.Role == role {
			return c.Name
		}
	}
	return string(role)
}

// RightsInOrder are all rights in the order of a month's work.
func RightsInOrder() (list []access.Right) {
	for _, role := range access.Roles() {
		for _, right := range access.RightsOf(role) {
			if !slices.Contains(list, right) {
				list = append(list, right)
			}
		}
	}
	return list
}

// SecretView is a secret that is shown once. It is the answer to the form that
// made it: a redirect would have to keep it somewhere.
type SecretView struct {
	Kind    string // token or webhook
	Name    string // whose
	Secret  string
	Expires time.Time // zero: never
	Back    string
}
