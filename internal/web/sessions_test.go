package web

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// sessionsLike are the sessions that a filter of the store lets through.
func (w *world) sessionsLike(f creditnotes.SessionFilter) (rows []creditnotes.SessionRow) {
	w.t.Helper()
	for row, err := range w.store.EachSession(w.t.Context(), f) {
		must(w.t, err)
		rows = append(rows, row)
	}
	return rows
}

// aSession is one of the sessions that a filter lets through.
func (w *world) aSession(f creditnotes.SessionFilter) creditnotes.SessionRow {
	w.t.Helper()
	list := w.sessionsLike(f)
	if len(list) == 0 {
		w.t.Fatalf("no session like %+v", f)
	}
	return list[0]
}

// imports takes sessions in.
func (w *world) imports(list ...sessions.Session) {
	w.t.Helper()
	source := func(yield func(sessions.Session, error) bool) {
		for _, s := range list {
			if !yield(s, nil) {
				return
			}
		}
	}
	_, err := w.store.ImportSessions(w.t.Context(), "test", source, store.ImportOptions{Name: "test"})
	must(w.t, err)
}

func TestSessionsAreListedAsTheFilterSays(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera, b := w.as("vera"), mustBooks(t, w)
		october := creditnotes.SessionFilter{
			From: time.Date(2026, 9, 30, 22, 0, 0, 0, time.UTC), Until: time.Date(2026, 10, 31, 23, 0, 0, 0, time.UTC),
		}
		like := func(change func(*creditnotes.SessionFilter)) creditnotes.SessionFilter {
			f := october
			change(&f)
			return f
		}
		for query, filter := range map[string]creditnotes.SessionFilter{
			"month=2026-10":                   october,
			"month=2026-10&owner=frischmarkt": like(func(f *creditnotes.SessionFilter) { f.Owned = b.Network.Holdings("frischmarkt") }),
			"month=2026-10&state=held":        like(func(f *creditnotes.SessionFilter) { f.State = creditnotes.SessionHeld }),
			"state=held&reason=overlap":       {Reason: sessions.Overlap},
			"month=2026-10&text=20261031-E32": like(func(f *creditnotes.SessionFilter) { f.Name = "20261031-E32" }),
			"month=2026-10&class=bilateral": like(func(f *creditnotes.SessionFilter) {
				f.Matches = func(s *sessions.Session) bool { return b.Network.Class(s) == sessions.Bilateral }
			}),
			"month=2026-10&station=CAF-01":         like(func(f *creditnotes.SessionFilter) { f.Connectors = connectorIDs(b, "CAF-01") }),
			"month=2026-10&station=no-such&owner=": {},
		} {
			t.Run("by "+query, func(t *testing.T) {
				p := vera.get("/sessions?" + query)
				if strings.Contains(query, "no-such") {
					if p.status != http.StatusNotFound || !strings.Contains(p.body, "There is no station no-such.") {
						t.Errorf("status %d", p.status)
					}
					return
				}
				want := w.sessionsLike(filter)
				slices.Reverse(want)
				p.shows(t)
				if len(want) == 0 {
					t.Fatal("proves nothing")
				}
				if got := strings.Count(p.body, `<th scope="row"><a href="/sessions/`); got != min(len(want), rowsPerPage) {
					t.Errorf("%d sessions of %d", got, len(want))
				}
				for _, row := range want[:min(len(want), rowsPerPage)] {
					if !strings.Contains(p.body, `href="`+page.SessionPath(row.Session.ID)+`"`) {
						t.Errorf("%s is missing", row.Session.ExternalID)
					}
				}
			})
		}
		counts := vera.part("/sessions/counts?month=2026-10")
		var n int64
		list, err := w.store.SessionCounts(t.Context(), october)
		must(t, err)
		for _, c := range list {
			n += c.Sessions
			counts.shows(t, w.server.Texts.Number("en", c.Sessions, 0))
		}
		counts.shows(t, w.server.Texts.Number("en", n, 0))
	})
}

func connectorIDs(b *snapshot.Snapshot, station string) (ids []int64) {
	for _, p := range b.Places()[station] {
		ids = append(ids, p.Connector.ID)
	}
	return ids
}

func TestTheListOfSessionsBeginsWithTheRunningMonth(t *testing.T) {
	w := newWorld(t)
	w.charged()
	vera := w.as("vera")
	p := vera.get("/sessions")
	p.shows(t, `name="month" value="2026-11"`, "nov-", `hx-get="/sessions/counts?month=2026-11"`)
	if strings.Contains(p.body, ">2026103") {
		t.Error("sessions of October")
	}
	vera.get("/sessions?month=&owner=").shows(t, `href="/sessions.csv?month="`) // all months stay all months
}

