package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/store"
	"creditrun/internal/web"
)

// invitationFor is how long a one-time link is good.
const invitationFor = 72 * time.Hour

// closingTime is how long requests may go on after the process was told to
// stop.
const closingTime = 10 * time.Second

// serveWeb answers browsers until stop is called.
func (a *app) serveWeb(ctx context.Context, runner *creditnotes.Runner, s *store.Store) (stop func(), err error) {
	pages, err := web.New(web.Options{
		Store: s, Runner: runner, Texts: a.texts, Now: a.now, Log: a.log,
		PublicURL: a.publicAddress(), Background: ctx,
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", a.config.Listen)
	if err != nil {
		return nil, fmt.Errorf("admin pages: %w", err)
	}
	server := &http.Server{
		Handler: pages.Handler(), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			a.log.Error("admin pages", "err", err)
		}
	}()
	a.say("admin pages: %s", a.publicAddress())
	stop = func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), closingTime)
		defer cancel()
		_ = server.Shutdown(closing)
		_ = server.Close() // those that still follow a run
		pages.Close()
	}
	if err := a.firstAdministrator(ctx, s); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// firstAdministrator prints a one-time link as long as nobody can administrate.
func (a *app) firstAdministrator(ctx context.Context, s *store.Store) error {
	secret, hash, err := access.NewSecret()
	if err != nil {
		return err
	}
	needed, err := s.FirstAdministrator(ctx, hash, a.now().Add(invitationFor))
	if err != nil || !needed {
		return err
	}
	a.say("nobody administrates yet; set the password of the user admin with this link, which works once:\n  %s/invite/%s", a.publicAddress(), secret)
	return nil
}

// publicAddress is where browsers find the pages.
func (a *app) publicAddress() string { return "http://" + a.config.Listen }
