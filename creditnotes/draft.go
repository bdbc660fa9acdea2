package creditnotes

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// draftTarget is where a shard's draft goes: into the store, or nowhere for a
// preview.
type draftTarget interface {
	NoteIDs(ctx context.Context, n int) (int64, error)
	WriteDraft(ctx context.Context, fn func(DraftWriter) error) error
}

// draftKeeper writes a draft into the store.
type draftKeeper struct {
	store DraftStore
	run   *Run
}

func (k *draftKeeper) NoteIDs(ctx context.Context, n int) (int64, error) {
	return k.store.NoteIDs(ctx, n)
}

func (k *draftKeeper) WriteDraft(ctx context.Context, fn func(DraftWriter) error) error {
	return k.store.WriteDraft(ctx, k.run, fn)
}

// draftJob is what all shards of a draft share; it is only read.
type draftJob struct {
	runner      *Runner
	plan        *Plan
	run         *Run
	target      draftTarget
	reversals   *reversals
	waiting     Waiting
	carried     waitingSums // that go on credit notes
	charged     waitingSums // that go on fee invoices
	offsets     map[string]map[string][]Offset
	noted       map[int64]bool
	months      *months
	awaited     map[int64]bool // sessions that an earlier run held until their money arrives
	cancelled   map[int64]CancelledCredit
	media       *ownMedia
	records     map[string][]*CustomRecord // by owner
	ownReplaced *replacedCharges
	logos       map[string][]byte // that the notes are printed with, by SHA-256
	signs       *signs            // nil but for the readiness check
	only        []int64           // versions of sessions that are looked at for own charging; nil: all
}

// draft decides what becomes of every open session, shard by shard, each in a
// transaction of its own, several at once.
func (r *Runner) draft(ctx context.Context, plan *Plan, run *Run, done map[int64]bool, target draftTarget) error {
	return r.draftNoting(ctx, plan, run, done, target, nil)
}

// draftNoting is draft that also notes what would be printed otherwise than it is
// written.
func (r *Runner) draftNoting(ctx context.Context, plan *Plan, run *Run, done map[int64]bool, target draftTarget, found *signs) error {
	job, err := r.draftJob(ctx, plan, run, target)
	if err != nil {
		return err
	}
	if err := r.failObjectors(ctx, plan); err != nil {
		return err
	}
	if err := r.failLeftOut(ctx, plan, run); err != nil {
		return err
	}
	job.signs = found
	shards, err := r.shards(ctx, plan, done)
	if err != nil {
		return err
	}
	return job.all(ctx, shards, job.draftShard)
}

// shards are the pieces of a month, with that of sessions without an owner,
// without who is drafted already.
func (r *Runner) shards(ctx context.Context, plan *Plan, done map[int64]bool) ([]*shard, error) {
	shards := plan.shards(done)
	if done[NeverOwned] {
		return shards, nil
	}
	unclaimed, err := r.Store.UnclaimedConnectors(ctx)
	return append(shards, plan.ownerless(unclaimed)), err
}

