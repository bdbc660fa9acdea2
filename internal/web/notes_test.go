package web

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/access"
	"creditrun/internal/sessions"
	"creditrun/internal/snapshot"
	"creditrun/internal/web/page"
	"creditrun/numbering"
)

// numbersOn lists the notes to which a list links, in order.
func numbersOn(p reply) (numbers []string) {
	for _, part := range strings.Split(p.body, `<th scope="row" class="short"><a href="/notes/`)[1:] {
		number, _, _ := strings.Cut(part, `"`)
		numbers = append(numbers, number)
	}
	return numbers
}

// listed are the numbers of the notes that a filter of the store lets through,
// the latest first.
func (w *world) listed(f creditnotes.NoteFilter) (numbers []string) {
	w.t.Helper()
	for note, err := range w.store.EachNote(w.t.Context(), f) {
		must(w.t, err)
		numbers = append(numbers, note.Number)
	}
	slices.Reverse(numbers)
	return numbers
}

// latest is the latest note of an owner.
func (w *world) latest(owner string) creditnotes.NoteEntry {
	w.t.Helper()
	list, err := w.store.ListNotes(w.t.Context(), creditnotes.NoteFilter{Owner: owner}, creditnotes.Page{Limit: 1})
	must(w.t, err)
	if len(list.Notes) == 0 {
		w.t.Fatalf("no note of %s", owner)
	}
	return list.Notes[0]
}

func TestNotesAreListedAsTheFilterSays(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera := w.as("vera")
		for query, filter := range map[string]creditnotes.NoteFilter{
			"":                                   {},
			"from=2026-09&until=2026-09":         {Month: "2026-09"},
			"owner=stadtwerke-parken":            {Owner: "stadtwerke-parken"},
			"recipient=Stadtwerke+Beispielstadt": {Recipient: subCPO},
			"standing=issued&currency=CHF":       {Standing: creditnotes.StandsIssued, Currency: "CHF"},
			"standing=cancelled":                 {Standing: creditnotes.StandsCancelled},
			"delivery=queued":                    {Delivery: creditnotes.DeliveryQueued},
			"text=00012":                         {Text: "00012"},
			"run=2026-08&range=":                 {Run: "2026-08"},
		} {
			t.Run("by "+query, func(t *testing.T) {
				p := vera.get("/notes?" + query)
				p.shows(t)
				if diff := cmp.Diff(w.listed(filter), numbersOn(p)); diff != "" {
					t.Errorf("want, got: %s", diff)
				}
				totals, err := w.store.NoteTotals(t.Context(), filter)
				must(t, err)
				for _, sum := range totals {
					p.shows(t, w.server.Texts.Amount("en", sum.Currency, sum.Net), w.server.Texts.Amount("en", sum.Currency, sum.Gross))
				}
			})
		}
		for _, bad := range []string{"from=October", "owner=nobody", "after=nowhere"} {
			if p := vera.get("/notes?" + bad); p.status == http.StatusOK || p.status >= 500 || !strings.Contains(p.body, `role="alert"`) {
				t.Errorf("%s: status %d", bad, p.status)
			}
		}
	})
}

func TestAListOfNotesGoesOnOnFurtherPages(t *testing.T) {
	l := page.NewList(url.Values{"owner": {"a&b"}, "after": {"x"}, "junk": {"y"}, "text": {" "}}, page.ListOptions{Path: "/notes", Fields: noteFields, Order: "-date"})
	l.Cursors("n~1", "p~1")
	want := page.Pager{Newer: "/notes?before=p~1&owner=a%26b", Older: "/notes?after=n~1&owner=a%26b"}
	if diff := cmp.Diff(want, l.Pager); diff != "" {
		t.Errorf("want, got: %s", diff)
	}
	l = page.NewList(url.Values{}, page.ListOptions{Path: "/notes", Fields: noteFields})
	l.Cursors("n", "")
	if l.Pager.Older != "/notes?after=n" || l.Pager.Newer != "" {
		t.Errorf("without a filter: %v", l.Pager)
	}
}

