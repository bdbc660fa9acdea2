package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"creditrun/creditnotes"
)

// rescueEvery is how often jobs are looked for that no process works on any more.
const rescueEvery = 3 * time.Second

// working are the jobs that this process works on.
type working struct {
	mu   sync.Mutex
	jobs map[int64]bool
	lost map[int64]bool // the database says so at the last look, and it is not true
}

func (w *working) begin(id int64) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.jobs == nil {
		w.jobs = map[int64]bool{}
	}
	w.jobs[id] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.jobs, id)
	}
}

// abandoned returns those of our jobs that no worker has, for the second time:
// at the first look a job may just be on its way to its worker or into the
// database. It happens when the database does not answer at the end of a job.
func (w *working) abandoned(ours []int64) (list []int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost := map[int64]bool{}
	for _, id := range ours {
		switch {
		case w.jobs[id]:
		case w.lost[id]:
			list = append(list, id)
		default:
			lost[id] = true
		}
	}
	w.lost = lost
	return list
}

// runningJob is a job that some process has taken.
type runningJob struct {
	ID         int64
	Kind, Args string
	By         string // the process that took it last
}

var runningJobs = map[dialect]string{
	postgresDialect: `SELECT id, kind, args::text, coalesce(attempted_by[array_upper(attempted_by, 1)], '')
		FROM river_job WHERE state = 'running' ORDER BY id`,
	sqliteDialect: `SELECT id, kind, json(args), coalesce(json_extract(attempted_by, '$[#-1]'), '')
		FROM river_job WHERE state = 'running' ORDER BY id`,
}

// rescue puts jobs back into the queue that were taken by processes that are
// gone or did not say that they live for as long as a lease lasts, and those of this
// process that it does not work on. It returns how many.
func (s *Store) rescue(ctx context.Context) (n int, err error) {
	jobs, err := collect(ctx, s.readSQL, func(j *runningJob) []any { return []any{&j.ID, &j.Kind, &j.Args, &j.By} }, runningJobs[s.dialect])
	if err != nil {
		return 0, err
	}
	known, err := find[peerRow](s.db(ctx))
	if err != nil {
		return 0, err
	}
	now, err := s.databaseNow(s.db(ctx))
	if err != nil {
		return 0, err
	}
	var back []runningJob
	var ours []int64
	for _, j := range jobs {
		i := slices.IndexFunc(known, func(p peerRow) bool { return p.ID == j.By })
		switch {
		case j.By == s.process:
			ours = append(ours, j.ID)
		case i < 0 && len(j.By) != len(s.process): // taken by a version that did not make itself known: the queue itself comes back to it
		case i < 0, known[i].gone(s.dialect), known[i].silent(now):
			back = append(back, j)
		}
	}
	abandoned := s.working.abandoned(ours)
	for _, j := range jobs {
		if slices.Contains(abandoned, j.ID) {
			back = append(back, j)
		}
	}
	if len(back) == 0 {
		return 0, s.hasten(ctx)
	}
	return len(back), s.inTx(ctx, func(tx *Tx) error { return tx.putBack(back) })
}

// putBack makes jobs available again, as if they had not been tried.
func (tx *Tx) putBack(jobs []runningJob) error {
	var mailings []int64
	for _, j := range jobs {
		_, err := tx.exec("UPDATE river_job SET state = 'available', attempt = CASE WHEN attempt > 0 THEN attempt - 1 ELSE 0 END WHERE id = $1 AND state = 'running'", j.ID)
		if err != nil {
			return fmt.Errorf("put back job %d: %w", j.ID, err)
		}
		var args deliverJob
		if j.Kind == args.Kind() && json.Unmarshal([]byte(j.Args), &args) == nil {
			mailings = append(mailings, args.DeliveryID)
		}
	}
	// No process sends these any more: they need not be given time to be sent.
	for _, id := range mailings {
		_, err := tx.exec("UPDATE deliveries SET sending_at = $1 WHERE id = $2 AND state = $3", time.Unix(0, 0), id, string(creditnotes.DeliverySending))
		if err != nil {
			return fmt.Errorf("mailing %d: %w", id, err)
		}
	}
	return nil
}

