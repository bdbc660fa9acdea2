package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// validationJSON is what is known of the validity of one file of a note.
type validationJSON struct {
	Kind    creditnotes.FileKind    `json:"kind"`
	Name    string                  `json:"name"`
	SHA256  string                  `json:"sha256"`
	Record  *creditnotes.Validation `json:"record"`
	Reports []validationReportJSON  `json:"reports"`
}

type validationReportJSON struct {
	ID        int64                        `json:"id"`
	Validator string                       `json:"validator"`
	Version   string                       `json:"version,omitempty"`
	Result    creditnotes.ValidationResult `json:"result"`
	Name      string                       `json:"name"`
	SHA256    string                       `json:"sha256"`
	At        string                       `json:"at"`
	By        string                       `json:"by"`
}

func (a *app) noteValidationCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "validation NUMBER", Short: "Show how the files of a note were checked",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			note, err := s.NoteByNumber(c.Context(), args[0])
			if err != nil {
				return err
			}
			list, err := s.Validations(c.Context(), note.ID)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(validationsJSON(list))
			}
			a.printValidations(list)
			return nil
		},
	}
	return a.jsonFlag(c)
}

func validationsJSON(list []creditnotes.FileValidation) []validationJSON {
	out := []validationJSON{}
	for _, f := range list {
		one := validationJSON{f.Kind, f.Name, f.SHA256, f.Record, []validationReportJSON{}}
		for _, r := range f.Reports {
			one.Reports = append(one.Reports, validationReportJSON{r.ID, r.Validator, r.Version, r.Result, r.Name, r.SHA256, r.CreatedAt.Format("2006-01-02T15:04:05Z07:00"), r.CreatedBy})
		}
		out = append(out, one)
	}
	return out
}

func (a *app) printValidations(list []creditnotes.FileValidation) {
	for _, f := range list {
		if f.Record == nil && len(f.Reports) == 0 {
			continue
		}
		fmt.Fprintln(a.stdout, f.Name)
		if r := f.Record; r != nil {
			if r.Profile != "" {
				fmt.Fprintf(a.stdout, "  profile %s %s\n", r.Profile, r.Edition)
			}
			for _, check := range r.Checks {
				fmt.Fprintf(a.stdout, "  %s: %s %s\n", check.Result, check.Name, check.Version)
			}
			for _, set := range r.RuleSets {
				fmt.Fprintf(a.stdout, "  release tested with %s %s\n", set.Name, set.Version)
			}
		}
		for _, r := range f.Reports {
			fmt.Fprintf(a.stdout, "  %s: %s %s, attached by %s: %s\n", r.Result, r.Validator, r.Version, r.CreatedBy, r.Name)
		}
	}
}

func (a *app) noteAttachCommand() *cobra.Command {
	var kind, result string
	var r creditnotes.ValidationReport
	c := &cobra.Command{
		Use: "attach NUMBER REPORT", Short: "Attach the report of a validator to a file of a note",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) (err error) {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			r.Kind, r.Result, r.CreatedBy = creditnotes.FileKind(kind), creditnotes.ValidationResult(result), a.who()
			if r.Content, err = os.ReadFile(args[1]); err != nil {
				return unopened(fault.NotFound, args[1], err)
			}
			r.Name = cmp.Or(filepath.Base(args[1]), "report.xml")
			return creditnotes.AttachValidation(c.Context(), s, args[0], r)
		},
	}
	c.Flags().StringVar(&kind, "kind", string(creditnotes.FileXRechnung), "the file: pdf, cii, ubl, xrechnung, xrechnung-cii, peppol, france")
	c.Flags().StringVar(&r.Validator, "validator", "", "name of the validator")
	c.Flags().StringVar(&r.Version, "version", "", "version of the validator or of its rules")
	c.Flags().StringVar(&result, "result", "", "passed or failed")
	return c
}
