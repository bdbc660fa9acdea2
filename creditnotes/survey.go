package creditnotes

import (
	"context"
	"errors"
)

// A survey looks at a month with the code that drafts it and keeps nothing but
// sums. What is owed does not depend on whether a document can be made: number
// ranges, tax accounts, addresses and objections are not asked for. Prices are,
// so an owner whose conditions are ambiguous is held.

// surveyPage adds up one shard of a survey.
type surveyPage interface {
	observer
	// keep adds the page to the whole; pages of other shards are added at the
	// same time.
	keep(d *drafter)
}

// survey goes over the sessions a run would look at, or with all over those of
// its month, as if nothing had been credited yet.
func (r *Runner) survey(ctx context.Context, plan *Plan, run *Run, all bool, page func() surveyPage) error {
	var replaced []Reversal
	var waiting Waiting
	if !all {
		var err error
		if replaced, err = r.Store.PendingReversals(ctx, run, plan.query(run)); err != nil {
			return err
		}
		if waiting, err = r.waiting(ctx, plan, run); err != nil {
			return err
		}
	}
	if err := r.freeze(ctx, plan, run); err != nil {
		return err
	}
	plan.include(replaced, nil, nil, nil, nil)
	plan.forgetObstacles()
	shards, err := r.shards(ctx, plan, nil)
	if err != nil {
		return err
	}
	job := &draftJob{runner: r, plan: plan, run: run, reversals: newReversals(replaced, plan), waiting: waiting}
	return job.all(ctx, shards, func(ctx context.Context, s *shard) error {
		for {
			err := job.look(ctx, s, all, page())
			if !errors.Is(err, errOwnerFailed) {
				return err
			}
		}
	})
}

// look surveys one shard.
func (j *draftJob) look(ctx context.Context, s *shard, all bool, page surveyPage) error {
	query := j.query(s)
	query.All = all
	cursor, err := j.runner.Store.OpenSessions(ctx, query)
	if err != nil {
		return err
	}
	defer cursor.Close()
	d := newDrafter(j.plan, j.run, s, cursor, j.reversals.forShard(), &noteIDs{})
	d.observer = page
	for d.Next() {
	}
	if d.err == nil {
		page.keep(d)
	}
	return d.err
}

// forgetObstacles lets owners count to whom no document could be made.
func (p *Plan) forgetObstacles() {
	for _, g := range p.groups {
		for _, o := range g.owners {
			o.failed = nil
		}
	}
}
