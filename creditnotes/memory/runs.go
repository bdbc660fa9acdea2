package memory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// leaseLasts is how long a process keeps a run without renewing its lease.
const leaseLasts = 2 * time.Minute

// domain is the run as it is returned.
func (r *Run) domain() *creditnotes.Run {
	run := copied(r.Run)
	run.SettledUntil = time.Time{}
	return &run
}

// holder says who works on a run, or nil.
func (t *tx) holder(r *Run) *creditnotes.Holder {
	if r.LeaseUntil.Before(t.now) {
		return nil
	}
	return &creditnotes.Holder{Who: r.LeasedTo, Until: r.LeaseUntil}
}

// BeginRun implements creditnotes.RunStore.
func (s *Store) BeginRun(ctx context.Context, wanted *creditnotes.Run) (run *creditnotes.Run, mine bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		run, mine, err = t.begin(wanted)
		return err
	})
	return run, mine, err
}

func (t *tx) begin(wanted *creditnotes.Run) (*creditnotes.Run, bool, error) {
	if f := t.confirmed(); f != nil {
		return nil, false, f
	}
	earlier := 0
	for i := range t.Runs {
		r := &t.Runs[i]
		if r.Month != wanted.Month {
			continue
		}
		if earlier++; r.Stage.Done() {
			continue
		}
		run, by := r.domain(), t.holder(r)
		if run.Holder = by; by != nil {
			return run, false, nil
		}
		r.LeasedTo, r.LeaseUntil = t.store.process, t.now.Add(leaseLasts)
		return run, true, nil
	}
	for i := range t.Runs { // two months at once would reach for the same late sessions
		if r := &t.Runs[i]; r.Stage == creditnotes.StageDrafting && t.holder(r) != nil {
			run := r.domain()
			run.Holder = t.holder(r)
			return run, false, nil
		}
	}
	r := Run{Run: copied(*wanted), LeasedTo: t.store.process, LeaseUntil: t.now.Add(leaseLasts)}
	r.ID, r.Name, r.Stage = t.takeIDs("runs", 1), string(wanted.Month), creditnotes.StageDrafting
	if earlier > 0 {
		r.Name = fmt.Sprintf("%s-%d", wanted.Month, earlier+1)
	}
	r.Cutoff, r.CreatedAt = utc(wanted.Cutoff), utc(wanted.CreatedAt)
	r.SettledBelow, r.SettledUntil = t.receivedUntil(r.Cutoff), time.Time{}
	t.Runs = append(t.Runs, r)
	delete(t.MonthFailures, r.Month)
	t.audit(wanted.CreatedBy, "run.begun", r.Name, "", string(r.Trigger))
	return r.domain(), true, nil
}

// confirmed refuses to go on while a restore waits to be confirmed.
func (t *tx) confirmed() *fault.Fault {
	if t.Configuration.Restored == nil {
		return nil
	}
	return t.Configuration.Restored.Fault()
}

// receivedUntil returns the lowest id of a session that was received after a
// cut-off; the next id, if there is none.
func (t *tx) receivedUntil(cutoff time.Time) int64 {
	from := int64(0)
	for i := range t.Runs {
		if r := &t.Runs[i]; !r.SettledUntil.IsZero() && !r.Cutoff.After(cutoff) {
			from = max(from, r.SettledBelow)
		}
	}
	for i := range t.Sessions {
		if v := &t.Sessions[i]; v.ID >= from && v.ReceivedAt.After(cutoff) {
			return v.ID
		}
	}
	return max(t.IDs["session"], 1)
}

// RenewLease implements creditnotes.RunStore.
func (s *Store) RenewLease(ctx context.Context, runID int64) error {
	return s.write(ctx, func(t *tx) error {
		r := t.run(runID)
		if r == nil || r.LeasedTo != s.process {
			return fault.New(fault.Conflict, "run_lease_lost", fault.Args{"run": runName(r)})
		}
		r.LeaseUntil = t.now.Add(leaseLasts)
		return nil
	})
}

func runName(r *Run) string {
	if r == nil {
		return ""
	}
	return r.Name
}

// ReleaseLease implements creditnotes.RunStore.
func (s *Store) ReleaseLease(ctx context.Context, runID int64) error {
	return s.write(ctx, func(t *tx) error {
		if r := t.run(runID); r != nil && r.LeasedTo == s.process {
			r.LeaseUntil = t.now.Add(-time.Second)
		}
		return nil
	})
}

// AdvanceRun implements creditnotes.RunStore.
func (s *Store) AdvanceRun(ctx context.Context, run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	return s.write(ctx, func(t *tx) error { return t.advance(run, from, to, who) })
}

