package web

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"creditrun/internal/proof"
)

func readerKey(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

// provenFile is a file of a run with one document, as far as a reader of proofs
// looks at it.
func provenFile(t *testing.T, key ed25519.PrivateKey, number string, sessions ...proof.Session) []byte {
	t.Helper()
	secret, tree := proof.Secret{9}.Of(number), proof.Frontier{}
	for i, s := range sessions {
		tree.Append(s.Leaf(secret, int64(i)))
	}
	packed, err := proof.Pack(sessions)
	if err != nil {
		t.Fatal(err)
	}
	f := proof.File{Secret: secret, Sessions: packed, Document: proof.Document{
		Number: number, Recipient: "Gîte & <Söhne>", Date: "2026-10-31", Currency: "EUR", Net: "6.00", Tax: "1.14", Gross: "7.14",
		Seal: "00", Sessions: tree.Size(), SessionsRoot: tree.Root(),
	}}
	leaves := []proof.Hash{f.Document.Leaf(secret), proof.ControlLeaf(secret, "sheet"), proof.ControlLeaf(secret, "another")}
	head, err := proof.Sign(proof.Head{Operator: "Stadtwerke", Run: "2026-10", Month: "2026-10", SignedAt: "2026-11-01T06:00:00.123456Z", Leaves: 3, Root: proof.Root(leaves)}, &proof.Frontier{}, key)
	if err != nil {
		t.Fatal(err)
	}
	f.Head, f.Path = *head, proof.Paths(leaves)[0]
	attachment, err := f.Attachment()
	if err != nil {
		t.Fatal(err)
	}
	content := append([]byte("%PDF-1.7 \xe2\xe3 "+number+" Total 7.14 EUR\nstream\n"), attachment...)
	content = append(content, "\nendstream\n%%EOF\n"...)
	if err := proof.SignPaper(content, key); err != nil {
		t.Fatal(err)
	}
	return content
}

// otherBase64 changes bits of the last digit of the signature that mean nothing.
func otherBase64(file []byte) []byte {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	changed := bytes.Clone(file)
	last := bytes.LastIndex(changed, []byte(`=="}`)) - 1
	changed[last] = digits[strings.IndexByte(digits, changed[last])^1]
	return changed
}

func TestReadersProveDocumentsInABrowser(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		night := proof.Session{ID: "cdr/S-1", Version: 1, Kind: "credit", Connector: 7, Start: "2026-10-01T20:00:00Z", End: "2026-10-01T21:00:00Z", Energy: 12_000_000, Net: 3_600_000}
		morning := night
		morning.ID, morning.Start = "cdr/S-2", "2026-10-02T06:00:00Z"
		good := provenFile(t, readerKey(1), "GS-1", night, morning)
		other := provenFile(t, readerKey(1), "GS-2", night)
		back := night
		back.Kind = "reversal"
		taken, again := provenFile(t, readerKey(1), "GS-3", night, back), provenFile(t, readerKey(1), "GS-4", night, back, night)
		proofOf := func(file []byte) []byte {
			_, rest, _ := bytes.Cut(file, []byte("stream\n"))
			attachment, _, _ := bytes.Cut(rest, []byte("\nendstream"))
			return attachment
		}
		_, public, err := proof.WriteKey(readerKey(1))
		if err != nil {
			t.Fatal(err)
		}
		_, foreign, err := proof.WriteKey(readerKey(2))
		if err != nil {
			t.Fatal(err)
		}
		key := proof.Public(readerKey(1))
		ring, err := json.Marshal(proof.Ring{Operator: "Stadtwerke", Keys: []proof.Key{{ID: proof.KeyID(key), Public: key, From: "2026-11-01T06:00:00.123456Z"}}})
		if err != nil {
			t.Fatal(err)
		}
		folder := t.TempDir()
		written := func(name string, content []byte) string {
			path := filepath.Join(folder, name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		saved := "file://" + written("check.html", checkPage)
		for _, test := range []struct {
			name  string
			at    string
			key   []byte
			files [][]byte
			want  string
		}{
			{"a good one", saved, public, [][]byte{good}, "a.pdf: proven."},
			{"a good one on the server", c.w.http.URL + "/proof", public, [][]byte{good}, "a.pdf: proven."},
			{"with the operator file", saved, ring, [][]byte{good}, "a.pdf: proven."},
			{"a changed digit", saved, public, [][]byte{bytes.Replace(good, []byte("7.14 EUR"), []byte("7.15 EUR"), 1)}, "not the one that was signed"},
			{"a changed figure of the proof", saved, public, [][]byte{bytes.Replace(good, []byte(`"7.14"`), []byte(`"9.14"`), 1)}, "does not belong to the head"},
			{"a foreign key", saved, foreign, [][]byte{good}, "not among the keys that you gave"},
			{"another way to write the signature", saved, public, [][]byte{otherBase64(good)}, "not the one that was signed"},
			{"taken back and given again", saved, public, [][]byte{again, other}, "GIVEN TWICE: a.pdf and b.pdf both give the session cdr/S-1"},
			{"taken back", saved, public, [][]byte{taken, other}, "No session is given twice"},
			{"the proof of another", saved, public, [][]byte{bytes.Replace(good, proofOf(good), proofOf(other), 1)}, "not the one that was signed"},
			{"without a proof", saved, public, [][]byte{[]byte("%PDF-1.7")}, "no proof in this file"},
			{"no key", saved, []byte("{}"), [][]byte{good}, "neither an operator file"},
			{"one session given twice", saved, public, [][]byte{good, other}, "GIVEN TWICE: a.pdf and b.pdf both give the session cdr/S-1"},
		} {
			t.Run(test.name, func(t *testing.T) {
				var paths []string
				for i, content := range test.files {
					paths = append(paths, written(string(rune('a'+i))+".pdf", content))
				}
				c.do(chromedp.Navigate(test.at), chromedp.SetUploadFiles(chromedp.CSS("#key"), []string{written("key", test.key)}), chromedp.SetUploadFiles(chromedp.CSS("#files"), paths),
					chromedp.WaitVisible(chromedp.CSS("#results section")))
				if test.name != "no key" {
					c.do(chromedp.WaitVisible(chromedp.CSS("#results[data-done]")))
				}
				text, err := chromedp.Run(c.ctx, chromedp.Text(chromedp.CSS("#results")))
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(text, test.want) || strings.Contains(text, ": proven.") != (test.want == "a.pdf: proven." || len(test.files) == 2) {
					t.Errorf("the page says %q", text)
				}
			})
		}
	})
}

func TestHeadsArePublishedWithoutALogin(t *testing.T) {
	w := newWorld(t)
	p := w.outsider().get("/proof/heads")
	var heads proof.Log
	if err := json.Unmarshal([]byte(p.body), &heads); err != nil || p.status != 200 || heads.Heads == nil {
		t.Errorf("%d %s: %v", p.status, p.body, err)
	}
	p = w.outsider().get("/proof")
	if policy := p.header.Get("Content-Security-Policy"); p.status != 200 || !strings.Contains(policy, "script-src 'sha256-") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("%d, policy %s", p.status, policy)
	}
}
