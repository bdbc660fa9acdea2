package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

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
	var expect string
	c := &cobra.Command{
		Use: "verify", Short: "Prove the books: numbers, seals, files, control sheets, audit log",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			head, err := parseHead(expect)
			if err != nil {
				return err
			}
			s, err := a.store(c.Context())
			if err != nil {
				return err
			}
			proof, err := creditnotes.Verify(c.Context(), s, head)
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
	c.Flags().StringVar(&expect, "expect", "", "an audit head kept elsewhere, ID:HASH: report any change of the log up to it")
	return a.jsonFlag(c)
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
	fmt.Fprintf(a.stdout, "%d number counters, %d notes, %d files, %d price paths, %d runs, %d audit entries, %d guards: %s\n",
		v.Counters, v.Notes, v.Files, v.Paths, v.Runs, v.Audit, v.Guards, verdict)
	fmt.Fprintf(a.stdout, "audit head %s\n", v.Head)
	return nil
}
