package network

import (
	"io"
	"slices"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// documentForm is the form with which a document about an entity is stored.
const documentForm = "document"

// entityDocuments are the documents about an entity on its page.
type entityDocuments struct {
	*page.FormState // with which one is stored
	Path            string
	Rows            []entityDocument
	Kinds           []page.Choice
	Change          bool // the visitor may store and withdraw
	Most            int  // MiB
}

// entityDocument is a document about the entity.
type entityDocument struct {
	creditnotes.EntityDocument
	Path  string
	State string
}

func documentPath(e *entities.Entity, id int64) string {
	return page.EntityPath(e.Key) + "/documents/" + strconv.FormatInt(id, 10)
}

// documentsOf lists the documents about an entity. Users of Sub-CPOs see those that
// are not withdrawn.
func (v *Visit) documentsOf(e *entities.Entity, day entities.Date, f *page.FormState) (*entityDocuments, error) {
	view := &entityDocuments{FormState: f.In(documentForm), Path: page.EntityPath(e.Key) + "/documents", Change: v.mayChangeEntities(), Most: creditnotes.MostOfEntityDocument >> 20}
	list, err := v.Store.EntityDocuments(v.R.Context(), creditnotes.EntityDocumentFilter{Entity: e.Key, Valid: !v.Who.Operator})
	for _, d := range list {
		view.Rows = append(view.Rows, entityDocument{d, documentPath(e, d.ID), d.State(day)})
	}
	for _, kind := range creditnotes.EntityDocumentKinds() {
		view.Kinds = append(view.Kinds, page.Choice{Value: string(kind), Text: v.Message("paper_kind_" + string(kind)), Chosen: view.Values.Get("kind") == string(kind)})
	}
	return view, err
}

// statements are the statements of small businesses about an entity, or about all for
// an empty key.
func (v *Visit) statements(key string) (creditnotes.Statements, error) {
	list, err := v.Store.EntityDocuments(v.R.Context(), creditnotes.EntityDocumentFilter{Entity: key, Kind: creditnotes.SmallBusinessLetter, Valid: true})
	return creditnotes.StatementsIn(list), err
}

// StoreDocument stores a document about an entity.
func (v *Visit) StoreDocument() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	f := v.Form(documentForm)
	dates := entityForm{FormState: f}
	d := creditnotes.EntityDocument{
		Entity: e.Key, Kind: creditnotes.EntityDocumentKind(f.Text("kind")), Reference: f.Text("reference"),
		ValidFrom: dates.date("valid_from"), ValidUntil: dates.date("valid_until"),
	}
	content, err := v.sentDocument(&d)
	if err != nil {
		return err
	}
	if f.Ok() {
		_, err := v.Store.AddEntityDocument(v.R.Context(), v.Name(), d, content)
		f.Fail(err)
	}
	if !f.Ok() {
		return v.showEntity(f)
	}
	return v.Done(page.EntityPath(e.Key)+"#papers", "paper_stored", "Name", d.Name)
}

// sentDocument reads the file that was sent and its name; none is an empty one.
func (v *Visit) sentDocument(d *creditnotes.EntityDocument) ([]byte, error) {
	file, head, err := v.R.FormFile("file")
	if err != nil || head.Size == 0 {
		return nil, nil // storing says that it is missing
	}
	defer file.Close()
	d.Name = head.Filename
	return io.ReadAll(file)
}

// seenDocument is the document of the address with its content, if it is about
// the entity of the address, which the visitor sees.
func (v *Visit) seenDocument() (*entities.Entity, *creditnotes.EntityDocument, []byte, error) {
	b, err := v.Network()
	if err != nil {
		return nil, nil, nil, err
	}
	e, err := v.EntityAt(b, v.R.PathValue("key"))
	if err != nil {
		return nil, nil, nil, err
	}
	unknown := fault.New(fault.NotFound, "entity_document_unknown", fault.Args{"document": v.R.PathValue("id")})
	id, err := strconv.ParseInt(v.R.PathValue("id"), 10, 64)
	if err != nil {
		return nil, nil, nil, unknown
	}
	list, err := v.Store.EntityDocuments(v.R.Context(), creditnotes.EntityDocumentFilter{Entity: e.Key, Valid: !v.Who.Operator})
	if err != nil {
		return nil, nil, nil, err
	}
	if !slices.ContainsFunc(list, func(d creditnotes.EntityDocument) bool { return d.ID == id }) {
		return nil, nil, nil, unknown
	}
	d, content, err := v.Store.EntityDocumentContent(v.R.Context(), id)
	return e, d, content, err
}

// EntityDocument gives a document about an entity out as it was stored.
func (v *Visit) EntityDocument() error {
	_, d, content, err := v.seenDocument()
	if err != nil {
		return err
	}
	return v.Stream(d.MediaType, d.Name, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// WithdrawDocument withdraws a document that was stored by mistake.
func (v *Visit) WithdrawDocument() error {
	e, d, _, err := v.seenDocument()
	if err != nil {
		return err
	}
	f := v.Form("")
	if f.Fail(v.Store.WithdrawEntityDocument(v.R.Context(), v.Name(), d.ID, f.Text("reason"))) {
		return v.showEntity(f)
	}
	return v.Done(page.EntityPath(e.Key)+"#papers", "paper_withdrawn", "Name", d.Name)
}
