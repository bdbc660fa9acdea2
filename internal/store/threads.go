package store

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// threadRow is a row of threads.
type threadRow struct {
	ID        int64     `gorm:"column:id"`
	Kind      string    `gorm:"column:kind"`
	MatterID  int64     `gorm:"column:matter_id"`
	Entity    string    `gorm:"column:entity_key"`
	Subject   string    `gorm:"column:subject"`
	Reason    string    `gorm:"column:reason"`
	State     string    `gorm:"column:state"`
	WaitsFor  string    `gorm:"column:waits_for"`
	OpenedAt  time.Time `gorm:"column:opened_at"`
	OpenedBy  string    `gorm:"column:opened_by"`
	ChangedAt time.Time `gorm:"column:changed_at"`
}

// TableName implements schema.Tabler.
func (threadRow) TableName() string { return "threads" }

const (
	threadOpen    = "open"
	threadSettled = "settled"
)

func (r *threadRow) domain() creditnotes.Thread {
	return creditnotes.Thread{
		ID: r.ID, Kind: creditnotes.ThreadKind(r.Kind), MatterID: r.MatterID, Entity: r.Entity, Subject: r.Subject, Reason: r.Reason,
		Settled: r.State == threadSettled, WaitsFor: creditnotes.Side(r.WaitsFor), OpenedAt: r.OpenedAt.UTC(), OpenedBy: r.OpenedBy, ChangedAt: r.ChangedAt.UTC(),
	}
}

// messageRow is a row of thread_messages.
type messageRow struct {
	ID       int64     `gorm:"column:id"`
	ThreadID int64     `gorm:"column:thread_id"`
	At       time.Time `gorm:"column:at"`
	Who      string    `gorm:"column:who"`
	Side     string    `gorm:"column:side"`
	Text     string    `gorm:"column:text"`
}

// TableName implements schema.Tabler.
func (messageRow) TableName() string { return "thread_messages" }

// openThread begins a thread with its first message. It waits for the other side
// than that of who writes; a matter that no Sub-CPO has waits for the operator.
func (tx *Tx) openThread(t threadRow, side creditnotes.Side, text string) (*threadRow, error) {
	id, err := tx.takeIDs("threads", 1)
	if err != nil {
		return nil, err
	}
	t.ID, t.State, t.OpenedAt = id, threadOpen, utc(tx.now())
	t.ChangedAt, t.WaitsFor = t.OpenedAt, string(creditnotes.OperatorSide)
	if t.Kind == string(creditnotes.ConversationThread) {
		t.WaitsFor = string(side.Other())
	}
	if err := create(tx.db, t); err != nil {
		return nil, err
	}
	return &t, tx.addMessage(&t, t.OpenedBy, side, text)
}

func (tx *Tx) addMessage(t *threadRow, who string, side creditnotes.Side, text string) error {
	id, err := tx.takeIDs("thread_messages", 1)
	if err != nil {
		return err
	}
	return create(tx.db, messageRow{ID: id, ThreadID: t.ID, At: utc(tx.now()), Who: who, Side: string(side), Text: text})
}

// threadOf is the thread of a question or an objection, locked.
func (tx *Tx) threadOf(kind creditnotes.ThreadKind, matter int64) (*threadRow, error) {
	row, err := first[threadRow](tx.forUpdate().Where("kind = ? AND matter_id = ? AND matter_id > 0", string(kind), matter))
	if err == nil && row == nil {
		err = threadUnknown(matter)
	}
	return row, err
}

// settleThread writes the answer of a question or an objection, and ends its
// thread. Who opened it is mailed the answer.
func (tx *Tx) settleThread(kind creditnotes.ThreadKind, matter int64, who, answer string, event HookEvent) error {
	t, err := tx.threadOf(kind, matter)
	if err != nil {
		return err
	}
	if err := tx.addMessage(t, who, creditnotes.OperatorSide, answer); err != nil {
		return err
	}
	if err := tx.turn(t, ""); err != nil {
		return err
	}
	if err := tx.tellOpener(t, creditnotes.NoticeAnswered, who, answer); err != nil {
		return err
	}
	return tx.tellThread(event, t)
}

