package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// Queues of background work.
const (
	renderQueue = "render"
	mailQueue   = "mail"
	noticeQueue = "notices"
)

// jobTimeout is how long one rendering or one mailing may take; a mail server
// may be slow at every step of a conversation.
const jobTimeout = 20 * time.Minute

// renderJob renders the files of a note.
type renderJob struct {
	NoteID int64 `json:"note"`
}

// Kind names the job in the queue.
func (renderJob) Kind() string { return "render_note" }

// deliverJob carries out one mailing. Its state is in deliveries.
type deliverJob struct {
	DeliveryID int64 `json:"delivery"`
}

// Kind names the job in the queue.
func (deliverJob) Kind() string { return "deliver_note" }

// jobQueue puts jobs into the queue, in the transaction that makes them due.
type jobQueue struct{ client *river.Client[*sql.Tx] }

func (s *Store) jobQueue() (*jobQueue, error) {
	client, err := s.jobClient(&river.Config{})
	if err != nil {
		return nil, fmt.Errorf("job queue: %w", err)
	}
	return &jobQueue{client}, nil
}

// jobClient makes a client for the database's driver.
func (s *Store) jobClient(config *river.Config) (*river.Client[*sql.Tx], error) {
	config.ID = s.process
	config.Logger = slog.New(slog.DiscardHandler) // its own talk; what goes wrong comes by Work.Failed
	if s.dialect == postgresDialect {
		return river.NewClient(riverdatabasesql.New(s.writeSQL), config)
	}
	return river.NewClient(riversqlite.New(s.writeSQL), config)
}

func (q *jobQueue) render(tx *Tx, notes []*creditnotes.Note) error {
	ids := make([]int64, len(notes))
	for i, note := range notes {
		ids[i] = note.ID
	}
	return q.renderIDs(tx, ids)
}

func (q *jobQueue) renderIDs(tx *Tx, ids []int64) error {
	jobs := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		jobs[i] = river.InsertManyParams{Args: renderJob{id}, InsertOpts: &river.InsertOpts{Queue: renderQueue}}
	}
	return q.insert(tx, jobs)
}

func (q *jobQueue) deliver(tx *Tx, ids []int64) error {
	jobs := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		jobs[i] = river.InsertManyParams{Args: deliverJob{id}, InsertOpts: &river.InsertOpts{Queue: mailQueue}}
	}
	return q.insert(tx, jobs)
}

func (q *jobQueue) insert(tx *Tx, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	_, err := q.client.InsertManyFastTx(tx.ctx, tx.sql, jobs)
	if err != nil {
		return fmt.Errorf("queue jobs: %w", translateError(err))
	}
	return nil
}

// Work is what background work does. A nil function is left to other
// processes. A failed job is tried again later.
type Work struct {
	Render  func(ctx context.Context, noteID int64) error
	Deliver func(ctx context.Context, deliveryID int64) error
	// Notify sends one notice.
	Notify func(ctx context.Context, noticeID int64) error
	// Post posts one event to one webhook.
	Post func(ctx context.Context, p Posting) PostReply
	// RenderWorkers, MailWorkers and WebhookWorkers are how many jobs run at
	// once.
	RenderWorkers, MailWorkers, WebhookWorkers int
	// SendingGrace is how old an unfinished sending must be before it counts
	// as that of a process that died.
	SendingGrace time.Duration
	// Failed, if set, is called with each failed try.
	Failed func(err error)
}

// StartWork takes jobs from the queue until stop is called; stop waits for the
// jobs that are under way, for a while, and then tells them to end. It first puts
// back into the queue what a process that is gone has left behind, and looks for
// more every few seconds, also after an outage of the database.
func (s *Store) StartWork(ctx context.Context, w Work) (stop func(), err error) {
	if err := s.seen(ctx); err != nil {
		return nil, err
	}
	if _, err := s.rescue(ctx); err != nil {
		return nil, err
	}
	if err := s.requeueLost(ctx, w); err != nil {
		return nil, err
	}
	workers, queues := river.NewWorkers(), map[string]river.QueueConfig{}
	if w.Render != nil {
		queues[renderQueue] = river.QueueConfig{MaxWorkers: max(1, w.RenderWorkers)}
		river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[renderJob]) error {
			defer s.working.begin(job.ID)()
			return w.report(w.Render(ctx, job.Args.NoteID))
		}))
	}
	if w.Deliver != nil {
		queues[mailQueue] = river.QueueConfig{MaxWorkers: max(1, w.MailWorkers)}
		river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[deliverJob]) error {
			defer s.working.begin(job.ID)()
			return s.later(w.report(s.whenConfirmed(ctx, func() error { return w.Deliver(ctx, job.Args.DeliveryID) })))
		}))
	}
	if w.Notify != nil {
		queues[noticeQueue] = river.QueueConfig{MaxWorkers: 1}
		river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[noticeJob]) error {
			defer s.working.begin(job.ID)()
			return s.later(w.report(s.whenConfirmed(ctx, func() error { return w.Notify(ctx, job.Args.NoticeID) })))
		}))
	}
	if w.Post != nil {
		queues[hookQueue] = river.QueueConfig{MaxWorkers: max(1, w.WebhookWorkers)}
		river.AddWorker(workers, river.WorkFunc(func(ctx context.Context, job *river.Job[hookJob]) error {
			defer s.working.begin(job.ID)()
			return s.whenConfirmed(ctx, func() error { return s.postEvent(ctx, w, job.Args.DeliveryID) })
		}))
	}
	client, err := s.jobClient(&river.Config{
		ErrorHandler: panics{w},
		Queues:       queues, Workers: workers, JobTimeout: jobTimeout, RescueStuckJobsAfter: 2 * jobTimeout,
		FetchCooldown: 20 * time.Millisecond, FetchPollInterval: 100 * time.Millisecond,
		CompletedJobRetentionPeriod: 24 * time.Hour,
	})
	if err != nil {
		return nil, fmt.Errorf("job queue: %w", err)
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	if err := client.Start(running); err != nil {
		cancel()
		return nil, fmt.Errorf("job queue: %w", err)
	}
	var rescuing sync.WaitGroup
	rescuing.Go(func() { s.rescueUntil(running) })
	return func() {
		defer rescuing.Wait()
		defer cancel()
		s.stopWork(context.WithoutCancel(ctx), client)
	}, nil
}

