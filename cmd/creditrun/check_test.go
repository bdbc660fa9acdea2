package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"creditrun/internal/proof"
	"creditrun/internal/store"
)

// signing gives the world a key, and returns the path of its public half.
func (w *world) signing(name string) string {
	w.Helper()
	path := filepath.Join(w.dir, name)
	w.do("keys", "new", path)
	w.vars["CREDITRUN_PROOF_KEY"] = "file:" + path
	return path + publicEnding
}

// papers are the stored documents of the world, by number.
func (w *world) papers() (numbers []string, papers map[string][]byte) {
	w.Helper()
	papers = map[string][]byte{}
	for _, n := range w.notes() {
		numbers, papers[*n.Number] = append(numbers, *n.Number), w.written(*n.Number, "pdf")
	}
	return numbers, papers
}

// save writes a file to be checked.
func (w *world) save(name string, content []byte) string {
	w.Helper()
	path := filepath.Join(w.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		w.Fatal(err)
	}
	return path
}

// attached is the proof in a document.
func attached(t *testing.T, paper []byte) []byte {
	t.Helper()
	begin := bytes.Index(paper, []byte(`{"creditrun_proof"`))
	if begin < 0 {
		t.Fatal("there is no proof")
	}
	return paper[begin : begin+bytes.Index(paper[begin:], []byte("\nendstream"))]
}

func TestARunProvesItselfWithoutUs(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.small()
		key := w.signing("proof.pem")
		w.do("run", "--month", "2026-10")
		numbers, papers := w.papers()
		if len(numbers) < 2 {
			t.Fatalf("documents: %v", numbers)
		}
		operator := w.save("operator.json", []byte(w.do("keys", "--json")))
		nowhere := *w // a reader has no database
		nowhere.db = "sqlite:" + filepath.Join(w.TempDir(), "missing", "x.db")
		first, second := w.save("a.pdf", papers[numbers[0]]), w.save("b.pdf", papers[numbers[1]])
		if out := nowhere.do("check", first, second, "--key", key); strings.Count(out, ": proven.") != 2 || !strings.Contains(out, "No session is given twice") {
			t.Errorf("check says\n%s", out)
		}
		var found checkJSON
		if err := json.Unmarshal([]byte(nowhere.do("check", first, "--operator", operator, "--json")), &found); err != nil {
			t.Fatal(err)
		}
		if one := found.Files[0]; !one.Proven || one.Document.Number != numbers[0] || one.Head.Run != "2026-10" {
			t.Errorf("%+v", one)
		}
		s, err := store.Open(t.Context(), w.db, store.Options{Now: w.clock})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		log := proof.Log{}
		if log.Heads, err = s.PublicHeads(t.Context(), 10); err != nil {
			t.Fatal(err)
		}
		content, err := json.Marshal(log)
		if err != nil {
			t.Fatal(err)
		}
		heads := w.save("heads.json", content)
		nowhere.do("check", first, "--key", key, "--heads", heads)
		log.Heads[0].Run = "2026-09"
		if content, err = json.Marshal(log); err != nil {
			t.Fatal(err)
		}
		if out := nowhere.fails(exitFailed, "check", first, "--key", key, "--heads", w.save("heads.json", content)); !strings.Contains(out, "signature of the head is wrong") {
			t.Errorf("with other heads it says %s", out)
		}
		w.clean()
		if out := nowhere.fails(exitUsage, "check", first); !strings.Contains(out, "--key FILE") {
			t.Errorf("without a key it says %s", out)
		}
	})
}

func TestAChangedDigitAForeignKeyAndAnotherRunsProofEachFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "sqlite:"+filepath.Join(t.TempDir(), "w.db"))
	w.small()
	key := w.signing("proof.pem")
	w.do("run", "--month", "2026-10")
	numbers, papers := w.papers()
	paper, neighbor := papers[numbers[0]], papers[numbers[1]]

	other := newWorld(t, "sqlite:"+filepath.Join(t.TempDir(), "other.db"))
	other.small()
	other.vars["CREDITRUN_PROOF_KEY"] = w.vars["CREDITRUN_PROOF_KEY"]
	other.now = w.now.Add(time.Hour)
	other.do("run", "--month", "2026-10")
	_, others := other.papers()
	foreign := newWorld(t, "").signing("foreign.pem")

	var own, stranger map[string]json.RawMessage
	for content, into := range map[*map[string]json.RawMessage][]byte{&own: attached(t, paper), &stranger: attached(t, others[numbers[0]])} {
		if err := json.Unmarshal(into, content); err != nil {
			t.Fatal(err)
		}
	}
	page := bytes.Index(paper, []byte("/FlateDecode")) + 200
	changed := bytes.Clone(paper)
	changed[page] ^= 1
	replaced := func(from, to []byte) []byte {
		if !bytes.Contains(paper, from) || bytes.Equal(from, to) {
			t.Fatalf("%.60s cannot be replaced", from)
		}
		return bytes.Replace(paper, from, to, 1)
	}
	for _, c := range []struct {
		name      string
		paper     []byte
		key, says string
	}{
		{"a changed page", changed, key, "not the one that was signed"},
		{"a changed digit of the proof", replaced([]byte(`"sessions_root":"`+field(t, own["document"], "sessions_root")), []byte(`"sessions_root":"`+strings.Repeat("0", 64))), key, "does not belong to the head"},
		{"a foreign key", paper, foreign, "not among the keys that you gave"},
		{"the proof of another run", replaced(attached(t, paper), attached(t, others[numbers[0]])), key, "not the one that was signed"},
		{"the head of another run", replaced(own["head"], stranger["head"]), key, "does not belong to the head"},
		{"the proof of another document", replaced(attached(t, paper), attached(t, neighbor)), key, "not the one that was signed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.try("check", w.save("x.pdf", c.paper), "--key", c.key)
			if got.status != exitFailed || !strings.Contains(got.stdout, "NOT proven") || !strings.Contains(got.stdout, c.says) {
				t.Errorf("status %d:\n%s%s", got.status, got.stdout, got.stderr)
			}
		})
	}
}

// field is a text of a JSON object.
func field(t *testing.T, object []byte, name string) string {
	t.Helper()
	var fields map[string]any
	if err := json.Unmarshal(object, &fields); err != nil {
		t.Fatal(err)
	}
	text, _ := fields[name].(string)
	return text
}

func TestAKeyIsForItsOwnerAloneAndNeverOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	w.signing("proof.pem")
	path := filepath.Join(w.dir, "proof.pem")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the private key can be read by others: %v, %v", info.Mode(), err)
	}
	if out := w.fails(exitFailed, "keys", "new", path); !strings.Contains(out, "exists") {
		t.Errorf("a key is overwritten: %s", out)
	}
}
