package upload

import (
	"bufio"
	"context"
	"path"
	"slices"
	"strings"
	"time"

	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// answerWithin is how long a page waits for the work on a file before it shows
// that it goes on.
const answerWithin = time.Second

// uploadsView is the page on which a file is chosen.
type uploadsView struct {
	*page.FormState
	Formats []formatLine
}

// formatLine is a kind of file that the visitor may upload, or may not.
type formatLine struct {
	intake.Format
	May bool
}

func uploadPath(id string) string { return "/uploads/" + id }

// subject is what the work on an uploaded file is about.
func subject(id string, check bool) string {
	if check {
		return "check " + id
	}
	return "apply " + id
}

// rightsFor are the rights that the visitor needs to upload a kind of file, the
// same as in the API.
func rightsFor(kind intake.Kind) []access.Right {
	switch kind {
	case intake.KindNetwork:
		return []access.Right{access.ChangeEntities, access.ChangeTariffs, access.ChangeSettings}
	case intake.KindTopUps, intake.KindRecords:
		return []access.Right{access.Draft}
	}
	return []access.Right{access.ImportSessions}
}

func (v *Visit) mayUpload(kind intake.Kind) bool {
	return !slices.ContainsFunc(rightsFor(kind), func(r access.Right) bool { return !v.May(r) })
}

// Uploads shows the form.
func (v *Visit) Uploads() error { return v.showUploads(v.Form("")) }

func (v *Visit) showUploads(f *page.FormState) error {
	view := uploadsView{FormState: f}
	for _, format := range intake.Formats() {
		view.Formats = append(view.Formats, formatLine{format, v.mayUpload(format.Kind)})
	}
	return v.ShowForm(f, "uploads", v.Message("uploads_title"), view)
}

// Upload keeps a file and begins to look at what it would do.
func (v *Visit) Upload() error {
	f := v.Form("")
	content, head, err := v.R.FormFile("file")
	if err != nil || head.Size == 0 {
		f.Say("file", "upload_missing")
		return v.showUploads(f)
	}
	defer content.Close()
	name := path.Base(strings.ReplaceAll(head.Filename, `\`, "/"))
	first, _ := bufio.NewReaderSize(content, firstBytes).Peek(firstBytes)
	switch kind := intake.Sniff(name, first); {
	case kind == intake.KindUnknown:
		f.Say("file", "upload_kind_unknown")
	case kind == intake.KindBank:
		f.Say("file", "upload_kind_bank")
	case !v.mayUpload(kind):
		return fault.New(fault.Forbidden, "right_missing", nil)
	}
	if !f.Ok() {
		return v.showUploads(f)
	}
	u, err := v.Store.AddUpload(v.R.Context(), v.Name(), store.UploadOfIntake, name, head.Size, content)
	if err != nil {
		return err
	}
	if err := v.begin(u, true, f.Checked("as_correction"), 0); err != nil {
		return err
	}
	return v.Redirect(uploadPath(u.ID))
}

// begin looks at an uploaded file, or takes it in, in the background. Work that
// was begun before is not begun again.
func (v *Visit) begin(u *store.Upload, check, correct bool, version int64) error {
	j := &job{Pages: v.Pages, site: v.Site, file: u, who: v.Name(), lang: v.Lang, check: check, correct: correct, version: version}
	_, err := v.work.Join(v.R.Context(), j.who, subject(u.ID, check), func(ctx context.Context, p *tasks.Progress) (Outcome, error) { return j.run(ctx, p) })
	return err
}

// uploaded is the file of the address.
func (v *Visit) uploaded() (*store.Upload, error) {
	return v.Store.Upload(v.R.Context(), v.Name(), store.UploadOfIntake, v.R.PathValue("id"))
}

// latest is the work on a file: taking it in, else the look at it; nil where
// there was none.
func (v *Visit) latest(u *store.Upload) (task *tasks.Task[Outcome], applied bool, err error) {
	if task, err = v.work.Latest(v.R.Context(), v.Name(), subject(u.ID, false)); task != nil || err != nil {
		return task, true, err
	}
	task, err = v.work.Latest(v.R.Context(), v.Name(), subject(u.ID, true))
	return task, false, err
}

// Check looks once more at what an uploaded file would do.
func (v *Visit) Check() error {
	u, err := v.uploaded()
	if err != nil {
		return err
	}
	for _, check := range []bool{false, true} {
		if err := v.work.ForgetLatest(v.R.Context(), v.Name(), subject(u.ID, check)); err != nil {
			return err
		}
	}
	if err := v.begin(u, true, v.Form("").Checked("as_correction"), 0); err != nil {
		return err
	}
	return v.Redirect(uploadPath(u.ID))
}

// Apply takes an uploaded file in, once, after it was looked at. A network file
// is confirmed by the password: it may decide where money goes.
func (v *Visit) Apply() error {
	u, err := v.uploaded()
	if err != nil {
		return err
	}
	task, applied, err := v.latest(u)
	if err != nil {
		return err
	}
	if task == nil || applied {
		return v.Redirect(uploadPath(u.ID))
	}
	checked := task.State()
	if !checked.Over() || checked.Err != nil {
		return v.Redirect(uploadPath(u.ID))
	}
	if !v.mayUpload(checked.Value.Kind) { // was taken away meanwhile
		return fault.New(fault.Forbidden, "right_missing", nil)
	}
	if f := v.Form(""); checked.Value.Kind == intake.KindNetwork && f.Fail(v.Confirm()) {
		return v.showUpload(f, u)
	}
	if err := v.begin(u, false, checked.Value.AsCorrection, checked.Value.Version); err != nil {
		return err
	}
	return v.Redirect(uploadPath(u.ID))
}
