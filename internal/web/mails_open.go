package web

import (
	"net/url"
	"strconv"
	"strings"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// mailsOpenView lists the recipients that have not got their mail.
type mailsOpenView struct {
	Recipients []creditnotes.OpenRecipient
	Pause      *creditnotes.MailPause
	Pager      pagerView
}

// mailsOpen lists what has not arrived, of all runs.
func (v *visit) mailsOpen() error {
	ctx := v.r.Context()
	id, address, _ := strings.Cut(v.r.URL.Query().Get("after"), "~")
	mailing, _ := strconv.ParseInt(id, 10, 64)
	view := mailsOpenView{}
	list, err := v.Store.OpenRecipients(ctx, store.OpenFilter{After: store.OpenPlace{Mailing: mailing, Address: address}, Limit: linesPerPage + 1})
	if err != nil {
		return err
	}
	next := ""
	if len(list) > linesPerPage {
		list = list[:linesPerPage]
		last := list[len(list)-1]
		next = strconv.FormatInt(last.Mailing, 10) + "~" + last.Address
	}
	view.Recipients, view.Pager = list, pagerOf("/mails/open", url.Values{}, next, "")
	if view.Pause, err = v.Store.MailPause(ctx); err != nil {
		return err
	}
	return v.showAs("mails_open", "open_title", view)
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
