package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/store"
)

// imported is what became of one file.
type imported struct {
	File     string                `json:"file"`
	Checked  bool                  `json:"checked,omitempty"` // nothing was changed
	Network  []creditnotes.Changes `json:"network,omitempty"`
	Sessions *store.ImportResult   `json:"sessions,omitempty"`
	Table    *importedTable        `json:"table,omitempty"`
	Bank     *importedBank         `json:"bank,omitempty"`
	Rejected string                `json:"rejected_file,omitempty"` // with the records that were left out
}

func (a *app) importCommand() *cobra.Command {
	var how store.ImportOptions
	c := &cobra.Command{
		Use:   "import FILE…",
		Short: "Take in network files (YAML), sessions (CSV, OCPI CDRs), collections, top-ups and custom records (CSV), answers of banks (camt.053, camt.054, pain.002)",
		Args:  arguments(cobra.MinimumNArgs(1)),
		RunE: func(c *cobra.Command, files []string) error {
			var done []imported
			for _, file := range files {
				result, err := a.importFile(c.Context(), file, how)
				if err != nil {
					return err
				}
				done = append(done, result)
			}
			if a.json {
				return a.printJSON(done)
			}
			for _, one := range done {
				a.printImported(one)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&how.KeepGoing, "keep-going", false, "import the good records, write the bad ones to FILE.rejected")
	c.Flags().BoolVar(&how.AsCorrection, "as-correction", false,
		"the sessions are right although they are older than what is stored, or name another connector or day")
	c.Flags().BoolVar(&how.Check, "check", false, "say what would be added and changed, and change nothing")
	return a.jsonFlag(c)
}

// unopened is the fault that a file cannot be opened: there is none, or it
// cannot be read.
func unopened(kind fault.Kind, name string, err error) error {
	key := "file_unreadable"
	if errors.Is(err, fs.ErrNotExist) {
		key = "file_missing"
	}
	return fault.Wrap(kind, key, fault.Args{"file": name}, err)
}

func (a *app) importFile(ctx context.Context, name string, how store.ImportOptions) (imported, error) {
	file, err := os.Open(name)
	if err != nil {
		return imported{}, unopened(fault.Invalid, name, err)
	}
	defer file.Close()
	defer context.AfterFunc(ctx, func() { _ = file.Close() })() // a pipe may say nothing for long
	result, err := a.importOpen(ctx, name, file, how)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return result, err
}

func (a *app) importOpen(ctx context.Context, name string, file *os.File, how store.ImportOptions) (imported, error) {
	s, err := a.store(ctx)
	if err != nil {
		return imported{}, err
	}
	reader := bufio.NewReaderSize(file, 1<<16)
	first, _ := reader.Peek(4096)
	kind := intake.Sniff(name, first)
	if take := tables[kind]; take != nil {
		return a.importTable(ctx, s, name, reader, how, take)
	}
	if kind == intake.KindBank {
		return a.importBankFile(ctx, s, name, file, reader, how)
	}
	if kind == intake.KindNetwork {
		save := s.SaveConfiguration
		if how.Check {
			save = s.CheckConfiguration
		}
		changes, err := a.importNetwork(ctx, save, name, reader)
		return imported{File: name, Checked: how.Check, Network: changes}, err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil { // a pipe cannot go back: what was read ahead comes first
		result, rejected, err := a.importSessions(ctx, s, name, reader, how)
		return imported{File: name, Checked: how.Check, Sessions: &result, Rejected: rejected}, err
	}
	result, rejected, err := a.importSessions(ctx, s, name, file, how)
	return imported{File: name, Checked: how.Check, Sessions: &result, Rejected: rejected}, err
}

// saveConfiguration is a method of the store that saves a configuration, or only
// checks it.
type saveConfiguration func(context.Context, string, *creditnotes.Configuration, []creditnotes.Setting) ([]creditnotes.Changes, error)

// importNetwork takes in a network file.
func (a *app) importNetwork(ctx context.Context, save saveConfiguration, name string, r io.Reader) ([]creditnotes.Changes, error) {
	network, err := intake.ReadNetwork(name, r)
	if err != nil {
		return nil, err
	}
	config, settings, err := network.Configuration()
	if err != nil {
		return nil, err
	}
	changes, err := save(ctx, a.who(), config, settings)
	if err != nil {
		return nil, inFile{name, network.Line, err}
	}
	for i := range config.Entities {
		for _, f := range config.Entities[i].MailWarnings() {
			a.say("%s: %s", name, a.words(f))
		}
	}
	return changes, nil
}

// inFile is an error in a file that was found when all of it was seen together.
type inFile struct {
	name string
	line func(*fault.Fault) int
	err  error
}

func (e inFile) Error() string { return e.name + ": " + e.err.Error() }

func (e inFile) Unwrap() error { return e.err }

// place says where in the file a fault is.
func (e inFile) place(f *fault.Fault) string {
	if line := e.line(f); line > 0 {
		return fmt.Sprintf("%s, line %d: ", e.name, line)
	}
	return e.name + ": "
}

// importSessions takes in a file of sessions of any size. It returns the name of
// the file with the records that were left out, if any were.
func (a *app) importSessions(
	ctx context.Context, s *store.Store, name string, r io.Reader, opts store.ImportOptions,
) (result store.ImportResult, left string, err error) {
	list, _, err := intake.OpenSessions(name, r, opts.KeepGoing)
	if err != nil {
		return result, "", err
	}
	bar := a.progressBar("sessions")
	defer bar.Finish()
	opts.Name, opts.Progress = name, func(n int) { _ = bar.Set(n) }
	left, err = leavingOut(opts, func(opts store.ImportOptions) (err error) {
		result, err = s.ImportSessions(ctx, a.who(), list, opts)
		return err
	})
	return result, left, err
}

// leavingOut runs an import that may go on after bad records, and returns the
// name of the file with those that were left out, if any were.
func leavingOut(opts store.ImportOptions, run func(store.ImportOptions) error) (left string, err error) {
	if !opts.KeepGoing || opts.Check {
		return "", run(opts)
	}
	rejected := &rejects{path: opts.Name + ".rejected"}
	opts.Rejected = rejected.add
	defer rejected.discard()
	if err := run(opts); err != nil {
		return "", err
	}
	return rejected.publish()
}

// rejects writes the records that were left out, with reasons, to a file that
// is only made when there are some.
type rejects struct {
	path string
	file *os.File
	err  error
}

func (r *rejects) add(err error) {
	if r.file == nil && r.err == nil {
		r.file, r.err = os.CreateTemp(dirOf(r.path), ".creditrun-*")
	}
	if r.err != nil {
		return
	}
	line, record, _ := intake.Rejected(err)
	for _, f := range fault.Of(err) {
		if _, r.err = fmt.Fprintf(r.file, "# line %d, %v: expected %v, got %v\n", line, f.Args["field"], f.Args["expected"], f.Args["got"]); r.err != nil {
			return
		}
	}
	_, r.err = fmt.Fprintln(r.file, record)
}

// publish gives the file its name, and another one where there is a different
// file of that name: a person may have worked on it.
func (r *rejects) publish() (name string, err error) {
	if r.file == nil || r.err != nil {
		return "", r.err
	}
	for n := 1; ; n++ {
		name = r.path
		if n > 1 {
			name = fmt.Sprintf("%s.%d", r.path, n)
		}
		_, err = writeFileBy(name, false, func(w io.Writer) error {
			if _, err := r.file.Seek(0, io.SeekStart); err != nil {
				return err
			}
			_, err := io.Copy(w, r.file)
			return err
		})
		if !fault.Is(err, fault.Conflict) {
			return name, err
		}
	}
}

// discard removes the file that had no name yet.
func (r *rejects) discard() {
	if r.file != nil {
		_ = r.file.Close()
		_ = os.Remove(r.file.Name())
	}
}

func (a *app) printImported(one imported) {
	if one.Checked {
		fmt.Fprint(a.stdout, "Checked only, nothing was changed. ")
	}
	if one.Sessions != nil {
		r := one.Sessions
		fmt.Fprintf(a.stdout, "%s: %d new, %d unchanged, %d corrected, %d rejected sessions\n", one.File, r.New, r.Unchanged, r.Corrected, r.Rejected)
		if r.Collected > 0 {
			fmt.Fprintf(a.stdout, "  %d more said nothing new but that the driver's money has arrived\n", r.Collected)
		}
		if r.IDReused > 0 {
			fmt.Fprintf(a.stdout, "  %d of the new ones have the id of another session and are held until a person decides: creditrun sessions --state held\n", r.IDReused)
		}
		if r.Rounded > 0 {
			fmt.Fprintf(a.stdout, "  %d had figures with more than 6 decimals, which were rounded\n", r.Rounded)
		}
		if r.Rejected > 0 && !one.Checked {
			fmt.Fprintf(a.stdout, "  the rejected records and why: %s\n", one.Rejected)
		}
		return
	}
	switch {
	case one.Table != nil:
		a.printTable(one)
		return
	case one.Bank != nil:
		a.printBank(one)
		return
	}
	fmt.Fprintf(a.stdout, "%s:\n", one.File)
	for _, c := range one.Network {
		fmt.Fprintf(a.stdout, "  %-22s %5d created %5d updated %5d unchanged\n", c.Section, c.Created, c.Updated, c.Unchanged)
		for _, change := range []creditnotes.Change{creditnotes.Created, creditnotes.Updated, creditnotes.Unchanged} {
			a.printRecords(c.Records, change)
		}
	}
}

// mostNamed is how many records of a sort are named for people; --json names
// all.
const mostNamed = 10

// printRecords names the records of which the same became.
func (a *app) printRecords(all []creditnotes.RecordChange, change creditnotes.Change) {
	var names []string
	more := 0
	for _, r := range all {
		switch {
		case r.Change != change:
		case len(names) == mostNamed:
			more++
		case len(r.Fields) > 0:
			names = append(names, fmt.Sprintf("%s (%s)", r.Key, strings.Join(r.Fields, ", ")))
		default:
			names = append(names, r.Key)
		}
	}
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(a.stdout, "    %s: %s", change, strings.Join(names, ", "))
	if more > 0 {
		fmt.Fprintf(a.stdout, " and %d more (--json names all)", more)
	}
	fmt.Fprintln(a.stdout)
}

// progressBar shows progress on a terminal and is silent elsewhere.
func (a *app) progressBar(what string) *progressbar.ProgressBar {
	return progressbar.NewOptions(-1, progressbar.OptionSetWriter(a.stderr), progressbar.OptionSetDescription(what),
		progressbar.OptionSetVisibility(a.terminal), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetElapsedTime(true))
}
