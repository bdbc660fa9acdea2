package web

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/sessions"
	"creditrun/internal/settlement"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

var update = flag.Bool("update", false, "write the golden files anew")

// rightsFile is the table of who comes in where.
const rightsFile = "testdata/rights.txt"

// samples say what to put into the placeholders of a pattern: by the pattern
// up to the placeholder, or else by the placeholder alone.
type samples map[string]string

// path fills in a pattern. It tells what is missing, and whether a sample of
// these was needed at all.
func (s samples) path(pattern string, otherwise samples) (path string, used bool, err error) {
	_, pattern, _ = strings.Cut(pattern, " ")
	segments := strings.Split(strings.TrimSuffix(pattern, "{$}"), "/")
	for i, segment := range segments {
		if !strings.HasPrefix(segment, "{") {
			continue
		}
		value, found := s.of(strings.Join(strings.Split(pattern, "/")[:i+1], "/"), segment)
		used = used || found
		if !found {
			value, found = otherwise.of(strings.Join(strings.Split(pattern, "/")[:i+1], "/"), segment)
		}
		if !found {
			return "", false, fmt.Errorf("%s: say in samplesOf what to put into %s", pattern, segment)
		}
		segments[i] = value
	}
	return strings.Join(segments, "/"), used, nil
}

func (s samples) of(prefix, placeholder string) (string, bool) {
	if value, found := s[prefix]; found {
		return value, true
	}
	value, found := s[placeholder]
	return value, found
}

// payoutsPaid makes, exports and executes payouts, and returns the number of one to
// the Sub-CPO of the tests, and of one to another.
func payoutsPaid(t testing.TB, w *world) map[bool]string {
	t.Helper()
	b, err := w.store.PreparePayouts(t.Context(), "test", payoutDay)
	must(t, err)
	must(t, w.store.ApprovePayouts(t.Context(), "another", b.ID))
	_, _, err = w.store.ExportPayouts(t.Context(), "test", b.ID)
	must(t, err)
	numbers := map[bool]string{}
	for _, p := range b.Payouts {
		must(t, w.store.ExecutePayout(t.Context(), "test", p.Number, "2026-11-12"))
		numbers[p.Entity == subCPO] = p.Number
	}
	_, err = w.server.Runner.AdviseRemittances(t.Context(), "test")
	must(t, err)
	return numbers
}