func TestAPortalShowsTheOwnNotesOnly(t *testing.T) {
	w := newWorld(t)
	paul := w.as("paul")
	scope := []string{}
	for _, e := range mustBooks(t, w).Network.Tree.Subtree(subCPO) {
		scope = append(scope, e.Key)
	}
	own := w.listed(creditnotes.NoteFilter{Scope: scope})
	if got := numbersOn(paul.get("/notes")); !slices.Equal(got, own) || len(own) == 0 {
		t.Errorf("got %v, want %v", got, own)
	}
	foreign := w.latest("frischmarkt").Number
	for _, path := range []string{"", "/files/pdf", "/positions/1"} {
		paul.get("/notes/" + own[0] + path).shows(t)
		if p := paul.get("/notes/" + foreign + path); p.status != http.StatusNotFound {
			t.Errorf("%s of somebody else: status %d", path, p.status)
		}
	}
	if p := paul.post("/notes/"+foreign+"/objections", "text", "mine"); p.status != http.StatusNotFound {
		t.Errorf("objection to the note of somebody else: status %d", p.status)
	}
	for _, file := range []string{"/notes.csv", "/notes.xlsx", "/notes.zip"} {
		if p := paul.get(file); p.status != http.StatusOK || strings.Contains(p.body, foreign) {
			t.Errorf("%s: status %d, or with %s", file, p.status, foreign)
		}
	}
	if p := paul.get("/notes?owner=frischmarkt"); p.status != http.StatusNotFound {
		t.Errorf("filter by a foreign owner: status %d", p.status)
	}
}

func mustBooks(t testing.TB, w *world) *snapshot.Snapshot {
	t.Helper()
	b, err := w.server.Snapshot(context.Background())
	must(t, err)
	return b
}

func TestListsOfNotesCanBeDownloaded(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	p := vera.get("/notes.csv?from=2026-10")
	lines, err := readCSV(p.body)
	must(t, err)
	if want := w.listed(creditnotes.NoteFilter{Month: "2026-10"}); len(lines) != len(want)+1 || lines[1][0] != want[len(want)-1] {
		t.Errorf("%d lines, first %v", len(lines), lines[1])
	}
	p = vera.get("/notes.xlsx?from=2026-10")
	if files := unzipped(t, p.body); !slices.Contains(files, "xl/workbook.xml") {
		t.Errorf("no workbook: %v", files)
	}
	p = vera.get("/notes.zip?from=2026-10&owner=frischmarkt")
	number := w.latest("frischmarkt").Number
	if diff := cmp.Diff([]string{number + ".csv", number + ".pdf"}, slices.Sorted(slices.Values(unzipped(t, p.body)))); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(p.header.Get("Content-Disposition"), "notes.zip") {
		t.Errorf("Content-Disposition: %s", p.header.Get("Content-Disposition"))
	}
}

func readCSV(body string) ([][]string, error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(body, "\ufeff")))
	r.Comma = ';'
	return r.ReadAll()
}

func unzipped(t *testing.T, body string) (names []string) {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader([]byte(body)), int64(len(body)))
	must(t, err)
	for _, f := range archive.File {
		names = append(names, f.Name)
	}
	return names
}

func TestADownloadThatFailsHalfwayDoesNotLookWhole(t *testing.T) {
	w := newWorld(t)
	broken := page.Route{Pattern: "GET /", Right: page.Anyone, Serve: func(v *page.Visit) error {
		v.Who = &access.Visitor{User: access.User{Name: "anna"}}
		return v.Stream(page.TypeCSV, "broken.csv", func(out io.Writer) error {
			if _, err := out.Write(make([]byte, 1<<20)); err != nil {
				return err
			}
			return errors.New("the rest is missing")
		})
	}}
	server := httptest.NewServer(w.server.sessions.LoadAndSave(w.server.Answer(broken)))
	defer server.Close()
	answer, err := http.Get(server.URL)
	must(t, err)
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); err == nil {
		t.Errorf("%d bytes that look whole", n)
	}
}

