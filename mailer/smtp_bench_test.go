package mailer

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/wneessen/go-mail"
)

func BenchmarkSend(b *testing.B) {
	n := aNote()
	m := compose(b, n, aDelivery(n), someFiles(60_000))
	b.Run("one connection", func(b *testing.B) {
		tr := new(mailServer).start(b, true).open(b, "smtp://", "")
		for b.Loop() {
			if _, err := tr.Send(b.Context(), m); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("a new connection each", func(b *testing.B) {
		s := new(mailServer).start(b, true)
		for b.Loop() {
			tr := s.open(b, "smtp://", "")
			if _, err := tr.Send(b.Context(), m); err != nil {
				b.Fatal(err)
			}
			_ = tr.Close()
		}
	})
}

// The bare loop is go-mail alone: what the transport adds is measured beside it.
func BenchmarkOneConnection(b *testing.B) {
	n := aNote()
	m := compose(b, n, aDelivery(n), someFiles(60_000))
	b.Run("bare go-mail", func(b *testing.B) {
		s := new(mailServer).start(b, false)
		client, err := mail.NewClient("127.0.0.1", mail.WithPort(s.port(b)), mail.WithTLSPolicy(mail.NoTLS))
		if err == nil {
			err = client.DialWithContext(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
		defer client.Close()
		msg, err := mail.EMLToMsgFromReader(bytes.NewReader(m.Content))
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := client.Send(msg); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("the transport", func(b *testing.B) {
		tr := new(mailServer).start(b, false).open(b, "smtp://", "?connections=1&tls=none")
		for b.Loop() {
			if _, err := tr.Send(b.Context(), m); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("a delivery", func(b *testing.B) {
		tr := new(mailServer).start(b, false).open(b, "smtp://", "?connections=1&tls=none")
		d := deliverer(b, nil, tr)
		for b.Loop() {
			d.Outbox = newMemory()
			if err := d.Deliver(b.Context(), 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCompose(b *testing.B) {
	w, n := texts(b), aNote()
	d, files := aDelivery(n), someFiles(60_000)
	for b.Loop() {
		if _, err := Compose(w, n, d, files); err != nil {
			b.Fatal(err)
		}
	}
}

// A server that takes its time answers ten connections at once: they bring at
// least six times what one brings.
func TestTenConnectionsBringSixTimesOne(t *testing.T) {
	const mails, answer = 40, 10 * time.Millisecond
	slow := func() error { time.Sleep(answer); return nil }
	n := aNote()
	m := compose(t, n, aDelivery(n), nil)
	takes := func(connections string) time.Duration {
		s := (&mailServer{mailFrom: slow, rcptTo: func(string) error { return slow() }}).start(t, false)
		tr := s.open(t, "smtp://", "?tls=none&connections="+connections)
		var wg sync.WaitGroup
		begin := time.Now()
		for range tr.Connections() {
			wg.Go(func() {
				for range mails / tr.Connections() {
					if _, err := tr.Send(t.Context(), m); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		return time.Since(begin)
	}
	var one, ten time.Duration
	for range 4 { // a machine that is busy with something else gets another chance
		if one, ten = takes("1"), takes("10"); one >= 6*ten {
			return
		}
	}
	t.Errorf("one connection takes %s, ten take %s", one, ten)
}
