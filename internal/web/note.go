package web

import (
	"bytes"
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"creditrun/internal/snapshot"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/numbering"
)

// noteView is the page of one credit note or cancellation.
type noteView struct {
	*form
	Entry       creditnotes.NoteEntry
	Note        *creditnotes.Note
	Path        string
	Recipient   string // name
	Link        string // to the recipient; empty: not for the visitor
	Owners      []ownerPositions
	Files       []noteFileLine
	PDF         string // address; empty: not made yet
	Mailings    bool   // the visitor may see them: they tell addresses of the recipient
	Deliveries  []creditnotes.Delivery
	Objections  []creditnotes.Objection
	Corrections []correctionLine
	CancelledBy string // addresses
	Cancels     string
	Operator    bool
	Resend      bool
	Parked      bool // the visitor may say whether a mail arrived
	SendTo      sendToView
	Cancel      bool
	Object      bool
	Settle      bool // the visitor may withdraw the open objection
	Objected    bool // there is an open objection
	Text        string
	Answer      string
	Confirm     confirmView
}

// sendToView is the form with which a note is mailed again.
type sendToView struct {
	Addresses creditnotes.Addresses
	Present   []string // that the recipient has now
	Named     string   // as typed
	Open      bool     // something was wrong with the form
}

// ownerPositions are the positions of one owner with their sum.
type ownerPositions struct {
	Key, Name string
	Lines     []positionLine
	Sessions  int
	Energy    money.Quantity
	Net       money.Amount
}

// positionLine is a position and where the sessions beneath it are.
type positionLine struct {
	creditnotes.Position
	Path    string // empty: nothing is beneath it
	Station string // address; empty: not for the visitor
	Carried string // run it was carried forward from
	Months  []creditnotes.CarriedMonth
}

// noteFileLine is a stored file of a note.
type noteFileLine struct {
	creditnotes.FileInfo
	Path string
}

// correctionLine is a note that takes back sessions of this one.
type correctionLine struct {
	creditnotes.Correction
	Path string // empty: it has no page
}

// notePage shows one note.
func (v *visit) notePage() error { return v.showNote(v.form("")) }

// The forms of the page of a note.
const (
	resendForm   = "resend"
	settleForm   = "settle"
	objectForm   = "object"
	withdrawForm = "withdraw"
)

// showNote shows a note and the forms of it.
func (v *visit) showNote(f *form) error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	view, err := v.noteView(entry)
	if err != nil {
		return err
	}
	view.form, view.Confirm = f, v.confirmView().on(f.In(resendForm))
	if !f.ok() {
		view.Text, view.Answer = f.text("text"), f.text("answer")
		if addresses := f.text("addresses"); addresses != "" {
			view.SendTo.Addresses, view.SendTo.Named, view.SendTo.Open = creditnotes.Addresses(addresses), f.text("to"), true
		}
	}
	return v.showForm(f, "note", entry.Number, view)
}

func (v *visit) noteView(entry *creditnotes.NoteEntry) (*noteView, error) {
	ctx := v.r.Context()
	b, err := v.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	note, err := v.Store.NoteByNumber(ctx, entry.Number)
	if err != nil {
		return nil, err
	}
	view := &noteView{
		Entry: *entry, Note: note, Path: notePath(entry), Recipient: b.Names(entry.Recipient), Operator: v.who.Operator,
		Link: v.linkIfAllowed(entityPath(entry.Recipient)), Owners: v.positionsOf(b, note, notePath(entry)),
	}
	if entry.CancelledBy != "" {
		view.CancelledBy = numberPath(entry.CancelledBy)
	}
	if entry.Cancels != "" {
		view.Cancels = numberPath(entry.Cancels)
	}
	if err := v.addFiles(view); err != nil {
		return nil, err
	}
	view.Mailings = snapshot.SeesMailings(v.who, note.Recipient)
	if view.Mailings {
		if view.Deliveries, err = v.Store.Deliveries(ctx, note.ID); err != nil {
			return nil, err
		}
	}
	if view.Objections, err = v.Store.Objections(ctx, creditnotes.ObjectionFilter{NoteID: note.ID}); err != nil {
		return nil, err
	}
	if view.Corrections, err = v.corrections(note.ID); err != nil {
		return nil, err
	}
	v.addRights(view)
	view.SendTo.Addresses = creditnotes.AddressesPresent
	for i := range b.Config.Entities {
		if e := &b.Config.Entities[i]; e.Key == note.Recipient {
			view.SendTo.Present = e.Emails
		}
	}
	return view, nil
}

