package store_test

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// eachStaffed runs a test on databases with the small network.
func eachStaffed(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		save(t, s, network())
		test(t, s)
	})
}

// hire adds a user.
func hire(t *testing.T, s *store.Store, name, entity string, roles ...access.Role) *access.User {
	t.Helper()
	u, err := s.AddUser(t.Context(), access.Actor{Name: "root", Server: true}, access.User{Name: name, Entity: entity, Roles: roles, Email: name + "@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// user reads a user again.
func user(t *testing.T, s *store.Store, id int64) access.User {
	t.Helper()
	u, err := s.User(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return *u
}

// check fails the test on an error.
func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestUsersComeBackAsTheyWereAdded(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		added, err := s.AddUser(t.Context(), access.Actor{Name: "root", Server: true}, access.User{
			Name: "anna", FullName: "Anna Muster", Email: "anna@example.com", Entity: "a", Language: "de", PasswordHash: "hash",
			Roles: []access.Role{access.Viewer, access.Finance, access.Viewer}, Epoch: 9, TOTPSecret: "x",
		})
		check(t, err)
		want := access.User{
			ID: added.ID, Name: "anna", FullName: "Anna Muster", Email: "anna@example.com", Entity: "a", Language: "de", PasswordHash: "hash",
			Roles: []access.Role{access.Finance, access.Viewer}, Active: true, CreatedAt: storetest.Now(), Digest: access.DigestDaily,
		}
		if diff := cmp.Diff(want, *added); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(want, user(t, s, added.ID)); diff != "" {
			t.Error(diff)
		}
		byName, err := s.UserByName(t.Context(), "ANNA")
		if err != nil || byName.ID != added.ID {
			t.Errorf("by name: %v, %v", byName, err)
		}
		bob := hire(t, s, "bob", "", access.Viewer)
		if bob.Entity != "op" {
			t.Errorf("without an entity the user is of %q", bob.Entity)
		}
		if list, err := s.Users(t.Context()); err != nil || len(list) != 2 || list[0].Name != "anna" {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func TestUsersAreChecked(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		hire(t, s, "anna", "op", access.Viewer)
		viewer := []access.Role{access.Viewer}
		for name, one := range map[string]struct {
			user access.User
			keys []string
		}{
			"an upper case name": {access.User{Name: "Anna", Roles: viewer}, []string{"user_name_invalid"}},
			"a short name":       {access.User{Name: "a", Roles: viewer}, []string{"user_name_invalid"}},
			"an actor's name":    {access.User{Name: "schedule", Roles: viewer}, []string{"user_name_reserved"}},
			"one that looks so":  {access.User{ID: 7, Name: "schedu1e", Roles: viewer}, []string{"user_name_reserved"}},
			"dots":               {access.User{Name: "..", Roles: viewer}, []string{"user_name_invalid"}},
			"a long name":        {access.User{Name: strings.Repeat("a", 65), Roles: viewer}, []string{"user_name_invalid"}},
			"a taken name":       {access.User{Name: "anna", Roles: viewer}, []string{"user_name_taken"}},
			"no role":            {access.User{Name: "bob"}, []string{"user_roles_invalid"}},
			"an unknown role":    {access.User{Name: "bob", Roles: []access.Role{"root"}}, []string{"user_roles_invalid"}},
			"an unknown entity":  {access.User{Name: "bob", Roles: viewer, Entity: "zz"}, []string{"entity_unknown"}},
			"a named address":    {access.User{Name: "bob", Roles: viewer, Email: "Bob <bob@example.com>"}, []string{"user_email_invalid"}},
			"two addresses":      {access.User{Name: "bob", Roles: viewer, Email: "bob@example.com, b@example.com"}, []string{"user_email_invalid"}},
			"no address":         {access.User{Name: "bob", Roles: viewer, Email: "bob"}, []string{"user_email_invalid"}},
			"everything":         {access.User{Name: "B B", Entity: "zz"}, []string{"user_name_invalid", "user_roles_invalid", "entity_unknown"}},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := s.AddUser(t.Context(), access.Actor{Name: "root", Server: true}, one.user)
				says(t, err, one.keys...)
			})
		}
		_, err := s.User(t.Context(), 99)
		says(t, err, "user_unknown")
		_, err = s.UserByOIDC(t.Context(), "", "")
		says(t, err, "user_unknown")
	})
}

func TestUsersAreFoundPageByPage(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		for _, name := range []string{"anna", "an_na", "bob", "carl"} {
			hire(t, s, name, map[string]string{"carl": "a"}[name], access.Viewer)
		}
		for _, one := range []struct {
			filter store.UserFilter
			want   string
		}{
			{store.UserFilter{}, "an_na anna bob carl"},
			{store.UserFilter{Text: "AN"}, "an_na anna"},
			{store.UserFilter{Text: "n_n"}, "an_na"},
			{store.UserFilter{Text: "bob@example"}, "bob"},
			{store.UserFilter{Text: "%"}, ""},
			{store.UserFilter{Limit: 2}, "an_na anna"},
			{store.UserFilter{After: "anna", Limit: 2}, "bob carl"},
		} {
			list, err := s.FindUsers(t.Context(), one.filter)
			var names []string
			for _, u := range list {
				names = append(names, u.Name)
			}
			if got := strings.Join(names, " "); err != nil || got != one.want {
				t.Errorf("%+v: %q, want %q, %v", one.filter, got, one.want, err)
			}
		}
	})
}

