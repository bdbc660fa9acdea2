package mailer

import (
	"bytes"
	"crypto/ed25519"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/proof"
)

func TestMailsNameTheHeadOfTheirRun(t *testing.T) {
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	head, err := proof.Sign(proof.Head{Operator: "Stadtwerke", Run: "2026-09-2", Leaves: 1, Root: proof.LeafHash([]byte("x"))}, &proof.Frontier{}, key)
	if err != nil {
		t.Fatal(err)
	}
	attachment, err := (&proof.File{Head: *head, Path: []proof.Hash{}}).Attachment()
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range texts(t).Languages() {
		n := aNote()
		n.Language = language
		files := someFiles(100)
		if before := read(t, compose(t, n, aDelivery(n), files).Content); strings.Contains(before.text, head.Root.String()) {
			t.Errorf("%s: a head of nothing", language)
		}
		for i := range files {
			if files[i].Kind == creditnotes.FilePDF {
				files[i].Content = append([]byte("%PDF\n"), attachment...)
			}
		}
		p := read(t, compose(t, n, aDelivery(n), files).Content)
		for _, want := range []string{"2026-09-2", head.Root.String(), head.Key} {
			if !strings.Contains(p.text, want) || !strings.Contains(p.html, want) {
				t.Errorf("%s: the mail does not tell %s", language, want)
			}
		}
	}
}
