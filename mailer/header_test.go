package mailer

import (
	"mime"
	"strings"
	"testing"
)

// Short subjects and senders stand on one line, and what is encoded reads as it
// was written.
func TestShortHeadersAreNotFolded(t *testing.T) {
	n := aNote()
	n.Document.Issuer.Name = "Ölmühle"
	content := string(compose(t, n, aDelivery(n), nil).Content)
	head, _, _ := strings.Cut(content, "\r\n\r\n")
	for _, name := range []string{"Subject: ", "From: "} {
		_, field, _ := strings.Cut("\r\n"+head, "\r\n"+name)
		line, rest, _ := strings.Cut(field, "\r\n")
		if line == "" || len(name+line) > mostInLine || strings.HasPrefix(rest, " ") {
			t.Errorf("%s%q is folded: %q", name, line, rest)
		}
	}
	for _, text := range []string{"", "Credit note GS-1 – October 2026", "Önszámla ősz és tél GS-1", strings.Repeat("é ő ", 60) + "x", "\u00a0a b"} {
		read, err := new(mime.WordDecoder).DecodeHeader(headerText(text))
		if err != nil || read != text {
			t.Errorf("%q is read as %q, %v", text, read, err)
		}
	}
	const long = "Subject: aaa\r\n " + "bbbb\r\n"
	if got := string(unfoldShort([]byte(long + "\r\n" + long))); got != "Subject: aaa bbbb\r\n\r\n"+long {
		t.Errorf("%q", got)
	}
}