func TestANoteShowsItsDocumentAndFigures(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	entry := w.latest("frischmarkt")
	note, err := w.store.NoteByNumber(t.Context(), entry.Number)
	must(t, err)
	files, err := w.store.Files(t.Context(), entry.ID)
	must(t, err)
	p := vera.get("/notes/" + entry.Number)
	p.shows(t, note.Hash, w.server.Texts.Amount("en", "EUR", note.Gross), `src="/notes/`+entry.Number+`/files/pdf#`)
	for _, position := range note.Positions {
		p.shows(t, position.StationName, w.server.Texts.Amount("en", "EUR", position.Net))
	}
	for _, f := range files {
		p.shows(t, f.Name)
		got := vera.get("/notes/" + entry.Number + "/files/" + string(f.Kind))
		if got.body != string(f.Content) || got.header.Get("Content-Type") != f.MediaType || got.header.Get("ETag") != `"`+f.SHA256+`"` {
			t.Errorf("%s: %d bytes, %v", f.Name, len(got.body), got.header)
		}
		want := "attachment"
		if f.Kind == creditnotes.FilePDF {
			want = "inline"
		}
		if !strings.HasPrefix(got.header.Get("Content-Disposition"), want) || !strings.Contains(got.header.Get("Content-Security-Policy"), "frame-ancestors 'self'") {
			t.Errorf("%s: %v", f.Name, got.header)
		}
	}
	asked := "/notes/" + entry.Number + "/files/xlsx" // not stored, so made now
	p.shows(t, asked, entry.Number+".xlsx")
	if first, again := vera.get(asked), vera.get(asked); !strings.HasPrefix(first.body, "PK") || first.body != again.body || first.header.Get("Content-Type") != creditnotes.TypeXLSX {
		t.Errorf("workbook: %d, %v", first.status, first.header)
	}
	for _, path := range []string{"/files/exe", "/positions/0", "/positions/99", "/positions/x"} {
		if p := vera.get("/notes/" + entry.Number + path); p.status != http.StatusNotFound {
			t.Errorf("%s: status %d", path, p.status)
		}
	}
	if strings.Contains(p.body, "/cancel") || strings.Contains(p.body, "/resend") {
		t.Error("a viewer is offered to cancel or to send")
	}
}

func TestTheSessionsBeneathAPositionAreThoseItAddsUp(t *testing.T) {
	w := newWorld(t)
	for _, note := range w.issuedNotes() {
		for i := range note.Positions {
			if note.Positions[i].Station == "" {
				continue // a sum of the month, a custom record, or a fee
			}
			p, sessions, sum := &note.Positions[i], map[string]bool{}, int64(0)
			for d, err := range note.DetailsOf(p, w.store.Details(t.Context(), note)) {
				must(t, err)
				sessions[d.Session.ExternalID] = true
				sum += int64(d.Line.Net(p.Component))
			}
			if len(sessions) != p.Sessions || sum != int64(p.Sum) {
				t.Errorf("%s, position %d: %d sessions with %d, want %d with %d", note.Number, p.Ordinal, len(sessions), sum, p.Sessions, p.Sum)
			}
		}
	}
	vera, number := w.as("vera"), w.latest("frischmarkt").Number
	whole := vera.get("/notes/" + number + "/positions/1")
	whole.shows(t, "<html", `href="/sessions/`)
	if part := vera.part("/notes/" + number + "/positions/1"); strings.Contains(part.body, "<html") || !strings.Contains(part.body, `href="/sessions/`) {
		t.Errorf("part:\n%s", part.body)
	}
}

// part asks for a part of a page, as htmx does.
func (b *browser) part(path string) reply {
	b.w.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.w.http.URL+path, nil)
	must(b.w.t, err)
	r.Header.Set("HX-Request", "true")
	r.Header.Set("Accept-Language", "en")
	return b.send(r)
}

func TestANoteIsSentAgainByWhoKnowsThePassword(t *testing.T) {
	w := newWorld(t)
	felix, entry := w.as("felix"), w.latest("frischmarkt")
	path := "/notes/" + entry.Number
	count := func() int {
		list, err := w.store.Deliveries(t.Context(), entry.ID)
		must(t, err)
		return len(list)
	}
	before := count()
	if p := felix.post(path+"/resend", "confirm_password", "wrong"); p.status != http.StatusForbidden || count() != before {
		t.Errorf("wrong password: status %d, %d mailings after %d", p.status, count(), before)
	}
	if p := w.as("vera").post(path+"/resend", "confirm_password", password); p.status != http.StatusForbidden || count() != before {
		t.Errorf("a viewer: status %d, %d mailings", p.status, count())
	}
	p := felix.post(path+"/resend", "confirm_password", password)
	p.shows(t, "Copy 1", "is sent again")
	if count() != before+1 {
		t.Errorf("%d mailings after %d", count(), before)
	}
}

