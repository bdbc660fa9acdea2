package creditnotes

import (
	"time"

	"creditrun/entities"
)

// EntityDocumentJSON is a document about an entity as programs read it.
type EntityDocumentJSON struct {
	ID          int64              `json:"id"`
	Entity      string             `json:"entity" doc:"key"`
	Kind        EntityDocumentKind `json:"kind" enum:"reseller_certificate,small_business,agreement,other"`
	Name        string             `json:"name" doc:"of the file"`
	MediaType   string             `json:"media_type"`
	Bytes       int64              `json:"bytes"`
	SHA256      string             `json:"sha256" doc:"of the content"`
	Reference   string             `json:"reference,omitempty"`
	ValidFrom   entities.Date      `json:"valid_from,omitempty" format:"date"`
	ValidUntil  entities.Date      `json:"valid_until,omitempty" format:"date" doc:"the last day"`
	State       string             `json:"state" enum:"valid,ending,ended,later,withdrawn" doc:"today; ending: within 60 days"`
	StoredAt    time.Time          `json:"stored_at"`
	StoredBy    string             `json:"stored_by,omitempty" doc:"not told to recipients"`
	Withdrawn   string             `json:"withdrawn,omitempty" doc:"why it was withdrawn"`
	WithdrawnAt time.Time          `json:"withdrawn_at,omitzero"`
	WithdrawnBy string             `json:"withdrawn_by,omitempty"`
}

// JSON is the document as programs read it on a day.
func (d *EntityDocument) JSON(day entities.Date) EntityDocumentJSON {
	return EntityDocumentJSON{
		ID: d.ID, Entity: d.Entity, Kind: d.Kind, Name: d.Name, MediaType: d.MediaType, Bytes: d.Size, SHA256: d.SHA256, Reference: d.Reference,
		ValidFrom: d.ValidFrom, ValidUntil: d.ValidUntil, State: d.State(day), StoredAt: d.StoredAt, StoredBy: d.StoredBy,
		Withdrawn: d.Withdrawn, WithdrawnAt: d.WithdrawnAt, WithdrawnBy: d.WithdrawnBy,
	}
}
