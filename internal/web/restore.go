package web

import (
	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// restoreView is the page on which a person confirms a restore.
type restoreView struct {
	Confirm  confirmView
	Reason   string // why nothing is issued
	At       string // of the backup
	Compared string // when, with an archive
	Twice    []creditnotes.KeptDocument
	Waiting  int
	Agreed   bool
	Mails    string
}

// restorePage asks whether no document was issued after the backup.
func (v *visit) restorePage() error { return v.showRestore(nil) }

func (v *visit) showRestore(problem error) error {
	waits, err := v.Store.Restored(v.r.Context())
	if err != nil {
		return err
	}
	if waits == nil {
		return v.redirect("/")
	}
	view := restoreView{
		Confirm: v.confirmView(), Reason: v.Texts.Fault(v.lang, waits.Fault()), Twice: waits.Twice, Waiting: waits.Waiting,
		Agreed: v.r.PostFormValue("agreed") == "true", Mails: v.r.PostFormValue("mails"),
	}
	zone := v.zone()
	view.At = v.inWords(waits.BackupAt.In(zone))
	if !waits.ComparedAt.IsZero() {
		view.Compared = v.inWords(waits.ComparedAt.In(zone))
	}
	title, err := v.text("restore_title")
	if err != nil {
		return err
	}
	if problem != nil {
		return v.retry(problem, "restore", title, view)
	}
	return v.show("restore", title, view)
}

// confirmRestore ends the wait: a person says that no document was issued after
// the backup, and what becomes of the mails that waited.
func (v *visit) confirmRestore() error {
	if v.r.PostFormValue("agreed") != "true" {
		return v.showRestore(fault.New(fault.Invalid, "restore_unagreed", nil))
	}
	if err := v.confirm(); err != nil {
		return v.showRestore(err)
	}
	mails := creditnotes.ParkWaiting
	if v.r.PostFormValue("mails") == string(creditnotes.SendWaiting) {
		mails = creditnotes.SendWaiting
	}
	if err := v.Store.ConfirmRestore(v.r.Context(), v.name(), mails); err != nil {
		return v.showRestore(err)
	}
	return v.done("/", "restore_confirmed")
}
