package page

import (
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"creditrun/internal/access"
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
	keyLogin     = "login"     // id
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
	if former := v.Login(); former != 0 {
		if err := v.store.LogOut(ctx, former); err != nil {
			return err
		}
	}
	if err := v.sessions.RenewToken(ctx); err != nil {
		return err
	}
	if err := v.sessions.Clear(ctx); err != nil {
		return err
	}
	now := v.now()
	login, err := v.store.LogIn(ctx, user, v.R.UserAgent(), now.Add(-sessionLifetime))
	if err != nil {
		return err
	}
	v.sessions.Put(ctx, keyUser, user.ID)
	v.sessions.Put(ctx, keyLogin, login)
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
	user, err := v.store.LoggedIn(ctx, id, v.Login())
	if err != nil {
		return nil, err
	}
	now, begun, seen := v.now(), v.remembered(keyBegun), v.remembered(keySeen)
	if over := now.Sub(begun) > sessionLifetime || now.Sub(seen) > sessionIdle; over || user == nil {
		return nil, v.sessions.Destroy(ctx)
	}
	if now.Sub(seen) > seenEvery && !v.Refreshes() { // a page that renews itself is no user
		v.sessions.Put(ctx, keySeen, now.Unix())
		if err := v.store.SeenLogin(ctx, v.Login()); err != nil {
			return nil, err
		}
	}
	b, err := v.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return b.Visitor(user, nil), nil
}

// Login is the id of the visitor's login; 0: no one has logged in.
func (v *Visit) Login() int64 { return v.sessions.GetInt64(v.R.Context(), keyLogin) }

// LoginsOf lists the logins of a user that go on, the latest first.
func (v *Visit) LoginsOf(u *access.User) ([]store.Login, error) {
	now := v.now()
	return v.store.Logins(v.R.Context(), u, now.Add(-sessionLifetime), now.Add(-sessionIdle))
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
	if err := v.store.KeepLogin(ctx, v.Login(), v.Who.User.Epoch+1); err != nil {
		return err
	}
	return v.Done("/account", message)
}
