package memory

import (
	"context"
	"slices"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// LeftOut implements creditnotes.ReviewStore.
func (s *Store) LeftOut(_ context.Context, runID int64) (list []creditnotes.LeftOut, err error) {
	for _, l := range s.read().LeftOut {
		if l.RunID == runID {
			list = append(list, l.LeftOut)
		}
	}
	return list, nil
}

// LeaveOut implements creditnotes.ReviewStore.
func (s *Store) LeaveOut(ctx context.Context, run *creditnotes.Run, owner, reason, who string) error {
	return s.redraft(ctx, run, who, creditnotes.ActionLeftOut, map[string]string{"owner": owner, "reason": reason}, func(t *tx) error {
		if err := t.knows(run, owner); err != nil {
			return err
		}
		if t.leftOut(run.ID, owner) != nil {
			return fault.New(fault.Conflict, "run_owner_is_left_out", fault.Args{"run": run.Name, "owner": owner})
		}
		t.LeftOut = append(t.LeftOut, LeftOut{creditnotes.LeftOut{Owner: owner, Reason: reason, At: t.now, Who: who}, run.ID})
		return nil
	})
}

// TakeBackIn implements creditnotes.ReviewStore.
func (s *Store) TakeBackIn(ctx context.Context, run *creditnotes.Run, owner, who string) error {
	return s.redraft(ctx, run, who, creditnotes.ActionTakenBackIn, map[string]string{"owner": owner}, func(t *tx) error {
		if err := t.knows(run, owner); err != nil {
			return err
		}
		l := t.leftOut(run.ID, owner)
		if l == nil {
			return fault.New(fault.Conflict, "run_owner_not_left_out", fault.Args{"run": run.Name, "owner": owner})
		}
		l.UndoneAt, l.UndoneBy = t.now, who
		return nil
	})
}

// knows refuses an owner of whom a run knows nothing.
func (t *tx) knows(run *creditnotes.Run, owner string) error {
	if slices.ContainsFunc(t.Owners, func(o OwnerResult) bool { return o.RunID == run.ID && t.ownerKey(o.OwnerID) == owner }) {
		return nil
	}
	return fault.New(fault.Conflict, "run_owner_unknown", fault.Args{"run": run.Name, "owner": owner})
}

// leftOut finds an owner that is left out of a run, or nil.
// draftChanges is creditnotes.ChangesOf a run.
func (t *tx) draftChanges(runID int64) int {
	var list []creditnotes.LeftOut
	for _, l := range t.LeftOut {
		if l.RunID == runID {
			list = append(list, l.LeftOut)
		}
	}
	return creditnotes.ChangesOf(list)
}

func (t *tx) leftOut(runID int64, owner string) *LeftOut {
	for i := range t.LeftOut {
		if l := &t.LeftOut[i]; l.RunID == runID && l.Owner == owner && l.Stands() {
			return l
		}
	}
	return nil
}

func (s *Store) redraft(ctx context.Context, run *creditnotes.Run, who, action string, after map[string]string, change func(t *tx) error) error {
	return s.write(ctx, func(t *tx) error {
		for i := range t.Runs {
			switch r := &t.Runs[i]; {
			case r.ID > run.ID && r.Stage != creditnotes.StageDiscarded:
				return fault.New(fault.Conflict, "run_has_later_run", fault.Args{"run": run.Name, "other": r.Name})
			case r.Stage == creditnotes.StageDrafting && t.holder(r) != nil:
				return fault.New(fault.Conflict, "run_taken", fault.Args{"run": r.Name})
			}
		}
		if err := change(t); err != nil {
			return err
		}
		t.eraseDraft(run)
		t.audit(who, action, run.Name, "", jsonOf(after))
		if err := t.advance(run, creditnotes.StageDrafted, creditnotes.StageDrafting, who); err != nil {
			return err
		}
		r := t.run(run.ID)
		r.LeasedTo, r.LeaseUntil = s.process, t.now.Add(leaseLasts)
		return nil
	})
}

// Remarks implements creditnotes.ReviewStore.
func (s *Store) Remarks(_ context.Context, runID int64) ([]creditnotes.Remark, error) {
	list := []creditnotes.Remark{}
	for _, r := range s.read().Remarks {
		if r.RunID == runID {
			list = append(list, r.Remark)
		}
	}
	return list, nil
}

// AddRemark implements creditnotes.ReviewStore.
func (s *Store) AddRemark(ctx context.Context, run *creditnotes.Run, who, text string) error {
	return s.write(ctx, func(t *tx) error {
		t.Remarks = append(t.Remarks, Remark{creditnotes.Remark{At: t.now, Who: who, Text: text}, run.ID})
		t.audit(who, creditnotes.ActionRemark, run.Name, "", text)
		return nil
	})
}

// RunNets implements creditnotes.ReviewStore.
func (s *Store) RunNets(_ context.Context, runID int64) ([]creditnotes.OwnerNet, error) {
	d := s.read()
	if kept := d.RunNets[runID]; len(kept) > 0 {
		return slices.Clone(kept), nil
	}
	return d.nets(func(n *creditnotes.Note) bool {
		return n.RunID == runID && (n.State == creditnotes.Draft || n.State == creditnotes.Issued) && d.cancelledBy(n.ID) == nil
	}), nil
}
