package store

import (
	"context"
	"fmt"
	"time"

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
	if _, err := tx.exec("DELETE FROM idempotency_keys WHERE begun_at <= $1", now.Add(-requestsKept)); err != nil {
		return nil, err
	}
	// New, or the same and its claim has run out.
	n, err := tx.exec(`INSERT INTO idempotency_keys (user_id, key, fingerprint, begun_at, status, content_type, body) VALUES ($1, $2, $3, $4, 0, '', '')
		ON CONFLICT (user_id, key) DO UPDATE SET begun_at = excluded.begun_at
		WHERE idempotency_keys.fingerprint = excluded.fingerprint AND idempotency_keys.finished_at IS NULL AND idempotency_keys.begun_at <= $5`,
		userID, key, fingerprint, now, now.Add(-claimLasts))
	if err != nil || n == 1 {
		return nil, err
	}
	rows, err := allRows[requestRow](tx.ctx, tx.sql, "idempotency_keys", "WHERE user_id = $1 AND key = $2", userID, key)
	switch {
	case err != nil:
		return nil, err
	case len(rows) == 0:
		return nil, fmt.Errorf("idempotency key %q is gone", key)
	case rows[0].Fingerprint != fingerprint:
		return nil, fault.New(fault.Invalid, "idempotency_key_reused", fault.Args{"key": key})
	case rows[0].FinishedAt == nil:
		return nil, fault.New(fault.Conflict, "idempotency_key_busy", fault.Args{"key": key})
	}
	return &StoredAnswer{Status: rows[0].Status, ContentType: rows[0].ContentType, Body: rows[0].Body}, nil
}

// FinishRequest keeps the answer of a request that was begun. The first answer
// stays.
func (s *Store) FinishRequest(ctx context.Context, userID int64, key string, answer StoredAnswer) error {
	if answer.Body == nil {
		answer.Body = []byte{}
	}
	return s.inTx(ctx, func(tx *Tx) error {
		_, err := tx.exec(`UPDATE idempotency_keys SET finished_at = $1, status = $2, content_type = $3, body = $4
			WHERE user_id = $5 AND key = $6 AND finished_at IS NULL`, tx.now(), answer.Status, answer.ContentType, answer.Body, userID, key)
		return err
	})
}

// AbandonRequest gives up a request that was begun and did nothing, so that it
// may be sent again.
func (s *Store) AbandonRequest(ctx context.Context, userID int64, key string) error {
	return s.inTx(ctx, func(tx *Tx) error {
		_, err := tx.exec("DELETE FROM idempotency_keys WHERE user_id = $1 AND key = $2 AND finished_at IS NULL", userID, key)
		return err
	})
}
