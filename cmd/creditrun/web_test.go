package main

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// deadlines is a connection that tells which deadlines it was given.
type deadlines struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (d *deadlines) SetReadDeadline(t time.Time) error  { d.read = t; return nil }
func (d *deadlines) SetWriteDeadline(t time.Time) error { d.write = t; return nil }

func TestServeGivesTransfersDeadlinesAndRequestsNone(t *testing.T) {
	a := &app{log: slog.New(slog.DiscardHandler)}
	s := a.httpServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(io.LimitReader(r.Body, 2))
		_, _ = io.WriteString(w, "ok")
	}))
	d := &deadlines{ResponseRecorder: httptest.NewRecorder()}
	s.Handler.ServeHTTP(d, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("a body")))
	for what, deadline := range map[string]time.Time{"reading": d.read, "writing": d.write} {
		if left := time.Until(deadline); left <= 0 || left > time.Minute {
			t.Errorf("%s may take %s", what, left)
		}
	}
	if s.ReadTimeout != 0 || s.WriteTimeout != 0 || s.ReadHeaderTimeout == 0 || s.IdleTimeout == 0 {
		t.Errorf("%+v", s)
	}
}

func TestTheHeadOfARequestHasALimit(t *testing.T) {
	a := &app{log: slog.New(slog.DiscardHandler)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := a.httpServer(http.NotFoundHandler())
	go func() { _ = s.Serve(listener) }()
	defer s.Close()
	for size, want := range map[int]int{mostHeader / 2: http.StatusNotFound, 2 * mostHeader: http.StatusRequestHeaderFieldsTooLarge} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+listener.Addr().String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Long", strings.Repeat("x", size))
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%d bytes: %s", size, answer.Status)
		}
	}
}
