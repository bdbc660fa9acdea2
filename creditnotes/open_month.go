package creditnotes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"creditrun/entities"
)

// OpenMonth keeps the open month right. There is one in a process; several
// processes may do it at the same time.
type OpenMonth struct {
	Runner *Runner
	Store  OpenStore

	refreshing sync.Mutex
	plan       *openPlan // of the last refresh

	mu     sync.Mutex
	right  time.Time // when this process last found it right
	tree   *entities.Tree
	treeOf string      // the basis of the tree
	told   *MonthSoFar // of a book
	toldOf OpenBook
}

func (o *OpenMonth) rightAt(now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.right = now
}

// openPlan is what a book goes by, compiled.
type openPlan struct {
	*Plan
	basis  string // without the month
	month  entities.Month
	months *months
	media  *ownMedia
}

// sweepEvery is how often what waits for its time is looked at again.
const sweepEvery = time.Minute

// Refresh brings the book up to date, as far as anything has changed, and returns
// it; nil where there is none, because another process is making the first, or a
// run is being drafted. Faults are those of a configuration that contradicts
// itself.
func (o *OpenMonth) Refresh(ctx context.Context) (*OpenBook, error) {
	o.refreshing.Lock()
	defer o.refreshing.Unlock()
	for {
		state, err := o.Store.OpenState(ctx)
		if err != nil || state.Drafting {
			return state.Book, err
		}
		plan, err := o.planOf(ctx, &state)
		if err != nil {
			return state.Book, err
		}
		basis := string(plan.month) + " " + state.Basis
		if state.Book == nil || state.Book.Basis != basis {
			return o.makeAnew(ctx, plan, OpenBook{Month: plan.month, Basis: basis, Cursor: state.Cursor})
		}
		again, err := o.update(ctx, plan, &state)
		if err == nil && !again {
			o.rightAt(o.Runner.Now())
		}
		if !again {
			return state.Book, err
		}
	}
}

