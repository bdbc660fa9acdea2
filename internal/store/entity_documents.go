package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"gorm.io/gorm"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// entityDocumentRow is a row of entity_documents.
type entityDocumentRow struct {
	ID         int64     `gorm:"column:id"`
	EntityKey  string    `gorm:"column:entity_key"`
	Kind       string    `gorm:"column:kind"`
	Name       string    `gorm:"column:name"`
	MediaType  string    `gorm:"column:media_type"`
	Size       int64     `gorm:"column:size"`
	SHA256     string    `gorm:"column:sha256"`
	Content    []byte    `gorm:"column:content"`
	Reference  string    `gorm:"column:reference"`
	ValidFrom  string    `gorm:"column:valid_from"`
	ValidUntil string    `gorm:"column:valid_until"`
	StoredAt   time.Time `gorm:"column:stored_at"`
	StoredBy   string    `gorm:"column:stored_by"`
}

// TableName implements schema.Tabler.
func (entityDocumentRow) TableName() string { return "entity_documents" }

// withdrawalRow is a row of entity_document_withdrawals.
type withdrawalRow struct {
	DocumentID  int64     `gorm:"column:document_id;primaryKey;autoIncrement:false"`
	Reason      string    `gorm:"column:reason"`
	WithdrawnAt time.Time `gorm:"column:withdrawn_at"`
	WithdrawnBy string    `gorm:"column:withdrawn_by"`
}

// TableName implements schema.Tabler.
func (withdrawalRow) TableName() string { return "entity_document_withdrawals" }

// documentWithoutContent are the columns of what a list of documents says.
var documentWithoutContent = []string{"id", "entity_key", "kind", "name", "media_type", "size", "sha256", "reference", "valid_from", "valid_until", "stored_at", "stored_by"}

func (r *entityDocumentRow) domain() creditnotes.EntityDocument {
	return creditnotes.EntityDocument{
		ID: r.ID, Entity: r.EntityKey, Kind: creditnotes.EntityDocumentKind(r.Kind), Name: r.Name, MediaType: r.MediaType, Size: r.Size, SHA256: r.SHA256,
		Reference: r.Reference, ValidFrom: entities.Date(r.ValidFrom), ValidUntil: entities.Date(r.ValidUntil), StoredAt: r.StoredAt.UTC(), StoredBy: r.StoredBy,
	}
}

// entry is what the audit log says of the document.
func (r *entityDocumentRow) entry(withdrawn string) string {
	return string(jsonOf(creditnotes.DocumentEvidence{
		ID: r.ID, Kind: r.Kind, Name: r.Name, SHA256: r.SHA256, Reference: r.Reference, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil, Withdrawn: withdrawn,
	}))
}

// AddEntityDocument stores a document about an entity and returns it with its id.
// The faults are those of creditnotes.CheckEntityDocument, entity_unknown
// (NotFound), and entity_document_twice (Conflict) where the entity has the same
// content as a document that is not withdrawn.
func (s *Store) AddEntityDocument(ctx context.Context, who string, d creditnotes.EntityDocument, content []byte) (*creditnotes.EntityDocument, error) {
	if err := creditnotes.CheckEntityDocument(&d, content); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	row := entityDocumentRow{
		EntityKey: d.Entity, Kind: string(d.Kind), Name: d.Name, MediaType: d.MediaType, Size: d.Size, SHA256: hex.EncodeToString(sum[:]), Content: content,
		Reference: d.Reference, ValidFrom: string(d.ValidFrom), ValidUntil: string(d.ValidUntil), StoredAt: utc(s.now()), StoredBy: who,
	}
	err := s.durably(ctx, func(tx *Tx) error {
		if err := tx.lock("entity_documents"); err != nil {
			return err
		}
		if _, err := tx.entity(row.EntityKey); err != nil {
			return err
		}
		have, err := first[entityDocumentRow](tx.db.Select("id", "name").Where("entity_key = ? AND sha256 = ?", row.EntityKey, row.SHA256).
			Where("id NOT IN (SELECT document_id FROM entity_document_withdrawals)"))
		if err != nil {
			return err
		}
		if have != nil {
			return fault.New(fault.Conflict, "entity_document_twice", fault.Args{"entity": row.EntityKey, "name": have.Name}).At("file")
		}
		if row.ID, err = tx.takeIDs("entity_documents", 1); err != nil {
			return err
		}
		if err := create(tx.db, row); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: creditnotes.ActionEntityDocumentStored, Subject: row.EntityKey, After: row.entry("")})
	})
	if err != nil {
		return nil, err
	}
	stored := row.domain()
	return &stored, nil
}

