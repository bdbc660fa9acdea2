package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/store"
	"creditrun/numbering"
)

// noteRowJSON is a note in a listing.
type noteRowJSON struct {
	creditnotes.NoteJSON
	Run         string                    `json:"run"`
	CancelledBy string                    `json:"cancelled_by,omitempty"`
	Delivery    creditnotes.DeliveryState `json:"delivery,omitempty"`
}

func (a *app) notesCommand() *cobra.Command {
	var f creditnotes.NoteFilter
	var month, kind string
	c := &cobra.Command{
		Use: "notes", Short: "List credit notes, fee invoices and cancellations",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := chooseNotes(&f, month, kind); err != nil {
				return err
			}
			return a.listNotes(c.Context(), f)
		},
	}
	c.Flags().StringVar(&month, "month", "", "only of runs of this month")
	c.Flags().StringVar(&f.Owner, "owner", "", "only of this owner")
	c.Flags().StringVar(&f.Recipient, "recipient", "", "only to this recipient")
	c.Flags().StringVar(&f.Run, "run", "", "only of this run")
	c.Flags().StringVar(&f.Currency, "currency", "", "only in this currency")
	c.Flags().StringVar(&kind, "kind", "", "credit_note, invoice (fee invoices) or cancellation")
	a.jsonFlag(c)
	c.AddCommand(a.showNoteCommand(), a.noteValidationCommand(), a.noteAttachCommand())
	return c
}

// chooseNotes checks what a listing is narrowed to.
func chooseNotes(f *creditnotes.NoteFilter, month, kind string) (err error) {
	if month != "" {
		if f.Month, err = entities.ParseMonth(month); err != nil {
			return usageError{fmt.Errorf("--month: %w", err)}
		}
	}
	f.Kind = numbering.DocumentType(kind)
	switch f.Kind {
	case "", numbering.CreditNote, numbering.Invoice, numbering.Cancellation:
		return nil
	}
	return usageError{fmt.Errorf("--kind: expected credit_note, invoice or cancellation, got %q", kind)}
}

func (a *app) listNotes(ctx context.Context, f creditnotes.NoteFilter) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	rows, err := s.Notes(ctx, f)
	if err != nil {
		return err
	}
	if a.json {
		list := make([]noteRowJSON, len(rows))
		for i, row := range rows {
			list[i] = noteRowJSON{row.Note.JSON(), row.RunName, row.CancelledBy, row.Delivery}
		}
		return a.printJSON(list)
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "number\tdate\trun\trecipient\tfor\tgross\t\tmail\tremark\t")
	for _, row := range rows {
		remark := ""
		switch {
		case row.CancelledBy != "":
			remark = "cancelled by " + row.CancelledBy
		case row.Document.CancelsNumber != "":
			remark = "cancels " + row.Document.CancelsNumber
		case row.Kind == numbering.Invoice:
			remark = "fee invoice"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", row.Number, row.Date, row.RunName, row.Recipient, joined(row.Owners),
			row.Gross.Format(row.Document.CurrencyDigits), row.Currency, row.Delivery, remark)
	}
	return table.Flush()
}

func (a *app) showNoteCommand() *cobra.Command {
	paths, force := map[creditnotes.FileKind]*string{}, false
	c := &cobra.Command{
		Use: "show NUMBER", Short: "Show one note, or write its stored files",
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
			written, err := a.saveFiles(c.Context(), note, paths, force)
			if err != nil {
				return err
			}
			objections, err := s.Objections(c.Context(), creditnotes.ObjectionFilter{NoteID: note.ID})
			if err != nil {
				return err
			}
			if a.json {
				mailings, err := s.Deliveries(c.Context(), note.ID)
				if err != nil {
					return err
				}
				return a.printJSON(shownNoteJSON{note.JSON(), mailingsJSON(note, mailings), objectionJSONOf(objections)})
			}
			if !written {
				a.printNote(c.Context(), s, note)
				a.printObjections(objections)
			}
			return nil
		},
	}
	for _, f := range []struct {
		kind        creditnotes.FileKind
		flag, usage string
	}{
		{creditnotes.FilePDF, "pdf", "write the PDF/A-3 to this file"},
		{creditnotes.FileCII, "xml", "write the e-invoice (EN 16931, Factur-X) to this file"},
		{creditnotes.FileUBL, "ubl", "write the e-invoice as UBL (EN 16931) to this file"},
		{creditnotes.FileXRechnung, "xrechnung", "write the XRechnung (UBL) to this file"},
		{creditnotes.FileXRechnungCII, "xrechnung-cii", "write the XRechnung (CII) to this file"},
		{creditnotes.FilePeppol, "peppol", "write the Peppol e-invoice (UBL) to this file"},
		{creditnotes.FileFrance, "france", "write the French e-invoice (CII) to this file"},
		{creditnotes.FileCSV, "csv", "write the session CSV to this file"},
		{creditnotes.FileXLSX, "xlsx", "write the sessions as a workbook (XLSX) to this file"},
	} {
		paths[f.kind] = c.Flags().String(f.flag, "", f.usage)
	}
	forceFlag(c, &force)
	return a.jsonFlag(c)
}

// saveFiles writes the stored files of a note that are asked for, byte for
// byte, and reports whether any was. What the recipient does not get is made when
// it is asked for first, and stored.
func (a *app) saveFiles(
	ctx context.Context, note *creditnotes.Note, paths map[creditnotes.FileKind]*string, force bool,
) (written bool, err error) {
	for _, kind := range slices.Sorted(maps.Keys(paths)) {
		path := *paths[kind]
		if path == "" {
			continue
		}
		runner, _, err := a.runner(ctx)
		if err != nil {
			return false, err
		}
		file, err := runner.File(ctx, note, kind, a.who())
		if err != nil {
			return false, err
		}
		if _, err := writeFile(path, file.Content, force); err != nil {
			return false, err
		}
		written = true
	}
	return written, nil
}