func TestTheLookOfAUserIsChangedAlone(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		u := hire(t, s, "anna", "a", access.Viewer)
		for range 2 { // the second changes nothing
			check(t, s.SetLook(t.Context(), "anna", u.ID, access.Look{Language: "de", NumberFormat: "ch", TimeZone: "Europe/Zurich"}))
		}
		says(t, s.SetLook(t.Context(), "anna", u.ID, access.Look{TimeZone: "Nowhere"}), "user_zone_unknown")
		want := *u
		want.Language, want.NumberFormat, want.TimeZone = "de", "ch", "Europe/Zurich"
		if diff := cmp.Diff(want, user(t, s, u.ID)); diff != "" {
			t.Error(diff)
		}
		entries, err := s.Audit(t.Context(), store.AuditFilter{Action: "user.updated"})
		if err != nil || len(entries) != 1 || !strings.Contains(entries[0].After, `"language":"de"`) {
			t.Errorf("%+v, %v", entries, err)
		}
	})
}

func TestWhatEndsTheLoginsOfAUser(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		u := hire(t, s, "anna", "a", access.Viewer)
		change := func(set func(u *access.User)) func() error {
			return func() error {
				now := user(t, s, u.ID)
				set(&now)
				return s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, now)
			}
		}
		for _, one := range []struct {
			name string
			do   func() error
			ends bool
		}{
			{"nothing", change(func(*access.User) {}), false},
			{"a full name", change(func(u *access.User) { u.FullName = "Anna" }), false},
			{"an address", change(func(u *access.User) { u.Email = "x@example.com" }), false},
			{"a language", change(func(u *access.User) { u.Language = "de" }), false},
			{"another entity", change(func(u *access.User) { u.Entity = "b" }), true},
			{"other roles", change(func(u *access.User) { u.Roles = []access.Role{access.Finance} }), true},
			{"deactivating", change(func(u *access.User) { u.Active = false }), true},
			{"activating", change(func(u *access.User) { u.Active = true }), false},
			{"a password", func() error {
				return s.SetPassword(t.Context(), access.Actor{Name: "anna", Server: true}, u.ID, "hash")
			}, true},
			{"a second factor", func() error { return s.SetTOTP(t.Context(), access.Actor{Name: "anna", Server: true}, u.ID, "SECRET") }, true},
			{"an OpenID account", func() error {
				return s.LinkOIDC(t.Context(), access.Actor{Name: "root", Server: true}, u.ID, "https://idp", "42")
			}, false},
			{"no OpenID account any more", func() error { return s.LinkOIDC(t.Context(), access.Actor{Name: "root", Server: true}, u.ID, "", "") }, true},
			{"the OpenID account again", func() error {
				return s.LinkOIDC(t.Context(), access.Actor{Name: "root", Server: true}, u.ID, "https://idp", "42")
			}, false},
			{"a login", func() error {
				now := user(t, s, u.ID)
				_, err := s.LogIn(t.Context(), &now, "Firefox/140.0", storetest.Now())
				return err
			}, false},
		} {
			before := user(t, s, u.ID).Epoch
			check(t, one.do())
			if ended := user(t, s, u.ID).Epoch == before+1; ended != one.ends {
				t.Errorf("%s: ended %v", one.name, ended)
			}
		}
		got := user(t, s, u.ID)
		want := access.User{
			ID: u.ID, Name: "anna", FullName: "Anna", Email: "x@example.com", Language: "de", Entity: "b", Roles: []access.Role{access.Finance}, Active: true,
			PasswordHash: "hash", TOTPSecret: "SECRET", OIDCIssuer: "https://idp", OIDCSubject: "42", CreatedAt: u.CreatedAt, LastLoginAt: storetest.Now(), Epoch: got.Epoch, Digest: access.DigestDaily,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestChangesOfUsersAreAuditedWithoutSecrets(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		u := hire(t, s, "anna", "op", access.Viewer)
		check(t, s.SetPassword(t.Context(), access.Actor{Name: "anna", Server: true}, u.ID, "$hunter2"))
		check(t, s.SetTOTP(t.Context(), access.Actor{Name: "anna", Server: true}, u.ID, "HUNTER2"))
		check(t, s.Invite(t.Context(), access.Actor{Name: "root", Server: true}, u.ID, "hunter2", storetest.Now().Add(time.Hour)))
		token, err := s.AddToken(t.Context(), access.Actor{Name: "anna", Server: true}, access.Token{UserID: u.ID, Name: "ci", Hash: "hunter2", Prefix: "hun", Scopes: []access.Right{access.Read}, ExpiresAt: storetest.Now().Add(time.Hour)})
		check(t, err)
		check(t, s.RevokeToken(t.Context(), "anna", u.ID, token.ID))
		u.Email = "new@example.com"
		check(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *u))
		entries, err := s.Audit(t.Context(), store.AuditFilter{Subject: "anna"})
		check(t, err)
		var actions []string
		for _, e := range entries {
			actions = append(actions, e.Who+" "+e.Action)
			if strings.Contains(strings.ToLower(e.Before+e.After), "hun") {
				t.Errorf("a secret: %+v", e)
			}
		}
		slices.Reverse(actions)
		want := []string{"root user.created", "anna user.password_set", "anna user.totp_set", "root user.invited", "anna token.created", "anna token.revoked", "root user.updated"}
		if diff := cmp.Diff(want, actions); diff != "" {
			t.Error(diff)
		}
		if last := entries[0]; !strings.Contains(last.Before, "anna@example.com") || !strings.Contains(last.After, "new@example.com") {
			t.Errorf("%+v", last)
		}
	})
}

