package store_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

func TestTokenOpensUntilItIsRevokedOrExpires(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		s := open()
		u := hire(t, s, "anna", "", access.Viewer)
		add := func(hash string) *access.Token {
			t.Helper()
			token, err := s.AddToken(t.Context(), access.Actor{Name: "anna", Server: true}, access.Token{
				UserID: u.ID, Name: "ci", Hash: hash, Prefix: "crt_", Scopes: []access.Right{access.Read, access.Export}, ExpiresAt: c.now.Add(time.Hour),
			})
			check(t, err)
			return token
		}
		refused := func(hash string) {
			t.Helper()
			_, _, err := s.TokenByHash(t.Context(), hash)
			says(t, err, "token_refused")
		}
		first := add("first")
		token, who, err := s.TokenByHash(t.Context(), "first")
		check(t, err)
		first.LastUsedAt = c.now
		if diff := cmp.Diff(first, token); diff != "" || who.ID != u.ID {
			t.Errorf("%v %s", who, diff)
		}
		refused("none")
		second := add("second")
		says(t, s.RevokeToken(t.Context(), "anna", u.ID+1, second.ID), "user_unknown")
		says(t, s.RevokeToken(t.Context(), "anna", u.ID, 99), "token_unknown")
		bob := hire(t, s, "bob", "", access.Viewer)
		says(t, s.RevokeToken(t.Context(), "bob", bob.ID, second.ID), "token_unknown")
		for range 2 {
			check(t, s.RevokeToken(t.Context(), "anna", u.ID, second.ID))
		}
		refused("second")
		u.Active = false
		check(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *u))
		refused("first")
		u.Active = true
		check(t, s.ChangeUser(t.Context(), access.Actor{Name: "root", Server: true}, *u))
		refused("first") // activating a user does not bring tokens back
		c.turn(time.Hour)
		if list, err := s.Tokens(t.Context(), u.ID); err != nil || len(list) != 2 || list[1].RevokedAt.IsZero() || list[0].RevokedAt.IsZero() {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func TestUseOfATokenIsNotedOnceAMinute(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		s := open()
		u := hire(t, s, "anna", "", access.Viewer)
		_, err := s.AddToken(t.Context(), access.Actor{Name: "anna", Server: true}, access.Token{UserID: u.ID, Name: "x", Hash: "x", Scopes: []access.Right{access.Read}, ExpiresAt: c.now.Add(time.Hour)})
		check(t, err)
		for _, one := range []struct{ turn, noted time.Duration }{{0, 0}, {59 * time.Second, 0}, {time.Second, time.Minute}} {
			c.turn(one.turn)
			_, _, err := s.TokenByHash(t.Context(), "x")
			check(t, err)
			list, err := s.Tokens(t.Context(), u.ID)
			if want := storetest.Now().Add(one.noted); err != nil || !list[0].LastUsedAt.Equal(want) {
				t.Errorf("noted %v, want %v, %v", list[0].LastUsedAt, want, err)
			}
		}
	})
}

func TestTokensNameTheirScopesAndEnd(t *testing.T) {
	eachStaffed(t, func(t *testing.T, s *store.Store) {
		u := hire(t, s, "anna", "", access.Viewer)
		_, err := s.AddToken(t.Context(), access.Actor{Name: "anna", Server: true}, access.Token{UserID: u.ID, Hash: "a"})
		says(t, err, "token_name_invalid", "token_scopes_invalid", "token_expiry_invalid")
		_, err = s.AddToken(t.Context(), access.Actor{Name: "anna", Server: true}, access.Token{UserID: u.ID, Name: strings.Repeat("ä", 100), Hash: "a", Scopes: []access.Right{"everything"}, ExpiresAt: storetest.Now().Add(1)})
		says(t, err, "token_scopes_invalid")
		_, err = s.AddToken(t.Context(), access.Actor{Name: "anna", Server: true}, access.Token{UserID: 99, Name: "a", Hash: "a", Scopes: []access.Right{access.Read}, ExpiresAt: storetest.Now().Add(time.Hour)})
		says(t, err, "user_unknown")
		_, err = s.AddToken(t.Context(), access.Actor{Name: "anna", Server: true}, access.Token{UserID: u.ID, Name: strings.Repeat("ä", 101), Hash: "a", Scopes: []access.Right{access.Read}, ExpiresAt: storetest.Now().Add(1)})
		says(t, err, "token_name_invalid")
	})
}

