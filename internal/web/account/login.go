package account

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// loginView is the page on which people log in.
type loginView struct {
	*page.FormState
	Name string
	Next string
	Kept bool   // a form waits in the browser for the login
	OIDC string // name of the other login server; empty: none
}

// LoginPage asks who it is.
func (v *Visit) LoginPage() error {
	next := page.Local(v.R.FormValue("next"))
	if v.Who != nil {
		return v.Redirect(next)
	}
	return v.showLogin(v.Form(""), "", next)
}

func (v *Visit) showLogin(f *page.FormState, name, next string) error {
	view := loginView{FormState: f, Name: name, Next: next, Kept: v.R.FormValue("form") == "kept"}
	if v.OIDC != nil {
		view.OIDC = v.OIDC.Name
	}
	return v.ShowForm(f, "login", v.Message("login_title"), view)
}

// Login checks name and password. Anyone who fails learns neither which of both
// was wrong nor whether the name exists.
func (v *Visit) Login() error {
	f := v.Form("")
	name := strings.ToLower(f.Text("name"))
	next := page.Local(v.R.FormValue("next"))
	user, err := v.CheckPassword(typedName(name), v.R.PostFormValue("password"), v.anonymous(byName(name)))
	if f.Fail(err) {
		return v.showLogin(f, name, next)
	}
	v.Sessions.Put(v.R.Context(), page.KeyNext, next)
	return v.admit(user)
}

// admit logs in who has shown to know the password: at once, or after the
// one-time code.
func (v *Visit) admit(user *access.User) error {
	if user.TOTPSecret == "" {
		return v.Begin(user)
	}
	v.Sessions.Put(v.R.Context(), keyPending, user.ID)
	v.Sessions.Put(v.R.Context(), keyAwaited, user.Epoch)
	return v.Redirect("/login/code")
}

// anonymous are the guesses of a person who has not logged in.
func (v *Visit) anonymous(tried string) page.Guesses { return page.Guesses{tried, v.byAddress()} }

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

// byAddress is what the failures of everyone behind the visitor's address are
// counted under. Who has one address of IPv6 has all of its network.
func (v *Visit) byAddress() string {
	address := clientAddress(v.R, v.Proxies)
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
func (v *Visit) pending() (*access.User, error) {
	id := v.Sessions.GetInt64(v.R.Context(), keyPending)
	if id == 0 {
		return nil, nil
	}
	user, err := v.Store.User(v.R.Context(), id)
	if fault.Is(err, fault.NotFound) || err == nil && (!user.Active || user.Epoch != v.Sessions.GetInt(v.R.Context(), keyAwaited)) {
		return nil, nil
	}
	return user, err
}

// CodePage asks for the one-time code.
func (v *Visit) CodePage() error {
	user, err := v.pending()
	if err != nil || user == nil {
		return v.orLogin(err)
	}
	return v.showCode(v.Form(""))
}

func (v *Visit) showCode(f *page.FormState) error {
	return v.ShowForm(f, "code", v.Message("login_code_title"), f)
}

// Code checks the one-time code, the second half of a login.
func (v *Visit) Code() error {
	user, err := v.pending()
	if err != nil || user == nil {
		return v.orLogin(err)
	}
	if f := v.Form(""); f.Fail(v.checkCode(user, v.anonymous(byCode(user.Name)))) {
		return v.showCode(f)
	}
	return v.Begin(user)
}

// checkCode checks the one-time code in a form; each is good for once.
func (v *Visit) checkCode(user *access.User, g page.Guesses) error {
	if err := v.Throttle(user, g); err != nil {
		return err
	}
	step, right := access.CheckTOTP(user.TOTPSecret, strings.TrimSpace(v.R.PostFormValue("code")), v.Now(), user.TOTPStep)
	if right {
		fresh, err := v.Store.UseTOTPStep(v.R.Context(), user.ID, step)
		if err != nil {
			return err
		}
		right = fresh
	}
	if !right {
		return v.Refused("code_refused", user, g)
	}
	return v.Store.LoginSucceeded(v.R.Context(), g[0])
}

func (v *Visit) orLogin(err error) error {
	if err != nil {
		return err
	}
	return v.Redirect("/login")
}

// Logout ends the session.
func (v *Visit) Logout() error {
	if v.Who != nil {
		v.Log.Info("logged out", "user", v.Name())
		if err := v.Store.LogOut(v.R.Context(), v.Visit.Login()); err != nil {
			return err
		}
	}
	if err := v.Sessions.Destroy(v.R.Context()); err != nil {
		return err
	}
	return v.Redirect("/login")
}

const (
	keyPending = "pending" // id of a user whose one-time code is awaited
	keyAwaited = "awaited" // epoch of that user, when the password was right
)