// planOf compiles what the book goes by, unless that stands from before.
func (o *OpenMonth) planOf(ctx context.Context, state *OpenState) (*openPlan, error) {
	r := o.Runner
	if p := o.plan; p != nil && p.basis == state.Basis && p.month == entities.MonthOf(r.Now(), p.Network.Zone()) {
		return p, nil
	}
	config, err := r.Store.Configuration(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := zoneOf(config)
	if err != nil {
		return nil, err
	}
	run := r.newRun(Request{Month: entities.MonthOf(r.Now(), zone)}, config)
	plan, err := r.plan(run, config)
	if err != nil {
		return nil, err
	}
	if err := r.freeze(ctx, plan, run); err != nil {
		return nil, err
	}
	p := &openPlan{Plan: plan, basis: state.Basis, month: run.Month}
	if p.months, err = r.months(ctx, plan, run); err != nil {
		return nil, err
	}
	p.months.begin(run.Month.Prev(), plan.firstMonth())
	everyone := func(e *entities.Entity) bool { return e != plan.Network.Operator() }
	plan.group(everyone)
	plan.forgetObstacles()
	for _, g := range plan.groups {
		for _, one := range g.owners {
			one.due = true
		}
	}
	p.media = plan.ownMedia()
	if b := state.Book; b != nil {
		failed, err := o.Store.OpenFailed(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		plan.failAgain(failed)
	}
	o.plan = p
	return p, nil
}

// begin lets a month count that no run has begun yet, where the next run is one of
// it: an earlier month was run, or the start date lies in it or before.
func (m *months) begin(month, first entities.Month) {
	due := !first.IsZero() && !month.Before(first) || first.IsZero() && len(m.begun) > 1
	if due && !slices.Contains(m.begun, month) {
		m.begun = append([]entities.Month{month}, m.begun...)
		slices.Sort(m.begun)
	}
}

// failAgain lets owners fail that failed when their sessions were priced.
func (p *Plan) failAgain(ids []int64) {
	for _, g := range p.groups {
		for _, o := range g.owners {
			if slices.Contains(ids, o.entity.ID) {
				o.failed = asFault(errOwnerFailed)
			}
		}
	}
}

// openChunk is how many connectors one transaction takes on.
const openChunk = 50

// makeAnew makes a whole book. Where an owner turns out to be broken, it begins
// again without that owner.
func (o *OpenMonth) makeAnew(ctx context.Context, plan *openPlan, b OpenBook) (*OpenBook, error) {
	for {
		b.AsOf = o.Runner.Now()
		b.Swept = b.AsOf
		id, mine, err := o.Store.BeginBook(ctx, b)
		if err != nil || !mine {
			return nil, err
		}
		b.ID = id
		err = o.fill(ctx, plan, &b)
		if err == nil {
			b.Changed = 1
			return &b, o.entries(ctx, plan, &b)
		}
		if removed := o.Store.RemoveBook(context.WithoutCancel(ctx), id); removed != nil || !errors.Is(err, errOwnerFailed) {
			return nil, errors.Join(err, removed)
		}
	}
}

// fill writes the lines of all sessions that are open, some connectors at a time.
func (o *OpenMonth) fill(ctx context.Context, plan *openPlan, b *OpenBook) error {
	job, err := o.job(ctx, plan, b.AsOf, nil)
	if err != nil {
		return err
	}
	unclaimed, err := o.Runner.Store.UnclaimedConnectors(ctx)
	if err != nil {
		return err
	}
	places := slices.Clone(unclaimed)
	for _, place := range plan.Network.AllPlaces() {
		places = append(places, place.Connector.ID)
	}
	slices.Sort(places)
	used := map[*Reversal]bool{} // by the chunks before
	for chunk := range slices.Chunk(append(places, 0), openChunk) {
		s := plan.oneShard()
		s.places = chunk
		if chunk[len(chunk)-1] == 0 { // the last one takes back what stands alone
			s.groups = plan.groups
		}
		reversals := job.reversals.forShard()
		err := o.Store.WriteOpen(ctx, b.ID, func(w OpenWriter) error {
			reversals.used = maps.Clone(used)
			return o.copy(ctx, job, s, reversals, w)
		})
		if err != nil {
			return err
		}
		used = reversals.used
	}
	own, err := o.ownCharges(ctx, job, nil)
	if err != nil {
		return err
	}
	return o.Store.FinishBook(ctx, b.ID, own)
}

// copy writes the lines of some connectors, and what is held.
func (o *OpenMonth) copy(ctx context.Context, job *draftJob, s *shard, reversals *reversals, w OpenWriter) error {
	cursor, err := o.Runner.Store.OpenSessions(ctx, job.query(s))
	if err != nil {
		return err
	}
	defer cursor.Close()
	src := newOpenSource(job, s, cursor, reversals)
	if err := w.CopyOpenLines(src); err != nil || src.Err() != nil {
		return errors.Join(src.Err(), err)
	}
	return w.SaveOpenHolds(src.holds)
}

// job is what the chunks of a book share; only are the versions to look at, nil:
// all.
func (o *OpenMonth) job(ctx context.Context, plan *openPlan, now time.Time, only []int64) (*draftJob, error) {
	r := o.Runner
	run := r.newRun(Request{Month: plan.month}, plan.Config)
	run.Cutoff = now
	q := plan.query(run)
	q.Only = only
	replaced, err := r.Store.PendingReversals(ctx, run, q)
	if err != nil {
		return nil, err
	}
	charges, err := r.Store.ReplacedCharges(ctx, run, q)
	if err != nil {
		return nil, err
	}
	job := &draftJob{
		runner: r, plan: plan.Plan, run: run, reversals: newReversals(replaced, plan.Plan), months: plan.months, media: plan.media,
		ownReplaced: newReplacedCharges(charges, plan.Plan),
	}
	if only == nil {
		job.waiting, err = r.waiting(ctx, plan.Plan, run)
	}
	return job, err
}

// update brings a book up to date. It reports true where that is to be tried
// again: another process was faster, or an owner failed.
func (o *OpenMonth) update(ctx context.Context, plan *openPlan, state *OpenState) (again bool, err error) {
	b, now := state.Book, o.Runner.Now()
	sweep := now.Sub(b.Swept) >= sweepEvery
	if !state.Touched && !sweep && state.Cursor == b.Cursor {
		return false, nil
	}
	touched, err := o.Store.TouchedSessions(ctx, b, sweep)
	if err != nil {
		return false, err
	}
	u := &OpenUpdate{OpenTouched: touched, AsOf: now, Swept: b.Swept}
	if sweep {
		u.Swept = now
	}
	if len(touched.Sessions) > 0 {
		err := o.settle(ctx, plan, u)
		if errors.Is(err, errOwnerFailed) {
			o.plan = nil
			state.Book, err = o.makeAnew(ctx, plan, OpenBook{Month: b.Month, Basis: b.Basis, Cursor: touched.Cursor})
			return false, err
		}
		if err != nil {
			return false, err
		}
	}
	if done, err := o.Store.UpdateOpen(ctx, b, u); err != nil || !done {
		return err == nil, err
	}
	if len(touched.Sessions) == 0 && !touched.Beside {
		return false, nil
	}
	return false, o.entries(ctx, plan, b)
}

// settle finds the outcome of the touched sessions again.
func (o *OpenMonth) settle(ctx context.Context, plan *openPlan, u *OpenUpdate) error {
	job, err := o.job(ctx, plan, u.AsOf, u.Sessions)
	if err != nil {
		return err
	}
	q := plan.query(job.run)
	// Since lies after everything, so that these sessions are read and no others of
	// their connectors but what they may overlap.
	q.Connectors, q.Since, q.Waiting = u.Connectors, q.Until.AddDate(1, 0, 0), u.Sessions
	cursor, err := o.Runner.Store.OpenSessions(ctx, q)
	if err != nil {
		return err
	}
	defer cursor.Close()
	s := plan.oneShard()
	s.groups = plan.groups
	wanted := make(map[int64]bool, len(u.Sessions))
	for _, id := range u.Sessions {
		wanted[id] = true
	}
	src := newOpenSource(job, s, &wantedSessions{cursor, wanted}, job.reversals.forShard())
	for src.Next() {
		u.Lines = append(u.Lines, *src.OpenLine())
	}
	if src.Err() != nil {
		return src.Err()
	}
	u.Holds = src.holds
	u.Own, err = o.ownCharges(ctx, job, u.Sessions)
	return err
}

// wantedSessions lets only some sessions wait for an outcome.
type wantedSessions struct {
	SessionCursor
	wanted map[int64]bool
}

// Open implements SessionCursor.
func (w *wantedSessions) Open() bool { return w.wanted[w.Session().ID] && w.SessionCursor.Open() }

// openSource yields the lines of a drafter with what they are added up under.
type openSource struct {
	drafter *drafter
	zone    *time.Location
	queue   []OpenLine
	line    OpenLine
	holds   []Hold
}

func newOpenSource(job *draftJob, s *shard, cursor SessionCursor, reversals *reversals) *openSource {
	src := &openSource{zone: job.plan.Network.Zone()}
	src.drafter = newDrafter(job.plan, job.run, s, cursor, reversals, &noteIDs{})
	src.drafter.observer = src
	return src
}

// Next implements OpenLines.
func (s *openSource) Next() bool {
	for len(s.queue) == 0 {
		if !s.drafter.Next() {
			return false
		}
	}
	s.line, s.queue = s.queue[0], s.queue[1:]
	return true
}

// OpenLine implements OpenLines.
func (s *openSource) OpenLine() *OpenLine { return &s.line }

// Err implements OpenLines.
func (s *openSource) Err() error { return s.drafter.err }

// credited implements observer.
func (s *openSource) credited(l *Line, _ *owner, e entry) {
	one := OpenLine{
		Line: *l, For: e.of, Currency: e.currency, Station: e.station.Key, Contract: e.contract, Shared: e.shared, End: e.end,
		Day: entities.DateOf(e.end, s.zone),
	}
	one.NoteID, one.Correction = 0, e.correction
	if e.tax.account != nil {
		one.Tax = fmt.Sprintf("%s %s", e.tax.account.Key, e.tax.rate)
	}
	s.queue = append(s.queue, one)
}

// held implements observer.
func (s *openSource) held(h Hold) { s.holds = append(s.holds, h) }

// closed implements closer.
func (s *openSource) closed(h Hold) { s.holds = append(s.holds, h) }

// valuesHeld implements valuer.
func (s *openSource) valuesHeld() {}
