package api

import (
	"net/http"
	"net/url"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

// Draft is a document of a run that has no number yet.
type Draft struct {
	ID        int64                  `json:"id" doc:"until the run is drafted again"`
	Kind      numbering.DocumentType `json:"kind" enum:"credit_note,invoice"`
	Recipient string                 `json:"recipient"`
	Owners    []string               `json:"owners" nullable:"false"`
	Currency  string                 `json:"currency"`
	Net       string                 `json:"net"`
	Tax       string                 `json:"tax"`
	Gross     string                 `json:"gross"`
	Document  string                 `json:"document" format:"uri-reference"`
	Sessions  string                 `json:"sessions" format:"uri-reference"`
}

// draftsInput narrows the drafts of a run.
type draftsInput struct {
	RunInput
	Paging
	Owner string `query:"owner"`
}

func draftPath(run string, id int64) string {
	return Base + "/runs/" + url.PathEscape(run) + "/drafts/" + strconv.FormatInt(id, 10)
}

// drafts lists the documents of a run that have no number yet.
func (c *call) drafts(in *draftsInput) (*List[Draft], error) {
	run, err := c.Store.RunByName(c.ctx, in.Name)
	if err != nil {
		return nil, err
	}
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.ListNotes(c.ctx, creditnotes.NoteFilter{Run: run.Name, Owner: in.Owner, State: creditnotes.Draft}, page)
	if err != nil {
		return nil, err
	}
	items := make([]Draft, len(list.Notes))
	for i, n := range list.Notes {
		digits, path := digitsOf(n.Currency), draftPath(run.Name, n.ID)
		items[i] = Draft{n.ID, n.Kind, n.Recipient, n.Owners, n.Currency, n.Net.Format(digits), n.Tax.Format(digits), n.Gross.Format(digits), path + "/document", path + "/sessions"}
	}
	return listed(c, items, list.Next), nil
}

// DraftInput names a draft.
type DraftInput struct {
	RunInput
	ID int64 `path:"id" example:"17"`
}

// draftOf finds a draft of a run.
func (c *call) draftOf(in *DraftInput) (*creditnotes.Run, *creditnotes.Note, error) {
	run, err := c.Store.RunByName(c.ctx, in.Name)
	if err != nil {
		return nil, nil, err
	}
	note, err := c.Store.Note(c.ctx, in.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, nil, err
	}
	if err != nil || note.RunID != run.ID || note.Number != "" {
		return nil, nil, creditnotes.DraftUnknown(run)
	}
	return run, note, nil
}

// draft shows one draft as get-credit-note shows a note.
func (c *call) draft(in *DraftInput) (*One[creditnotes.NoteJSON], error) {
	_, note, err := c.draftOf(in)
	if err != nil {
		return nil, err
	}
	return &One[creditnotes.NoteJSON]{note.JSON()}, nil
}

// draftFile is the document of a draft.
type draftFile struct {
	Status      int
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// draftDocument makes the document of a draft, in a place of its own, since there
// may be many sessions.
func (c *call) draftDocument(in *DraftInput) (*draftFile, error) {
	run, note, err := c.draftOf(in)
	if err != nil {
		return nil, err
	}
	leave, err := c.place()
	if err != nil {
		return nil, err
	}
	defer leave()
	content, err := c.Runner.DraftDocument(c.ctx, run, note.ID)
	return &draftFile{http.StatusOK, "application/pdf", `attachment; filename="` + creditnotes.DraftName(run, note) + `"`, content}, err
}

// draftSessionsInput names a draft, or a position of it.
type draftSessionsInput struct {
	DraftInput
	Position int `query:"position" minimum:"0" doc:"its place among the positions, from 1; 0: all sessions"`
}

// draftSessions writes the sessions of a draft one a line.
func (c *call) draftSessions(in *draftSessionsInput) (*streamed, error) {
	run, note, err := c.draftOf(&in.DraftInput)
	if err != nil {
		return nil, err
	}
	details := c.Store.Details(c.ctx, note)
	switch {
	case in.Position > len(note.Positions):
		return nil, creditnotes.DraftUnknown(run)
	case in.Position > 0:
		details = note.DetailsOf(&note.Positions[in.Position-1], details)
	}
	return c.streamSessions(run.Name, details)
}
