package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
)

func (a *app) draftCommand() *cobra.Command {
	var out string
	var force bool
	c := &cobra.Command{
		Use: "draft RUN OWNER", Short: "Show what a draft has for an owner, or write the documents as they would be issued",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error { return a.draft(c.Context(), args[0], args[1], out, force) },
	}
	c.Flags().StringVar(&out, "out", "", "write the documents, marked as drafts, into this folder")
	forceFlag(c, &force)
	return a.jsonFlag(c)
}

func (a *app) draft(ctx context.Context, name, owner, out string, force bool) error {
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	run, err := s.RunByName(ctx, name)
	if err != nil {
		return err
	}
	rows, err := s.Notes(ctx, creditnotes.NoteFilter{Run: name, Owner: owner, State: creditnotes.Draft})
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return creditnotes.DraftUnknown(run)
	}
	notes := make([]creditnotes.NoteJSON, len(rows))
	for i := range rows {
		note := &rows[i].Note
		notes[i] = note.JSON()
		if out != "" {
			if err := a.writeDraft(ctx, runner, run, note, out, force); err != nil {
				return err
			}
		}
		if !a.json && out == "" {
			a.printDraft(note)
		}
	}
	if a.json {
		return a.printJSON(notes)
	}
	return nil
}

// writeDraft writes the document of a draft into a folder.
func (a *app) writeDraft(ctx context.Context, runner *creditnotes.Runner, run *creditnotes.Run, note *creditnotes.Note, folder string, force bool) error {
	content, err := runner.DraftDocument(ctx, run, note.ID)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	path := filepath.Join(folder, creditnotes.DraftName(run, note))
	if _, err := writeFile(path, content, force); err != nil {
		return err
	}
	a.say("%s", path)
	return nil
}

// printDraft shows a note without a number.
func (a *app) printDraft(n *creditnotes.Note) {
	digits := n.Document.CurrencyDigits
	fmt.Fprintf(a.stdout, "draft of a %s for %s, to %s (%s)\n", kindNames[n.Kind], joined(n.Owners), n.Recipient, n.Language)
	a.printPositions(n)
	fmt.Fprintf(a.stdout, "  net %s, tax %s, gross %s %s\n", n.Net.Format(digits), n.Tax.Format(digits), n.Gross.Format(digits), n.Currency)
}
