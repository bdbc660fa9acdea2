// Package flow bounds what the other side of a connection can cost: how long
// it may take to send a request or to read an answer, how much it may send, and
// how many heavy requests one person has under way. It knows connections and
// temporary files and nothing of what goes over them.
package flow

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// How long the server waits for the other side. A transfer that stands still
// ends after mostIdle. One that creeps ends when the server has waited for
// mostWait, plus the time that the bytes moved so far take at leastRate.
const (
	mostIdle  = 30 * time.Second
	mostWait  = time.Minute
	leastRate = 8 << 10 // bytes a second
)

// step is how much is written under one deadline.
const step = 32 << 10

// Bounded gives every request and every answer a deadline that moves with its
// progress. Now is the clock of the connections: that of the machine.
//
// The server that uses it needs neither ReadTimeout nor WriteTimeout, which
// count from the beginning and end what is merely long.
func Bounded(next http.Handler, now func() time.Time) http.Handler {
	return bounded(next, patience{now: now, idle: mostIdle})
}

func bounded(next http.Handler, fresh patience) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		out := &answer{ResponseWriter: w, control: control, patience: fresh}
		// The connection still has the deadline of its answer before, and what is
		// buffered is sent after the handler has returned.
		out.extend()
		defer out.extend()
		if r.Body == nil || r.Body == http.NoBody {
			// The server reads on to notice that the caller goes away; a deadline
			// that passes meanwhile would look like that.
			_ = control.SetReadDeadline(time.Time{})
			next.ServeHTTP(out, r)
			return
		}
		out.in = &body{ReadCloser: r.Body, control: control, patience: fresh}
		out.in.extend(fresh.idle)
		taken := *r // the server knows by its own body how much is left of it
		taken.Body = out.in
		next.ServeHTTP(out, &taken)
	})
}

// patience is how long one side may still wait for the other.
type patience struct {
	now    func() time.Time
	idle   time.Duration
	waited time.Duration
	moved  int64 // bytes
}

// deadline is until when the next step may take.
func (p *patience) deadline() time.Time {
	earned := time.Duration(p.moved) * time.Second / leastRate
	return p.now().Add(min(p.idle, mostWait+earned-p.waited))
}

// count counts a step that moved some bytes.
func (p *patience) count(began time.Time, n int) {
	p.waited += p.now().Sub(began)
	p.moved += int64(n)
}

// body is the body of a request, which has to go on arriving.
type body struct {
	io.ReadCloser
	control *http.ResponseController
	patience
	ended bool
}

// extend gives the next step its time, but no more than most; a connection
// without deadlines has no limit. At the end there is none, as in bounded.
func (b *body) extend(most time.Duration) {
	deadline := time.Time{}
	if !b.ended {
		deadline = earliest(b.deadline(), b.now().Add(most))
	}
	_ = b.control.SetReadDeadline(deadline)
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Read implements io.Reader. When the sender is too slow the error is
// os.ErrDeadlineExceeded.
func (b *body) Read(p []byte) (int, error) {
	b.extend(b.idle)
	began := b.now()
	n, err := b.ReadCloser.Read(p)
	b.count(began, n)
	if errors.Is(err, io.EOF) {
		b.ended = true
		b.extend(0)
	}
	return n, err
}

// answer is an answer, which has to go on being read.
type answer struct {
	http.ResponseWriter
	control *http.ResponseController
	in      *body // nil: there is none
	patience
}

// extend gives the next step its time. Before the server answers it reads on in
// a body that the handler has left, and must not wait for that as long.
func (a *answer) extend() {
	_ = a.control.SetWriteDeadline(a.deadline())
	if a.in != nil {
		a.in.extend(a.idle / 10)
	}
}

// Write implements io.Writer.
func (a *answer) Write(p []byte) (n int, err error) {
	for {
		some := p[n:min(n+step, len(p))]
		a.extend()
		began := a.now()
		written, err := a.ResponseWriter.Write(some)
		a.count(began, written)
		if n += written; err != nil || n == len(p) {
			return n, err
		}
	}
}

// FlushError implements what http.ResponseController looks for.
func (a *answer) FlushError() error {
	a.extend()
	began := a.now()
	err := a.control.Flush()
	a.count(began, 0)
	return err
}

// Unwrap implements what http.ResponseController looks for.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// TooSlow reports whether an error means that the other side took too long to
// send or to read.
func TooSlow(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }

// CutOff ends the connection in the middle of an answer, which cannot be taken
// back: no one may take a part of it for the whole.
func CutOff() { panic(http.ErrAbortHandler) }
