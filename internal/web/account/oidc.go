package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// OIDC is another server at which people may log in (OpenID Connect).
type OIDC struct {
	Name         string // on the button
	Issuer       string
	ClientID     string
	ClientSecret string
}

// provider is that server. It is asked for its addresses in the background, so
// that the pages start while it is down and no one waits behind others for it.
type provider struct {
	options  OIDC
	callback string
	client   *http.Client
	now      func() time.Time
	run      func(ask func(context.Context)) // in the background

	mu      sync.Mutex
	found   *discovered
	busy    chan struct{} // closed when the question under way is answered; nil: none
	problem error         // why the last question was not answered
	askedAt time.Time     // when it was
}

// discovered is how to talk to the server.
type discovered struct {
	verifier *oidc.IDTokenVerifier
	oauth    *oauth2.Config
}

const (
	// providerTimeout is how long the other server may take to answer.
	providerTimeout = 10 * time.Second
	// providerPatience is how long a visitor waits for its addresses.
	providerPatience = 3 * time.Second
	// providerPause is how long it is not asked again after it did not answer.
	providerPause = 15 * time.Second
	// providerFresh is how long its addresses count without being asked for again.
	providerFresh = time.Hour
)

func newProvider(o OIDC, public string, now func() time.Time, run func(func(context.Context))) *provider {
	return &provider{
		options: o, callback: public + "/login/oidc/callback", client: &http.Client{Timeout: providerTimeout}, now: now, run: run,
	}
}

// discover returns how to talk to the server. What it said before is kept, and
// asked for again in the background. Who comes before it has answered waits for
// a moment; while it is down, no one waits.
func (p *provider) discover(ctx context.Context) (*discovered, error) {
	busy := p.ask()
	if found, _ := p.known(); found != nil {
		return found, nil
	}
	if busy != nil {
		enough := time.NewTimer(providerPatience)
		defer enough.Stop()
		select {
		case <-busy:
		case <-enough.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	found, problem := p.known()
	if found == nil {
		return nil, fault.Wrap(fault.Unavailable, "login_server_down", fault.Args{"name": p.options.Name}, problem)
	}
	return found, nil
}

func (p *provider) known() (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.found, p.problem
}

// ask asks the server in the background if it is time to, and returns what tells
// when the question under way is answered; nil: none is.
func (p *provider) ask() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := providerFresh
	if p.problem != nil {
		rest = providerPause
	}
	if p.busy != nil || !p.askedAt.IsZero() && p.now().Sub(p.askedAt) < rest {
		return p.busy
	}
	busy := make(chan struct{})
	p.busy, p.askedAt = busy, p.now()
	p.run(func(ctx context.Context) {
		defer close(busy)
		found, err := p.question(ctx)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.busy, p.problem = nil, err; err == nil {
			p.found = found
		}
		p.askedAt = p.now()
	})
	return busy
}

// question asks the server once. It fetches its keys with the same context,
// later, too.
func (p *provider) question(ctx context.Context) (*discovered, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.options.Issuer)
	if err != nil {
		return nil, err
	}
	return &discovered{
		verifier: found.Verifier(&oidc.Config{ClientID: p.options.ClientID}),
		oauth: &oauth2.Config{
			ClientID: p.options.ClientID, ClientSecret: p.options.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: p.callback,
			Scopes: []string{oidc.ScopeOpenID, "profile", "email"},
		},
	}, nil
}

// What the web session remembers while a person is at the other server.
const (
	keyState    = "oidc_state"
	keyNonce    = "oidc_nonce"
	keyVerifier = "oidc_verifier"
	keyConfirms = "oidc_confirms" // it is a confirmation of who is logged in already
)

