// Package api answers programs: JSON over HTTP below /api/v1, for bearer
// tokens. It asks and answers: the rules are in the packages it calls, the same
// that pages and commands call.
package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/locales"
)

// Base is the path below which the API is.
const Base = "/api/v1"

// What a request may take.
const (
	// requestLasts is a little less than the claim of an idempotency key.
	requestLasts = 4 * time.Minute
	// How many bytes a body may have: a file of sessions, as it is sent and as it
	// is unpacked, a network file, and any other body.
	mostSessions = 64 << 20
	mostUnpacked = 1 << 30
	mostNetwork  = 16 << 20
	mostJSON     = 1 << 20
)

// Options are what the API is made of. All are required but those that say
// otherwise.
type Options struct {
	Store   *store.Store
	Runner  *creditnotes.Runner
	Texts   *locales.Catalog
	Now     func() time.Time
	Log     *slog.Logger
	Version string // of the program
	// Gate is shared with the pages; nil: the API has one of its own.
	Gate *flow.Gate
	// Background ends with the process.
	Background context.Context
	// Tasks works on runs after the request that started them was answered; nil: a
	// runner of the API's own, recorded in the store.
	Tasks *tasks.Runner
}

// API answers programs.
type API struct {
	Options
	snapshots snapshot.Cache
	mux       *http.ServeMux
	huma      huma.API
	runs      *tasks.Kind[bool]
	journals  *tasks.Kind[bool]
	reminding *tasks.Kind[[]string]
	archiving *tasks.Kind[creditnotes.KeptArchive]
	repricing *tasks.Kind[creditnotes.RepriceJSON]
	heavy     tasks.Places
	within    time.Duration // workWithin

	unpacked int64 // how many bytes of a packed file are unpacked
}

// mostHeavy is how many computations over a whole month, or the whole audit
// log, go on at once: more of them wait, so that a program that asks too often
// takes the machine from no one.
const mostHeavy = 2

// New makes the API with all its operations.
func New(o Options) *API {
	if o.Gate == nil {
		o.Gate = flow.NewGate()
	}
	if o.Tasks == nil {
		o.Tasks = tasks.NewRunner(o.Background, o.Store, o.Now, o.Log)
	}
	a := &API{
		Options: o, snapshots: snapshot.Cache{Store: o.Store}, mux: http.NewServeMux(), unpacked: mostUnpacked,
		runs: tasks.RunWork(o.Tasks), journals: tasks.NewKind[bool](o.Tasks, tasks.Rule{Kind: "journal_asked", AtOnce: 1, Keep: keepWork}),
		reminding: tasks.NewKind[[]string](o.Tasks, tasks.Rule{Kind: "reminders_asked", AtOnce: 1, Keep: keepWork}),
		archiving: tasks.NewKind[creditnotes.KeptArchive](o.Tasks, tasks.Rule{Kind: "archive_asked", AtOnce: 1, Keep: keepWork}),
		repricing: tasks.NewKind[creditnotes.RepriceJSON](o.Tasks, tasks.Rule{Kind: "reprice_asked", AtOnce: 1, Keep: keepWork}), heavy: tasks.NewPlaces(mostHeavy), within: workWithin,
	}
	a.huma = humago.NewWithPrefix(a.mux, Base, a.describe())
	a.huma.UseMiddleware(a.admit, a.takeIn, a.once)
	for _, op := range operations() {
		op.register(a, op.described())
	}
	a.describeFiles()
	return a
}

// Close waits for the runs that requests have started; the context Background
// tells them to stop.
func (a *API) Close() { a.Tasks.Close() }

// ServeHTTP finds out who asks and hands on to the operation; what goes wrong
// on the way is a problem like any other.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{API: a, r: r, ctx: r.Context(), lang: a.language(r)}
	defer func() {
		switch broken := recover(); broken {
		case nil:
		case http.ErrAbortHandler:
			flow.CutOff()
		default:
			c.refuse(w, fmt.Errorf("panic: %v\n%s", broken, debug.Stack()))
		}
	}()
	w.Header().Set("Cache-Control", "no-store")
	handler, pattern := a.mux.Handler(r)
	if isDescription(r.URL.Path) {
		handler.ServeHTTP(w, r)
		return
	}
	if err := c.identify(); err != nil {
		w.Header().Set("WWW-Authenticate", `Bearer realm="creditrun"`)
		c.refuse(w, err)
		return
	}
	if pattern == "" {
		c.nowhere(w, handler)
		return
	}
	c.r = r.WithContext(context.WithValue(c.ctx, callKey{}, c))
	a.mux.ServeHTTP(w, c.r)
}

// isDescription reports whether a path is that of the description of the API,
// which everyone may read.
func isDescription(path string) bool {
	return path == Base+"/openapi.json" || path == Base+"/openapi.yaml"
}

// call is one request of a person.
type call struct {
	*API
	r        *http.Request
	ctx      context.Context
	who      *access.Visitor
	token    *access.Token
	snapshot *snapshot.Snapshot
	lang     string
	sum      string // fingerprint of the request; only where it may be repeated
}

// callKey is under which a context holds its call.
type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// identify finds the visitor whose token the request bears.
func (c *call) identify() error {
	secret, ok := bearer(c.r)
	if !ok {
		return errNoToken
	}
	ctx, cancel := context.WithTimeout(c.ctx, requestLasts)
	defer cancel()
	token, user, err := c.Store.TokenByHash(ctx, access.HashSecret(secret))
	if err != nil {
		return err
	}
	if c.snapshot, err = c.snapshots.Current(ctx); err != nil {
		return err
	}
	c.token, c.who = token, c.snapshot.Visitor(user, token.Scopes)
	return nil
}

// errNoToken is what asks for a token.
var errNoToken = fault.New(fault.Forbidden, "token_refused", nil)

// turn waits until there is a place for a heavy computation; done makes it free
// again.
func (c *call) turn() (done func(), err error) { return c.heavy.Enter(c.ctx) }

// place waits for a place among the transfers of the visitor.
func (c *call) place() (leave func(), err error) { return c.Gate.Enter(c.ctx, c.name()) }

// download leaves a line in the log about an answer with much in it.
func (c *call) download(what string) {
	c.Log.Info("download", "user", c.name(), "what", what, "path", c.r.URL.Path)
}

// name is who the audit log names.
func (c *call) name() string { return c.who.User.Name }

// zone is the operator's time zone, in which times are written.
func (c *call) zone() *time.Location {
	if c.snapshot.Network != nil {
		return c.snapshot.Network.Zone()
	}
	return time.UTC
}

// at writes a time in the operator's zone; the zero time stays it.
func (c *call) at(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(c.zone()).Truncate(time.Microsecond)
}

// words puts a fault into the language of the request.
func (c *call) words(f *fault.Fault) string { return c.Texts.Fault(c.lang, f) }
