package admin

import (
	"slices"

	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// rolesView is what each role may do, and the form of a role to add.
type rolesView struct {
	Roles  []roleLine
	Rights []rightLine
	Form   roleForm
	Open   bool // the form
}

// roleLine is the head of a role.
type roleLine struct {
	Name string
	Path string // of a role that can be changed; "": a built-in one
}

// rightLine is one right and which of the roles have it.
type rightLine struct {
	Right access.Right
	Of    []bool
}

// roleForm is what can be said about a role that an administrator makes.
type roleForm struct {
	*page.FormState
	Role, Name string
	Rights     []page.Choice
	Confirm    page.ConfirmView
}

func (v *Visit) roleForm(f *page.FormState, r access.CustomRole, path string) roleForm {
	form := roleForm{FormState: f, Role: string(r.Role), Name: r.Name, Confirm: v.ConfirmTo(path).On(f)}
	for _, right := range page.RightsInOrder() {
		form.Rights = append(form.Rights, page.Choice{Value: string(right), Chosen: slices.Contains(r.Rights, right)})
	}
	return form
}

// formRole is a role as a form says it.
func formRole(f *page.FormState, key access.Role) access.CustomRole {
	r := access.CustomRole{Role: key, Name: f.Text("name")}
	for _, right := range f.All("rights") {
		r.Rights = append(r.Rights, access.Right(right))
	}
	return r
}

// Roles lists the roles and what they may do.
func (v *Visit) Roles() error { return v.showRoles(v.Form(""), access.CustomRole{}) }

func (v *Visit) showRoles(f *page.FormState, filled access.CustomRole) error {
	custom, err := v.Store.CustomRoles(v.R.Context())
	if err != nil {
		return err
	}
	view := rolesView{Form: v.roleForm(f, filled, page.RolesPath), Open: !f.Ok()}
	rights := make([]rightLine, 0, len(access.Rights()))
	for _, right := range page.RightsInOrder() {
		rights = append(rights, rightLine{Right: right})
	}
	add := func(line roleLine, of []access.Right) {
		view.Roles = append(view.Roles, line)
		for i := range rights {
			rights[i].Of = append(rights[i].Of, slices.Contains(of, rights[i].Right))
		}
	}
	for _, role := range access.Roles() {
		add(roleLine{Name: v.RoleName(role, nil)}, access.RightsOf(role))
	}
	for _, c := range custom {
		add(roleLine{Name: c.Name, Path: page.RolePath(c.Role)}, c.Rights)
	}
	view.Rights = rights
	return v.ShowForm(f, "roles", v.Message("roles_title"), view)
}

// AddRole adds a role made of rights.
func (v *Visit) AddRole() error {
	f := v.Form("")
	r := formRole(f, access.Role(f.Text("role")))
	if f.Fail(v.Confirm()) || f.Fail(v.Store.SaveCustomRole(v.R.Context(), v.Actor(), r, "")) {
		return v.showRoles(f, r)
	}
	return v.Done(page.RolesPath, "role_saved", "Name", r.Name)
}

// roleView is one role that an administrator made.
type roleView struct {
	Form  roleForm
	Path  string
	Users []page.UserLine
}

// RolePage shows a role and its users.
func (v *Visit) RolePage() error {
	r, err := v.Store.CustomRole(v.R.Context(), access.Role(v.R.PathValue("role")))
	if err != nil {
		return err
	}
	return v.showRole(v.Form(""), r, *r)
}

func (v *Visit) showRole(f *page.FormState, r *access.CustomRole, filled access.CustomRole) error {
	all, err := v.Store.Users(v.R.Context())
	if err != nil {
		return err
	}
	f.See(store.CustomRoleFingerprint(r))
	path := page.RolePath(r.Role)
	view := roleView{Form: v.roleForm(f, filled, path), Path: path}
	for _, u := range all {
		if u.Has(r.Role) {
			view.Users = append(view.Users, v.UserLine(&u))
		}
	}
	return v.ShowForm(f, "role", r.Name, view)
}

// SaveRole stores what the form says.
func (v *Visit) SaveRole() error {
	r, err := v.Store.CustomRole(v.R.Context(), access.Role(v.R.PathValue("role")))
	if err != nil {
		return err
	}
	f := v.Form("")
	wanted := formRole(f, r.Role)
	if f.Fail(v.Confirm()) || f.Fail(v.Store.SaveCustomRole(v.R.Context(), v.Actor(), wanted, f.Sent())) {
		return v.showRole(f, r, wanted)
	}
	return v.Done(page.RolesPath, "role_saved", "Name", wanted.Name)
}

// DeleteRole deletes a role that no user has.
func (v *Visit) DeleteRole() error {
	r, err := v.Store.CustomRole(v.R.Context(), access.Role(v.R.PathValue("role")))
	if err != nil {
		return err
	}
	f := v.Form("")
	if f.Fail(v.Confirm()) || f.Fail(v.Store.DeleteCustomRole(v.R.Context(), v.Actor(), r.Role)) {
		return v.showRole(f, r, *r)
	}
	return v.Done(page.RolesPath, "role_deleted", "Name", r.Name)
}
