package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"creditrun/creditnotes"
)

// Entry is one thing that a user or the program did, for the audit log. Before and After
// are JSON or a single value; empty where there was or is nothing.
type Entry struct {
	Who     string
	Action  string // such as entity.created
	Subject string // the key of what it was done to
	Before  string
	After   string
}

// AuditEntry is an entry as it stands in the audit log. Every entry's hash
// covers its content and the hash before it, so nothing can be changed, left
// out or put in between without being noticed by VerifyAudit.
type AuditEntry struct {
	ID int64
	At time.Time
	Entry
	PreviousHash string
	Hash         string // SHA-256, hexadecimal
}

// AuditFilter narrows the audit log; zero fields match everything.
type AuditFilter struct {
	Who      string
	Action   string // an action, or the first word of several: entity
	Subject  string
	Subjects []string // any of them; empty: Subject alone
	Without  []string // actions that are left out
	Since    time.Time
	Until    time.Time // exclusive
	Below    int64     // only entries with a smaller id: the next page
	Limit    int
}

// auditRow is a row of audit.
type auditRow struct {
	ID           int64     `gorm:"column:id"`
	At           time.Time `gorm:"column:at"`
	Who          string    `gorm:"column:who"`
	Action       string    `gorm:"column:action"`
	Subject      string    `gorm:"column:subject"`
	Before       string    `gorm:"column:before"`
	After        string    `gorm:"column:after"`
	PreviousHash string    `gorm:"column:previous_hash"`
	Hash         string    `gorm:"column:hash"`
}

// TableName implements schema.Tabler.
func (auditRow) TableName() string { return "audit" }

// fields points at the columns of the row, for WalkAudit, which reads them all.
func (r *auditRow) fields() []any {
	return []any{&r.ID, &r.At, &r.Who, &r.Action, &r.Subject, &r.Before, &r.After, &r.PreviousHash, &r.Hash}
}

// auditHeadRow is the one row of audit_head: the end of the chain.
type auditHeadRow struct {
	One  int    `gorm:"column:one"`
	ID   int64  `gorm:"column:id"`
	Hash string `gorm:"column:hash"`
}

// TableName implements schema.Tabler.
func (auditHeadRow) TableName() string { return "audit_head" }

// audit writes entries to the audit log. It takes the lock at the end of the
// chain, which every writer needs, so it belongs at the end of a transaction.
func (tx *Tx) audit(entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	var head auditHeadRow
	err := tx.scanRow("UPDATE audit_head SET id = id RETURNING id, hash", nil, &head.ID, &head.Hash)
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	at := utc(tx.now())
	rows := make([][]any, len(entries))
	for i, e := range entries {
		row := auditRow{
			ID: head.ID + 1, At: at, Who: e.Who, Action: e.Action, Subject: e.Subject,
			Before: e.Before, After: e.After, PreviousHash: head.Hash,
		}
		row.Hash = row.hash()
		head.ID, head.Hash = row.ID, row.Hash
		rows[i] = []any{row.ID, row.At, row.Who, row.Action, row.Subject, row.Before, row.After, row.PreviousHash, row.Hash}
	}
	if _, err := tx.copyFrom("audit", columnsOf[auditRow](), pgx.CopyFromRows(rows)); err != nil {
		return err
	}
	if _, err := tx.exec("UPDATE audit_head SET id = $1, hash = $2", head.ID, head.Hash); err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return nil
}

