package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// eventually opens a page until it shows a text: figures of the month are
// computed beside the requests.
func (b *browser) eventually(path, text string) reply {
	b.w.t.Helper()
	var p reply
	for range 200 {
		if p = b.get(path); strings.Contains(p.body, text) {
			return p
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.w.t.Fatalf("%s never shows %q\n%s", path, text, p.body)
	return p
}

func TestAPageThatRenewsItselfKeepsNobodyLoggedIn(t *testing.T) {
	w := newWorld(t)
	anna := w.as("anna")
	for range 5 {
		w.later(30 * time.Minute)
		anna.renew("/overview/next")
	}
	if p := anna.get("/"); p.path != "/login" {
		t.Errorf("after two and a half hours nobody was there, the browser is at %s", p.path)
	}
}

// renew asks for a part of a page as htmx does.
func (b *browser) renew(path string) reply {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.w.http.URL+path, nil)
	must(b.w.t, err)
	r.Header.Set("HX-Request", "true")
	answer, err := b.client.Do(r)
	must(b.w.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	must(b.w.t, err)
	return reply{answer.StatusCode, answer.Request.URL.Path, string(content), answer.Header}
}

// troubled is a store that does something else before a run reads the
// configuration.
type troubled struct {
	creditnotes.Store
	before func() error
}

func (s troubled) Configuration(ctx context.Context) (*creditnotes.Configuration, error) {
	if err := s.before(); err != nil {
		return nil, err
	}
	return s.Store.Configuration(ctx)
}

// reads has the runner do something before it reads the configuration.
func (w *world) reads(before func() error) {
	w.t.Helper()
	w.with(func(o *Options) {
		runner := *o.Runner
		runner.Store = troubled{w.store, before}
		o.Runner = &runner
	})
}

func TestAMonthThatCannotBeCountedIsToldInWords(t *testing.T) {
	w := newWorld(t)
	w.reads(func() error { return errors.New("out of reach") })
	w.as("vera").eventually("/", "The cause is in the log")
	w.reads(func() error { return fault.New(fault.Invalid, "tree_no_root", nil) })
	w.as("vera").eventually("/", "every entity names a parent")
}

func TestTheBrowserFetchesTheFiguresWhenTheyAreThere(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.w.charged()
		counted := make(chan struct{})
		c.w.reads(func() error { <-counted; return nil })
		c.as("anna")
		c.open("/")
		c.untilShown("The sessions are being priced")
		close(counted)
		c.untilShown("Owed, net")
		for _, complaint := range c.complaints() {
			t.Error(complaint)
		}
		c.press("form[action='/logout'] button")
		c.until("anna has gone", "location.pathname == '/login'")
		c.as("paul")
		c.untilShown("Under review")
		for _, complaint := range c.complaints() {
			t.Error(complaint)
		}
	})
}
