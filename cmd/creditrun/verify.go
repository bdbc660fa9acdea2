package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/store"
)

// verificationJSON is the proof of the books.
type verificationJSON struct {
	*creditnotes.Verification
	Clean    bool                           `json:"clean"`
	Problems []string                       `json:"problems"`
	Against  *creditnotes.ArchiveComparison `json:"against,omitempty"`
}

// errNotClean makes the exit status of a proof that failed.
var errNotClean = errors.New("verify: the books are not clean; restore the last clean backup and see docs/operating.md")

func (a *app) verifyCommand() *cobra.Command {
	var expect, since, against string
	c := &cobra.Command{
		Use: "verify", Short: "Prove the books: numbers, seals, files, control sheets, audit log",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			head, err := parseHead(expect)
			if err != nil {
				return err
			}
			s, err := a.storeToRead(c.Context())
			if err != nil {
				return err
			}
			from, err := a.sinceWhen(c.Context(), s, since)
			if err != nil {
				return err
			}
			proof, err := creditnotes.VerifySince(c.Context(), s, head, from)
			if err != nil {
				return err
			}
			if against != "" {
				return a.verifyAgainst(c.Context(), s, proof, against)
			}
			if err := a.printProof(proof, nil); err != nil {
				return err
			}
			if !proof.Clean() {
				return errNotClean
			}
			return nil
		},
	}
	c.Flags().StringVar(&expect, "expect", "", "an audit head kept elsewhere, ID:HASH: report any change of the log up to it")
	c.Flags().StringVar(&since, "since", "", "a day or the name of a run: leave out notes, files, lines and runs from before")
	c.Flags().StringVar(&against, "against", "", "a folder of issued documents kept elsewhere: list those that the database does not know, whose numbers a restored database would give again")
	return a.jsonFlag(c)
}

// errNotComplete makes the exit status of a comparison that found something.
var errNotComplete = errors.New("verify: the database and the archive do not agree; see “Backups and restore” in docs/operating.md")

// verifyAgainst also compares the books with an archive.
func (a *app) verifyAgainst(ctx context.Context, s *store.Store, proof *creditnotes.Verification, folder string) error {
	comparison, err := a.against(ctx, s, folder)
	if err != nil {
		return err
	}
	clean := proof.Clean()
	agreed := len(comparison.Problems()) == 0
	if err := a.printProof(proof, comparison); err != nil {
		return err
	}
	if err := a.concludeComparison(ctx, s, folder, comparison, clean && agreed); err != nil {
		return err
	}
	switch {
	case !clean:
		return errNotClean
	case !agreed:
		return errNotComplete
	}
	return nil
}

// sinceWhen reads a day of the operator, or the name of a run, which means
// when it began; the empty text is no time.
func (a *app) sinceWhen(ctx context.Context, s *store.Store, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := entities.ParseDate(text); err == nil {
		network, err := a.network(ctx, s)
		if err != nil {
			return time.Time{}, err
		}
		return day.In(network.Zone()), nil
	}
	run, err := s.RunByName(ctx, text)
	if err != nil {
		return time.Time{}, err
	}
	return run.CreatedAt, nil
}

// parseHead reads an audit head as verify prints it; the empty text is none.
func parseHead(text string) (head creditnotes.AuditHead, err error) {
	if text == "" {
		return head, nil
	}
	id, hash, _ := strings.Cut(text, ":")
	head.ID, err = strconv.ParseInt(id, 10, 64)
	if bytes, notHex := hex.DecodeString(hash); err != nil || notHex != nil || head.ID < 1 || len(bytes) != sha256.Size {
		return head, usageError{fmt.Errorf("--expect %q: write ID:HASH as verify prints it after \"audit head\"", text)}
	}
	head.Hash = strings.ToLower(hash)
	return head, nil
}

func (a *app) printProof(v *creditnotes.Verification, c *creditnotes.ArchiveComparison) error {
	out := verificationJSON{Verification: v, Clean: v.Clean(), Problems: []string{}, Against: c}
	for _, f := range v.Problems {
		out.Problems = append(out.Problems, a.words(f))
	}
	if c != nil {
		for _, f := range c.Problems() {
			out.Problems = append(out.Problems, a.words(f))
		}
	}
	if a.json {
		return a.printJSON(out)
	}
	for _, problem := range out.Problems {
		fmt.Fprintln(a.stdout, problem)
	}
	if len(v.Rendering) > 0 {
		fmt.Fprintf(a.stdout, "The files of these notes are being made: %s. Run verify again when that is done.\n", strings.Join(v.Rendering, ", "))
	}
	verdict := "clean"
	if !out.Clean {
		verdict = counted(len(v.Problems), "problem", "problems")
	}
	fmt.Fprintf(a.stdout, "%s: %s\n", lookedAt(v), verdict)
	if err := a.printTotals(v); err != nil {
		return err
	}
	if c != nil {
		fmt.Fprintf(a.stdout, "archive: %d files of documents, %d documents known, %d would be given twice, %d other files\n",
			c.Files, c.Documents, len(c.Twice), c.Others)
	}
	fmt.Fprintf(a.stdout, "audit head %s\n", v.Head)
	return nil
}

// lookedAt counts what a proof looked at.
func lookedAt(v *creditnotes.Verification) string {
	list := []string{
		counted(v.Counters, "number counter", "number counters"), counted(v.Notes, "note", "notes"), counted(v.Files, "file", "files"),
		counted(v.Paths, "price path", "price paths"), counted(v.Runs, "run", "runs"), counted(v.Movements, "movement", "movements"),
		counted(v.Payouts, "payout", "payouts"), counted(v.Journals, "journal", "journals"), counted(v.Reminders, "reminder", "reminders"),
		counted(v.Audit, "audit entry", "audit entries"), counted(v.Guards, "guard", "guards"),
	}
	if v.Heads > 0 {
		list = append(list, counted(v.Heads, "signed head", "signed heads"))
	}
	return strings.Join(list, ", ")
}

// counted is a number with the word for one or for several.
func counted[N int | int64](n N, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, several)
}

// printTotals prints the sums that were compared.
func (a *app) printTotals(v *creditnotes.Verification) error {
	t := &v.Sessions
	fmt.Fprintf(a.stdout, "sessions: %d with %s kWh, of which %d with %s kWh are settled and %d with %s kWh are open\n",
		t.Received.Sessions, t.Received.Energy, t.Settled.Sessions, t.Settled.Energy, t.Open.Sessions, t.Open.Energy)
	table := newTable(a.stdout)
	fmt.Fprintln(table, "\tlines\tpositions\tnet\ttax\tdocuments\tmovements\tother items\tpaid out\treceived\topen\t")
	for i := range v.Totals {
		s := &v.Totals[i]
		digits, _ := money.Digits(s.Currency)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", s.Currency, s.Lines, s.Printed, s.Net.Format(digits), s.Tax.Format(digits), s.Documents.Format(digits), s.Booked.Format(digits),
			s.Others.Format(digits), s.PaidOut.Format(digits), s.Received.Format(digits), s.Open.Format(digits))
	}
	return table.Flush()
}
