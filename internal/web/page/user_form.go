package page

import "creditrun/internal/access"

// entitiesOffered is up to how many entities a form offers by name; among more of
// them the key is typed.
const entitiesOffered = 500

// RoleChoice is a role to choose.
type RoleChoice struct {
	Role       access.Role
	Name, Help string
	Chosen     bool
}

// UserForm is what can be said about a user.
type UserForm struct {
	Form                          *FormState
	Name, FullName, Email, Entity string
	Roles                         []RoleChoice
	Languages                     []Choice
	Entities                      []Choice // to choose from; none when there are too many
	Operator                      bool     // an empty entity is the operator
}

// BuiltInRoles are built-in roles to choose.
func (v *Visit) BuiltInRoles(roles []access.Role) (list []RoleChoice) {
	for _, role := range roles {
		list = append(list, RoleChoice{Role: role, Name: v.RoleName(role, nil), Help: v.Message("role_" + string(role) + "_help")})
	}
	return list
}

// UserForm is the form of a user, with the roles and the entities that the visitor
// may give.
func (v *Visit) UserForm(f *FormState, u *access.User, roles []RoleChoice, offered func(entity string) bool) UserForm {
	fields := UserForm{
		Form: f, Name: u.Name, FullName: u.FullName, Email: u.Email, Entity: u.Entity, Roles: roles,
		Languages: v.Languages(u.Language), Operator: v.Who.Operator,
	}
	for i := range fields.Roles {
		fields.Roles[i].Chosen = u.Has(fields.Roles[i].Role)
	}
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return fields // the key can be typed
	}
	for _, e := range b.Config.Entities {
		if offered(e.Key) {
			fields.Entities = append(fields.Entities, Choice{Value: e.Key, Text: e.Name})
		}
	}
	if len(fields.Entities) > entitiesOffered {
		fields.Entities = nil
	}
	return fields
}

// FormUser puts what a form says over a user.
func FormUser(f *FormState, u access.User) access.User {
	u.FullName, u.Email, u.Entity, u.Language = f.Text("full_name"), f.Text("email"), f.Text("entity"), f.Text("language")
	u.Roles = nil
	for _, role := range f.All("roles") {
		u.Roles = append(u.Roles, access.Role(role))
	}
	return u
}
