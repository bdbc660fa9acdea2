package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/mailer"
)

// askEvery is how often, beside the month-end ring, the database is asked what
// is due. It catches up what was missed while nothing was running, takes up
// runs whose process died, and follows changed settings.
const askEvery = 5 * time.Minute

// parts of serve that --only chooses from.
var serveParts = []string{"scheduler", "delivery", "web"}

func (a *app) serveCommand() *cobra.Command {
	var only string
	c := &cobra.Command{
		Use: "serve", Short: "Run month ends on schedule, send mails and events, show the admin pages",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			parts, err := chooseParts(only)
			if err != nil {
				return err
			}
			err = a.serve(c.Context(), parts)
			if c.Context().Err() != nil && errors.Is(err, context.Canceled) {
				return nil // stopped while it started
			}
			return err
		},
	}
	c.Flags().StringVar(&only, "only", "", "only these parts: "+strings.Join(serveParts, ","))
	return c
}

func chooseParts(only string) ([]string, error) {
	if only == "" {
		return serveParts, nil
	}
	parts := strings.Split(only, ",")
	for _, part := range parts {
		if !slices.Contains(serveParts, part) {
			return nil, usageError{fmt.Errorf("--only: there is no part %q; parts are %s", part, strings.Join(serveParts, ", "))}
		}
	}
	return parts, nil
}

// serve works until the context ends.
func (a *app) serve(ctx context.Context, parts []string) error {
	a.serving = true
	away := newOutage(a.log, a.now)
	a.log = slog.New(away)
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	go away.watch(ctx, s.Ping)
	work := store.Work{}
	if slices.Contains(parts, "delivery") {
		deliverer, mailing, err := a.delivery(ctx, s)
		if err != nil {
			return err
		}
		defer endDelivery(deliverer)
		work = mailing
		work.Deliver = newMailRound(mailing.Deliver, false).try
		work.Notify = newMailRound(mailing.Notify, false).try
		work.Post, work.WebhookWorkers = a.posting(), webhookWorkers
	}
	files, err := a.renderer()
	if err != nil {
		return err
	}
	work.Render = func(ctx context.Context, id int64) error { return runner.Render(ctx, id, files) }
	work.RenderWorkers = a.config.Workers
	work.Failed = func(err error) {
		if logged := (*creditnotes.LoggedError)(nil); !errors.As(err, &logged) && !errors.As(err, new(*mailer.Later)) {
			a.log.Error("background work", "err", err)
		}
	}
	stop, err := s.StartWork(ctx, work)
	if err != nil {
		return err
	}
	defer stop()
	if slices.Contains(parts, "delivery") {
		if err := a.watchBounces(ctx, s); err != nil {
			return err
		}
		a.handOver(ctx, s)
		a.mailDigests(ctx, s)
	}
	a.say("creditrun serves: %s", strings.Join(parts, ", "))
	if slices.Contains(parts, "web") {
		stopWeb, err := a.serveWeb(ctx, runner, s)
		if err != nil {
			return err
		}
		defer stopWeb()
	}
	if slices.Contains(parts, "scheduler") {
		a.schedule(ctx, runner, s)
	}
	<-ctx.Done()
	return nil
}

// lookEvery is how often it is looked whether a process left a run behind, and
// whether the clock has jumped.
const lookEvery = 5 * time.Second

// schedule rings at the month end and every few minutes, once now, and when a
// process has left a run behind; what is due is asked of the database at every
// ring.
func (a *app) schedule(ctx context.Context, runner *creditnotes.Runner, s *store.Store) {
	var ringing sync.Mutex
	last := "" // what went wrong at the last ring is not logged again
	watch := &clockWatch{now: a.now, elapsed: a.elapsed}
	watch.look()
	ring := cron.FuncJob(func() {
		if !ringing.TryLock() {
			return
		}
		defer ringing.Unlock()
		if !a.mayRing(ctx, s, watch) {
			return
		}
		_, err := runner.RunDue(ctx, "schedule")
		_, adviceErr := runner.AdviseRemittances(ctx, "schedule")
		err = errors.Join(err, adviceErr)
		if err == nil {
			last = ""
			return
		}
		if logged := (*creditnotes.LoggedError)(nil); err.Error() != last && !errors.Is(err, context.Canceled) && !errors.As(err, &logged) {
			a.log.Error("month end", "err", err)
			last = err.Error()
		}
	})
	clock := cron.New()
	clock.Schedule(monthEndNow{ctx, runner}, ring)
	clock.Schedule(cron.Every(askEvery), ring)
	clock.Schedule(cron.Every(lookEvery), a.lookAfter(ctx, s, watch, ring))
	clock.Start()
	ring.Run()
	context.AfterFunc(ctx, func() { clock.Stop() })
}

// handOver writes the files of documents that wait for the access point into its
// folder.
func (a *app) handOver(ctx context.Context, s *store.Store) {
	point := mailer.OpenAccessPoint(a.config.AccessPoint, s)
	a.repeat(ctx, lookEvery, "access point", func() error {
		_, err := point.HandOver(ctx)
		return err
	})
}

// repeat does something again and again, never twice at once. What goes wrong is
// logged once until something else does.
func (a *app) repeat(ctx context.Context, interval time.Duration, what string, do func() error) {
	last := ""
	var doing sync.Mutex
	clock := cron.New()
	clock.Schedule(cron.Every(interval), cron.FuncJob(func() {
		if !doing.TryLock() {
			return
		}
		defer doing.Unlock()
		err := do()
		if err == nil {
			last = ""
		} else if err.Error() != last && !errors.Is(err, context.Canceled) {
			a.log.Error(what, "err", err)
			last = err.Error()
		}
	}))
	clock.Start()
	context.AfterFunc(ctx, func() { clock.Stop() })
}

// lookAfter rings once for each run that a process has left behind.
func (a *app) lookAfter(ctx context.Context, s *store.Store, watch *clockWatch, ring cron.Job) cron.FuncJob {
	rung := map[store.AbandonedRun]bool{}
	var looking sync.Mutex
	return func() {
		if !looking.TryLock() {
			return
		}
		defer looking.Unlock()
		a.mayRing(ctx, s, watch) // a jump is noticed within seconds
		list, err := s.Abandoned(ctx)
		if err != nil {
			return // the database is away; it is asked again
		}
		for _, run := range list {
			if rung[run] {
				continue
			}
			rung[run] = true
			a.log.Warn("a process left a run behind", "run", run.Name, "process", run.Was)
			ring.Run()
		}
	}
}

// monthEndNow is the schedule of the settings as they are whenever it is asked,
// by the clock of the runner: cron's own clock only says how long to wait.
type monthEndNow struct {
	ctx    context.Context
	runner *creditnotes.Runner
}

// Next implements cron.Schedule.
func (m monthEndNow) Next(t time.Time) time.Time {
	config, err := m.runner.Store.Configuration(m.ctx)
	if err != nil {
		return t.Add(askEvery)
	}
	for _, e := range config.Entities {
		if e.Parent != "" {
			continue
		}
		if zone, err := time.LoadLocation(e.TimeZone); err == nil {
			now := m.runner.Now()
			return t.Add(creditnotes.NewMonthEnd(config.Settings, zone).Next(now).Sub(now))
		}
	}
	return t.Add(askEvery)
}
