package month

import (
	"fmt"
	"mime"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// draftView is a note that has no number.
type draftView struct {
	Note      *creditnotes.Note
	Run, Path string
	Name      string // of the recipient
	Owners    string
	PDF       string // address of its document; empty: it gets none
	Lines     []draftPosition
	Out       []draftOwner // whom the visitor may leave out
}

// draftOwner is an owner of a draft.
type draftOwner struct{ Key, Name string }

// draftPosition is a position of a draft and where the sessions below it are.
type draftPosition struct {
	creditnotes.Position
	Path   string // empty: nothing is below it
	Priced []string
}

// draft finds the note without a number that the address names.
func (v *Visit) draft() (*creditnotes.Run, *creditnotes.Note, error) {
	run, err := v.run()
	if err != nil {
		return nil, nil, err
	}
	id, err := page.ParseID(v.R.PathValue("id"))
	if err != nil {
		return nil, nil, v.Nowhere()
	}
	note, err := v.Store.Note(v.R.Context(), id)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		return nil, nil, err
	case err != nil || note.RunID != run.ID:
		return nil, nil, v.Nowhere()
	}
	return run, note, nil
}

// DraftPage shows a note of a run that has no number: a draft, or what was
// settled without a document.
func (v *Visit) DraftPage() error {
	run, note, err := v.draft()
	if err != nil {
		return err
	}
	if note.Number != "" {
		return v.Redirect(page.NumberPath(note.Number))
	}
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	path := page.DraftPath(run.Name, note.ID)
	view := draftView{Note: note, Run: run.Name, Path: page.RunPath(run.Name), Name: b.Names(note.Recipient), Owners: b.Names(note.Owners...)}
	if note.State == creditnotes.Draft {
		view.PDF = path + "/draft.pdf"
	}
	if waitsForApproval(run) && v.May(access.Draft) {
		for _, owner := range note.Owners {
			view.Out = append(view.Out, draftOwner{owner, b.Names(owner)})
		}
	}
	for _, p := range note.Positions {
		line := draftPosition{Position: p}
		if line.Priced, err = v.PriceTexts(note, &p); err != nil {
			return err
		}
		if p.Sessions > 0 || p.Component == creditnotes.CarriedForward {
			line.Path = path + "/positions/" + strconv.Itoa(p.Ordinal)
		}
		view.Lines = append(view.Lines, line)
	}
	return v.Show("run_draft", v.Message("draft_title", "Recipient", view.Name), view)
}

// DraftPDF shows the document of a draft as it would be issued today.
func (v *Visit) DraftPDF() error {
	run, note, err := v.draft()
	if err != nil {
		return err
	}
	if note.Number != "" {
		return v.Redirect(page.NumberPath(note.Number))
	}
	content, err := v.Runner.DraftDocument(v.R.Context(), run, note.ID)
	if err != nil {
		return err
	}
	h := v.W.Header()
	h.Set("Content-Type", page.TypePDF)
	h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": creditnotes.DraftName(run, note)}))
	h.Set("Content-Security-Policy", page.FileCSP)
	_, _ = v.W.Write(content) // the browser may have gone
	return nil
}

// draftPositionView are the sessions below a position of a draft.
type draftPositionView struct {
	Run, RunPath, Name, DraftPath string
	*page.PositionSessions
}

// DraftPositionPage shows the sessions below a position of a draft.
func (v *Visit) DraftPositionPage() error {
	run, note, err := v.draft()
	if err != nil {
		return err
	}
	ordinal, err := strconv.Atoi(v.R.PathValue("ordinal"))
	if err != nil || ordinal < 1 || ordinal > len(note.Positions) {
		return v.Nowhere()
	}
	if note.Number != "" {
		return v.Redirect(page.NumberPath(note.Number) + "/positions/" + strconv.Itoa(ordinal))
	}
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	path, p := page.DraftPath(run.Name, note.ID), &note.Positions[ordinal-1]
	sessions, err := v.PositionSessions(note, p, path, b.Names(p.Owner), v.Store.Details(v.R.Context(), note))
	if err != nil {
		return err
	}
	if v.Refreshes() {
		return v.Part("run_draft_position", "position_sessions", sessions)
	}
	view := draftPositionView{run.Name, page.RunPath(run.Name), b.Names(note.Recipient), path, sessions}
	return v.Show("run_draft_position", fmt.Sprintf("%s · %d", view.Name, ordinal), view)
}
