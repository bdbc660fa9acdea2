package mailer

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// theCase are the addresses of the case mail-idn-and-names.
var theCase = []string{"rechnung@bücher.example", "jürgen@owner.example", "o'neill+gs@owner.example"}

func TestInternationalizedDomainsGoOutInPunycode(t *testing.T) {
	n := aNote()
	n.Document.Issuer.Name = `Müller, Söhne & "Netz" GmbH <Nord>`
	n.Document.Issuer.Email = "billing@zähler.example"
	d := aDelivery(n)
	d.To, d.ReplyTo = []string{"rechnung@bücher.example"}, "fragen@bücher.example"
	m := compose(t, n, d, nil)
	if diff := cmp.Diff([]string{"rechnung@xn--bcher-kva.example"}, m.To); diff != "" || m.From != "billing@xn--zhler-gra.example" || m.Plain != nil {
		t.Errorf("from %s, plain %v, to %s", m.From, m.Plain, diff)
	}
	p := read(t, m.Content)
	for header, want := range map[string]string{
		"From": `"Müller, Söhne & \"Netz\" GmbH <Nord>" <billing@xn--zhler-gra.example>`, "To": "<rechnung@xn--bcher-kva.example>", "Reply-To": "<fragen@xn--bcher-kva.example>",
	} {
		if got := p.get(t, header); got != want && got != strings.NewReplacer(`"Müller`, "Müller", `\"Netz\"`, `"Netz"`, `Nord>"`, "Nord>").Replace(want) {
			t.Errorf("%s %s, want %s", header, got, want)
		}
	}
	if !strings.Contains(p.text, "fragen@bücher.example") {
		t.Error("the text tells people the address in punycode")
	}
	s := (&mailServer{ascii: true}).start(t, false)
	if _, err := s.open(t, "smtp://", "").Send(t.Context(), m); err != nil {
		t.Error("a server without SMTPUTF8 does not get it:", err)
	}
	if id := MessageID(n.Number, 0, n.Document.Issuer.Email); !strings.HasSuffix(id, "@xn--zhler-gra.example") {
		t.Errorf("the message id is %s", id)
	}
}

func TestAServerWithSMTPUTF8GetsTheMailForAll(t *testing.T) {
	s := new(mailServer).start(t, false)
	o := newMemory()
	o.delivery.To = theCase
	deliver(t, o, s)
	got := s.inbox()
	if len(got) != 1 || s.utf8 != 1 {
		t.Fatalf("%d mails, SMTPUTF8 asked for %d times", len(got), s.utf8)
	}
	if diff := cmp.Diff([]string{"rechnung@xn--bcher-kva.example", "jürgen@owner.example", "o'neill+gs@owner.example"}, got[0].to); diff != "" {
		t.Error(diff)
	}
	if to := read(t, got[0].content).get(t, "To"); !strings.Contains(to, "jürgen@owner.example") {
		t.Errorf("To %s", to)
	}
	if refused := o.delivery.Refused(); len(refused) != 0 || len(o.delivery.Recipients) != 3 {
		t.Errorf("recipients %+v", o.delivery.Recipients)
	}
}

func TestOnlyTheAddressThatNeedsSMTPUTF8IsLeftOut(t *testing.T) {
	s := (&mailServer{ascii: true}).start(t, false)
	o := newMemory()
	o.delivery.To = theCase
	o.delivery.ReplyTo = "jürgen@owner.example"
	deliver(t, o, s)
	got := s.inbox()
	if len(got) != 1 || s.utf8 != 0 || o.delivery.State != creditnotes.DeliveryIncomplete {
		t.Fatalf("%d mails, SMTPUTF8 asked for %d times, delivery %+v", len(got), s.utf8, o.delivery)
	}
	if diff := cmp.Diff([]string{"rechnung@xn--bcher-kva.example", "o'neill+gs@owner.example"}, got[0].to); diff != "" {
		t.Error(diff)
	}
	head, _, _ := bytes.Cut(got[0].content, []byte("\r\n\r\n"))
	if bytes.ContainsFunc(head, func(r rune) bool { return r > 0x7e }) {
		t.Errorf("the header is not for every server:\n%s", head)
	}
	refused := o.delivery.Refused()
	if len(refused) != 1 || refused[0].Address != "jürgen@owner.example" || !strings.Contains(refused[0].Reply, "does not offer SMTPUTF8") ||
		!strings.Contains(refused[0].Reply, "send again") {
		t.Errorf("left out: %+v", refused)
	}
	if !strings.Contains(o.delivery.Reply, "not taken: jürgen@owner.example") {
		t.Errorf("reply %q", o.delivery.Reply)
	}
}

func TestWithoutAnyOtherRecipientTheMailFails(t *testing.T) {
	s := (&mailServer{ascii: true, rcptTo: func(to string) error {
		if strings.HasPrefix(to, "typo@") {
			return says(550, "no such user")
		}
		return nil
	}}).start(t, false)
	for _, to := range [][]string{{"jürgen@owner.example"}, {"jürgen@owner.example", "typo@owner.example"}} {
		o := newMemory()
		o.delivery.To = to
		deliver(t, o, s)
		if o.delivery.State != creditnotes.DeliveryFailed || len(o.delivery.Refused()) != len(to) || len(s.inbox()) != 0 {
			t.Errorf("%v: delivery %+v", to, o.delivery)
		}
	}
	o := newMemory()
	o.note.Document.Issuer.Email = "büro@cpo.example"
	deliver(t, o, s)
	if o.delivery.State != creditnotes.DeliveryFailed || !strings.Contains(o.delivery.Reply, "sender's address büro@cpo.example") {
		t.Errorf("delivery %+v", o.delivery)
	}
}

func TestAnInvalidAddressDoesNotCostTheOthersTheirMail(t *testing.T) {
	s := new(mailServer).start(t, false)
	o := newMemory()
	o.delivery.To = []string{"a@-bücher-.example", "b@owner.example"}
	deliver(t, o, s)
	if got := s.inbox(); len(got) != 1 || len(got[0].to) != 1 || got[0].to[0] != "b@owner.example" {
		t.Errorf("inbox %+v", got)
	}
	if refused := o.delivery.Refused(); len(refused) != 1 || !strings.Contains(refused[0].Reply, "a@-bücher-.example is not an e-mail address") {
		t.Errorf("left out: %+v", refused)
	}
}

func TestOnlyWhatWasAcceptedBeforeIsMarkedAsACopy(t *testing.T) {
	n := aNote()
	d := aDelivery(n)
	d.Copy, d.MessageID = 1, MessageID(n.Number, 1, n.Document.Issuer.Email)
	if got := read(t, compose(t, n, d, nil).Content).get(t, "Subject"); strings.Contains(got, "Kopie") {
		t.Errorf("nobody has the original, the subject is %q", got)
	}
	d.MarkedCopy = true
	if got := read(t, compose(t, n, d, nil).Content).get(t, "Subject"); !strings.Contains(got, "Kopie") {
		t.Errorf("the subject of a copy is %q", got)
	}
}

// deliver carries the delivery of an outbox out once.
func deliver(t *testing.T, o *memory, s *mailServer) {
	t.Helper()
	if err := deliverer(t, o, s.open(t, "smtp://", "")).Deliver(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
}
