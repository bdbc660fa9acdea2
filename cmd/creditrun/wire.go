package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"creditrun/configs"
	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/document"
	"creditrun/internal/fault"
	"creditrun/internal/hooks"
	"creditrun/internal/payouts"
	"creditrun/internal/store"
	"creditrun/locales"
	"creditrun/mailer"
)

// app is what the commands share: the outside world, the configuration of the
// process, and what is made of it on demand.
type app struct {
	env
	config     configs.Config
	configFile string
	db, mail   string
	json       bool
	log        *slog.Logger
	texts      *locales.Catalog
	command    string // the one that was called
	opened     *store.Store
	files      *document.Renderer
	serving    bool // what is said goes into the log
}

// run carries out one command line and returns the exit status.
func run(ctx context.Context, args []string, e env) int {
	a := &app{env: e, log: slog.New(slog.NewTextHandler(e.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(e.stdin)
	root.SetOut(e.stdout)
	root.SetErr(e.stderr)
	asked, err := root.ExecuteContextC(ctx)
	if a.opened != nil {
		err = errors.Join(err, a.opened.Close())
	}
	return a.conclude(asked, err)
}

// root is the command tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "creditrun",
		Short:         "Monthly credit notes for the owners of charging stations",
		Version:       version(),
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return a.configure(c.Name()) },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configFile, "config", "", "configuration file (see configs/creditrun.example.yaml)")
	flags.StringVar(&a.db, "db", "", "database: sqlite:PATH or postgres://… (default sqlite:creditrun.db)")
	flags.StringVar(&a.mail, "mail", "", "where mail goes: smtp://user@host:587, smtps://…, folder:PATH (default folder:outbox)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		a.demoCommand(), a.serveCommand(), a.migrateCommand(), a.importCommand(), a.exportCommand(),
		a.readinessCommand(), a.previewCommand(), a.runCommand(), a.approveCommand(), a.discardCommand(),
		a.deliverCommand(), a.deliveriesCommand(), a.resendCommand(), a.bouncesCommand(), a.addressesCommand(),
		a.clockCommand(), a.cancelCommand(), a.objectCommand(), a.recordsCommand(), a.accountsCommand(), a.repriceCommand(), a.statementCommand(), a.checkCommand(), a.keysCommand(), a.notesCommand(), a.sessionsCommand(), a.runsCommand(),
		a.explainCommand(), a.priceCommand(), a.settingsCommand(), a.usersCommand(), a.rolesCommand(), a.controlCommand(), a.analysisCommand(), a.reportsCommand(), a.payoutsCommand(), a.bankCommand(), a.exchangeRatesCommand(), a.remindersCommand(), a.documentsCommand(), a.ageingCommand(), a.cashCommand(), a.accrualsCommand(), a.verifyCommand(),
		a.backupCommand(), a.restoreCommand(),
	)
	root.SetHelpCommand(helpCommand(root))
	root.InitDefaultHelpCmd()
	showExamples(root)
	return root
}

// configure reads the configuration: flags, then environment, then file.
func (a *app) configure(command string) (err error) {
	a.command = command
	if a.texts, err = locales.New(); err != nil {
		return err
	}
	if a.config, err = configs.Load(a.configFile, a.getenv); err != nil {
		return err
	}
	if a.db != "" {
		a.config.DB, a.config.DBPassword = a.db, ""
	}
	if a.mail != "" {
		a.config.Mail, a.config.MailPassword = a.mail, ""
	}
	if command != "serve" { // a command prints its result, not its log
		a.config.LogLevel = max(a.config.LogLevel, slog.LevelError)
	}
	a.log = newLog(a.stderr, a.config)
	return nil
}

// store opens the database. On SQLite the schema is brought up to date; on
// PostgreSQL an old one is refused, with the way to fix it.
func (a *app) store(ctx context.Context) (*store.Store, error) {
	if a.opened != nil {
		return a.opened, nil
	}
	if err := a.databaseIsThere(); err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, a.config.DBURL(), a.storeOptions())
	if err != nil {
		return nil, err
	}
	a.opened = s
	current, err := s.SchemaIsCurrent(ctx)
	switch {
	case err != nil:
		return nil, err
	case current:
		return s, nil
	case !s.IsSQLite():
		return nil, fault.New(fault.NotReady, "schema_old", nil)
	}
	return s, s.Migrate(ctx)
}

// begins are the names of the commands with which a database begins.
var begins = map[string]bool{"demo": true, "serve": true, "migrate": true, "import": true, "restore": true, "add": true, "set": true}

// databaseIsThere refuses a SQLite file that does not exist, but for the commands
// with which a database begins: of an empty one every listing would be empty, and
// every proof clean.
func (a *app) databaseIsThere() error {
	path, isSQLite := strings.CutPrefix(a.config.DBURL(), "sqlite:")
	if !isSQLite || path == "" || begins[a.command] {
		return nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.NotFound, "database_missing", fault.Args{"path": path})
	}
	return nil
}

// storeOptions is what a store is handed down.
func (a *app) storeOptions() store.Options {
	key, _ := a.config.ProofSigner() // was checked by Load
	return store.Options{
		ProofKey: key, Now: a.now, Log: a.log, SupportsLanguage: a.texts.Supports, RefusesWebhook: hooks.Networks(a.config.WebhookNetworks()).Refuses,
		Command: "creditrun " + a.command, Waiting: a.waits(),
	}
}

