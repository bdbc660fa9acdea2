package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

// clock is one that tests turn.
type clock struct{ now time.Time }

func (c *clock) turn(d time.Duration) { c.now = c.now.Add(d) }

// eachWithClock runs a test on both databases with a clock that can be turned.
func eachWithClock(t *testing.T, test func(t *testing.T, c *clock, open func() *store.Store)) {
	t.Helper()
	c := &clock{}
	storetest.EachAt(t, func() time.Time { return c.now }, func(t *testing.T, open func() *store.Store) {
		c.now = storetest.Now()
		test(t, c, open)
	})
}

func TestInvitationWorksOnceAndUntilItExpires(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		s := open()
		u := hire(t, s, "anna", "", access.Viewer)
		invite := func(hash string) {
			t.Helper()
			check(t, s.Invite(t.Context(), access.Actor{Name: "root", Server: true}, u.ID, hash, c.now.Add(time.Hour)))
		}
		void := func(hash string) {
			t.Helper()
			_, _, err := s.InvitedUser(t.Context(), hash)
			says(t, err, "invitation_void")
			_, err = s.AcceptInvitation(t.Context(), hash, "stolen")
			says(t, err, "invitation_void")
		}
		void("never")
		invite("first")
		invite("second")
		void("first") // replaced
		if invited, _, err := s.InvitedUser(t.Context(), "second"); err != nil || invited.ID != u.ID {
			t.Errorf("%v, %v", invited, err)
		}
		accepted, err := s.AcceptInvitation(t.Context(), "second", "hash")
		if now := user(t, s, u.ID); err != nil || now.PasswordHash != "hash" || now.Epoch != u.Epoch+1 || accepted.Epoch != now.Epoch {
			t.Errorf("%+v, %v, %v", now, accepted, err)
		}
		void("second") // used
		invite("third")
		c.turn(time.Hour)
		void("third") // expired
		invite("fourth")
		check(t, s.SetPassword(t.Context(), access.Actor{Name: "anna", Server: true}, u.ID, "other"))
		void("fourth") // a password was set meanwhile
		invite("fifth")
		u.Active = false
		check(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *u))
		void("fifth")
		if now := user(t, s, u.ID); now.PasswordHash != "other" {
			t.Errorf("the password is %q", now.PasswordHash)
		}
	})
}

func TestFirstStartInvitesAnAdministrator(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		s := open()
		start := func(hash string) bool {
			t.Helper()
			needed, err := s.FirstAdministrator(t.Context(), hash, c.now.Add(time.Hour))
			check(t, err)
			return needed
		}
		names := func() (names []string) {
			t.Helper()
			list, err := s.Users(t.Context())
			check(t, err)
			for _, u := range list {
				names = append(names, u.Name)
			}
			return names
		}
		if !start("one") || !start("two") || !slices.Equal(names(), []string{"admin"}) {
			t.Fatalf("users %v", names())
		}
		admin, _, err := s.InvitedUser(t.Context(), "one") // both links are good
		check(t, err)
		if !admin.Has(access.Admin) || !admin.Has(access.Finance) || admin.Entity != "" {
			t.Errorf("%+v", admin)
		}
		save(t, s, network()) // the operator comes later
		if !start("three") || len(names()) != 1 {
			t.Errorf("users %v", names())
		}
		_, err = s.AcceptInvitation(t.Context(), "two", "hash")
		check(t, err)
		if start("four") || len(names()) != 1 {
			t.Error("an administrator who can log in is not enough")
		}
		for _, hash := range []string{"one", "three", "four"} {
			_, _, err := s.InvitedUser(t.Context(), hash)
			says(t, err, "invitation_void")
		}
		check(t, s.SetPassword(t.Context(), access.Actor{Name: "admin", Server: true}, admin.ID, ""))
		check(t, s.LinkOIDC(t.Context(), access.Actor{Name: "admin", Server: true}, admin.ID, "https://idp", "1"))
		if start("five") {
			t.Error("an administrator with an OpenID account is not enough")
		}
	})
}

