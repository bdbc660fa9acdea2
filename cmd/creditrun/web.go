package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/api"
	"creditrun/internal/document"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web"
)

// closingTime is how long requests may go on after the process was told to
// stop.
const closingTime = 5 * time.Second

// mostHeader is how many bytes the head of a request may have.
const mostHeader = 64 << 10

// serveWeb answers browsers until stop is called.
func (a *app) serveWeb(ctx context.Context, runner *creditnotes.Runner, s *store.Store) (stop func(), err error) {
	listener, err := net.Listen("tcp", a.config.Listen)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "listen_failed", fault.Args{"address": a.config.Listen}, err)
	}
	public := a.publicAddress(listener.Addr())
	gate, work := flow.NewGate(), tasks.NewRunner(ctx, s, a.now, a.log)
	programs := api.New(api.Options{
		Gate: gate, Store: s, Runner: runner, Texts: a.texts, Now: a.now, Log: a.log, Version: version(), Background: ctx, Tasks: work,
	})
	open := &creditnotes.OpenMonth{Runner: calmly(runner), Store: s}
	work.Go(func(ctx context.Context) { a.keepOpen(ctx, open, s) })
	pages, err := web.New(web.Options{
		Gate: gate, Store: s, Runner: runner, Open: open, Texts: a.texts, Now: a.now, Log: a.log, PublicURL: public, Proxies: a.config.Proxies(), OIDC: a.oidc(), Background: ctx, Tasks: work,
		Peers:     a.peers(s, public),
		CheckLogo: document.CheckLogo,
		API:       programs,
	})
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	server := a.httpServer(pages.Handler())
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("admin pages", "err", err)
		}
	}()
	a.say("admin pages: %s", public)
	stop = func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
		defer cancel()
		_ = server.Shutdown(closing)
		_ = server.Close() // those that still follow a run
		work.Close()
	}
	if err := a.firstAdministrator(ctx, s, public); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// httpServer serves a handler with deadlines that move with what is transferred:
// there is none for a whole request.
func (a *app) httpServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           flow.Bounded(handler, time.Now), // deadlines are those of the machine's clock
		ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: mostHeader,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
}

// firstAdministrator prints a one-time link as long as there is no administrator.
func (a *app) firstAdministrator(ctx context.Context, s *store.Store, public string) error {
	secret, hash, err := access.NewSecret()
	if err != nil {
		return err
	}
	needed, err := s.FirstAdministrator(ctx, hash, a.now().Add(store.LinkLasts))
	if err != nil || !needed {
		return err
	}
	a.say("There is no administrator yet; set the password of the user admin with this link, which works once:\n  %s/invite/%s", public, secret)
	return nil
}

// oidc is the login server that is configured, or nil.
func (a *app) oidc() *web.OIDC {
	if a.config.OIDCIssuer == "" {
		return nil
	}
	return &web.OIDC{
		Name: a.config.OIDCName, Issuer: a.config.OIDCIssuer, ClientID: a.config.OIDCClientID, ClientSecret: string(a.config.OIDCClientSecret),
	}
}

// publicAddress is where browsers find the pages: as configured, else where
// this process listens.
func (a *app) publicAddress(listening net.Addr) string {
	if a.config.PublicURL == "" {
		return "http://" + listening.String()
	}
	return a.config.PublicAddress()
}
