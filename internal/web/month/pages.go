// Package month shows what happens between two month ends: the first page and
// the portal with the month so far, the runs, their drafts and previews, and how
// far a run has come.
package month

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
	"creditrun/locales"
)

// Options are what the pages of the month need. All are required but those that
// say otherwise.
type Options struct {
	Store     *store.Store
	Snapshots *snapshot.Cache
	Runner    *creditnotes.Runner
	// Open keeps the open month; nil: one of the pages' own does.
	Open  *creditnotes.OpenMonth
	Tasks *tasks.Runner
	Texts *locales.Catalog
	Now   func() time.Time
	Log   *slog.Logger
	// Background ends with the process.
	Background context.Context
}

// Pages are the pages of the month.
type Pages struct {
	Options
	// MaxFollowers is how many browsers may follow runs at once.
	MaxFollowers int64
	Work         Work

	live       live
	refreshing atomic.Bool  // the open month
	followers  atomic.Int64 // of runs
}

// Work are the kinds of work that go on after the page that started them was
// answered.
type Work struct {
	Previews *tasks.Kind[Preview]
	Runs     *tasks.Kind[bool] // the outcome is kept with the run
	months   *tasks.Kind[monthNow]
}

// NewWork makes the kinds of work that a runner does.
func NewWork(r *tasks.Runner) Work {
	return Work{
		Previews: tasks.NewKind[Preview](r, tasks.Rule{Kind: "preview", AtOnce: maxPreviews, Newest: true, Keep: previewLasts, Cached: maxPreviews}),
		Runs:     tasks.RunWork(r),
		// Anyone who looks starts it again, so there is nothing to find after a restart.
		months: tasks.NewKind[monthNow](r, tasks.Rule{Kind: "month_so_far", Unrecorded: true, Keep: previewLasts, Cached: 1}),
	}
}

// New makes the pages of the month.
func New(o Options) *Pages {
	if o.Open == nil {
		o.Open = &creditnotes.OpenMonth{Runner: calmly(o.Runner), Store: o.Store}
	}
	p := &Pages{Options: o, MaxFollowers: maxFollowers, Work: NewWork(o.Tasks)}
	p.live = live{compute: p.countMonth, now: o.Now, work: p.Work.months}
	return p
}

// Visit is one request to one of these pages.
type Visit struct {
	*page.Visit
	*Pages
}

// Visit makes a visit of a request.
func (p *Pages) Visit(v *page.Visit) *Visit { return &Visit{v, p} }
