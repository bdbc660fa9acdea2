package web

// OIDC is another server at which people may log in (OpenID Connect).
type OIDC struct {
	Name         string // on the button
	Issuer       string
	ClientID     string
	ClientSecret string
}

// provider is that server.
type provider struct {
	options OIDC
	public  string // our own address
}

func newProvider(o OIDC, public string) *provider { return &provider{o, public} }

func (v *visit) oidcLogin() error    { return v.nowhere() }
func (v *visit) oidcCallback() error { return v.nowhere() }