// whenConfirmed does a job that leaves the house, unless the database was
// restored and no one has confirmed it yet: the job waits then, which is no try.
func (s *Store) whenConfirmed(ctx context.Context, do func() error) error {
	err := confirmed(s.db(ctx))
	if fault.Is(err, fault.NotReady) {
		return river.JobSnooze(restorePause)
	}
	if err != nil {
		return err
	}
	return do()
}

// restorePause is how long jobs wait until they look again whether a restore is
// confirmed; confirming it queues them anew.
const restorePause = time.Minute

// How long jobs under way may go on after the process was told to stop, and how
// long they may take to end when they are told so.
const (
	finishTime = 12 * time.Second
	cancelTime = 5 * time.Second
)

func (s *Store) stopWork(ctx context.Context, client *river.Client[*sql.Tx]) {
	patience, done := context.WithTimeout(ctx, finishTime)
	defer done()
	if client.Stop(patience) == nil {
		return
	}
	patience, done = context.WithTimeout(ctx, cancelTime)
	defer done()
	if err := client.StopAndCancel(patience); err != nil {
		s.log.Warn("job queue did not stop in time", "err", err)
	}
}

func (w Work) report(err error) error {
	if snoozed := (*river.JobSnoozeError)(nil); errors.As(err, &snoozed) {
		return err
	}
	if err != nil && w.Failed != nil {
		w.Failed(err)
	}
	return err
}

// troublePause is how long a mail waits whose job failed for another reason
// than the mail server.
const troublePause = 30 * time.Second

// later has a mail that is not done tried again: when it is due, or after a
// short while. How often it is tried is counted with the mail and not in the
// job, which never runs out of attempts.
func (s *Store) later(err error) error {
	var due interface{ Due() time.Time }
	switch {
	case err == nil || errors.As(err, new(*river.JobSnoozeError)):
		return err
	case errors.As(err, &due):
		return river.JobSnooze(max(0, due.Due().Sub(s.now())))
	}
	return river.JobSnooze(troublePause)
}

// requeueLost queues again what has no result: notes without files, mailings
// that wait although their documents are stored, those whose sending was never
// finished, and notices and events that wait. A job that runs all the same finds nothing to
// do.
func (s *Store) requeueLost(ctx context.Context, w Work) error {
	return s.inTx(ctx, func(tx *Tx) error {
		queue, err := tx.jobs()
		if err != nil {
			return err
		}
		if w.Render != nil {
			if err := tx.requeueNotes(queue); err != nil {
				return err
			}
		}
		if w.Deliver != nil {
			if err := tx.requeueMailings(queue, w.SendingGrace); err != nil {
				return err
			}
		}
		if w.Notify != nil {
			if err := tx.requeueNotices(); err != nil {
				return err
			}
		}
		if w.Post != nil {
			return tx.requeueHooks()
		}
		return nil
	})
}

func (tx *Tx) requeueNotes(queue *jobQueue) error {
	notes, err := column[int64](tx.ctx, tx.sql,
		"SELECT n.id FROM credit_notes n WHERE "+unrendered+" ORDER BY n.id")
	if err != nil {
		return err
	}
	if err := tx.dropWaiting(renderJob{}.Kind()); err != nil {
		return err
	}
	return queue.renderIDs(tx, notes)
}

func (tx *Tx) requeueMailings(queue *jobQueue, grace time.Duration) error {
	mailings, err := column[int64](tx.ctx, tx.sql, `
		SELECT d.id FROM deliveries d
		WHERE `+sendable+` OR d.state = 'sending' AND d.sending_at <= $1
		ORDER BY d.id`, tx.now().Add(-grace))
	if err != nil {
		return err
	}
	if err := tx.dropWaiting(deliverJob{}.Kind()); err != nil {
		return err
	}
	return queue.deliver(tx, mailings)
}

// dropWaiting takes the jobs of a kind away that wait, before they are queued
// anew: with one more job each time, every one with its own retries, a mailing
// would soon be out of attempts, and a note tried without end.
func (tx *Tx) dropWaiting(kind string) error {
	_, err := tx.exec("DELETE FROM river_job WHERE kind = $1 AND state IN ('available', 'pending', 'retryable', 'scheduled')", kind)
	return err
}

// panics reports the panics of jobs, which the queue catches.
type panics struct{ w Work }

// HandleError implements river.ErrorHandler: errors are reported by the jobs.
func (panics) HandleError(context.Context, *rivertype.JobRow, error) *river.ErrorHandlerResult {
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (p panics) HandlePanic(_ context.Context, job *rivertype.JobRow, broken any, trace string) *river.ErrorHandlerResult {
	_ = p.w.report(fmt.Errorf("job %s: panic: %v\n%s", job.Kind, broken, trace))
	return nil
}
