package account

import (
	"strings"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// colleaguesView lists the users of a Sub-CPO to one of them.
type colleaguesView struct {
	Users   []colleague
	Form    page.UserForm
	Open    bool // the form to invite
	Confirm page.ConfirmView
}

// colleague is a user of the visitor's Sub-CPO.
type colleague struct {
	page.UserLine
	Self bool // the visitor
	May  bool // the visitor may let in or keep out
}

// Colleagues lists the users of the visitor's entities.
func (v *Visit) Colleagues() error {
	return v.showColleagues(v.Form(""), &access.User{Entity: v.Who.User.Entity, Active: true})
}

func (v *Visit) showColleagues(f *page.FormState, filled *access.User) error {
	all, err := v.Store.Users(v.R.Context())
	if err != nil {
		return err
	}
	view := colleaguesView{
		Form: v.UserForm(f, filled, v.BuiltInRoles(access.RolesOfColleagues()), v.Who.Sees),
		Open: !f.Ok(), Confirm: v.ConfirmTo(page.ColleaguesPath).On(f),
	}
	for _, u := range all {
		if u.Entity != "" && v.Who.Sees(u.Entity) {
			self := u.ID == v.Who.User.ID
			view.Users = append(view.Users, colleague{UserLine: v.UserLine(&u), Self: self, May: !self && v.Who.MayInvite(&u)})
		}
	}
	return v.ShowForm(f, "colleagues", v.Message("menu_colleagues"), view)
}

// InviteColleague adds a user of one of the visitor's entities, who gets a link to
// set the password by mail.
func (v *Visit) InviteColleague() error {
	f := v.Form("")
	u := page.FormUser(f, access.User{Name: strings.ToLower(f.Text("name"))})
	if !v.Who.MayInvite(&u) {
		f.Fail(v.notInvited(&u))
	}
	if !f.Ok() || f.Fail(v.Confirm()) {
		return v.showColleagues(f, &u)
	}
	added, err := v.Store.AddInvited(v.R.Context(), v.Actor(), u, v.PublicURL)
	if f.Fail(err) {
		return v.showColleagues(f, &u)
	}
	return v.Done(page.ColleaguesPath, "user_added", "Name", added.Name, "Email", added.Email)
}

// notInvited says why the visitor may not invite a user.
func (v *Visit) notInvited(u *access.User) error {
	if u.Entity == "" || !v.Who.Sees(u.Entity) {
		return fault.New(fault.Invalid, "entity_unknown", fault.Args{"entity": u.Entity}).At("entity")
	}
	known := make([]string, 0, len(access.RolesOfColleagues()))
	for _, role := range access.RolesOfColleagues() {
		known = append(known, string(role))
	}
	return fault.New(fault.Invalid, "user_roles_invalid", fault.Args{"known": strings.Join(known, ", ")}).At("roles")
}

// LetInColleague lets a colleague in again.
func (v *Visit) LetInColleague() error { return v.setColleague(true, "user_activated") }

// KeepOutColleague keeps a colleague out; logins and tokens end.
func (v *Visit) KeepOutColleague() error { return v.setColleague(false, "user_deactivated") }

func (v *Visit) setColleague(active bool, message string) error {
	u, err := v.Store.UserByName(v.R.Context(), v.R.PathValue("name"))
	if err != nil {
		return err
	}
	if !v.Who.MayInvite(u) || u.ID == v.Who.User.ID {
		return fault.New(fault.NotFound, "user_unknown", fault.Args{"user": u.Name})
	}
	f := v.Form("")
	wanted := *u
	wanted.Active = active
	if f.Fail(v.Confirm()) || f.Fail(v.Store.ChangeUser(v.R.Context(), v.Actor(), wanted, store.UserFingerprint(u))) {
		return v.showColleagues(f, &access.User{Entity: v.Who.User.Entity, Active: true})
	}
	return v.Done(page.ColleaguesPath, message, "Name", u.Name)
}