func TestANoteIsSentAgainToTheAddressesThatAreChosen(t *testing.T) {
	w := newWorld(t)
	felix, entry := w.as("felix"), w.latest("frischmarkt")
	path := "/notes/" + entry.Number
	latest := func() string {
		list, err := w.store.Deliveries(t.Context(), entry.ID)
		must(t, err)
		return strings.Join(list[len(list)-1].To, " ")
	}
	stored := latest()
	config, err := w.store.Configuration(t.Context())
	must(t, err)
	for _, e := range config.Entities {
		if e.Key == "frischmarkt" {
			e.Emails = []string{"new@frischmarkt.example"}
			_, err := w.store.SaveConfiguration(t.Context(), "anna", &creditnotes.Configuration{Entities: []entities.Entity{e}}, nil)
			must(t, err)
		}
	}
	felix.get(path).shows(t, "to the addresses of today: new@frischmarkt.example", "stored with the document: "+stored)
	for _, c := range []struct{ addresses, to, want string }{
		{"", "", "new@frischmarkt.example"}, {"present", "ignored@x.example", "new@frischmarkt.example"}, {"stored", "", stored}, {"named", "a@x.example\r\nb@x.example", "a@x.example b@x.example"},
	} {
		felix.post(path+"/resend", "confirm_password", password, "addresses", c.addresses, "to", c.to).shows(t, "is sent again to "+strings.ReplaceAll(c.want, " ", ", "))
		if got := latest(); got != c.want {
			t.Errorf("%q: to %s, want %s", c.addresses, got, c.want)
		}
	}
	felix.post(path+"/resend", "confirm_password", password, "addresses", "named", "to", "nobody").
		refuses(t, http.StatusUnprocessableEntity, "nobody is not an e-mail address", `value="named" checked`, ">nobody</textarea>")
}

func TestACancelledNoteGivesItsSessionsBack(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix, entry := w.as("felix"), w.latest("frischmarkt")
		path := "/notes/" + entry.Number
		felix.get(path+"/cancel").shows(t, "What will happen", "sessions are open again", "ST-")
		form := []string{"reason", "wrong <price>", "date", "2026-11-12", "confirm_password"}
		for name, wrong := range map[string][]string{
			"wrong password": append(form[:4:4], "confirm_password", "wrong"),
			"no reason":      {"reason", " ", "date", "2026-11-12", "confirm_password", password},
			"no date":        {"reason", "why", "date", "12.11.2026", "confirm_password", password},
		} {
			if p := felix.post(path+"/cancel", wrong...); p.status == http.StatusOK || p.status >= 500 || w.latest("frischmarkt").CancelledBy != "" {
				t.Fatalf("%s: status %d", name, p.status)
			}
		}
		if p := w.as("olga").post(path+"/cancel", append(form, password)...); p.status != http.StatusForbidden {
			t.Errorf("an administrator: status %d", p.status)
		}
		felix.post(path+"/cancel", append(form, password)...).shows(t, "is cancelled by", "This credit note was cancelled by")
		list, err := w.store.ListNotes(t.Context(), creditnotes.NoteFilter{Kind: numbering.Cancellation}, creditnotes.Page{})
		must(t, err)
		by := list.Notes[0]
		if by.Cancels != entry.Number || by.Gross != -entry.Gross || by.Date != "2026-11-12" {
			t.Errorf("cancellation: %+v", by)
		}
		felix.get("/notes/"+by.Number).shows(t, `href="/notes/`+entry.Number+`"`, "wrong &lt;price&gt;", "The documents are being made")
		open, _, err := w.store.CountSessions(t.Context(), creditnotes.SessionFilter{
			State: creditnotes.SessionOpen, Owned: mustBooks(t, w).Network.Holdings("frischmarkt"),
		}, 100_000)
		must(t, err)
		if open == 0 {
			t.Error("no session is open again")
		}
		if p := felix.post(path+"/cancel", append(form, password)...); p.status != http.StatusConflict {
			t.Errorf("cancelled twice: status %d", p.status)
		}
		felix.get("/notes?standing=cancelled").shows(t, entry.Number)
	})
}

