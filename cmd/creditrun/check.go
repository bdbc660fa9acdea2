package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"creditrun/internal/money"
	"creditrun/internal/proof"
)

// checkJSON is what creditrun check found.
type checkJSON struct {
	Files []checkedJSON `json:"files"`
	// GivenTwice are sessions that two of the files give.
	GivenTwice []twiceJSON `json:"given_twice"`
}

// compared reports whether all files could be compared session by session.
func (c *checkJSON) compared() bool {
	return len(c.Files) > 1 && !slices.ContainsFunc(c.Files, func(f checkedJSON) bool { return !f.Proven || !f.Carried })
}

type checkedJSON struct {
	File    string `json:"file"`
	Proven  bool   `json:"proven"`
	Problem string `json:"problem,omitempty"`
	*proof.Checked
}

type twiceJSON struct {
	FirstFile  string `json:"first_file"`
	SecondFile string `json:"second_file"`
	proof.Twice
}

var (
	errNotProven  = errors.New("check: not every file is proven; see “Proof without the operator” in docs/operating.md")
	errGivenTwice = errors.New("check: a session is given twice; ask the operator which document takes it back")
	errOneKey     = usageError{errors.New("check: name the operator's public key with --key FILE, or the operator file with --operator FILE; it is never taken from the files that are checked")}
)

func (a *app) checkCommand() *cobra.Command {
	var key, operator, heads string
	c := &cobra.Command{
		Use: "check FILE.pdf…", Short: "Prove documents without the operator: no database, no network, the key is yours",
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, files []string) error {
			if (key == "") == (operator == "") {
				return errOneKey
			}
			ring, err := readRing(key + operator)
			if err != nil {
				return err
			}
			log, err := readLog(heads, ring)
			if err != nil {
				return err
			}
			return a.check(files, ring, log)
		},
	}
	c.Flags().StringVar(&key, "key", "", "the public key of the operator in PEM")
	c.Flags().StringVar(&operator, "operator", "", "the operator file: its public keys with their times, as creditrun keys --json writes it")
	c.Flags().StringVar(&heads, "heads", "", "the published heads, as saved from /proof/heads: their log must follow from month to month and have the head of each file")
	return a.jsonFlag(c)
}

func readRing(path string) (*proof.Ring, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	ring, err := proof.ParseRing(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ring, nil
}

// readLog reads and proves the published heads; nil where none are given.
func readLog(path string, ring *proof.Ring) (*proof.Log, error) {
	if path == "" {
		return nil, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	log, err := proof.ParseLog(content)
	if err == nil {
		err = log.Check(ring)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return log, nil
}

func (a *app) check(files []string, ring *proof.Ring, log *proof.Log) error {
	found := checkJSON{Files: []checkedJSON{}, GivenTwice: []twiceJSON{}}
	var failed error
	var proven []*proof.Checked
	var names []string
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		one := checkedJSON{File: name}
		one.Checked, err = proof.Check(content, ring)
		if err == nil && log != nil && !log.Has(&one.Checked.Head) {
			err = proof.ErrUnpublished
		}
		if err != nil {
			one.Problem, failed = err.Error(), errNotProven
		}
		one.Proven = err == nil
		if one.Proven {
			proven, names = append(proven, one.Checked), append(names, name)
		}
		found.Files = append(found.Files, one)
	}
	for _, twice := range proof.GivenTwice(proven) {
		found.GivenTwice = append(found.GivenTwice, twiceJSON{names[twice.A], names[twice.B], twice})
	}
	if failed == nil && len(found.GivenTwice) > 0 {
		failed = errGivenTwice
	}
	if a.json {
		return errors.Join(a.printJSON(found), failed)
	}
	a.printChecked(found)
	return failed
}

func (a *app) printChecked(found checkJSON) {
	say := func(format string, args ...any) { fmt.Fprintf(a.stdout, format+"\n", args...) }
	for _, f := range found.Files {
		if !f.Proven {
			say("%s: NOT proven: %s.", f.File, f.Problem)
			continue
		}
		d, h := f.Document, f.Head
		say("%s: proven. Not a character of it was changed since it was signed.", f.File)
		say("  Document %s of %s for %s: net %s, tax %s, gross %s %s.", d.Number, d.Date, d.Recipient, d.Net, d.Tax, d.Gross, d.Currency)
		say("  Run %s (month %s) of %s, signed %s with the key %s.", h.Run, h.Month, h.Operator, h.SignedAt, h.Key)
		say("  Head %s, the %s of the operator's log. Compare it with the head in your mail, and with those that others got.", h.Root, ordinal(h.LogSize))
		if f.Carried {
			say("  Lines of sessions in the proof: %d; all of them are in the tree of the document.", len(f.Sessions))
		} else {
			say("  The document carries no sessions, of which it has %d; it cannot be compared with others session by session.", d.Sessions)
		}
	}
	for _, t := range found.GivenTwice {
		what := "the session " + t.First.ID
		if !t.SameID {
			what = "one session, as " + t.First.ID + " and as " + t.Second.ID
		}
		say("GIVEN TWICE: %s and %s both give %s: connector %d, %s to %s, %s kWh.", t.FirstFile, t.SecondFile, what,
			t.First.Connector, t.First.Start, t.First.End, money.FormatTrimmed(t.First.Energy, money.MicroDecimals))
	}
	if found.compared() && len(found.GivenTwice) == 0 {
		say("No session is given twice by these files.")
	}
}

// ordinal writes 1 as 1st.
func ordinal(n int64) string {
	ending := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			ending = "st"
		case 2:
			ending = "nd"
		case 3:
			ending = "rd"
		}
	}
	return fmt.Sprint(n, ending)
}