// samplesOf are things that there are: those that paul may see where it
// depends on that, and others that he may not.
func samplesOf(w *world) (own, foreign samples) {
	t, ctx := w.t, w.t.Context()
	run, err := w.store.RunByName(ctx, "2026-10")
	must(t, err)
	notes, err := w.store.RunNotes(ctx, run.ID)
	must(t, err)
	w.contracts(
		settlement.Contract{Key: "own-share", Owner: subCPO, From: "2026-10", Active: true},
		settlement.Contract{Key: "foreign-share", Owner: "gemeinde", From: "2026-10", Active: true},
	)
	b, err := w.server.Snapshot(ctx)
	must(t, err)
	paul := b.Visitor(w.user(t, "paul"), nil)
	numbers := map[bool]*creditnotes.Note{} // by whether paul may see them
	for _, n := range notes {
		if n.Number != "" {
			numbers[paul.Sees(n.Recipient)] = n
		}
	}
	stations := map[bool]string{}
	for _, s := range b.Config.Stations {
		stations[slices.ContainsFunc(s.Owners, func(o entities.Ownership) bool { return paul.Sees(o.Entity) })] = s.Key
	}
	_, err = w.store.AddWebhook(ctx, "test", store.Webhook{URL: "https://erp.example", Events: store.HookEvents(), Active: true})
	must(t, err)
	_, err = w.store.AddToken(ctx, access.Actor{Name: "test", Server: true}, access.Token{UserID: w.user(w.t, "vera").ID, Name: "t", Hash: "t", Scopes: []access.Right{access.Read}, ExpiresAt: today.Add(time.Hour)})
	must(t, err)
	held := map[bool]sessions.Session{} // by whether paul may see them
	for mine, keys := range map[bool][]string{true: {subCPO}, false: {"frischmarkt"}} {
		held[mine] = w.aSession(creditnotes.SessionFilter{Owned: b.Network.Holdings(keys...)}).Session
	}
	_, err = w.store.AskAboutSession(ctx, "test", held[true].Source, held[true].ExternalID, "", "why?")
	must(t, err)
	must(t, w.store.SaveCustomRole(ctx, access.Actor{Name: "test"}, access.CustomRole{Role: "letters", Name: "Letters", Rights: []access.Right{access.Send}}))
	record := creditnotes.CustomRecord{Key: "record-1", Owner: subCPO, Month: "2026-10", Date: "2026-10-31", Text: "Rent", Net: 1000, Direction: creditnotes.Credited}
	_, err = w.store.SaveCustomRecord(ctx, "test", &record)
	must(t, err)
	_, err = w.store.ImportBank(ctx, "test", strings.NewReader(statementOf), store.ImportOptions{Name: "statement.xml"})
	must(t, err)
	_, err = w.store.KeepArchive(ctx, "test", 2026, func(out io.Writer) error { _, err := io.WriteString(out, "zip"); return err })
	must(t, err)
	paid := payoutsPaid(t, w)
	reminders := remindersSent(t, w, paid)
	w.closed("2026-10")
	own = samples{
		"{month}":                          "2026-10",
		"/accounting/{month}/files/{name}": "journal_2026-10.csv",
		"/reminders/{number}":              reminders[true],
		"/payouts/{number}":                paid[true],
		"/custom-records/{key}":            "record-1",
		"/sessions/{id}":                   formatID(held[true].ID),
		"{kind}":                           "pdf",
		"{ordinal}":                        "1",
		"{question}":                       "1",
		"{key}":                            subCPO,
		"{id}":                             "1",
		"{number}":                         numbers[true].Number,
		"{name}":                           run.Name,
		"/users/{name}":                    "vera",
		"/colleagues/{name}":               "none",
		"{role}":                           "letters",
		"{what}":                           "stations",
		"/invite/{secret}":                 "none",
		"/overview/{part}":                 "month",
		"/ranges/{key}":                    b.Config.NumberRanges[0].Key,
		"/stations/{key}":                  stations[true],
		"/reports/{name}":                  creditnotes.ReportName(subCPO, run.Name, "EUR"),
		"/contracts/{key}":                 "own-share",
		"/partners/{id}":                   b.Config.Partners[0].ID(),
		"/taxes/{key}":                     b.Config.TaxAccounts[0].Key,
		"/tariffs/charge-point/{key}":      b.Config.Tariffs.ChargePoint[0].Key,
		"/tariffs/community/{key}":         b.Config.Tariffs.Community[0].Key,
		"/tariffs/sales/{key}":             b.Config.Tariffs.Sales[0].Key,
		"/tariffs/rates/{key}":             b.Config.Tariffs.CostRates[0].Key,
		"/tariffs/what-if/{id}":            "none",
		"/reprices/preview/{id}":           "none",
		"/reprices/work/{id}":              "none",
		"/archive-work/{id}":               "none",
		"/runs/{name}/drafts/{id}":         "none",
		"/changes/{id}":                    "none",
		"/settings/logo/{sha256}":          "none",
		"/layouts/{key}":                   "none",
		"/layouts/{key}/preview":           "none",
		"/settings/switch/{key}":           "credit_run",
		"/audit/checks/{id}":               "none",
		"/bank/files/{id}":                 "none",
		"/uploads/{id}":                    "none",
		"/formats/{file}":                  "sessions.csv",
		"/media/{uid}":                     "new",
		"/webhooks/{id}/events/{event}":    "1",
	}
	foreign = samples{
		"/payouts/{number}":   paid[false],
		"/reminders/{number}": reminders[false],
		"/sessions/{id}":      formatID(held[false].ID),
		"/entities/{key}":     "gemeinde",
		"{number}":            numbers[false].Number,
		"/stations/{key}":     stations[false],
		"/reports/{name}":     creditnotes.ReportName("frischmarkt", run.Name, "EUR"),
		"/contracts/{key}":    "foreign-share",
	}
	return own, foreign
}

// walker is a person who tries every route.
type walker struct {
	*world
	name string // empty: an outsider
	*browser
}

// walk makes a world of its own and a person in it.
func walk(t *testing.T, name string) (*walker, samples, samples) {
	w := &walker{world: newWorld(t), name: name}
	own, foreign := samplesOf(w.world)
	w.enter()
	return w, own, foreign
}