func TestAPortalShowsTheOwnSessionsOnly(t *testing.T) {
	w := newWorld(t)
	paul, b := w.as("paul"), mustBooks(t, w)
	own := w.aSession(creditnotes.SessionFilter{Owned: b.Network.Holdings(subCPO), State: creditnotes.SessionCredited})
	foreign := w.aSession(creditnotes.SessionFilter{Owned: b.Network.Holdings("frischmarkt"), State: creditnotes.SessionCredited})
	nobodys := w.aSession(creditnotes.SessionFilter{Reason: sessions.UnknownConnector})
	p := paul.get(page.SessionPath(own.Session.ID))
	p.shows(t, own.Session.ExternalID, "Why this amount?")
	if uid := own.Session.MediumUID; uid != "" && strings.Contains(p.body, uid) {
		t.Errorf("the medium %s is not masked", uid)
	}
	for _, s := range []sessions.Session{foreign.Session, nobodys.Session} {
		for _, path := range []string{page.SessionPath(s.ID), page.SessionPath(s.ID) + "/why", "/sessions/find?name=" + url.QueryEscape(s.ExternalID)} {
			if p := paul.get(path); p.status != http.StatusNotFound {
				t.Errorf("%s: status %d", path, p.status)
			}
		}
		if p := paul.post(page.SessionPath(s.ID)+"/questions", "text", "why?"); p.status != http.StatusNotFound {
			t.Errorf("question: status %d", p.status)
		}
	}
	lines, err := readCSV(paul.get("/sessions.csv?month=").body)
	must(t, err)
	keys := []string{}
	for _, e := range b.Network.Tree.Subtree(subCPO) {
		keys = append(keys, e.Key)
	}
	scope := w.sessionsLike(creditnotes.SessionFilter{Owned: b.Network.Holdings(keys...)})
	if len(lines) != len(scope)+1 || len(scope) < 100 {
		t.Errorf("%d lines of %d sessions", len(lines), len(scope))
	}
	if p := paul.post("/sessions/judge", "id", strconv.FormatInt(own.Session.ID, 10), "action", "release", "reason", "x"); p.status != http.StatusForbidden {
		t.Errorf("release: status %d", p.status)
	}
	if p := paul.get("/sessions?owner=frischmarkt"); p.status != http.StatusNotFound {
		t.Errorf("filter by a foreign owner: status %d", p.status)
	}
}

func TestASubCPODoesNotReadConditionsForOthers(t *testing.T) {
	w := newWorld(t)
	b := mustBooks(t, w)
	own := w.aSession(creditnotes.SessionFilter{Owned: b.Network.Holdings("stadtwerke-parken"), State: creditnotes.SessionCredited})
	why := page.SessionPath(own.Session.ID) + "/why"
	w.as("vera").get(why).shows(t, "hotel-alpen", "LP-FLAT") // LP-FLAT has a price of its own for that company
	p := w.as("paul").get(why)
	p.shows(t, "LP-FLAT")
	p.lacks(t, "hotel-alpen", "flat-alpen")
}

func TestAllSessionsOfAPageAreChosenByALink(t *testing.T) {
	w := newWorld(t)
	p := w.as("felix").get("/sessions?reason=too_long&chosen=all")
	if boxes, ticked := strings.Count(p.body, `name="id"`), strings.Count(p.body, " checked>"); boxes == 0 || boxes != ticked {
		t.Errorf("%d of %d are chosen", ticked, boxes)
	}
	p = w.as("felix").get("/sessions?reason=too_long")
	p.shows(t, "/sessions?chosen=all&amp;reason=too_long#judging")
	p.lacks(t, " checked>")
}