// turn says whose turn it is in a thread from now on; empty: it is settled.
func (tx *Tx) turn(t *threadRow, side creditnotes.Side) error {
	t.State, t.WaitsFor, t.ChangedAt = threadOpen, string(side), utc(tx.now())
	if side == "" {
		t.State = threadSettled
	}
	return inTable(tx.db.Model(t).Updates(set{"state": t.State, "waits_for": t.WaitsFor, "changed_at": t.ChangedAt}))
}

// sideOf is the side of a user, and for one of a Sub-CPO the key of its entity.
// Who is no user works on the server.
func (tx *Tx) sideOf(who string) (creditnotes.Side, string, error) {
	u, err := userOrName(tx.db, who)
	if err != nil {
		return "", "", err
	}
	operator, err := tx.operatorKey()
	if err != nil || u.Entity == "" || u.Entity == operator {
		return creditnotes.OperatorSide, "", err
	}
	return creditnotes.SubCPOSide, u.Entity, nil
}

// Converse begins a conversation with a Sub-CPO and returns its id. A missing
// title or text is a Usage fault, an unknown entity NotFound, and the operator
// itself a Usage fault.
func (s *Store) Converse(ctx context.Context, who, entity, title, text string) (id int64, err error) {
	title, text = strings.TrimSpace(title), strings.TrimSpace(text)
	switch {
	case title == "":
		return 0, fault.New(fault.Usage, "thread_without_title", nil).At("title")
	case text == "":
		return 0, fault.New(fault.Usage, "message_without_text", nil).At("text")
	}
	err = s.inTx(ctx, func(tx *Tx) error {
		side, err := tx.subCPO(who, entity)
		if err != nil {
			return err
		}
		t, err := tx.openThread(threadRow{Kind: string(creditnotes.ConversationThread), Entity: entity, Subject: title, OpenedBy: who}, side, text)
		if err != nil {
			return err
		}
		id = t.ID
		if side == creditnotes.OperatorSide {
			if err := tx.tellSubCPO(t, who, text); err != nil {
				return err
			}
		}
		if err := tx.tellThread(MessageWritten, t); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "thread.opened", Subject: threadName(t), After: text})
	})
	return id, err
}

// subCPO is the side of a user in a conversation with an entity.
func (tx *Tx) subCPO(who, entity string) (creditnotes.Side, error) {
	if _, err := entityByKey(tx.db, entity); err != nil {
		return "", err
	}
	operator, err := tx.operatorKey()
	if err != nil {
		return "", err
	}
	if entity == operator {
		return "", fault.New(fault.Usage, "thread_with_operator", fault.Args{"entity": entity}).At("entity")
	}
	side, _, err := tx.sideOf(who)
	return side, err
}

// Reply writes a message in a thread. A settled question or objection is a
// Conflict fault; a settled conversation is open again.
func (s *Store) Reply(ctx context.Context, who string, id int64, text string) error {
	if text = strings.TrimSpace(text); text == "" {
		return fault.New(fault.Usage, "message_without_text", nil).At("text")
	}
	return s.inTx(ctx, func(tx *Tx) error {
		t, err := tx.thread(id)
		if err != nil {
			return err
		}
		if t.State == threadSettled && t.Kind != string(creditnotes.ConversationThread) {
			return fault.New(fault.Conflict, "thread_settled", fault.Args{"subject": t.Subject})
		}
		side, _, err := tx.sideOf(who)
		if err != nil {
			return err
		}
		if err := tx.addMessage(t, who, side, text); err != nil {
			return err
		}
		next := side.Other()
		if t.Entity == "" { // there is no Sub-CPO
			next = creditnotes.OperatorSide
		}
		if err := tx.turn(t, next); err != nil {
			return err
		}
		if side == creditnotes.OperatorSide {
			if err := tx.tellSubCPO(t, who, text); err != nil {
				return err
			}
		}
		if err := tx.tellThread(MessageWritten, t); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "thread.replied", Subject: threadName(t), After: text})
	})
}

// CloseThread ends a conversation. A question or an objection, which ends with
// its answer, is a Conflict fault, and so is a conversation that is settled
// already. seen, if given, is the id of the last message that the person saw:
// where there is a later one, nothing is closed (Conflict fault record_changed).
func (s *Store) CloseThread(ctx context.Context, who string, id int64, seen ...string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		t, err := tx.thread(id)
		if err != nil {
			return err
		}
		if t.Kind != string(creditnotes.ConversationThread) {
			return fault.New(fault.Conflict, "thread_needs_answer", fault.Args{"subject": t.Subject})
		}
		if t.State == threadSettled {
			return fault.New(fault.Conflict, "thread_settled", fault.Args{"subject": t.Subject})
		}
		last, err := tx.lastMessage(t.ID)
		if err != nil {
			return err
		}
		if err := tx.checkSeen(seen, last, t.Subject, AuditFilter{Action: "thread", Subject: threadName(t)}); err != nil {
			return err
		}
		if err := tx.turn(t, ""); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: "thread.closed", Subject: threadName(t)})
	})
}

