package notes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"net/url"
	"slices"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/export"
	"creditrun/internal/payouts"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// remindersView lists the reminders that are due, for the operator, and those that
// were sent.
type remindersView struct {
	*page.FormState
	Operator bool
	Day      entities.Date
	Due      []dueReminder
	Sendable int // of Due
	Send     bool
	Confirm  page.ConfirmView
	List     *page.List
	Entities []page.Choice
	Levels   []page.Choice
	Rows     []reminderRow
}

// dueReminder is a letter that would be sent.
type dueReminder struct {
	payouts.DueReminder
	Name    string
	Value   string // of its box: what the visitor has seen
	Chosen  bool
	Preview string // address of the letter; empty: none
	Change  string // address where reminders are stopped; empty: not for the visitor
}

// reminderRow is a reminder in the list.
type reminderRow struct {
	creditnotes.Reminder
	Name string
	Path string
	Mail creditnotes.DeliveryState // empty: not for the visitor
}

const sendForm = "send"

func reminderPath(number string) string { return "/reminders/" + url.PathEscape(number) }

var reminderHeads = []page.Head{
	{Key: "number", Message: "reminder"}, {Message: "payouts_recipient"}, {Message: "reminder_level"}, {Message: "reminder_day"}, {Message: "reminder_until"},
	{Message: "cash_documents", Num: true}, {Message: "payouts_amount", Num: true}, {Message: "notes_delivery"},
}

// Reminders shows what would be sent today and what was sent.
func (v *Visit) Reminders() error { return v.showReminders(v.Form(sendForm)) }

func (v *Visit) showReminders(f *page.FormState) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l, filter := v.askedReminders(b)
	view := remindersView{FormState: f, Operator: v.Who.Operator, Day: b.Day(v.Now()), Send: v.Who.Operator && v.May(access.Send), List: l, Entities: v.EntitiesOffered(b),
		Levels: v.levels(l.Text("level")), Confirm: v.ConfirmTo("/reminders").On(f)}
	if err := v.addDueReminders(b, &view); err != nil {
		return err
	}
	if l.Err() == nil {
		if view.Rows, err = v.reminderRows(b, l, filter); err != nil {
			return err
		}
	}
	v.offer(l, "/reminders")
	f.Fail(l.Err())
	return v.ShowForm(f, "reminders", v.Message("menu_reminders"), view)
}

func (v *Visit) levels(chosen string) (list []page.Choice) {
	for level := 1; level <= creditnotes.ReminderLevels; level++ {
		value := strconv.Itoa(level)
		list = append(list, page.Choice{Value: value, Text: v.Message(fmt.Sprintf("reminder_level_%s", value)), Chosen: value == chosen})
	}
	return list
}

// askedReminders is the list of the reminders that were sent, as the address asks
// for them.
func (v *Visit) askedReminders(b *snapshot.Snapshot) (*page.List, store.ReminderFilter) {
	l := page.NewList(v.R.URL.Query(), page.ListOptions{
		Path: "/reminders", Anchor: "#sent", Fields: []string{"entity", "level"}, Order: "-number", Size: page.RowsPerPage, Empty: "reminders_none"})
	l.SetHeads(slices.Clone(reminderHeads)...)
	f := store.ReminderFilter{Entity: v.EntityField(b, l, "entity"), Scope: snapshot.Scope(v.Who)}
	if level := l.Choice("level", "1", "2", "3"); level != "" {
		f.Level = int(level[0] - '0')
	}
	return l, f
}

// reminderRows reads the page of the list that is asked for.
func (v *Visit) reminderRows(b *snapshot.Snapshot, l *page.List, f store.ReminderFilter) ([]reminderRow, error) {
	sent, next, previous, err := v.Store.Reminders(v.R.Context(), f, l.Page("number"))
	if err != nil {
		return nil, err
	}
	l.Cursors(next, previous)
	ids := make([]int64, len(sent))
	for i := range sent {
		ids[i] = sent[i].ID
	}
	mails, err := v.Store.ReminderMails(v.R.Context(), ids...)
	rows := make([]reminderRow, len(sent))
	for i, r := range sent {
		rows[i] = reminderRow{Reminder: r, Name: b.Names(r.Recipient), Path: reminderPath(r.Number)}
		if snapshot.SeesMailings(v.Who, r.Recipient) {
			rows[i].Mail = mails[r.ID]
		}
	}
	return rows, err
}

