package mailer

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/numbering"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestAMailSaysWhatTheNoteSays(t *testing.T) {
	n := aNote()
	files := someFiles(5000)
	p := read(t, compose(t, n, aDelivery(n), files).Content)
	headers := map[string]string{
		"Subject":                  "Gutschrift GS-2026-00001 – September 2026",
		"From":                     `"Stadtwerke Musterstadt GmbH" <gutschriften@stadtwerke.example>`,
		"To":                       "<buchhaltung@mueller.example>, <chef@mueller.example>",
		"Reply-To":                 "<fragen@stadtwerke.example>",
		"Auto-Submitted":           "auto-generated",
		"X-Auto-Response-Suppress": "OOF, AutoReply",
		"Date":                     "Wed, 30 Sep 2026 21:30:00 +0000",
		"Message-Id":               "<" + MessageID("GS-2026-00001", 0, "gutschriften@stadtwerke.example") + ">",
		"Mime-Version":             "1.0",
		"User-Agent":               "",
	}
	for name, want := range headers {
		if got := p.get(t, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, want := range []string{"GS-2026-00001", "K-4711", "16,84", "3,20", "20,04", "14.10.2026", "fragen@stadtwerke.example", "+49 40 123456", "GS-2026-00001.csv"} {
		if !strings.Contains(p.text, want) {
			t.Errorf("the text does not tell %q", want)
		}
		if !strings.Contains(p.html, strings.ReplaceAll(want, "+", "&#43;")) {
			t.Errorf("the HTML does not tell %q", want)
		}
	}
	if diff := cmp.Diff([]string{files[0].Name, files[1].Name}, p.names); diff != "" {
		t.Error(diff)
	}
	for _, f := range files {
		if !bytes.Equal(p.files[f.Name], f.Content) {
			t.Errorf("%s arrives with other bytes", f.Name)
		}
	}
	if p.kinds["GS-2026-00001.pdf"] != "application/pdf" || p.kinds["GS-2026-00001.csv"] != "text/csv" {
		t.Errorf("media types: %v", p.kinds)
	}
}

func TestMailsReadAsApproved(t *testing.T) {
	cancellation := func(n *creditnotes.Note) {
		n.Kind, n.Number = numbering.Cancellation, "ST-2026-00001"
		n.Net, n.Tax, n.Gross = -n.Net, -n.Tax, -n.Gross
		n.Document.CancelsNumber, n.Document.CancelsDate = "GS-2026-00001", "2026-09-30"
		n.Document.CancelReason = "Falscher\nZählerstand"
	}
	fees := func(n *creditnotes.Note) {
		n.Kind, n.Number, n.Document.TypeCode = numbering.Invoice, "RE-2026-00001", creditnotes.TypeFeeInvoice
		n.Document.Recipient.Bank.IBAN, n.Document.Issuer.Bank.IBAN = "DE91100000000123456789", "DE02 1203 0000 0000 2020 51"
	}
	cases := map[string]func(*creditnotes.Note, *creditnotes.Delivery){
		"de-fees": func(n *creditnotes.Note, _ *creditnotes.Delivery) { fees(n) },
		"de-joint": func(n *creditnotes.Note, d *creditnotes.Delivery) {
			invoice := aNote()
			invoice.Language = n.Language
			fees(invoice)
			d.Joint = []*creditnotes.Note{invoice}
		},
		"en-fees-set-off": func(n *creditnotes.Note, _ *creditnotes.Delivery) { fees(n); n.Document.SetOff = true },
		"fr-fees-owners": func(n *creditnotes.Note, _ *creditnotes.Delivery) {
			fees(n)
			n.Owners, n.Document.Issuer.Bank.IBAN = []string{"a", "b"}, ""
		},
		"it-fees-cancellation": func(n *creditnotes.Note, _ *creditnotes.Delivery) {
			cancellation(n)
			n.Document.TypeCode, n.Document.CancelsNumber = creditnotes.TypeFeeCancellation, "RE-2026-00001"
		},
		"de":              func(*creditnotes.Note, *creditnotes.Delivery) {},
		"de-zero":         func(n *creditnotes.Note, _ *creditnotes.Delivery) { n.Net, n.Tax, n.Gross = 0, 0, 0 },
		"de-cancellation": func(n *creditnotes.Note, _ *creditnotes.Delivery) { cancellation(n) },
		"en-copy":         func(_ *creditnotes.Note, d *creditnotes.Delivery) { d.Copy, d.MarkedCopy = 2, true },
		"de-color":        func(n *creditnotes.Note, _ *creditnotes.Delivery) { n.Document.Color = "#0b5563" },
		"de-color-cancellation": func(n *creditnotes.Note, _ *creditnotes.Delivery) {
			cancellation(n)
			n.Document.Color = "#ffd500"
		},
		"en-color-copy": func(n *creditnotes.Note, d *creditnotes.Delivery) {
			d.Copy, d.MarkedCopy, n.Document.Color = 1, true, "#7a1f3d"
		},
		"de-offset": func(n *creditnotes.Note, _ *creditnotes.Delivery) {
			n.Document.Offsets = []creditnotes.Offset{{Month: "2026-08", Credits: 560}, {Month: "2026-09", Credits: 123456}}
		},
		"fr-held": func(n *creditnotes.Note, _ *creditnotes.Delivery) {
			n.Document.Held.Sessions = 3
			n.Document.Recipient.Bank.IBAN = "FR76 3000 6000 0112 3456 7890 189"
		},
		"it-owners": func(n *creditnotes.Note, _ *creditnotes.Delivery) {
			n.Owners = []string{"a", "b"}
			n.Document.Issuer.Phone, n.Document.DueDate = "", ""
			n.Document.Recipient.Bank.IBAN = "IT60X0542811101000000123456"
			n.Taxes = []creditnotes.TaxTotal{{Exemption: "inversione contabile"}, {Exemption: "inversione contabile"}}
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			n := aNote()
			n.Language = name[:2]
			d := aDelivery(n)
			change(n, d)
			p := read(t, compose(t, n, d, someFiles(10)).Content)
			golden(t, name+".txt", "Subject: "+p.get(t, "Subject")+"\n\n"+p.text)
			golden(t, name+".html", p.html)
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	got = strings.ReplaceAll(got, "\r\n", "\n")
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-approved +now):\n%s", name, diff)
	}
}

func TestTheSameDeliveryHasTheSameBytes(t *testing.T) {
	n := aNote()
	first := compose(t, n, aDelivery(n), someFiles(5000))
	for range 5 {
		again := compose(t, n, aDelivery(n), someFiles(5000))
		if !bytes.Equal(first.Content, again.Content) {
			t.Fatal("composing again gives other bytes")
		}
	}
	other := aDelivery(n)
	other.Copy, other.MessageID = 1, MessageID(n.Number, 1, n.Document.Issuer.Email)
	if bytes.Equal(first.Content, compose(t, n, other, someFiles(5000)).Content) {
		t.Error("a copy cannot be told from the original")
	}
}

func TestLinesAreAsMailAllows(t *testing.T) {
	n := aNote()
	n.Document.Issuer.Name = strings.Repeat("Größte Ladegesellschaft ", 20)
	files := someFiles(5000)
	files[0].Name = strings.Repeat("Übersicht für die Geschäftsführung ", 20) + ".pdf"
	content := compose(t, n, aDelivery(n), files).Content
	checkLines(t, content)
	p := read(t, content)
	if !strings.HasPrefix(p.names[0], "Übersicht für") || !strings.HasSuffix(p.names[0], ".pdf") {
		t.Errorf("file name %q", p.names[0])
	}
}

func checkLines(t *testing.T, content []byte) {
	t.Helper()
	for i, line := range bytes.Split(content, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n") {
			t.Errorf("line %d has %d bytes or a bare line break", i+1, len(line))
		}
		if bytes.ContainsFunc(line, func(r rune) bool { return r > 126 || r < ' ' && r != '\t' }) {
			t.Errorf("line %d is not ASCII: %q", i+1, line)
		}
	}
}

