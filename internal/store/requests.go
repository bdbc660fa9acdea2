package store

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"creditrun/internal/fault"
)

// requestRow is a row of idempotency_keys: a request that the client named, so
// that it is done once however often it is sent.
type requestRow struct {
	UserID      int64      `gorm:"column:user_id"`
	Key         string     `gorm:"column:key"`
	Fingerprint string     `gorm:"column:fingerprint"`
	BegunAt     time.Time  `gorm:"column:begun_at"`
	FinishedAt  *time.Time `gorm:"column:finished_at"`
	Status      int        `gorm:"column:status"`
	ContentType string     `gorm:"column:content_type"`
	Body        []byte     `gorm:"column:body"`
}

// TableName implements schema.Tabler.
func (requestRow) TableName() string { return "idempotency_keys" }

// StoredAnswer is what a request was answered.
type StoredAnswer struct {
	Status      int
	ContentType string
	Body        []byte
}

const (
	requestsKept = 24 * time.Hour
	// claimLasts is how long a request may be under way; after that its
	// process is taken for dead and the next one may try.
	claimLasts = 5 * time.Minute
)

// BeginRequest claims a key of a user for a request, of which the fingerprint
// covers everything that matters. Without an answer and an error the request
// is to be done, and FinishRequest or AbandonRequest called then. An answer
// was given to the same request before and is to be given again. The same key
// for another request is an Invalid fault idempotency_key_reused; a request
// that is still under way a Conflict fault idempotency_key_busy. Keys are
// known for a day.
func (s *Store) BeginRequest(ctx context.Context, userID int64, key, fingerprint string) (answer *StoredAnswer, err error) {
	err = s.inTx(ctx, func(tx *Tx) error {
		answer, err = tx.beginRequest(userID, key, fingerprint)
		return err
	})
	return answer, err
}

func (tx *Tx) beginRequest(userID int64, key, fingerprint string) (*StoredAnswer, error) {
	now := utc(tx.now())
	if err := inTable(tx.db.Where("begun_at <= ?", now.Add(-requestsKept)).Delete(&requestRow{})); err != nil {
		return nil, err
	}
	// New, or the same and its claim has run out.
	claim := clause.OnConflict{
		Columns:   []clause.Column{{Name: "user_id"}, {Name: "key"}},
		DoUpdates: clause.AssignmentColumns([]string{"begun_at"}),
		Where: clause.Where{Exprs: []clause.Expression{gorm.Expr(`idempotency_keys.fingerprint = excluded.fingerprint
			AND idempotency_keys.finished_at IS NULL AND idempotency_keys.begun_at <= ?`, now.Add(-claimLasts))}},
	}
	n, err := affected(tx.db.Clauses(claim).Create(&requestRow{UserID: userID, Key: key, Fingerprint: fingerprint, BegunAt: now, Body: []byte{}}))
	if err != nil || n == 1 {
		return nil, err
	}
	row, err := first[requestRow](tx.db.Where("user_id = ? AND key = ?", userID, key))
	switch {
	case err != nil:
		return nil, err
	case row == nil:
		return nil, fmt.Errorf("idempotency key %q is gone", key)
	case row.Fingerprint != fingerprint:
		return nil, fault.New(fault.Invalid, "idempotency_key_reused", fault.Args{"key": key})
	case row.FinishedAt == nil:
		return nil, fault.New(fault.Conflict, "idempotency_key_busy", fault.Args{"key": key})
	}
	return &StoredAnswer{Status: row.Status, ContentType: row.ContentType, Body: row.Body}, nil
}

// FinishRequest keeps the answer of a request that was begun. The first answer
// stays.
func (s *Store) FinishRequest(ctx context.Context, userID int64, key string, answer StoredAnswer) error {
	if answer.Body == nil {
		answer.Body = []byte{}
	}
	return s.inTx(ctx, func(tx *Tx) error {
		return inTable(tx.underWay(userID, key).Updates(set{
			"finished_at": tx.now(), "status": answer.Status, "content_type": answer.ContentType, "body": answer.Body,
		}))
	})
}

// underWay is the query of a request without an answer.
func (tx *Tx) underWay(userID int64, key string) *gorm.DB {
	return tx.db.Model(&requestRow{}).Where("user_id = ? AND key = ? AND finished_at IS NULL", userID, key)
}

// AbandonRequest gives up a request that was begun and did nothing, so that it
// may be sent again.
func (s *Store) AbandonRequest(ctx context.Context, userID int64, key string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		return inTable(tx.underWay(userID, key).Delete(&requestRow{}))
	})
}
