package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// page is a user at work on the pages.
func page(name string) access.Actor { return access.Actor{Name: name} }

// shell is a person on the command line of the server.
func shell(name string) access.Actor { return access.Actor{Name: name, Server: true} }

// ok fails the test on an error.
func (w *world) ok(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// member adds a user of the operator with an address of its own.
func (w *world) member(by access.Actor, name string, roles ...access.Role) *access.User {
	w.T.Helper()
	u, err := w.s.AddUser(w.T.Context(), by, access.User{Name: name, Email: name + "@example.com", Roles: roles})
	w.ok(err)
	return u
}

func TestWhoHadAHandInAUserIsNoSecondPerson(t *testing.T) {
	for claim, do := range map[string]func(w *world, max *access.User) error{
		"mailed a link": func(w *world, max *access.User) error {
			return w.s.MailLink(w.T.Context(), page("anna"), max.ID, store.ToSetPassword, "https://credit.example")
		},
		"reset the second factor": func(w *world, max *access.User) error {
			w.ok(w.s.SetTOTP(w.T.Context(), page("max"), max.ID, "JBSWY3DPEHPK3PXP"))
			return w.s.MailLink(w.T.Context(), page("anna"), max.ID, store.ToRemoveSecondFactor, "https://credit.example")
		},
		"took the linked account away": func(w *world, max *access.User) error {
			w.ok(w.s.LinkOIDC(w.T.Context(), page("max"), max.ID, "https://login.example", "4711"))
			return w.s.LinkOIDC(w.T.Context(), page("anna"), max.ID, "", "")
		},
		"gave other roles": func(w *world, max *access.User) error {
			max.Roles = []access.Role{access.Viewer, access.Finance}
			return w.s.ChangeUser(w.T.Context(), page("anna"), *max)
		},
		"gave another entity": func(w *world, max *access.User) error {
			max.Entity = "a"
			return w.s.ChangeUser(w.T.Context(), page("anna"), *max)
		},
		"changed the address": func(w *world, max *access.User) error {
			max.Email = "other@example.com"
			return w.s.ChangeUser(w.T.Context(), page("anna"), *max)
		},
	} {
		t.Run(claim, func(t *testing.T) {
			inEach(t, func(t *testing.T, w *world) {
				w.member(shell("root"), "anna", access.Admin)
				max := w.member(shell("root"), "max", access.Finance)
				check(t, w.s.SecondPerson(t.Context(), "anna", "max"))
				check(t, do(w, max))
				for _, pair := range [][2]string{{"anna", "max"}, {"max", "anna"}} {
					err := w.s.SecondPerson(t.Context(), pair[0], pair[1])
					says(t, err, "persons_are_tied")
					if !fault.Is(err, fault.Forbidden) {
						t.Error(err)
					}
				}
				w.Now = w.Now.Add(access.TiedFor)
				check(t, w.s.SecondPerson(t.Context(), "anna", "max"))
			})
		})
	}
}

func TestWhoWasAddedOnTheServerIsASecondPerson(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.member(shell("anna"), "anna", access.Admin)
		max := w.member(shell("anna"), "max", access.Finance)
		check(t, w.s.Invite(t.Context(), shell("anna"), max.ID, "hash", w.Now.Add(time.Hour)))
		check(t, w.s.SecondPerson(t.Context(), "anna", "max"))
		entries, err := w.s.Audit(t.Context(), store.AuditFilter{Action: "user.created", Subject: "max"})
		if err != nil || len(entries) != 1 || entries[0].Who != "anna" || !strings.Contains(entries[0].After, `"server":true`) {
			t.Errorf("the audit log does not say that it was on the server: %+v, %v", entries, err)
		}
	})
}

func TestTwoUsersOfOneMakerAreNoTwoPeople(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.member(shell("root"), "anna", access.Admin)
		w.member(page("anna"), "one", access.Finance)
		w.member(page("anna"), "two", access.Finance)
		says(t, w.s.SecondPerson(t.Context(), "one", "two"), "persons_are_tied")
	})
}

func TestUsersWithOneMailboxAreNoTwoPeople(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		for _, name := range []string{"one", "two"} {
			_, err := w.s.AddUser(t.Context(), shell("root"), access.User{Name: name, Email: "Finance@example.com", Roles: []access.Role{access.Finance}})
			check(t, err)
		}
		says(t, w.s.SecondPerson(t.Context(), "one", "two"), "persons_are_one")
	})
}

func TestTiesStay(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.member(shell("root"), "anna", access.Admin)
		w.member(page("anna"), "max", access.Finance)
		for _, statement := range []string{"DELETE FROM user_ties", "UPDATE user_ties SET actor = 'nobody'"} {
			if _, err := w.s.WriteDB().Exec(statement); err == nil {
				t.Errorf("the database lets pass: %s", statement)
			}
		}
		if _, err := w.s.WriteDB().Exec("DELETE FROM users WHERE name = 'max'"); err != nil {
			t.Logf("users cannot be deleted: %v", err)
		}
		says(t, w.s.SecondPerson(t.Context(), "anna", "max"), "persons_are_tied")
	})
}