func TestLastAdministratorStays(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		anna, bob := hire(t, s, "anna", "op", access.Admin), hire(t, s, "bob", "op", access.Admin)
		hire(t, s, "carl", "a", access.Admin) // of a Sub-CPO: governs nothing
		bob.Active = false
		check(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *bob))
		for name, change := range map[string]func(u *access.User){
			"is not deactivated":        func(u *access.User) { u.Active = false },
			"keeps the role":            func(u *access.User) { u.Roles = []access.Role{access.Finance} },
			"stays one of the operator": func(u *access.User) { u.Entity = "a" },
		} {
			t.Run(name, func(t *testing.T) {
				changed := *anna
				change(&changed)
				says(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, changed), "last_admin")
				if diff := cmp.Diff(*anna, user(t, s, anna.ID)); diff != "" {
					t.Error(diff)
				}
			})
		}
		bob.Active = true
		check(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *bob))
		anna.Active = false
		check(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *anna))
	})
}

func TestTwoAdministratorsDoNotDeactivateEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		anna, bob := hire(t, s, "anna", "", access.Admin), hire(t, s, "bob", "", access.Admin)
		var refused atomic.Int32
		var both sync.WaitGroup
		for _, u := range []*access.User{anna, bob} {
			mine := open()
			both.Go(func() {
				u.Active = false
				if err := mine.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *u); err != nil {
					refused.Add(1)
				}
			})
		}
		both.Wait()
		if refused.Load() != 1 {
			t.Errorf("%d were refused", refused.Load())
		}
	})
}

func TestStepOfOneTimeCodesIsUsedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		u := hire(t, s, "anna", "", access.Viewer)
		var used atomic.Int32
		var all sync.WaitGroup
		for range 4 {
			mine := open()
			all.Go(func() {
				ok, err := mine.UseTOTPStep(t.Context(), u.ID, 7)
				if err != nil {
					t.Error(err)
				}
				if ok {
					used.Add(1)
				}
			})
		}
		all.Wait()
		if used.Load() != 1 {
			t.Errorf("used %d times", used.Load())
		}
		for step, want := range map[int64]bool{6: false, 8: true} {
			if ok, err := s.UseTOTPStep(t.Context(), u.ID, step); ok != want || err != nil {
				t.Errorf("step %d: %v, %v", step, ok, err)
			}
		}
	})
}

func TestOpenIDAccountBelongsToOneUser(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		anna, bob := hire(t, s, "anna", "", access.Viewer), hire(t, s, "bob", "", access.Viewer)
		check(t, s.LinkOIDC(t.Context(), access.Actor{Name: "root", Server: true}, anna.ID, "https://idp", "42"))
		says(t, s.LinkOIDC(t.Context(), access.Actor{Name: "root", Server: true}, bob.ID, "https://idp", "42"), "oidc_account_taken")
		check(t, s.LinkOIDC(t.Context(), access.Actor{Name: "root", Server: true}, bob.ID, "https://other", "42"))
		found, err := s.UserByOIDC(t.Context(), "https://idp", "42")
		if err != nil || found.ID != anna.ID {
			t.Errorf("%v, %v", found, err)
		}
		check(t, s.LinkOIDC(t.Context(), access.Actor{Name: "root", Server: true}, anna.ID, "https://idp", ""))
		_, err = s.UserByOIDC(t.Context(), "https://idp", "42")
		says(t, err, "user_unknown")
		check(t, s.LinkOIDC(t.Context(), access.Actor{Name: "root", Server: true}, bob.ID, "https://idp", "42"))
	})
}
