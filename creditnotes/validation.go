package creditnotes

import (
	"context"
	"slices"
	"strings"
	"time"

	"creditrun/internal/fault"
)

// Validation says how a file was checked when it was made. It is stored with the
// file and never changed.
type Validation struct {
	Profile       string `json:"profile,omitempty"`       // specification of an e-invoice; empty: another file
	Edition       string `json:"edition,omitempty"`       // of the specification
	Specification string `json:"specification,omitempty"` // BT-24
	// Checks are those that ran on this file.
	Checks []ValidationCheck `json:"checks"`
	// RuleSets are the official ones with which the release was tested that made
	// the file. They did not run on this file.
	RuleSets []RuleSet `json:"rule_sets"`
}

// ValidationCheck is one check that ran on a file.
type ValidationCheck struct {
	Name    string           `json:"name"`
	Version string           `json:"version"`
	Result  ValidationResult `json:"result"`
}

// RuleSet is a published set of rules in a version.
type RuleSet struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// ValidationResult is the result of a check.
type ValidationResult string

// The results of checks.
const (
	ValidationPassed ValidationResult = "passed"
	ValidationFailed ValidationResult = "failed"
)

// FileValidation is what is known of the validity of a stored file.
type FileValidation struct {
	Kind    FileKind
	Name    string      // GS-2026-00001-xrechnung.xml
	SHA256  string      // of the file, hex
	Record  *Validation // nil: the file was made by a release that kept none
	Reports []ValidationReport
}

// ValidationReport is what a validator outside said of a stored file.
type ValidationReport struct {
	ID        int64
	NoteID    int64
	Kind      FileKind // of the file
	Validator string   // name of the program
	Version   string   // of the program or its rules; may be empty
	Result    ValidationResult
	Name      string // of the report
	Content   []byte // of the report; nil in lists
	SHA256    string // of the report, hex
	CreatedAt time.Time
	CreatedBy string
}

// ActionValidationAttached is the action of the audit log that says that a
// report of a validator was attached to a file.
const ActionValidationAttached = "document.validation_attached"

// ValidationStore keeps reports of validators.
type ValidationStore interface {
	// AttachValidation attaches a report to a stored file. The same report is
	// attached once; a file that is not stored is a NotFound fault.
	AttachValidation(ctx context.Context, number string, r *ValidationReport) error
}

// AttachValidation checks a report and attaches it to a stored file of a note.
func AttachValidation(ctx context.Context, s ValidationStore, number string, r ValidationReport) error {
	if r.Validator = strings.TrimSpace(r.Validator); r.Validator == "" {
		r.Validator = "validator"
	}
	if !slices.Contains([]ValidationResult{ValidationPassed, ValidationFailed}, r.Result) {
		return fault.New(fault.Usage, "validation_result_unknown", fault.Args{"value": string(r.Result)}).At("result")
	}
	if len(r.Content) == 0 {
		return fault.New(fault.Usage, "validation_report_empty", nil).At("report")
	}
	if r.Name = fileName(r.Name); r.Name == "" {
		r.Name = "report.xml"
	}
	return s.AttachValidation(ctx, number, &r)
}
