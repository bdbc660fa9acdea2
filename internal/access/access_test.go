package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
	"creditrun/internal/access"
)

// tree is an operator with two Sub-CPOs, one of which has a site below.
func tree(t *testing.T) *entities.Tree {
	t.Helper()
	tree, err := entities.NewTree([]entities.Entity{
		{Key: "op", Name: "Operator", Active: true, Country: "DE", TimeZone: "Europe/Berlin", Currency: "EUR"},
		{Key: "a", Name: "A", Parent: "op", Active: true}, {Key: "a1", Name: "A1", Parent: "a", Active: true}, {Key: "b", Name: "B", Parent: "op", Active: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func visitor(t *testing.T, entity string, roles ...access.Role) *access.Visitor {
	return access.NewVisitor(access.User{Entity: entity, Roles: roles, Active: true}, tree(t), true)
}

// custom gives a visitor a role that was made of rights.
func custom(v *access.Visitor) *access.Visitor {
	v.User.Roles = []access.Role{"letters"}
	v.User.CustomRoles = []access.CustomRole{{Role: "letters", Name: "Letters", Rights: []access.Right{access.Read, access.Export, access.Send}}}
	return v
}

// rights lists what a visitor may.
func rights(v *access.Visitor) string {
	var all []string
	for _, r := range access.Rights() {
		if v.May(r) {
			all = append(all, string(r))
		}
	}
	return strings.Join(all, " ")
}

func TestRolesGrantRights(t *testing.T) {
	unlicensed := visitor(t, "op", access.Finance, access.Admin)
	unlicensed.Licensed = false
	inactive := visitor(t, "op", access.Finance, access.Admin)
	inactive.User.Active = false
	narrow := visitor(t, "op", access.Viewer)
	narrow.Scopes = []access.Right{access.Read, access.Cancel}
	nothing := visitor(t, "op", access.Finance)
	nothing.Scopes = []access.Right{}
	for name, one := range map[string]struct {
		visitor *access.Visitor
		want    string
	}{
		"a viewer reads and exports":         {visitor(t, "op", access.Viewer), "export read"},
		"finance runs and judges":            {visitor(t, "op", access.Finance), "approve cancel draft export import_sessions judge_sessions object preview read send settle_objections"},
		"an administrator changes":           {visitor(t, "op", access.Admin), "change_entities change_settings change_tariffs change_users export import_sessions judge_sessions preview read read_audit"},
		"a role of rights grants them":       {custom(visitor(t, "op")), "export read send"},
		"several roles add up":               {visitor(t, "op", access.Viewer, access.Finance), rights(visitor(t, "op", access.Finance))},
		"without a role nothing":             {visitor(t, "op"), ""},
		"an unknown role grants nothing":     {visitor(t, "op", "root"), ""},
		"a Sub-CPO never gets more":          {visitor(t, "a", access.Viewer, access.Finance, access.Admin), "choose_community export invite_colleagues object read"},
		"a viewer of a Sub-CPO":              {visitor(t, "a", access.Viewer), "export read"},
		"without the licence nobody credits": {unlicensed, "change_entities change_settings change_tariffs change_users export import_sessions judge_sessions object read read_audit settle_objections"},
		"an inactive user may nothing":       {inactive, ""},
		"scopes narrow and never widen":      {narrow, "read"},
		"an empty list of scopes is nothing": {nothing, ""},
		"nobody may nothing":                 {nil, ""},
	} {
		if diff := cmp.Diff(one.want, rights(one.visitor)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestVisitorsSeeTheirSubTree(t *testing.T) {
	sees := func(v *access.Visitor) string {
		var all []string
		for _, key := range []string{"op", "a", "a1", "b"} {
			if v.Sees(key) {
				all = append(all, key)
			}
		}
		return strings.Join(all, " ")
	}
	inactive := visitor(t, "op", access.Admin)
	inactive.User.Active = false
	before := access.NewVisitor(access.User{Entity: "a", Active: true}, nil, true)
	for name, one := range map[string]struct {
		visitor *access.Visitor
		want    string
	}{
		"the operator sees all":               {visitor(t, "op", access.Viewer), "op a a1 b"},
		"no entity is the operator":           {visitor(t, "", access.Viewer), "op a a1 b"},
		"a Sub-CPO sees itself and beneath":   {visitor(t, "a", access.Admin), "a a1"},
		"a site sees itself":                  {visitor(t, "a1", access.Viewer), "a1"},
		"an entity that is gone sees nothing": {visitor(t, "zz", access.Viewer), ""},
		"without a tree nothing is seen":      {before, ""},
		"an inactive user sees nothing":       {inactive, ""},
		"nobody sees nothing":                 {nil, ""},
	} {
		if got := sees(one.visitor); got != one.want {
			t.Errorf("%s: sees %s, want %s", name, got, one.want)
		}
	}
}
