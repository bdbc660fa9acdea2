package notes

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// reminderView is the page of a reminder.
type reminderView struct {
	*page.FormState
	*creditnotes.Reminder
	Name     string // of the recipient
	Link     string // to the recipient; empty: not for the visitor
	Path     string
	Lines    []reminderLine
	Operator bool

	Mailings   bool // the visitor may see them
	Deliveries []creditnotes.Delivery
	Resend     bool
	Parked     bool
	Present    []string
	Confirm    page.ConfirmView
}

// reminderLine is a document of a reminder.
type reminderLine struct {
	creditnotes.ReminderItem
	Path string // of the document; empty: it is none
}

// shownReminder is the reminder of the address; one that the visitor may not see is
// unknown.
func (v *Visit) shownReminder() (*creditnotes.Reminder, error) {
	number := v.R.PathValue("number")
	r, err := v.Store.Reminder(v.R.Context(), number)
	if err == nil && !v.Who.Sees(r.Recipient) {
		err = fault.New(fault.NotFound, "reminder_unknown", fault.Args{"reminder": number})
	}
	return r, err
}

// ReminderPage shows a reminder.
func (v *Visit) ReminderPage() error { return v.showReminder(v.Form("")) }

func (v *Visit) showReminder(f *page.FormState) error {
	r, err := v.shownReminder()
	if err != nil {
		return err
	}
	b, err := v.Network()
	if err != nil {
		return err
	}
	view := reminderView{FormState: f, Reminder: r, Name: b.Names(r.Recipient), Link: v.LinkIfAllowed(page.EntityPath(r.Recipient)), Path: reminderPath(r.Number),
		Operator: v.Who.Operator}
	for _, item := range r.Items {
		view.Lines = append(view.Lines, reminderLine{item, documentPath(item.Kind, item.Document)})
	}
	view.Confirm = v.ConfirmTo(view.Path).On(f)
	if err := v.reminderMails(b, &view); err != nil {
		return err
	}
	return v.ShowForm(f, "reminder", v.Message("reminder_title", "Reminder", r.Number), view)
}

// reminderMails fills in how a reminder was mailed.
func (v *Visit) reminderMails(b *snapshot.Snapshot, view *reminderView) (err error) {
	if view.Mailings = snapshot.SeesMailings(v.Who, view.Recipient); !view.Mailings {
		return nil
	}
	view.Resend = v.Who.Operator && v.May(access.Send)
	if to := b.Network.Tree.Entity(view.Recipient); to != nil {
		view.Present = to.Emails
	}
	view.Deliveries, err = v.Store.ReminderDeliveries(v.R.Context(), view.ID)
	for _, d := range view.Deliveries {
		view.Parked = view.Parked || view.Resend && d.State == creditnotes.DeliveryParked
	}
	return err
}

// ReminderPDF shows the letter of a reminder as it was sent.
func (v *Visit) ReminderPDF() error {
	r, err := v.shownReminder()
	if err != nil {
		return err
	}
	file, err := v.Store.ReminderFile(v.R.Context(), r.Number)
	if err != nil {
		return err
	}
	return v.sendFile(file)
}

// ResendReminder mails a reminder again.
func (v *Visit) ResendReminder() error {
	r, err := v.shownReminder()
	if err != nil {
		return err
	}
	f := v.Form(resendForm)
	if f.Fail(v.Confirm()) {
		return v.showReminder(f)
	}
	q := creditnotes.ResendRequest{Number: r.Number, Addresses: creditnotes.AddressesPresent, Who: v.Name()}
	if to := f.Lines("to"); len(to) > 0 {
		q.Addresses, q.To = creditnotes.AddressesNamed, to
	}
	delivery, err := v.Runner.Resend(v.R.Context(), q)
	if f.Fail(err) {
		return v.showReminder(f)
	}
	return v.Done(reminderPath(r.Number)+"#mail", "note_resent", "Number", r.Number, "To", strings.Join(delivery.To, ", "))
}

// SettleReminderMail ends that the mail of a reminder is parked.
func (v *Visit) SettleReminderMail() error {
	r, err := v.shownReminder()
	if err != nil {
		return err
	}
	f := v.Form(settleForm)
	arrived := f.Text("outcome") == "arrived"
	if f.Fail(v.Store.SettleMail(v.R.Context(), v.Name(), r.Number, arrived)) {
		return v.showReminder(f)
	}
	said := "note_mail_again"
	if arrived {
		said = "note_mail_arrived"
	}
	return v.Done(reminderPath(r.Number)+"#mail", said, "Number", r.Number)
}
