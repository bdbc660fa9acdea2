package main

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// arrivedParts are the attachments of a mail as a mail program finds them: their names
// with their media types, and what the alternatives before them say.
func arrivedParts(t *testing.T, content []byte) (header mail.Header, attached map[string]string, text string) {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	attached = map[string]string{}
	var walk func(mediaType string, params map[string]string, body io.Reader)
	walk = func(mediaType string, params map[string]string, body io.Reader) {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatalf("%s: %v", mediaType, err)
			}
			kind, inside, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case strings.HasPrefix(kind, "multipart/"):
				walk(kind, inside, part)
			case part.FileName() != "":
				if disposition, _, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition")); disposition != "attachment" {
					t.Errorf("%s is %s", part.FileName(), disposition)
				}
				if attached[part.FileName()] != "" {
					t.Errorf("%s is attached twice", part.FileName())
				}
				attached[part.FileName()] = kind
			case kind == "text/plain":
				text = string(decoded(t, part))
			}
		}
	}
	mediaType, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	walk(mediaType, params, m.Body)
	return m.Header, attached, text
}

// One mail carries credit note, fee invoice and settlement report to the server, and
// every document knows that it was taken.
func TestAJointMailArrivesOnceWithAllItsDocuments(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		server := new(mailServer).start(t)
		w.small().mail = server.url()
		w.do("import", w.file("contract.yaml", `
media:
  - {uid: CARD0001, issuer: a, billing_from: 2022-01-01}
contracts:
  - {key: ka, owner: a, from: 2026-10, bill_own_charging: true, own_charging_discount_percent: "5", fee_tax_account: de-19, active: true}
settings: {invoice_range: re, fee_net_days: 14, fee_revenue_account: "8400", joint_mail: true}
`), w.file("own.csv", `id,evse_id,start,end,energy_kwh,class,medium_uid,driver_amount,currency
OWN-1,DE*VLT*E3,2026-10-07T10:00:00+02:00,2026-10-07T12:00:00+02:00,10,community,CARD0001,6.00,EUR
`))
		w.do("run", "--month", "2026-10")
		w.do("deliver")

		var documents []noteRowJSON
		w.read(&documents, "notes", "--owner", "a")
		numbers := map[string]string{}
		for _, n := range documents {
			prefix, _, _ := strings.Cut(*n.Number, "-")
			numbers[prefix] = *n.Number
			if n.Delivery != creditnotes.DeliverySent {
				t.Errorf("%s is %s", *n.Number, n.Delivery)
			}
		}
		note, invoice := numbers["GS"], numbers["RE"]
		if note == "" || invoice == "" {
			t.Fatalf("the documents are %v", numbers)
		}
		var mails []letter
		for _, one := range server.inbox() {
			if slices.Contains(one.to, "hotel@alster.example") {
				mails = append(mails, one)
			}
		}
		if len(mails) != 1 {
			t.Fatalf("%d mails instead of one", len(mails))
		}
		header, attached, text := arrivedParts(t, mails[0].content)
		subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
		if err != nil || !strings.Contains(subject, note) || !strings.Contains(subject, invoice) {
			t.Errorf("the subject is %q, %v", subject, err)
		}
		for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply", "Mime-Version": "1.0"} {
			if got := header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		var kinds []string
		for name, kind := range attached {
			kinds = append(kinds, kind+" "+name)
		}
		slices.Sort(kinds)
		const report = "a-2026-10-EUR"
		want := []string{
			"application/pdf " + note + ".pdf", "application/pdf " + invoice + ".pdf", "application/pdf " + report + ".pdf",
			"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet " + report + ".xlsx", "text/csv " + note + ".csv", "text/csv " + invoice + ".csv",
		}
		if diff := gocmp.Diff(want, kinds); diff != "" {
			t.Errorf("attachments (-want +got):\n%s", diff)
		}
		if !strings.Contains(text, note) || !strings.Contains(text, invoice) {
			t.Errorf("the mail says\n%s", text)
		}
		opened := openLetter(t, mails[0].content)
		folder := filepath.Join(w.dir, "documents")
		w.do("export", "notes", "--out", folder)
		stored := contents(t, folder)
		for _, name := range []string{note + ".pdf", invoice + ".pdf", note + ".csv", invoice + ".csv"} {
			if len(stored[name]) == 0 || string(opened.Files[name]) != stored[name] {
				t.Errorf("%s arrived with %d bytes, %d are stored", name, len(opened.Files[name]), len(stored[name]))
			}
		}

		// Both documents name the one mail, and nothing is sent again.
		for _, number := range []string{note, invoice} {
			if out := w.do("notes", "show", number); !strings.Contains(out, "hotel@alster.example accepted 250") {
				t.Errorf("%s shows\n%s", number, out)
			}
		}
		w.do("deliver")
		if n := len(server.inbox()); n != len(w.arrived(server)) {
			t.Errorf("%d mails, %v", n, w.arrived(server))
		}
		w.clean()
	})
}
