package page

import (
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// How long a user stays logged in: in all, and without opening a page.
const (
	sessionLifetime = 12 * time.Hour
	sessionIdle     = 2 * time.Hour
	// seenEvery is how often it is noted that the user is still there.
	seenEvery = 5 * time.Minute
)

// What a web session remembers.
const (
	keyUser      = "user"      // id
	keyEpoch     = "epoch"     // of the user, when the session began
	keyBegun     = "begun"     // unix time of the login
	keySeen      = "seen"      // unix time of a page opened lately
	KeyConfirmed = "confirmed" // unix time at which the other server confirmed who it is
	KeyNext      = "next"      // where to go after the login
	keyFlash     = "flash"
)

// NewSessions makes the manager of web sessions; they are in the database, so
// that they outlive a restart and every process knows them.
func NewSessions(s *store.Store, encrypted bool) *scs.SessionManager {
	m := scs.New()
	m.Store = s.WebSessions()
	m.Lifetime = sessionLifetime
	m.Cookie.Name = "creditrun"
	m.Cookie.HttpOnly = true
	m.Cookie.Secure = encrypted
	m.Cookie.SameSite = http.SameSiteLaxMode
	if encrypted { // the browser then refuses it from any other host
		m.Cookie.Name = "__Host-creditrun"
	}
	return m
}

// Begin logs a user in. The session gets a new name, so that no one who knew
// the old one comes in with it, and keeps nothing of what was in it before, so
// that no one who used the browser earlier has put something there.
func (v *Visit) Begin(user *access.User) error {
	ctx := v.R.Context()
	next := v.sessions.PopString(ctx, KeyNext)
	if err := v.sessions.RenewToken(ctx); err != nil {
		return err
	}
	if err := v.sessions.Clear(ctx); err != nil {
		return err
	}
	now := v.now()
	if err := v.store.LoggedIn(ctx, user.ID, now); err != nil {
		return err
	}
	v.sessions.Put(ctx, keyUser, user.ID)
	v.sessions.Put(ctx, keyEpoch, user.Epoch)
	v.sessions.Put(ctx, keyBegun, now.Unix())
	v.sessions.Put(ctx, keySeen, now.Unix())
	v.log.Info("logged in", "user", user.Name)
	return v.Redirect(Local(next))
}

// visitor finds out who asks; nil when no one has logged in or the session has
// ended.
func (v *Visit) visitor() (*access.Visitor, error) {
	ctx := v.R.Context()
	id := v.sessions.GetInt64(ctx, keyUser)
	if id == 0 {
		return nil, nil
	}
	user, err := v.store.User(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	now, begun, seen := v.now(), v.remembered(keyBegun), v.remembered(keySeen)
	over := now.Sub(begun) > sessionLifetime || now.Sub(seen) > sessionIdle
	if err != nil || over || !user.Active || user.Epoch != v.sessions.GetInt(ctx, keyEpoch) {
		return nil, v.sessions.Destroy(ctx)
	}
	if now.Sub(seen) > seenEvery && !v.Refreshes() { // a page that renews itself is no user
		v.sessions.Put(ctx, keySeen, now.Unix())
	}
	b, err := v.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return b.Visitor(user, nil), nil
}

// remembered is a moment that the web session remembers.
func (v *Visit) remembered(key string) time.Time {
	return time.Unix(v.sessions.GetInt64(v.R.Context(), key), 0)
}

// Stay keeps this login, and no other, after the visitor's own change that
// ended all of them. Should another user have ended them at the same time, it
// ends, too.
func (v *Visit) Stay(message string) error {
	ctx := v.R.Context()
	if err := v.sessions.RenewToken(ctx); err != nil {
		return err
	}
	v.sessions.Put(ctx, keyEpoch, v.Who.User.Epoch+1)
	return v.Done("/account", message)
}
