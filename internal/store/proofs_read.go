package store

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/proof"
)

// NoteProof implements creditnotes.NoteStore.
func (s *Store) NoteProof(ctx context.Context, n *creditnotes.Note) (*creditnotes.NoteProof, error) {
	type row struct {
		head, document       string
		secret, path, public []byte
		position             int64
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any {
		return []any{&r.head, &r.document, &r.secret, &r.path, &r.public, &r.position}
	}, `SELECT h.head, d.document, h.secret, d.path, h.public_key, d.position
		FROM proof_documents d JOIN proof_heads h ON h.run_id = d.run_id WHERE d.note_id = $1`, n.ID)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	r := rows[0]
	head, err := headOf(r.head)
	if err != nil {
		return nil, err
	}
	if s.proofKey == nil || proof.KeyID(proof.Public(s.proofKey)) != head.Key {
		return nil, fault.New(fault.NotReady, "proof_key_needed", fault.Args{"run": head.Run, "key": head.Key})
	}
	f := proof.File{Head: head, Secret: secretOf(r.secret).Of(n.Number), Position: r.position, Path: hashesOf(r.path)}
	if err := json.Unmarshal([]byte(r.document), &f.Document); err != nil {
		return nil, fmt.Errorf("proof of %s: %w", n.Number, err)
	}
	if n.Document.SessionDetail != noSessions {
		if f.Sessions, err = s.provenSessions(ctx, n, &f); err != nil {
			return nil, err
		}
	}
	attachment, err := f.Attachment()
	return &creditnotes.NoteProof{Attachment: attachment, Sign: signer(s.proofKey)}, err
}

// noSessions is the session detail of recipients who get no sessions (domain.md
// §2.2).
const noSessions = "none"

// provenSessions are the sessions of a note for its proof. They are those that
// were signed, or the note gets no file.
func (s *Store) provenSessions(ctx context.Context, n *creditnotes.Note, f *proof.File) ([]byte, error) {
	sessions, tree := []proof.Session{}, proof.Frontier{}
	_, err := noteLines(ctx, s.readSQL, nil, func(l *sealedLine) {
		one := l.proven()
		tree.Append(one.Leaf(f.Secret, tree.Size()))
		sessions = append(sessions, one)
	}, "l.note_id = $1", n.ID)
	if err != nil {
		return nil, err
	}
	if tree.Size() != f.Document.Sessions || tree.Root() != f.Document.SessionsRoot {
		return nil, fmt.Errorf("the sessions of %s are not those that were signed with its run", n.Number)
	}
	return proof.Pack(sessions)
}

// storedTrees prepares the trees of the documents that have a proof.
func (b *books) storedTrees(ctx context.Context) (*sessionTrees, error) {
	type row struct {
		note   int64
		number string
		secret []byte
	}
	trees := newSessionTrees()
	for r, err := range each(ctx, b.q, func(r *row) []any { return []any{&r.note, &r.number, &r.secret} },
		`SELECT d.note_id, coalesce(n.number, ''), h.secret FROM proof_documents d
			JOIN proof_heads h ON h.run_id = d.run_id JOIN credit_notes n ON n.id = d.note_id`) {
		if err != nil {
			return nil, err
		}
		trees.secret[r.note] = secretOf(r.secret).Of(r.number)
	}
	return trees, nil
}

// ProofHeads implements creditnotes.ProofBooks.
func (b *books) ProofHeads(ctx context.Context) ([]creditnotes.ProofHead, error) {
	sheets, err := controlSheets(ctx, b.q, "r.id IN (SELECT run_id FROM proof_heads)")
	if err != nil {
		return nil, err
	}
	type row struct {
		run            int64
		head           string
		secret, public []byte
	}
	rows, err := collect(ctx, b.q, func(r *row) []any { return []any{&r.run, &r.head, &r.secret, &r.public} },
		"SELECT run_id, head, secret, public_key FROM proof_heads ORDER BY log_size")
	if err != nil {
		return nil, err
	}
	heads := make([]creditnotes.ProofHead, len(rows))
	for i, r := range rows {
		heads[i] = creditnotes.ProofHead{RunID: r.run, Public: r.public, Secret: secretOf(r.secret), Control: sheets[r.run]}
		if heads[i].Head, err = headOf(r.head); err != nil {
			return nil, err
		}
	}
	return heads, nil
}

// ProofLeaves implements creditnotes.ProofBooks.
func (b *books) ProofLeaves(ctx context.Context) iter.Seq2[creditnotes.ProofLeaf, error] {
	return func(yield func(creditnotes.ProofLeaf, error) bool) {
		type row struct {
			run, note int64
			leaf      []byte
		}
		for r, err := range each(ctx, b.q, func(r *row) []any { return []any{&r.run, &r.note, &r.leaf} },
			"SELECT run_id, note_id, leaf FROM proof_documents ORDER BY run_id, position") {
			leaf := creditnotes.ProofLeaf{RunID: r.run, NoteID: r.note}
			copy(leaf.Leaf[:], r.leaf)
			if !yield(leaf, err) || err != nil {
				return
			}
		}
	}
}

// PublicHeads are the latest heads of the log, the earliest first, at most a
// number of them.
func (s *Store) PublicHeads(ctx context.Context, most int) ([]proof.LogHead, error) {
	type row struct {
		head  string
		entry []byte
	}
	rows, err := collect(ctx, s.readSQL, func(r *row) []any { return []any{&r.head, &r.entry} },
		"SELECT head, entry FROM proof_heads ORDER BY log_size")
	if err != nil {
		return nil, err
	}
	entries := make([]proof.Hash, len(rows))
	for i, r := range rows {
		copy(entries[i][:], r.entry)
	}
	heads := []proof.LogHead{}
	for i := max(0, len(rows)-most); i < len(rows); i++ {
		head, err := headOf(rows[i].head)
		if err != nil {
			return nil, err
		}
		heads = append(heads, proof.LogHead{SignedHead: head, Consistency: proof.Consistency(entries[:i+1], i)})
	}
	return heads, nil
}

// ProofRing are the public keys with which heads were signed, with their times:
// a key was in use until another took its place for good.
func (s *Store) ProofRing(ctx context.Context) (*proof.Ring, error) {
	type use struct {
		public      []byte
		first, last int64
		head        string // the first
	}
	uses, err := collect(ctx, s.readSQL, func(u *use) []any { return []any{&u.public, &u.first, &u.last, &u.head} },
		`SELECT h.public_key, k.first, k.last, h.head
		FROM (SELECT public_key, min(log_size) AS first, max(log_size) AS last FROM proof_heads GROUP BY public_key) k
		JOIN proof_heads h ON h.log_size = k.first ORDER BY k.first`)
	if err != nil {
		return nil, err
	}
	ring := &proof.Ring{Keys: []proof.Key{}}
	for i, u := range uses {
		head, err := headOf(u.head)
		if err != nil {
			return nil, err
		}
		if i > 0 && uses[i-1].last < u.first {
			ring.Keys[i-1].Until = head.SignedAt
		}
		ring.Operator = head.Operator
		ring.Keys = append(ring.Keys, proof.Key{ID: head.Key, Public: u.public, From: head.SignedAt})
	}
	return ring, nil
}
