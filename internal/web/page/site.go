package page

import (
	"io/fs"
	"log/slog"
	"time"

	"github.com/alexedwards/scs/v2"

	"creditrun/internal/flow"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/locales"
)

// Options are what all pages have in common. All are required.
type Options struct {
	Store     *store.Store
	Snapshots *snapshot.Cache
	Sessions  *scs.SessionManager
	Gate      *flow.Gate
	Texts     *locales.Catalog
	Now       func() time.Time
	Log       *slog.Logger
	// Templates are layout.html, parts*.html and one file for each page.
	Templates fs.FS
	// Asset is the address of a file that pages load.
	Asset func(name string) (string, error)
	// Menu lists the pages of the menu in their order.
	Menu []MenuItem
	// FixPages is where each fault of the readiness check is fixed: a page and
	// the field on it, with the names of arguments of the fault in braces.
	FixPages map[string]string
	// Foreign, where given, is called for each message of a page that a visitor sees in
	// English because the page is not in the visitor's language.
	Foreign func(lang, key string)
}

// Site is what all visits have in common. It is safe for concurrent use.
type Site struct {
	store     *store.Store
	snapshots *snapshot.Cache
	sessions  *scs.SessionManager
	gate      *flow.Gate
	texts     speech
	now       func() time.Time
	log       *slog.Logger
	templates fs.FS
	asset     func(name string) (string, error)
	menu      []MenuItem
	fixPages  map[string]string

	pages  pages
	routes []Route
}

// NewSite makes a site without routes.
func NewSite(o Options) (*Site, error) {
	s := &Site{
		store: o.Store, snapshots: o.Snapshots, sessions: o.Sessions, gate: o.Gate, texts: speech{o.Texts, o.Foreign}, now: o.Now, log: o.Log,
		templates: o.Templates, asset: o.Asset, menu: o.Menu, fixPages: o.FixPages,
	}
	s.pages.parse = s.parse
	_, err := s.pages.page(look{lang: locales.English}, frameOf) // what is wrong with it is found at the start
	return s, err
}

// SetRoutes tells the site its routes, before it answers anything.
func (s *Site) SetRoutes(routes []Route) { s.routes = routes }
