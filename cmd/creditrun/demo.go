package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"creditrun/cmd/creditrun/demo"
	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/store"
)

func (a *app) demoCommand() *cobra.Command {
	var folder string
	var serve bool
	c := &cobra.Command{
		Use: "demo", Short: "Build a sample network, run three month ends, write documents and mails to a folder",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			if !serve {
				return a.demo(c.Context(), folder)
			}
			return a.demoServe(c.Context(), folder)
		},
	}
	c.Flags().StringVar(&folder, "out", "demo", "folder for database, documents and mails")
	c.Flags().BoolVar(&serve, "serve", false, "go on to the month that has begun and show the admin pages")
	return c
}

// demo plays three month ends with a clock of its own: what is delivered in a
// month is imported on its last evening, and then the month is run.
func (a *app) demo(ctx context.Context, folder string) error {
	batches, err := demo.Batches(a.now())
	if err != nil {
		return err
	}
	if err := clearDemo(folder); fault.Is(err, fault.Conflict) {
		return err
	} else if err != nil {
		return fault.Wrap(fault.Unavailable, "file_unwritable", fault.Args{"file": folder}, err)
	}
	clock, present := batches[0].Delivered, a.now
	var over atomic.Bool // what follows the demo happens now
	defer over.Store(true)
	a.now = func() time.Time {
		if over.Load() {
			return present()
		}
		return clock
	}
	a.config.DB, a.config.DBPassword = "sqlite:"+filepath.Join(folder, "creditrun.db"), ""
	a.config.Mail, a.config.MailPassword = "folder:"+filepath.Join(folder, "outbox"), ""
	a.config.AccessPoint = "folder:" + filepath.Join(folder, "access-point")
	runner, s, err := a.runner(ctx)
	if err != nil {
		return err
	}
	if _, err := a.importNetwork(ctx, s.SaveConfiguration, demo.NetworkName, bytes.NewReader(demo.Network())); err != nil {
		return err
	}
	for _, batch := range batches {
		clock = batch.Delivered
		if err := a.demoImport(ctx, s, batch); err != nil {
			return err
		}
		clock = clock.Add(demo.UntilRun)
		if err := a.demoRun(ctx, runner, s, batch.Month); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.stdout, "Mails:")
	if err := a.deliverAll(ctx, s); err != nil {
		return err
	}
	if err := a.demoPayouts(ctx, s, filepath.Join(folder, "bank")); err != nil {
		return err
	}
	if err := a.demoAdvices(ctx, runner, s); err != nil {
		return err
	}
	if err := a.demoAccounts(ctx, s); err != nil {
		return err
	}
	if err := a.demoReports(ctx, s); err != nil {
		return err
	}
	over.Store(true) // the last month is over
	if err := a.demoBooks(ctx, s, filepath.Join(folder, "accounting"), monthsOf(batches[:])); err != nil {
		return err
	}
	documents := filepath.Join(folder, "documents")
	if err := a.exportNotes(ctx, s, creditnotes.NoteFilter{}, documents, false); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "\nDocuments are in %s, mails in %s, the bank's files in %s, those for accounting in %s, the database is %s.\n", documents,
		filepath.Join(folder, "outbox"), filepath.Join(folder, "bank"), filepath.Join(folder, "accounting"), filepath.Join(folder, "creditrun.db"))
	fmt.Fprintln(a.stdout, "Look further with:")
	month := string(batches[2].Month)
	for _, command := range []string{
		"notes", "payouts", "export journal --month " + month + " --format json --out " + filepath.Join(folder, "accounting"), "bank --state all", "sessions --state held", "runs show " + month, "records --month " + month + " --owner sonnenpark",
		"reports show sonnenpark " + month, "statement sonnenpark", "analysis --by station", "control --issuer sonnenpark --month " + month, "verify",
	} {
		fmt.Fprintf(a.stdout, "  creditrun --db %s %s\n", a.config.DB, command)
	}
	return nil
}

