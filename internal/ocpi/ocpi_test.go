package ocpi_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/intake"
	"creditrun/internal/ocpi"
	"creditrun/internal/sessions"
)

const token = "7f1c2a"

// hub knows one token.
type hub struct{ broken error }

func (h hub) Sender(_ context.Context, given string) (string, error) {
	if h.broken != nil {
		return "", h.broken
	}
	if given != token {
		return "", fault.New(fault.Forbidden, "token_unknown", nil)
	}
	return "hub", nil
}

// shelf keeps sessions by name.
type shelf struct {
	kept   map[string]sessions.Session
	raw    map[string][]byte
	sender string
	err    error
}

func (s *shelf) CDR(_ context.Context, sender, version, name string) ([]byte, error) {
	if raw := s.raw[sender+version+name]; raw != nil {
		return raw, nil
	}
	return nil, fault.New(fault.NotFound, "session_not_found", nil)
}

func (s *shelf) Keep(_ context.Context, sender string, c ocpi.CDR) (bool, error) {
	if s.err != nil {
		return false, s.err
	}
	if s.raw == nil {
		s.raw = map[string][]byte{}
	}
	s.raw[sender+c.Version+c.Name] = c.Raw
	one := c.Session
	_, there := s.kept[one.ExternalID]
	s.kept[one.ExternalID], s.sender = one, sender
	return !there, nil
}

type answer struct {
	Data          json.RawMessage `json:"data"`
	StatusCode    int             `json:"status_code"`
	StatusMessage string          `json:"status_message"`
	Timestamp     string          `json:"timestamp"`
}

func newHandler(s *shelf) *ocpi.Handler {
	return &ocpi.Handler{
		Senders: hub{}, Keeper: s, Log: slog.New(slog.DiscardHandler), BaseURL: "https://credit.example/",
		Parse: func(raw []byte) (sessions.Session, error) { return intake.ParseCDR("CDR", raw) },
		Words: func(err error) string { return "words of " + fault.Of(err)[0].Key },
		Now:   func() time.Time { return time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC) },
	}
}

// ask sends a request with the token in base64.
func ask(t *testing.T, h http.Handler, method, path, body string, headers ...string) (*httptest.ResponseRecorder, answer) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Token "+base64.StdEncoding.EncodeToString([]byte(token)))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var a answer
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%s %s: %q is no envelope: %v", method, path, w.Body, err)
	}
	if a.Timestamp != "2026-11-02T08:00:00Z" || a.StatusMessage == "" || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s %s: %+v", method, path, a)
	}
	return w, a
}

const cdr = `{"country_code": "DE", "party_id": "ABC", "id": "4711", "start_date_time": "2026-10-03T10:00:00Z", "end_date_time": "2026-10-03T11:00:00Z",
	"cdr_token": {"country_code": "DE", "party_id": "ABC", "uid": "04A1B2C3"}, "auth_method": "WHITELIST",
	"cdr_location": {"evse_id": "DE*VLT*E1", "connector_id": "1"}, "currency": "EUR", "total_energy": 12.5, "total_time": 1, "total_cost": {"excl_vat": 4.2}}`

func TestPushedCDRIsKept(t *testing.T) {
	for _, version := range []string{"2.2.1", "2.3.0"} {
		s := &shelf{kept: map[string]sessions.Session{}}
		h := newHandler(s)
		w, a := ask(t, h, "POST", "/ocpi/"+version+"/cdrs", cdr, "X-Request-ID", "r-1", "X-Correlation-ID", "c-1")
		if w.Code != http.StatusCreated || a.StatusCode != 1000 || w.Header().Get("Location") != "https://credit.example/ocpi/"+version+"/cdrs/DE%2AABC%2A4711" {
			t.Errorf("%d, %+v, %v", w.Code, a, w.Header())
		}
		if w.Header().Get("X-Request-ID") != "r-1" || w.Header().Get("X-Correlation-ID") != "c-1" {
			t.Errorf("the ids are not repeated: %v", w.Header())
		}
		if one := s.kept["DE*ABC*4711"]; one.Energy != 12_500_000 || s.sender != "hub" {
			t.Errorf("%+v from %s", one, s.sender)
		}
		w, a = ask(t, h, "POST", "/ocpi/"+version+"/cdrs/", cdr)
		if w.Code != http.StatusOK || a.StatusCode != 1000 || w.Header().Get("Location") == "" {
			t.Errorf("sent again: %d, %+v", w.Code, a)
		}
		w, a = ask(t, h, "GET", "/ocpi/"+version+"/cdrs/DE%2AABC%2A4711", "")
		var back, pushed any
		if err := errors.Join(json.Unmarshal(a.Data, &back), json.Unmarshal([]byte(cdr), &pushed)); err != nil {
			t.Error(err)
		}
		if w.Code != http.StatusOK || a.StatusCode != 1000 || !reflect.DeepEqual(back, pushed) {
			t.Errorf("asked back: %d, %+v", w.Code, a)
		}
		w, a = ask(t, h, "GET", "/ocpi/"+version+"/cdrs/DE%2AABC%2A4712", "")
		if w.Code != http.StatusNotFound || a.StatusCode != 2000 || a.Data != nil {
			t.Errorf("another one: %d, %+v", w.Code, a)
		}
	}
}

