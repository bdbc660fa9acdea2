package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/store"
)

const (
	// usersPerPage is how many users a page lists.
	usersPerPage = 100
	// entitiesOffered is up to how many entities a form offers by name; among
	// more of them the key is typed.
	entitiesOffered = 500
)

// usersView lists who may log in.
type usersView struct {
	List    *List
	Users   []userLine
	Form    userForm
	Open    bool // the form to add somebody
	Rights  []rightLine
	Roles   []access.Role
	Confirm confirmView
}

// userLine is a user as pages show one: no hash and no secret.
type userLine struct {
	Name, FullName, Email string
	Entity                string // its name
	Roles                 []access.Role
	Language              string
	Active                bool
	Password, TOTP, OIDC  bool // has one
	LastLogin, Created    time.Time
}

func (v *visit) userLine(u *access.User) userLine {
	return userLine{
		Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: v.entityName(u.Entity), Roles: u.Roles, Language: u.Language, Active: u.Active,
		Password: u.PasswordHash != "", TOTP: u.TOTPSecret != "", OIDC: u.OIDCSubject != "", LastLogin: u.LastLoginAt, Created: u.CreatedAt,
	}
}

// rightLine is one right and which of the roles have it.
type rightLine struct {
	Right access.Right
	Of    []bool
}

// rightsInOrder are all rights in the order of a month's work.
func rightsInOrder() (list []access.Right) {
	for _, role := range access.Roles() {
		for _, right := range access.RightsOf(role) {
			if !slices.Contains(list, right) {
				list = append(list, right)
			}
		}
	}
	return list
}

// rightLines is what each role may do for the operator.
func rightLines() (lines []rightLine) {
	for _, right := range rightsInOrder() {
		line := rightLine{Right: right}
		for _, role := range access.Roles() {
			line.Of = append(line.Of, slices.Contains(access.RightsOf(role), right))
		}
		lines = append(lines, line)
	}
	return lines
}

// userForm is what can be said about a user.
type userForm struct {
	Name, FullName, Email, Entity string
	Roles, Languages              []choice
	Entities                      []choice // to choose from; none when there are too many
}

func (v *visit) userForm(u *access.User) userForm {
	f := userForm{Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: u.Entity}
	for _, role := range access.Roles() {
		f.Roles = append(f.Roles, choice{Value: string(role), Chosen: u.Has(role)})
	}
	f.Languages = v.languages(u.Language)
	b, err := v.snapshot(v.r.Context())
	if err != nil || len(b.Config.Entities) > entitiesOffered {
		return f // the key can be typed
	}
	for _, e := range b.Config.Entities {
		f.Entities = append(f.Entities, choice{Value: e.Key, Text: e.Name})
	}
	return f
}

// languages are those that a user may choose; the empty one is that of the
// browser.
func (v *visit) languages(chosen string) (list []choice) {
	for _, lang := range append([]string{""}, v.Texts.PageLanguages()...) {
		list = append(list, choice{Value: lang, Chosen: lang == chosen})
	}
	return list
}

// formUser puts what a form says over a user.
func (v *visit) formUser(u access.User) access.User {
	u.FullName = strings.TrimSpace(v.r.PostFormValue("full_name"))
	u.Email = strings.TrimSpace(v.r.PostFormValue("email"))
	u.Entity = strings.TrimSpace(v.r.PostFormValue("entity"))
	u.Language = v.r.PostFormValue("language")
	u.Roles = nil
	for _, role := range v.r.PostForm["roles"] {
		u.Roles = append(u.Roles, access.Role(role))
	}
	return u
}

// users lists who may log in.
func (v *visit) users() error { return v.showUsers(&access.User{Active: true}, nil) }

// showUsers shows the list and the form to add somebody, with what was wrong
// with it on top.
func (v *visit) showUsers(u *access.User, problem error) error {
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/users", Fields: []string{"text"}, Size: usersPerPage, Order: "name", Empty: "users_none"})
	list, err := v.Store.FindUsers(v.r.Context(), store.UserFilter{Text: l.Text("text")})
	if err != nil {
		return err
	}
	// The place in a list was the name of the user in front of it once.
	if after := l.Text(ParamAfter); after != "" {
		before := slices.IndexFunc(list, func(u access.User) bool { return u.Name > after })
		l.Set(ParamPage, strconv.Itoa(max(0, before)/usersPerPage+1))
	}
	view := usersView{List: l, Form: v.userForm(u), Open: problem != nil, Rights: rightLines(), Roles: access.Roles(), Confirm: v.confirmTo("/users")}
	for _, u := range Rows(l, list, v.userColumns()...) {
		view.Users = append(view.Users, v.userLine(&u))
	}
	return v.showList("users", "menu_users", view, errors.Join(problem, l.Err()))
}

func (v *visit) userColumns() []Column[access.User] {
	return []Column[access.User]{
		{Head{Key: "name", Message: "user_name"}, ByText(func(u access.User) string { return u.Name })},
		{Head{Key: "full_name", Message: "user_full_name"}, ByText(func(u access.User) string { return u.FullName })},
		{Head{Key: "entity", Message: "user_entity"}, ByText(func(u access.User) string { return v.entityName(u.Entity) })},
		{Head: Head{Message: "user_roles"}},
		{Head{Key: "state", Message: "user_state"}, ByText(func(u access.User) string { return strconv.FormatBool(!u.Active) })},
		{Head{Key: "last_login", Message: "user_last_login"}, By(func(u access.User) int64 { return u.LastLoginAt.Unix() })},
		{Head: Head{Message: "user_logs_in_with"}},
	}
}

// addUser adds a person, who gets a link to set the password by mail.
func (v *visit) addUser() error {
	if err := v.r.ParseForm(); err != nil {
		return err
	}
	u := v.formUser(access.User{Name: strings.ToLower(strings.TrimSpace(v.r.PostFormValue("name")))})
	if err := v.confirm(); err != nil {
		return v.showUsers(&u, err)
	}
	added, err := v.Store.AddInvited(v.r.Context(), v.actor(), u, v.PublicURL)
	if err != nil {
		return v.showUsers(&u, err)
	}
	return v.done(userPath(added.Name), "user_added", "Name", added.Name, "Email", added.Email)
}

// secretView is a secret that is shown once. It is the answer to the form that
// made it: a redirect would have to keep it somewhere.
type secretView struct {
	Kind    string // token or webhook
	Name    string // whose
	Secret  string
	Expires time.Time // zero: never
	Back    string
}
