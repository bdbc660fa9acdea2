package notes

import (
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// mailsOpenView lists the recipients that have not got their mail.
type mailsOpenView struct {
	List       *page.List
	Recipients []creditnotes.OpenRecipient
	Pause      *creditnotes.MailPause
}

// MailsOpen lists what has not arrived, of all runs.
func (v *Visit) MailsOpen() error {
	ctx := v.R.Context()
	l := page.NewList(v.R.URL.Query(), page.ListOptions{Path: "/mails/open", Size: page.LinesPerPage, Empty: "open_none"})
	l.SetHeads(page.Head{Message: "open_run"}, page.Head{Message: "open_month"}, page.Head{Message: "open_number"}, page.Head{Message: "open_recipient"},
		page.Head{Message: "open_address"}, page.Head{Message: "open_state"}, page.Head{Message: "open_reason"}, page.Head{Message: "open_todo"})
	view := mailsOpenView{List: l}
	list, err := v.Store.OpenRecipients(ctx, store.OpenFilter{After: openPlace(l), Limit: page.LinesPerPage + 1})
	if err != nil {
		return err
	}
	view.Recipients = page.More(l, list, page.ParamAfter, func(r creditnotes.OpenRecipient) string { return page.FormatID(r.Mailing) + "~" + r.Address })
	if view.Pause, err = v.Store.MailPause(ctx); err != nil {
		return err
	}
	return v.ShowList("mails_open", "open_title", view, l.Err())
}

// openPlace is where a page of the list begins.
func openPlace(l *page.List) (place store.OpenPlace) {
	after := l.Text(page.ParamAfter)
	if after == "" {
		return place
	}
	id, address, _ := strings.Cut(after, "~")
	mailing, err := page.ParseID(id)
	if err != nil || address == "" {
		l.BadPlace(after)
		return place
	}
	return store.OpenPlace{Mailing: mailing, Address: address}
}

// SettleMail ends that the mail of a note is parked.
func (v *Visit) SettleMail() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	f := v.Form(settleForm)
	arrived := f.Text("outcome") == "arrived"
	if f.Fail(v.Store.SettleMail(v.R.Context(), v.Name(), entry.Number, arrived)) {
		return v.showNote(f)
	}
	said := "note_mail_again"
	if arrived {
		said = "note_mail_arrived"
	}
	return v.Done(page.NotePath(entry)+"#mail", said, "Number", entry.Number)
}
