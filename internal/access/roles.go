package access

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"creditrun/internal/fault"
)

// CustomRole is a role that an administrator made of rights.
type CustomRole struct {
	Role   Role   // key: never that of a built-in role
	Name   string // shown to people
	Rights []Right
}

const (
	longestRole     = 40 // characters of a key
	longestRoleName = 60 // characters of a name
)

var roleKey = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// Check reports what is wrong with the role as an Invalid fault list, or nil. It
// drops double rights and adds the right to read, without which the others can
// be used for nothing.
func (c *CustomRole) Check() error {
	var faults fault.List
	if key := string(c.Role); !roleKey.MatchString(key) || len(key) > longestRole || c.Role.BuiltIn() {
		faults = append(faults, fault.New(fault.Invalid, "custom_role_key", fault.Args{"role": key}).At("role"))
	}
	if c.Name = strings.TrimSpace(c.Name); c.Name == "" || utf8.RuneCountInString(c.Name) > longestRoleName {
		faults = append(faults, fault.New(fault.Invalid, "custom_role_name", fault.Args{"most": longestRoleName}).At("name"))
	}
	unknown := func(r Right) bool { return !slices.Contains(Rights(), r) }
	if len(c.Rights) == 0 || slices.ContainsFunc(c.Rights, unknown) {
		faults = append(faults, fault.New(fault.Invalid, "custom_role_rights", nil).At("rights"))
	}
	c.Rights = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(c.Rights), Read))))
	return faults.Err()
}

// BuiltIn reports whether a role is one of Roles.
func (r Role) BuiltIn() bool { return slices.Contains(Roles(), r) }

// grants reports whether one of the user's roles has a right.
func (u *User) grants(r Right) bool {
	return slices.ContainsFunc(u.Roles, func(role Role) bool { return slices.Contains(rightsOf[role], r) }) ||
		slices.ContainsFunc(u.CustomRoles, func(role CustomRole) bool { return slices.Contains(role.Rights, r) })
}

// RolesOfColleagues are the roles that a user of a Sub-CPO may give to colleagues.
func RolesOfColleagues() []Role { return []Role{Viewer, Finance, Admin} }

// MayInvite reports whether the visitor may add a user, or change one, as a
// colleague: one of the entities that the visitor sees, with roles of
// RolesOfColleagues.
func (v *Visitor) MayInvite(u *User) bool {
	foreign := func(r Role) bool { return !slices.Contains(RolesOfColleagues(), r) }
	return v.May(InviteColleagues) && v.Sees(u.Entity) && len(u.Roles) > 0 && !slices.ContainsFunc(u.Roles, foreign)
}