func TestFirstAdministratorIsNobodyWhoWasThereWithFewerRights(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		hire(t, s, "admin", "a", access.Viewer, access.Admin)
		hire(t, s, "admin2", "op", access.Viewer)
		needed, err := s.FirstAdministrator(t.Context(), "hash", storetest.Now().Add(time.Hour))
		check(t, err)
		invited, _, err := s.InvitedUser(t.Context(), "hash")
		if err != nil || !needed || invited.Name != "admin3" || invited.Entity != "op" {
			t.Errorf("%+v, %v", invited, err)
		}
	})
}

func TestWebSessionsEndWhenTheyExpire(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		s := open()
		web := s.WebSessions()
		find := func(token, want string) {
			t.Helper()
			if data, found, err := web.Find(token); err != nil || found != (want != "") || string(data) != want {
				t.Errorf("%s: %q, %v, %v", token, data, found, err)
			}
		}
		check(t, web.Commit("short", []byte("a"), c.now.Add(time.Minute)))
		check(t, web.Commit("long", []byte("b"), c.now.Add(24*time.Hour)))
		check(t, web.Commit("long", []byte("c"), c.now.Add(24*time.Hour)))
		find("short", "a")
		find("long", "c")
		find("none", "")
		if found := count(t, s, "web_sessions WHERE hash IN ('short', 'long')"); found != 0 {
			t.Error("tokens are stored as they are")
		}
		c.turn(time.Minute)
		find("short", "")
		check(t, web.Commit("more", []byte("d"), c.now.Add(time.Hour)))
		if n := count(t, s, "web_sessions"); n != 3 {
			t.Errorf("%d rows: swept too early", n)
		}
		c.turn(time.Hour)
		check(t, web.Commit("even more", []byte("e"), c.now.Add(time.Hour)))
		if n := count(t, s, "web_sessions"); n != 2 {
			t.Errorf("%d rows: not swept", n)
		}
		check(t, web.Delete("long"))
		check(t, web.Delete("long"))
		find("long", "")
	})
}

func TestFailedLoginsWaitLongerAndLonger(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		one, other := open(), open() // two processes count together
		fail := func(key string) time.Duration {
			t.Helper()
			check(t, one.LoginFailed(t.Context(), key))
			until, err := other.LoginWait(t.Context(), key)
			check(t, err)
			if until.IsZero() {
				return 0
			}
			return until.Sub(c.now)
		}
		var waits []string
		for range 17 {
			wait := fail("name:anna")
			waits = append(waits, fmt.Sprint(wait))
			c.turn(wait)
		}
		want := "[0s 0s 0s 0s 1s 2s 4s 8s 16s 32s 1m4s 2m8s 4m16s 8m32s 15m0s 15m0s 15m0s]"
		if got := fmt.Sprint(waits); got != want {
			t.Errorf("waits %s", got)
		}
		if until, err := one.LoginWait(t.Context(), "name:anna"); err != nil || !until.IsZero() {
			t.Errorf("after the wait: %v, %v", until, err)
		}
		c.turn(15 * time.Minute)
		if wait := fail("name:anna"); wait != 0 {
			t.Errorf("after a quiet quarter of an hour: %v", wait)
		}
		for i := range 29 {
			if wait := fail("addr:1.2.3.4"); wait != 0 {
				t.Errorf("address waits %v after %d", wait, i+1)
			}
		}
		if wait := fail("addr:1.2.3.4"); wait != time.Second {
			t.Errorf("address waits %v", wait)
		}
	})
}

func TestSuccessForgetsTheFailuresOfANameAndNotOfAnAddress(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		s := open()
		for range 30 {
			check(t, s.LoginFailed(t.Context(), "name:anna"))
			check(t, s.LoginFailed(t.Context(), "addr:1.2.3.4"))
		}
		for key, waits := range map[string]bool{"name:anna": false, "addr:1.2.3.4": true} {
			check(t, s.LoginSucceeded(t.Context(), key))
			if until, err := s.LoginWait(t.Context(), key); err != nil || until.IsZero() == waits {
				t.Errorf("%s: %v, %v", key, until, err)
			}
		}
		c.turn(24 * time.Hour)
		check(t, s.LoginSucceeded(t.Context(), "name:bob"))
		if n := count(t, s, "login_attempts"); n != 0 {
			t.Errorf("%d failures are kept for more than a day", n)
		}
	})
}
