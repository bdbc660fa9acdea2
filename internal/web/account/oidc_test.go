package account

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"creditrun/internal/web/webtest"
)

func TestALoginServerThatIsDownIsAskedAgainAfterAWhile(t *testing.T) {
	now := webtest.Today
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		rw.WriteHeader(http.StatusBadGateway)
	}))
	defer server.Close()
	p := newProvider(OIDC{Name: "Example ID", Issuer: server.URL}, "https://creditrun.example", func() time.Time { return now }, func(ask func(context.Context)) { go ask(context.Background()) })
	fails := func() {
		t.Helper()
		if _, err := p.discover(t.Context()); err == nil {
			t.Error("nothing is wrong")
		}
	}
	for range 5 {
		fails()
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times while it is down", n)
	}
	now = now.Add(providerPause)
	fails()
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times after a while", n)
	}
}