func (t *tx) advance(run *creditnotes.Run, from, to creditnotes.Stage, who string) error {
	if f := t.confirmed(); f != nil && to == creditnotes.StageReleased {
		return f
	}
	r := t.run(run.ID)
	if r == nil || r.Stage != from {
		return fault.New(fault.Conflict, "run_stage_changed", fault.Args{"run": run.Name, "stage": string(from)})
	}
	if to == creditnotes.StageReleased && run.Seen != nil && *run.Seen != t.draftChanges(run.ID) {
		return fault.New(fault.Conflict, "run_draft_changed", fault.Args{"run": run.Name})
	}
	r.Stage, r.Failure = to, nil
	switch to {
	case creditnotes.StageReleased:
		r.ApprovedAt, r.ApprovedBy = t.now, who
	case creditnotes.StageCompleted, creditnotes.StageDiscarded:
		r.FinishedAt = t.now
	case creditnotes.StageDrafted:
		if r.ID == t.Runs[len(t.Runs)-1].ID { // one that another has overtaken does not tell
			r.SettledUntil = utc(run.SettledUntil)
		}
	}
	if from == creditnotes.StageReleased && to != creditnotes.StageDiscarded {
		if seal := t.excluded(r.ID); seal != "" {
			t.audit(who, creditnotes.ActionExcluded, r.Name, "", seal)
		}
		t.audit(who, creditnotes.ActionSettled, r.Name, "", jsonOf(t.evidence(r)))
	}
	t.audit(who, creditnotes.ActionRun+string(to), r.Name, string(from), string(to))
	run.Stage, run.Failure = to, nil
	return nil
}

// DiscardRun implements creditnotes.RunStore.
func (s *Store) DiscardRun(ctx context.Context, run *creditnotes.Run, who string) error {
	return s.write(ctx, func(t *tx) error {
		t.RunNets[run.ID] = t.nets(func(n *creditnotes.Note) bool { return n.RunID == run.ID && n.State == creditnotes.Draft })
		t.eraseDraft(run)
		return t.advance(run, run.Stage, creditnotes.StageDiscarded, who)
	})
}

// failure is one now, with a reference where there are no faults. The reference
// is made of what it is about, so that tests see the same one again.
func (t *tx) failure(about string, faults fault.List) creditnotes.Failure {
	f := creditnotes.Failure{At: t.now}
	for _, one := range faults {
		f.Faults = append(f.Faults, stored(one))
	}
	if len(faults) == 0 {
		sum := sha256.Sum256([]byte(about + t.now.String()))
		f.Reference = strings.ToUpper(hex.EncodeToString(sum[:4]))
	}
	return f
}

// FailRun implements creditnotes.RunStore.
func (s *Store) FailRun(ctx context.Context, runID int64, faults fault.List) (failure *creditnotes.Failure, err error) {
	err = s.write(ctx, func(t *tx) error {
		r := t.run(runID)
		f := t.failure(runName(r), faults)
		failure = &f
		if r != nil && !r.Stage.Done() {
			r.Failure = new(copied(f))
		}
		return nil
	})
	return failure, err
}

// FailMonth implements creditnotes.RunStore.
func (s *Store) FailMonth(ctx context.Context, month entities.Month, faults fault.List) (failure *creditnotes.Failure, err error) {
	err = s.write(ctx, func(t *tx) error {
		f := t.failure(string(month), faults)
		failure, t.MonthFailures[month] = &f, copied(f)
		return nil
	})
	return failure, err
}

// MonthFailures implements creditnotes.RunStore: by month.
func (s *Store) MonthFailures(context.Context) ([]creditnotes.MonthFailure, error) {
	list := []creditnotes.MonthFailure{}
	for month, f := range s.read().MonthFailures {
		list = append(list, creditnotes.MonthFailure{Month: month, Failure: copied(f)})
	}
	slices.SortFunc(list, func(a, b creditnotes.MonthFailure) int { return strings.Compare(string(a.Month), string(b.Month)) })
	return list, nil
}

// SecondPerson implements creditnotes.RunStore: Data.SamePersons says who counts
// as one person with whom.
func (s *Store) SecondPerson(_ context.Context, first, second string) error {
	same := s.read().SamePersons
	if same[first] == second && second != "" || same[second] == first && first != "" {
		return fault.New(fault.Forbidden, "persons_are_one", fault.Args{"first": first, "second": second})
	}
	return nil
}

// Proposals implements creditnotes.RunStore: the latest first.
func (s *Store) Proposals(_ context.Context, f creditnotes.ProposalFilter) (list []creditnotes.Proposal, err error) {
	for _, p := range slices.Backward(s.read().Proposals) {
		if (!f.Waiting || p.State == creditnotes.ProposalWaiting) && (f.Matter == "" || p.Matter == f.Matter) &&
			(f.Subject == "" || p.Subject == f.Subject) && (f.Limit == 0 || len(list) < f.Limit) {
			list = append(list, p)
		}
	}
	return list, nil
}

