package api

import (
	"time"

	"creditrun/creditnotes"
)

// ValidatedFile is what is known of the validity of a file of a note.
type ValidatedFile struct {
	Kind    creditnotes.FileKind    `json:"kind" enum:"pdf,csv,xlsx,cii,ubl,xrechnung,xrechnung-cii,peppol,france"`
	Name    string                  `json:"name"`
	SHA256  string                  `json:"sha256"`
	Record  *creditnotes.Validation `json:"record,omitempty" doc:"how it was checked when it was made; none: made by a release that kept no record, or not checked"`
	Reports []ValidationReport      `json:"reports" nullable:"false" doc:"of validators outside"`
}

// ValidationReport is what a validator outside said of a file.
type ValidationReport struct {
	ID        int64                        `json:"id"`
	Validator string                       `json:"validator"`
	Version   string                       `json:"version,omitempty"`
	Result    creditnotes.ValidationResult `json:"result" enum:"passed,failed"`
	Name      string                       `json:"name"`
	SHA256    string                       `json:"sha256"`
	At        time.Time                    `json:"at"`
	By        string                       `json:"by"`
}

// validations lists what is known of the validity of the files of a note.
func (c *call) validations(in *NoteInput) (*List[ValidatedFile], error) {
	note, err := c.note(in.Number)
	if err != nil {
		return nil, err
	}
	files, err := c.Store.Validations(c.ctx, note.ID)
	if err != nil {
		return nil, err
	}
	items := make([]ValidatedFile, len(files))
	for i, f := range files {
		items[i] = ValidatedFile{f.Kind, f.Name, f.SHA256, f.Record, []ValidationReport{}}
		for _, r := range f.Reports {
			items[i].Reports = append(items[i].Reports, ValidationReport{r.ID, r.Validator, r.Version, r.Result, r.Name, r.SHA256, c.at(r.CreatedAt), r.CreatedBy})
		}
	}
	return listed(c, items, ""), nil
}

// attachInput is a report of a validator.
type attachInput struct {
	NoteInput
	Body struct {
		Kind      creditnotes.FileKind         `json:"kind" enum:"pdf,csv,xlsx,cii,ubl,xrechnung,xrechnung-cii,peppol,france" doc:"the file that was checked"`
		Validator string                       `json:"validator" minLength:"1"`
		Version   string                       `json:"version,omitempty" doc:"of the validator or its rules"`
		Result    creditnotes.ValidationResult `json:"result" enum:"passed,failed"`
		Name      string                       `json:"name,omitempty" example:"report.xml"`
		Report    string                       `json:"report" minLength:"1" doc:"the report as text"`
	}
}

// attachValidation attaches a report to a stored file; the same one is attached once.
func (c *call) attachValidation(in *attachInput) (*List[ValidatedFile], error) {
	note, err := c.note(in.Number)
	if err != nil {
		return nil, err
	}
	b := &in.Body
	err = creditnotes.AttachValidation(c.ctx, c.Store, note.Number, creditnotes.ValidationReport{
		Kind: b.Kind, Validator: b.Validator, Version: b.Version, Result: b.Result, Name: b.Name, Content: []byte(b.Report), CreatedBy: c.name(),
	})
	if err != nil {
		return nil, err
	}
	return c.validations(&in.NoteInput)
}
