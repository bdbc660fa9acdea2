package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"creditrun/creditnotes"
	"creditrun/internal/store"
)

// taken imports files and returns what became of their sessions.
func (w *world) taken(args ...string) store.ImportResult {
	w.Helper()
	var done []imported
	w.read(&done, append([]string{"import"}, args...)...)
	return *done[len(done)-1].Sessions
}

// told lists sessions as id, kWh, state and reason.
func (w *world) told(args ...string) string {
	w.Helper()
	var list []sessionJSON
	w.read(&list, append([]string{"sessions"}, args...)...)
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintf(&b, "%s %s %s %s;", s.Session, s.Energy, s.State, s.Reason)
	}
	return b.String()
}

// reported runs a month and returns its report.
func (w *world) reported(month string) creditnotes.ReportJSON {
	w.Helper()
	var report creditnotes.ReportJSON
	w.read(&report, "run", "--month", month)
	if !report.Control.Balanced {
		w.Errorf("the control sheet of %s does not balance: %+v", month, report.Control)
	}
	return report
}

// nets are the net sums of the notes of a report.
func nets(r creditnotes.ReportJSON) string {
	var list []string
	for _, n := range r.Notes {
		list = append(list, n.Net)
	}
	return strings.Join(list, " ")
}

func TestCaseIDTwoConnectors(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-05", 20)
		w.do("import", caseFile("id-two-connectors", "network.yaml"))
		content, err := os.ReadFile(caseFile("id-two-connectors", "s.csv"))
		if err != nil {
			t.Fatal(err)
		}
		path := w.file("s.csv", string(content)+"S2,DE*CPO*E1,2026-10-05T13:00:00+02:00,2026-10-05T14:00:00+02:00,5\n")
		if said := w.fails(exitFailed, "import", path); !strings.Contains(said, "line 3, id") || !strings.Contains(said, "than line 2 has") {
			t.Errorf("it says %q", said)
		}
		if out := w.told(); out != "" {
			t.Errorf("sessions: %s", out)
		}
		if r := w.taken("--keep-going", path); r != (store.ImportResult{New: 1, Rejected: 2}) {
			t.Errorf("keeping going: %+v", r)
		}
		rejected, err := os.ReadFile(path + ".rejected")
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"# line 2, id", "than line 3 has", "# line 3, id", "1788690000,DE*CPO*E1,", "1788690000,DE*CPO*E3,"} {
			if !strings.Contains(string(rejected), want) {
				t.Errorf("the rejected records lack %q:\n%s", want, rejected)
			}
		}
		w.at("2026-10-31", 23)
		if r := w.reported("2026-10"); nets(r) != "2.00" || r.Control.Received.Sessions != 1 {
			t.Errorf("%s of %+v", nets(r), r.Control.Received)
		}
		w.clean()
	})
}

// reusedWorld has credited session 17 for October and received another one
// under the same id in November.
func reusedWorld(t *testing.T, w *world) {
	t.Helper()
	w.at("2026-10-05", 20)
	w.do("import", caseFile("id-reused-next-month", "network.yaml"), caseFile("id-reused-next-month", "oct.csv"))
	w.at("2026-10-31", 23)
	if r := w.reported("2026-10"); nets(r) != "4.00" {
		t.Fatalf("October: %s", nets(r))
	}
	w.at("2026-11-20", 20)
	if r := w.taken(caseFile("id-reused-next-month", "nov.csv")); r != (store.ImportResult{New: 1, IDReused: 1}) {
		t.Errorf("%+v", r)
	}
	if r := w.taken(caseFile("id-reused-next-month", "nov.csv")); r != (store.ImportResult{Unchanged: 1}) {
		t.Errorf("imported again: %+v", r)
	}
}