// storeToRead opens the database, also one that may only be read: a copy on a
// read-only disk.
func (a *app) storeToRead(ctx context.Context) (*store.Store, error) {
	s, err := a.store(ctx)
	readOnly := false
	for _, f := range fault.Of(err) {
		readOnly = readOnly || f.Key == "database_not_writable" || f.Key == "database_read_only"
	}
	if !readOnly {
		return s, err
	}
	read, failed := store.Open(ctx, a.config.DBURL(), store.Options{Now: a.now, Log: a.log, SupportsLanguage: a.texts.Supports, ReadOnly: true})
	if failed != nil {
		return nil, err // as it was said first
	}
	if a.opened != nil {
		failed = a.opened.Close()
	}
	a.opened = read
	current, schema := read.SchemaIsCurrent(ctx)
	if schema == nil && !current {
		schema = fault.New(fault.NotReady, "schema_old", nil)
	}
	return read, errors.Join(failed, schema)
}

// waits says once of each process that it is waited for.
func (a *app) waits() func(store.Wait) {
	var mu sync.Mutex
	said := map[string]bool{}
	return func(w store.Wait) {
		mu.Lock()
		defer mu.Unlock()
		who, since := w.Who, ""
		if who == "" {
			who = "another program"
		}
		if said[who] {
			return
		}
		said[who] = true
		if !w.Since.IsZero() {
			since = " since " + w.Since.UTC().Format(time.RFC3339)
		}
		if a.command == "serve" {
			a.log.Warn("waiting for the database", "held_by", who, "since", w.Since)
			return
		}
		a.say("Waiting for %s, which has been writing into the database%s.", who, since)
	}
}

// runner connects the month end with the database.
func (a *app) runner(ctx context.Context) (*creditnotes.Runner, *store.Store, error) {
	s, err := a.store(ctx)
	if err != nil {
		return nil, nil, err
	}
	files, err := a.renderer()
	if err != nil {
		return nil, nil, err
	}
	return &creditnotes.Runner{
		Store: s, Remittances: s, Reminders: s, Texts: a.texts, Printer: files, Workbook: a.workbook, Now: a.now, Log: a.log, MessageID: mailer.MessageID,
		Refused: payouts.RefusedTo,
	}, s, nil
}

// renderer makes the files of notes.
func (a *app) renderer() (*document.Renderer, error) {
	if a.files != nil {
		return a.files, nil
	}
	renderer, err := document.New(a.texts)
	if err != nil {
		return nil, err
	}
	for _, file := range a.config.Fonts() {
		content, err := os.ReadFile(file.Path)
		if err == nil {
			err = renderer.AddFont(content, file.Number-1)
		}
		if err != nil {
			return nil, fault.Wrap(fault.NotReady, "fallback_font_unusable", fault.Args{"file": file.Path, "reason": err.Error()}, err)
		}
	}
	renderer.Missing = a.missing()
	a.files = renderer
	return renderer, nil
}

// mostReasons is how many notes are named that lack a file for one reason.
const mostReasons = 3

// missing says for which reasons notes are without an invoice for machines, with
// the first few notes of each. A process that serves logs the key of the reason
// once, which names no one; how many notes it concerns is in the last line of the
// run.
func (a *app) missing() func(*creditnotes.Note, creditnotes.FileKind, error) {
	var mu sync.Mutex
	said, notes := map[string]bool{}, map[string]int{}
	return func(_ *creditnotes.Note, kind creditnotes.FileKind, why error) {
		mu.Lock()
		defer mu.Unlock()
		for _, f := range fault.Of(why) {
			text := a.words(f)
			if a.serving {
				text = f.Key
			}
			switch {
			case said[text]:
			case a.serving:
				a.log.Warn("documents without a file", "kind", string(kind), "reason", text)
			case notes[f.Key] < mostReasons:
				a.say("%s", text)
			case notes[f.Key] == mostReasons:
				a.say("More notes are without it for the same reason; creditrun readiness names them all.")
			}
			if !said[text] {
				notes[f.Key]++
			}
			said[text] = true
		}
	}
}

// usageError is a command line that was filled in wrongly.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }

// conclude says on stderr what went wrong and chooses the exit status.
func (a *app) conclude(asked *cobra.Command, err error) int {
	if err == nil {
		return exitDone
	}
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(a.stderr, "creditrun: stopped; the same command goes on where it was")
		return exitFailed
	}
	if faults := fault.Of(err); len(faults) > 0 && a.texts != nil {
		place := func(*fault.Fault) string { return "" }
		if file := (inFile{}); errors.As(err, &file) {
			place = file.place
		}
		for _, f := range faults {
			fmt.Fprintln(a.stderr, "creditrun: "+place(f)+a.words(f))
		}
		if faults[0].Kind == fault.Usage {
			return exitUsage
		}
		return exitFailed
	}
	fmt.Fprintln(a.stderr, "creditrun: "+err.Error())
	var usage usageError
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") {
		fmt.Fprintf(a.stderr, "Try '%s --help'.\n", asked.CommandPath())
		return exitUsage
	}
	return exitFailed
}

// words puts a fault into words for the terminal.
func (a *app) words(f *fault.Fault) string { return a.texts.Fault("en", f) }

// printJSON writes a result as JSON.
func (a *app) printJSON(v any) error {
	encoder := json.NewEncoder(a.stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// jsonFlag gives a listing its --json.
func (a *app) jsonFlag(c *cobra.Command) *cobra.Command {
	c.Flags().BoolVar(&a.json, "json", false, "print JSON")
	return c
}

// say prints a line of progress.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.stderr, format+"\n", args...) }

// who names the person at the command line in the audit log.
func (a *app) who() string {
	if name := strings.TrimSpace(a.getenv("CREDITRUN_USER")); name != "" {
		return name
	}
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return "cli"
}

// actor is that person, who has the shell of the server.
func (a *app) actor() access.Actor { return access.Actor{Name: a.who(), Server: true} }

// arguments makes a wrong number of arguments a usage error.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{fmt.Errorf("%s: %w", c.CommandPath(), err)}
		}
		return nil
	}
}
