package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/store"
)

func (a *app) backupCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use: "backup FILE", Short: "Write the whole database into one file, while serve and runs go on",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			var info store.BackupInfo
			_, err = writeFileBy(args[0], force, func(w io.Writer) error {
				info, err = s.Backup(c.Context(), w, version())
				return err
			})
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(info)
			}
			fmt.Fprintf(a.stdout, "%s: %s\n", args[0], describeBackup(info))
			return nil
		},
	}
	forceFlag(c, &force)
	return a.jsonFlag(c)
}

// describeBackup says in one line what is in a backup.
func describeBackup(info store.BackupInfo) string {
	return fmt.Sprintf("schema %d of %s, %d documents, %d sessions, audit head %s",
		info.Schema, info.TakenAt.Format(time.RFC3339), info.Notes, info.Sessions, info.AuditHead)
}

// restoreFlags say what is done with a restore.
type restoreFlags struct {
	confirm, advance bool
	mails, reason    string
}

func (a *app) restoreCommand() *cobra.Command {
	var flags restoreFlags
	c := &cobra.Command{
		Use: "restore [FILE]", Short: "Put a backup into an empty database, or confirm that nothing was issued after it",
		Long: `Put a backup into an empty database. From then on nothing is issued and nothing is sent, until a
person confirms that no document was issued after the backup, or "creditrun verify --against FOLDER"
finds those that were and their numbers are recorded as lost. Documents that were being made when the backup was taken are made
at once. Without FILE: make those that are still missing, and show what waits.`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if err := flags.check(args); err != nil {
				return usageError{err}
			}
			switch {
			case flags.confirm:
				return a.confirmRestore(c.Context(), flags.mails)
			case flags.advance:
				return a.advanceRanges(c.Context(), flags.reason)
			case len(args) == 0:
				return a.showRestore(c.Context())
			}
			if err := a.restore(c.Context(), args[0]); err != nil {
				return err
			}
			return a.showRestore(c.Context())
		},
	}
	c.Flags().BoolVar(&flags.confirm, "confirm", false, "confirm that no document was issued after the backup")
	c.Flags().StringVar(&flags.mails, "mails", "", "with --confirm, the mails that waited when the backup was made: send (they were not sent after it) or park (no one knows)")
	c.Flags().BoolVar(&flags.advance, "advance", false, "record the numbers that verify --against has found as lost, and number on behind them")
	c.Flags().StringVar(&flags.reason, "reason", "", "with --advance: why they are lost, and where their documents are kept")
	return a.jsonFlag(c)
}

func (f *restoreFlags) check(args []string) error {
	switch {
	case f.confirm && f.advance, (f.confirm || f.advance) && len(args) > 0:
		return errors.New("restore: FILE, --confirm and --advance exclude each other")
	case f.mails != "" && !f.confirm:
		return errors.New("restore: --mails goes with --confirm")
	case f.mails != "" && f.mails != string(creditnotes.SendWaiting) && f.mails != string(creditnotes.ParkWaiting):
		return fmt.Errorf("restore: --mails: expected send or park, got %q", f.mails)
	case f.advance && strings.TrimSpace(f.reason) == "":
		return errors.New("restore: --advance needs --reason")
	case f.reason != "" && !f.advance:
		return errors.New("restore: --reason goes with --advance")
	}
	return nil
}

// restore checks the backup before the database is touched.
func (a *app) restore(ctx context.Context, name string) (err error) {
	file, err := os.Open(name)
	if err != nil {
		return unopened(fault.Invalid, name, err)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return err
	}
	info, err := store.CheckBackup(name, file, about.Size())
	if err != nil {
		return err
	}
	defer a.leaveNothing(&err)()
	s, err := store.Open(ctx, a.config.DBURL(), a.storeOptions())
	if err != nil {
		return err
	}
	a.opened = s
	if err := s.Restore(ctx, a.who(), name, file, about.Size()); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %s\n", name, describeBackup(info))
	return nil
}

// leaveNothing removes the SQLite file that a restore has made when it fails.
func (a *app) leaveNothing(failed *error) func() {
	path, isSQLite := strings.CutPrefix(a.config.DBURL(), "sqlite:")
	_, missing := os.Stat(path)
	return func() {
		if *failed == nil || !isSQLite || missing == nil {
			return
		}
		if a.opened != nil {
			*failed = errors.Join(*failed, a.opened.Close())
			a.opened = nil
		}
		for _, ending := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(path + ending)
		}
	}
}

// showRestore says what a restored database waits for, after it has made the
// files that the backup lacks.
func (a *app) showRestore(ctx context.Context) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	waits, err := s.Restored(ctx)
	if err != nil {
		return err
	}
	if waits == nil {
		return a.printRestored(nil)
	}
	failed := a.renderRestored(ctx)
	if waits, err = s.Restored(ctx); err != nil { // with the mails of these documents
		return errors.Join(failed, err)
	}
	return errors.Join(failed, a.printRestored(waits))
}

func (a *app) printRestored(waits *creditnotes.Restored) error {
	if a.json {
		return a.printJSON(waits)
	}
	if waits == nil {
		a.say("No restore waits to be confirmed.")
		return nil
	}
	a.say("%s", a.words(waits.Fault()))
	if waits.Waiting > 0 {
		a.say("When the backup was made %d mails waited, which may have been sent after it.", waits.Waiting)
	}
	for _, d := range waits.Twice {
		fmt.Fprintf(a.stdout, "%s would be given twice: %s\n", d.Number, d.File)
	}
	return nil
}

func (a *app) confirmRestore(ctx context.Context, mails string) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	waits, err := s.Restored(ctx)
	if err != nil {
		return err
	}
	if waits != nil && waits.Waiting > 0 && mails == "" && len(waits.Twice) == 0 {
		return usageError{fmt.Errorf("restore: %d mails waited when the backup was made: --mails send if they were not sent after it, --mails park if no one knows", waits.Waiting)}
	}
	if mails == "" {
		mails = string(creditnotes.ParkWaiting)
	}
	if err := s.ConfirmRestore(ctx, a.who(), creditnotes.WaitingMails(mails)); err != nil {
		return err
	}
	a.say("Confirmed: credit notes are issued and mails are sent again.")
	return nil
}

func (a *app) advanceRanges(ctx context.Context, reason string) error {
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	lost, err := s.AdvanceRanges(ctx, a.who(), reason)
	if err != nil {
		return err
	}
	a.say("%d numbers are recorded as lost with the restore; numbering goes on behind them. Confirm it with creditrun verify --against or creditrun restore --confirm.", lost)
	return nil
}
