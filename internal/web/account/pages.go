// Package account lets people in and shows them their own account: the login
// with password, one-time code or another server, invitations, the second factor
// and API tokens.
package account

import (
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

// Options are what the pages of the account need. All are required but those
// that say otherwise.
type Options struct {
	Store    *store.Store
	Sessions *scs.SessionManager
	Tasks    *tasks.Runner
	Texts    *locales.Catalog
	Now      func() time.Time
	Log      *slog.Logger
	// PublicURL is the address under which browsers reach the pages; cookies
	// are for encrypted connections only where it begins with https.
	PublicURL string
	// Proxies are networks whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// OIDC lets people log in at another server; nil: with passwords only.
	OIDC *OIDC
}

// Pages are the pages of the account.
type Pages struct {
	Options
	provider *provider // nil: there is none
}

// New makes the pages of the account. The other login server is asked for its
// addresses at once, so that the first visitor does not wait for it.
func New(o Options) *Pages {
	p := &Pages{Options: o}
	if o.OIDC != nil {
		p.provider = newProvider(*o.OIDC, strings.TrimSuffix(o.PublicURL, "/"), o.Now, o.Tasks.Go)
		p.provider.ask()
	}
	return p
}

// Visit is one request to one of these pages.
type Visit struct {
	*page.Visit
	*Pages
}

// Visit makes a visit of a request.
func (p *Pages) Visit(v *page.Visit) *Visit { return &Visit{v, p} }