func TestCaseIDReusedNextMonth(t *testing.T) {
	t.Parallel()
	for decision, want := range map[string]struct{ held, net, sessions string }{
		"separate":   {"", "12.00", "17 10 credited ;17~2 30 credited ;"},
		"merge":      {"", "8.00", "17 30 credited ;"},
		"invalidate": {"invalid", "", "17 10 credited ;17~2 30 held invalid;"},
	} {
		t.Run(decision, func(t *testing.T) {
			t.Parallel()
			eachWorld(t, func(t *testing.T, w *world) {
				reusedWorld(t, w)
				if out := w.told(); out != "17 10 credited ;17~2 30 held id_reused;" {
					t.Errorf("sessions: %s", out)
				}
				if out := w.do("readiness", "--month", "2026-11"); !strings.Contains(out, "id_reused") {
					t.Errorf("readiness does not name it:\n%s", out)
				}
				w.at("2026-11-30", 23)
				r := w.reported("2026-11")
				if nets(r) != "" || len(r.Held) != 1 || r.Held[0].Session != "17~2" || r.Held[0].Reason != "id_reused" || r.Held[0].Energy != "30" {
					t.Errorf("the run before the decision: %s, held %+v", nets(r), r.Held)
				}
				if said := w.fails(exitFailed, "sessions", "release", "17~2", "--reason", "fine"); !strings.Contains(said, "Decide first what it is") {
					t.Errorf("a release says %q", said)
				}
				w.do("sessions", decision, "17~2", "--reason", "asked the source")
				if decision != "invalidate" { // which may be thought over
					w.fails(exitFailed, "sessions", "separate", "17~2", "--reason", "again")
				}
				r = w.reported("2026-11")
				if nets(r) != want.net {
					t.Errorf("the run after it: %s, want %s", nets(r), want.net)
				}
				if want.held == "" != (len(r.Held) == 0) {
					t.Errorf("held after it: %+v", r.Held)
				}
				if out := w.told(); out != want.sessions {
					t.Errorf("sessions after it: %s", out)
				}
				if r := w.taken(caseFile("id-reused-next-month", "nov.csv")); r != (store.ImportResult{Unchanged: 1}) {
					t.Errorf("imported again after it: %+v", r)
				}
				w.clean()
			})
		})
	}
}

func TestCaseStaleVersionReplay(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		of := func(name string) string { return caseFile("stale-version-replay", name) }
		w.at("2026-10-09", 20)
		w.do("import", of("network.yaml"), of("first.csv"), of("corrected.csv"), of("old.json"), of("new.json"))
		for _, old := range []string{"first.csv", "old.json"} {
			if r := w.taken(of(old)); r != (store.ImportResult{Unchanged: 1}) {
				t.Errorf("%s again: %+v", old, r)
			}
		}
		stale := w.file("stale.json", strings.NewReplacer(`"total_energy": 10.0`, `"total_energy": 9.0`).Replace(text(t, of("old.json"))))
		if r := w.taken(stale); r != (store.ImportResult{Unchanged: 1}) {
			t.Errorf("content never seen that is older: %+v", r)
		}
		if out := w.told(); out != "S1 4 open ;DE*CPO*U1 4 open ;" {
			t.Errorf("sessions: %s", out)
		}
		w.at("2026-10-31", 23)
		if r := w.reported("2026-10"); nets(r) != "3.20" {
			t.Errorf("October: %s", nets(r))
		}
		w.at("2026-11-05", 9)
		if r := w.taken(of("first.csv")); r != (store.ImportResult{Unchanged: 1}) {
			t.Errorf("after it was credited: %+v", r)
		}
		w.at("2026-11-30", 23)
		if r := w.reported("2026-11"); nets(r) != "" || r.Control.Received.Sessions != 0 {
			t.Errorf("November: %s of %+v", nets(r), r.Control.Received)
		}
		if r := w.taken("--as-correction", of("first.csv")); r != (store.ImportResult{Corrected: 1}) {
			t.Errorf("as a correction: %+v", r)
		}
		if r := w.reported("2026-11"); nets(r) != "2.40" {
			t.Errorf("with the correction: %s", nets(r))
		}
		w.clean()
	})
}

