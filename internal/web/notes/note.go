package notes

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

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// noteView is the page of one credit note or cancellation.
type noteView struct {
	*page.FormState
	Entry       creditnotes.NoteEntry
	Note        *creditnotes.Note
	Path        string
	Paid        store.PaidNote // zero: it was not paid out
	Recipient   string         // name
	Link        string         // to the recipient; empty: not for the visitor
	Owners      []ownerPositions
	Files       []noteFileLine
	PDF         string // address; empty: not made yet
	Mailings    bool   // the visitor may see them: they tell addresses of the recipient
	Deliveries  []creditnotes.Delivery
	Objections  []objectionLine
	Reasons     []page.Choice // of an objection
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
	Validity    validityView
	Text        string
	Answer      string
	Confirm     page.ConfirmView
	External    externalIDView
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

// positionLine is a position and where the sessions below it are.
type positionLine struct {
	creditnotes.Position
	Path    string // empty: nothing is below it
	Station string // address; empty: not for the visitor
	Carried string // run it was carried forward from
	Months  []creditnotes.CarriedMonth
	Priced  []string // what it was priced at
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

// NotePage shows one note.
func (v *Visit) NotePage() error { return v.showNote(v.Form("")) }

// The forms of the page of a note.
const (
	resendForm     = "resend"
	settleForm     = "settle"
	objectForm     = "object"
	validationForm = "validation"
	withdrawForm   = "withdraw"
	externalForm   = "external"
)

// showNote shows a note and the forms of it.
func (v *Visit) showNote(f *page.FormState) error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	view, err := v.noteView(entry)
	if err != nil {
		return err
	}
	view.FormState, view.Confirm = f, v.ConfirmView().On(f.In(resendForm))
	view.External = v.externalID(f, view.Path, entry.ExternalID)
	if !f.Ok() {
		view.Text, view.Answer = f.Text("text"), f.Text("answer")
		view.Validity.typed(f)
		if addresses := f.Text("addresses"); addresses != "" {
			view.SendTo.Addresses, view.SendTo.Named, view.SendTo.Open = creditnotes.Addresses(addresses), f.Text("to"), true
		}
	}
	return v.ShowForm(f, "note", entry.Number, view)
}

func (v *Visit) noteView(entry *creditnotes.NoteEntry) (*noteView, error) {
	ctx := v.R.Context()
	b, err := v.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	note, err := v.Store.NoteByNumber(ctx, entry.Number)
	if err != nil {
		return nil, err
	}
	positions, err := v.positionsOf(b, note, page.NotePath(entry))
	if err != nil {
		return nil, err
	}
	view := &noteView{
		Entry: *entry, Note: note, Path: page.NotePath(entry), Recipient: b.Names(entry.Recipient), Operator: v.Who.Operator,
		Link: v.LinkIfAllowed(page.EntityPath(entry.Recipient)), Owners: positions,
	}
	if entry.CancelledBy != "" {
		view.CancelledBy = page.NumberPath(entry.CancelledBy)
	}
	if entry.Cancels != "" {
		view.Cancels = page.NumberPath(entry.Cancels)
	}
	if err := v.addFiles(view); err != nil {
		return nil, err
	}
	view.Mailings = snapshot.SeesMailings(v.Who, note.Recipient)
	if view.Mailings {
		if view.Deliveries, err = v.Store.Deliveries(ctx, note.ID); err != nil {
			return nil, err
		}
	}
	if view.Objections, err = v.objectionLines(note.ID); err != nil {
		return nil, err
	}
	view.Reasons = v.Choices("objection_reason_%s", "", creditnotes.ObjectionReasons()...)
	if view.Corrections, err = v.corrections(note.ID); err != nil {
		return nil, err
	}
	paid, err := v.Store.PaidNotes(ctx, note.ID)
	if err != nil {
		return nil, err
	}
	if view.Mailings { // the payout is that of the recipient
		view.Paid = paid[note.ID]
	}
	v.addRights(view)
	if err := v.validity(view); err != nil {
		return nil, err
	}
	view.SendTo.Addresses = creditnotes.AddressesPresent
	for i := range b.Config.Entities {
		if e := &b.Config.Entities[i]; e.Key == note.Recipient {
			view.SendTo.Present = e.Emails
		}
	}
	return view, nil
}

// addRights tells what the visitor can do with the note as it stands.
func (v *Visit) addRights(view *noteView) {
	stands := view.Entry.Standing == creditnotes.StandsIssued
	view.Parked = v.May(access.Send) && slices.ContainsFunc(view.Deliveries, func(d creditnotes.Delivery) bool { return d.State == creditnotes.DeliveryParked })
	for _, o := range view.Objections {
		view.Objected = view.Objected || o.State == creditnotes.ObjectionOpen
	}
	view.Resend = v.May(access.Send) && len(view.Files) > 0
	view.Cancel = v.May(access.Cancel) && stands
	view.Object = v.May(access.Object) && stands && !view.Objected && view.Entry.Kind == numbering.CreditNote
	view.Settle = v.May(access.SettleObjections) && view.Objected
}

func (v *Visit) addFiles(view *noteView) error {
	files, err := v.Store.FileInfos(v.R.Context(), view.Note.ID)
	if err != nil {
		return err
	}
	files = creditnotes.WithAsked(files)
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
	case creditnotes.FileXLSX:
		return 1
	case creditnotes.FileCSV:
		return 2
	}
	return 3
}

