package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/access"
	"creditrun/internal/fault"
	"creditrun/internal/flow"
)

// bounded is the API as the program serves it, with small buffers, so that what
// is not read soon stands still.
func (w *world) bounded(t *testing.T) string {
	t.Helper()
	s := httptest.NewUnstartedServer(flow.Bounded(w.api, time.Now))
	s.Config.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		_ = c.(*net.TCPConn).SetWriteBuffer(4 << 10)
		return ctx
	}
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// connect sends the head of a request on a connection of its own.
func (p *program) connect(t *testing.T, address, method, path string, head ...string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	must(t, err)
	t.Cleanup(func() { c.Close() })
	_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
	_, err = fmt.Fprintf(c, "%s %s%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n%s\r\n", method, Base, path, p.secret, strings.Join(head, "\r\n")+
		strings.Repeat("\r\n", min(1, len(head))))
	must(t, err)
	return c
}

// until waits until something is so.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begun := time.Now(); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// largest is the number of the note with the most sessions.
func largest(t *testing.T, w *world) string {
	t.Helper()
	number, most := "", 0
	for n, err := range w.store.EachNote(t.Context(), creditnotes.NoteFilter{Standing: creditnotes.StandsIssued}) {
		must(t, err)
		note, err := w.store.NoteByNumber(t.Context(), n.Number)
		must(t, err)
		count := 0
		for _, err := range w.store.Details(t.Context(), note) {
			must(t, err)
			count++
		}
		if count > most {
			number, most = n.Number, count
		}
	}
	return number
}

func TestReadersThatDoNotReadStopNobody(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.api.Gate = flow.NewGateOf(100, 100, time.Second) // it is not the gate that helps
		address, path := w.bounded(t), "/credit-notes/"+largest(t, w)+"/sessions"
		felix := w.as("felix")
		var begun atomic.Int32
		for range 32 { // more than there are connections to either database
			c := felix.connect(t, address, http.MethodGet, path)
			go func() {
				if _, err := c.Read(make([]byte, 1)); err == nil {
					begun.Add(1)
				}
			}()
		}
		until(t, "all answers have begun", func() bool { return begun.Load() == 32 })
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		for range 40 {
			if _, err := w.store.Settings(ctx); err != nil {
				t.Fatalf("nobody else is served: %v", err)
			}
		}
		w.as("anna").get("/sessions").is(http.StatusOK)
	})
}

func TestTheSessionsOfANoteAreTheSamePageByPage(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		note, err := w.store.NoteByNumber(t.Context(), largest(t, w))
		must(t, err)
		var order []string
		for d, err := range w.store.Details(t.Context(), note) {
			must(t, err)
			order = append(order, d.Session.Start.Format(time.RFC3339)+" "+d.Session.ExternalID)
		}
		if len(order) < 20 || len(note.Owners) == 1 && !isSorted(order) {
			t.Errorf("%d sessions: %v", len(order), order)
		}
	})
}

func isSorted(list []string) bool {
	for i := 1; i < len(list); i++ {
		if list[i] < list[i-1] {
			return false
		}
	}
	return true
}

func TestOnePersonHasFewTransfersAtOnce(t *testing.T) {
	w := newWorld(t)
	w.api.Gate = flow.NewGateOf(1, 2, time.Millisecond)
	felix, path := w.as("felix"), "/credit-notes/"+largest(t, w)+"/sessions"
	leave, err := w.api.Gate.Enter(t.Context(), "felix")
	must(t, err)
	for _, one := range []struct{ method, path string }{{"GET", path}, {"GET", "/network"}, {"POST", "/sessions"}} {
		felix.do(one.method, one.path, "x").problem(http.StatusServiceUnavailable, "own_transfers_busy")
	}
	w.as("anna").get(path).is(http.StatusOK)
	felix.get("/credit-notes").is(http.StatusOK)
	leave()
	for range 3 { // each leaves its place
		felix.get(path).is(http.StatusOK)
		felix.get("/network").is(http.StatusOK)
		felix.with("Content-Type", "text/csv").post("/sessions", "what,is,this\n1,2,3\n").is(http.StatusUnprocessableEntity)
	}
	if log := w.log.String(); strings.Count(log, "msg=download user=felix") != 6 {
		t.Errorf("downloads leave no line in the log:\n%s", log)
	}
}

