package mailer

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

var created = time.Date(2026, 9, 30, 21, 30, 0, 0, time.UTC)

// aNote is the credit note of September for one owner.
func aNote() *creditnotes.Note {
	return &creditnotes.Note{
		ID: 7, Kind: numbering.CreditNote, State: creditnotes.Issued, Number: "GS-2026-00001",
		Owners: []string{"a"}, Recipient: "a", Language: "de", Currency: "EUR",
		Date: "2026-09-30", PeriodFrom: "2026-09-01", PeriodTo: "2026-09-29",
		Net: 1684, Tax: 320, Gross: 2004,
		Document: creditnotes.Document{
			Issuer: creditnotes.Party{
				Key: "op", Name: "Stadtwerke Musterstadt GmbH", Street: "Am Kai 1", Postcode: "20457", City: "Hamburg",
				Country: "DE", Email: "gutschriften@stadtwerke.example", Phone: "+49 40 123456",
			},
			Recipient:  creditnotes.Party{Key: "a", Name: "Müller & Söhne KG", CustomerRef: "K-4711"},
			OwnerNames: map[string]string{"a": "Müller & Söhne KG", "b": "Bäckerei Weiß"},
			Month:      "2026-09", DueDate: "2026-10-14",
		},
	}
}

func aDelivery(n *creditnotes.Note) *creditnotes.Delivery {
	return &creditnotes.Delivery{
		ID: 1, NoteID: n.ID, State: creditnotes.DeliveryQueued,
		To: []string{"buchhaltung@mueller.example", "chef@mueller.example"}, ReplyTo: "fragen@stadtwerke.example",
		MessageID: MessageID(n.Number, 0, n.Document.Issuer.Email), CreatedAt: created,
	}
}

func someFiles(size int) []creditnotes.File {
	return []creditnotes.File{
		{Kind: creditnotes.FilePDF, Name: "GS-2026-00001.pdf", MediaType: "application/pdf", Content: bytes.Repeat([]byte("%PDF-1.7\r\n.\x00\xff"), size/13+1)},
		{Kind: creditnotes.FileCSV, Name: "GS-2026-00001.csv", MediaType: "text/csv; charset=utf-8", Content: []byte("\ufeffdocument_number;session_id\n.\nGS-2026-00001;S-1\n")},
	}
}

func compose(t testing.TB, n *creditnotes.Note, d *creditnotes.Delivery, files []creditnotes.File) *Message {
	t.Helper()
	m, err := Compose(texts(t), n, d, files)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// mailParts is a mail as a mail program reads it.
type mailParts struct {
	header netmail.Header
	text   string
	html   string
	names  []string
	files  map[string][]byte
	kinds  map[string]string
}

func (p mailParts) get(t *testing.T, header string) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(p.header.Get(header))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t testing.TB, content []byte) mailParts {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	p := mailParts{header: msg.Header, files: map[string][]byte{}, kinds: map[string]string{}}
	p.walk(t, msg.Header.Get("Content-Type"), msg.Body)
	return p
}

func (p *mailParts) walk(t testing.TB, contentType string, body io.Reader) {
	t.Helper()
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(body, params["boundary"])
	for {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(kind, "multipart/") {
			p.walk(t, part.Header.Get("Content-Type"), part)
			continue
		}
		content := decode(t, part)
		switch {
		case part.FileName() != "":
			p.names = append(p.names, part.FileName())
			p.files[part.FileName()] = content
			p.kinds[part.FileName()] = kind
		case kind == "text/plain" && strings.EqualFold(params["charset"], "utf-8"):
			p.text = string(content)
		case kind == "text/html" && strings.EqualFold(params["charset"], "utf-8"):
			p.html = string(content)
		case kind == "application/pkcs7-signature":
		default:
			t.Errorf("unexpected part %s", part.Header.Get("Content-Type"))
		}
	}
}

func decode(t testing.TB, part *multipart.Part) []byte {
	t.Helper()
	var r io.Reader = part
	switch part.Header.Get("Content-Transfer-Encoding") {
	case "quoted-printable":
		r = quotedprintable.NewReader(part)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, part)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// memory is an outbox with one delivery.
type memory struct {
	mu       sync.Mutex
	delivery creditnotes.Delivery
	note     *creditnotes.Note
	files    []creditnotes.File
	states   []creditnotes.DeliveryState
}

func newMemory() *memory {
	n := aNote()
	return &memory{delivery: *aDelivery(n), note: n, files: someFiles(1000)}
}

func (o *memory) Delivery(context.Context, int64) (*creditnotes.Delivery, *creditnotes.Note, []creditnotes.File, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.delivery
	return &d, o.note, o.files, nil
}

func (o *memory) StartSending(_ context.Context, _ int64, attempt int) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	open := o.delivery.State == creditnotes.DeliveryQueued || o.delivery.State == creditnotes.DeliverySending
	if !open || o.delivery.Attempts != attempt-1 {
		return fault.New(fault.Conflict, "delivery_taken", nil)
	}
	o.delivery.State, o.delivery.Attempts = creditnotes.DeliverySending, attempt
	o.states = append(o.states, creditnotes.DeliverySending)
	return nil
}

func (o *memory) Finish(_ context.Context, _ int64, state creditnotes.DeliveryState, reply string, at time.Time, recipients ...creditnotes.DeliveryRecipient) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.delivery.State, o.delivery.Reply, o.delivery.Recipients = state, reply, recipients
	if state == creditnotes.DeliverySent {
		o.delivery.SentAt = at
	}
	o.states = append(o.states, state)
	return nil
}

func deliverer(t testing.TB, o Outbox, tr Transport) *Deliverer {
	t.Helper()
	return &Deliverer{Outbox: o, Transport: tr, Texts: texts(t), Now: func() time.Time { return created.Add(time.Minute) }}
}
