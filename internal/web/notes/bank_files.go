package notes

import (
	"context"
	"fmt"
	"io"
	"path"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/internal/tasks"
	"creditrun/internal/web/page"
)

// bankUploadView is an uploaded file: what it would do, or did.
type bankUploadView struct {
	*page.FormState
	Name     string
	Path     string
	Working  bool
	Read     int      // entries so far
	Problems []string // why it cannot be taken in
	Applied  bool
	Result   *store.BankResult // nil: not known yet
	Findings []string
	Figures  []bankFigure
	Rows     []bankLine
	More     bool // there are more rows than are shown
	New      bool // something would change
}

// bankFigure counts what a file does.
type bankFigure struct {
	Text  string
	Count int
}

func bankUploadPath(id string) string { return "/bank/files/" + id }

// bankTask is the subject of what is done with an uploaded file.
func bankTask(id string, check bool) string {
	if check {
		return "check " + id
	}
	return "apply " + id
}

// UploadBank keeps a file and begins to look at what it would do.
func (v *Visit) UploadBank() error {
	f := v.Form(uploadForm)
	content, head, err := v.R.FormFile("file")
	if err != nil || head.Size == 0 {
		f.Say("file", "bank_file_missing")
		return v.showBank(f)
	}
	defer content.Close()
	u, err := v.Store.AddUpload(v.R.Context(), v.Name(), store.UploadOfBank, path.Base(strings.ReplaceAll(head.Filename, `\`, "/")), head.Size, content)
	if err != nil {
		return err
	}
	v.startBank(u, true)
	return v.Redirect(bankUploadPath(u.ID))
}

// startBank looks at an uploaded file, or takes it in, in the background.
func (v *Visit) startBank(u *store.Upload, check bool) {
	s, who := v.Store, v.Name()
	v.banks.Start(who, bankTask(u.ID, check), func(ctx context.Context, p *tasks.Progress) (store.BankResult, error) {
		var content io.Reader = s.OpenUpload(ctx, u)
		return s.ImportBank(ctx, who, content, store.ImportOptions{Name: u.Name, Check: check, Progress: func(n int) { p.Set(n, 0) }})
	})
}

// uploaded is the file of the address.
func (v *Visit) uploaded() (*store.Upload, error) {
	return v.Store.Upload(v.R.Context(), v.Name(), store.UploadOfBank, v.R.PathValue("id"))
}

// CheckBank looks once more at what an uploaded file would do.
func (v *Visit) CheckBank() error {
	u, err := v.uploaded()
	if err != nil {
		return err
	}
	if err := v.banks.ForgetLatest(v.R.Context(), v.Name(), bankTask(u.ID, false)); err != nil {
		return err
	}
	v.startBank(u, true)
	return v.Redirect(bankUploadPath(u.ID))
}

// ApplyBank takes an uploaded file in, once.
func (v *Visit) ApplyBank() error {
	u, err := v.uploaded()
	if err != nil {
		return err
	}
	before, err := v.banks.Latest(v.R.Context(), v.Name(), bankTask(u.ID, false))
	if err != nil {
		return err
	}
	if before == nil {
		v.startBank(u, false)
	}
	return v.Redirect(bankUploadPath(u.ID))
}

// BankUpload shows what an uploaded file would do, or did.
func (v *Visit) BankUpload() error {
	u, err := v.uploaded()
	if err != nil {
		return err
	}
	view := bankUploadView{FormState: v.Form(""), Name: u.Name, Path: bankUploadPath(u.ID), Applied: true}
	task, err := v.banks.Latest(v.R.Context(), v.Name(), bankTask(u.ID, false))
	if task == nil && err == nil {
		view.Applied = false
		task, err = v.banks.Latest(v.R.Context(), v.Name(), bankTask(u.ID, true))
	}
	if err != nil {
		return err
	}
	if task != nil {
		if err := v.addOutcome(&view, task.Within(answerWithin)); err != nil {
			return err
		}
	}
	return v.ShowForm(view.FormState, "bank_upload", v.Message("bank_upload_title", "File", u.Name), view)
}

// addOutcome adds what became of the work on a file.
func (v *Visit) addOutcome(view *bankUploadView, r tasks.State[store.BankResult]) error {
	switch {
	case !r.Over():
		v.W.Header().Set("Refresh", "2")
		view.Working, view.Read = true, r.Progress.Done
		return nil
	case r.Err != nil:
		faults := fault.Of(r.Err)
		if len(faults) == 0 {
			return r.Err
		}
		for _, f := range faults {
			view.Problems = append(view.Problems, v.words(f))
		}
		return nil
	}
	result := r.Value
	view.Result = &result
	for _, f := range result.Findings {
		view.Findings = append(view.Findings, v.words(f))
	}
	for i := range result.Entries {
		line := v.bankLine(&result.Entries[i])
		line.Path = ""
		view.Rows = append(view.Rows, line)
	}
	told := result.Queued + result.Ignored + result.Received + result.Executed + result.Returned + result.Rejected
	view.New, view.More = told > 0 && !result.Repeated, told > len(view.Rows)
	view.Figures = v.bankFigures(&result)
	return nil
}

// bankFigures counts what a file does, without what it does not.
func (v *Visit) bankFigures(r *store.BankResult) (list []bankFigure) {
	for _, f := range []struct {
		key   string
		count int
	}{{"executed", r.Executed}, {"returned", r.Returned}, {"rejected", r.Rejected}, {"received", r.Received}, {"queued", r.Queued}, {"ignored", r.Ignored},
		{"known", r.Known}, {"pending", r.Pending}, {"others", r.Others}} {
		if f.count > 0 {
			list = append(list, bankFigure{v.Message(fmt.Sprintf("bank_count_%s", f.key)), f.count})
		}
	}
	return list
}