func text(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestCaseCSVExcelDialects(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		of := func(name string) string { return caseFile("csv-excel-dialects", name) }
		w.at("2026-10-31", 12)
		w.do("import", of("network.yaml"))
		for name, want := range map[string]string{
			"semicolon-comma.csv": "line 2, energy_kwh: expected a decimal with a point", "cp1252.csv": `"CSV UTF-8"`,
			"utf16.csv": `"CSV UTF-8"`, "local-time.csv": "offset",
		} {
			if said := w.fails(exitFailed, "import", of(name)); !strings.Contains(said, want) {
				t.Errorf("%s: %q", name, said)
			}
		}
		if said := w.fails(exitFailed, "import", w.file("short.csv", "id,evse_id,start,end,energy_kwh\n2.02610E+14,DE*CPO*E1,2026-10-05T10:00:00Z,2026-10-05T11:00:00Z,1\n")); !strings.Contains(said, "Excel has shortened the number") {
			t.Errorf("a shortened id: %q", said)
		}
		for _, name := range []string{"semicolon-point.csv", "bom-quoted.csv", "sep-line.csv", "header-case.csv"} {
			if r := w.taken(of(name)); r != (store.ImportResult{New: 1}) {
				t.Errorf("%s: %+v", name, r)
			}
		}
		w.at("2026-10-31", 23)
		if r := w.reported("2026-10"); nets(r) != "19.75" || r.Control.Credited.Sessions != 4 { // 4 × 12.345 kWh × 0.40
			t.Errorf("%s for %+v", nets(r), r.Control.Credited)
		}
		w.clean()
	})
}

func TestCaseEVSEIDSpelling(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-08", 20)
		// The sessions may come before the network does.
		w.do("import", caseFile("evse-id-spelling", "s.csv"), caseFile("evse-id-spelling", "network.yaml"))
		w.at("2026-10-31", 23)
		if r := w.reported("2026-10"); nets(r) != "8.00" || r.Control.Credited.Sessions != 2 {
			t.Errorf("%s for %+v", nets(r), r.Control.Credited)
		}
		if out := w.told(); out != "V1 10 credited ;V2 10 credited ;V3 10 held unknown_connector;V4 10 held unknown_connector;" {
			t.Errorf("sessions: %s", out)
		}
		twice := strings.Replace(text(t, caseFile("evse-id-spelling", "network.yaml")), "evse_id: DE*CPO*E3", "evse_id: DECPO*E1", 1)
		if said := w.fails(exitFailed, "import", w.file("twice.yaml", twice)); !strings.Contains(said, "DECPO*E1") || !strings.Contains(said, "differ in separators only") {
			t.Errorf("two spellings in a network: %q", said)
		}
		w.clean()
	})
}

func TestCaseOCPIConnectorID(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		of := func(name string) string { return caseFile("ocpi-connector-id", name) }
		w.at("2026-10-05", 20)
		w.do("import", of("network.yaml"))
		for i := range 5 {
			if r := w.taken(of(fmt.Sprintf("c%d.json", i+1))); r != (store.ImportResult{New: 1}) {
				t.Errorf("c%d: %+v", i+1, r)
			}
		}
		// At an EVSE with two connectors no one knows which one A is.
		two := strings.Replace(text(t, of("network.yaml")), "      - {evse_id: DE*CPO*E2,", "      - {evse_id: DE*CPO*E2, connector: 2, type: CHADEMO, power_type: DC}\n      - {evse_id: DE*CPO*E2,", 1)
		w.do("import", w.file("two.yaml", two))
		for _, id := range []string{"A", "2"} {
			cdr := strings.NewReplacer(`"K1"`, `"N`+id+`"`, "DE*CPO*E1", "DE*CPO*E2", `"connector_id": "A"`, `"connector_id": "`+id+`"`).Replace(text(t, of("c1.json")))
			w.do("import", w.file("n"+id+".json", cdr))
		}
		w.at("2026-10-31", 23)
		r := w.reported("2026-10")
		if nets(r) != "20.00" || r.Control.Credited.Sessions != 5 { // 5 × 10 kWh × 0.40
			t.Errorf("%s for %+v", nets(r), r.Control.Credited)
		}
		held := map[string]string{}
		for _, h := range r.Held {
			held[h.Session] = string(h.Reason)
		}
		if held["DE*CPO*NA"] != "unknown_connector" || held["DE*CPO*N2"] != "unpriced" {
			t.Errorf("held %v", held)
		}
		if out := w.do("sessions", "--state", "held"); !strings.Contains(out, "DE*CPO*E2/A") {
			t.Errorf("the list does not name the connector:\n%s", out)
		}
		w.clean()
	})
}