func (r *Runner) draftJob(ctx context.Context, plan *Plan, run *Run, target draftTarget) (*draftJob, error) {
	replaced, err := r.Store.PendingReversals(ctx, run, plan.query(run))
	if err != nil {
		return nil, err
	}
	waiting, err := r.waiting(ctx, plan, run)
	if err != nil {
		return nil, err
	}
	sums, err := r.Store.CarriedForward(ctx)
	if err != nil {
		return nil, err
	}
	offsets, err := r.Store.Offsets(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.freeze(ctx, plan, run); err != nil {
		return nil, err
	}
	months, err := r.months(ctx, plan, run)
	if err != nil {
		return nil, err
	}
	charges, err := r.Store.ReplacedCharges(ctx, run, plan.query(run))
	if err != nil {
		return nil, err
	}
	records, err := r.Store.CustomRecords(ctx, run.Month)
	if err != nil {
		return nil, err
	}
	plan.include(replaced, sums, months, charges, records)
	awaited, err := r.awaited(ctx, plan, run)
	if err != nil {
		return nil, err
	}
	noted, err := r.Store.NotedOwners(ctx, run)
	if err != nil {
		return nil, err
	}
	cancelled, err := r.Store.CancelledCredits(ctx)
	if err != nil {
		return nil, err
	}
	logos, err := r.logosOf(ctx, &run.Settings)
	return &draftJob{
		runner: r, plan: plan, run: run, target: target, reversals: newReversals(replaced, plan), waiting: waiting,
		carried: newWaitingSums(sums, numbering.CreditNote, plan), charged: newWaitingSums(sums, numbering.Invoice, plan),
		offsets: offsets, noted: noted, months: months, awaited: awaited, cancelled: cancelled, media: plan.ownMedia(), ownReplaced: newReplacedCharges(charges, plan), records: recordsBy(records), logos: logos,
	}, err
}

// awaited are the sessions that an earlier run held until their money arrives,
// where a contract says so.
func (r *Runner) awaited(ctx context.Context, plan *Plan, run *Run) (map[int64]bool, error) {
	collected := func(c settlement.Contract) bool { return c.SettleOn == settlement.Collected }
	if !slices.ContainsFunc(plan.Config.Contracts, collected) {
		return nil, nil
	}
	return r.Store.Awaited(ctx, run)
}

// all drafts the shards with several workers; the first error stops them.
func (j *draftJob) all(ctx context.Context, shards []*shard, draft func(context.Context, *shard) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan *shard)
	var workers sync.WaitGroup
	var mu sync.Mutex
	finished := 0
	for range min(j.runner.workers(), len(shards)) {
		workers.Go(func() {
			for s := range queue {
				if err := recovered(func() error { return draft(ctx, s) }); err != nil {
					cancel(err)
					return
				}
				mu.Lock()
				finished++
				j.runner.progress(StageDrafting, finished, len(shards))
				mu.Unlock()
			}
		})
	}
	for _, s := range shards {
		select {
		case queue <- s:
		case <-ctx.Done():
		}
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// draftShard drafts one shard. When an owner turns out to be broken while its
// sessions are priced, everything is rolled back and the shard drafted again
// without it, so that the others go on.
func (j *draftJob) draftShard(ctx context.Context, s *shard) error {
	ids, err := j.reserveIDs(ctx, s)
	if err != nil {
		return err
	}
	for {
		err := j.target.WriteDraft(ctx, func(w DraftWriter) error { return j.write(ctx, w, s, ids) })
		if !errors.Is(err, errOwnerFailed) {
			return err
		}
	}
}

func (j *draftJob) write(ctx context.Context, w DraftWriter, s *shard, firstID int64) error {
	ids := &noteIDs{next: firstID}
	d, err := j.copyLines(ctx, w, s, ids)
	if err != nil {
		return err
	}
	own, err := j.ownCharging(ctx, d)
	if err != nil {
		return err
	}
	return j.save(w, d, own, ids)
}

// copyLines writes the lines of a shard.
func (j *draftJob) copyLines(ctx context.Context, w DraftWriter, s *shard, ids *noteIDs) (*drafter, error) {
	cursor, err := j.runner.Store.OpenSessions(ctx, j.query(s))
	if err != nil {
		return nil, err
	}
	defer cursor.Close()
	d := newDrafter(j.plan, j.run, s, cursor, j.reversals.forShard(), ids)
	d.signs, d.settler.awaited, d.cancelled = j.signs, j.awaited, j.cancelled
	if err := w.CopyLines(d); err != nil {
		return nil, errors.Join(d.err, err)
	}
	return d, d.err
}

// query asks for the sessions of a shard.
func (j *draftJob) query(s *shard) SessionQuery {
	q := j.plan.query(j.run)
	q.Connectors, q.Since = s.places, j.waiting.Since
	for _, connector := range s.places {
		q.Waiting = append(q.Waiting, j.waiting.ByConnector[connector]...)
	}
	return q
}

// query asks for what a run looks at, at no connector yet. Sessions of later
// months that end in the future are held by every run, as long as the rule
// holds (domain.md §3.5): their own month may never come.
func (p *Plan) query(run *Run) SessionQuery {
	from, until := run.Period(p.Network.Zone())
	q := SessionQuery{From: from, Until: until, Cutoff: run.Cutoff, Drivers: len(p.Config.Contracts) > 0 || p.Book.Sells()}
	if run.Settings.Modes.Of(sessions.RuleFuture) == sessions.Hold {
		q.Future = run.Cutoff.Add(time.Duration(p.maxFutureHours()) * time.Hour)
		if last := until.Add(-time.Microsecond); q.Future.Before(last) {
			q.Future = last
		}
	}
	return q
}

// maxFutureHours is the largest limit that anyone has: what ends later is
// in the future under every limit.
func (p *Plan) maxFutureHours() int {
	most := p.Config.Settings.Limits[sessions.RuleFuture]
	for i := range p.Config.Entities {
		most = max(most, p.Config.Entities[i].Limits[sessions.RuleFuture])
	}
	for i := range p.Config.Partners {
		most = max(most, p.Config.Partners[i].Limits[sessions.RuleFuture])
	}
	return most
}

// waiting finds what is open from before, for a draft of all connectors.
func (r *Runner) waiting(ctx context.Context, plan *Plan, run *Run) (Waiting, error) {
	return r.Store.Waiting(ctx, run.Cutoff, plan.query(run).Until)
}

// reserveIDs takes an id for every note the shard could make: two credit notes
// and two fee invoices per group and currency, for what is subject to VAT and
// what is not.
func (j *draftJob) reserveIDs(ctx context.Context, s *shard) (int64, error) {
	currencies := map[string]bool{lastCurrency: true}
	for _, e := range j.plan.Config.Entities { // of notes over nothing
		currencies[e.Currency] = true
	}
	for _, rate := range j.plan.Config.Tariffs.CostRates {
		currencies[rate.Currency] = true
	}
	for _, list := range j.reversals.byCurrent {
		for _, old := range list {
			currencies[old.Currency] = true
		}
	}
	for _, waiting := range []waitingSums{j.carried, j.charged} {
		for _, sums := range waiting {
			for _, sum := range sums {
				currencies[sum.from.Currency] = true
			}
		}
	}
	for _, list := range j.records {
		for _, record := range list {
			currencies[record.Currency] = true
		}
	}
	for key := range j.months.held {
		currencies[key.currency] = true
	}
	for i := range j.plan.Config.Contracts {
		currencies[j.plan.Config.Contracts[i].Currency] = true
	}
	n := 4 * len(s.groups) * len(currencies)
	if n == 0 {
		return 0, nil
	}
	return j.target.NoteIDs(ctx, n)
}

func (j *draftJob) save(w DraftWriter, d *drafter, own *ownBilling, ids *noteIDs) error {
	c := &composer{
		plan: j.plan, run: j.run, texts: j.runner.Texts, carried: j.carried, charged: j.charged, offsets: j.offsets, noted: j.noted,
		months: j.months, own: own, records: j.records, ids: ids,
	}
	notes, err := c.compose(d)
	if err != nil {
		return err
	}
	if err := j.printable(notes, d); err != nil {
		return err
	}
	if err := w.SaveContracts(j.plan.frozenIn(notes)); err != nil {
		return err
	}
	paths := slices.SortedFunc(maps.Values(d.paths), func(a, b *tariffs.Path) int { return cmp.Compare(a.ID, b.ID) })
	if err := w.SavePaths(paths); err != nil {
		return err
	}
	if err := w.SaveDrafts(notes); err != nil {
		return err
	}
	if err := own.save(w); err != nil {
		return err
	}
	if err := w.SaveHolds(d.holds); err != nil {
		return err
	}
	if err := w.SaveWarnings(d.warned); err != nil {
		return err
	}
	if page, ok := w.(*previewShard); ok {
		page.longAgo, page.ofOld = d.longAgo, d.ofOld
	}
	return w.SaveOwners(d.results())
}

// results is the control sheet of every owner of the shard, also of those
// without a session: that they are written says that they are drafted.
func (d *drafter) results() []OwnerResult {
	var list []OwnerResult
	for _, o := range d.shard.allOwners() {
		result := OwnerResult{Owner: o.entity.Key, OwnerID: o.entity.ID, Failed: o.failed}
		if sheet := d.sums.sheets[o.entity]; sheet != nil {
			result.Control = *sheet
		}
		list = append(list, result)
	}
	none := d.sums.sheets[(*entities.Entity)(nil)]
	if d.shard.ownerless || none != nil {
		result := OwnerResult{OwnerID: NotOwnedYet}
		if d.shard.ownerless {
			result.OwnerID = NeverOwned
		}
		if none != nil {
			result.Control = *none
		}
		list = append(list, result)
	}
	return list
}