func TestAnObjectionStopsTheOwnersRunsUntilItIsSettled(t *testing.T) {
	w := newWorld(t)
	w.charged()
	paul, felix, entry := w.as("paul"), w.as("felix"), w.latest(subCPO)
	path := "/notes/" + entry.Number
	failed := func() bool {
		report, err := w.server.Runner.Preview(t.Context(), creditnotes.Request{Month: "2026-11"})
		must(t, err)
		return slices.ContainsFunc(report.Owners, func(o creditnotes.OwnerResult) bool { return o.Owner == subCPO && o.Failed != nil })
	}
	if p := paul.post(path+"/objections", "text", ""); p.status == http.StatusOK {
		t.Error("an objection without a text was taken")
	}
	paul.post(path+"/objections", "text", "too <little>").shows(t, "too &lt;little&gt;", "The recipient has objected")
	if !failed() {
		t.Error("the owner is credited in spite of the objection")
	}
	if p := paul.post(path+"/objections/withdraw", "answer", "agreed"); p.status != http.StatusForbidden {
		t.Errorf("the portal settled it: status %d", p.status)
	}
	if p := paul.post(path+"/objections", "text", "again"); p.status != http.StatusConflict {
		t.Errorf("twice: status %d", p.status)
	}
	felix.save(path, path+"/objections/withdraw", "answer", "explained").shows(t, "explained", "withdrawn")
	if failed() {
		t.Error("the owner is not credited although the objection is settled")
	}
}

func TestNumbersMayHaveSlashes(t *testing.T) {
	w := newWorld(t)
	config := &creditnotes.Configuration{NumberRanges: []numbering.Range{{
		Key: "slashes", Pattern: "GS/{YYYY}/{SEQ}", Next: 1, Reset: numbering.ResetYearly, ValidFor: []numbering.DocumentType{numbering.CreditNote},
		Scope: numbering.ScopeIssuer, Active: true,
	}}}
	_, err := w.store.SaveConfiguration(t.Context(), "test", config, []creditnotes.Setting{{Key: "number_range", Value: "slashes"}})
	must(t, err)
	w.charged()
	w.works()
	_, err = w.server.Runner.Run(t.Context(), creditnotes.Request{Month: "2026-11", Trigger: creditnotes.Manual, Who: "test", Confirmed: true})
	must(t, err)
	anna := w.as("anna")
	anna.get("/notes").shows(t, `href="/notes/GS%2F2026%2F1"`)
	p := anna.eventually("/notes/GS%2F2026%2F1", "<iframe")
	p.shows(t, "GS/2026/1", `/notes/GS%2F2026%2F1/files/pdf`)
	if got := anna.get("/notes/GS%2F2026%2F1/files/pdf"); got.status != http.StatusOK || !strings.HasPrefix(got.body, "%PDF") {
		t.Errorf("PDF: status %d", got.status)
	}
	anna.get("/notes/GS%2F2026%2F1/positions/1").shows(t, "GS/2026/1")
	anna.post("/notes/GS%2F2026%2F1/objections", "text", "no").shows(t, "The recipient has objected")
	anna.get("/notes/GS%2F2026%2F1/cancel").shows(t, "Cancel GS/2026/1")
}

func TestNotesAndSessionsWorkInABrowser(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		number := c.w.latest("frischmarkt").Number
		held := c.w.aSession(creditnotes.SessionFilter{Reason: sessions.Unpriced}).Session
		c.as("anna")
		fine := func(path string) {
			t.Helper()
			for _, complaint := range c.complaints() {
				t.Errorf("%s: %s", path, complaint)
			}
		}
		for _, path := range []string{"/notes/" + number + "/cancel", "/notes/" + number + "/positions/1", "/sessions?state=held"} {
			c.open(path)
			fine(path)
		}
		c.open("/notes/" + number)
		c.press(`a[hx-get$="/positions/1"]`)
		c.until("sessions beneath the position", `document.querySelector("#sessions-1 table a[href^='/sessions/']")`)
		c.until("the document in its frame", `document.querySelector("iframe").contentDocument !== undefined`)
		fine("/notes/" + number)
		c.open("/sessions?month=2026-10")
		c.until("the counts of the month", `document.querySelector("[hx-get] table tfoot")`)
		fine("/sessions?month=2026-10")
		c.open(page.SessionPath(held.ID))
		c.until("the price path", `document.querySelector("#why .trail")`)
		fine(page.SessionPath(held.ID))
	})
}
