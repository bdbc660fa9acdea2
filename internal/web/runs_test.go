package web

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"creditrun/cmd/creditrun/demo"
	"creditrun/creditnotes"
	"creditrun/internal/document"
	"creditrun/internal/intake"
	"creditrun/internal/sessions"
	"creditrun/internal/store"
	"creditrun/internal/web/page"
)

// works renders the documents of runs, as a process beside the pages would.
func (w *world) works() {
	w.t.Helper()
	renderer, err := document.New(w.server.Texts)
	must(w.t, err)
	stop, err := w.store.StartWork(context.Background(), store.Work{
		Render:        func(ctx context.Context, id int64) error { return w.server.Runner.Render(ctx, id, renderer) },
		RenderWorkers: 2,
		Failed:        func(err error) { w.t.Log(err) },
	})
	must(w.t, err)
	w.t.Cleanup(stop)
}

// set changes settings; the values follow their keys.
func (w *world) set(pairs ...string) {
	w.t.Helper()
	var settings []creditnotes.Setting
	for i := 0; i+1 < len(pairs); i += 2 {
		settings = append(settings, creditnotes.Setting{Key: pairs[i], Value: pairs[i+1]})
	}
	_, err := w.store.SaveConfiguration(w.t.Context(), "test", &creditnotes.Configuration{}, settings)
	must(w.t, err)
}

// charged lets November have sessions: those of October once more, a month
// later.
func (w *world) charged() {
	w.t.Helper()
	batches, err := demo.Batches(today)
	must(w.t, err)
	head, rows, _ := strings.Cut(string(batches[2].CSV), "\n")
	november := head + "\n"
	for i, row := range strings.Split(rows, "\n") {
		if strings.Count(row, "2026-10-0") >= 2 && i < 2000 {
			november += "nov-" + strings.ReplaceAll(row, "2026-10-0", "2026-11-0") + "\n"
		}
	}
	_, err = w.store.ImportSessions(w.t.Context(), "test", intake.ReadCSV("november.csv", strings.NewReader(november)), store.ImportOptions{Name: "november.csv"})
	must(w.t, err)
}

// runNamed is the run as the database knows it.
func (w *world) runNamed(name string) *creditnotes.Run {
	w.t.Helper()
	run, err := w.store.RunByName(w.t.Context(), name)
	must(w.t, err)
	return run
}

// reaches waits until a run is at a stage.
func (w *world) reaches(name string, stage creditnotes.Stage) {
	w.t.Helper()
	for deadline := time.After(30 * time.Second); ; {
		if run, err := w.store.RunByName(w.t.Context(), name); err == nil && run.Stage == stage {
			return
		}
		select {
		case <-deadline:
			w.t.Fatalf("run %s does not become %s", name, stage)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// refuses fails the test when a page is shown although it must not be.
func (p reply) refuses(t *testing.T, status int, texts ...string) {
	t.Helper()
	if p.status != status {
		t.Errorf("%s: status %d instead of %d\n%s", p.path, p.status, status, p.body)
	}
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			t.Errorf("%s does not show %q\n%s", p.path, text, p.body)
		}
	}
}

// lacks fails the test when a page shows a text.
func (p reply) lacks(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(p.body, text) {
			t.Errorf("%s shows %q", p.path, text)
		}
	}
}

// event is one event of a stream.
type event struct{ name, data string }

// follow reads a stream of events until it ends.
func (b *browser) follow(path string) (list []event) {
	b.w.t.Helper()
	ctx, cancel := context.WithTimeout(b.w.t.Context(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.w.http.URL+path, nil)
	must(b.w.t, err)
	answer, err := b.client.Do(r)
	must(b.w.t, err)
	defer answer.Body.Close()
	if kind := answer.Header.Get("Content-Type"); kind != "text/event-stream" {
		b.w.t.Fatalf("%s is %s", path, kind)
	}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			list = append(list, event{name: name})
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			list[len(list)-1].data += data + "\n"
		}
	}
	must(b.w.t, lines.Err())
	return list
}

func TestRunsAreListedWithTheirTotals(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		run := w.runNamed("2026-10")
		sums, err := w.store.RunSums(t.Context(), []int64{run.ID})
		must(t, err)
		net := w.server.Texts.Amount("en", sums[run.ID][0].Currency, sums[run.ID][0].Net)
		w.as("vera").get("/runs").shows(t, `href="/runs/2026-10"`, "October 2026", "August 2026", "completed", "by hand", net)
	})
}

