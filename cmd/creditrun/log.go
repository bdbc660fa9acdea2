package main

import (
	"context"
	"io"
	"log/slog"
	"regexp"
	"sync"
	"time"

	"creditrun/configs"
	"creditrun/internal/fault"
)

// newLog makes the log that the configuration asks for: one line per event. No
// line names an e-mail address or an IBAN, whatever servers and databases say in
// their errors.
func newLog(w io.Writer, c configs.Config) *slog.Logger {
	options := &slog.HandlerOptions{Level: c.LogLevel, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { return impersonal(a) }}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// personal are texts that identify a person: e-mail addresses and IBANs.
var personal = regexp.MustCompile(`[^\s<>()\[\],;:"'/=]+@[^\s<>()\[\],;:"']+|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b`)

// impersonal hides what is personal in an attribute of a line.
func impersonal(a slog.Attr) slog.Attr {
	switch v := a.Value.Any().(type) {
	case string:
		if personal.MatchString(v) {
			a.Value = slog.StringValue(personal.ReplaceAllString(v, "•••"))
		}
	case error:
		a.Value = slog.StringValue(personal.ReplaceAllString(v.Error(), "•••"))
	}
	return a
}

// outage keeps the log of a process short while the database is away: one line
// when it is lost and one when it is back. What fails meanwhile for that reason
// is left out.
type outage struct {
	slog.Handler
	state *outageState
}

type outageState struct {
	mu    sync.Mutex
	since time.Time // zero: the database is there
	now   func() time.Time
}

func newOutage(log *slog.Logger, now func() time.Time) *outage {
	return &outage{log.Handler(), &outageState{now: now}}
}

// Handle implements slog.Handler.
func (o *outage) Handle(ctx context.Context, r slog.Record) error {
	var lost error
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && isOutage(err) {
			lost = err
		}
		return true
	})
	if lost == nil {
		return o.Handler.Handle(ctx, r)
	}
	o.begin(ctx, lost)
	return nil
}

// WithAttrs implements slog.Handler.
func (o *outage) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &outage{o.Handler.WithAttrs(attrs), o.state}
}

// WithGroup implements slog.Handler.
func (o *outage) WithGroup(name string) slog.Handler {
	return &outage{o.Handler.WithGroup(name), o.state}
}

// isOutage reports whether something failed because the database is away.
func isOutage(err error) bool {
	for _, f := range fault.Of(err) {
		if f.Key == "database_lost" || f.Key == "database_unreachable" {
			return true
		}
	}
	return false
}

func (o *outage) begin(ctx context.Context, err error) {
	o.state.mu.Lock()
	defer o.state.mu.Unlock()
	if !o.state.since.IsZero() {
		return
	}
	o.state.since = o.state.now()
	_ = o.tell(ctx, slog.LevelError, "database lost", slog.String("err", err.Error()))
}

func (o *outage) end(ctx context.Context) {
	o.state.mu.Lock()
	defer o.state.mu.Unlock()
	if o.state.since.IsZero() {
		return
	}
	away := o.state.now().Sub(o.state.since).Round(time.Second)
	o.state.since = time.Time{}
	_ = o.tell(ctx, slog.LevelInfo, "database is back", slog.String("away", away.String()))
}

func (o *outage) tell(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) error {
	if !o.Enabled(ctx, level) {
		return nil
	}
	r := slog.NewRecord(o.state.now(), level, message, 0)
	r.AddAttrs(attrs...)
	return o.Handler.Handle(ctx, r)
}

// pingEvery is how often a process that serves asks whether the database is
// there.
const pingEvery = 5 * time.Second

// watch asks the database for a sign of life until the context ends.
func (o *outage) watch(ctx context.Context, ping func(context.Context) error) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		asking, cancel := context.WithTimeout(ctx, pingEvery)
		err := ping(asking)
		cancel()
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			o.end(ctx)
		default:
			o.begin(ctx, err)
		}
	}
}
