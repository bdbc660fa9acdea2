package web

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"creditrun/internal/access"
	"creditrun/internal/web/account"
	"creditrun/internal/web/page"
)

// loginServer is a small OpenID provider: anyone who comes is person.
type loginServer struct {
	*httptest.Server
	t   *testing.T
	now func() time.Time
	key *rsa.PrivateKey

	mu      sync.Mutex
	person  map[string]any              // claims of who sits at the browser
	spoil   func(claims map[string]any) // what is wrong with the next token
	granted map[string]url.Values       // by code: the question
	asked   url.Values                  // the last question
}

func newLoginServer(t *testing.T, now func() time.Time) *loginServer {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	s := &loginServer{t: t, now: now, key: key, granted: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", s.configuration)
	mux.HandleFunc("GET /keys", s.keys)
	mux.HandleFunc("GET /authorize", s.authorize)
	mux.HandleFunc("POST /token", s.token)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *loginServer) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (s *loginServer) configuration(w http.ResponseWriter, _ *http.Request) {
	s.answer(w, map[string]any{
		"issuer": s.URL, "authorization_endpoint": s.URL + "/authorize", "token_endpoint": s.URL + "/token", "jwks_uri": s.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (s *loginServer) keys(w http.ResponseWriter, _ *http.Request) {
	s.answer(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: s.key.Public(), KeyID: "one", Algorithm: "RS256", Use: "sig"}}})
}

// authorize lets the person in without asking for a password.
func (s *loginServer) authorize(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	code := rand.Text()
	s.granted[code], s.asked = r.URL.Query(), r.URL.Query()
	http.Redirect(w, r, r.FormValue("redirect_uri")+"?"+url.Values{"code": {code}, "state": {r.FormValue("state")}}.Encode(), http.StatusFound)
}

// token exchanges a code, once, by anyone who knows the verifier of the question.
func (s *loginServer) token(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	question, ok := s.granted[r.FormValue("code")]
	delete(s.granted, r.FormValue("code"))
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	id, secret, _ := r.BasicAuth()
	if !ok || base64.RawURLEncoding.EncodeToString(sum[:]) != question.Get("code_challenge") || id != "creditrun" || secret != "hush" {
		w.WriteHeader(http.StatusBadRequest)
		s.answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	now := s.now()
	claims := map[string]any{
		"iss": s.URL, "aud": "creditrun", "nonce": question.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "auth_time": now.Unix(),
	}
	for name, value := range s.person {
		claims[name] = value
	}
	if s.spoil != nil {
		s.spoil(claims)
	}
	content, _ := json.Marshal(claims)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: s.key, KeyID: "one"}}, nil)
	must(s.t, err)
	signed, err := signer.Sign(content)
	must(s.t, err)
	compact, err := signed.CompactSerialize()
	must(s.t, err)
	s.answer(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": compact})
}

// comes says who sits at the browser.
func (s *loginServer) comes(subject, email string, verified bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.person = map[string]any{"sub": subject, "email": email, "email_verified": verified}
}

// withLoginServer makes a world in which people may log in elsewhere. Tokens
// are checked against the clock of the machine.
func withLoginServer(t *testing.T) (*world, *loginServer) {
	server := newLoginServer(t, time.Now)
	w := newWorld(t)
	w.now = time.Now()
	options := account.OIDC{Name: "Example ID", Issuer: server.URL, ClientID: "creditrun", ClientSecret: "hush"}
	w.with(func(o *Options) { o.OIDC = &options })
	ida, err := w.store.AddUser(t.Context(), access.Actor{Name: "test", Server: true}, access.User{
		Name: "ida", Email: "Ida@operator.example", Entity: operator, Roles: []access.Role{access.Finance}, Active: true,
	})
	must(t, err)
	if ida.PasswordHash != "" {
		t.Fatal("ida has a password")
	}
	return w, server
}

func TestPeopleLogInAtAnotherServer(t *testing.T) {
	w, server := withLoginServer(t)
	server.comes("subject-1", "ida@operator.example", true)
	b := w.outsider()
	b.get("/login?next=/ranges").shows(t, "Log in with Example ID")
	if p := b.get("/login/oidc?next=/ranges"); p.path != "/ranges" || !strings.Contains(p.body, ">ida<") {
		t.Fatalf("after the login the browser is at %s: %d\n%s", p.path, p.status, p.body)
	}
	if server.asked.Get("code_challenge_method") != "S256" || server.asked.Get("scope") != "openid profile email" {
		t.Errorf("asked with %v", server.asked)
	}

	// The account is linked: another address there changes nothing, another
	// account with the same address does not come in.
	server.comes("subject-1", "ida@elsewhere.example", false)
	if p := w.outsider().get("/login/oidc"); p.path != "/" {
		t.Errorf("a linked account ends at %s: %d\n%s", p.path, p.status, p.body)
	}
	server.comes("subject-2", "ida@operator.example", true)
	if p := w.outsider().get("/login/oidc"); p.status != http.StatusForbidden {
		t.Errorf("a second account with the same address: %d", p.status)
	}
}

