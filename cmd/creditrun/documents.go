package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

func (a *app) documentsCommand() *cobra.Command {
	var f creditnotes.EntityDocumentFilter
	c := &cobra.Command{
		Use: "documents", Short: "List the documents about entities: certificates, statements of small businesses, agreements",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, day, err := a.reminderDay(c.Context(), "")
			if err != nil {
				return err
			}
			list, err := s.EntityDocuments(c.Context(), f)
			if err != nil {
				return err
			}
			return a.printDocuments(list, day)
		},
	}
	c.Flags().StringVar(&f.Entity, "entity", "", "only those about this entity")
	c.Flags().BoolVar(&f.Valid, "not-withdrawn", false, "only those that are not withdrawn")
	c.AddCommand(a.addDocumentCommand(), a.saveDocumentCommand(), a.withdrawDocumentCommand())
	return a.jsonFlag(c)
}

func (a *app) printDocuments(list []creditnotes.EntityDocument, day entities.Date) error {
	out := []creditnotes.EntityDocumentJSON{}
	for i := range list {
		out = append(out, list[i].JSON(day))
	}
	if a.json {
		return a.printJSON(out)
	}
	t := newTable(a.stdout)
	fmt.Fprintln(t, "DOCUMENT\tENTITY\tKIND\tNAME\tREFERENCE\tFROM\tUNTIL\tSTATE\t")
	for _, d := range out {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", d.ID, d.Entity, d.Kind, d.Name, d.Reference, d.ValidFrom, d.ValidUntil, d.State)
	}
	return t.Flush()
}

func (a *app) addDocumentCommand() *cobra.Command {
	var d creditnotes.EntityDocument
	var kind, from, until string
	c := &cobra.Command{
		Use: "add ENTITY FILE", Short: "Store a document about an entity (PDF, PNG or JPEG); it never changes",
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(c *cobra.Command, args []string) error {
			var err error
			if d.ValidFrom, err = dayOrNone(from); err != nil {
				return err
			}
			if d.ValidUntil, err = dayOrNone(until); err != nil {
				return err
			}
			d.Entity, d.Name, d.Kind = args[0], filepath.Base(args[1]), creditnotes.EntityDocumentKind(kind)
			content, err := readDocument(args[1])
			if err != nil {
				return err
			}
			s, day, err := a.reminderDay(c.Context(), "")
			if err != nil {
				return err
			}
			stored, err := s.AddEntityDocument(c.Context(), a.who(), d, content)
			if err != nil {
				return err
			}
			return a.printDocuments([]creditnotes.EntityDocument{*stored}, day)
		},
	}
	c.Flags().StringVar(&kind, "kind", string(creditnotes.OtherDocument), "reseller_certificate, small_business, agreement or other")
	c.Flags().StringVar(&d.Reference, "reference", "", "such as the number of a certificate")
	c.Flags().StringVar(&from, "valid-from", "", "first day (YYYY-MM-DD)")
	c.Flags().StringVar(&until, "valid-until", "", "last day (YYYY-MM-DD)")
	return a.jsonFlag(c)
}

// dayOrNone reads a day that was typed; nothing is none.
func dayOrNone(text string) (entities.Date, error) {
	if text == "" {
		return "", nil
	}
	day, err := entities.ParseDate(text)
	if err != nil {
		return "", usageError{fmt.Errorf("a day such as 2026-10-31 is expected: %w", err)}
	}
	return day, nil
}

// readDocument reads a file, and one byte more than a document may have where it
// is too large.
func readDocument(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, unopened(fault.Usage, path, err)
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, creditnotes.MostOfEntityDocument+1))
}

// typedDocument reads the id of a document.
func typedDocument(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fault.New(fault.NotFound, "entity_document_unknown", fault.Args{"document": text})
	}
	return id, nil
}

func (a *app) saveDocumentCommand() *cobra.Command {
	var out string
	var force bool
	c := &cobra.Command{
		Use: "save DOCUMENT", Short: "Write a document about an entity to a file, as it was stored",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := typedDocument(args[0])
			if err != nil {
				return err
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			d, content, err := s.EntityDocumentContent(c.Context(), id)
			if err != nil {
				return err
			}
			if out == "" {
				out = d.Name
			}
			_, err = writeFile(out, content, force)
			return err
		},
	}
	c.Flags().StringVar(&out, "out", "", "to this file (default: the name of the document)")
	forceFlag(c, &force)
	return c
}

func (a *app) withdrawDocumentCommand() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use: "withdraw DOCUMENT", Short: "Withdraw a document that was stored by mistake; it stays readable",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := typedDocument(args[0])
			if err != nil {
				return err
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			return s.WithdrawEntityDocument(c.Context(), a.who(), id, reason)
		},
	}
	c.Flags().StringVar(&reason, "reason", "", "why (required)")
	_ = c.MarkFlagRequired("reason")
	return c
}
