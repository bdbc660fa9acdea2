package creditnotes

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"creditrun/internal/fault"
)

// DocumentBooks reads what the proof of documents about entities needs.
type DocumentBooks interface {
	// StoredDocuments lists all documents about entities by their ids; of those that
	// Since leaves out the content is not read.
	StoredDocuments(ctx context.Context) ([]StoredDocument, error)
}

// StoredDocument is a document about an entity as it is stored now.
type StoredDocument struct {
	ID      int64
	Name    string
	SHA256  string // as it was stored with it
	Actual  string // of the content as it is now
	Earlier bool   // the content was not read
}

// DocumentEvidence is what the audit log records of a document about an entity.
type DocumentEvidence struct {
	ID         int64  `json:"id"`
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	SHA256     string `json:"sha256"`
	Reference  string `json:"reference,omitempty"`
	ValidFrom  string `json:"valid_from,omitempty"`
	ValidUntil string `json:"valid_until,omitempty"`
	Withdrawn  string `json:"withdrawn,omitempty"` // why
}

// document takes what was recorded when a document was stored.
func (e *evidence) document(after string) error {
	var d DocumentEvidence
	err := json.Unmarshal([]byte(after), &d)
	e.documents[d.ID] = d
	return err
}

// documents proves that each document about an entity is there, with the content
// that was recorded when it was stored.
func (v *Verification) documents(ctx context.Context, store VerifyStore) error {
	list, err := store.StoredDocuments(ctx)
	if err != nil {
		return err
	}
	for _, d := range list {
		recorded := v.recorded.documents[d.ID]
		delete(v.recorded.documents, d.ID)
		if recorded.SHA256 != d.SHA256 || !d.Earlier && d.Actual != d.SHA256 {
			v.add("verify_file", fault.Args{"file": d.Name})
		}
		if !d.Earlier {
			v.Files++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(v.recorded.documents)) {
		v.add("verify_document_gone", fault.Args{"document": id, "name": v.recorded.documents[id].Name})
	}
	return nil
}