// demoServe plays the demo and shows it in a browser, with what the stations
// reported of the month that has begun.
func (a *app) demoServe(ctx context.Context, folder string) error {
	present := a.now()
	if err := a.demo(ctx, folder); err != nil {
		return err
	}
	batch, err := demo.SoFar(present)
	if err != nil {
		return err
	}
	s, err := a.store(ctx)
	if err != nil {
		return err
	}
	if err := a.demoImport(ctx, s, batch); err != nil {
		return err
	}
	// serve prints the link of the first administrator.
	if _, err := s.AddUser(ctx, a.actor(), demoUsers[0]); err != nil {
		return err
	}
	for _, user := range demoUsers[1:] {
		if err := a.addLinked(ctx, s, user); err != nil {
			return err
		}
	}
	return a.serve(ctx, serveParts)
}

// demoUsers are two administrators who may approve for each other, a person of
// finance, and a person each of two Sub-CPOs.
var demoUsers = []access.User{
	{Name: "admin", Email: "admin@musterstrom.example", Entity: "musterstrom", Roles: []access.Role{access.Admin, access.Finance}, Active: true},
	{Name: "admin2", Email: "admin2@musterstrom.example", Entity: "musterstrom", Roles: []access.Role{access.Admin, access.Finance}, Active: true},
	{Name: "finance", Email: "finance@musterstrom.example", Entity: "musterstrom", Roles: []access.Role{access.Finance}, Active: true},
	{Name: "stadtwerke", Email: "office@stadtwerke.example", Entity: "stadtwerke", Roles: []access.Role{access.Viewer, access.Finance, access.Admin}, Active: true},
	{Name: "sonnenpark", Email: "office@sonnenpark.example", Entity: "sonnenpark", Roles: []access.Role{access.Viewer, access.Finance}, Active: true},
}

func (a *app) demoImport(ctx context.Context, s *store.Store, batch demo.Batch) error {
	result, _, err := a.importSessions(ctx, s, batch.Name, bytes.NewReader(batch.CSV), store.ImportOptions{})
	if err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "%s: %d new, %d unchanged, %d corrected sessions\n", batch.Name, result.New, result.Unchanged, result.Corrected)
	for _, f := range batch.Beside {
		take := tables[intake.Sniff(f.Name, f.CSV)]
		one, err := a.importTable(ctx, s, f.Name, bytes.NewReader(f.CSV), store.ImportOptions{}, take)
		if err != nil {
			return err
		}
		a.printTable(one)
	}
	return nil
}

func (a *app) demoRun(ctx context.Context, runner *creditnotes.Runner, s *store.Store, month entities.Month) error {
	run, err := runner.Run(ctx, creditnotes.Request{Month: month, Trigger: creditnotes.Manual, Who: "demo"})
	if err != nil {
		return err
	}
	if err := a.finishRun(ctx, runner, s, run, ""); err != nil {
		return err
	}
	fmt.Fprintln(a.stdout)
	return nil
}

// demoMark is the file that says that a folder is one of the demo.
const demoMark = ".creditrun-demo"

// clearDemo removes what an earlier demo left in the folder, and nothing else: a
// database that no demo has made is a Conflict fault.
func clearDemo(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	database, mark := filepath.Join(folder, "creditrun.db"), filepath.Join(folder, demoMark)
	_, absent := os.Stat(database)
	if _, unmarked := os.Stat(mark); absent == nil && unmarked != nil {
		return fault.New(fault.Conflict, "file_differs", fault.Args{"file": database})
	}
	if err := os.WriteFile(mark, nil, 0o600); err != nil {
		return err
	}
	var errs []error
	for _, name := range []string{"creditrun.db", "creditrun.db-wal", "creditrun.db-shm", "outbox", "documents", "bank", "accounting"} {
		errs = append(errs, os.RemoveAll(filepath.Join(folder, name)))
	}
	return errors.Join(errs...)
}
