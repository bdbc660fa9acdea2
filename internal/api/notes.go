package api

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/numbering"
)

// Note is a credit note, a fee invoice or a cancellation in a listing.
type Note struct {
	Number      string                    `json:"number,omitempty" doc:"none: a draft"`
	Kind        numbering.DocumentType    `json:"kind" enum:"credit_note,invoice,cancellation" doc:"invoice: a fee invoice, which the recipient pays"`
	Standing    creditnotes.Standing      `json:"standing" enum:"issued,cancelled,cancellation,draft"`
	Date        entities.Date             `json:"date"`
	Run         string                    `json:"run"`
	Month       entities.Month            `json:"month"`
	Range       string                    `json:"range"`
	Recipient   string                    `json:"recipient"`
	Owners      []string                  `json:"owners" nullable:"false"`
	Currency    string                    `json:"currency"`
	Net         string                    `json:"net"`
	Tax         string                    `json:"tax"`
	Gross       string                    `json:"gross"`
	Delivery    creditnotes.DeliveryState `json:"delivery,omitempty" doc:"of the latest mailing; none: there was none"`
	CancelledBy string                    `json:"cancelled_by,omitempty"`
	Cancels     string                    `json:"cancels,omitempty"`
	ExternalID  string                    `json:"external_id,omitempty" doc:"its key in another system"`
}

// NoteTotal adds up the notes of a listing in one currency: credit notes or fee
// invoices, with what cancels them.
type NoteTotal struct {
	Currency string                 `json:"currency"`
	Kind     numbering.DocumentType `json:"kind" enum:"credit_note,invoice" doc:"a cancellation counts with what it cancels"`
	Notes    int                    `json:"notes"`
	Net      string                 `json:"net"`
	Tax      string                 `json:"tax"`
	Gross    string                 `json:"gross"`
}

// NoteList is one page of notes with the totals of all pages.
type NoteList struct {
	Link string `header:"Link" doc:"the next page, as rel=next"`
	Body struct {
		Items[Note]
		Totals []NoteTotal `json:"totals" nullable:"false" doc:"of all pages, by currency and kind; on the first page only"`
	}
}

// notesInput narrows the listing.
type notesInput struct {
	Paging
	Month     string `query:"month" example:"2026-10" doc:"of the run"`
	From      string `query:"from_month" doc:"the first month of the runs"`
	Until     string `query:"until_month" doc:"the last month of the runs"`
	Owner     string `query:"owner"`
	Recipient string `query:"recipient"`
	Run       string `query:"run"`
	Kind      string `query:"kind" enum:"credit_note,invoice,cancellation"`
	Standing  string `query:"standing" enum:"issued,cancelled,cancellation,draft"`
	Range     string `query:"range"`
	Currency  string `query:"currency"`
	Delivery  string `query:"delivery" enum:"queued,sending,sent,incomplete,failed,parked,none"`
	Text      string `query:"text" doc:"part of the number or of the recipient's key"`
	External  string `query:"external_id" doc:"key in another system"`
}

func (c *call) notes(in *notesInput) (*NoteList, error) {
	f, err := c.noteFilter(in)
	if err != nil {
		return nil, err
	}
	page, err := c.page(in.Paging)
	if err != nil {
		return nil, err
	}
	list, err := c.Store.ListNotes(c.ctx, f, page)
	if err != nil {
		return nil, err
	}
	items := make([]Note, len(list.Notes))
	for i := range list.Notes {
		items[i] = noteOf(&list.Notes[i])
	}
	some := listed(c, items, list.Next)
	out := &NoteList{Link: some.Link}
	out.Body.Items, out.Body.Totals = some.Body, []NoteTotal{}
	if in.Cursor != "" {
		return out, nil
	}
	totals, err := c.Store.NoteTotals(c.ctx, f)
	for _, t := range totals {
		digits := digitsOf(t.Currency)
		out.Body.Totals = append(out.Body.Totals, NoteTotal{t.Currency, t.Kind, t.Notes, t.Net.Format(digits), t.Tax.Format(digits), t.Gross.Format(digits)})
	}
	return out, err
}

func noteOf(n *creditnotes.NoteEntry) Note {
	digits := digitsOf(n.Currency)
	return Note{
		Number: n.Number, Kind: n.Kind, Standing: n.Standing, Date: n.Date, Run: n.Run, Month: n.Month, Range: n.Range, Recipient: n.Recipient,
		Owners: n.Owners, Currency: n.Currency, Net: n.Net.Format(digits), Tax: n.Tax.Format(digits), Gross: n.Gross.Format(digits),
		Delivery: n.Delivery, CancelledBy: n.CancelledBy, Cancels: n.Cancels, ExternalID: n.ExternalID,
	}
}

