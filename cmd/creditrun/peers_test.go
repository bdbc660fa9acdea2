package main

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A hub pushes what it would otherwise send as a file; anyone who has no token for
// it is turned away.
func TestAHubPushesCDRs(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.now = time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
		w.do("import", "testdata/network.yaml")
		w.do("users", "add", "hub", "--role", "finance")
		w.do("users", "add", "reader", "--role", "viewer")
		right := strings.TrimSpace(w.do("users", "token", "hub", "--name", "push", "--scope", "import_sessions", "--days", "30"))
		narrow := strings.TrimSpace(w.do("users", "token", "hub", "--name", "read", "--scope", "read", "--days", "30"))
		other := strings.TrimSpace(w.do("users", "token", "reader", "--name", "push", "--scope", "import_sessions", "--days", "30"))

		ctx, stop := context.WithCancel(t.Context())
		served := make(chan result, 1)
		serve, said := *w, &heard{}
		go func() { served <- serve.tryUntil(ctx, said, "serve", "--only", "web") }()
		pages := regexp.MustCompile(`admin pages: (http://\S+)`)
		until(t, "it listens", func() bool { return pages.MatchString(said.String()) })
		address := pages.FindStringSubmatch(said.String())[1]
		push := func(token, cdr string) (int, string) {
			r, err := http.NewRequest(http.MethodPost, address+"/ocpi/2.2.1/cdrs", strings.NewReader(cdr))
			if err != nil {
				t.Fatal(err)
			}
			if token != "" {
				r.Header.Set("Authorization", "Token "+base64.StdEncoding.EncodeToString([]byte(token)))
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			body, _ := io.ReadAll(answer.Body)
			return answer.StatusCode, string(body)
		}
		for what, token := range map[string]string{"no token": "", "a token of nobody": "crt_x", "a narrow token": narrow, "a reader's token": other} {
			if status, body := push(token, pushedCDR); status != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", what, status, body)
			}
		}
		if status, body := push(right, `{"id": "C-1"}`); status != http.StatusOK || !strings.Contains(body, `"status_code":2001`) {
			t.Errorf("half a CDR: %d %s", status, body)
		}
		for i, want := range []int{http.StatusCreated, http.StatusOK} { // pushed again it changes nothing
			if status, body := push(right, pushedCDR); status != want || !strings.Contains(body, `"status_code":1000`) {
				t.Errorf("push %d: %d %s", i, status, body)
			}
		}
		stop()
		if r := <-served; r.status != exitDone {
			t.Errorf("serve ends with %d: %s", r.status, r.stderr)
		}
		if out := w.do("sessions"); strings.Count(out, "C-1") != 1 {
			t.Errorf("sessions:\n%s", out)
		}
	})
}

const pushedCDR = `{
	"country_code": "DE", "party_id": "ABC", "id": "C-1",
	"start_date_time": "2026-10-18T10:00:00Z", "end_date_time": "2026-10-18T11:00:00Z",
	"cdr_token": {"country_code": "DE", "party_id": "ABC", "uid": "04A1B2C3D4", "type": "RFID", "contract_id": "DE-ABC-C1"},
	"auth_method": "WHITELIST",
	"cdr_location": {"id": "L1", "evse_uid": "E1", "evse_id": "DE*CPO*E0001*1", "connector_id": "1"},
	"currency": "EUR", "total_cost": {"excl_vat": 5.00}, "total_energy": 10.5, "total_time": 1.0, "last_updated": "2026-10-18T11:00:05Z"
}`