// A caller that sends slowly used to hold the transaction in which its file was
// imported: on SQLite no one else could write.
func TestASlowUploadKeepsNobodyFromWriting(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.api.Gate = flow.NewGateOf(1, 10, time.Second/4) // the file gets in although others try
		felix := w.as("felix")
		c := felix.connect(t, w.bounded(t), http.MethodPost, "/sessions", "Content-Type: text/csv", "Content-Length: 100000")
		_, err := io.WriteString(c, "id;evse_id;start;end;energy_kwh\nslow-1;DE*MUS*E1;2026-11-01T10:00:00Z;2026-11-01T11:00:00Z;5\n")
		must(t, err)
		until(t, "the file arrives", func() bool {
			return felix.with("Content-Type", "text/csv").post("/sessions", "x").status == http.StatusServiceUnavailable
		})
		written := make(chan error, 1)
		go func() { written <- w.store.LoginFailed(t.Context(), "name:anna") }()
		select {
		case err := <-written:
			must(t, err)
		case <-time.After(5 * time.Second):
			t.Fatal("nobody else can write")
		}
		must(t, c.Close())
		until(t, "the upload is given up", func() bool {
			leave, err := w.api.Gate.Enter(t.Context(), "felix")
			if err == nil {
				leave()
			}
			return err == nil
		})
		if found, err := w.store.FindSessions(t.Context(), "slow-1"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a part of a file was imported: %v, %v", found, err)
		}
	})
}

func TestABodyIsNotKeptInMemoryWithAKeyOrWithout(t *testing.T) {
	w := newWorld(t)
	t.Setenv("TMPDIR", t.TempDir())
	felix := w.as("felix").with("Content-Type", "text/csv")
	for _, key := range []string{"", "one"} {
		if key != "" {
			felix = felix.with(keyHeader, key)
		}
		r := httptest.NewRequest(http.MethodPost, Base+"/sessions", io.LimitReader(letters{}, mostSessions))
		r.ContentLength = -1
		r.Header = felix.header.Clone()
		r.Header.Set("Authorization", "Bearer "+felix.secret)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		answer := httptest.NewRecorder()
		w.api.ServeHTTP(answer, r)
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 16<<20 || answer.Code != http.StatusUnprocessableEntity {
			t.Errorf("with the key %q: status %d, %d MiB", key, answer.Code, taken>>20)
		}
		if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
			t.Errorf("temporary files are left: %v, %v", left, err)
		}
	}
}

// letters is a file of one line that never ends.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	p[len(p)-1] = '\n'
	return len(p), nil
}

func TestABodyIsRefusedBeforeItIsRead(t *testing.T) {
	w := newWorld(t)
	address, anna := w.bounded(t), w.as("anna")
	for _, one := range []struct {
		method, path string
		bytes        int64
	}{
		{"POST", "/sessions", mostSessions + 1}, {"POST", "/network", mostNetwork + 1},
		{"PATCH", "/settings", mostJSON + 1}, {"POST", "/audit/verify", mostJSON + 1},
	} {
		for _, key := range []string{"X-Nothing: 1", keyHeader + ": k"} {
			c := anna.connect(t, address, one.method, one.path, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", one.bytes), key)
			_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
			got, err := http.ReadResponse(bufio.NewReader(c), nil)
			must(t, err)
			if got.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s %s: %s", one.method, one.path, got.Status)
			}
		}
	}
	// Who may not send it at all is told that.
	c := w.as("vera").connect(t, address, http.MethodPost, "/sessions", fmt.Sprintf("Content-Length: %d", mostSessions+1))
	got, err := http.ReadResponse(bufio.NewReader(c), nil)
	must(t, err)
	if got.StatusCode != http.StatusForbidden {
		t.Errorf("without the right: %s", got.Status)
	}
}

func TestAPackedFileIsUnpackedUpToALimit(t *testing.T) {
	w := newWorld(t)
	w.api.unpacked = 1 << 20
	felix := w.as("felix").with("Content-Type", "application/gzip")
	send := func(rows int) answer {
		t.Helper()
		var file bytes.Buffer
		z := gzip.NewWriter(&file)
		_, err := io.WriteString(z, "id;evse_id;start;end;energy_kwh\n")
		must(t, err)
		for i := range rows {
			_, err := fmt.Fprintf(z, "packed-%d;DE*XYZ*E1;2026-11-01T10:00:00Z;2026-11-01T11:00:00Z;5\n", i)
			must(t, err)
		}
		must(t, z.Close())
		return felix.post("/sessions", file.String())
	}
	send(20_000).problem(http.StatusRequestEntityTooLarge, "request_too_large")
	if _, err := w.store.FindSessions(t.Context(), "packed-0"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a part of the file was imported: %v", err)
	}
	send(10).is(http.StatusOK)
}

func TestATokenOfADeactivatedUserStaysRevoked(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera := w.as("vera", access.Read)
		vera.get("/me").is(http.StatusOK)
		user, err := w.store.UserByName(t.Context(), "vera")
		must(t, err)
		for _, active := range []bool{false, true} {
			user.Active = active
			must(t, w.store.ChangeUser(t.Context(), access.Actor{Name: "anna", Server: true}, *user))
			vera.get("/me").problem(http.StatusUnauthorized, "token_refused")
		}
	})
}