func TestRequestIsDoneOnceHoweverOftenItIsSent(t *testing.T) {
	eachWithClock(t, func(t *testing.T, c *clock, open func() *store.Store) {
		s := open()
		anna, bob := hire(t, s, "anna", "", access.Viewer), hire(t, s, "bob", "", access.Viewer)
		begin := func(user int64, fingerprint string) (*store.StoredAnswer, error) {
			return s.BeginRequest(t.Context(), user, "k", fingerprint)
		}
		first := func(user int64, fingerprint string) {
			t.Helper()
			if answer, err := begin(user, fingerprint); answer != nil || err != nil {
				t.Errorf("%v, %v", answer, err)
			}
		}
		first(anna.ID, "f")
		first(bob.ID, "other") // keys are each user's own
		_, err := begin(anna.ID, "f")
		says(t, err, "idempotency_key_busy")
		_, err = begin(anna.ID, "g")
		says(t, err, "idempotency_key_reused")
		check(t, s.AbandonRequest(t.Context(), anna.ID, "k"))
		first(anna.ID, "g")
		c.turn(5 * time.Minute)
		_, err = begin(anna.ID, "h")
		says(t, err, "idempotency_key_reused")
		first(anna.ID, "g") // taken over
		_, err = begin(anna.ID, "g")
		says(t, err, "idempotency_key_busy")
		want := store.StoredAnswer{Status: 201, ContentType: "application/json", Body: []byte("{}")}
		check(t, s.FinishRequest(t.Context(), anna.ID, "k", want))
		check(t, s.FinishRequest(t.Context(), anna.ID, "k", store.StoredAnswer{Status: 500}))
		check(t, s.AbandonRequest(t.Context(), anna.ID, "k"))
		c.turn(10 * time.Minute)
		answer, err := begin(anna.ID, "g")
		check(t, err)
		if diff := cmp.Diff(&want, answer); diff != "" {
			t.Error(diff)
		}
		_, err = begin(anna.ID, "h")
		says(t, err, "idempotency_key_reused")
		c.turn(24 * time.Hour)
		first(anna.ID, "h")
		check(t, s.FinishRequest(t.Context(), anna.ID, "k", store.StoredAnswer{Status: 204}))
		if answer, err := begin(anna.ID, "h"); err != nil || answer.Status != 204 || len(answer.Body) != 0 {
			t.Errorf("%v, %v", answer, err)
		}
	})
}

func TestOneOfManyEqualRequestsIsDone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		u := hire(t, open(), "anna", "", access.Viewer)
		var done atomic.Int32
		var all sync.WaitGroup
		for range 4 {
			s := open()
			all.Go(func() {
				if _, err := s.BeginRequest(t.Context(), u.ID, "k", "f"); err == nil {
					done.Add(1)
				}
			})
		}
		all.Wait()
		if done.Load() != 1 {
			t.Errorf("done %d times", done.Load())
		}
	})
}

func TestConfigurationVersionChangesWithTheConfiguration(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		last, err := s.ConfigurationVersion(t.Context())
		check(t, err)
		changed := func() bool {
			t.Helper()
			now, err := s.ConfigurationVersion(t.Context())
			check(t, err)
			before := last
			last = now
			return now != before
		}
		set := func(value string) {
			t.Helper()
			_, err := s.SetSettings(t.Context(), "root", []creditnotes.Setting{{Key: "review_days", Value: value}})
			check(t, err)
		}
		save(t, s, network())
		if !changed() {
			t.Error("a new network is not noticed")
		}
		save(t, s, network())
		if changed() {
			t.Error("the same network counts as a change")
		}
		save(t, s, &creditnotes.Configuration{Partners: []entities.Partner{{CountryCode: "AT", PartyID: "XYZ", Name: "X"}}})
		if !changed() {
			t.Error("a new partner is not noticed")
		}
		save(t, s, &creditnotes.Configuration{}, creditnotes.Setting{Key: "review_days", Value: "3"})
		if !changed() {
			t.Error("a setting of a network is not noticed")
		}
		set("4")
		if !changed() {
			t.Error("a setting is not noticed")
		}
		set("4")
		if changed() {
			t.Error("the same setting counts as a change")
		}
	})
}
