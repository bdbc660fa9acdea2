package store

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"

	"github.com/jackc/pgx/v5"

	"creditrun/creditnotes"
	"creditrun/internal/proof"
)

// sessionTrees grows the trees of the sessions of documents from their lines,
// which come document by document. It keeps no line.
type sessionTrees struct {
	secret map[int64]proof.Secret // by id of the note; others have no tree
	trees  map[int64]*proof.Frontier
}

func newSessionTrees() *sessionTrees {
	return &sessionTrees{map[int64]proof.Secret{}, map[int64]*proof.Frontier{}}
}

// add takes the next line.
func (t *sessionTrees) add(l *sealedLine) {
	secret, ok := t.secret[l.note]
	if !ok {
		return
	}
	tree := t.trees[l.note]
	if tree == nil {
		tree = &proof.Frontier{}
		t.trees[l.note] = tree
	}
	session := l.proven()
	tree.Append(session.Leaf(secret, tree.Size()))
}

// proven is the leaf of a line.
func (l *sealedLine) proven() proof.Session {
	at := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	return proof.Session{
		ID: l.source + "/" + l.externalID, Version: l.version, Kind: l.kind, Connector: l.connector,
		Start: at(l.started), End: at(l.ended), Energy: l.energy, Net: int64(l.Total()),
	}
}

// grow is what the lines of notes that are being issued are handed to: nil where
// nothing is signed.
func (w *issueWriter) grow(notes []*creditnotes.Note) func(*sealedLine) {
	if w.key == nil {
		return nil
	}
	_, _ = rand.Read(w.secret[:]) // never fails
	w.trees = newSessionTrees()
	for _, n := range notes {
		w.trees.secret[n.ID] = w.secret.Of(n.Number)
	}
	return w.trees.add
}

