package mailer

import (
	"bytes"
	"testing"
)

// FuzzNames: whatever people call themselves and their files, the mail has the
// same headers, the same parts and the attachments byte for byte.
func FuzzNames(f *testing.F) {
	f.Add("Müller & Söhne", "GS-2026-00001", "GS-2026-00001.pdf", "a@example.com")
	f.Add("x\r\nBcc: a@b", "\r\n\r\n.\r\n", "\"; filename=evil.exe", "\"a b\"@example.com")
	f.Add("=?utf-8?q?=0D=0ABcc:?=", "\u2028", "con\x00.pdf", "a@b\r\nc")
	w := texts(f)
	f.Fuzz(func(t *testing.T, name, number, file, to string) {
		n := aNote()
		n.Document.Issuer.Name, n.Document.CancelReason, n.Document.Recipient.CustomerRef = name, name, name
		n.Number = number
		files := someFiles(100)
		files[0].Name = file
		d := aDelivery(n)
		d.MessageID = ""
		d.To = []string{to}
		m, err := Compose(w, n, d, files)
		if err != nil {
			return
		}
		p := read(t, m.Content)
		if len(p.header) != 11 || p.text == "" || p.html == "" || len(p.names) != 2 {
			t.Errorf("headers %v, files %q", p.header, p.names)
		}
		for name, content := range p.files {
			if !bytes.Equal(content, files[0].Content) && !bytes.Equal(content, files[1].Content) {
				t.Errorf("%q arrives with other bytes", name)
			}
		}
		for line := range bytes.SplitSeq(m.Content, []byte("\r\n")) {
			if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
				t.Errorf("line %q", line)
			}
		}
		if bytes.ContainsAny([]byte(bracketed(m.To[0])), "\r\n") {
			t.Errorf("recipient %q", m.To)
		}
	})
}