func TestCaseOCPIFloatNoise(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		of := func(name string) string { return caseFile("ocpi-float-noise", name) }
		w.at("2026-10-05", 20)
		w.do("import", of("network.yaml"))
		if r := w.taken(of("noise.json")); r != (store.ImportResult{New: 1}) {
			t.Errorf("noise: %+v", r)
		}
		if r := w.taken(of("noise-cost.json")); r != (store.ImportResult{New: 1, Rounded: 1}) {
			t.Errorf("more decimals: %+v", r)
		}
		if out := w.told(); out != "DE*CPO*F1 6.566 open ;DE*CPO*F2 10 open ;" {
			t.Errorf("sessions: %s", out)
		}
	})
}

func TestCaseOCPILocation404(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.at("2026-10-07", 20)
		w.do("import", caseFile("ocpi-location-404", "network.yaml"))
		tokens := map[string]string{}
		for _, name := range []string{"cpms", "other"} {
			w.do("users", "add", name, "--role", "finance")
			tokens[name] = strings.TrimSpace(w.do("users", "token", name, "--name", "ocpi", "--scope", "import_sessions", "--days", "30"))
		}
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan result, 1)
		serve, said := *w, &heard{}
		go func() { served <- serve.tryUntil(ctx, said, "serve", "--only", "web") }()
		pages := regexp.MustCompile(`admin pages: (http://\S+)`)
		until(t, "it listens", func() bool { return pages.MatchString(said.String()) })
		ask := func(user, method, address, body string) (int, string, json.RawMessage) {
			r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Token "+base64.StdEncoding.EncodeToString([]byte(tokens[user])))
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			var envelope struct {
				Data   json.RawMessage `json:"data"`
				Status int             `json:"status_code"`
			}
			if err := json.NewDecoder(answer.Body).Decode(&envelope); err != nil || envelope.Status == 0 {
				t.Errorf("%s %s is not answered as OCPI says: %v", method, address, err)
			}
			return answer.StatusCode, answer.Header.Get("Location"), envelope.Data
		}
		pushed := text(t, caseFile("ocpi-location-404", "cdr.json"))
		endpoint := pages.FindStringSubmatch(said.String())[1] + "/ocpi/2.2.1/cdrs"
		status, location, _ := ask("cpms", http.MethodPost, endpoint, pushed)
		if status != http.StatusCreated || location == "" {
			t.Errorf("pushed: %d, %q", status, location)
		}
		status, _, data := ask("cpms", http.MethodGet, location, "")
		var back, want map[string]any
		_, _ = json.Unmarshal(data, &back), json.Unmarshal([]byte(pushed), &want)
		if status != http.StatusOK || back["id"] != "U1" || fmt.Sprint(back) != fmt.Sprint(want) {
			t.Errorf("asked back: %d %s", status, data)
		}
		for who, address := range map[string]string{"other": location, "cpms": location + "x"} {
			if status, _, data := ask(who, http.MethodGet, address, ""); status != http.StatusNotFound || data != nil {
				t.Errorf("%s at %s: %d %s", who, address, status, data)
			}
		}
		stop()
		if r := <-served; r.status != exitDone {
			t.Errorf("serve ends with %d: %s", r.status, r.stderr)
		}
	})
}
