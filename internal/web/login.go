package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// loginView is the page on which people log in.
type loginView struct {
	*form
	Name string
	Next string
	OIDC string // name of the other login server; empty: none
}

// loginPage asks who it is.
func (v *visit) loginPage() error {
	next := local(v.r.FormValue("next"))
	if v.who != nil {
		return v.redirect(next)
	}
	return v.showLogin(v.form(""), "", next)
}

func (v *visit) showLogin(f *form, name, next string) error {
	view := loginView{form: f, Name: name, Next: next}
	if v.OIDC != nil {
		view.OIDC = v.OIDC.Name
	}
	return v.showForm(f, "login", v.message("login_title"), view)
}

// login checks name and password. Whoever fails learns neither which of both
// was wrong nor whether the name exists.
func (v *visit) login() error {
	f := v.form("")
	name := strings.ToLower(f.text("name"))
	next := local(v.r.FormValue("next"))
	user, err := v.checkPassword(typedName(name), v.r.PostFormValue("password"), v.anonymous(byName(name)))
	if f.fail(err) {
		return v.showLogin(f, name, next)
	}
	v.sessions.Put(v.r.Context(), keyNext, next)
	return v.admit(user)
}

// admit logs in who has shown to know the password: at once, or after the
// one-time code.
func (v *visit) admit(user *access.User) error {
	if user.TOTPSecret == "" {
		return v.begin(user)
	}
	v.sessions.Put(v.r.Context(), keyPending, user.ID)
	v.sessions.Put(v.r.Context(), keyAwaited, user.Epoch)
	return v.redirect("/login/code")
}

// guesses are the keys under which a failed try is counted: first that of what
// was tried, then that of the address it came from, if it counts there.
type guesses []string

// anonymous are the guesses of a person who has not logged in.
func (v *visit) anonymous(tried string) guesses { return guesses{tried, v.byAddress()} }

// checkPassword finds the active user of a name and password. Failures slow
// down the next tries; a try counts as failed before it is judged, so that many
// at once find no gap.
func (v *visit) checkPassword(name, password string, g guesses) (*access.User, error) {
	ctx := v.r.Context()
	user, err := v.Store.UserByName(ctx, name)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	if err := v.throttle(user, g); err != nil {
		return nil, err
	}
	hash := "" // as slow as a real one
	if user != nil && user.Active {
		hash = user.PasswordHash
	}
	right, err := access.CheckPassword(ctx, hash, password)
	if err != nil {
		return nil, err
	}
	if !right {
		return nil, v.refused("login_refused", user, g)
	}
	return user, v.Store.LoginSucceeded(ctx, g[0])
}

// throttle refuses to try while somebody has to wait, and counts the try.
func (v *visit) throttle(user *access.User, g guesses) error {
	ctx := v.r.Context()
	for _, key := range g {
		until, err := v.Store.LoginWait(ctx, key)
		if err != nil {
			return err
		}
		if wait := until.Sub(v.Now()); wait > 0 {
			seconds := int((wait + time.Second - 1) / time.Second)
			v.Log.Warn("login throttled", "user", known(user), "seconds", seconds)
			v.w.Header().Set("Retry-After", strconv.Itoa(seconds))
			return fault.New(fault.Forbidden, "login_wait", fault.Args{"seconds": seconds})
		}
	}
	return v.Store.LoginFailed(ctx, g[0])
}

// refused counts a failed try for the address, too, and makes its fault.
func (v *visit) refused(key string, user *access.User, g guesses) error {
	v.Log.Warn("login failed", "user", known(user), "why", key)
	for _, also := range g[1:] {
		if err := v.Store.LoginFailed(v.r.Context(), also); err != nil {
			return err
		}
	}
	refused := fault.New(fault.Forbidden, key, nil)
	if key == "code_refused" {
		refused.At("code")
	}
	return refused
}

// known is a user for the log. What a person typed as a name is not logged where
// there is no such user: it may be a password.
func known(user *access.User) string {
	if user == nil {
		return ""
	}
	return user.Name
}

// typedName is what is looked at of a name that was typed. No one's name is
// longer, and no database keeps what is no text.
func typedName(name string) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "?"), "\x00", "?")
	return string([]rune(name)[:min(longestName, utf8.RuneCountInString(name))])
}

// byName is what the failures of a name are counted under.
func byName(name string) string { return store.GuessedPassword + typedName(name) }

// longestName is how many characters of a name that was typed are looked at.
const longestName = 64

