package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
)

// noticeRow is a row of notices.
type noticeRow struct {
	ID        int64         `gorm:"column:id"`
	Kind      string        `gorm:"column:kind"`
	Recipient string        `gorm:"column:recipient"`
	Language  string        `gorm:"column:language"`
	Args      jsonText      `gorm:"column:args"`
	UserID    sql.NullInt64 `gorm:"column:user_id"`
	Address   string        `gorm:"column:address"`
	State     string        `gorm:"column:state"`
	Attempts  int           `gorm:"column:attempts"`
	Reply     string        `gorm:"column:reply"`
	CreatedAt time.Time     `gorm:"column:created_at;autoCreateTime:false"`
	SentAt    *time.Time    `gorm:"column:sent_at"`
}

// TableName implements schema.Tabler.
func (noticeRow) TableName() string { return "notices" }

func (r *noticeRow) domain() (creditnotes.Notice, error) {
	n := creditnotes.Notice{
		ID: r.ID, Kind: creditnotes.NoticeKind(r.Kind), To: r.Recipient, Language: r.Language, UserID: r.UserID.Int64, Address: r.Address,
		State: creditnotes.DeliveryState(r.State), Attempts: r.Attempts, Reply: r.Reply, CreatedAt: r.CreatedAt.UTC(), SentAt: orZero(r.SentAt).UTC(),
	}
	return n, r.Args.read("args", &n.Facts)
}

// noticeJob sends a notice. Its state is in notices.
type noticeJob struct {
	NoticeID int64 `json:"notice"`
}

// Kind names the job in the queue.
func (noticeJob) Kind() string { return "send_notice" }

// notify queues notices with kind, recipient, language, facts and, for a link,
// user and address, in the transaction that makes them due. Where no language
// is given it is that of the credit notes.
func (tx *Tx) notify(list ...creditnotes.Notice) error {
	if len(list) == 0 {
		return nil
	}
	first, err := tx.takeIDs("notices", len(list))
	if err != nil {
		return err
	}
	rows, ids := make([]noticeRow, len(list)), make([]int64, len(list))
	for i, n := range list {
		if n.Language == "" {
			settings, _, err := loadSettings(tx.db)
			if err != nil {
				return err
			}
			n.Language = settings.Language
		}
		ids[i] = first + int64(i)
		rows[i] = noticeRow{
			ID: ids[i], Kind: string(n.Kind), Recipient: n.To, Language: n.Language, Args: jsonOf(n.Facts),
			UserID: sql.NullInt64{Int64: n.UserID, Valid: n.UserID != 0}, Address: n.Address,
			State: string(creditnotes.DeliveryQueued), CreatedAt: utc(tx.now()),
		}
	}
	if err := create(tx.db, rows...); err != nil {
		return err
	}
	return tx.queueNotices(ids)
}

func (tx *Tx) queueNotices(ids []int64) error {
	queue, err := tx.jobs()
	if err != nil {
		return err
	}
	jobs := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		jobs[i] = river.InsertManyParams{Args: noticeJob{id}, InsertOpts: &river.InsertOpts{Queue: noticeQueue}}
	}
	return queue.insert(tx, jobs)
}

// requeueNotices gives every notice that waits a job, and takes the jobs away
// that waited for it.
func (tx *Tx) requeueNotices() error {
	var ids []int64
	if err := inTable(tx.db.Model(&noticeRow{}).Where("state = 'queued'").Order("id").Pluck("id", &ids)); err != nil {
		return err
	}
	if err := tx.dropWaiting(noticeJob{}.Kind()); err != nil {
		return err
	}
	return tx.queueNotices(ids)
}