// prove signs the head of a run that was issued and stores it with the tree of its
// documents, once: in the transaction that issues. Its place in the log is taken under
// the lock at the end of the audit log, so that heads come one after the other.
func (w *issueWriter) prove(run *creditnotes.Run, who string) error {
	if w.key == nil {
		return nil
	}
	leaves, documents := w.leaves()
	control, err := controlSheets(w.tx.ctx, w.tx.sql, "r.id = $1", run.ID)
	if err != nil {
		return err
	}
	leaves = append(leaves, proof.ControlLeaf(w.secret, control[run.ID]))
	operator, err := first[entityRow](w.tx.operator())
	if err != nil {
		return err
	}
	log, err := w.tx.headLog()
	if err != nil {
		return err
	}
	head, err := proof.Sign(proof.Head{
		Operator: cmp.Or(orZero(operator).LegalName, orZero(operator).Name), Run: run.Name, Month: string(run.Month), SignedAt: utc(w.tx.now()).Format(time.RFC3339Nano),
		Leaves: int64(len(leaves)), Root: proof.Root(leaves),
	}, log, w.key)
	if err != nil {
		return fmt.Errorf("sign the head of run %s: %w", run.Name, err)
	}
	entry := head.Entry()
	_, err = w.tx.exec("INSERT INTO proof_heads (run_id, log_size, head, entry, log, secret, public_key) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		run.ID, head.LogSize, string(jsonOf(head)), entry[:], log.Bytes(), w.secret[:], []byte(proof.Public(w.key)))
	if err != nil {
		return fmt.Errorf("head of run %s: %w", run.Name, err)
	}
	paths, rows := proof.Paths(leaves), make([][]any, len(w.notes))
	for i, n := range w.notes {
		rows[i] = []any{n.ID, run.ID, int64(i), string(jsonOf(documents[i])), leaves[i][:], bytesOf(paths[i])}
	}
	columns := []string{"note_id", "run_id", "position", "document", "leaf", "path"}
	if _, err := w.tx.copyFrom("proof_documents", columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("proofs of run %s: %w", run.Name, err)
	}
	return w.tx.audit(Entry{Who: who, Action: creditnotes.ActionProven, Subject: run.Name, After: string(jsonOf(head))})
}

// leaves are the documents that were issued, in their order.
func (w *issueWriter) leaves() (leaves []proof.Hash, documents []proof.Document) {
	for _, n := range w.notes {
		var sessions proof.Frontier
		if tree := w.trees.trees[n.ID]; tree != nil {
			sessions = *tree
		}
		document := creditnotes.ProofDocument(n, sessions.Size(), sessions.Root())
		documents = append(documents, document)
		leaves = append(leaves, document.Leaf(w.secret.Of(n.Number)))
	}
	return leaves, documents
}

// headLog reads the log of heads as it is, and keeps others from adding to it.
func (tx *Tx) headLog() (*proof.Frontier, error) {
	if _, err := tx.exec("UPDATE audit_head SET id = id"); err != nil {
		return nil, fmt.Errorf("log of heads: %w", err)
	}
	type end struct {
		size int64
		log  []byte
	}
	ends, err := collect(tx.ctx, tx.sql, func(e *end) []any { return []any{&e.size, &e.log} },
		"SELECT log_size, log FROM proof_heads ORDER BY log_size DESC LIMIT 1")
	if err != nil || len(ends) == 0 {
		return &proof.Frontier{}, err
	}
	return proof.ParseFrontier(ends[0].size, ends[0].log)
}

// controlSheets hash the control sheets of the runs r that fit a condition, by
// the id of the run: what each owner of them received, and what became of it.
func controlSheets(ctx context.Context, q querier, where string, args ...any) (map[int64]string, error) {
	type row struct {
		run    int64
		counts [13]int64
		failed string
	}
	rows := each(ctx, q, func(r *row) []any {
		fields := []any{&r.run, &r.failed}
		for i := range r.counts {
			fields = append(fields, &r.counts[i])
		}
		return fields
	}, `SELECT r.id, o.failed_key, o.owner_id, o.received_sessions, o.received_energy, o.credited_sessions, o.credited_energy,
			o.held_sessions, o.held_energy, o.zero_sessions, o.zero_energy, o.excluded_sessions, o.excluded_energy,
			o.withdrawn_sessions, o.withdrawn_energy
		FROM runs r JOIN run_owners o ON o.run_id = r.id WHERE `+where+` ORDER BY r.id, o.owner_id`, args...)
	sums := map[int64]hash.Hash{}
	for r, err := range rows {
		if err != nil {
			return nil, err
		}
		if sums[r.run] == nil {
			sums[r.run] = sha256.New()
		}
		fmt.Fprintf(sums[r.run], "%q %v\n", r.failed, r.counts)
	}
	sheets := map[int64]string{}
	for run, sum := range sums {
		sheets[run] = hex.EncodeToString(sum.Sum(nil))
	}
	return sheets, nil
}

// bytesOf writes hashes one after the other.
func bytesOf(list []proof.Hash) []byte {
	b := []byte{}
	for _, h := range list {
		b = append(b, h[:]...)
	}
	return b
}

// hashesOf reads what bytesOf wrote.
func hashesOf(b []byte) []proof.Hash {
	list := []proof.Hash{}
	for ; len(b) >= len(proof.Hash{}); b = b[len(proof.Hash{}):] {
		list = append(list, proof.Hash(b[:len(proof.Hash{})]))
	}
	return list
}

// headOf reads a stored head.
func headOf(text string) (head proof.SignedHead, err error) {
	if err := json.Unmarshal([]byte(text), &head); err != nil {
		return head, fmt.Errorf("stored head: %w", err)
	}
	return head, nil
}

// signer signs files with the key of a head.
func signer(key ed25519.PrivateKey) func([]byte) error {
	return func(file []byte) error { return proof.SignPaper(file, key) }
}

// secretOf is a stored secret; one that was changed is another.
func secretOf(stored []byte) (secret proof.Secret) {
	copy(secret[:], stored)
	return secret
}
