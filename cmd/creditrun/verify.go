package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"creditrun/creditnotes"
)

// verificationJSON is the proof of the books.
type verificationJSON struct {
	*creditnotes.Verification
	Clean    bool     `json:"clean"`
	Problems []string `json:"problems"`
}

// errNotClean makes the exit status of a proof that failed.
var errNotClean = errors.New("verify: the books are not clean; restore the last clean backup and see docs/operating.md")

func (a *app) verifyCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "verify", Short: "Prove the books: numbers, seals, files, control sheets, audit log",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			proof, err := creditnotes.Verify(c.Context(), s)
			if err != nil {
				return err
			}
			if err := a.printProof(proof); err != nil {
				return err
			}
			if !proof.Clean() {
				return errNotClean
			}
			return nil
		},
	}
	return a.jsonFlag(c)
}

func (a *app) printProof(v *creditnotes.Verification) error {
	out := verificationJSON{Verification: v, Clean: v.Clean(), Problems: []string{}}
	for _, f := range v.Problems {
		out.Problems = append(out.Problems, a.words(f))
	}
	if a.json {
		return a.printJSON(out)
	}
	for _, problem := range out.Problems {
		fmt.Fprintln(a.stdout, problem)
	}
	verdict := "clean"
	if !out.Clean {
		verdict = fmt.Sprintf("%d problems", len(out.Problems))
	}
	fmt.Fprintf(a.stdout, "%d number counters, %d notes, %d files, %d price paths, %d runs, %d audit entries: %s\n",
		v.Counters, v.Notes, v.Files, v.Paths, v.Runs, v.Audit, verdict)
	return nil
}
