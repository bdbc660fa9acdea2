package store

import (
	"context"
	"fmt"
	"time"

	"creditrun/internal/fault"
)

// pushedRow is a row of pushed_cdrs: a CDR as a peer pushed it.
type pushedRow struct {
	Sender   string    `gorm:"column:sender;primaryKey"`
	Version  string    `gorm:"column:version;primaryKey"`
	Name     string    `gorm:"column:name;primaryKey"`
	Content  []byte    `gorm:"column:content"`
	PushedAt time.Time `gorm:"column:pushed_at"`
}

// TableName implements schema.Tabler.
func (pushedRow) TableName() string { return "pushed_cdrs" }

// pushedName is the condition for one CDR of a sender.
const pushedName = "sender = ? AND version = ? AND name = ?"

// KeepPushed keeps a CDR as a sender pushed it, to be given back. Where the
// sender pushed one of that name before, the later one takes its place only if
// it replaces it.
func (s *Store) KeepPushed(ctx context.Context, sender, version, name string, content []byte, replaces bool) error {
	err := s.inTx(ctx, func(tx *Tx) error {
		known, err := exists[pushedRow](tx.db.Where(pushedName, sender, version, name))
		if err != nil || known && !replaces {
			return err
		}
		return upsert(tx.db, pushedRow{sender, version, name, content, utc(tx.now())})
	})
	if err != nil {
		return fmt.Errorf("pushed CDR %s: %w", name, err)
	}
	return nil
}

// Pushed returns a CDR as a sender pushed it. One that this sender did not push
// is a NotFound fault.
func (s *Store) Pushed(ctx context.Context, sender, version, name string) ([]byte, error) {
	row, err := first[pushedRow](s.db(ctx).Where(pushedName, sender, version, name))
	if err != nil {
		return nil, err
	}
	if row == nil {
		return nil, fault.New(fault.NotFound, "session_not_found", fault.Args{"session": name})
	}
	return row.Content, nil
}