// OIDCLogin sends the browser to the other server: to log in or, with confirm,
// to prove once more who it is.
func (v *Visit) OIDCLogin() error {
	if v.provider == nil {
		return v.Nowhere()
	}
	ctx := v.R.Context()
	server, err := v.provider.discover(ctx)
	if err != nil {
		return err
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	confirms := v.R.FormValue("confirm") != "" && v.Who != nil
	v.Sessions.Put(ctx, keyState, state)
	v.Sessions.Put(ctx, keyNonce, nonce)
	v.Sessions.Put(ctx, keyVerifier, verifier)
	v.Sessions.Put(ctx, keyConfirms, confirms)
	v.Sessions.Put(ctx, page.KeyNext, page.Local(v.R.FormValue("next")))
	options := []oauth2.AuthCodeOption{oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)}
	if confirms {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	http.Redirect(v.W, v.R, server.oauth.AuthCodeURL(state, options...), http.StatusSeeOther)
	return nil
}

// identity is what the other server says of a person.
type identity struct {
	Issuer        string
	Subject       string
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	AuthTime      int64  `json:"auth_time"` // unix; 0: not said
}

// OIDCCallback is where the other server sends the browser back to.
func (v *Visit) OIDCCallback() error {
	if v.provider == nil {
		return v.Nowhere()
	}
	confirms := v.Sessions.PopBool(v.R.Context(), keyConfirms)
	who, err := v.identity()
	if err != nil {
		return err
	}
	user, err := v.userOf(who)
	if err != nil {
		return err
	}
	if !confirms {
		return v.Begin(user)
	}
	fresh := v.Now().Sub(time.Unix(who.AuthTime, 0)) < page.ConfirmedFor
	if v.Who == nil || v.Who.User.ID != user.ID || !fresh {
		return fault.New(fault.Forbidden, "confirmation_missing", nil)
	}
	v.Sessions.Put(v.R.Context(), page.KeyConfirmed, v.Now().Unix())
	return v.Redirect(page.Local(v.Sessions.PopString(v.R.Context(), page.KeyNext)))
}

// identity checks what the browser brought along from the other server. The
// answer to a question that this browser did not ask is refused, and each
// answer is good for once.
func (v *Visit) identity() (identity, error) {
	ctx := v.R.Context()
	state, nonce, verifier := v.Sessions.PopString(ctx, keyState), v.Sessions.PopString(ctx, keyNonce), v.Sessions.PopString(ctx, keyVerifier)
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(v.R.FormValue("state"))) == 0 {
		return identity{}, fault.New(fault.Forbidden, "login_expired", nil)
	}
	if refused := v.R.FormValue("error"); refused != "" {
		return identity{}, fault.Wrap(fault.Forbidden, "login_elsewhere_refused", fault.Args{"name": v.provider.options.Name}, errors.New(refused))
	}
	server, err := v.provider.discover(ctx)
	if err != nil {
		return identity{}, err
	}
	ctx = oidc.ClientContext(ctx, v.provider.client)
	refused := func(err error) error {
		v.Log.Warn("login at the other server failed", "err", err)
		return fault.Wrap(fault.Forbidden, "login_elsewhere_refused", fault.Args{"name": v.provider.options.Name}, err)
	}
	tokens, err := server.oauth.Exchange(ctx, v.R.FormValue("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return identity{}, refused(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	proof, err := server.verifier.Verify(ctx, raw)
	if err != nil {
		return identity{}, refused(err)
	}
	if subtle.ConstantTimeCompare([]byte(proof.Nonce), []byte(nonce)) == 0 {
		return identity{}, refused(errors.New("another nonce"))
	}
	who := identity{Issuer: proof.Issuer, Subject: proof.Subject}
	if err := proof.Claims(&who); err != nil {
		return identity{}, refused(fmt.Errorf("claims: %w", err))
	}
	return who, nil
}

// userOf finds the user of an identity: the one that is linked with it or, the
// first time, the only active one with the same e-mail address, if the other
// server has verified that it is theirs.
func (v *Visit) userOf(who identity) (*access.User, error) {
	ctx := v.R.Context()
	unknown := fault.New(fault.Forbidden, "login_elsewhere_unknown", fault.Args{"name": v.provider.options.Name})
	user, err := v.Store.UserByOIDC(ctx, who.Issuer, who.Subject)
	switch {
	case err == nil && !user.Active:
		return nil, unknown
	case err == nil || !fault.Is(err, fault.NotFound):
		return user, err
	case who.Email == "" || !who.EmailVerified:
		return nil, unknown
	}
	all, err := v.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	var same []access.User
	for _, u := range all {
		if u.Active && u.OIDCSubject == "" && strings.EqualFold(u.Email, who.Email) {
			same = append(same, u)
		}
	}
	if len(same) != 1 {
		return nil, unknown
	}
	if err := v.Store.LinkOIDC(ctx, access.Actor{Name: same[0].Name}, same[0].ID, who.Issuer, who.Subject); err != nil {
		return nil, err
	}
	return v.Store.User(ctx, same[0].ID)
}
