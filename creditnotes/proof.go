package creditnotes

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"iter"
	"maps"
	"slices"

	"creditrun/internal/fault"
	"creditrun/internal/proof"
)

// ActionProven records the signed head of a run; the subject is the name of the
// run, After the head as JSON.
const ActionProven = "proof.signed"

// NoteProof is what the PDF of a note carries to prove itself (decision 0162).
type NoteProof struct {
	Attachment []byte // not signed yet
	// Sign signs the file that contains the attachment, inside of it.
	Sign func(file []byte) error
}

// ProofDocument is the leaf of an issued note in the tree of its run.
func ProofDocument(n *Note, sessions int64, root proof.Hash) proof.Document {
	digits := n.Document.CurrencyDigits
	if sessions == 0 {
		root = proof.Root(nil)
	}
	return proof.Document{
		Number: n.Number, Recipient: n.Document.Recipient.Name, Date: string(n.Date), Currency: n.Currency,
		Net: n.Net.Format(digits), Tax: n.Tax.Format(digits), Gross: n.Gross.Format(digits),
		Seal: n.Hash, Sessions: sessions, SessionsRoot: root,
	}
}

// ProofBooks reads what Verify compares with the signed heads.
type ProofBooks interface {
	// ProofHeads lists the heads of runs in the order of their log.
	ProofHeads(ctx context.Context) ([]ProofHead, error)
	// ProofLeaves yields the documents of all heads, head by head in the order of
	// the log, in the order of the tree.
	ProofLeaves(ctx context.Context) iter.Seq2[ProofLeaf, error]
}

// ProofHead is a stored head, and what its run says today.
type ProofHead struct {
	RunID   int64
	Head    proof.SignedHead
	Public  ed25519.PublicKey
	Secret  proof.Secret
	Control string // the hash of the control sheet as it is now
}

// ProofLeaf is a stored document of a head.
type ProofLeaf struct {
	RunID, NoteID int64
	Leaf          proof.Hash
}

// proofs compares the signed heads with the notes, lines and control sheets as
// they are now, with each other, and with the audit log.
func (v *Verification) proofs(ctx context.Context, store VerifyStore) error {
	heads, err := store.ProofHeads(ctx)
	if err != nil {
		return err
	}
	runs := map[int64]*provenRun{}
	for i := range heads {
		runs[heads[i].RunID] = &provenRun{head: &heads[i]}
	}
	for leaf, err := range store.ProofLeaves(ctx) {
		if err != nil {
			return err
		}
		if run := runs[leaf.RunID]; run != nil {
			run.add(v, leaf)
		}
	}
	log := &proof.Frontier{}
	for i := range heads {
		v.Heads++
		v.head(runs[heads[i].RunID], log)
	}
	for _, run := range slices.Sorted(maps.Keys(v.recorded.proven)) {
		v.add("verify_proof", fault.Args{"run": run})
	}
	return nil
}

// provenRun grows the tree of a run anew.
type provenRun struct {
	head *ProofHead
	tree proof.Frontier
}

// add appends a document: as the note says now, or as it is stored where the note
// is from before what is looked at.
func (r *provenRun) add(v *Verification, leaf ProofLeaf) {
	document, ok := v.leaves[leaf.NoteID]
	if !ok {
		r.tree.Append(leaf.Leaf)
		return
	}
	r.tree.Append(document.Leaf(r.head.Secret.Of(document.Number)))
}

// head checks one head, and appends it to the log.
func (v *Verification) head(run *provenRun, log *proof.Frontier) {
	head := &run.head.Head
	run.tree.Append(proof.ControlLeaf(run.head.Secret, run.head.Control))
	ring := &proof.Ring{Keys: []proof.Key{{ID: proof.KeyID(run.head.Public), Public: run.head.Public}}}
	before := log.Root()
	log.Append(head.Entry())
	recorded, known := v.recorded.proven[head.Run]
	delete(v.recorded.proven, head.Run)
	if run.tree.Size() != head.Leaves || run.tree.Root() != head.Root || head.Check(ring) != nil || !known || recorded != jsonText(head) {
		v.add("verify_proof", fault.Args{"run": head.Run})
	}
	if before != head.PreviousRoot || log.Size() != head.LogSize || log.Root() != head.LogRoot {
		v.add("verify_proof_log", fault.Args{"run": head.Run})
	}
}

// jsonText is a head as the audit log records it.
func jsonText(head *proof.SignedHead) string {
	text, err := json.Marshal(head)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