func TestManySessionsAreReleasedAtOnce(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	held := w.sessionsLike(creditnotes.SessionFilter{Reason: sessions.TooLong})
	credited := w.aSession(creditnotes.SessionFilter{State: creditnotes.SessionCredited})
	fields := []string{"back", "/sessions?state=held", "action", "release"}
	for _, row := range held {
		fields = append(fields, "id", strconv.FormatInt(row.Session.ID, 10))
	}
	released := func() (n int) {
		for _, row := range w.sessionsLike(creditnotes.SessionFilter{Reason: sessions.TooLong}) {
			if row.Session.Released {
				n++
			}
		}
		return n
	}
	if p := felix.post("/sessions/judge", fields...); p.status == http.StatusOK || !strings.Contains(p.body, "needs a reason") || released() != 0 {
		t.Errorf("without a reason: status %d, %d released", p.status, released())
	}
	if p := felix.post("/sessions/judge", fields[:4]...); p.status == http.StatusOK || !strings.Contains(p.body, "No session is chosen") {
		t.Errorf("without a session: status %d", p.status)
	}
	fields = append(fields, "reason", "checked", "id", strconv.FormatInt(credited.Session.ID, 10))
	for _, sure := range []string{"", "1"} {
		felix.post("/sessions/judge", append(fields, "sure", sure)...).
			refuses(t, fault.Unconfirmed.HTTPStatus(), fmt.Sprintf("%d sessions are released", len(held)+1), "kWh", "checked", fmt.Sprintf(`name="sure" value="%d"`, len(held)+1))
		if released() != 0 {
			t.Fatal("released without a second question")
		}
	}
	p := felix.post("/sessions/judge", append(fields, "sure", strconv.Itoa(len(held)+1))...)
	if p.status != http.StatusConflict || !strings.Contains(p.body, credited.Session.ExternalID) || released() != len(held) {
		t.Errorf("status %d, %d of %d released\n%s", p.status, released(), len(held), p.body)
	}
	felix.get(page.SessionPath(held[0].Session.ID)).shows(t, "checked", "released")
	id := strconv.FormatInt(held[0].Session.ID, 10)
	felix.post("/sessions/judge", "back", page.SessionPath(held[0].Session.ID), "id", id, "action", "invalidate", "reason", "a test charge").
		refuses(t, http.StatusConflict, "was changed by felix") // the form does not know of the release
	felix.save(page.SessionPath(held[0].Session.ID), "/sessions/judge", "back", page.SessionPath(held[0].Session.ID), "action", "invalidate", "reason", "a test charge").shows(t, "is invalid now", "a test charge")
}

func TestWhyThisAmountSaysWhatTheExplanationSays(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	filters := map[string]creditnotes.SessionFilter{
		"credited": {State: creditnotes.SessionCredited}, "held for its length": {Reason: sessions.TooLong},
		"without a price": {Reason: sessions.Unpriced}, "excluded": {State: creditnotes.SessionExcluded}, "settled over zero": {State: creditnotes.SessionZero},
	}
	for name, filter := range filters {
		t.Run("a session "+name, func(t *testing.T) {
			list := w.sessionsLike(filter)
			for _, row := range list[:min(len(list), 5)] {
				e, err := w.server.Runner.Explain(t.Context(), w.store, &row.Session)
				must(t, err)
				want := e.JSON()
				p := vera.part(page.SessionPath(row.Session.ID) + "/why")
				p.shows(t)
				text := html.UnescapeString(p.body)
				expect := func(word string) {
					if !strings.Contains(text, word) {
						t.Errorf("%s: %q is missing\n%s", want.Session, word, text)
					}
				}
				for _, tried := range want.Tried {
					word, err := w.server.Texts.Text("en", "why_"+string(tried.Why), nil)
					must(t, err)
					expect(word)
					expect(tried.Tariff)
				}
				for _, step := range want.Steps {
					expect(step.Units)
					expect(step.Amount)
				}
				if want.Outcome == creditnotes.OutcomePriced {
					for _, amount := range []string{want.Components.Energy, want.Components.Time, want.Components.Fee, want.Total} {
						expect(amount)
					}
					expect(fmt.Sprintf("Cost rate %s, version %d", want.CostRate, want.Version))
				} else {
					word, err := w.server.Texts.Text("en", "reason_"+string(want.Reason), nil)
					must(t, err)
					expect(word)
				}
			}
		})
	}
}

// escaped is a text as a page has it.
func escaped(text string) string { return strings.ReplaceAll(html.EscapeString(text), "+", "&#43;") }

func TestHostileNamesAreShownAsTheyAre(t *testing.T) {
	w := newWorld(t)
	place := mustBooks(t, w).Places()["CAF-01"][0]
	evil := []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `../../etc/passwd`, `a'b"c&d`, `=1+1`}
	for i, name := range evil {
		start := today.Add(time.Duration(i-48) * time.Hour)
		w.imports(sessions.Session{
			Source: "evil<b>", ExternalID: name, EVSEID: place.Connector.EVSEID, Connector: place.Connector.Number, MediumUID: "<i>04A1",
			Start: start, End: start.Add(time.Minute * 30), Duration: 1800, Energy: money.Quantity(5_000_000), Status: sessions.Valid,
		})
	}
	anna := w.as("anna")
	list := anna.get("/sessions?month=2026-11")
	for _, name := range evil {
		list.shows(t, escaped(name))
		p := anna.get("/sessions/find?name=" + url.QueryEscape(name))
		p.shows(t, escaped(name), "&lt;i&gt;04A1")
		anna.post(p.path+"/questions", "text", name).shows(t, escaped(name))
		anna.part(p.path + "/why").shows(t)
		anna.get("/sessions?text="+url.QueryEscape(name)).shows(t, escaped(name))
	}
	for _, path := range []string{"/sessions?month=2026-11", "/sessions?month=&text=" + url.QueryEscape(evil[0])} {
		if p := anna.get(path); strings.Contains(p.body, "<script>alert") || strings.Contains(p.body, "<img") {
			t.Errorf("%s runs a script", path)
		}
	}
	for _, path := range []string{"/sessions/..%2f", "/sessions/%3Cscript%3E", "/sessions/99999999", "/notes/%2e%2e", "/notes/" + url.PathEscape(evil[0])} {
		if p := anna.get(path); p.status != http.StatusNotFound || strings.Contains(p.body, "<script>alert") {
			t.Errorf("%s: status %d", path, p.status)
		}
	}
	lines, err := readCSV(anna.get("/sessions.csv?month=2026-11&text=%3D").body)
	must(t, err)
	if len(lines) != 2 || lines[1][1] != "'=1+1" {
		t.Errorf("a formula in the file: %v", lines)
	}
	if files := unzipped(t, anna.get("/sessions.xlsx?month=2026-11").body); !slices.Contains(files, "xl/workbook.xml") {
		t.Errorf("no workbook: %v", files)
	}
}