func (c *call) noteFilter(in *notesInput) (f creditnotes.NoteFilter, err error) {
	f = creditnotes.NoteFilter{
		Owner: in.Owner, Recipient: in.Recipient, Run: in.Run, Kind: numbering.DocumentType(in.Kind), Standing: creditnotes.Standing(in.Standing), Range: in.Range,
		Currency: in.Currency, Delivery: creditnotes.DeliveryState(in.Delivery), Text: in.Text, ExternalID: in.External, Scope: snapshot.Scope(c.who),
	}
	for _, one := range []struct {
		text  string
		month *entities.Month
	}{{in.Month, &f.Month}, {in.From, &f.FromMonth}, {in.Until, &f.UntilMonth}} {
		if one.text == "" {
			continue
		}
		if *one.month, err = c.month(one.text); err != nil {
			return f, err
		}
	}
	return f, nil
}

// NoteInput names a note.
type NoteInput struct {
	Number string `path:"number" example:"GS-2026-00001"`
}

// note finds an issued note that the visitor sees.
func (c *call) note(number string) (*creditnotes.Note, error) {
	note, err := c.Store.NoteByNumber(c.ctx, number)
	if err != nil {
		return nil, err
	}
	if !snapshot.SeesNote(c.who, note.Recipient, note.Owners) {
		return nil, fault.New(fault.NotFound, "note_unknown", fault.Args{"number": number})
	}
	return note, nil
}

// ShownNote is a note with what happened to it.
type ShownNote struct {
	creditnotes.NoteJSON
	CancelledBy string      `json:"cancelled_by,omitempty"`
	Deliveries  []Delivery  `json:"deliveries" nullable:"false" doc:"the original first; only for who sees the recipient"`
	Objections  []Objection `json:"objections" nullable:"false" doc:"the latest first"`
	ExternalID  string      `json:"external_id,omitempty" doc:"its key in another system"`
}

// showNote shows one note.
func (c *call) showNote(in *NoteInput) (*One[ShownNote], error) {
	note, err := c.note(in.Number)
	if err != nil {
		return nil, err
	}
	out := ShownNote{NoteJSON: note.JSON(), Deliveries: []Delivery{}}
	if out.CancelledBy, err = c.Store.CancelledBy(c.ctx, note.ID); err != nil {
		return nil, err
	}
	if out.ExternalID, err = c.Store.NoteExternalID(c.ctx, note.ID); err != nil {
		return nil, err
	}
	if snapshot.SeesMailings(c.who, note.Recipient) {
		mailings, err := c.Store.Deliveries(c.ctx, note.ID)
		if err != nil {
			return nil, err
		}
		for i := range mailings {
			out.Deliveries = append(out.Deliveries, c.deliveryOf(note.Number, &mailings[i]))
		}
	}
	out.Objections, err = c.objectionsTo(note)
	return &One[ShownNote]{out}, err
}

// StoredFile is a file of a note.
type StoredFile struct {
	Kind      creditnotes.FileKind `json:"kind" enum:"pdf,csv,xlsx,cii,ubl,xrechnung,xrechnung-cii,peppol,france"`
	Name      string               `json:"name"`
	MediaType string               `json:"media_type"`
	Bytes     int                  `json:"bytes"`
	SHA256    string               `json:"sha256"`
	Address   string               `json:"address" format:"uri-reference"`
}

// files lists the files of a note; there are none until it was rendered.
func (c *call) files(in *NoteInput) (*List[StoredFile], error) {
	note, err := c.note(in.Number)
	if err != nil {
		return nil, err
	}
	files, err := c.Store.FileInfos(c.ctx, note.ID)
	if err != nil {
		return nil, err
	}
	items := make([]StoredFile, len(files))
	for i, f := range files {
		path := Base + "/credit-notes/" + url.PathEscape(note.Number) + "/files/" + string(f.Kind)
		items[i] = StoredFile{f.Kind, f.Name, f.MediaType, f.Bytes, f.SHA256, path}
	}
	return listed(c, items, ""), nil
}

// fileInput names a file of a note.
type fileInput struct {
	NoteInput
	Kind        string `path:"kind" enum:"pdf,csv,xlsx,cii,ubl,xrechnung,xrechnung-cii,peppol,france" doc:"what the recipient does not get is made when it is asked for first, and stored"`
	IfNoneMatch string `header:"If-None-Match"`
}

// fileOutput is the stored bytes.
type fileOutput struct {
	Status      int
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	ETag        string `header:"ETag" doc:"the SHA-256 of the content"`
	Body        []byte
}

// file gives one file out, byte for byte.
func (c *call) file(in *fileInput) (*fileOutput, error) {
	note, err := c.note(in.Number)
	if err != nil {
		return nil, err
	}
	kind := creditnotes.FileKind(in.Kind)
	f, err := c.Store.File(c.ctx, note.ID, note.Number, kind)
	if fault.Is(err, fault.NotFound) {
		f, err = c.made(note, kind)
	}
	if err != nil {
		return nil, err
	}
	out := &fileOutput{
		Status: http.StatusOK, ContentType: f.MediaType, ETag: `"` + f.SHA256 + `"`, Disposition: `attachment; filename="` + f.Name + `"`, Body: f.Content,
	}
	if in.IfNoneMatch == out.ETag {
		out.Status, out.Body = http.StatusNotModified, nil
	}
	return out, nil
}