func TestHostileNamesStayNames(t *testing.T) {
	evil := "Evil\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script>\u202e"
	n := aNote()
	n.Document.Issuer.Name = evil
	n.Document.Recipient.Name = evil
	n.Document.Recipient.CustomerRef = evil
	n.Document.OwnerNames["a"] = evil
	n.Owners, n.Number = []string{"a", "b"}, "GS\r\nBcc: victim@example.com"
	files := someFiles(10)
	files[0].Name = `../../etc/pass"wd` + "\r\nX-Evil: 1.pdf"
	files[0].MediaType = "application/pdf\r\nX-Evil: 1"
	d := aDelivery(n)
	d.MessageID = MessageID(n.Number, 0, n.Document.Issuer.Email)
	m := compose(t, n, d, files)
	p := read(t, m.Content)
	for _, name := range []string{"Bcc", "X-Evil"} {
		if p.header.Get(name) != "" {
			t.Errorf("a name made a header %s", name)
		}
	}
	if got, want := p.get(t, "From"), "Evil Bcc: victim@example.com <script>alert(1)</script>"; !strings.Contains(got, want) {
		t.Errorf("From %q", got)
	}
	if strings.Contains(p.html, "<script") || !strings.Contains(p.html, "&lt;script&gt;") {
		t.Error("a name became HTML")
	}
	if strings.Contains(p.text, "\nBcc") || strings.Contains(p.text, "\u202e") {
		t.Error("a name broke a line of the text or turned its direction")
	}
	if got := p.names[0]; strings.ContainsAny(got, "/\"\r\n") || strings.HasPrefix(got, ".") {
		t.Errorf("file name %q", got)
	}
	if got := emlName(m); strings.ContainsAny(got, "/\\:\r\n ") {
		t.Errorf("folder file name %q", got)
	}
}