func TestAPageAsksWhatARecordWithAnothersIDIs(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix")
		credited := w.aSession(creditnotes.SessionFilter{State: creditnotes.SessionCredited})
		var list []sessions.Session
		for _, days := range []int{40, 41} {
			again := credited.Session
			again.Start, again.End = again.Start.AddDate(0, 0, days*2), again.End.AddDate(0, 0, days*2)
			list = append(list, again)
		}
		w.imports(list...)
		waiting := w.sessionsLike(creditnotes.SessionFilter{Reason: sessions.IDReused})
		if len(waiting) != 2 {
			t.Fatalf("%d sessions wait", len(waiting))
		}
		path := page.SessionPath(waiting[0].Session.ID)
		felix.get(path).shows(t, "which another session has", page.SessionPath(credited.Session.ID), "It is a correction of "+credited.Session.ExternalID)
		felix.get("/sessions?reason=id_reused&month=").shows(t, "The chosen are corrections")
		judge := func(row creditnotes.SessionRow, action string) reply {
			return felix.post("/sessions/judge", "back", page.SessionPath(row.Session.ID), "id", strconv.FormatInt(row.Session.ID, 10), "action", action, "reason", "asked")
		}
		judge(waiting[0], "separate").shows(t, "is now separate", "a session of its own")
		judge(waiting[1], "merge").shows(t, "is a correction now")
		if p := felix.get(page.SessionPath(waiting[1].Session.ID)); p.status != http.StatusNotFound {
			t.Errorf("the page of what is a version of another session now: %d", p.status)
		}
		history, err := w.store.SessionHistory(t.Context(), credited.Session.ID)
		must(t, err)
		felix.get(page.SessionPath(history.Versions[0].ID)).shows(t, "a record of the same id is a correction")
	})
}

func TestQuestionsAboutASessionAreAnswered(t *testing.T) {
	w := newWorld(t)
	own := w.aSession(creditnotes.SessionFilter{Owned: mustBooks(t, w).Network.Holdings(subCPO)})
	paul, felix, path := w.as("paul"), w.as("felix"), page.SessionPath(own.Session.ID)
	if p := paul.post(path+"/questions", "text", " "); p.status == http.StatusOK {
		t.Error("an empty question was taken")
	}
	paul.post(path+"/questions", "text", "why so little?").shows(t, "why so little?", "open")
	questions, err := w.store.SessionQueries(t.Context(), store.QuestionFilter{Open: true})
	must(t, err)
	answer := fmt.Sprintf("%s/questions/%d", path, questions[0].ID)
	if p := paul.post(answer, "answer", "because"); p.status != http.StatusForbidden {
		t.Errorf("the portal answered: status %d", p.status)
	}
	other := w.aSession(creditnotes.SessionFilter{Owned: mustBooks(t, w).Network.Holdings("frischmarkt")})
	if p := felix.post(fmt.Sprintf("%s/questions/%d", page.SessionPath(other.Session.ID), questions[0].ID), "answer", "because"); p.status != http.StatusNotFound {
		t.Errorf("answered at another session: status %d", p.status)
	}
	felix.post(answer, "answer", "the rate changed").shows(t, "the rate changed")
	paul.get(path).shows(t, "the rate changed", "answered")
}

func TestTheHistoryOfASessionIsShown(t *testing.T) {
	w := newWorld(t)
	for _, note := range w.issuedNotes() {
		for d, err := range w.store.Details(t.Context(), note) {
			must(t, err)
			if d.Line.Kind == creditnotes.LineReversal && d.CorrectionOf != "" {
				w.as("vera").get(page.SessionPath(d.Session.ID)).shows(t, "Versions", "taken back", note.Number, d.CorrectionOf)
				return
			}
		}
	}
	t.Fatal("no corrected session")
}
