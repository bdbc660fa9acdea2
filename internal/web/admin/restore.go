package admin

import (
	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// restoreView is the page on which a person confirms a restore.
type restoreView struct {
	*page.FormState
	Confirm  page.ConfirmView
	Reason   string // why nothing is issued
	At       string // of the backup
	Compared string // when, with an archive
	Twice    []creditnotes.KeptDocument
	Waiting  int
	Agreed   bool
	Mails    string
}

// RestorePage asks whether no document was issued after the backup.
func (v *Visit) RestorePage() error { return v.showRestore(v.Form("")) }

func (v *Visit) showRestore(f *page.FormState) error {
	waits, err := v.Store.Restored(v.R.Context())
	if err != nil {
		return err
	}
	if waits == nil {
		return v.Redirect("/")
	}
	view := restoreView{
		FormState: f, Confirm: v.ConfirmView().On(f), Reason: v.Texts.PageFault(v.Lang, waits.Fault()), Twice: waits.Twice, Waiting: waits.Waiting,
		Agreed: f.Checked("agreed"), Mails: f.Text("mails"),
	}
	zone := v.Zone()
	view.At = v.InWords(waits.BackupAt.In(zone))
	if !waits.ComparedAt.IsZero() {
		view.Compared = v.InWords(waits.ComparedAt.In(zone))
	}
	return v.ShowForm(f, "restore", v.Message("restore_title"), view)
}

// ConfirmRestore ends the wait: a person says that no document was issued after
// the backup, and what becomes of the mails that waited.
func (v *Visit) ConfirmRestore() error {
	f := v.Form("")
	if !f.Checked("agreed") {
		f.Fail(fault.New(fault.Invalid, "restore_unagreed", nil).At("agreed"))
	}
	mails := creditnotes.ParkWaiting
	if f.Text("mails") == string(creditnotes.SendWaiting) {
		mails = creditnotes.SendWaiting
	}
	if !f.Ok() || f.Fail(v.Confirm()) || f.Fail(v.Store.ConfirmRestore(v.R.Context(), v.Name(), mails)) {
		return v.showRestore(f)
	}
	return v.Done("/", "restore_confirmed")
}
