package flow

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// slow is how long the tests wait for the other side.
const slow = 200 * time.Millisecond

// serve starts a server that waits for no one longer than slow; what is not read
// soon fills its small buffers.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(bounded(handler, patience{now: time.Now, idle: slow}))
	s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(4 << 10)
		return ctx
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// connect opens a connection of its own to a server, and sends something.
func connect(t *testing.T, s *httptest.Server, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

const get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

func TestAReaderThatDoesNotReadIsGivenUp(t *testing.T) {
	ended := make(chan error, 1)
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, err := w.Write(make([]byte, 64<<20))
		ended <- err
	})
	connect(t, s, get)
	if err := <-ended; !TooSlow(err) {
		t.Errorf("the answer ended with %v", err)
	}
}

func TestAReaderThatReadsOnIsServedHoweverLongItTakes(t *testing.T) {
	const size = 8 << 20
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, size)) })
	begun := time.Now()
	answer, err := http.Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read := 0
	for p := make([]byte, size/16); err == nil; {
		var n int
		time.Sleep(slow / 8)
		n, err = io.ReadFull(answer.Body, p)
		read += n
	}
	if read != size || time.Since(begun) < slow {
		t.Errorf("%d bytes in %s, %v", read, time.Since(begun), err)
	}
}

func TestASenderThatStopsIsToldSo(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); TooSlow(err) {
			w.WriteHeader(http.StatusRequestTimeout)
		}
	})
	c := connect(t, s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nthe beginning")
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || answer.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%v, %v", answer, err)
	}
}

func TestASenderThatGoesOnIsHeardHoweverLongItTakes(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, err)
	})
	c := connect(t, s, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
	for range 10 {
		time.Sleep(slow / 5)
		if _, err := io.WriteString(c, "x"); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := io.ReadAll(answer.Body); string(text) != "10 <nil>" {
		t.Errorf("%s", text)
	}
}

// A request that only takes long is not cancelled, and the deadline of one
// answer does not count for the next on the same connection.
func TestOnlyTheOtherSideHasToHurry(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-time.After(2 * slow):
			w.WriteHeader(http.StatusNoContent)
		case <-r.Context().Done():
		}
	})
	for _, request := range []string{get, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"} {
		c := connect(t, s, request)
		in := bufio.NewReader(c)
		for range 2 {
			answer, err := http.ReadResponse(in, nil)
			if err != nil || answer.StatusCode != http.StatusNoContent {
				t.Fatalf("%v, %v", answer, err)
			}
			time.Sleep(2 * slow)
			if _, err := io.WriteString(c, request); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// What the handler leaves of a body is read before the answer is sent, but not
// waited for.
func TestABodyThatNobodyReadsHoldsNoConnection(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	for _, size := range []int{1000, 10 << 20} {
		c := connect(t, s, fmt.Sprintf("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\nthe beginning", size))
		in := bufio.NewReader(c)
		answer, err := http.ReadResponse(in, nil)
		if err != nil || answer.StatusCode != http.StatusForbidden {
			t.Errorf("%v, %v", answer, err)
		}
		if _, err := io.Copy(io.Discard, in); err != nil {
			t.Errorf("the connection stays: %v", err)
		}
	}
}

func TestWhoCreepsHasSoMuchPatienceAndNoMore(t *testing.T) {
	now := time.Unix(0, 0)
	p := patience{now: func() time.Time { return now }, idle: mostIdle}
	steps := 0
	for ; p.deadline().After(now); steps++ { // a byte shortly before each deadline
		began := now
		now = now.Add(mostIdle - time.Second)
		p.count(began, 1)
	}
	if steps != 3 {
		t.Errorf("%d bytes in %s", steps, now.Sub(time.Unix(0, 0)))
	}
	now = time.Unix(0, 0)
	p = patience{now: p.now, idle: mostIdle}
	for range 10_000 { // slow, but at the least rate
		began := now
		now = now.Add(time.Second)
		p.count(began, leastRate)
	}
	if got := p.deadline().Sub(now); got != mostIdle {
		t.Errorf("after hours of work %s are left", got)
	}
}

func TestABodyIsSpooledWithItsHash(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, size := range []int{0, 10, light, light + 1, 1 << 20} {
		text := strings.Repeat("x", size)
		var sum bytes.Buffer
		s, err := Spool(io.NopCloser(strings.NewReader(text)), 1<<20, &sum)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(s)
		if err != nil || string(got) != text || sum.String() != text || s.Size != int64(size) || (s.file != nil) != (size >= light) {
			t.Errorf("%d bytes: %d, %v", size, len(got), err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		isEmpty(t)
	}
}

// isEmpty fails the test when a temporary file is left.
func isEmpty(t *testing.T) {
	t.Helper()
	if left, err := temporaryFiles(); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v, %v", left, err)
	}
}

func TestABodyThatIsTooLargeIsNotKept(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, most := range []int64{10, light - 1, light, 1 << 20} {
		_, err := Spool(io.NopCloser(endless{}), most, nil)
		var tooLarge *http.MaxBytesError
		if !errors.As(err, &tooLarge) || tooLarge.Limit != most {
			t.Errorf("%d: %v", most, err)
		}
		isEmpty(t)
	}
}

// endless has no end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
