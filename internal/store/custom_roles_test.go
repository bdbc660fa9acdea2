package store_test

import (
	"testing"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// fails checks the key of the first fault of an error; "" is no error.
func fails(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
		if list := fault.Of(err); len(list) > 0 {
			got = list[0].Key
		}
	}
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func TestRolesAreMadeOfRights(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		anna, letters := access.Actor{Name: "anna"}, access.CustomRole{Role: "letters", Name: "Letters", Rights: []access.Right{access.Send}}
		hire(t, s, "anna", "op", access.Admin)
		vera := hire(t, s, "vera", "op", access.Viewer)
		fails(t, "a role that there is not", func() error {
			vera.Roles = []access.Role{"letters"}
			return s.ChangeUser(t.Context(), anna, *vera)
		}(), "user_roles_invalid")
		check(t, s.SaveCustomRole(t.Context(), anna, letters, ""))
		check(t, s.ChangeUser(t.Context(), anna, *vera))
		may := func(right access.Right) bool {
			u := user(t, s, vera.ID)
			return (&access.Visitor{User: u, Operator: true, Licensed: true}).May(right)
		}
		if !may(access.Send) || !may(access.Read) || may(access.Cancel) {
			t.Error("the rights of the role are not those of its user")
		}
		fails(t, "a role as another person saw it", s.SaveCustomRole(t.Context(), anna, letters, "other"), "record_changed")
		saved, err := s.CustomRole(t.Context(), "letters")
		check(t, err)
		letters.Rights = []access.Right{access.Cancel}
		check(t, s.SaveCustomRole(t.Context(), anna, letters, store.CustomRoleFingerprint(saved)))
		if may(access.Send) || !may(access.Cancel) {
			t.Error("a change of the role does not count at once")
		}
		fails(t, "one's own role", s.SaveCustomRole(t.Context(), access.Actor{Name: "vera"}, access.CustomRole{Role: "letters", Name: "L", Rights: []access.Right{access.Draft}}), "own_roles")
		fails(t, "approving for a user of the role", s.SecondPerson(t.Context(), "anna", "vera"), "persons_are_tied")
		fails(t, "deleting a used role", s.DeleteCustomRole(t.Context(), anna, "letters"), "custom_role_used")
		vera.Roles = []access.Role{access.Viewer}
		check(t, s.ChangeUser(t.Context(), anna, *vera))
		check(t, s.DeleteCustomRole(t.Context(), anna, "letters"))
		fails(t, "deleting it twice", s.DeleteCustomRole(t.Context(), anna, "letters"), "custom_role_unknown")
	})
}

// A role that gives rights to a person makes the one who changes it that person's
// maker, as other roles do: also when the role itself stays.
func TestWhoChangesARoleIsTiedToItsUsers(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		root := access.Actor{Name: "root", Server: true}
		check(t, s.SaveCustomRole(t.Context(), root, access.CustomRole{Role: "letters", Name: "L", Rights: []access.Right{access.Send}}))
		hire(t, s, "vera", "op", "letters")
		hire(t, s, "anna", "op", access.Admin)
		fails(t, "before", s.SecondPerson(t.Context(), "anna", "vera"), "")
		check(t, s.SaveCustomRole(t.Context(), access.Actor{Name: "anna"}, access.CustomRole{Role: "letters", Name: "Letters", Rights: []access.Right{access.Send}}))
		fails(t, "after another name", s.SecondPerson(t.Context(), "anna", "vera"), "")
		check(t, s.SaveCustomRole(t.Context(), access.Actor{Name: "anna"}, access.CustomRole{Role: "letters", Name: "Letters", Rights: []access.Right{access.Approve}}))
		fails(t, "after other rights", s.SecondPerson(t.Context(), "anna", "vera"), "persons_are_tied")
	})
}

func TestLoginsEndHereAndElsewhere(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		s := open()
		save(t, s, network())
		anna, other := hire(t, s, "anna", "op", access.Admin), hire(t, s, "olga", "op", access.Admin)
		login := func(u *access.User) int64 {
			id, err := s.LogIn(t.Context(), u, "Mozilla/5.0 \x00 Firefox/140.0", c.now.Add(-12*time.Hour))
			check(t, err)
			return id
		}
		on := func(what string, u *access.User, id int64, want bool) {
			t.Helper()
			if got, err := s.LoggedIn(t.Context(), u.ID, id); err != nil || (got != nil) != want {
				t.Errorf("%s: %v, %v", what, got, err)
			}
		}
		here, there, foreign := login(anna), login(anna), login(other)
		on("the login of another user", anna, foreign, false)
		list, err := s.Logins(t.Context(), anna, c.now.Add(-time.Hour), c.now.Add(-time.Hour))
		if check(t, err); len(list) != 2 || list[0].ID != there {
			t.Errorf("%+v", list)
		}
		ended, err := s.LogOutElsewhere(t.Context(), anna, here)
		if check(t, err); ended != 1 {
			t.Errorf("%d ended", ended)
		}
		on("elsewhere", anna, there, false)
		on("here", anna, here, true)
		on("another user", other, foreign, true)
		check(t, s.SetPassword(t.Context(), access.Actor{Name: "anna"}, anna.ID, "hash"))
		on("after a new password", anna, here, false)
		check(t, s.KeepLogin(t.Context(), here, anna.Epoch+1))
		on("kept", anna, here, true)
		_, err = s.LogIn(t.Context(), anna, "", c.now)
		fails(t, "a login of the epoch before", err, "login_expired")
		check(t, s.LogOut(t.Context(), here))
		on("logged out", anna, here, false)
		c.turn(13 * time.Hour)
		login(other)
		if n := count(t, s, "logins"); n != 1 {
			t.Errorf("%d rows: those of yesterday are not forgotten", n)
		}
	})
}
