package month

import (
	"encoding/json"
	"io"
	"strconv"

	"creditrun/creditnotes"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
)

// RunJSON downloads the report of a run as formats.md §4 describes it.
func (v *Visit) RunJSON() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	report, err := v.Runner.Report(v.R.Context(), run)
	if err != nil {
		return err
	}
	return v.Stream(page.TypeJSON, "run-"+run.Name+".json", func(w io.Writer) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report.JSON(func(f *fault.Fault) string { return v.Texts.Fault(v.Lang, f) }))
	})
}

// RunCSV downloads the control sheet: a line for each owner, and the total.
func (v *Visit) RunCSV() error {
	run, err := v.run()
	if err != nil {
		return err
	}
	b, err := v.Snapshot(v.R.Context())
	if err != nil {
		return err
	}
	owners, err := v.Store.OwnerResults(v.R.Context(), run.ID)
	if err != nil {
		return err
	}
	return v.Stream(page.TypeCSV, "control-sheet-"+run.Name+".csv", func(w io.Writer) error {
		return writeControl(w, b, run.Name, owners)
	})
}

func writeControl(w io.Writer, b *snapshot.Snapshot, run string, owners []creditnotes.OwnerResult) error {
	file := export.NewCSV(w)
	_ = file.Write("run", "owner", "name", "received_sessions", "received_kwh", "credited_sessions", "credited_kwh",
		"held_sessions", "held_kwh", "zero_sessions", "zero_kwh", "excluded_sessions", "excluded_kwh",
		"balanced", "failed", "withdrawn_sessions", "withdrawn_kwh")
	var total creditnotes.Control
	for _, o := range mergedOwners(owners) {
		failed := ""
		if o.Failed != nil {
			failed = o.Failed.Key
		}
		total = total.Plus(o.Control)
		_ = file.Write(controlRow(run, o.Owner, b.Names(o.Owner), o.Control, failed)...)
	}
	_ = file.Write(controlRow(run, "*", "", total, "")...)
	return file.Flush()
}

func controlRow(run, owner, name string, c creditnotes.Control, failed string) []string {
	row := []string{run, owner, name}
	for _, cell := range []creditnotes.Count{c.Received, c.Credited, c.Held, c.Zero, c.Excluded, c.Withdrawn} {
		row = append(row, strconv.FormatInt(cell.Sessions, 10), cell.Energy.String())
	}
	return append(row, strconv.FormatBool(c.Balanced()), failed,
		strconv.FormatInt(c.Withdrawn.Sessions, 10), c.Withdrawn.Energy.String()) // columns are only added at the end
}
