package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"creditrun/internal/fault"
)

const hookQueue = "webhook"

// hookPauses are the pauses between the attempts to post an event: twelve
// attempts within a day. After the last one the event has failed.
var hookPauses = []time.Duration{
	30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 6 * time.Hour, 10 * time.Hour,
}

// hookJob posts an event to a webhook. Its state is in webhook_deliveries; how
// often and when it is tried is counted there and not in the job.
type hookJob struct {
	DeliveryID int64 `json:"delivery"`
}

// Kind names the job in the queue.
func (hookJob) Kind() string { return "post_event" }

// Posting is one event on its way to one webhook.
type Posting struct {
	EventID string
	URL     string
	Secret  string // whsec_ and base64
	Body    string // JSON
}

// PostReply is how a webhook has answered.
type PostReply struct {
	Status   int    // of HTTP; 0: there was no answer
	Text     string // the beginning of the answer, or why there was none
	Accepted bool   // the event has arrived
	Gone     bool   // the webhook wants no events any more
}

// due is when an event is tried next. The pause runs from the begin of the last
// attempt, also of one that no process finished.
func (r webhookDeliveryRow) due() time.Time {
	if r.Attempts == 0 {
		return time.Time{}
	}
	return orZero(r.LastTriedAt).Add(hookPauses[min(r.Attempts, len(hookPauses))-1])
}

// queueHooks puts a job into the queue for each event. A job that comes before
// its event is due is put off.
func (tx *Tx) queueHooks(rows []webhookDeliveryRow) error {
	queue, err := tx.jobs()
	if err != nil {
		return err
	}
	jobs := make([]river.InsertManyParams, len(rows))
	for i, row := range rows {
		jobs[i] = river.InsertManyParams{Args: hookJob{row.ID}, InsertOpts: &river.InsertOpts{Queue: hookQueue}}
	}
	return queue.insert(tx, jobs)
}

// requeueHooks gives every event that waits a job, and takes the jobs away that
// waited for it.
func (tx *Tx) requeueHooks() error {
	if err := tx.dropWaiting(hookJob{}.Kind()); err != nil {
		return err
	}
	rows, err := find[webhookDeliveryRow](tx.db.Where("state = 'queued'").Order("id"))
	if err != nil {
		return err
	}
	return tx.queueHooks(rows)
}

// postEvent is the job: it counts the attempt, posts outside any transaction,
// and records the answer. What was not accepted is put off. A process that dies
// in between has counted an attempt, and the event is posted again: receivers
// may see it twice, with the same id.
func (s *Store) postEvent(ctx context.Context, w Work, id int64) error {
	row, posting, err := s.takePosting(ctx, id)
	if err != nil {
		return w.report(fmt.Errorf("event %d: %w", id, err))
	}
	if posting == nil {
		return s.putOff(row)
	}
	reply := w.Post(ctx, *posting)
	ctx = context.WithoutCancel(ctx) // what is known is recorded
	if row, err = s.finishPosting(ctx, row, reply); err != nil {
		return w.report(fmt.Errorf("event %s: %w", row.EventID, err))
	}
	s.logPosting(row)
	return s.putOff(row)
}

// logPosting writes into the log when a webhook no longer accepts events, once,
// and when it does again; and of every event that is given up.
func (s *Store) logPosting(row webhookDeliveryRow) {
	if row.State == string(HookSent) {
		if _, down := s.hooksDown.LoadAndDelete(row.WebhookID); down {
			s.log.Info("webhook accepts events again", "webhook", row.WebhookID)
		}
		return
	}
	if _, down := s.hooksDown.LoadOrStore(row.WebhookID, true); !down {
		s.log.Error("webhook accepts no events", "webhook", row.WebhookID, "event", row.EventID, "attempt", row.Attempts, "status", row.StatusCode)
	}
	if row.State == string(HookFailed) {
		s.log.Error("event given up", "webhook", row.WebhookID, "event", row.EventID, "attempt", row.Attempts, "status", row.StatusCode)
	}
}

// putOff has an event that waits tried again when it is due.
func (s *Store) putOff(row webhookDeliveryRow) error {
	if row.State != string(HookQueued) {
		return nil
	}
	return river.JobSnooze(max(0, row.due().Sub(s.now())))
}

// takePosting begins an attempt: it is counted and committed before anything is
// posted, so that no other process begins the same. Without a posting there is
// nothing to be posted now: the event is settled, is gone, or is not due yet.
func (s *Store) takePosting(ctx context.Context, id int64) (row webhookDeliveryRow, posting *Posting, err error) {
	err = s.durably(ctx, func(tx *Tx) error {
		row, posting = webhookDeliveryRow{}, nil
		if err := tx.confirmed(); err != nil {
			return err
		}
		waiting, err := first[webhookDeliveryRow](tx.forUpdate().Where("id = ? AND state = 'queued'", id))
		if err != nil || waiting == nil {
			return err
		}
		row = *waiting
		hook, err := webhookByID(tx.db, row.WebhookID)
		switch {
		case fault.Is(err, fault.NotFound):
			row.State = ""
			return inTable(tx.db.Delete(waiting))
		case err != nil:
			return err
		case !hook.Active:
			row.State, row.Reply = string(HookFailed), "The webhook is turned off."
			return inTable(tx.db.Model(waiting).Updates(set{"state": row.State, "status_code": 0, "reply": row.Reply}))
		case row.due().After(s.now()):
			return nil
		}
		row.Attempts++
		now := utc(s.now())
		row.LastTriedAt = &now
		posting = &Posting{EventID: row.EventID, URL: hook.URL, Secret: hook.Secret, Body: row.Payload}
		return inTable(tx.db.Model(waiting).Updates(set{"attempts": row.Attempts, "last_tried_at": now}))
	})
	return row, posting, err
}

// finishPosting records how an attempt ended.
func (s *Store) finishPosting(ctx context.Context, row webhookDeliveryRow, reply PostReply) (webhookDeliveryRow, error) {
	row.StatusCode, row.Reply = reply.Status, ""
	if reply.Status == 0 {
		row.Reply = shortReply(reply.Text)
	}
	switch {
	case reply.Accepted:
		now := utc(s.now())
		row.State, row.SentAt = string(HookSent), &now
	case reply.Gone, row.Attempts > len(hookPauses):
		row.State = string(HookFailed)
	}
	return row, s.durably(ctx, func(tx *Tx) error {
		queued := tx.db.Model(&webhookDeliveryRow{}).Where("id = ? AND state = 'queued'", row.ID)
		err := inTable(queued.Updates(set{"state": row.State, "status_code": row.StatusCode, "reply": row.Reply, "sent_at": row.SentAt}))
		if err != nil || !reply.Gone {
			return err
		}
		n, err := affected(tx.db.Model(&webhookRow{}).Where("id = ? AND active", row.WebhookID).Update("active", false))
		if err != nil || n == 0 {
			return err
		}
		return tx.auditWebhook("webhook", "deactivated", row.WebhookID, "", row.EventID)
	})
}

// shortReply is what is kept of an answer.
func shortReply(text string) string { return shortened(text, 500) }

// shortened is a text of strangers as both databases take it, of at most so many bytes.
func shortened(text string, most int) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "�"), "\x00", "�")
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
