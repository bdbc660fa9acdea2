package notes

import (
	"io"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/web/page"
)

// validityView is what the page of a note says of the validity of its files and
// on which ways they go.
type validityView struct {
	Files     []creditnotes.FileValidation
	Channels  []entities.Channel
	Handovers []creditnotes.Handover
	Attach    bool // the visitor may attach a report
	Kind      string
	Validator string
	Version   string
	Result    string
}

// validity reads what is known of the validity of the files of a note.
func (v *Visit) validity(view *noteView) (err error) {
	out := &view.Validity
	out.Channels, out.Attach = view.Note.Document.Delivery, v.May(access.Draft) && view.Operator
	if out.Files, err = v.Store.Validations(v.R.Context(), view.Note.ID); err != nil {
		return err
	}
	out.Handovers, err = v.Store.Handovers(v.R.Context(), view.Note.ID)
	return err
}

// typed keeps what was typed into the form of a report.
func (v *validityView) typed(f *page.FormState) {
	v.Kind, v.Validator, v.Version, v.Result = f.Text("kind"), f.Text("validator"), f.Text("version"), f.Text("result")
}

// AttachValidation attaches the report of a validator to a file of a note.
func (v *Visit) AttachValidation() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	f := v.Form(validationForm)
	report := creditnotes.ValidationReport{
		Kind: creditnotes.FileKind(f.Text("kind")), Validator: f.Text("validator"), Version: f.Text("version"),
		Result: creditnotes.ValidationResult(f.Text("result")), CreatedBy: v.Name(),
	}
	if file, header, err := v.R.FormFile("report"); err == nil {
		defer file.Close()
		report.Name = header.Filename
		if report.Content, err = io.ReadAll(file); err != nil {
			return err
		}
	}
	if f.Fail(creditnotes.AttachValidation(v.R.Context(), v.Store, entry.Number, report)) {
		return v.showNote(f)
	}
	return v.Done(page.NotePath(entry)+"#validity", "note_validation_attached", "Number", entry.Number)
}

// ValidationReport sends an attached report.
func (v *Visit) ValidationReport() error {
	entry, err := v.visibleNote()
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(v.R.PathValue("id"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "file_not_stored", fault.Args{"number": entry.Number, "kind": v.R.PathValue("id")})
	}
	report, err := v.Store.ValidationReport(v.R.Context(), entry.ID, id)
	if err != nil {
		return err
	}
	return v.sendFile(&creditnotes.File{Name: report.Name, MediaType: "application/octet-stream", SHA256: report.SHA256, Content: report.Content})
}