// addRights tells what the visitor can do with the note as it stands.
func (v *visit) addRights(view *noteView) {
	stands := view.Entry.Standing == creditnotes.StandsIssued
	view.Parked = v.may(access.Send) && slices.ContainsFunc(view.Deliveries, func(d creditnotes.Delivery) bool { return d.State == creditnotes.DeliveryParked })
	for _, o := range view.Objections {
		view.Objected = view.Objected || o.State == creditnotes.ObjectionOpen
	}
	view.Resend = v.may(access.Send) && len(view.Files) > 0
	view.Cancel = v.may(access.Cancel) && stands
	view.Object = v.may(access.Object) && stands && !view.Objected
	view.Settle = v.may(access.SettleObjections) && view.Objected
}

func (v *visit) addFiles(view *noteView) error {
	files, err := v.Store.FileInfos(v.r.Context(), view.Note.ID)
	if err != nil {
		return err
	}
	slices.SortStableFunc(files, func(x, y creditnotes.FileInfo) int { return cmp.Compare(fileOrder(x.Kind), fileOrder(y.Kind)) })
	for _, f := range files {
		line := noteFileLine{f, view.Path + "/files/" + url.PathEscape(string(f.Kind))}
		view.Files = append(view.Files, line)
		if f.Kind == creditnotes.FilePDF {
			view.PDF = line.Path
		}
	}
	return nil
}

// fileOrder puts what people read before what machines read.
func fileOrder(kind creditnotes.FileKind) int {
	switch kind {
	case creditnotes.FilePDF:
		return 0
	case creditnotes.FileCSV:
		return 1
	}
	return 2
}

// positionsOf groups the positions of a note by owner, in walk order as they
// are printed.
func (v *visit) positionsOf(b *snapshot.Snapshot, note *creditnotes.Note, path string) (owners []ownerPositions) {
	for _, p := range note.Positions {
		if len(owners) == 0 || owners[len(owners)-1].Key != p.Owner {
			owners = append(owners, ownerPositions{Key: p.Owner, Name: b.Names(p.Owner)})
		}
		o := &owners[len(owners)-1]
		line := positionLine{Position: p, Carried: note.Document.CarriedForward[p.Ordinal]}
		line.Path = path + "/positions/" + strconv.Itoa(p.Ordinal)
		if p.Component == creditnotes.CarriedForward {
			line.Months = note.CarriedMonths(&p)
			for _, m := range line.Months {
				line.Sessions += m.Sessions
			}
		} else {
			line.Station = v.linkIfAllowed(stationPath(p.Station))
		}
		if p.Component == creditnotes.Energy {
			o.Sessions += p.Sessions
		}
		o.Energy += p.Energy
		o.Net += p.Net
		o.Lines = append(o.Lines, line)
	}
	return owners
}

func (v *visit) corrections(noteID int64) (lines []correctionLine, err error) {
	list, err := v.Store.Corrections(v.r.Context(), noteID)
	for _, c := range list {
		line := correctionLine{Correction: c}
		if c.Number != "" && c.State == creditnotes.Issued {
			line.Path = numberPath(c.Number)
		}
		lines = append(lines, line)
	}
	return lines, err
}

// fileCSP lets browsers show a PDF, in a frame of ours, too, and run nothing.
const fileCSP = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; object-src 'self'; frame-ancestors 'self'"