// hasten corrects jobs that wait for a time to come although they are due: they
// were queued before the clock was set back.
func (s *Store) hasten(ctx context.Context) error {
	late, now := "now() + interval '1 minute'", "now()"
	if s.dialect == sqliteDialect {
		late, now = "datetime('now', '+1 minute', 'subsec')", "datetime('now', 'subsec')"
	}
	var any bool
	where := " FROM river_job WHERE state = 'available' AND scheduled_at > " + late
	if err := s.readSQL.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1"+where+")").Scan(&any); err != nil || !any {
		return translateError(err)
	}
	return s.inTx(ctx, func(tx *Tx) error {
		_, err := tx.exec("UPDATE river_job SET scheduled_at = " + now + " WHERE state = 'available' AND scheduled_at > " + late)
		return err
	})
}

// rescueUntil rescues every few seconds until the context ends. While the
// database does not answer it goes on trying.
func (s *Store) rescueUntil(ctx context.Context) {
	tick := time.NewTicker(s.rescueEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			patient, done := context.WithTimeout(ctx, time.Minute)
			if n, err := s.rescue(patient); err == nil && n > 0 {
				s.log.Warn("took up jobs that a process left behind", "jobs", n)
			}
			done()
		}
	}
}

// JobHolders names the other processes that render documents.
func (s *Store) JobHolders(ctx context.Context) ([]string, error) {
	jobs, err := collect(ctx, s.readSQL, func(j *runningJob) []any { return []any{&j.ID, &j.Kind, &j.Args, &j.By} }, runningJobs[s.dialect])
	if err != nil {
		return nil, err
	}
	var names []string
	for _, j := range jobs {
		if j.By == s.process || j.Kind != (renderJob{}).Kind() {
			continue
		}
		p, err := peerByID(s.db(ctx), j.By)
		if err != nil {
			return nil, err
		}
		if p != nil && !slices.Contains(names, p.identity().String()) {
			names = append(names, p.identity().String())
		}
	}
	return names, nil
}

// JobAge is how long the oldest job of a queue has been due and not done.
type JobAge struct {
	Queue  string
	Jobs   int           // that are due or under way
	Oldest time.Duration // since it was queued
}

// lateAfter is how old the oldest job of a queue may be before something is
// wrong: rendering takes seconds, a mail server may be slow.
var lateAfter = map[string]time.Duration{renderQueue: 10 * time.Minute, mailQueue: time.Hour, noticeQueue: time.Hour, hookQueue: time.Hour}

// Late reports whether the jobs are older than they should be.
func (a JobAge) Late() bool { return a.Oldest > lateAfter[a.Queue] && lateAfter[a.Queue] > 0 }

// JobAges says of each queue how old its oldest job is that waits for a worker
// or is under way. A job that is put off until later is not late; one that was
// tried in vain and is tried again is as old as it is.
func (s *Store) JobAges(ctx context.Context) ([]JobAge, error) {
	age := "CAST(extract(epoch FROM now() - min(created_at)) AS bigint)"
	if s.dialect == sqliteDialect {
		age = "CAST(strftime('%s', 'now') AS integer) - CAST(strftime('%s', min(created_at)) AS integer)"
	}
	list := []JobAge{{Queue: renderQueue}, {Queue: mailQueue}, {Queue: noticeQueue}, {Queue: hookQueue}}
	rows, err := collect(ctx, s.readSQL, func(a *JobAge) []any { return []any{&a.Queue, &a.Jobs, (*int64)(&a.Oldest)} },
		"SELECT queue, count(*), "+age+" FROM river_job WHERE state IN ('available', 'running', 'retryable') GROUP BY queue")
	for _, r := range rows {
		if i := slices.IndexFunc(list, func(a JobAge) bool { return a.Queue == r.Queue }); i >= 0 {
			list[i].Jobs, list[i].Oldest = r.Jobs, max(0, r.Oldest*time.Duration(time.Second))
		}
	}
	return list, err
}
