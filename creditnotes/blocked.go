package creditnotes

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/sessions"
)

// nameOthers fills in the names of the sessions that others overlap.
func (r *Runner) nameOthers(ctx context.Context, lists ...[]Hold) error {
	others, err := r.others(ctx, lists...)
	if err != nil {
		return err
	}
	for _, list := range lists {
		for i := range list {
			if other, ok := others[list[i].OtherID]; ok {
				list[i].Other = other.ExternalID
			}
		}
	}
	return nil
}

// others finds the sessions that others overlap.
func (r *Runner) others(ctx context.Context, lists ...[]Hold) (map[int64]sessions.Session, error) {
	var ids []int64
	for _, list := range lists {
		for _, h := range list {
			if h.OtherID != 0 {
				ids = append(ids, h.OtherID)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	slices.Sort(ids)
	return r.Store.SessionsByID(ctx, slices.Compact(ids))
}

// Blocker is a session that others are held for, because they overlap it.
type Blocker struct {
	SessionID int64
	Session   string // external id
	Count
}

// Blockers lists the sessions that others of a list overlap, those first that
// concern most energy: one session that never stopped may hold a month of real
// ones.
func Blockers(list []Hold) []Blocker {
	byID := map[int64]*Blocker{}
	for _, h := range list {
		if h.OtherID == 0 {
			continue
		}
		if byID[h.OtherID] == nil {
			byID[h.OtherID] = &Blocker{SessionID: h.OtherID, Session: h.Other}
		}
		byID[h.OtherID].Add(h.Energy)
	}
	blockers := make([]Blocker, 0, len(byID))
	for b := range maps.Values(byID) {
		blockers = append(blockers, *b)
	}
	slices.SortFunc(blockers, func(a, b Blocker) int {
		return cmp.Or(cmp.Compare(b.Energy, a.Energy), cmp.Compare(a.SessionID, b.SessionID))
	})
	return blockers[:min(maxNamed, len(blockers))]
}

// blockers points out the sessions that others are held for.
func (o *Readiness) blockers(holds []Hold, others map[int64]sessions.Session, zone *time.Location) {
	const minutes = "2006-01-02 15:04"
	for _, b := range Blockers(holds) {
		other := others[b.SessionID]
		o.add(Warns, fault.New(fault.NotReady, "session_blocks", fault.Args{
			"session": other.ExternalID, "energy": other.Energy.String(),
			"from": other.Start.In(zone).Format(minutes), "to": other.End.In(zone).Format(minutes),
			"count": b.Sessions, "held": b.Energy.String(),
		}))
	}
}

// longAgo names excluded sessions that ended more than 400 days before they
// were received: closed for good, perhaps because of a clock (domain.md §3.5).
func (o *Readiness) longAgo(list []Hold, count int) {
	if count == 0 {
		return
	}
	slices.SortFunc(list, byOwner)
	var names []string
	for _, h := range list[:min(maxNamed, len(list))] {
		names = append(names, h.Session)
	}
	if count > len(names) {
		names = append(names, "…")
	}
	o.add(Warns, fault.New(fault.NotReady, "sessions_long_ago", fault.Args{"count": count, "sessions": strings.Join(names, ", ")}))
}

// Blocked returns the ids of the open sessions that are held because they
// overlap a session, whatever month they belong to and whether that was run or
// not. It is a Conflict fault when there are none.
func (r *Runner) Blocked(ctx context.Context, blocker *sessions.Session) ([]int64, error) {
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(config)
	if err != nil {
		return nil, err
	}
	// What begins before the blocker ends is over a month later, or too long.
	run := r.newRun(Request{Month: entities.MonthOf(blocker.End.AddDate(0, 1, 0), zone)}, config)
	plan, err := r.plan(run, config)
	if err != nil {
		return nil, err
	}
	plan.forgetObstacles()
	for {
		ids, err := r.blockedAt(ctx, plan, run, blocker)
		if err == nil && len(ids) == 0 {
			err = fault.New(fault.Conflict, "session_blocks_nothing", fault.Args{"session": blocker.ExternalID})
		}
		if !errors.Is(err, errOwnerFailed) {
			return ids, err
		}
	}
}

func (r *Runner) blockedAt(ctx context.Context, plan *Plan, run *Run, blocker *sessions.Session) (ids []int64, err error) {
	q := plan.query(run)
	q.Connectors, q.Since = []int64{blocker.ConnectorID}, blocker.Start
	cursor, err := r.Store.OpenSessions(ctx, q)
	if err != nil {
		return nil, err
	}
	defer cursor.Close()
	d := newDrafter(plan, run, plan.oneShard(), cursor, newReversals(nil, plan).forShard(), &noteIDs{})
	for d.Next() {
	}
	for _, h := range d.holds {
		if h.OtherID == blocker.ID {
			ids = append(ids, h.SessionID)
		}
	}
	return ids, d.Err()
}