// noteFile sends a stored file of a note: the document to be looked at, the
// others, or the document where the address says so, to be kept.
func (v *visit) noteFile() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	file, err := v.Store.File(v.r.Context(), entry.ID, entry.Number, creditnotes.FileKind(v.r.PathValue("kind")))
	if err != nil {
		return err
	}
	return v.sendFile(file)
}

func (v *visit) sendFile(f *creditnotes.File) error {
	disposition := "attachment"
	if f.Kind == creditnotes.FilePDF && v.r.FormValue("keep") == "" {
		disposition = "inline"
	}
	h := v.w.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", fileCSP)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+f.SHA256+`"`)
	http.ServeContent(v.w, v.r, "", time.Time{}, bytes.NewReader(f.Content))
	return nil
}

// positionView are the sessions beneath a position.
type positionView struct {
	Number, NotePath string
	Position         creditnotes.Position
	Owner            string // name
	Currency         string
	Lines            []detailLine
	List             *List
}

// detailLine is one session beneath a position.
type detailLine struct {
	creditnotes.Detail
	Path string // of the session; empty: not for the visitor
	Net  money.Micros
}

// positionPage shows the sessions beneath a position: as a part of the page of
// the note, or as a page of its own.
func (v *visit) positionPage() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	note, err := v.Store.NoteByNumber(v.r.Context(), entry.Number)
	if err != nil {
		return err
	}
	ordinal, err := strconv.Atoi(v.r.PathValue("ordinal"))
	if err != nil || ordinal < 1 || ordinal > len(note.Positions) {
		return fault.New(fault.NotFound, "page_unknown", nil)
	}
	view, err := v.positionView(note, &note.Positions[ordinal-1])
	if err != nil {
		return err
	}
	if v.refreshes() {
		return v.part("note_position", "position_sessions", view)
	}
	return v.show("note_position", fmt.Sprintf("%s · %d", note.Number, ordinal), view)
}

func (v *visit) positionView(note *creditnotes.Note, p *creditnotes.Position) (*positionView, error) {
	b, err := v.snapshot(v.r.Context())
	if err != nil {
		return nil, err
	}
	path := numberPath(note.Number)
	view := &positionView{Number: note.Number, NotePath: path, Position: *p, Owner: b.Names(p.Owner), Currency: note.Currency}
	view.List = v.positionList(fmt.Sprintf("%s/positions/%d", path, p.Ordinal), note.Currency)
	details, err := Streamed(view.List, note.DetailsOf(p, v.Store.Details(v.r.Context(), note)))
	if err != nil {
		return nil, err
	}
	for _, d := range details {
		line := detailLine{Detail: d, Net: d.Line.Net(p.Component)}
		if v.who.Sees(d.Owner) {
			line.Path = sessionPath(d.Session.ID)
		}
		view.Lines = append(view.Lines, line)
	}
	return view, view.List.Err()
}

// positionList is the list of the sessions of a position. The place in it was
// the number of the sessions in front of it once.
func (v *visit) positionList(path, currency string) *List {
	l := NewList(v.r.URL.Query(), ListOptions{Path: path, Size: linesPerPage, Empty: "position_sessions_none"})
	if from, err := strconv.Atoi(v.r.FormValue("from")); err == nil {
		l.Set(ParamPage, strconv.Itoa(from/linesPerPage+1))
	}
	l.SetHeads(Head{Message: "session_name"}, Head{Message: "session_start"}, Head{Message: "session_duration", Num: true}, Head{Text: "kWh", Num: true},
		Head{Message: "session_evse"}, Head{Message: "session_class"}, Head{Message: "session_cost_rate"}, Head{Message: "session_amount", Text: currency, Num: true})
	return l
}

// IsCancellation tells whether the note cancels another.
func (view *noteView) IsCancellation() bool { return view.Entry.Kind == numbering.Cancellation }
