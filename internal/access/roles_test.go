package access_test

import (
	"strings"
	"testing"

	"creditrun/internal/access"
	"creditrun/internal/fault"
)

func TestARoleIsCheckedBeforeItIsKept(t *testing.T) {
	for name, one := range map[string]struct {
		role access.CustomRole
		want string
	}{
		"a good one":         {access.CustomRole{Role: "letters", Name: " Letters ", Rights: []access.Right{access.Send, access.Send}}, ""},
		"a built-in key":     {access.CustomRole{Role: "admin", Name: "A", Rights: []access.Right{access.Send}}, "custom_role_key"},
		"a key with a blank": {access.CustomRole{Role: "a b", Name: "A", Rights: []access.Right{access.Send}}, "custom_role_key"},
		"no name":            {access.CustomRole{Role: "letters", Name: " ", Rights: []access.Right{access.Send}}, "custom_role_name"},
		"too long a name":    {access.CustomRole{Role: "letters", Name: strings.Repeat("ü", 61), Rights: []access.Right{access.Send}}, "custom_role_name"},
		"no right":           {access.CustomRole{Role: "letters", Name: "A"}, "custom_role_rights"},
		"an unknown right":   {access.CustomRole{Role: "letters", Name: "A", Rights: []access.Right{"fly"}}, "custom_role_rights"},
	} {
		err := one.role.Check()
		got := ""
		if err != nil {
			got = fault.Of(err)[0].Key
		}
		if got != one.want {
			t.Errorf("%s: %q, want %q", name, got, one.want)
		}
		if err == nil && (one.role.Name != "Letters" || len(one.role.Rights) != 2) {
			t.Errorf("%s: %+v", name, one.role)
		}
	}
}

func TestColleaguesAreInvitedWithinTheOwnEntities(t *testing.T) {
	admin := visitor(t, "a", access.Admin)
	for name, one := range map[string]struct {
		visitor *access.Visitor
		user    access.User
		may     bool
	}{
		"into the own entity":       {admin, access.User{Entity: "a", Roles: []access.Role{access.Viewer}}, true},
		"below it":                  {admin, access.User{Entity: "a1", Roles: []access.Role{access.Finance, access.Admin}}, true},
		"not into another":          {admin, access.User{Entity: "b", Roles: []access.Role{access.Viewer}}, false},
		"not into the operator":     {admin, access.User{Entity: "op", Roles: []access.Role{access.Viewer}}, false},
		"nor where none is named":   {admin, access.User{Roles: []access.Role{access.Viewer}}, false},
		"not as an auditor":         {admin, access.User{Entity: "a", Roles: []access.Role{access.Auditor}}, false},
		"not with a role of rights": {admin, access.User{Entity: "a", Roles: []access.Role{"letters"}}, false},
		"not without a role":        {admin, access.User{Entity: "a"}, false},
		"not by finance":            {visitor(t, "a", access.Finance), access.User{Entity: "a", Roles: []access.Role{access.Viewer}}, false},
		"not by the operator":       {visitor(t, "op", access.Admin), access.User{Entity: "a", Roles: []access.Role{access.Viewer}}, false},
	} {
		if got := one.visitor.MayInvite(&one.user); got != one.may {
			t.Errorf("%s: %v", name, got)
		}
	}
}
