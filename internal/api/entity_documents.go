package api

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// documentsOf lists the documents about an entity that the visitor sees: users of
// Sub-CPOs those that are not withdrawn.
func (c *call) documentsOf(key string) ([]creditnotes.EntityDocument, error) {
	if _, err := c.stored(key); err != nil {
		return nil, err
	}
	return c.Store.EntityDocuments(c.ctx, creditnotes.EntityDocumentFilter{Entity: key, Valid: !c.who.Operator})
}

// entityDocuments lists the documents about an entity, the latest first.
func (c *call) entityDocuments(in *keyInput) (*One[Items[creditnotes.EntityDocumentJSON]], error) {
	list, err := c.documentsOf(in.Key)
	if err != nil {
		return nil, err
	}
	items := []creditnotes.EntityDocumentJSON{}
	for i := range list {
		items = append(items, c.documentJSON(&list[i]))
	}
	return &One[Items[creditnotes.EntityDocumentJSON]]{Items[creditnotes.EntityDocumentJSON]{Items: items}}, nil
}

// documentJSON does not tell users of Sub-CPOs who stored a document.
func (c *call) documentJSON(d *creditnotes.EntityDocument) creditnotes.EntityDocumentJSON {
	out := d.JSON(c.snapshot.Day(c.Now()))
	out.StoredAt, out.WithdrawnAt = c.at(out.StoredAt), c.at(out.WithdrawnAt)
	if !c.who.Operator {
		out.StoredBy = ""
	}
	return out
}

// newDocumentInput says what the document in the body is.
type newDocumentInput struct {
	Key        string                         `path:"key"`
	Kind       creditnotes.EntityDocumentKind `query:"kind" required:"true" enum:"reseller_certificate,small_business,agreement,other"`
	Name       string                         `query:"name" required:"true" maxLength:"200" doc:"of the file"`
	Reference  string                         `query:"reference" maxLength:"200" doc:"such as the number of a certificate"`
	ValidFrom  string                         `query:"valid_from" format:"date"`
	ValidUntil string                         `query:"valid_until" format:"date" doc:"the last day"`
}

// storeDocument stores a document about an entity.
func (c *call) storeDocument(in *newDocumentInput) (*One[creditnotes.EntityDocumentJSON], error) {
	if _, err := c.stored(in.Key); err != nil {
		return nil, err
	}
	content, err := io.ReadAll(c.r.Body)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		err = fault.New(fault.Invalid, "entity_document_too_large", fault.Args{"name": in.Name, "most": int64(creditnotes.MostOfEntityDocument >> 20)})
	}
	if err != nil {
		return nil, err
	}
	d, err := c.Store.AddEntityDocument(c.ctx, c.name(), creditnotes.EntityDocument{
		Entity: in.Key, Kind: in.Kind, Name: in.Name, Reference: in.Reference, ValidFrom: entities.Date(in.ValidFrom), ValidUntil: entities.Date(in.ValidUntil),
	}, content)
	if err != nil {
		return nil, err
	}
	return &One[creditnotes.EntityDocumentJSON]{c.documentJSON(d)}, nil
}

// DocumentInput names a document about an entity.
type DocumentInput struct {
	Key string `path:"key" doc:"of the entity"`
	ID  int64  `path:"id"`
}

// seenDocument reports a NotFound fault unless the visitor sees the document.
func (c *call) seenDocument(in *DocumentInput) error {
	list, err := c.documentsOf(in.Key)
	if err == nil && !slices.ContainsFunc(list, func(d creditnotes.EntityDocument) bool { return d.ID == in.ID }) {
		err = fault.New(fault.NotFound, "entity_document_unknown", fault.Args{"document": in.ID})
	}
	return err
}

// entityDocument gives a document about an entity out as it was stored.
func (c *call) entityDocument(in *DocumentInput) (*fileOutput, error) {
	if err := c.seenDocument(in); err != nil {
		return nil, err
	}
	d, content, err := c.Store.EntityDocumentContent(c.ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &fileOutput{
		Status: http.StatusOK, ContentType: d.MediaType, ETag: `"` + d.SHA256 + `"`,
		Disposition: mime.FormatMediaType("attachment", map[string]string{"filename": d.Name}), Body: content,
	}, nil
}

// withdrawDocumentInput says why a document is withdrawn.
type withdrawDocumentInput struct {
	DocumentInput
	Body struct {
		Reason string `json:"reason" minLength:"1" maxLength:"200"`
	}
}

// withdrawDocument withdraws a document that was stored by mistake.
func (c *call) withdrawDocument(in *withdrawDocumentInput) (*none, error) {
	if err := c.seenDocument(&in.DocumentInput); err != nil {
		return nil, err
	}
	return &none{}, c.Store.WithdrawEntityDocument(c.ctx, c.name(), in.ID, in.Body.Reason)
}