// Notice returns a notice and who sends it: name and e-mail address of the
// operator, empty where there is none yet.
func (s *Store) Notice(ctx context.Context, id int64) (n *creditnotes.Notice, name, email string, err error) {
	list, err := notices(s.db(ctx).Where("id = ?", id))
	if err != nil {
		return nil, "", "", err
	}
	if len(list) == 0 {
		return nil, "", "", fault.New(fault.NotFound, "delivery_unknown", fault.Args{"delivery": id})
	}
	row, err := first[entityRow](s.db(ctx).Where("parent_key IS NULL"))
	if err != nil || row == nil {
		return &list[0], "", "", err
	}
	operator, err := row.domain()
	if len(operator.Emails) > 0 {
		email = operator.Emails[0]
	}
	return &list[0], operator.DisplayName(), email, err
}

// notices returns the notices of a query.
func notices(query *gorm.DB) (list []creditnotes.Notice, err error) {
	rows, err := find[noticeRow](query)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		n, err := row.domain()
		if err != nil {
			return nil, fmt.Errorf("notice %d: %w", row.ID, err)
		}
		list = append(list, n)
	}
	return list, nil
}

// LinkLasts is how long the link of a notice works, from when it is sent.
const LinkLasts = 72 * time.Hour

// StartNotice counts an attempt to send a notice. It succeeds only if the
// notice waits and has had attempt-1 attempts so far; otherwise another process
// sends it: a Conflict fault. For a notice with a link it makes the secret of
// the link, of which the hash is kept, and voids those of earlier attempts: what
// is stored lets no one in.
func (s *Store) StartNotice(ctx context.Context, n *creditnotes.Notice, attempt int) (secret string, err error) {
	secret, hash, err := access.NewSecret()
	if err != nil {
		return "", err
	}
	err = s.durably(ctx, func(tx *Tx) error {
		if err := tx.confirmed(); err != nil {
			return err
		}
		count, err := affected(tx.tried(n.ID, attempt-1).Update("attempts", attempt))
		if err != nil {
			return err
		}
		if count == 0 {
			return fault.New(fault.Conflict, "delivery_taken", fault.Args{"delivery": n.ID})
		}
		if n.UserID == 0 {
			return nil
		}
		return tx.link(n, hash)
	})
	if err != nil || n.UserID == 0 {
		return "", err
	}
	return secret, nil
}

// TakeBack takes an attempt to send a notice back that did not count.
func (s *Store) TakeBack(ctx context.Context, id int64, attempt int) error {
	return s.inTx(ctx, func(tx *Tx) error {
		return inTable(tx.tried(id, attempt).Update("attempts", attempt-1))
	})
}

// tried is the query of a notice that waits and has had so many attempts.
func (tx *Tx) tried(id int64, attempts int) *gorm.DB {
	return tx.db.Model(&noticeRow{}).Where("id = ? AND attempts = ? AND state = 'queued'", id, attempts)
}

// FinishNotice records how an attempt ended: sent, failed, or queued for
// another one.
func (s *Store) FinishNotice(ctx context.Context, id int64, state creditnotes.DeliveryState, reply string, at time.Time) error {
	return s.durably(ctx, func(tx *Tx) error {
		var sent *time.Time
		if state == creditnotes.DeliverySent {
			sent = &at
		}
		queued := tx.db.Model(&noticeRow{}).Where("id = ? AND state = 'queued'", id)
		return inTable(queued.Updates(set{"state": string(state), "reply": reply, "sent_at": sent}))
	})
}

// NoticeCounts counts the notices by state.
func (s *Store) NoticeCounts(ctx context.Context) (map[creditnotes.DeliveryState]int, error) {
	counts := map[creditnotes.DeliveryState]int{}
	var rows []struct {
		State creditnotes.DeliveryState
		N     int
	}
	err := inTable(s.db(ctx).Model(&noticeRow{}).Select("state, count(*) AS n").Group("state").Scan(&rows))
	for _, c := range rows {
		counts[c.State] = c.N
	}
	return counts, err
}

// LastLink is the last notice with a link for a user, or nil.
func (s *Store) LastLink(ctx context.Context, userID int64) (*creditnotes.Notice, error) {
	list, err := notices(s.db(ctx).Where("user_id = ?", userID).Order("id DESC").Limit(1))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}