func TestTheOtherServerIsNotBelievedEverything(t *testing.T) {
	w, server := withLoginServer(t)
	server.comes("subject-1", "ida@operator.example", false)
	if p := w.outsider().get("/login/oidc"); p.status != http.StatusForbidden {
		t.Errorf("an address that was not verified: %d", p.status)
	}
	server.comes("subject-1", "nobody@operator.example", true)
	if p := w.outsider().get("/login/oidc"); p.status != http.StatusForbidden {
		t.Errorf("an address of nobody: %d", p.status)
	}
	server.comes("subject-1", "ida@operator.example", true)
	for what, spoil := range map[string]func(map[string]any){
		"a token for another program": func(c map[string]any) { c["aud"] = "other" },
		"a token of another server":   func(c map[string]any) { c["iss"] = "https://elsewhere.example" },
		"a token that has expired":    func(c map[string]any) { c["exp"] = time.Now().Add(-time.Hour).Unix() },
		"the answer to another nonce": func(c map[string]any) { c["nonce"] = "another" },
		"an answer without any nonce": func(c map[string]any) { delete(c, "nonce") },
	} {
		server.spoil = spoil
		if p := w.outsider().get("/login/oidc"); p.status != http.StatusForbidden {
			t.Errorf("%s: %d at %s", what, p.status, p.path)
		}
	}
	server.spoil = nil
	if p := w.outsider().get("/login/oidc/callback?code=x&state=y"); p.status != http.StatusForbidden {
		t.Errorf("an answer without a question: %d", p.status)
	}
	must(t, w.store.ChangeUser(t.Context(), access.Actor{Name: "test", Server: true}, func() access.User {
		ida, err := w.store.UserByName(t.Context(), "ida")
		must(t, err)
		ida.Active = false
		return *ida
	}()))
	if p := w.outsider().get("/login/oidc"); p.status != http.StatusForbidden {
		t.Errorf("an inactive user: %d", p.status)
	}
}

func TestWhoHasNoPasswordConfirmsAtTheOtherServer(t *testing.T) {
	w, server := withLoginServer(t)
	server.comes("subject-1", "ida@operator.example", true)
	b := w.outsider()
	b.get("/login/oidc")
	confirmed := func() bool {
		var err error
		confirm := page.Route{Pattern: "GET /", Right: page.Everyone, Serve: func(v *page.Visit) error {
			err = v.Confirm()
			return nil
		}}
		b.within(w.server.Answer(confirm))
		return err == nil
	}
	if confirmed() {
		t.Error("confirmed without a second login")
	}
	if p := b.get("/login/oidc?confirm=1&next=/ranges"); p.path != "/ranges" {
		t.Errorf("after the confirmation the browser is at %s", p.path)
	}
	if server.asked.Get("prompt") != "login" || server.asked.Get("max_age") != "0" {
		t.Errorf("the confirmation asked with %v", server.asked)
	}
	if !confirmed() {
		t.Error("not confirmed by a second login")
	}
	w.later(6 * time.Minute)
	if confirmed() {
		t.Error("still confirmed after six minutes")
	}

	// An old login there is no confirmation, nor is another person's.
	server.spoil = func(c map[string]any) { c["auth_time"] = w.clock().Add(-time.Hour).Unix() }
	if p := b.get("/login/oidc?confirm=1&next=/ranges"); p.status != http.StatusForbidden {
		t.Errorf("an old login confirms: %d", p.status)
	}
}

// within lets a handler answer a request of the browser, session and all.
func (b *browser) within(h http.Handler) {
	b.w.t.Helper()
	address, err := url.Parse(b.w.http.URL)
	must(b.w.t, err)
	r := httptest.NewRequest(http.MethodGet, b.w.http.URL+"/", nil)
	for _, c := range b.client.Jar.Cookies(address) {
		r.AddCookie(c)
	}
	b.w.server.sessions.LoadAndSave(h).ServeHTTP(httptest.NewRecorder(), r)
}
