package memory

import (
	"context"
	"iter"

	"creditrun/creditnotes"
)

// NoteProof implements creditnotes.NoteStore: nothing is signed in memory.
func (s *Store) NoteProof(context.Context, *creditnotes.Note) (*creditnotes.NoteProof, error) {
	return nil, nil
}

// ProofHeads implements creditnotes.ProofBooks.
func (b *books) ProofHeads(context.Context) ([]creditnotes.ProofHead, error) { return nil, nil }

// ProofLeaves implements creditnotes.ProofBooks.
func (b *books) ProofLeaves(context.Context) iter.Seq2[creditnotes.ProofLeaf, error] {
	return func(func(creditnotes.ProofLeaf, error) bool) {}
}
