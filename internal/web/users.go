package web

import (
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
	Form                          *form
	Name, FullName, Email, Entity string
	Roles, Languages              []choice
	Entities                      []choice // to choose from; none when there are too many
}

func (v *visit) userForm(f *form, u *access.User) userForm {
	fields := userForm{Form: f, Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: u.Entity}
	for _, role := range access.Roles() {
		fields.Roles = append(fields.Roles, choice{Value: string(role), Chosen: u.Has(role)})
	}
	fields.Languages = v.languages(u.Language)
	b, err := v.snapshot(v.r.Context())
	if err != nil || len(b.Config.Entities) > entitiesOffered {
		return fields // the key can be typed
	}
	for _, e := range b.Config.Entities {
		fields.Entities = append(fields.Entities, choice{Value: e.Key, Text: e.Name})
	}
	return fields
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
func formUser(f *form, u access.User) access.User {
	u.FullName, u.Email, u.Entity, u.Language = f.text("full_name"), f.text("email"), f.text("entity"), f.text("language")
	u.Roles = nil
	for _, role := range f.all("roles") {
		u.Roles = append(u.Roles, access.Role(role))
	}
	return u
}

// users lists who may log in.
func (v *visit) users() error { return v.showUsers(v.form(""), &access.User{Active: true}) }

// showUsers shows the list and the form to add a user.
func (v *visit) showUsers(f *form, u *access.User) error {
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
	view := usersView{List: l, Form: v.userForm(f, u), Open: !f.ok(), Rights: rightLines(), Roles: access.Roles(), Confirm: v.confirmTo("/users").on(f)}
	for _, u := range Rows(l, list, v.userColumns()...) {
		view.Users = append(view.Users, v.userLine(&u))
	}
	f.fail(l.Err())
	return v.showForm(f, "users", v.message("menu_users"), view)
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
	f := v.form("")
	u := formUser(f, access.User{Name: strings.ToLower(f.text("name"))})
	if f.fail(v.confirm()) {
		return v.showUsers(f, &u)
	}
	added, err := v.Store.AddInvited(v.r.Context(), v.actor(), u, v.PublicURL)
	if f.fail(err) {
		return v.showUsers(f, &u)
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
