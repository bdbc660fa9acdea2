package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

// renderRun works on the render queue until every note of a run has its files,
// here or in another process, or was tried in vain: the others get theirs all
// the same. A note of another run that cannot be rendered is named, and is not
// what this run fails for.
func (a *app) renderRun(ctx context.Context, runner *creditnotes.Runner, s *store.Store, run *creditnotes.Run) error {
	return a.renderNotes(ctx, runner, s, unrenderedNotes{
		left: func(ctx context.Context) ([]creditnotes.UnrenderedNote, error) { return s.Unrendered(ctx, run.ID) },
		stopped: func(stored, left int) {
			a.say("The run %s is issued; %d of its documents are stored, %d are not. The same command goes on there.", run.Name, stored, left)
		},
	})
}

// renderRestored makes the files that were being made when the backup was taken.
func (a *app) renderRestored(ctx context.Context) error {
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	return a.renderNotes(ctx, runner, s, unrenderedNotes{
		left: s.AllUnrendered,
		stopped: func(stored, left int) {
			a.say("%d documents that were being made when the backup was taken are stored, %d are not. creditrun restore without a file goes on there.", stored, left)
		},
	})
}

// unrenderedNotes are notes whose files are to be made.
type unrenderedNotes struct {
	left    func(context.Context) ([]creditnotes.UnrenderedNote, error)
	stopped func(stored, left int) // says that some are left
}

// renderNotes works on the render queue until none of some notes is left.
func (a *app) renderNotes(ctx context.Context, runner *creditnotes.Runner, s *store.Store, notes unrenderedNotes) error {
	before, err := notes.left(ctx)
	if err != nil || len(before) == 0 {
		return err
	}
	files, err := a.renderer()
	if err != nil {
		return err
	}
	round := renderRound{failed: map[int64]error{}}
	stop, err := s.StartWork(ctx, store.Work{
		Render: func(ctx context.Context, id int64) error {
			return round.tried(id, runner.Render(ctx, id, files))
		},
		RenderWorkers: runtime.GOMAXPROCS(0),
	})
	if err != nil {
		return err
	}
	bar := a.progressBar("documents")
	bar.ChangeMax(len(before))
	var left []creditnotes.UnrenderedNote
	named := map[string]bool{}
	still := 0 // how often nothing had happened
	err = waitFor(ctx, func() (bool, error) {
		was := len(left) + round.tries()
		var err error
		if left, err = notes.left(ctx); err != nil {
			return false, err
		}
		_ = bar.Set(len(before) - len(left))
		if still++; len(left)+round.tries() != was {
			still = 0
		}
		if still > 0 && still%stillFor == 0 { // may the queue be written to?
			err = s.Probe(ctx)
			a.sayWhoRenders(ctx, s, named)
		}
		return round.over(left), err
	})
	_ = bar.Finish()
	stop()
	if len(left) > 0 {
		notes.stopped(len(before)-len(left), len(left))
	}
	if err != nil {
		return err
	}
	for _, other := range round.others(left) {
		a.say("%v", other)
	}
	return round.errorOf(left)
}

// sayWhoRenders says once of each other process that documents are left to it.
func (a *app) sayWhoRenders(ctx context.Context, s *store.Store, named map[string]bool) {
	names, err := s.JobHolders(ctx)
	if err != nil {
		return
	}
	for _, name := range names {
		if !named[name] {
			named[name] = true
			a.say("Waiting for documents that %s is making; if it hangs, they are made here two minutes after it was last seen.", name)
		}
	}
}

// stillFor is how many looks, each 50 ms after the other, nothing may happen until
// it is tried whether the database can be written to at all.
const stillFor = 20

// renderRound remembers which notes could not be rendered.
type renderRound struct {
	mu     sync.Mutex
	failed map[int64]error
	count  int
}

func (r *renderRound) tried(id int64, err error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	if delete(r.failed, id); err != nil {
		r.failed[id] = err
	}
	return err
}

// tries is how often a note was tried.
func (r *renderRound) tries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count
}

// over reports whether every note that is left was tried in vain.
func (r *renderRound) over(left []creditnotes.UnrenderedNote) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, note := range left {
		if r.failed[note.ID] == nil {
			return false
		}
	}
	return true
}

// errorOf names the notes that are left, and why.
func (r *renderRound) errorOf(left []creditnotes.UnrenderedNote) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []error
	for _, note := range left {
		if fault.Is(r.failed[note.ID], fault.Unavailable) {
			return r.failed[note.ID] // the same for all
		}
		list = append(list, fmt.Errorf("%s is issued but has no documents; they are tried again by the next run, or cancel it: %w", note.Number, r.failed[note.ID]))
	}
	return errors.Join(list...)
}

// others are the failures of notes that are not left of this run.
func (r *renderRound) others(left []creditnotes.UnrenderedNote) (list []error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := map[int64]bool{}
	for _, note := range left {
		own[note.ID] = true
	}
	for id, err := range r.failed {
		if !own[id] {
			list = append(list, err)
		}
	}
	return list
}