func TestRunShowsWhatItDid(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		vera := w.as("vera")
		run := w.runNamed("2026-10")
		report, err := w.server.Runner.Report(t.Context(), run)
		must(t, err)
		count := func(n int64) string { return w.server.Texts.Number("en", n, 0) }
		vera.get("/runs/2026-10").shows(t, "completed", "balanced", count(report.Total.Received.Sessions), count(report.Total.Credited.Sessions), "demo")
		vera.get("/runs/2026-10?part=notes").shows(t, report.Notes[0].Number, `href="/notes/`+report.Notes[0].Number+`"`)
		vera.get("/runs/2026-10?part=owners").shows(t, "balanced", `href="/entities/stadtwerke"`)
		vera.get("/runs/2026-10?part=held").shows(t, "/sessions?", "state=held", "reason=invalid")
		vera.get("/runs/2026-10?part=changes").shows(t, "September 2026", "October 2026")
		vera.get("/runs/2026-10?part=nothing").refuses(t, http.StatusNotFound)
		vera.get("/runs/2026-01").refuses(t, http.StatusNotFound)
	})
}

func TestRunCanBeDownloaded(t *testing.T) {
	w := newWorld(t)
	vera := w.as("vera")
	var report creditnotes.ReportJSON
	must(t, json.Unmarshal([]byte(vera.get("/runs/2026-10/report.json").body), &report))
	if report.Run != "2026-10" || len(report.Notes) == 0 || !report.Control.Balanced {
		t.Errorf("%s with %d notes", report.Run, len(report.Notes))
	}
	sheet := vera.get("/runs/2026-10/control.csv")
	sheet.shows(t, "run;owner;name;received_sessions", "2026-10;stadtwerke;", "2026-10;*;;")
	if name := sheet.header.Get("Content-Disposition"); !strings.Contains(name, "control-sheet-2026-10.csv") {
		t.Error(name)
	}
}

func TestOnlyTheOperatorSeesRuns(t *testing.T) {
	w := newWorld(t)
	paul := w.as("paul")
	for _, path := range []string{"/runs", "/runs/new", "/runs/preview?month=2026-10", "/runs/2026-10", "/runs/2026-10/progress", "/runs/2026-10/report.json"} {
		paul.get(path).refuses(t, http.StatusForbidden)
	}
}

func TestViewerSeesRunsAndCannotAct(t *testing.T) {
	w := newWorld(t)
	w.set("release", "approve")
	w.as("felix").post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ").shows(t, "2026-11")
	vera := w.as("vera")
	vera.get("/runs").lacks(t, "/runs/new", "/runs/preview")
	vera.get("/runs/2026-11").lacks(t, "/runs/2026-11/approve", "/runs/2026-11/discard", "<button>Continue")
	vera.get("/runs/new").refuses(t, http.StatusForbidden)
	for _, path := range []string{"/runs/new", "/runs/preview", "/runs/2026-11/approve", "/runs/2026-11/discard", "/runs/2026-11/continue", "/runs/2026-11/resend"} {
		vera.post(path, "month", "2026-11", "sure", "true", "confirm_password", password).refuses(t, http.StatusForbidden)
	}
	if run := w.runNamed("2026-11"); run.Stage != creditnotes.StageDrafted {
		t.Error(run.Stage)
	}
}

func TestARunningMonthIsConfirmedByATick(t *testing.T) {
	w := newWorld(t)
	w.charged()
	w.set("release", "approve")
	felix := w.as("felix")
	felix.get("/runs/new?month=2026-10").lacks(t, `name="confirmed"`)
	felix.get("/runs/new?month=2026-11").shows(t, "18 days are still to come until 2026-11-30", `name="confirmed" value="2026-11 "`)
	felix.post("/runs/new", "month", "2026-11").refuses(t, http.StatusConflict, "18 days are still to come", `name="confirmed"`)
	// What was ticked for another date counts for nothing.
	felix.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 2026-11-30").refuses(t, http.StatusConflict)
	felix.post("/runs/new", "month", "2026-12", "confirmed", "2026-12 ").refuses(t, http.StatusConflict, "has not begun")
	felix.post("/runs/new", "month", "2026-10", "date", "2026-11-13").refuses(t, http.StatusUnprocessableEntity, "lies in the future")
	felix.get("/runs/preview?month=2026-12").refuses(t, http.StatusConflict, "has not begun")
	felix.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ").shows(t, "Run 2026-11", "the day of issue")
}

