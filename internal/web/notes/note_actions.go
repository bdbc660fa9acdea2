package notes

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// ResendNote queues the documents of a note once more.
func (v *Visit) ResendNote() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	f := v.Form(resendForm)
	if f.Fail(v.Confirm()) {
		return v.showNote(f)
	}
	q := creditnotes.ResendRequest{Number: entry.Number, Addresses: creditnotes.Addresses(f.Text("addresses")), Who: v.Name()}
	if q.Addresses == creditnotes.AddressesNamed {
		q.To = f.Lines("to")
	}
	delivery, err := v.Runner.Resend(v.R.Context(), q)
	if f.Fail(err) {
		return v.showNote(f)
	}
	return v.Done(page.NotePath(entry)+"#mail", "note_resent", "Number", entry.Number, "To", strings.Join(delivery.To, ", "))
}

// noteCancelView is the page that says what a cancellation will do.
type noteCancelView struct {
	*page.FormState
	Entry       creditnotes.NoteEntry
	Path        string
	Recipient   string // name
	Sessions    int    // that are open again
	Range       string // of the number
	Next        string // number that it would get today; empty: not known before
	CancelledBy string // address of the document that has cancelled it
	Mail        bool   // the cancellation is mailed by itself
	Objected    bool   // an open objection is settled by it
	First       []correctionLine
	Withdrawn   int // settled without a document
	Date        string
	Reason      string
	Confirm     page.ConfirmView
	Cancellable bool
}

// CancelPage says what will happen, and asks for reason and date.
func (v *Visit) CancelPage() error { return v.showCancel(v.Form("")) }

func (v *Visit) showCancel(f *page.FormState) error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	view, err := v.noteCancelView(entry)
	if err != nil {
		return err
	}
	view.FormState, view.Confirm = f, v.ConfirmView().On(f)
	if !f.Ok() {
		view.Date, view.Reason = f.Text("date"), f.Text("reason")
	}
	return v.ShowForm(f, "note_cancel", v.Message("note_cancel_title", "Number", entry.Number), view)
}

func (v *Visit) noteCancelView(entry *creditnotes.NoteEntry) (*noteCancelView, error) {
	ctx := v.R.Context()
	b, err := v.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	note, err := v.Store.NoteByNumber(ctx, entry.Number)
	if err != nil {
		return nil, err
	}
	settings := b.Config.Settings
	view := &noteCancelView{
		Entry: *entry, Path: page.NotePath(entry), Recipient: b.Names(entry.Recipient), Range: settings.CancellationRange, Mail: settings.Mail,
		Date: v.Today(),
	}
	for _, p := range note.Positions {
		if p.Component == creditnotes.Energy {
			view.Sessions += p.Sessions
		}
	}
	if r := b.Config.Range(settings.CancellationRange); r != nil {
		if view.Next, err = v.NextNumber(r, entry.Recipient); err != nil {
			return nil, err
		}
	}
	if entry.CancelledBy != "" {
		view.CancelledBy = page.NumberPath(entry.CancelledBy)
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

// CancelNote issues the cancellation.
func (v *Visit) CancelNote() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	f := v.Form("")
	if f.Fail(v.Confirm()) {
		return v.showCancel(f)
	}
	q := creditnotes.CancelRequest{Number: entry.Number, Reason: f.Text("reason"), Who: v.Name()}
	if date := f.Text("date"); date != "" {
		if q.Date, err = entities.ParseDate(date); err != nil {
			f.Fail(fault.New(fault.Invalid, "run_date_invalid", fault.Args{"date": date}).At("date"))
			return v.showCancel(f)
		}
	}
	note, err := v.Runner.Cancel(v.R.Context(), q)
	if f.Fail(err) {
		return v.showCancel(f)
	}
	payout, err := v.Store.PayoutOnItsWay(v.R.Context(), entry.Number)
	if err != nil {
		return err
	}
	if payout != "" {
		return v.Done(page.NotePath(entry), "note_cancelled_in_payment", "Number", entry.Number, "By", note.Number, "Payout", payout)
	}
	return v.Done(page.NotePath(entry), "note_cancelled", "Number", entry.Number, "By", note.Number)
}

// ObjectTo records an objection to a note.
func (v *Visit) ObjectTo() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	if f := v.Form(objectForm); f.Fail(v.Store.Object(v.R.Context(), v.Name(), entry.Number, f.Text("reason"), f.Text("text"))) {
		return v.showNote(f)
	}
	return v.Done(page.NotePath(entry)+"#objections", "note_objected", "Number", entry.Number)
}

// WithdrawObjection settles the open objection: the note stands.
func (v *Visit) WithdrawObjection() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	if f := v.Form(withdrawForm); f.Fail(v.Store.WithdrawObjection(v.R.Context(), v.Name(), entry.Number, f.Text("answer"), f.Sent())) {
		return v.showNote(f)
	}
	return v.Done(page.NotePath(entry)+"#objections", "note_settled", "Number", entry.Number)
}
