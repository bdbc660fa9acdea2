package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"creditrun/creditnotes"
)

// printReport prints what a run did, for people or as JSON.
func (a *app) printReport(r *creditnotes.Report) error {
	if a.json {
		return a.printJSON(r.JSON(a.words))
	}
	if r.Stage == "" {
		fmt.Fprintf(a.stdout, "Preview of %s\n", r.Month)
	} else {
		fmt.Fprintf(a.stdout, "Run %s (%s)\n", r.Name, r.Stage)
	}
	a.printFailure(r.Failure)
	if len(r.Notes) > 0 {
		a.printNotes(r.Notes)
	} else {
		fmt.Fprintln(a.stdout, "  no credit notes")
	}
	a.printFees(r.Fees)
	for _, note := range r.Silent {
		digits := note.Document.CurrencyDigits
		fmt.Fprintf(a.stdout, "  no %s for %s: net %s %s (%s)\n", silentNames[note.Kind], strings.Join(note.Owners, ", "), note.Net.Format(digits), note.Currency, note.State)
	}
	a.printReasons("held", r.Held)
	a.printReasons("credited with a warning", r.Warned)
	for _, owner := range r.Failed {
		fmt.Fprintf(a.stdout, "  no credit note for %s: %s\n", owner.Owner, a.words(owner.Failed))
	}
	a.printControl(r.Total)
	return nil
}

// printFailure says why a run stopped.
func (a *app) printFailure(f *creditnotes.Failure) {
	if f == nil {
		return
	}
	fmt.Fprintf(a.stdout, "  stopped at %s\n", f.At.Format(time.RFC3339))
	for _, one := range f.Faults {
		fmt.Fprintf(a.stdout, "  %s\n", a.words(one))
	}
	if f.Reference != "" {
		fmt.Fprintf(a.stdout, "  the reason is in the log, reference %s\n", f.Reference)
	}
}

func (a *app) printNotes(notes []*creditnotes.Note) {
	table := newTable(a.stdout)
	fmt.Fprintln(table, "  number\trecipient\tfor\tlanguage\tnet\ttax\tgross\t\t")
	for _, note := range notes {
		digits := note.Document.CurrencyDigits
		number := note.Number
		if number == "" {
			number = "(draft)"
		}
		fmt.Fprintf(table, "  %s\t%s\t%v\t%s\t%s\t%s\t%s\t%s\t\n", number, note.Recipient, joined(note.Owners), note.Language,
			note.Net.Format(digits), note.Tax.Format(digits), note.Gross.Format(digits), note.Currency)
	}
	table.Flush()
}

// printReasons counts sessions by reason, in the order in which the rules are
// asked, and names what the overlapping ones overlap.
func (a *app) printReasons(what string, list []creditnotes.Hold) {
	counts := creditnotes.CountReasons(list)
	if len(counts) == 0 {
		return
	}
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		reasons = append(reasons, fmt.Sprintf("%s %d", reason, counts[reason]))
	}
	fmt.Fprintf(a.stdout, "  %s: %s\n", what, strings.Join(reasons, ", "))
	for _, b := range creditnotes.Blockers(list) {
		fmt.Fprintf(a.stdout, "    %d sessions with %s kWh overlap %s\n", b.Sessions, b.Energy, b.Session)
	}
}

func (a *app) printControl(c creditnotes.Control) {
	table := newTable(a.stdout)
	fmt.Fprintln(table, "  control sheet\treceived\tcredited\theld\tzero\texcluded\twithdrawn\t\t")
	cells := []creditnotes.Count{c.Received, c.Credited, c.Held, c.Zero, c.Excluded, c.Withdrawn}
	fmt.Fprint(table, "  sessions")
	for _, cell := range cells {
		fmt.Fprintf(table, "\t%d", cell.Sessions)
	}
	fmt.Fprint(table, "\t\t\n  kWh")
	for _, cell := range cells {
		fmt.Fprintf(table, "\t%s", cell.Energy)
	}
	verdict := "balanced"
	if !c.Balanced() {
		verdict = "NOT BALANCED"
	}
	fmt.Fprintf(table, "\t%s\t\n", verdict)
	table.Flush()
}

func joined(keys []string) string {
	switch len(keys) {
	case 0:
		return ""
	case 1:
		return keys[0]
	}
	return fmt.Sprintf("%s +%d", keys[0], len(keys)-1)
}