func TestPreviewIsTheRunWithoutKeepingIt(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.charged()
		felix := w.as("felix")
		want, err := w.server.Runner.Preview(t.Context(), creditnotes.Request{Month: "2026-11"})
		must(t, err)
		total := totalsOf(previewedNotes(want.Notes))[0]
		shown := felix.get("/runs/preview?month=2026-11")
		for range 20 {
			if strings.Contains(shown.body, "control") || strings.Contains(shown.body, "Control sheet") {
				break
			}
			shown = felix.get("/runs/preview?month=2026-11")
		}
		texts := w.server.Texts
		shown.shows(t, "not kept", texts.Amount("en", total.Currency, total.Net), texts.Amount("en", total.Currency, total.Gross),
			texts.Number("en", want.Total.Received.Sessions, 0), texts.Number("en", want.Total.Held.Sessions, 0), "balanced")
		felix.get("/runs/preview?month=2026-11&part=notes").shows(t, texts.Amount("en", want.Notes[0].Currency, want.Notes[0].Net))
		felix.get("/runs/preview?month=2026-11&part=held").shows(t, "/sessions?next=held&amp;reason=")
		w.opened()
		due := 0 // what is not due, or waits for its owner, the open month does not know
		for _, h := range want.Held {
			if h.Reason != sessions.NotDue && h.Reason != sessions.OwnerFailed {
				due++
			}
		}
		if n := w.held(""); n != due {
			t.Errorf("the next run would hold %d sessions, and the preview holds %d", n, due)
		}
		felix.get("/runs/preview?month=2026-11&part=owners").shows(t, "balanced")
		felix.get("/runs/preview?month=2026-11&part=changes").shows(t, "October 2026")
		runs, err := w.store.Runs(t.Context())
		must(t, err)
		if len(runs) != 3 {
			t.Errorf("%d runs after a preview", len(runs))
		}
		felix.get("/runs/preview?month=November").refuses(t, http.StatusUnprocessableEntity, "is not a month")
	})
}

func TestStartedRunCanBeFollowedToItsEnd(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.charged()
		w.set("mail", "false")
		w.works()
		anna := w.as("anna")
		anna.get("/runs/new?month=2026-11").shows(t, "2026-11", "issued at once", "confirm_password")
		anna.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ", "confirm_password", password).shows(t, "Run 2026-11 has been started")
		events := w.as("vera").follow("/runs/2026-11/progress?stage=drafting")
		var names []string
		last := ""
		for _, e := range events {
			names = append(names, e.name)
			if e.name == "progress" {
				last = e.data
			}
		}
		if names[0] != "progress" || !strings.Contains(strings.Join(names, " "), "stage") {
			t.Errorf("events: %v", names)
		}
		if !strings.Contains(last, "documents") || !strings.Contains(last, "numbered") {
			t.Errorf("progress: %s", last)
		}
		report, err := w.server.Runner.Report(t.Context(), w.runNamed("2026-11"))
		must(t, err)
		anna.get("/runs/2026-11?part=notes").shows(t, report.Notes[0].Number)
	})
}

func TestFollowingACompletedRunEndsAtOnce(t *testing.T) {
	w := newWorld(t)
	// Mails of the demo wait for ever: nothing sends them here.
	run := w.runNamed("2026-10")
	notes, err := w.store.RunNotes(t.Context(), run.ID)
	must(t, err)
	for _, n := range notes {
		list, err := w.store.Deliveries(t.Context(), n.ID)
		must(t, err)
		for _, d := range list {
			must(t, w.store.Finish(t.Context(), d.ID, ended(d, creditnotes.RecipientAccepted, "250 ok", w.clock())))
		}
	}
	events := w.as("vera").follow("/runs/2026-10/progress?stage=completed")
	if len(events) != 2 || events[0].name != "progress" || events[1].name != "done" {
		t.Errorf("%v", events)
	}
}

