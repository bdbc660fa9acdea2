// Package web shows creditrun in a browser: the admin pages of the operator
// and, with the rights and the scope of a Sub-CPO, its portal. It asks and
// shows: the rules are in the packages it calls, the same that the commands
// call. Package api answers programs.
package web

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"

	"creditrun/creditnotes"
	"creditrun/internal/flow"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/account"
	"creditrun/internal/web/admin"
	"creditrun/internal/web/month"
	"creditrun/internal/web/network"
	"creditrun/internal/web/notes"
	"creditrun/internal/web/page"
	"creditrun/internal/web/upload"
	"creditrun/locales"
)

//go:embed templates/*.html
var templates embed.FS

// OIDC is another server at which people may log in (OpenID Connect).
type OIDC = account.OIDC

// Options are what the pages are made of. All are required but those that say
// otherwise.
type Options struct {
	Store  *store.Store
	Runner *creditnotes.Runner
	// Open keeps the open month; nil: one of the pages' own does.
	Open  *creditnotes.OpenMonth
	Texts *locales.Catalog
	Now   func() time.Time
	Log   *slog.Logger
	// PublicURL is the address under which browsers reach the pages; cookies
	// are for encrypted connections only where it begins with https.
	PublicURL string
	// Proxies are networks whose X-Forwarded-For is believed.
	Proxies []netip.Prefix
	// OIDC lets people log in at another server; nil: with passwords only.
	OIDC *OIDC
	// Background ends with the process.
	Background context.Context
	// Tasks works on what goes on after the page that started it was answered;
	// nil: a runner of the pages' own, recorded in the store.
	Tasks *tasks.Runner
	// Gate is shared with the API; nil: the pages have one of their own.
	Gate *flow.Gate
	// API answers programs below /api/; nil: there is none. It knows no
	// cookies.
	API http.Handler
	// Peers answers roaming partners below /ocpi/; nil: there is none.
	Peers http.Handler
	// CheckLogo reports why a file cannot be printed as the logo of documents.
	CheckLogo func(content []byte) error
	// Foreign, where given, is called for each message that a page says in English
	// because it is not in the visitor's language.
	Foreign func(lang, key string)
}

// Server answers browsers and programs.
type Server struct {
	Options
	*page.Site
	sessions  *scs.SessionManager
	snapshots *snapshot.Cache
	assets    *assets
	routes    []page.Route

	month   *month.Pages
	notes   *notes.Pages
	network *network.Pages
	admin   *admin.Pages
	account *account.Pages
	upload  *upload.Pages

	unready atomic.Value // of string: why requests could not be answered last
}

// New makes the server.
func New(o Options) (*Server, error) {
	public, err := url.Parse(o.PublicURL)
	if err != nil || public.Host == "" {
		return nil, fmt.Errorf("public address %q: scheme and host expected", o.PublicURL)
	}
	if o.Gate == nil {
		o.Gate = flow.NewGate()
	}
	if o.Tasks == nil {
		o.Tasks = tasks.NewRunner(o.Background, o.Store, o.Now, o.Log)
	}
	s := &Server{
		Options: o, snapshots: &snapshot.Cache{Store: o.Store}, sessions: page.NewSessions(o.Store, public.Scheme == "https"),
	}
	if s.assets, err = newAssets(); err != nil {
		return nil, err
	}
	if s.Site, err = s.newSite(); err != nil {
		return nil, err
	}
	s.newPages()
	s.routes = s.siteMap()
	s.SetRoutes(s.routes)
	o.Tasks.Go(func(ctx context.Context) { _, _ = s.Snapshot(ctx) }) // the first visitor does not wait for it
	return s, nil
}

// newSite makes what all pages have in common.
func (s *Server) newSite() (*page.Site, error) {
	pages, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, err
	}
	return page.NewSite(page.Options{
		Store: s.Store, Snapshots: s.snapshots, Sessions: s.sessions, Gate: s.Gate, Texts: s.Texts, Now: s.Now, Log: s.Log,
		Templates: pages, Asset: s.assets.path, Menu: menu, FixPages: fixPages, Foreign: s.Foreign,
	})
}

