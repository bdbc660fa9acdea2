package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"creditrun/creditnotes"
)

// StoredDocuments implements creditnotes.DocumentBooks. Contents are read one at a
// time.
func (b *books) StoredDocuments(ctx context.Context) (list []creditnotes.StoredDocument, err error) {
	type row struct {
		creditnotes.StoredDocument
		content []byte
	}
	for r, err := range each(ctx, b.q, func(r *row) []any { return []any{&r.ID, &r.Name, &r.SHA256, &r.Earlier, &r.content} },
		`SELECT id, name, sha256, stored_at < $1, CASE WHEN stored_at < $1 THEN NULL ELSE content END FROM entity_documents ORDER BY id`, b.since) {
		if err != nil {
			return nil, fmt.Errorf("documents of entities: %w", err)
		}
		if !r.Earlier {
			sum := sha256.Sum256(r.content)
			r.Actual = hex.EncodeToString(sum[:])
		}
		list = append(list, r.StoredDocument)
	}
	return list, nil
}
