package web

import (
	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// restoreView is the page on which a person confirms a restore.
type restoreView struct {
	*form
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
func (v *visit) restorePage() error { return v.showRestore(v.form("")) }

func (v *visit) showRestore(f *form) error {
	waits, err := v.Store.Restored(v.r.Context())
	if err != nil {
		return err
	}
	if waits == nil {
		return v.redirect("/")
	}
	view := restoreView{
		form: f, Confirm: v.confirmView().on(f), Reason: v.Texts.Fault(v.lang, waits.Fault()), Twice: waits.Twice, Waiting: waits.Waiting,
		Agreed: f.checked("agreed"), Mails: f.text("mails"),
	}
	zone := v.zone()
	view.At = v.inWords(waits.BackupAt.In(zone))
	if !waits.ComparedAt.IsZero() {
		view.Compared = v.inWords(waits.ComparedAt.In(zone))
	}
	return v.showForm(f, "restore", v.message("restore_title"), view)
}

// confirmRestore ends the wait: a person says that no document was issued after
// the backup, and what becomes of the mails that waited.
func (v *visit) confirmRestore() error {
	f := v.form("")
	if !f.checked("agreed") {
		f.fail(fault.New(fault.Invalid, "restore_unagreed", nil).At("agreed"))
	}
	mails := creditnotes.ParkWaiting
	if f.text("mails") == string(creditnotes.SendWaiting) {
		mails = creditnotes.SendWaiting
	}
	if !f.ok() || f.fail(v.confirm()) || f.fail(v.Store.ConfirmRestore(v.r.Context(), v.name(), mails)) {
		return v.showRestore(f)
	}
	return v.done("/", "restore_confirmed")
}
