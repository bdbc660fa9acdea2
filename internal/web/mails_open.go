package web

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// mailsOpenView lists the recipients that have not got their mail.
type mailsOpenView struct {
	List       *List
	Recipients []creditnotes.OpenRecipient
	Pause      *creditnotes.MailPause
}

// mailsOpen lists what has not arrived, of all runs.
func (v *visit) mailsOpen() error {
	ctx := v.r.Context()
	l := NewList(v.r.URL.Query(), ListOptions{Path: "/mails/open", Size: linesPerPage, Empty: "open_none"})
	l.SetHeads(Head{Message: "open_run"}, Head{Message: "open_month"}, Head{Message: "open_number"}, Head{Message: "open_recipient"},
		Head{Message: "open_address"}, Head{Message: "open_state"}, Head{Message: "open_reason"}, Head{Message: "open_todo"})
	view := mailsOpenView{List: l}
	list, err := v.Store.OpenRecipients(ctx, store.OpenFilter{After: openPlace(l), Limit: linesPerPage + 1})
	if err != nil {
		return err
	}
	view.Recipients = More(l, list, ParamAfter, func(r creditnotes.OpenRecipient) string { return formatID(r.Mailing) + "~" + r.Address })
	if view.Pause, err = v.Store.MailPause(ctx); err != nil {
		return err
	}
	return v.showList("mails_open", "open_title", view, l.Err())
}

// openPlace is where a page of the list begins.
func openPlace(l *List) (place store.OpenPlace) {
	after := l.Text(ParamAfter)
	if after == "" {
		return place
	}
	id, address, _ := strings.Cut(after, "~")
	mailing, err := parseID(id)
	if err != nil || address == "" {
		l.BadPlace(after)
		return place
	}
	return store.OpenPlace{Mailing: mailing, Address: address}
}

// settleMail ends that the mail of a note is parked.
func (v *visit) settleMail() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	f := v.form(settleForm)
	arrived := f.text("outcome") == "arrived"
	if f.fail(v.Store.SettleMail(v.r.Context(), v.name(), entry.Number, arrived)) {
		return v.showNote(f)
	}
	said := "note_mail_again"
	if arrived {
		said = "note_mail_arrived"
	}
	return v.done(notePath(entry)+"#mail", said, "Number", entry.Number)
}
