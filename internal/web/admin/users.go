package admin

import (
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

const (
	// usersPerPage is how many users a page lists.
	usersPerPage = 100
	// EntitiesOffered is up to how many entities a form offers by name; among
	// more of them the key is typed.
	entitiesOffered = 500
)

// usersView lists who may log in.
type usersView struct {
	List    *page.List
	Users   []page.UserLine
	Form    userForm
	Open    bool // the form to add a person
	Rights  []rightLine
	Roles   []access.Role
	Confirm page.ConfirmView
}

// rightLine is one right and which of the roles have it.
type rightLine struct {
	Right access.Right
	Of    []bool
}

// rightLines is what each role may do for the operator.
func rightLines() (lines []rightLine) {
	for _, right := range page.RightsInOrder() {
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
	Form                          *page.FormState
	Name, FullName, Email, Entity string
	Roles, Languages              []page.Choice
	Entities                      []page.Choice // to choose from; none when there are too many
}

func (v *Visit) userForm(f *page.FormState, u *access.User) userForm {
	fields := userForm{Form: f, Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: u.Entity}
	for _, role := range access.Roles() {
		fields.Roles = append(fields.Roles, page.Choice{Value: string(role), Chosen: u.Has(role)})
	}
	fields.Languages = v.Languages(u.Language)
	b, err := v.Snapshot(v.R.Context())
	if err != nil || len(b.Config.Entities) > entitiesOffered {
		return fields // the key can be typed
	}
	for _, e := range b.Config.Entities {
		fields.Entities = append(fields.Entities, page.Choice{Value: e.Key, Text: e.Name})
	}
	return fields
}

// formUser puts what a form says over a user.
func formUser(f *page.FormState, u access.User) access.User {
	u.FullName, u.Email, u.Entity, u.Language = f.Text("full_name"), f.Text("email"), f.Text("entity"), f.Text("language")
	u.Roles = nil
	for _, role := range f.All("roles") {
		u.Roles = append(u.Roles, access.Role(role))
	}
	return u
}

// Users lists who may log in.
func (v *Visit) Users() error { return v.showUsers(v.Form(""), &access.User{Active: true}) }

// showUsers shows the list and the form to add a user.
func (v *Visit) showUsers(f *page.FormState, u *access.User) error {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/users", Fields: []string{"text"}, Size: usersPerPage, Order: "name", Empty: "users_none"})
	list, err := v.Store.FindUsers(v.R.Context(), store.UserFilter{Text: l.Text("text")})
	if err != nil {
		return err
	}
	// The place in a list was the name of the user in front of it once.
	if after := l.Text(page.ParamAfter); after != "" {
		before := slices.IndexFunc(list, func(u access.User) bool { return u.Name > after })
		l.Set(page.ParamPage, strconv.Itoa(max(0, before)/usersPerPage+1))
	}
	view := usersView{List: l, Form: v.userForm(f, u), Open: !f.Ok(), Rights: rightLines(), Roles: access.Roles(), Confirm: v.ConfirmTo("/users").On(f)}
	for _, u := range page.Rows(l, list, v.userColumns()...) {
		view.Users = append(view.Users, v.UserLine(&u))
	}
	f.Fail(l.Err())
	return v.ShowForm(f, "users", v.Message("menu_users"), view)
}

func (v *Visit) userColumns() []page.Column[access.User] {
	return []page.Column[access.User]{
		{Head: page.Head{Key: "name", Message: "user_name"}, By: page.ByText(func(u access.User) string { return u.Name })},
		{Head: page.Head{Key: "full_name", Message: "user_full_name"}, By: page.ByText(func(u access.User) string { return u.FullName })},
		{Head: page.Head{Key: "entity", Message: "user_entity"}, By: page.ByText(func(u access.User) string { return v.EntityName(u.Entity) })},
		{Head: page.Head{Message: "user_roles"}},
		{Head: page.Head{Key: "state", Message: "user_state"}, By: page.ByText(func(u access.User) string { return strconv.FormatBool(!u.Active) })},
		{Head: page.Head{Key: "last_login", Message: "user_last_login"}, By: page.By(func(u access.User) int64 { return u.LastLoginAt.Unix() })},
		{Head: page.Head{Message: "user_logs_in_with"}},
	}
}

// AddUser adds a person, who gets a link to set the password by mail.
func (v *Visit) AddUser() error {
	f := v.Form("")
	u := formUser(f, access.User{Name: strings.ToLower(f.Text("name"))})
	if f.Fail(v.Confirm()) {
		return v.showUsers(f, &u)
	}
	added, err := v.Store.AddInvited(v.R.Context(), v.Actor(), u, v.PublicURL)
	if f.Fail(err) {
		return v.showUsers(f, &u)
	}
	return v.Done(page.UserPath(added.Name), "user_added", "Name", added.Name, "Email", added.Email)
}
