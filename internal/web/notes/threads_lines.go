package notes

import (
	"creditrun/creditnotes"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
)

// questionLine is a question on a session.
type questionLine struct {
	store.SessionQuestion
	Why    string // its reason in words
	Thread string // page of the thread; empty: not for the visitor
}

// questionLines are the questions on a session, the latest first.
func (v *Visit) questionLines(s *sessions.Session) ([]questionLine, error) {
	list, err := v.Store.SessionQueries(v.R.Context(), store.QuestionFilter{Source: s.Source, ExternalID: s.ExternalID})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids, lines := make([]int64, len(list)), make([]questionLine, len(list))
	for i, q := range list {
		ids[i], lines[i] = q.ID, questionLine{SessionQuestion: q, Why: v.questionReason(q.Reason)}
	}
	threads, err := v.Store.ThreadIDs(v.R.Context(), creditnotes.QuestionThread, ids, snapshot.Scope(v.Who))
	for i := range lines {
		if id := threads[lines[i].ID]; id != 0 {
			lines[i].Thread = threadPath(id)
		}
	}
	return lines, err
}

// objectionLine is an objection on the page of its note.
type objectionLine struct {
	creditnotes.Objection
	Why    string // its reason in words
	Thread string // page of the thread; empty: not for the visitor
}

// objectionLines are the objections to a note, the latest first.
func (v *Visit) objectionLines(note int64) ([]objectionLine, error) {
	list, err := v.Store.Objections(v.R.Context(), creditnotes.ObjectionFilter{NoteID: note})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids, lines := make([]int64, len(list)), make([]objectionLine, len(list))
	for i, o := range list {
		ids[i], lines[i] = o.ID, objectionLine{Objection: o, Why: v.objectionReason(o.Reason)}
	}
	threads, err := v.Store.ThreadIDs(v.R.Context(), creditnotes.ObjectionThread, ids, snapshot.Scope(v.Who))
	for i := range lines {
		if id := threads[lines[i].ID]; id != 0 {
			lines[i].Thread = threadPath(id)
		}
	}
	return lines, err
}