func TestInvalidAddressesAreNamed(t *testing.T) {
	n := aNote()
	d := aDelivery(n)
	d.To = []string{"not an address", "a@b\r\nRCPT TO:<victim@example.com>"}
	d.ReplyTo = "nobody"
	_, err := Compose(texts(t), n, d, nil)
	faults := fault.Of(err)
	var named []string
	for _, f := range faults {
		if f.Kind != fault.Invalid || f.Key != "mail_address_invalid" {
			t.Errorf("fault %v", f)
		}
		named = append(named, f.Args["address"].(string))
	}
	if diff := cmp.Diff([]string{"not an address", "a@b RCPT TO:<victim@example.com>", "nobody"}, named); diff != "" {
		t.Error(diff)
	}
}

func TestAMailNeedsNumberSenderAndRecipient(t *testing.T) {
	n := aNote()
	n.Number = ""
	if _, err := Compose(texts(t), n, aDelivery(n), nil); !hasFault(err, "mail_not_issued") {
		t.Errorf("a draft: %v", err)
	}
	n = aNote()
	n.Document.Issuer.Email = ""
	d := aDelivery(n)
	d.To = nil
	if _, err := Compose(texts(t), n, d, nil); !hasFault(err, "mail_no_recipient") || !hasFault(err, "mail_no_sender") {
		t.Errorf("without addresses: %v", err)
	}
}

func hasFault(err error, key string) bool {
	for _, f := range fault.Of(err) {
		if f.Key == key {
			return true
		}
	}
	return false
}

func TestEveryRecipientIsNamedOnce(t *testing.T) {
	n := aNote()
	d := aDelivery(n)
	d.To = []string{"Büro <a@example.com>", "A@example.com", "b@example.com"}
	m := compose(t, n, d, nil)
	if diff := cmp.Diff([]string{"a@example.com", "b@example.com"}, m.To); diff != "" {
		t.Error(diff)
	}
	if got, want := read(t, m.Content).get(t, "To"), "Büro <a@example.com>, <b@example.com>"; got != want {
		t.Errorf("To %q, want %q", got, want)
	}
}

func TestAMessageIDIsStableAndValid(t *testing.T) {
	id := MessageID("GS-2026-00001", 0, "Billing@CPO.example")
	if id != MessageID("GS-2026-00001", 0, "billing@cpo.example") {
		t.Error("the spelling of the operator's address changes it")
	}
	if !strings.HasPrefix(id, "GS-2026-00001.0.") || !strings.HasSuffix(id, "@cpo.example") {
		t.Errorf("id %q", id)
	}
	seen := map[string]bool{id: true}
	for _, other := range []string{
		MessageID("GS-2026-00001", 1, "billing@cpo.example"), MessageID("GS-2026-00002", 0, "billing@cpo.example"),
		MessageID("GS/2026/00001", 0, "billing@cpo.example"), MessageID("GS-2026-00001", 0, ""),
		MessageID("..\r\n<>@ü", 0, "x@mü\r\nller"), MessageID(strings.Repeat("x", 500), 0, "billing@cpo.example"),
	} {
		if seen[other] {
			t.Errorf("%q occurs twice", other)
		}
		seen[other] = true
		if _, err := parse(other); err != nil || strings.ContainsAny(other, "<> \r\nü") {
			t.Errorf("%q is no message id", other)
		}
	}
}