// hash covers every field but itself. Each field is preceded by its length, so
// no two contents are written alike.
func (r *auditRow) hash() string {
	sum := sha256.New()
	for _, field := range [...]string{
		strconv.FormatInt(r.ID, 10), strconv.FormatInt(r.At.UnixMicro(), 10),
		r.Who, r.Action, r.Subject, r.Before, r.After, r.PreviousHash,
	} {
		fmt.Fprintf(sum, "%d:", len(field))
		sum.Write([]byte(field))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// VerifyAudit walks the whole chain. An entry is broken that was changed, is
// missing or out of place, or lies beyond the end the database remembers.
func (s *Store) VerifyAudit(ctx context.Context) (chain creditnotes.AuditChain, err error) {
	err = s.Books(ctx, func(b creditnotes.VerifyStore) error {
		chain, err = b.WalkAudit(ctx, func(creditnotes.AuditRecord) {})
		return err
	})
	return chain, err
}

// WalkAudit implements creditnotes.VerifyStore.
func (b *books) WalkAudit(ctx context.Context, fn func(creditnotes.AuditRecord)) (chain creditnotes.AuditChain, err error) {
	var end auditHeadRow
	if err := b.q.QueryRowContext(ctx, "SELECT id, hash FROM audit_head").Scan(&end.ID, &end.Hash); err != nil {
		return chain, fmt.Errorf("verify audit log: %w", translateError(err))
	}
	var last auditRow
	for row, err := range each(ctx, b.q, (*auditRow).fields, "SELECT id, at, who, action, subject, before, after, previous_hash, hash FROM audit ORDER BY id") {
		if err != nil {
			return chain, fmt.Errorf("verify audit log: %w", err)
		}
		if row.ID != last.ID+1 || row.PreviousHash != last.Hash || row.Hash != row.hash() {
			chain.Broken = last.ID + 1
			return chain, nil
		}
		last = row
		chain.Checked++
		chain.Head = creditnotes.AuditHead{ID: row.ID, Hash: row.Hash}
		fn(creditnotes.AuditRecord{ID: row.ID, Who: row.Who, Action: row.Action, Subject: row.Subject, After: row.After, Hash: row.Hash})
	}
	switch {
	case last.ID == end.ID && last.Hash == end.Hash:
	case last.ID == end.ID:
		chain.Broken = last.ID
	default:
		chain.Broken = last.ID + 1
	}
	return chain, nil
}

// Audit lists the audit log, newest first.
func (s *Store) Audit(ctx context.Context, f AuditFilter) ([]AuditEntry, error) {
	query := s.db(ctx).Order("id DESC")
	if f.Who != "" {
		query = query.Where("who = ?", f.Who)
	}
	if f.Action != "" {
		query = query.Where("action = ? OR action LIKE ?", f.Action, likePrefix(f.Action+"."))
	}
	if f.Subject != "" {
		query = query.Where("subject = ?", f.Subject)
	}
	if len(f.Subjects) > 0 {
		query = query.Where("subject IN ?", f.Subjects)
	}
	if len(f.Without) > 0 {
		query = query.Where("action NOT IN ?", f.Without)
	}
	if !f.Since.IsZero() {
		query = query.Where("at >= ?", f.Since)
	}
	if !f.Until.IsZero() {
		query = query.Where("at < ?", f.Until)
	}
	if f.Below > 0 {
		query = query.Where("id < ?", f.Below)
	}
	if f.Limit > 0 {
		query = query.Limit(f.Limit)
	}
	rows, err := find[auditRow](query)
	if err != nil {
		return nil, err
	}
	var list []AuditEntry
	for _, row := range rows {
		list = append(list, AuditEntry{
			ID: row.ID, At: row.At, PreviousHash: row.PreviousHash, Hash: row.Hash,
			Entry: Entry{Who: row.Who, Action: row.Action, Subject: row.Subject, Before: row.Before, After: row.After},
		})
	}
	return list, nil
}

// AuditWords lists who and which actions occur in the audit log, sorted, to
// choose from. It steps from word to word in an index and never reads the log.
func (s *Store) AuditWords(ctx context.Context) (who, actions []string, err error) {
	if who, err = s.auditWords(ctx, "who"); err != nil {
		return nil, nil, err
	}
	actions, err = s.auditWords(ctx, "action")
	return who, actions, err
}

func (s *Store) auditWords(ctx context.Context, name string) ([]string, error) {
	return column[string](ctx, s.readSQL, strings.ReplaceAll(`
		WITH RECURSIVE words (word) AS (
			SELECT min(COLUMN) FROM audit
			UNION ALL SELECT (SELECT min(COLUMN) FROM audit WHERE COLUMN > words.word) FROM words WHERE words.word IS NOT NULL)
		SELECT word FROM words WHERE word IS NOT NULL`, "COLUMN", name))
}

// likePrefix makes a pattern for LIKE of what texts begin with; the action
// names hold no wildcards but the underscore, which then matches itself too.
func likePrefix(text string) string { return strings.ReplaceAll(text, "%", "") + "%" }
