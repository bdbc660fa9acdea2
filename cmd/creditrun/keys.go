package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"creditrun/internal/proof"
)

func (a *app) keysCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "keys", Short: "List the public keys with which heads of runs were signed; as JSON it is the operator file",
		Args: arguments(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := a.storeToRead(c.Context())
			if err != nil {
				return err
			}
			ring, err := s.ProofRing(c.Context())
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(ring)
			}
			if len(ring.Keys) == 0 {
				a.say("No run was signed yet. creditrun keys new FILE makes a key; name it in proof_key.")
			}
			for _, key := range ring.Keys {
				until := ""
				if key.Until != "" {
					until = "  until " + key.Until
				}
				fmt.Fprintf(a.stdout, "%s  from %s%s\n", key.ID, key.From, until)
			}
			return nil
		},
	}
	c.AddCommand(a.keysNewCommand())
	return a.jsonFlag(c)
}

// publicEnding is what the file of a public key ends with, beside that of the
// private one.
const publicEnding = ".pub"

func (a *app) keysNewCommand() *cobra.Command {
	return &cobra.Command{
		Use: "new FILE", Short: "Make a key that signs runs: FILE is the private key, FILE" + publicEnding + " the public one",
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			if err != nil {
				return err
			}
			private, public, err := proof.WriteKey(key)
			if err != nil {
				return err
			}
			if err := writeNew(args[0], private, 0o600); err != nil {
				return err
			}
			if err := writeNew(args[0]+publicEnding, public, 0o644); err != nil {
				return err
			}
			a.say("Name the key in the configuration: proof_key: file:%s. Keep a copy of it apart from the database.", args[0])
			fmt.Fprintln(a.stdout, proof.KeyID(proof.Public(key)))
			return nil
		},
	}
}

// writeNew writes a file that is not there yet: a key is never overwritten.
func writeNew(path string, content []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if _, err := f.Write(content); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