// WithdrawEntityDocument withdraws a document that was stored by mistake, for a
// reason. It stays readable, and is no longer counted. One that is withdrawn
// already is a Conflict fault.
func (s *Store) WithdrawEntityDocument(ctx context.Context, who string, id int64, reason string) error {
	if reason == "" {
		return fault.New(fault.Invalid, "entity_document_without_reason", nil).At("reason")
	}
	return s.durably(ctx, func(tx *Tx) error {
		if err := tx.lock("entity_documents"); err != nil {
			return err
		}
		row, err := documentRow(tx.db.Select(documentWithoutContent), id)
		if err != nil {
			return err
		}
		done, err := first[withdrawalRow](tx.db.Where("document_id = ?", id))
		if err != nil {
			return err
		}
		if done != nil {
			return fault.New(fault.Conflict, "entity_document_withdrawn", fault.Args{"name": row.Name})
		}
		if err := create(tx.db, withdrawalRow{id, reason, utc(tx.now()), who}); err != nil {
			return err
		}
		return tx.audit(Entry{Who: who, Action: creditnotes.ActionEntityDocumentWithdrawn, Subject: row.EntityKey, Before: row.entry(""), After: row.entry(reason)})
	})
}

// documentRow reads the row of a document, or a NotFound fault.
func documentRow(db *gorm.DB, id int64) (*entityDocumentRow, error) {
	row, err := first[entityDocumentRow](db.Where("id = ?", id))
	if err == nil && row == nil {
		err = fault.New(fault.NotFound, "entity_document_unknown", fault.Args{"document": id})
	}
	return row, err
}

// EntityDocuments implements creditnotes.NoteStore: the latest first.
func (s *Store) EntityDocuments(ctx context.Context, f creditnotes.EntityDocumentFilter) (list []creditnotes.EntityDocument, err error) {
	query := s.db(ctx).Select(documentWithoutContent).Order("id DESC")
	if f.Entity != "" {
		query = query.Where("entity_key = ?", f.Entity)
	}
	if f.Kind != "" {
		query = query.Where("kind = ?", f.Kind)
	}
	if f.Scope != nil {
		query = query.Where("entity_key IN ?", f.Scope)
	}
	rows, err := find[entityDocumentRow](query)
	if err != nil {
		return nil, fmt.Errorf("documents of entities: %w", err)
	}
	withdrawn, err := find[withdrawalRow](s.db(ctx))
	if err != nil {
		return nil, fmt.Errorf("documents of entities: %w", err)
	}
	by := map[int64]*withdrawalRow{}
	for i := range withdrawn {
		by[withdrawn[i].DocumentID] = &withdrawn[i]
	}
	for i := range rows {
		one := rows[i].domain()
		if w := by[one.ID]; w != nil {
			one.Withdrawn, one.WithdrawnAt, one.WithdrawnBy = w.Reason, w.WithdrawnAt.UTC(), w.WithdrawnBy
		}
		if f.Has(&one) {
			list = append(list, one)
		}
	}
	return list, nil
}

// EntityDocumentContent returns a document about an entity with its content.
func (s *Store) EntityDocumentContent(ctx context.Context, id int64) (*creditnotes.EntityDocument, []byte, error) {
	row, err := documentRow(s.db(ctx), id)
	if err != nil {
		return nil, nil, err
	}
	one := row.domain()
	return &one, row.Content, nil
}
