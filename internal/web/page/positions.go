package page

import (
	"iter"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/money"
)

// PositionSessions are the sessions below a position of a document.
type PositionSessions struct {
	Position creditnotes.Position
	Owner    string // name
	Currency string
	Lines    []DetailLine
	List     *List
}

// DetailLine is one session below a position.
type DetailLine struct {
	creditnotes.Detail
	Path string // of the session; empty: not for the visitor
	Net  money.Micros
}

// PositionSessions lists the sessions below a position of a note, whose page has this
// path. The place in the list was the number of the sessions in front of it once.
func (v *Visit) PositionSessions(note *creditnotes.Note, p *creditnotes.Position, path, owner string, details iter.Seq2[creditnotes.Detail, error]) (*PositionSessions, error) {
	view := &PositionSessions{Position: *p, Owner: owner, Currency: note.Currency, List: v.positionList(path+"/positions/"+strconv.Itoa(p.Ordinal), note.Currency)}
	some, err := Streamed(view.List, note.DetailsOf(p, details))
	if err != nil {
		return nil, err
	}
	for _, d := range some {
		line := DetailLine{Detail: d, Net: d.Net(p.Component)}
		if v.Who.Operator || v.Who.Sees(d.Owner) && p.Component != creditnotes.OwnCharging { // it may be at another owner's station
			line.Path = SessionPath(d.Session.ID)
		}
		view.Lines = append(view.Lines, line)
	}
	return view, view.List.Err()
}

func (v *Visit) positionList(path, currency string) *List {
	l := NewList(v.R.URL.Query(), ListOptions{Path: path, Size: LinesPerPage, Empty: "position_sessions_none"})
	if from, err := strconv.Atoi(v.R.FormValue("from")); err == nil {
		l.Set(ParamPage, strconv.Itoa(from/LinesPerPage+1))
	}
	l.SetHeads(Head{Message: "session_name"}, Head{Message: "session_start"}, Head{Message: "session_duration", Num: true}, Head{Text: "kWh", Num: true},
		Head{Message: "session_evse"}, Head{Message: "session_class"}, Head{Message: "session_cost_rate"}, Head{Message: "session_amount", Text: currency, Num: true})
	return l
}