// byCode is what the wrong one-time codes of a user are counted under: apart
// from passwords, or a right one would let a guesser of codes begin anew.
func byCode(name string) string { return store.GuessedCode + name }

// byConfirmation is what the failures of a person who is logged in already are
// counted under: apart, so that no one outside can keep a user from confirming,
// and no confirmation from logging in.
func byConfirmation(name string) string { return store.GuessedConfirmation + name }

// byAddress is what the failures of everybody behind the visitor's address are
// counted under. Who has one address of IPv6 has all of its network.
func (v *visit) byAddress() string {
	address := clientAddress(v.r, v.Proxies)
	if a, err := netip.ParseAddr(address); err == nil && a.Unmap().Is6() {
		if network, err := a.WithZone("").Prefix(64); err == nil {
			address = network.String()
		}
	}
	return store.GuessedFrom + address
}

// clientAddress is the address a request comes from: the last one on its way
// that is no proxy of ours. What those before it claim is not believed.
func clientAddress(r *http.Request, proxies []netip.Prefix) string {
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	way := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for len(way) > 0 && isOneOf(address, proxies) {
		last := strings.TrimSpace(way[len(way)-1])
		way = way[:len(way)-1]
		if last != "" {
			address = last
		}
	}
	return address
}

func isOneOf(address string, networks []netip.Prefix) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(a.Unmap()) })
}

// pending is the user whose one-time code is awaited, or nil.
func (v *visit) pending() (*access.User, error) {
	id := v.sessions.GetInt64(v.r.Context(), keyPending)
	if id == 0 {
		return nil, nil
	}
	user, err := v.Store.User(v.r.Context(), id)
	if fault.Is(err, fault.NotFound) || err == nil && (!user.Active || user.Epoch != v.sessions.GetInt(v.r.Context(), keyAwaited)) {
		return nil, nil
	}
	return user, err
}

// codePage asks for the one-time code.
func (v *visit) codePage() error {
	user, err := v.pending()
	if err != nil || user == nil {
		return v.orLogin(err)
	}
	return v.showCode(v.form(""))
}

func (v *visit) showCode(f *form) error {
	return v.showForm(f, "code", v.message("login_code_title"), f)
}

// code checks the one-time code, the second half of a login.
func (v *visit) code() error {
	user, err := v.pending()
	if err != nil || user == nil {
		return v.orLogin(err)
	}
	if f := v.form(""); f.fail(v.checkCode(user, v.anonymous(byCode(user.Name)))) {
		return v.showCode(f)
	}
	return v.begin(user)
}

// checkCode checks the one-time code in a form; each is good for once.
func (v *visit) checkCode(user *access.User, g guesses) error {
	if err := v.throttle(user, g); err != nil {
		return err
	}
	step, right := access.CheckTOTP(user.TOTPSecret, strings.TrimSpace(v.r.PostFormValue("code")), v.Now(), user.TOTPStep)
	if right {
		fresh, err := v.Store.UseTOTPStep(v.r.Context(), user.ID, step)
		if err != nil {
			return err
		}
		right = fresh
	}
	if !right {
		return v.refused("code_refused", user, g)
	}
	return v.Store.LoginSucceeded(v.r.Context(), g[0])
}

func (v *visit) orLogin(err error) error {
	if err != nil {
		return err
	}
	return v.redirect("/login")
}

// logout ends the session.
func (v *visit) logout() error {
	if v.who != nil {
		v.Log.Info("logged out", "user", v.name())
	}
	if err := v.sessions.Destroy(v.r.Context()); err != nil {
		return err
	}
	return v.redirect("/login")
}

// confirmedFor is how long a confirmation by the other login server counts.
const confirmedFor = 5 * time.Minute

// confirm makes sure that it is still the visitor who sits there before
// something dangerous is done: by the password in the form or, for those who
// have none, by a login at the other server a moment ago.
func (v *visit) confirm() error {
	user := &v.who.User
	if user.PasswordHash == "" {
		at := v.remembered(keyConfirmed)
		if v.Now().Sub(at) > confirmedFor {
			return fault.New(fault.Forbidden, "confirmation_missing", nil)
		}
		return nil
	}
	_, err := v.checkPassword(user.Name, v.r.PostFormValue("confirm_password"), guesses{byConfirmation(user.Name)})
	if fault.Is(err, fault.Forbidden) && fault.Of(err)[0].Key == "login_refused" {
		return fault.New(fault.Forbidden, "password_wrong", nil).At("confirm_password")
	}
	return err
}
