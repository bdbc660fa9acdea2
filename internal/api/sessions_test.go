package api

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/intake"
)

func TestSessionsAreListedPageByPage(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera := w.as("vera")
		list := all[Session](vera, "/sessions?month=2026-10&owner=cafe&limit=7")
		if len(list) < 8 {
			t.Fatalf("%d sessions", len(list))
		}
		ids := map[string]bool{}
		for i, s := range list {
			if ids[s.Session] || i > 0 && s.End.After(list[i-1].End) || s.End.Format("2006-01") != "2026-10" {
				t.Errorf("%d: %+v", i, s)
			}
			ids[s.Session] = true
		}
		first := vera.get("/sessions?limit=1").is(http.StatusOK)
		if link := first.header.Get("Link"); link != "<"+read[Items[Session]](first).Next+`>; rel="next"` {
			t.Errorf("Link: %s", link)
		}
		for query, holds := range map[string]func(Session) bool{
			"state=held":                  func(s Session) bool { return s.State == creditnotes.SessionHeld && s.Reason != "" },
			"class=bilateral&limit=9":     func(s Session) bool { return s.Class == "bilateral" },
			"reason=no_owner":             func(s Session) bool { return s.Reason == "no_owner" },
			"session=20261031-E3&limit=5": func(s Session) bool { return strings.HasPrefix(s.Session, "20261031-E3") },
			"station=ALP-01&limit=3":      func(s Session) bool { return strings.HasPrefix(s.EVSEID, "AT*MST*E19") },
			"from=2026-10-30T00:00:00%2B01:00&until=2026-10-31T00:00:00%2B01:00": func(s Session) bool {
				return s.End.Format("2006-01-02") == "2026-10-30"
			},
		} {
			some := read[Items[Session]](vera.get("/sessions?" + query).is(http.StatusOK)).Items
			if len(some) == 0 || slices.ContainsFunc(some, func(s Session) bool { return !holds(s) }) {
				t.Errorf("%s: %+v", query, some)
			}
		}
	})
}

func TestBadPagesAreRefused(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	next := read[Items[Session]](vera.get("/sessions?limit=1")).Next
	elsewhere, err := url.Parse(next)
	must(t, err)
	for _, path := range []string{
		"/sessions?cursor=x", "/sessions?cursor=MQ", "/credit-notes?" + elsewhere.RawQuery, "/entities?" + elsewhere.RawQuery,
		"/sessions?cursor=MQovYXBpL3YxL3Nlc3Npb25zCm5vbnNlbnNl", "/deliveries?cursor=MQovYXBpL3YxL2RlbGl2ZXJpZXMKeA",
		"/runs?cursor=MQovYXBpL3YxL3J1bnMKeA",
	} {
		vera.get(path).problem(http.StatusBadRequest, "cursor_invalid")
	}
	for _, path := range []string{"/sessions?limit=0", "/sessions?limit=501", "/sessions?limt=5", "/sessions?month=October", "/sessions?state=lost"} {
		vera.get(path).is(http.StatusUnprocessableEntity)
	}
}

func TestASessionTellsItsStory(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix")
		credited := read[Items[Session]](felix.get("/sessions?state=credited&limit=1")).Items[0]
		story := read[SessionHistory](felix.get("/sessions/" + credited.Session).is(http.StatusOK))
		if story.Session.Session != credited.Session || len(story.Versions) != 1 || len(story.Lines) != 1 || story.Lines[0].Number != credited.Number {
			t.Errorf("%+v", story)
		}
		felix.get("/sessions/csv%2F" + credited.Session).is(http.StatusOK)
		why := read[creditnotes.ExplanationJSON](felix.get("/sessions/" + credited.Session + "/explanation").is(http.StatusOK))
		if why.Outcome != creditnotes.OutcomePriced || why.Number != credited.Number || why.Total == "" {
			t.Errorf("%+v", why)
		}
		felix.post("/sessions/"+credited.Session+"/release", object{"reason": "x"}).problem(http.StatusConflict, "session_credited")
		felix.get("/sessions/nothing").problem(http.StatusNotFound, "session_not_found")
	})
}

func TestSessionsAreReleasedAndInvalidated(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix")
		held := read[Items[Session]](felix.get("/sessions?state=held&reason=invalid&limit=1").is(http.StatusOK)).Items[0].Session
		felix.post("/sessions/"+held+"/release", object{}).problem(http.StatusUnprocessableEntity, "request_invalid")
		released := read[SessionHistory](felix.post("/sessions/"+held+"/release", object{"reason": "checked"}).is(http.StatusOK))
		if !released.Released || len(released.Decisions) != 1 || released.Decisions[0].Who != "felix" {
			t.Errorf("%+v", released)
		}
		invalid := read[SessionHistory](felix.post("/sessions/"+held+"/invalidate", object{"reason": "no"}).is(http.StatusOK))
		if invalid.Status != "invalid" || invalid.Released || len(invalid.Decisions) != 2 {
			t.Errorf("%+v", invalid)
		}
	})
}

