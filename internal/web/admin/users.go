package admin

import (
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// usersPerPage is how many users a page lists.
const usersPerPage = 100

// usersView lists who may log in.
type usersView struct {
	List    *page.List
	Users   []page.UserLine
	Form    page.UserForm
	Open    bool // the form to add a person
	Confirm page.ConfirmView
}

// userForm is the form of any user.
func (v *Visit) userForm(f *page.FormState, u *access.User) page.UserForm {
	custom, err := v.Store.CustomRoles(v.R.Context())
	f.Fail(err)
	return v.UserForm(f, u, append(v.BuiltInRoles(access.Roles()), v.customRoles(custom)...), func(string) bool { return true })
}

// customRoles are the roles to choose that administrators made.
func (v *Visit) customRoles(custom []access.CustomRole) (list []page.RoleChoice) {
	for _, c := range custom {
		names := make([]string, len(c.Rights))
		for i, right := range c.Rights {
			names[i] = v.Message("right_" + string(right))
		}
		list = append(list, page.RoleChoice{Role: c.Role, Name: c.Name, Help: strings.Join(names, ", ")})
	}
	return list
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
	view := usersView{List: l, Form: v.userForm(f, u), Open: !f.Ok(), Confirm: v.ConfirmTo("/users").On(f)}
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
	u := page.FormUser(f, access.User{Name: strings.ToLower(f.Text("name"))})
	if f.Fail(v.Confirm()) {
		return v.showUsers(f, &u)
	}
	added, err := v.Store.AddInvited(v.R.Context(), v.Actor(), u, v.PublicURL)
	if f.Fail(err) {
		return v.showUsers(f, &u)
	}
	return v.Done(page.UserPath(added.Name), "user_added", "Name", added.Name, "Email", added.Email)
}