// made makes a file that is not stored, in a place of its own, since there may be
// many sessions.
func (c *call) made(note *creditnotes.Note, kind creditnotes.FileKind) (*creditnotes.File, error) {
	leave, err := c.place()
	if err != nil {
		return nil, err
	}
	defer leave()
	return c.Runner.File(c.ctx, note, kind, c.name())
}

// NoteSession is a session below a note; amounts carry the sign with which
// they stand on the document.
type NoteSession struct {
	Session      string               `json:"session"`
	Owner        string               `json:"owner"`
	Station      string               `json:"station"`
	EVSEID       string               `json:"evse_id"`
	Connector    int                  `json:"connector"`
	Start        time.Time            `json:"start" doc:"in the station's zone"`
	End          time.Time            `json:"end"`
	Duration     int64                `json:"duration_s"`
	Class        sessions.Class       `json:"class"`
	Medium       string               `json:"medium" doc:"its last four characters"`
	Kind         creditnotes.LineKind `json:"kind"`
	Energy       money.Quantity       `json:"energy_kwh"`
	NetEnergy    money.Micros         `json:"net_energy"`
	NetTime      money.Micros         `json:"net_time"`
	NetFee       money.Micros         `json:"net_fee"`
	NetTotal     money.Micros         `json:"net_total" doc:"with what a contract makes of the session; of a fee invoice what is billed as own charging"`
	DriverAmount *money.Micros        `json:"driver_amount,omitempty" doc:"what the settlement used, else what the source states"`
	Contract     string               `json:"contract,omitempty" doc:"key of the contract that settles or bills it"`
	Collected    bool                 `json:"collected_later,omitempty" doc:"an earlier run held it until its money had arrived"`
	Rule         string               `json:"rule"`
	Tariff       string               `json:"tariff"`
	CostRate     string               `json:"cost_rate"`
	Discount     money.Percent        `json:"discount_percent"`
	Currency     string               `json:"currency"`
	Month        entities.Month       `json:"month"`
	Late         bool                 `json:"late"`
	CorrectionOf string               `json:"correction_of,omitempty"`
	Tax          string               `json:"tax" example:"S 19" doc:"category and rate"`
	CarriedFrom  entities.Month       `json:"carried_from,omitempty" doc:"month of the run that carried the line forward onto this note"`
}

// streamed writes an answer piece by piece.
type streamed struct {
	Body func(huma.Context)
}

// noteSessions writes the sessions of a note one a line, however many there
// are. An answer that breaks off is cut off, never ended.
func (c *call) noteSessions(in *NoteInput) (*streamed, error) {
	note, err := c.note(in.Number)
	if err != nil {
		return nil, err
	}
	return c.streamSessions(note.Number, c.Store.Details(c.ctx, note))
}

// streamSessions writes sessions of a note one a line.
func (c *call) streamSessions(of string, details iter.Seq2[creditnotes.Detail, error]) (*streamed, error) {
	leave, err := c.place()
	if err != nil {
		return nil, err
	}
	context.AfterFunc(c.r.Context(), leave) // should no one ask for the body
	c.download("sessions")
	return &streamed{func(answer huma.Context) {
		defer leave()
		answer.SetHeader("Content-Type", "application/x-ndjson")
		answer.SetStatus(http.StatusOK)
		encoder := json.NewEncoder(answer.BodyWriter())
		encoder.SetEscapeHTML(false)
		for d, err := range details {
			if err == nil {
				err = encoder.Encode(noteSessionOf(&d))
			}
			if err != nil {
				c.Log.Warn("answer broken off", "number", of, "err", err)
				flow.CutOff()
			}
		}
	}}, nil
}

func noteSessionOf(d *creditnotes.Detail) NoteSession {
	zone, err := time.LoadLocation(d.Path.Zone)
	if err != nil {
		zone = time.UTC
	}
	amount := d.Session.DriverAmount
	if d.Line.ByDriver {
		amount = &d.Line.DriverAmount
	}
	return NoteSession{
		NetTotal: d.Total(), DriverAmount: amount, Contract: d.Path.Contract, Collected: d.Path.CollectedLater,
		Session: d.Session.ExternalID, Owner: d.Owner, Station: d.Path.Station, EVSEID: d.Path.EVSEID, Connector: d.Path.Connector,
		Start: d.Session.Start.In(zone), End: d.Session.End.In(zone), Duration: d.Session.Duration, Class: d.Path.Class,
		Medium: sessions.MaskMedium(d.Session.MediumUID), Kind: d.Line.Kind, Energy: d.Line.Energy, NetEnergy: d.Line.NetEnergy, NetTime: d.Line.NetTime,
		NetFee: d.Line.NetFee, Rule: d.Path.Rule, Tariff: d.Path.Tariff, CostRate: d.Path.CostRate, Discount: d.Path.Discount,
		Currency: d.Path.Currency, Month: d.Month, Late: d.Late, CorrectionOf: d.CorrectionOf, Tax: d.Tax.Label(), CarriedFrom: d.CarriedFrom,
	}
}
