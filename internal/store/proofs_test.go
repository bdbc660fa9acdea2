package store_test

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
	"creditrun/internal/fault"
	"creditrun/internal/proof"
	"creditrun/internal/store"
	"creditrun/internal/store/storetest"
)

func proofKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

// inEachSigned is inEach with runs that are signed.
func inEachSigned(t *testing.T, tell func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	storetest.EachURL(t, func(t *testing.T, url string) {
		w := &world{url: url, World: creditnotestest.NewWorld(t, func(t *testing.T, now func() time.Time) func() creditnotestest.Store {
			return func() creditnotestest.Store { return tested{openSigned(t, url, now, proofKey(1))} }
		})}
		w.s = w.Store.(tested).Store
		tell(t, w)
	})
}

func openSigned(t *testing.T, url string, now func() time.Time, key ed25519.PrivateKey) *store.Store {
	return storetest.OpenWith(t, url, store.Options{Now: now, LeaseClock: now, ProofKey: key})
}

// file is a file with the proof of a note in it.
func (w *world) file(number string) []byte {
	w.T.Helper()
	p, err := w.s.NoteProof(w.T.Context(), w.Note(number))
	if err != nil || p == nil {
		w.T.Fatalf("the proof of %s: %v", number, err)
	}
	content := append([]byte("%PDF "+number+"\n"), p.Attachment...)
	if err := p.Sign(content); err != nil {
		w.T.Fatal(err)
	}
	return content
}

func TestEveryDocumentOfASignedRunProvesItself(t *testing.T) {
	inEachSigned(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		w.Proven()
		public := proof.Public(proofKey(1))
		ring := &proof.Ring{Keys: []proof.Key{{ID: proof.KeyID(public), Public: public}}}
		lines := 0
		for _, n := range w.Issued() {
			checked, err := proof.Check(w.file(n.Number), ring)
			if err != nil {
				t.Fatalf("%s: %v", n.Number, err)
			}
			if checked.Document.Number != n.Number || checked.Document.Gross != n.Gross.Format(2) || checked.Head.Run != "2026-10" {
				t.Errorf("%s: it proves %+v", n.Number, checked.Document)
			}
			lines += len(checked.Sessions)
		}
		if want := w.rows("lines WHERE note_id IS NOT NULL"); lines != want {
			t.Errorf("%d sessions are proven, %d credited", lines, want)
		}
		if n := w.rows("audit WHERE action = 'proof.signed'"); n != 1 {
			t.Errorf("the audit log has %d heads", n)
		}
	})
}

func TestHeadsOfTheMonthsAreOneLog(t *testing.T) {
	inEachSigned(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		for _, month := range []string{"2026-11", "2026-12"} {
			w.Now = entities.Month(month).LastDay().In(time.UTC)
			w.Charged(charge("S-"+month, "ST-1", month+"-10 10:00", "10"))
			w.Month(entities.Month(month))
		}
		heads, err := w.s.PublicHeads(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(heads) != 3 {
			t.Fatalf("%d heads", len(heads))
		}
		for i := 1; i < len(heads); i++ {
			before, after := heads[i-1].Head, heads[i].Head
			if !proof.Consistent(before.LogSize, after.LogSize, before.LogRoot, after.LogRoot, heads[i].Consistency) {
				t.Errorf("the log of %s is not that of %s and more", after.Run, before.Run)
			}
		}
		w.Proven()
	})
}

func TestVerifyFindsWhatIsNotWhatWasSigned(t *testing.T) {
	for name, statements := range map[string][]string{
		"a session":         {"UPDATE sessions SET started_at = '2026-10-01 00:00:00+00:00' WHERE id IN (SELECT session_id FROM lines)"},
		"the control sheet": {"UPDATE run_owners SET received_energy = received_energy + 1, held_energy = held_energy + 1"},
		"no head":           {"DELETE FROM proof_documents", "DELETE FROM proof_heads"},
		"another month":     {"UPDATE proof_heads SET head = replace(head, '2026-10', '2026-09')"},
	} {
		t.Run(name, func(t *testing.T) {
			inEachSigned(t, func(t *testing.T, w *world) {
				w.Charged(workedExample()...)
				w.Month("2026-10")
				w.unlock()
				for _, statement := range statements {
					if _, err := w.sql(statement); err != nil {
						t.Fatal(err)
					}
				}
				found := false
				for _, key := range w.Problems() {
					found = found || key == "verify_proof"
				}
				if !found {
					t.Errorf("verify says %v", w.Problems())
				}
			})
		})
	}
}

func TestWhatWasSignedStays(t *testing.T) {
	inEachSigned(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		for _, statement := range []string{
			"UPDATE proof_heads SET head = head", "DELETE FROM proof_heads", "UPDATE proof_documents SET leaf = leaf", "DELETE FROM proof_documents",
		} {
			err := w.s.InTx(t.Context(), func(tx *store.TestTx) error {
				_, err := tx.Exec(statement)
				return err
			})
			if !fault.Is(err, fault.Conflict) || fault.Of(err)[0].Key != "immutable" {
				t.Errorf("%s: %v", statement, err)
			}
		}
	})
}

func TestDocumentsWaitForTheKeyOfTheirRun(t *testing.T) {
	inEachSigned(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		note := w.Issued()[0]
		for _, key := range []ed25519.PrivateKey{nil, proofKey(2)} {
			_, err := openSigned(t, w.url, w.Clock, key).NoteProof(t.Context(), note)
			if !fault.Is(err, fault.NotReady) || fault.Of(err)[0].Key != "proof_key_needed" {
				t.Errorf("with another key: %v", err)
			}
		}
	})
}

func TestRunsWithoutAKeyHaveNoProof(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Month("2026-10")
		if p, err := w.s.NoteProof(t.Context(), w.Issued()[0]); p != nil || err != nil {
			t.Errorf("there is a proof, or %v", err)
		}
		w.Proven()
	})
}

func TestCrashedMonthEndIsSignedOnce(t *testing.T) {
	inEachSigned(t, func(t *testing.T, w *world) {
		w.unlock()
		heads := func() []string {
			if n := w.rows("proof_heads"); n != 1 {
				t.Errorf("the run has %d heads", n)
			}
			return nil
		}
		creditnotestest.CrashedMonthEndIsResumed(w.World, false, func() func() { return w.wipe }, heads)
	})
}