// RunByName implements creditnotes.RunStore.
func (s *Store) RunByName(_ context.Context, name string) (*creditnotes.Run, error) {
	d := s.read()
	for i := range d.Runs {
		if d.Runs[i].Name == name {
			return d.Runs[i].domain(), nil
		}
	}
	return nil, fault.New(fault.NotFound, "run_unknown", fault.Args{"run": name})
}

// Runs implements creditnotes.RunStore: the latest first.
func (s *Store) Runs(context.Context) ([]creditnotes.Run, error) { return s.read().allRuns(), nil }

func (d *Data) allRuns() (list []creditnotes.Run) {
	for i := range slices.Backward(d.Runs) {
		list = append(list, *d.Runs[i].domain())
	}
	return list
}

// OwnerResults implements creditnotes.RunStore: by the id of the owner.
func (s *Store) OwnerResults(_ context.Context, runID int64) (list []creditnotes.OwnerResult, err error) {
	d := s.read()
	for _, o := range d.Owners {
		if o.RunID == runID {
			result := copied(o.OwnerResult)
			result.Owner = d.ownerKey(o.OwnerID)
			list = append(list, result)
		}
	}
	slices.SortFunc(list, func(a, b creditnotes.OwnerResult) int { return int(a.OwnerID - b.OwnerID) })
	return list, nil
}

// Holds implements creditnotes.RunStore: by the id of the session.
func (s *Store) Holds(_ context.Context, runID int64) ([]creditnotes.Hold, error) {
	d := s.read()
	return d.named(d.Holds, runID)
}

// Warnings implements creditnotes.RunStore: by the id of the session.
func (s *Store) Warnings(_ context.Context, runID int64) ([]creditnotes.Hold, error) {
	d := s.read()
	return d.named(d.Warnings, runID)
}

var errSessionGone = errors.New("a session is gone")

func (d *Data) named(rows []Hold, runID int64) (list []creditnotes.Hold, err error) {
	for _, row := range rows {
		if row.RunID != runID {
			continue
		}
		v := d.session(row.SessionID)
		if v == nil {
			return nil, errSessionGone
		}
		h := creditnotes.Hold{
			SessionID: v.ID, Session: v.ExternalID, Owner: d.ownerKey(row.OwnerID), OwnerID: row.OwnerID,
			Reason: row.Reason, Energy: v.worth(), OtherID: row.OtherID,
		}
		if other := d.session(row.OtherID); other != nil {
			h.Other = other.ExternalID
		}
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b creditnotes.Hold) int { return int(a.SessionID - b.SessionID) })
	return list, nil
}

// RunNotes implements creditnotes.RunStore.
func (s *Store) RunNotes(_ context.Context, runID int64) ([]*creditnotes.Note, error) {
	return s.read().notesWhere(func(n *creditnotes.Note) bool { return n.RunID == runID && n.Cancels == 0 }), nil
}

// eraseDraft throws away what a run drafted.
func (t *tx) eraseDraft(run *creditnotes.Run) {
	ofRun := map[int64]bool{}
	for i := range t.Notes {
		if t.Notes[i].RunID == run.ID {
			ofRun[t.Notes[i].ID] = true
		}
	}
	for use, note := range t.CarryUses {
		if ofRun[note] {
			delete(t.CarryUses, use)
		}
	}
	t.Lines = slices.DeleteFunc(t.Lines, func(l Line) bool { return l.RunID == run.ID })
	t.Own = slices.DeleteFunc(t.Own, func(c OwnCharge) bool { return c.RunID == run.ID })
	t.OwnWaits = slices.DeleteFunc(t.OwnWaits, func(h Hold) bool { return h.RunID == run.ID })
	t.Notes = slices.DeleteFunc(t.Notes, func(n creditnotes.Note) bool { return n.RunID == run.ID })
	t.Contracts = slices.DeleteFunc(t.Contracts, func(c RunContracts) bool { return c.RunID == run.ID })
	t.Holds = slices.DeleteFunc(t.Holds, func(h Hold) bool { return h.RunID == run.ID })
	t.Warnings = slices.DeleteFunc(t.Warnings, func(h Hold) bool { return h.RunID == run.ID })
	t.Owners = slices.DeleteFunc(t.Owners, func(o OwnerResult) bool { return o.RunID == run.ID })
	for i := range t.Runs { // what it settled is open again, also for the runs that came after it
		if t.Runs[i].ID >= run.ID {
			t.Runs[i].SettledUntil = time.Time{}
		}
	}
}
