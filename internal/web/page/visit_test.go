package page

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestTheLogDoesNotTellInvitations(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/invite/crt_hunter2", nil)
	r.SetPathValue("secret", "crt_hunter2")
	if got := (&Visit{R: r}).logged(); got != "/invite/…" {
		t.Errorf("the log says %s", got)
	}
	if got := (&Visit{R: httptest.NewRequest(http.MethodGet, "/runs", nil)}).logged(); got != "/runs" {
		t.Errorf("the log says %s", got)
	}
}
