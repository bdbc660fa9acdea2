package mailer

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"slices"
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
	doubts   creditnotes.MailDoubts
	pause    *creditnotes.MailPause
	now      func() time.Time
}

func newMemory() *memory {
	n := aNote()
	return &memory{delivery: *aDelivery(n), note: n, files: someFiles(1000), now: func() time.Time { return created.Add(time.Minute) }}
}

func (o *memory) Delivery(context.Context, int64) (*creditnotes.Delivery, *creditnotes.Note, []creditnotes.File, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.delivery.Recipients) == 0 {
		for _, to := range o.delivery.To {
			o.delivery.Recipients = append(o.delivery.Recipients, creditnotes.DeliveryRecipient{Address: to, State: creditnotes.RecipientQueued})
		}
	}
	d := o.delivery
	d.Recipients = slices.Clone(d.Recipients)
	return &d, o.note, o.files, nil
}

func (o *memory) HandOver(_ context.Context, _ int64, before string, to []string) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.delivery.Handover != before {
		return "", fault.New(fault.Conflict, "delivery_taken", nil)
	}
	o.delivery.Handover = fmt.Sprintf("h%d", len(o.states))
	o.delivery.SendingAt = o.now()
	for i, r := range o.delivery.Recipients {
		if slices.Contains(to, r.Address) {
			o.delivery.Recipients[i].State = creditnotes.RecipientSending
		}
	}
	o.became(creditnotes.DeliverySending)
	return o.delivery.Handover, nil
}

func (o *memory) became(state creditnotes.DeliveryState) {
	o.delivery.State = state
	o.states = append(o.states, state)
}

func (o *memory) Finish(_ context.Context, _ int64, a creditnotes.Attempt) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.delivery.Handover != a.Handover {
		return fault.New(fault.Conflict, "delivery_taken", nil)
	}
	d := &o.delivery
	d.Recipients = merged(d.Recipients, a.Recipients)
	d.Reply, d.DueAt, d.Doubt = a.Reply, a.DueAt, a.Doubt
	if a.Counts {
		d.Attempts++
	}
	if (a.Counts || a.Doubt != "") && d.JudgedAt.IsZero() {
		d.JudgedAt = a.At
	}
	for _, r := range a.Recipients {
		if r.State == creditnotes.RecipientAccepted {
			d.SentAt = a.At
		}
	}
	o.became(creditnotes.StateOf(d.Recipients))
	return nil
}

func (o *memory) Doubts(context.Context, *creditnotes.Delivery) (creditnotes.MailDoubts, error) {
	return o.doubts, nil
}

func (o *memory) MailPause(context.Context) (*creditnotes.MailPause, error) { return o.pause, nil }

func (o *memory) PauseMail(_ context.Context, reason, said string, tried bool) (*creditnotes.MailPause, bool, error) {
	if o.pause == nil {
		o.pause = &creditnotes.MailPause{Since: o.now(), Reason: reason, Said: said, NextProbe: o.now().Add(creditnotes.ProbePause(0))}
		return o.pause, true, nil
	}
	if tried {
		o.pause.Said, o.pause.Probing = said, time.Time{}
		if !o.pause.NextProbe.After(o.now()) {
			o.pause.Probes++
			o.pause.NextProbe = o.now().Add(creditnotes.ProbePause(o.pause.Probes))
		}
	}
	return o.pause, false, nil
}

func (o *memory) ClaimProbe(_ context.Context, eager bool) (int64, bool, error) {
	if !eager && o.pause.NextProbe.After(o.now()) || o.pause.Probing.After(o.now()) {
		return 0, false, nil
	}
	o.pause.Probing = o.now().Add(time.Minute)
	return 1, true, nil
}

func (o *memory) GiveUpMails(_ context.Context, before time.Time, said string) error {
	if d := &o.delivery; !d.CreatedAt.After(before) && !o.pause.Since.After(before) && !o.pause.Probing.After(o.now()) {
		for i := range d.Recipients {
			d.Recipients[i].State, d.Recipients[i].Reply = creditnotes.RecipientRefused, said
		}
		d.Reply = said
		o.became(creditnotes.StateOf(d.Recipients))
	}
	return nil
}

func (o *memory) ResumeMail(context.Context) (*creditnotes.MailPause, error) {
	p := o.pause
	o.pause = nil
	return p, nil
}

func deliverer(t testing.TB, o Outbox, tr Transport) *Deliverer {
	t.Helper()
	return &Deliverer{Outbox: o, Transport: tr, Texts: texts(t), Now: func() time.Time { return created.Add(time.Minute) }}
}