// addDueReminders fills in what is due, for the operator alone.
func (v *Visit) addDueReminders(b *snapshot.Snapshot, view *remindersView) error {
	if !v.Who.Operator {
		return nil
	}
	list, err := v.Store.DueReminders(v.R.Context(), view.Day)
	if err != nil {
		return err
	}
	typed := view.All("letter")
	for i := range list {
		d := dueReminder{DueReminder: list[i], Name: b.Names(list[i].Recipient.Key), Value: seenReminder(&list[i]),
			Change: v.LinkIfAllowed(page.EntityPath(list[i].Recipient.Key) + "/edit")}
		d.Chosen = len(typed) == 0 || slices.Contains(typed, d.Value)
		if d.Apart != payouts.Objection {
			d.Preview = "/reminders/preview.pdf?" + url.Values{"entity": {d.Recipient.Key}, "currency": {d.Currency}}.Encode()
		}
		if d.Apart == "" {
			view.Sendable++
		}
		view.Due = append(view.Due, d)
	}
	return nil
}

// seenReminder names a letter by all that it says, so that no other one is sent
// than the one that the visitor has seen.
func seenReminder(r *payouts.DueReminder) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %s %v %s", r.Recipient.Key, r.Currency, r.Items, r.Apart))
	return hex.EncodeToString(sum[:16])
}

// SendReminders sends the letters that the visitor chose, in the background.
func (v *Visit) SendReminders() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	f := v.Form(sendForm)
	chosen := f.All("letter")
	if len(chosen) == 0 {
		f.Say("letter", "reminders_none_chosen")
	}
	if !f.Ok() || f.Fail(v.Confirm()) {
		return v.showReminders(f)
	}
	maker, err := store.MakerOfReminders(v.Runner, v.Texts.Supports)
	if err != nil {
		return err
	}
	s, who, day := v.Store, v.Name(), b.Day(v.Now())
	state := v.reminders.Start(who, string(day), func(ctx context.Context, p *tasks.Progress) (sentReminders, error) {
		maker.Progress = p.Set
		sent, err := s.SendReminders(ctx, who, day, func(r *payouts.DueReminder) bool { return slices.Contains(chosen, seenReminder(r)) }, maker)
		return sentReminders{len(sent), len(chosen) - len(sent)}, err
	}).Within(answerWithin)
	if !state.Over() {
		return v.Redirect(remindersWork(state.ID))
	}
	if f.Fail(state.Err) {
		return v.showReminders(f)
	}
	if done := state.Value; done.Left > 0 {
		f.Say("letter", "reminders_changed", "Sent", done.Sent, "Count", done.Left)
		return v.showReminders(f)
	}
	return v.Done("/reminders#sent", "reminders_are_sent", "Count", state.Value.Sent)
}

// PreviewReminder shows the letter of a reminder as it would be sent today.
func (v *Visit) PreviewReminder() error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	maker, err := store.MakerOfReminders(v.Runner, v.Texts.Supports)
	if err != nil {
		return err
	}
	content, err := v.Store.PreviewReminder(v.R.Context(), b.Day(v.Now()), v.R.FormValue("entity"), v.R.FormValue("currency"), maker)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	return v.sendFile(&creditnotes.File{Kind: creditnotes.FilePDF, Name: "preview.pdf", MediaType: "application/pdf", SHA256: hex.EncodeToString(sum[:]), Content: content})
}

// RemindersCSV downloads what is due, for the operator, and what was sent.
func (v *Visit) RemindersCSV() error {
	return v.remindersFile(page.TypeCSV, "reminders.csv", func(w io.Writer, due []payouts.DueReminder, sent iter.Seq2[creditnotes.Reminder, error]) error {
		return export.RemindersCSV(w, v.CSVLook(), due, sent)
	})
}

// RemindersXLSX downloads the same as a workbook.
func (v *Visit) RemindersXLSX() error {
	look, sheet := v.XLSXLook("head_%s"), v.Message("menu_reminders")
	return v.remindersFile(page.TypeXLSX, "reminders.xlsx", func(w io.Writer, due []payouts.DueReminder, sent iter.Seq2[creditnotes.Reminder, error]) error {
		return export.RemindersXLSX(w, sheet, look, due, sent)
	})
}

func (v *Visit) remindersFile(mediaType, name string, write func(io.Writer, []payouts.DueReminder, iter.Seq2[creditnotes.Reminder, error]) error) error {
	b, err := v.Network()
	if err != nil {
		return err
	}
	l, filter := v.askedReminders(b)
	err = l.Err()
	var due []payouts.DueReminder
	if err == nil && v.Who.Operator && !l.Narrowed() {
		due, err = v.Store.DueReminders(v.R.Context(), b.Day(v.Now()))
	}
	if err != nil {
		return err
	}
	return v.Stream(mediaType, name, func(w io.Writer) error { return write(w, due, v.Store.EachReminder(v.R.Context(), filter)) })
}