func TestStartOfARunThatIssuesNeedsThePassword(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	felix.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ", "confirm_password", "wrong").refuses(t, http.StatusForbidden, "password")
	felix.post("/runs/new", "month", "soon", "confirm_password", password).refuses(t, http.StatusUnprocessableEntity, "is not a month")
	felix.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ", "date", "tomorrow", "confirm_password", password).refuses(t, http.StatusUnprocessableEntity, "is not a date")
	runs, err := w.store.Runs(t.Context())
	must(t, err)
	if len(runs) != 3 {
		t.Errorf("%d runs", len(runs))
	}
}

func TestRunDoesNotStartWhileTheSettingsForbidIt(t *testing.T) {
	w := newWorld(t)
	w.set("active", "false")
	felix := w.as("felix")
	felix.get("/runs/new").shows(t, "No run is possible", "disabled")
	felix.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ", "confirm_password", password).refuses(t, http.StatusConflict)
}

func TestRunIsReleasedBySomebodyElseThanWhoDraftedIt(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.charged()
		w.set("release", "approve")
		anna, felix := w.as("anna"), w.as("felix")
		anna.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ").shows(t, "2026-11")
		w.reaches("2026-11", creditnotes.StageDrafted)
		anna.eventually("/runs/2026-11", "another person has to release it").lacks(t, `href="/runs/2026-11/approve"`)
		anna.get("/runs/2026-11/approve").shows(t, "anna drafted the run 2026-11")
		anna.post("/runs/2026-11/approve", "confirm_password", password).refuses(t, http.StatusForbidden, "anna drafted the run 2026-11")
		felix.get("/runs/2026-11").shows(t, `href="/runs/2026-11/approve"`)
		felix.get("/runs/2026-11/approve").shows(t, "Control sheet", "Out of the ordinary")
		felix.post("/runs/2026-11/approve", "confirm_password", "wrong").refuses(t, http.StatusForbidden, "password")
		if run := w.runNamed("2026-11"); run.Stage != creditnotes.StageDrafted {
			t.Fatal(run.Stage)
		}
		felix.post("/runs/2026-11/approve", "confirm_password", password).shows(t, "Run 2026-11 is released")
		w.reaches("2026-11", creditnotes.StageIssued)
		if run := w.runNamed("2026-11"); run.ApprovedBy != "felix" {
			t.Error(run.ApprovedBy)
		}
		// Another person still has the pages of the draft open.
		felix.get("/runs/2026-11/approve").refuses(t, http.StatusConflict)
		felix.post("/runs/2026-11/approve", "confirm_password", password).refuses(t, http.StatusConflict, "Only a drafted run can be released")
		anna.post("/runs/2026-11/discard", "sure", "true").refuses(t, http.StatusConflict)
	})
}

func TestDraftsCanBeLookedAtBeforeTheyAreReleased(t *testing.T) {
	w := newWorld(t)
	w.charged()
	w.set("release", "approve")
	w.as("felix").post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ")
	w.reaches("2026-11", creditnotes.StageDrafted)
	notes, err := w.store.RunNotes(t.Context(), w.runNamed("2026-11").ID)
	must(t, err)
	vera := w.as("vera")
	path := page.DraftPath("2026-11", notes[0].ID)
	vera.get("/runs/2026-11?part=notes").shows(t, path)
	vera.get(path).shows(t, "Draft", notes[0].Positions[0].StationName, w.server.Texts.Amount("en", notes[0].Currency, notes[0].Positions[0].Net))
	vera.get("/runs/2026-10/drafts/"+formatID(notes[0].ID)).refuses(t, http.StatusNotFound)
	vera.get("/runs/2026-11/drafts/x").refuses(t, http.StatusNotFound)
}

func TestDraftedRunCanBeDiscarded(t *testing.T) {
	w := newWorld(t)
	w.set("release", "approve")
	felix := w.as("felix")
	felix.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ")
	w.reaches("2026-11", creditnotes.StageDrafted)
	felix.post("/runs/2026-11/discard")
	if run := w.runNamed("2026-11"); run.Stage != creditnotes.StageDrafted {
		t.Fatalf("%s without being sure", run.Stage)
	}
	felix.post("/runs/2026-11/discard", "sure", "true").shows(t, "Run 2026-11 is discarded")
	felix.post("/runs/2026-10/discard", "sure", "true").refuses(t, http.StatusConflict)
}