// lastMessage is the id of the last message of a thread, as text.
func (tx *Tx) lastMessage(thread int64) (string, error) {
	row, err := first[messageRow](tx.db.Where("thread_id = ?", thread).Order("id DESC"))
	return strconv.FormatInt(orZero(row).ID, 10), err
}

// threadName is what the audit log calls a thread.
func threadName(t *threadRow) string { return strconv.FormatInt(t.ID, 10) }

// thread is one thread, locked.
func (tx *Tx) thread(id int64) (*threadRow, error) {
	row, err := first[threadRow](tx.forUpdate().Where("id = ?", id))
	if err == nil && row == nil {
		err = threadUnknown(id)
	}
	return row, err
}

func threadUnknown(id int64) error {
	return fault.New(fault.NotFound, "thread_unknown", fault.Args{"thread": id})
}

// Thread returns a thread with its messages in their order, or a NotFound fault;
// one outside of the scope is unknown.
func (s *Store) Thread(ctx context.Context, id int64, scope []string) (*creditnotes.Thread, []creditnotes.Message, error) {
	row, err := first[threadRow](s.db(ctx).Where("id = ?", id))
	if err != nil {
		return nil, nil, err
	}
	if row == nil {
		return nil, nil, threadUnknown(id)
	}
	t := row.domain()
	if !t.Sees(scope) {
		return nil, nil, threadUnknown(id)
	}
	rows, err := find[messageRow](s.db(ctx).Where("thread_id = ?", id).Order("id"))
	list := make([]creditnotes.Message, len(rows))
	for i, m := range rows {
		list[i] = creditnotes.Message{ID: m.ID, At: m.At.UTC(), Who: m.Who, Side: creditnotes.Side(m.Side), Text: m.Text}
	}
	return &t, list, err
}

// Threads lists threads, the latest first: those below an id, which is 0 for the
// first page, and at most so many.
func (s *Store) Threads(ctx context.Context, f creditnotes.ThreadFilter, below int64, limit int) ([]creditnotes.Thread, error) {
	query := threadsLike(s.db(ctx), f).Order("id DESC").Limit(limit)
	if below > 0 {
		query = query.Where("id < ?", below)
	}
	rows, err := find[threadRow](query)
	if err != nil {
		return nil, fmt.Errorf("threads: %w", err)
	}
	list := make([]creditnotes.Thread, len(rows))
	for i := range rows {
		list[i] = rows[i].domain()
	}
	return list, nil
}

func threadsLike(query *gorm.DB, f creditnotes.ThreadFilter) *gorm.DB {
	if f.Kind != "" {
		query = query.Where("kind = ?", string(f.Kind))
	}
	if f.Open {
		query = query.Where("state = ?", threadOpen)
	}
	if f.Settled {
		query = query.Where("state = ?", threadSettled)
	}
	if f.WaitsFor != "" {
		query = query.Where("state = 'open' AND waits_for = ?", string(f.WaitsFor))
	}
	if f.Entity != "" {
		query = query.Where("entity_key = ?", f.Entity)
	}
	if f.Scope != nil {
		query = query.Where("entity_key IN ?", slices.DeleteFunc(slices.Clone(f.Scope), func(key string) bool { return key == "" }))
	}
	return query
}

// ThreadIDs are the threads of questions or objections, by their ids, as far as
// they are within a scope.
func (s *Store) ThreadIDs(ctx context.Context, kind creditnotes.ThreadKind, matters []int64, scope []string) (map[int64]int64, error) {
	rows, err := find[threadRow](threadsLike(s.db(ctx), creditnotes.ThreadFilter{Kind: kind, Scope: scope}).Where("matter_id IN ? AND matter_id > 0", matters))
	ids := map[int64]int64{}
	for _, row := range rows {
		ids[row.MatterID] = row.ID
	}
	return ids, err
}