func TestRunIsNotReleasedByOneWhoCountsAsItsDrafter(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.member(shell("root"), "anna", access.Admin, access.Finance)
		w.member(page("anna"), "max", access.Finance)
		w.member(shell("root"), "berta", access.Finance)
		w.Set("release", "approve")
		w.Charged(workedExample()...)
		_, err := w.Runner.Run(t.Context(), creditnotes.Request{Month: "2026-10", Trigger: creditnotes.Manual, Who: "max"})
		check(t, err)
		_, err = w.Runner.Approve(t.Context(), "2026-10", "anna")
		says(t, err, "persons_are_tied")
		w.HasNumbers()
		_, err = w.Runner.Approve(t.Context(), "2026-10", "berta")
		check(t, err)
		w.HasNumbers("GS-2026-00001")
	})
}

func TestNobodyGivesThemselvesOtherRoles(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.member(shell("root"), "other", access.Admin)
		anna := w.member(shell("root"), "anna", access.Admin)
		anna.Roles = []access.Role{access.Admin, access.Finance}
		says(t, w.s.ChangeUser(t.Context(), page("anna"), *anna), "own_roles")
		anna.Roles, anna.Entity = []access.Role{access.Admin}, "a"
		says(t, w.s.ChangeUser(t.Context(), page("anna"), *anna), "own_roles")
		anna.Entity, anna.FullName = "", "Anna"
		check(t, w.s.ChangeUser(t.Context(), page("anna"), *anna))
		anna.Roles = []access.Role{access.Admin, access.Finance}
		check(t, w.s.ChangeUser(t.Context(), shell("anna"), *anna)) // who has the shell
	})
}

// noticed lists to whom which notices wait, and of what they tell.
func (w *world) noticed() (list []string) {
	w.T.Helper()
	for id := int64(1); ; id++ {
		n, _, _, err := w.s.Notice(w.T.Context(), id)
		if fault.Is(err, fault.NotFound) {
			return list
		}
		w.ok(err)
		text := string(n.Kind)
		if n.Facts.Deed != "" {
			text += " " + n.Facts.Deed
		}
		if n.Facts.Server {
			text += " on the server"
		}
		list = append(list, n.To+": "+text+" "+n.Facts.User)
	}
}

func TestAdministratorsAreToldOfUsers(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		anna := w.member(shell("root"), "anna", access.Admin)
		max := w.member(page("anna"), "max", access.Viewer)
		check(t, w.s.MailLink(t.Context(), page("anna"), max.ID, store.ToSetPassword, "https://credit.example"))
		max.Roles = []access.Role{access.Admin}
		check(t, w.s.ChangeUser(t.Context(), page("anna"), *max))
		w.member(shell("root"), "berta", access.Viewer)
		anna.Email = "new@example.com"
		check(t, w.s.ChangeUser(t.Context(), page("anna"), *anna))
		want := []string{
			"anna@example.com: user administrator on the server anna",
			"max@example.com: invited max",
			"anna@example.com: user invited max",
			"anna@example.com: user administrator max",
			"max@example.com: user administrator max",
			"anna@example.com: user created on the server berta",
			"max@example.com: user created on the server berta",
			"anna@example.com: moved anna",
		}
		if diff := cmp.Diff(want, w.noticed()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestNoLinkIsStored(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.member(shell("root"), "anna", access.Admin)
		max := w.member(shell("root"), "max", access.Viewer)
		check(t, w.s.MailLink(t.Context(), page("anna"), max.ID, store.ToSetPassword, "https://credit.example"))
		if n := w.rows("invitations"); n != 0 {
			t.Errorf("%d links before a mail is sent", n)
		}
		link, err := w.s.LastLink(t.Context(), max.ID)
		check(t, err)
		first, err := w.s.StartNotice(t.Context(), link, 1)
		check(t, err)
		_, err = w.s.StartNotice(t.Context(), link, 1)
		says(t, err, "delivery_taken")
		second, err := w.s.StartNotice(t.Context(), link, 2)
		check(t, err)
		if _, _, err := w.s.InvitedUser(t.Context(), access.HashSecret(first)); err == nil {
			t.Error("the link of the first attempt still works")
		}
		if u, purpose, err := w.s.InvitedUser(t.Context(), access.HashSecret(second)); err != nil || u.Name != "max" || purpose != store.ToSetPassword {
			t.Errorf("%+v, %s, %v", u, purpose, err)
		}
	})
}

func TestUserWithoutAddressGetsNoLink(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.member(shell("root"), "anna", access.Admin)
		before := w.rows("users")
		_, err := w.s.AddInvited(t.Context(), page("anna"), access.User{Name: "max", Roles: []access.Role{access.Viewer}}, "https://credit.example")
		says(t, err, "user_without_email")
		if now := w.rows("users"); now != before {
			t.Errorf("%d users, before %d", now, before)
		}
	})
}
