package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/intake"
	"creditrun/internal/store"
)

func (a *app) exportCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "export", Short: "Write files out: network, notes, journals",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.exportNetworkCommand(), a.exportNotesCommand(), a.exportDATEVCommand(), a.exportJournalCommand(), a.exportArchiveCommand(), a.exportQuotaCommand())
	return c
}

func (a *app) exportNetworkCommand() *cobra.Command {
	var out string
	var force bool
	c := &cobra.Command{
		Use: "network", Short: "Write the whole configuration as a network file",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error { return a.exportNetwork(c.Context(), out, force) },
	}
	c.Flags().StringVar(&out, "out", "", "file to write (default: standard output)")
	forceFlag(c, &force)
	return c
}

func (a *app) exportNetwork(ctx context.Context, out string, force bool) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	config, err := s.Configuration(ctx)
	if err != nil {
		return err
	}
	network, err := intake.NetworkOf(config)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := intake.WriteNetwork(&file, network); err != nil {
		return err
	}
	if out == "" {
		_, err = a.stdout.Write(file.Bytes())
		return err
	}
	_, err = writeFile(out, file.Bytes(), force)
	return err
}

func (a *app) exportNotesCommand() *cobra.Command {
	var month, out, format string
	var force bool
	var f creditnotes.NoteFilter
	c := &cobra.Command{
		Use: "notes", Short: "Write the stored documents into a folder or a ZIP, or a list of them",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if month != "" {
				m, err := entities.ParseMonth(month)
				if err != nil {
					return usageError{fmt.Errorf("--month: %w", err)}
				}
				f.Month = m
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			if format == "folder" {
				return a.exportNotes(c.Context(), s, f, out, force)
			}
			write := noteFormats[format]
			if write == nil {
				return usageError{fmt.Errorf("--format: expected folder, zip, csv or xlsx, got %q", format)}
			}
			if !c.Flags().Changed("out") {
				out = "notes." + format
			}
			_, err = writeFileBy(out, force, func(w io.Writer) error { return write(c.Context(), s, f, w) })
			return err
		},
	}
	c.Flags().StringVar(&format, "format", "folder", "folder or zip: the documents; csv or xlsx: a list of the notes")
	c.Flags().StringVar(&month, "month", "", "only of runs of this month")
	c.Flags().StringVar(&f.Run, "run", "", "only of this run")
	c.Flags().StringVar(&f.Recipient, "recipient", "", "only to this recipient")
	forceFlag(c, &force)
	c.Flags().StringVar(&out, "out", "documents", "folder or file to write to (default of a file: notes.FORMAT)")
	return c
}

// noteFormats are the single files that notes are exported as.
var noteFormats = map[string]func(context.Context, *store.Store, creditnotes.NoteFilter, io.Writer) error{
	"zip": func(ctx context.Context, s *store.Store, f creditnotes.NoteFilter, w io.Writer) error {
		_, err := export.Bundle(w, filesOf(ctx, s, f))
		return err
	},
	"csv": func(ctx context.Context, s *store.Store, f creditnotes.NoteFilter, w io.Writer) error {
		return export.NotesCSV(w, nil, s.EachNote(ctx, f))
	},
	"xlsx": func(ctx context.Context, s *store.Store, f creditnotes.NoteFilter, w io.Writer) error {
		return export.NotesXLSX(w, "notes", nil, s.EachNote(ctx, f))
	},
}

// filesOf yields the stored files of notes, note by note.
func filesOf(ctx context.Context, s *store.Store, f creditnotes.NoteFilter) iter.Seq2[creditnotes.File, error] {
	return func(yield func(creditnotes.File, error) bool) {
		for note, err := range s.EachNote(ctx, f) {
			if err != nil {
				yield(creditnotes.File{}, err)
				return
			}
			files, err := s.Files(ctx, note.ID)
			if err != nil {
				yield(creditnotes.File{}, err)
				return
			}
			for _, file := range files {
				if !yield(file, nil) {
					return
				}
			}
		}
	}
}