func TestWhoMayNotSendIsTurnedAway(t *testing.T) {
	for _, header := range []string{"", "Token", "Token wrong", "Token " + base64.StdEncoding.EncodeToString([]byte("wrong")), "Bearer " + token} {
		for _, path := range []string{"/ocpi/versions", "/ocpi/2.2.1", "/ocpi/2.2.1/cdrs"} {
			s := &shelf{kept: map[string]sessions.Session{}}
			w, a := ask(t, newHandler(s), "POST", path, cdr, "Authorization", header)
			if w.Code != http.StatusUnauthorized || a.StatusCode != 2000 || w.Header().Get("WWW-Authenticate") != "Token" || len(s.kept) > 0 {
				t.Errorf("%q at %s: %d, %+v", header, path, w.Code, a)
			}
		}
	}
	if w, _ := ask(t, newHandler(&shelf{}), "GET", "/ocpi/versions", "", "Authorization", "Token "+token); w.Code != http.StatusOK {
		t.Errorf("a token that is not encoded: %d", w.Code)
	}
	h := newHandler(&shelf{})
	h.Senders = hub{broken: errors.New("no database")}
	if w, a := ask(t, h, "GET", "/ocpi/versions", ""); w.Code != http.StatusInternalServerError || a.StatusCode != 3000 {
		t.Errorf("nobody can be asked: %d, %+v", w.Code, a)
	}
}

func TestWrongCDRIsAnsweredInTheEnvelope(t *testing.T) {
	for _, c := range []struct {
		claim, body  string
		keeping      error
		http, status int
	}{
		{"no JSON", "{", nil, 400, 2001},
		{"no CDR", "[]", nil, 200, 2001},
		{"without an EVSE", strings.Replace(cdr, `"evse_id": "DE*VLT*E1", `, "", 1), nil, 200, 2001},
		{"too large", `"` + strings.Repeat("x", ocpi.MostBytes) + `"`, nil, 413, 2001},
		{"an unknown location", cdr, fault.New(fault.NotFound, "place_unknown", nil), 200, 2003},
		{"a broken store", cdr, errors.New("no database"), 500, 3000},
		{"a full disk", cdr, fault.New(fault.Unavailable, "database_full", nil), 500, 3000},
	} {
		w, a := ask(t, newHandler(&shelf{kept: map[string]sessions.Session{}, err: c.keeping}), "POST", "/ocpi/2.2.1/cdrs", c.body)
		if w.Code != c.http || a.StatusCode != c.status || w.Header().Get("Location") != "" {
			t.Errorf("%s: %d, %+v", c.claim, w.Code, a)
		}
		if strings.Contains(a.StatusMessage, "database") {
			t.Errorf("%s: a peer reads %q", c.claim, a.StatusMessage)
		}
	}
}

// late is a body that does not go on arriving.
type late struct{}

func (late) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func TestACDRThatArrivesTooSlowlyIsSaidToBeSo(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ocpi/2.2.1/cdrs", late{})
	r.Header.Set("Authorization", "Token "+token)
	w := httptest.NewRecorder()
	newHandler(&shelf{}).ServeHTTP(w, r)
	if w.Code != http.StatusRequestTimeout || !strings.Contains(w.Body.String(), "too slowly") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestPeersFindTheEndpoints(t *testing.T) {
	h := newHandler(&shelf{})
	_, a := ask(t, h, "GET", "/ocpi/versions", "")
	want := `[{"version":"2.2.1","url":"https://credit.example/ocpi/2.2.1"},{"version":"2.3.0","url":"https://credit.example/ocpi/2.3.0"}]`
	if string(a.Data) != want || a.StatusCode != 1000 {
		t.Errorf("%s", a.Data)
	}
	_, a = ask(t, h, "GET", "/ocpi/2.2.1", "")
	want = `{"version":"2.2.1","endpoints":[{"identifier":"cdrs","role":"RECEIVER","url":"https://credit.example/ocpi/2.2.1/cdrs"}]}`
	if string(a.Data) != want {
		t.Errorf("%s", a.Data)
	}
	if _, a := ask(t, h, "POST", "/ocpi/2.1.1/cdrs", cdr); !strings.Contains(a.StatusMessage, "2.2.1 and 2.3.0") {
		t.Errorf("an older version hears %q", a.StatusMessage)
	}
	for path, status := range map[string]int{"/ocpi/2.1.1": 404, "/ocpi/": 404, "/ocpi/2.2.1/tokens": 404, "/ocpi/2.2.1/cdrs": 405, "/ocpi/versions/x": 404} {
		if w, _ := ask(t, h, "GET", path, ""); w.Code != status {
			t.Errorf("GET %s: %d, want %d", path, w.Code, status)
		}
	}
	for path, allow := range map[string]string{"/ocpi/versions": "GET", "/ocpi/2.2.1": "GET", "/ocpi/2.2.1/cdrs": "POST", "/ocpi/2.2.1/cdrs/1": "GET"} {
		if w, _ := ask(t, h, "PUT", path, ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allow {
			t.Errorf("PUT %s: %d, %v", path, w.Code, w.Header())
		}
	}
}
