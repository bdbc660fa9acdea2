package web

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// resendNote queues the documents of a note once more.
func (v *visit) resendNote() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	f := v.form(resendForm)
	if f.fail(v.confirm()) {
		return v.showNote(f)
	}
	q := creditnotes.ResendRequest{Number: entry.Number, Addresses: creditnotes.Addresses(f.text("addresses")), Who: v.name()}
	if q.Addresses == creditnotes.AddressesNamed {
		q.To = f.lines("to")
	}
	delivery, err := v.Runner.Resend(v.r.Context(), q)
	if f.fail(err) {
		return v.showNote(f)
	}
	return v.done(notePath(entry)+"#mail", "note_resent", "Number", entry.Number, "To", strings.Join(delivery.To, ", "))
}

// noteCancelView is the page that says what a cancellation will do.
type noteCancelView struct {
	*form
	Entry       creditnotes.NoteEntry
	Path        string
	Recipient   string // name
	Sessions    int    // that are open again
	Range       string // of the number
	Example     string // the number the range begins with
	Mail        bool   // the cancellation is mailed by itself
	Objected    bool   // an open objection is settled by it
	First       []correctionLine
	Withdrawn   int // settled without a document
	Date        string
	Reason      string
	Confirm     confirmView
	Cancellable bool
}

// cancelPage says what will happen, and asks for reason and date.
func (v *visit) cancelPage() error { return v.showCancel(v.form("")) }

func (v *visit) showCancel(f *form) error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	view, err := v.noteCancelView(entry)
	if err != nil {
		return err
	}
	view.form, view.Confirm = f, v.confirmView().on(f)
	if !f.ok() {
		view.Date, view.Reason = f.text("date"), f.text("reason")
	}
	return v.showForm(f, "note_cancel", v.message("note_cancel_title", "Number", entry.Number), view)
}

func (v *visit) noteCancelView(entry *creditnotes.NoteEntry) (*noteCancelView, error) {
	ctx := v.r.Context()
	b, err := v.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	note, err := v.Store.NoteByNumber(ctx, entry.Number)
	if err != nil {
		return nil, err
	}
	settings := b.Config.Settings
	view := &noteCancelView{
		Entry: *entry, Path: notePath(entry), Recipient: b.Names(entry.Recipient), Range: settings.CancellationRange, Mail: settings.Mail,
		Date: v.today(),
	}
	for _, p := range note.Positions {
		if p.Component == creditnotes.Energy {
			view.Sessions += p.Sessions
		}
	}
	if r := b.Config.Range(settings.CancellationRange); r != nil {
		view.Example = r.Example(v.today())
	}
	open, err := v.Store.Objections(ctx, creditnotes.ObjectionFilter{NoteID: note.ID, Open: true})
	if err != nil {
		return nil, err
	}
	view.Objected = len(open) > 0
	corrections, err := v.corrections(note.ID)
	for _, c := range corrections {
		if c.Number != "" || c.State == creditnotes.Draft {
			view.First = append(view.First, c)
		} else {
			view.Withdrawn++
		}
	}
	view.Cancellable = entry.Standing == creditnotes.StandsIssued && len(view.First) == 0
	return view, err
}

// cancelNote issues the cancellation.
func (v *visit) cancelNote() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	f := v.form("")
	if f.fail(v.confirm()) {
		return v.showCancel(f)
	}
	q := creditnotes.CancelRequest{Number: entry.Number, Reason: f.text("reason"), Who: v.name()}
	if date := f.text("date"); date != "" {
		if q.Date, err = entities.ParseDate(date); err != nil {
			f.fail(fault.New(fault.Invalid, "run_date_invalid", fault.Args{"date": date}).At("date"))
			return v.showCancel(f)
		}
	}
	note, err := v.Runner.Cancel(v.r.Context(), q)
	if f.fail(err) {
		return v.showCancel(f)
	}
	return v.done(notePath(entry), "note_cancelled", "Number", entry.Number, "By", note.Number)
}

// objectTo records an objection to a note.
func (v *visit) objectTo() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	if f := v.form(objectForm); f.fail(v.Store.RaiseObjection(v.r.Context(), v.name(), entry.Number, f.text("text"))) {
		return v.showNote(f)
	}
	return v.done(notePath(entry)+"#objections", "note_objected", "Number", entry.Number)
}

// withdrawObjection settles the open objection: the note stands.
func (v *visit) withdrawObjection() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	if f := v.form(withdrawForm); f.fail(v.Store.WithdrawObjection(v.r.Context(), v.name(), entry.Number, f.text("answer"), f.sent())) {
		return v.showNote(f)
	}
	return v.done(notePath(entry)+"#objections", "note_settled", "Number", entry.Number)
}