// positionsOf groups the positions of a note by owner, in walk order as they
// are printed.
func (v *Visit) positionsOf(b *snapshot.Snapshot, note *creditnotes.Note, path string) (owners []ownerPositions, err error) {
	for _, p := range note.Positions {
		if len(owners) == 0 || owners[len(owners)-1].Key != p.Owner {
			owners = append(owners, ownerPositions{Key: p.Owner, Name: b.Names(p.Owner)})
		}
		o := &owners[len(owners)-1]
		line := positionLine{Position: p, Carried: note.Document.CarriedForward[p.Ordinal]}
		if line.Priced, err = v.PriceTexts(note, &p); err != nil {
			return nil, err
		}
		if p.Sessions > 0 || p.Component == creditnotes.CarriedForward {
			line.Path = path + "/positions/" + strconv.Itoa(p.Ordinal)
		}
		if p.Component == creditnotes.CarriedForward {
			line.Months = note.CarriedMonths(&p)
			for _, m := range line.Months {
				line.Sessions += m.Sessions
			}
		} else {
			line.Station = v.LinkIfAllowed(page.StationPath(p.Station))
		}
		if p.Component == creditnotes.Energy {
			o.Sessions += p.Sessions
		}
		o.Energy += p.Energy
		o.Net += p.Net
		o.Lines = append(o.Lines, line)
	}
	return owners, nil
}

func (v *Visit) corrections(noteID int64) (lines []correctionLine, err error) {
	list, err := v.Store.Corrections(v.R.Context(), noteID)
	for _, c := range list {
		line := correctionLine{Correction: c}
		if c.Number != "" && c.State == creditnotes.Issued {
			line.Path = page.NumberPath(c.Number)
		}
		lines = append(lines, line)
	}
	return lines, err
}

// NoteFile sends a file of a note: the document to be looked at, the
// others, or the document where the address says so, to be kept.
func (v *Visit) NoteFile() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	ctx, kind := v.R.Context(), creditnotes.FileKind(v.R.PathValue("kind"))
	file, err := v.Store.File(ctx, entry.ID, entry.Number, kind)
	if fault.Is(err, fault.NotFound) {
		file, err = v.madeFile(entry.Number, kind)
	}
	if err != nil {
		return err
	}
	return v.sendFile(file)
}

// madeFile makes a file that is not stored.
func (v *Visit) madeFile(number string, kind creditnotes.FileKind) (*creditnotes.File, error) {
	note, err := v.Store.NoteByNumber(v.R.Context(), number)
	if err != nil {
		return nil, err
	}
	return v.Runner.File(v.R.Context(), note, kind, v.Who.User.Name)
}

func (v *Visit) sendFile(f *creditnotes.File) error {
	disposition := "attachment"
	if f.Kind == creditnotes.FilePDF && v.R.FormValue("keep") == "" {
		disposition = "inline"
	}
	h := v.W.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	h.Set("Content-Security-Policy", page.FileCSP)
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+f.SHA256+`"`)
	http.ServeContent(v.W, v.R, "", time.Time{}, bytes.NewReader(f.Content))
	return nil
}

// positionView are the sessions below a position.
type positionView struct {
	Number, NotePath string
	*page.PositionSessions
}

// PositionPage shows the sessions below a position: as a part of the page of
// the note, or as a page of its own.
func (v *Visit) PositionPage() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	note, err := v.Store.NoteByNumber(v.R.Context(), entry.Number)
	if err != nil {
		return err
	}
	ordinal, err := strconv.Atoi(v.R.PathValue("ordinal"))
	if err != nil || ordinal < 1 || ordinal > len(note.Positions) {
		return fault.New(fault.NotFound, "page_unknown", nil)
	}
	view, err := v.positionView(note, &note.Positions[ordinal-1])
	if err != nil {
		return err
	}
	if v.Refreshes() {
		return v.Part("note_position", "position_sessions", view)
	}
	return v.Show("note_position", fmt.Sprintf("%s · %d", note.Number, ordinal), view)
}

func (v *Visit) positionView(note *creditnotes.Note, p *creditnotes.Position) (*positionView, error) {
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return nil, err
	}
	path := page.NumberPath(note.Number)
	sessions, err := v.PositionSessions(note, p, path, b.Names(p.Owner), v.Store.Details(v.R.Context(), note))
	return &positionView{note.Number, path, sessions}, err
}

// IsCancellation reports whether the note cancels another.
func (view *noteView) IsCancellation() bool { return view.Entry.Kind == numbering.Cancellation }