func (w *walker) enter() {
	w.browser = w.outsider()
	if w.name != "" {
		w.browser = w.as(w.name)
	}
	w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
}

// stays logs in again where a route has ended the login; time goes by, so that
// it is not throttled.
func (w *walker) stays() {
	if status, _ := w.ask("GET", "/account", nil); w.name != "" && status != http.StatusOK {
		w.later(time.Hour)
		w.enter()
	}
}

// ask sends a request with an empty form and returns the beginning of the
// answer.
func (w *walker) ask(method, path string, header http.Header) (status int, answer string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, w.http.URL+path, strings.NewReader(""))
	must(w.t, err)
	r.Header.Set("Accept-Language", "en")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for name, values := range header {
		r.Header[name] = values
	}
	got, err := w.client.Do(r)
	must(w.t, err)
	defer got.Body.Close()
	if location := got.Header.Get("Location"); location != "" {
		return got.StatusCode, location
	}
	if strings.HasPrefix(got.Header.Get("Content-Type"), "text/event-stream") {
		return got.StatusCode, "" // it goes on for long
	}
	content, err := io.ReadAll(io.LimitReader(got.Body, 1<<20))
	must(w.t, err)
	return got.StatusCode, string(content)
}

// What came of a request.
const (
	inside  = "yes"
	refused = "no"
	absent  = "absent" // there is no such thing for this person
	toLogin = "login"
)

// try says what comes of a route.
func (w *walker) try(rt page.Route, path string) string {
	w.t.Helper()
	method, _, _ := strings.Cut(rt.Pattern, " ")
	status, answer := w.ask(method, path, nil)
	switch {
	case status >= 500:
		w.t.Errorf("%s: %s %s breaks with status %d\n%s", w.name, method, path, status, answer)
	case status == http.StatusNotFound:
		return absent
	case status == http.StatusForbidden && strings.Contains(answer, "You do not have the right to do this"):
		return refused
	case status == http.StatusSeeOther && strings.HasPrefix(answer, "/login") && rt.Right != page.Anyone:
		return toLogin
	}
	return inside
}

// admitted tells who is let in by the table of rights.
func (w *walker) admitted(rt page.Route) bool {
	if w.name == "" || rt.Right == page.Anyone || rt.Right == page.Everyone {
		return rt.Right == page.Anyone || w.name != "" && !rt.Operator
	}
	who := access.Visitor{User: *w.user(w.t, w.name), Operator: w.name != "paul", Licensed: true}
	return who.May(rt.Right) && (who.Operator || !rt.Operator)
}

// inOrder are all routes, those that only look first.
func (w *walker) inOrder() (list []page.Route) {
	for _, method := range []string{"GET ", "POST "} {
		for _, rt := range w.server.siteMap() {
			if strings.HasPrefix(rt.Pattern, method) {
				list = append(list, rt)
			}
		}
	}
	return list
}

// column walks all routes as a person and returns what came of each.
func column(t *testing.T, name string) (results, elsewhere map[string]string) {
	w, own, foreign := walk(t, name)
	results, elsewhere = map[string]string{}, map[string]string{}
	for _, rt := range w.inOrder() {
		path, _, err := own.path(rt.Pattern, nil)
		if err != nil {
			t.Fatal(err)
		}
		results[rt.Pattern] = w.expected(t, rt, path)
		if path, differs, _ := foreign.path(rt.Pattern, own); differs {
			if elsewhere[rt.Pattern] = w.try(rt, path); name == "paul" && elsewhere[rt.Pattern] == inside {
				t.Errorf("paul gets %s", path)
			}
		}
		w.stays()
	}
	return results, elsewhere
}

// expected tries a route and compares what comes of it with the table of
// rights.
func (w *walker) expected(t *testing.T, rt page.Route, path string) string {
	t.Helper()
	head := w.head(t)
	got := w.try(rt, path)
	admitted := w.admitted(rt)
	switch {
	case admitted && got == absent && rt.Operator && strings.HasPrefix(rt.Pattern, "GET ") && !strings.Contains(path, "/none"):
		t.Errorf("%s: there is no %s; say in samplesOf what to put there", rt.Pattern, path)
	case admitted && (got == refused || got == toLogin):
		t.Errorf("%q is not let into %s: %s", w.name, rt.Pattern, got)
	case !admitted && w.name == "" && got != toLogin:
		t.Errorf("an outsider at %s: %s", rt.Pattern, got)
	case !admitted && got == inside:
		t.Errorf("%q is let into %s", w.name, rt.Pattern)
	}
	if !admitted && w.head(t) != head {
		t.Errorf("%q changed something with %s", w.name, rt.Pattern)
	}
	return got
}