func TestWhatARecordWithAnothersIDIsIsDecided(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix").with("Content-Type", "text/csv")
		felix.post("/sessions", records(2, false)).is(http.StatusOK)
		elsewhere := strings.ReplaceAll(records(2, false), "DE*MST*E0101", "DE*MST*E0102")
		if got := read[ImportedSessions](felix.post("/sessions", elsewhere).is(http.StatusOK)); got.New != 2 || got.IDReused != 2 {
			t.Errorf("%+v", got)
		}
		waiting := read[Items[Session]](felix.get("/sessions?reason=id_reused").is(http.StatusOK)).Items
		if len(waiting) != 2 || waiting[0].State != "held" || waiting[0].Reason != "id_reused" || !waiting[0].IDReused {
			t.Errorf("%+v", waiting)
		}
		reason := object{"reason": "asked the source"}
		felix = w.as("felix")
		felix.post("/sessions/api-0~2/release", reason).problem(http.StatusConflict, "session_id_reused")
		own := read[SessionHistory](felix.post("/sessions/api-0~2/separate", reason).is(http.StatusOK))
		if own.Session.Session != "api-0~2" || own.IDReused || own.ReusedID != "api-0" || len(own.Decisions) != 1 {
			t.Errorf("%+v", own)
		}
		merged := read[SessionHistory](felix.post("/sessions/api-1~2/merge", reason).is(http.StatusOK))
		if merged.Session.Session != "api-1" || merged.EVSEID != "DE*MST*E0102" || len(merged.Versions) != 2 || len(merged.Decisions) != 1 {
			t.Errorf("%+v", merged)
		}
		felix.post("/sessions/api-0~2/merge", reason).problem(http.StatusConflict, "session_id_not_reused")
		w.as("vera").post("/sessions/api-0~2/separate", reason).is(http.StatusForbidden)
	})
}

// records are sessions of a CSV file; one of them lacks its energy when bad.
func records(n int, bad bool) string {
	var csv strings.Builder
	csv.WriteString("id;evse_id;start;end;energy_kwh\n")
	for i := range n {
		fmt.Fprintf(&csv, "api-%d;DE*MST*E0101;2026-11-0%dT10:00:00Z;2026-11-0%dT11:00:00Z;10\n", i, i%9+1, i%9+1)
	}
	if bad {
		csv.WriteString("api-bad;DE*MST*E0101;2026-11-01T10:00:00Z;2026-11-01T11:00:00Z;ten\n")
	}
	return csv.String()
}

func TestSessionsAreImported(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix").with("Content-Type", "text/csv")
		p := felix.post("/sessions", records(3, true)).problem(http.StatusUnprocessableEntity, intake.FaultRecord)
		if len(p.Errors) != 1 || p.Errors[0].Location != "line 5, energy_kwh" {
			t.Errorf("%+v", p.Errors)
		}
		felix.get("/sessions/api-0").is(http.StatusNotFound)
		got := read[ImportedSessions](felix.post("/sessions?keep_going=true&name=hub", records(3, true)).is(http.StatusOK))
		if got.New != 3 || got.Rejected != 1 || len(got.Problems) != 1 || got.Problems[0].Location != "line 5, energy_kwh" {
			t.Errorf("%+v", got)
		}
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, err := z.Write([]byte(records(4, false)))
		must(t, err)
		must(t, z.Close())
		if got := read[ImportedSessions](felix.post("/sessions", packed.String()).is(http.StatusOK)); got.New != 1 || got.Unchanged != 3 {
			t.Errorf("%+v", got)
		}
		cdr := `{"country_code": "DE", "party_id": "ABC", "id": "c1", "start_date_time": "2026-11-02T10:00:00Z", "end_date_time": "2026-11-02T11:00:00Z",
			"cdr_location": {"evse_id": "DE*MST*E0101", "connector_id": "1"}, "total_energy": 5, "total_time": 1}`
		a := felix.with("Content-Type", "application/json").post("/sessions", "["+cdr+"]")
		if a.status != http.StatusOK {
			t.Logf("%s", a.body)
		}
		felix.post("/sessions", "what,is,this\n1,2,3\n").is(http.StatusUnprocessableEntity)
	})
}

func TestAFileOfSessionsHasALimit(t *testing.T) {
	w := newWorld(t)
	huge := "id;evse_id;start;end;energy_kwh\n" + strings.Repeat("x", mostSessions)
	w.as("felix").with("Content-Type", "text/csv").post("/sessions", huge).problem(http.StatusRequestEntityTooLarge, "request_too_large")
	w.as("felix").with("Content-Type", "text/csv").with(keyHeader, "k").post("/sessions", huge).
		problem(http.StatusRequestEntityTooLarge, "request_too_large")
	w.as("anna").do(http.MethodPatch, "/settings", object{"color": strings.Repeat("x", mostJSON)}).is(http.StatusRequestEntityTooLarge)
}