func (a *app) printNote(ctx context.Context, s *store.Store, n *creditnotes.Note) {
	digits := n.Document.CurrencyDigits
	fmt.Fprintf(a.stdout, "%s %s of %s for %s, to %s (%s)\n", kindNames[n.Kind], n.Number, n.Date, joined(n.Owners), n.Recipient, n.Language)
	if n.Document.CancelsNumber != "" {
		fmt.Fprintf(a.stdout, "  cancels %s of %s: %s\n", n.Document.CancelsNumber, n.Document.CancelsDate, n.Document.CancelReason)
	}
	a.printPositions(n)
	for _, t := range n.Taxes {
		fmt.Fprintf(a.stdout, "  tax %s %s %% of %s: %s\n", t.Category, t.Rate, t.Base.Format(digits), t.Tax.Format(digits))
	}
	fmt.Fprintf(a.stdout, "  net %s, tax %s, gross %s %s\n", n.Net.Format(digits), n.Tax.Format(digits), n.Gross.Format(digits), n.Currency)
	deliveries, err := s.Deliveries(ctx, n.ID)
	if err != nil {
		return
	}
	for _, d := range deliveries {
		fmt.Fprintf(a.stdout, "  mail %d: %s after %d attempts %s\n", d.Copy, d.State, d.Attempts, d.Reply)
		for _, r := range d.Recipients {
			fmt.Fprintf(a.stdout, "    %s %s %s\n", r.Address, r.State, r.Reply)
		}
	}
}

func (a *app) printPositions(n *creditnotes.Note) {
	if n.OfFees() {
		a.printFeePositions(n)
		return
	}
	table := newTable(a.stdout)
	fmt.Fprintln(table, "  owner\tmonth\tstation\tcomponent\tsessions\tkWh\ttax\tnet\t\t")
	for _, p := range n.Positions {
		remark := ""
		if p.Late {
			remark = "late"
		}
		if p.CollectedLater {
			remark += " collected later"
		}
		if p.Correction {
			remark += " correction"
		}
		if p.CreditedAgain != "" {
			remark += " credited again after " + p.CreditedAgain
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t\n", p.Owner, p.Month, p.Station, p.Component, p.Sessions, p.Energy, n.TaxLabel(p), p.Net.Format(n.Document.CurrencyDigits), remark)
	}
	table.Flush()
}

// exportNotes writes the stored files of notes into a folder, with every e-invoice
// of EN 16931 and XRechnung: an export asks for all of them. Those that are there
// already are left alone; a different file with one of their names is only
// overwritten by force.
func (a *app) exportNotes(ctx context.Context, s *store.Store, f creditnotes.NoteFilter, folder string, force bool) error {
	rows, err := s.Notes(ctx, f)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fault.Wrap(fault.Unavailable, "file_unwritable", fault.Args{"file": folder}, err)
	}
	runner, _, err := a.runner(ctx)
	if err != nil {
		return err
	}
	written, there := 0, 0
	stopped := func(err error) error {
		a.say("%d files were written to %s before, %d were there already; the same command writes the others.", written, folder, there)
		return err
	}
	for _, row := range rows {
		if err := runner.MakeMissingFiles(ctx, row.ID, a.who()); err != nil {
			return stopped(err)
		}
		files, err := s.Files(ctx, row.ID)
		if err != nil {
			return stopped(err)
		}
		for _, file := range files {
			added, err := writeFile(filepath.Join(folder, file.Name), file.Content, force)
			if err != nil {
				return stopped(err)
			}
			if added {
				written++
			} else {
				there++
			}
		}
	}
	if there > 0 {
		a.say("%d files written to %s, %d were there already", written, folder, there)
		return nil
	}
	a.say("%d files written to %s", written, folder)
	return nil
}

func (a *app) cancelCommand() *cobra.Command {
	var reason, date string
	c := &cobra.Command{
		Use: "cancel NUMBER", Short: "Cancel an issued credit note or fee invoice; what is on it is open again",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			q := creditnotes.CancelRequest{Number: args[0], Reason: reason, Who: a.who()}
			if reason == "" {
				return usageError{errors.New("cancel: --reason is required; it is printed on the cancellation")}
			}
			var err error
			if date != "" {
				if q.Date, err = entities.ParseDate(date); err != nil {
					return usageError{fmt.Errorf("--date: %w", err)}
				}
			}
			return a.cancel(c.Context(), q)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why; printed on the cancellation (required)")
	c.Flags().StringVar(&date, "date", "", "date of the cancellation (default: today)")
	return a.jsonFlag(c)
}

func (a *app) cancel(ctx context.Context, q creditnotes.CancelRequest) error {
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	note, err := runner.Cancel(ctx, q)
	if err != nil {
		return err
	}
	files, err := a.renderer()
	if err != nil {
		return err
	}
	for _, one := range files.Replaced(q.Reason) {
		a.say("The document prints %q for %U in the reason.", one.By, one.Character)
	}
	if err := runner.Render(ctx, note.ID, files); err != nil {
		return err
	}
	payout, err := s.PayoutOnItsWay(ctx, q.Number)
	if err != nil {
		return err
	}
	if a.json {
		out := note.JSON()
		out.InPayment = payout
		return a.printJSON(out)
	}
	a.printNote(ctx, s, note)
	if payout != "" {
		a.say("%s is in payout %s, which is on its way to the bank. If the bank pays it, the amount is set off against the next documents.", q.Number, payout)
	}
	return nil
}