func TestEveryoneComesInWhereTheRightsSay(t *testing.T) {
	names := []string{"", "anna", "olga", "felix", "vera", "paul"}
	columns := make([]map[string]string, len(names))
	var elsewhere map[string]string
	for i, name := range names {
		t.Run("as "+name, func(t *testing.T) { columns[i], elsewhere = column(t, name) })
	}
	if t.Failed() {
		return
	}
	lines := []string{tableLine("route", "right", append([]string{"outsider"}, append(names[1:], "paul, what is not his")...))}
	for _, rt := range newWorld(t).server.siteMap() {
		var cells []string
		for _, column := range append(columns, elsewhere) {
			cells = append(cells, column[rt.Pattern])
		}
		lines = append(lines, tableLine(rt.Pattern, string(rt.Right), cells))
	}
	if *update {
		must(t, os.WriteFile(rightsFile, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	}
	want, err := os.ReadFile(rightsFile)
	must(t, err)
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(string(want)), "\n"), lines); diff != "" {
		t.Errorf("%s says otherwise; look at it after go test ./internal/web -run %s -update\n%s", rightsFile, t.Name(), diff)
	}
}

// tableLine is a line of the table, in columns.
func tableLine(route, right string, cells []string) string {
	line := fmt.Sprintf("%-52s %-17s", route, right)
	for _, cell := range cells {
		line += fmt.Sprintf(" %-8s", cell)
	}
	return strings.TrimRight(line, " ")
}

func TestNothingIsCreditedWithoutTheLicence(t *testing.T) {
	w, own, _ := walk(t, "anna")
	w.set("credit_run", "false")
	licensed := map[access.Right]int{access.Preview: 0, access.Draft: 0, access.Approve: 0, access.Send: 0, access.Cancel: 0}
	for _, rt := range w.server.siteMap() {
		if _, needs := licensed[rt.Right]; !needs {
			continue
		}
		path, _, err := own.path(rt.Pattern, nil)
		must(t, err)
		head := w.head(t)
		if got := w.try(rt, path); got != refused || w.head(t) != head {
			t.Errorf("%s: %s", rt.Pattern, got)
		}
		licensed[rt.Right]++
	}
	t.Logf("routes by right: %v", licensed)
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	for _, name := range []string{"", "anna"} {
		w, own, _ := walk(t, name)
		head := w.head(t)
		for _, rt := range w.server.siteMap() {
			if !strings.HasPrefix(rt.Pattern, "POST ") {
				continue
			}
			path, _, err := own.path(rt.Pattern, nil)
			must(t, err)
			for claim, header := range map[string]http.Header{
				"from another site":       {"Sec-Fetch-Site": {"cross-site"}},
				"from a sister site":      {"Sec-Fetch-Site": {"same-site"}},
				"of a browser of old":     {"Sec-Fetch-Site": nil, "Origin": {"https://evil.example"}},
				"with a form's own words": {"Sec-Fetch-Site": {"cross-site"}, "Origin": {"null"}},
			} {
				if status, _ := w.ask("POST", path, header); status != http.StatusForbidden {
					t.Errorf("%q, %s, %s: status %d", name, path, claim, status)
				}
			}
		}
		if w.head(t) != head {
			t.Errorf("%q: something was changed", name)
		}
	}
}

func TestRoutesWithoutASampleAreTold(t *testing.T) {
	own := samples{"{id}": "1", "/users/{name}": "vera"}
	if path, _, err := own.path("GET /users/{name}/tokens/{id}", nil); err != nil || path != "/users/vera/tokens/1" {
		t.Errorf("%q, %v", path, err)
	}
	if _, _, err := own.path("GET /news/{name}", nil); err == nil || !strings.Contains(err.Error(), "/news/{name}: say in samplesOf what to put into {name}") {
		t.Error(err)
	}
	if path, used, err := (samples{"{id}": "2"}).path("GET /users/{name}", own); err != nil || used || path != "/users/vera" {
		t.Errorf("%q, %v, %v", path, used, err)
	}
}
