package creditnotes

import (
	"context"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"creditrun/internal/fault"
)

// LeftOut is an owner that a person left out of a draft: it fails, so that its
// sessions are held and wait for the next run (domain.md §9.11).
type LeftOut struct {
	Owner    string // key
	Reason   string
	At       time.Time
	Who      string
	UndoneAt time.Time // when it was taken back in; zero: it is left out
	UndoneBy string
}

// Stands reports whether the owner is left out.
func (l *LeftOut) Stands() bool { return l.UndoneAt.IsZero() }

// Actions of the audit log about drafts; the subject is the name of the run.
const (
	ActionLeftOut     = "draft.owner_left_out"   // After: owner and reason as JSON
	ActionTakenBackIn = "draft.owner_taken_back" // After: the owner as JSON
	ActionRemark      = "draft.remark"           // After: the text
)

// mostOfReason is how many characters the reason has at most.
const mostOfReason = 200

// LeaveOut leaves an owner out of a draft that waits for release. The run is drafted
// again as it was, with the same cut-off and settings; the owner fails with the
// reason. The caller must call carryOut within a minute, which does that.
func (r *Runner) LeaveOut(ctx context.Context, name, owner, reason, who string) (run *Run, carryOut func(context.Context) error, err error) {
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n == 0 || n > mostOfReason || !utf8.ValidString(reason) || strings.ContainsFunc(reason, unicode.IsControl) {
		return nil, nil, fault.New(fault.Invalid, "run_left_out_reason", fault.Args{"owner": owner, "most": mostOfReason}).At("reason")
	}
	return r.redraft(ctx, name, who, func(run *Run) error { return r.Store.LeaveOut(ctx, run, owner, reason, who) })
}

// TakeBackIn takes an owner back into a draft that it was left out of, as LeaveOut
// leaves it out.
func (r *Runner) TakeBackIn(ctx context.Context, name, owner, who string) (run *Run, carryOut func(context.Context) error, err error) {
	return r.redraft(ctx, name, who, func(run *Run) error { return r.Store.TakeBackIn(ctx, run, owner, who) })
}

// redraft changes who is in a draft and lets it be drafted again.
func (r *Runner) redraft(ctx context.Context, name, who string, change func(*Run) error) (*Run, func(context.Context) error, error) {
	run, config, err := r.find(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if err := r.mayRedraft(run, config); err != nil {
		return nil, nil, err
	}
	if err := change(run); err != nil {
		return nil, nil, err
	}
	return run, func(ctx context.Context) error {
		return r.attempt(ctx, run, func(ctx context.Context) error {
			return r.leased(ctx, run, func(ctx context.Context) error { return r.advance(ctx, run, config, who) })
		})
	}, nil
}

// mayRedraft refuses to draft a run again that does not wait for release.
func (r *Runner) mayRedraft(run *Run, config *Configuration) error {
	if f := config.Settings.licensed(); f != nil {
		return f
	}
	if run.Stage != StageDrafted || run.Settings.Release != ReleaseApprove {
		return fault.New(fault.Conflict, "run_draft_fixed", fault.Args{"run": run.Name, "stage": string(run.Stage)})
	}
	_, err := r.plan(run, config) // else it could not be drafted again
	return err
}

// failLeftOut makes the owners fail that a person left out of a run.
func (r *Runner) failLeftOut(ctx context.Context, plan *Plan, run *Run) error {
	if run.ID == 0 { // it is not kept
		return nil
	}
	list, err := r.Store.LeftOut(ctx, run.ID)
	if err != nil {
		return err
	}
	for i := range list {
		if l := &list[i]; l.Stands() {
			plan.fail(l.Owner, fault.New(fault.NotReady, LeftOutKey, fault.Args{"owner": l.Owner, "who": l.Who, "reason": l.Reason}))
		}
	}
	return nil
}

// fail makes an owner fail, whatever else it would fail for.
func (p *Plan) fail(owner string, f *fault.Fault) {
	for _, g := range p.groups {
		for _, o := range g.owners {
			if o.entity.Key == owner {
				o.failed = f
			}
		}
	}
}

// changedByAnother refuses, with a Forbidden fault, that a person approves a run in
// which this person, or one who counts as the same, left an owner out or took one
// back in.
func (r *Runner) changedByAnother(ctx context.Context, run *Run, who string) error {
	list, err := r.Store.LeftOut(ctx, run.ID)
	if err != nil {
		return err
	}
	for i := range list {
		for _, changed := range []string{list[i].Who, list[i].UndoneBy} {
			switch {
			case changed == "":
			case changed == who:
				return fault.New(fault.Forbidden, "run_changed_needs_second_person", fault.Args{"run": run.Name, "who": who})
			default:
				if err := r.Store.SecondPerson(ctx, changed, who); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// DraftChanges is how often a draft was made anew because an owner was left out of
// it or taken back in.
func (r *Runner) DraftChanges(ctx context.Context, run *Run) (int, error) {
	list, err := r.Store.LeftOut(ctx, run.ID)
	return ChangesOf(list), err
}

// ChangesOf counts the owners that were left out, and those that were taken back.
func ChangesOf(list []LeftOut) int {
	n := len(list)
	for i := range list {
		if !list[i].Stands() {
			n++
		}
	}
	return n
}
