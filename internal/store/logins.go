package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"
)

// webSessionRow is a row of web_sessions.
type webSessionRow struct {
	Hash      string    `gorm:"column:hash;primaryKey"`
	Data      []byte    `gorm:"column:data"`
	ExpiresAt time.Time `gorm:"column:expires_at"`
}

// TableName implements schema.Tabler.
func (webSessionRow) TableName() string { return "web_sessions" }

// WebSessions keeps the logins of the admin pages. Of the token, which is in
// the cookie, only the hash is stored. It has the methods that
// alexedwards/scs asks of a store with contexts.
type WebSessions struct {
	s     *Store
	mu    sync.Mutex
	swept time.Time
}

// WebSessions returns the logins of the admin pages.
func (s *Store) WebSessions() *WebSessions { return &WebSessions{s: s} }

// sweepEvery is how often expired logins are deleted.
const sweepEvery = time.Hour

// FindCtx returns the data of a token; found is false for an unknown or
// expired one.
func (w *WebSessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	row, err := first[webSessionRow](w.s.db(ctx).Where("hash = ? AND expires_at > ?", hashOf(token), w.s.now()))
	if err != nil || row == nil {
		return nil, false, err
	}
	return row.Data, true, nil
}

// CommitCtx keeps the data of a token until it expires. Once an hour it
// deletes what has expired.
func (w *WebSessions) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	sweep := w.isTimeToSweep()
	return w.s.inTx(ctx, func(tx *Tx) error {
		if sweep {
			if err := inTable(tx.db.Where("expires_at <= ?", tx.now()).Delete(&webSessionRow{})); err != nil {
				return err
			}
		}
		return upsert(tx.db, webSessionRow{Hash: hashOf(token), Data: data, ExpiresAt: expires})
	})
}

func (w *WebSessions) isTimeToSweep() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.s.now()
	if now.Sub(w.swept) < sweepEvery {
		return false
	}
	w.swept = now
	return true
}

// DeleteCtx forgets a token.
func (w *WebSessions) DeleteCtx(ctx context.Context, token string) error {
	return w.s.inTx(ctx, func(tx *Tx) error {
		return inTable(tx.db.Where("hash = ?", hashOf(token)).Delete(&webSessionRow{}))
	})
}

// Find is FindCtx for callers without a context.
func (w *WebSessions) Find(token string) ([]byte, bool, error) {
	return w.FindCtx(context.Background(), token)
}

// Commit is CommitCtx for callers without a context.
func (w *WebSessions) Commit(token string, data []byte, expires time.Time) error {
	return w.CommitCtx(context.Background(), token, data, expires)
}

// Delete is DeleteCtx for callers without a context.
func (w *WebSessions) Delete(token string) error { return w.DeleteCtx(context.Background(), token) }

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
