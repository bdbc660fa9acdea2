package document

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/proof"
)

var proofKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// provenNote is a note that carries its proof.
func provenNote(tb testing.TB) *creditnotes.Note {
	tb.Helper()
	n, secret := shortNote(), proof.Secret{1}
	leaf := creditnotes.ProofDocument(n, 0, proof.Hash{})
	leaves := []proof.Hash{leaf.Leaf(secret), proof.ControlLeaf(secret, "sheet")}
	head, err := proof.Sign(proof.Head{Operator: "Voltnetz", Run: "2026-10", SignedAt: "2026-11-01T00:00:00Z", Leaves: 2, Root: proof.Root(leaves)}, &proof.Frontier{}, proofKey)
	if err != nil {
		tb.Fatal(err)
	}
	f := proof.File{Head: *head, Document: leaf, Secret: secret, Path: proof.Paths(leaves)[0]}
	attachment, err := f.Attachment()
	if err != nil {
		tb.Fatal(err)
	}
	n.Proof = &creditnotes.NoteProof{Attachment: attachment, Sign: func(file []byte) error { return proof.SignPaper(file, proofKey) }}
	return n
}

func TestDocumentsCarryTheirProof(t *testing.T) {
	note := provenNote(t)
	files, err := newRenderer(t).Files(note, manyDetails(3))
	if err != nil {
		t.Fatal(err)
	}
	public := proof.Public(proofKey)
	ring := &proof.Ring{Keys: []proof.Key{{ID: proof.KeyID(public), Public: public}}}
	paper := pdfOf(t, files)
	checked, err := proof.Check(paper, ring)
	if err != nil || checked.Document.Number != note.Number {
		t.Fatalf("it proves %+v, %v", checked, err)
	}
	at := bytes.LastIndex(paper, []byte("FlateDecode"))
	paper[at+40] ^= 1
	if _, err := proof.Check(paper, ring); err == nil {
		t.Error("a page can be changed")
	}
}
