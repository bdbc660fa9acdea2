package mailer

import "testing"

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

func BenchmarkCompose(b *testing.B) {
	w, n := texts(b), aNote()
	d, files := aDelivery(n), someFiles(60_000)
	for b.Loop() {
		if _, err := Compose(w, n, d, files); err != nil {
			b.Fatal(err)
		}
	}
}