// newPages makes the pages of each area with what they need.
func (s *Server) newPages() {
	s.month = month.New(month.Options{
		Store: s.Store, Snapshots: s.snapshots, Runner: s.Runner, Open: s.Open, Tasks: s.Tasks, Texts: s.Texts, Now: s.Now, Log: s.Log,
		Background: s.Background,
	})
	s.notes = notes.New(notes.Options{Store: s.Store, Runner: s.Runner, Tasks: s.Tasks, Texts: s.Texts, Now: s.Now})
	s.network = network.New(network.Options{Store: s.Store, Runner: s.Runner, Tasks: s.Tasks, Texts: s.Texts, Now: s.Now})
	s.admin = admin.New(admin.Options{
		Store: s.Store, Tasks: s.Tasks, Texts: s.Texts, Now: s.Now, PublicURL: s.PublicURL, CheckLogo: s.CheckLogo, PrintSample: s.Runner.PrintSample,
	})
	s.upload = upload.New(upload.Options{Store: s.Store, Tasks: s.Tasks, Texts: s.Texts})
	s.account = account.New(account.Options{
		Store: s.Store, Sessions: s.sessions, Tasks: s.Tasks, Texts: s.Texts, Now: s.Now, Log: s.Log,
		PublicURL: s.PublicURL, Proxies: s.Proxies, OIDC: s.OIDC,
	})
}

// Close waits for the tasks that pages have started; the context Background
// tells them to stop.
func (s *Server) Close() { s.Tasks.Close() }

// Handler answers every request.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes {
		mux.Handle(r.Pattern, s.Answer(r))
	}
	mux.Handle("GET /static/", s.assets)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.Handle("/", s.Answer(page.Route{Pattern: "/", Serve: (*page.Visit).Nowhere}))
	guarded := http.NewCrossOriginProtection().Handler(mux)
	all := http.NewServeMux()
	all.Handle("/", s.sessions.LoadAndSave(guarded))
	if s.Peers != nil {
		all.Handle("/ocpi/", s.Peers)
	}
	if s.API != nil {
		all.Handle("/api/", s.API)
	}
	return s.secure(all)
}

// ready tells a load balancer whether requests can be answered. Jobs that are
// older than they should be are named; they are no reason to turn requests away.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	current, err := s.Store.SchemaIsCurrent(ctx)
	if err == nil && !current {
		err = errors.New("schema is old")
	}
	var ages []store.JobAge
	if err == nil {
		ages, err = s.Store.JobAges(ctx)
	}
	if err != nil {
		if before := s.unready.Swap(err.Error()); before != err.Error() { // once, however often it is asked
			s.Log.Warn("not ready", "err", err)
		}
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	s.unready.Store("")
	fmt.Fprintln(w, "ready")
	for _, a := range ages {
		if a.Late() {
			fmt.Fprintf(w, "late: %s: %d jobs, the oldest waits since %s\n", a.Queue, a.Jobs, a.Oldest)
		}
	}
}

// metrics are figures for a monitor, in the text format of Prometheus.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	ages, err := s.Store.JobAges(ctx)
	var pause *creditnotes.MailPause
	if err == nil {
		pause, err = s.Store.MailPause(ctx)
	}
	if err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	for _, m := range []struct {
		name, help string
		of         func(store.JobAge) int64
	}{
		{"creditrun_jobs", "Jobs that are due or under way.", func(a store.JobAge) int64 { return int64(a.Jobs) }},
		{"creditrun_jobs_oldest_seconds", "Age of the oldest of these jobs.", func(a store.JobAge) int64 { return int64(a.Oldest / time.Second) }},
		{"creditrun_jobs_late", "1 where that is older than it should be.", func(a store.JobAge) int64 {
			if a.Late() {
				return 1
			}
			return 0
		}},
	} {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", m.name, m.help, m.name)
		for _, a := range ages {
			fmt.Fprintf(w, "%s{queue=%q} %d\n", m.name, a.Queue, m.of(a))
		}
	}
	paused := 0
	if pause != nil {
		paused = 1
	}
	fmt.Fprintf(w, "# HELP creditrun_mail_paused 1 while the mail server takes no mails.\n# TYPE creditrun_mail_paused gauge\ncreditrun_mail_paused %d\n", paused)
}

// contentPolicy lets a page load what comes from here and nothing else;
// neither scripts nor styles may stand in a page itself.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; frame-src 'self'; object-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

// secure sets the headers every answer has.
func (s *Server) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if strings.HasPrefix(s.PublicURL, "https://") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
