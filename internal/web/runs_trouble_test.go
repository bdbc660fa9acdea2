package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/fault"
)

// abandoned begins a run and leaves it to itself, as a process does that dies.
func (w *world) abandoned(month entities.Month) {
	w.t.Helper()
	_, _, err := w.server.Runner.Begin(w.t.Context(), creditnotes.Request{Month: month, Trigger: creditnotes.Manual, Who: "anna", Confirmed: true})
	must(w.t, err)
}

func TestRunWhoseProcessIsGoneCanBeContinued(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.charged()
		w.abandoned("2026-11")
		felix, vera := w.as("felix"), w.as("vera")
		felix.get("/runs/2026-11").lacks(t, "No process is working on this run")
		felix.post("/runs/2026-11/continue", "confirm_password", password).refuses(t, http.StatusConflict, "is being worked on")
		w.later(3 * time.Minute)
		felix.get("/runs/2026-11").shows(t, "No process is working on this run", "/runs/2026-11/continue", "confirm_password")
		vera.get("/runs/2026-11").lacks(t, "/runs/2026-11/continue")
		events := vera.follow("/runs/2026-11/progress?stage=drafting")
		if last := events[len(events)-1]; last.name != "done" {
			t.Errorf("%v", events)
		}
		felix.post("/runs/2026-11/continue", "confirm_password", "wrong").refuses(t, http.StatusForbidden)
		if run := w.runNamed("2026-11"); run.Stage != creditnotes.StageDrafting {
			t.Fatal(run.Stage)
		}
		felix.post("/runs/2026-11/continue", "confirm_password", password).shows(t, "Run 2026-11 goes on")
		w.reaches("2026-11", creditnotes.StageIssued)
		felix.post("/runs/2026-11/continue", "confirm_password", password).lacks(t, "goes on")
	})
}

func TestUnfinishedRunOfTheMonthIsShownInsteadOfAnotherOne(t *testing.T) {
	w := newWorld(t)
	w.abandoned("2026-11")
	w.set("release", "approve") // not for the run that has begun: it would issue
	w.later(3 * time.Minute)
	w.as("felix").post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ").shows(t, "not finished: 2026-11")
	if run := w.runNamed("2026-11"); run.Stage != creditnotes.StageDrafting {
		t.Error(run.Stage)
	}
}

func TestFailedOwnerIsShownWithTheWayToMendIt(t *testing.T) {
	w := newWorld(t)
	w.charged()
	config, err := w.store.Configuration(t.Context())
	must(t, err)
	i := slices.IndexFunc(config.Entities, func(e entities.Entity) bool { return e.Key == subCPO })
	owner := config.Entities[i]
	owner.Emails = nil
	_, err = w.store.SaveConfiguration(t.Context(), "test", &creditnotes.Configuration{Entities: []entities.Entity{owner}}, nil)
	must(t, err)
	w.set("release", "approve")
	felix := w.as("felix")
	felix.post("/runs/new", "month", "2026-11", "confirmed", "2026-11 ")
	w.reaches("2026-11", creditnotes.StageDrafted)
	for _, path := range []string{"/runs/2026-11", "/runs/2026-11/approve"} {
		felix.get(path).shows(t, "Without a credit note", owner.Name, "e-mail", `class="button second small" href="/entities/`+subCPO)
	}
	felix.get("/runs/2026-11?part=held").shows(t, "owner="+subCPO, "reason=owner_failed")
}

func TestWhatGoesWrongInTheBackgroundIsShownOnTheRun(t *testing.T) {
	for name, one := range map[string]struct {
		fails func() error
		shown string
	}{
		"a fault in words":           {func() error { return fault.New(fault.Conflict, "run_lease_lost", fault.Args{"run": "2026-10"}) }, "was taken over by another process"},
		"anything else by reference": {func() error { return errors.New("the disk is full") }, "reference to the log: "},
		"a panic by reference":       {func() error { var none []int; none[len(none)]++; return nil }, "reference to the log: "},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			goOn := make(chan struct{})
			err := w.server.month.WorkOn(t.Context(), "2026-10", func(context.Context) error { <-goOn; return one.fails() })
			must(t, err)
			vera := w.as("vera")
			vera.get("/runs/2026-10").lacks(t, one.shown)
			close(goOn)
			task, err := w.server.month.Work.Runs.Latest(t.Context(), "", "2026-10")
			must(t, err)
			task.Within(time.Minute)
			shown := vera.get("/runs/2026-10")
			shown.shows(t, one.shown)
			shown.lacks(t, "the disk is full")
		})
	}
}

// Whatever process it was, and also after a restart.
func TestTheReasonWhyARunFailedIsKeptAndShown(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.abandoned("2026-11")
		run := w.runNamed("2026-11")
		_, err := w.store.FailRun(t.Context(), run.ID, fault.List{fault.New(fault.NotReady, "run_release_agreement",
			fault.Args{"run": "2026-11", "recipient": subCPO, "date": "2026-11-12"})})
		must(t, err)
		vera := w.as("vera")
		vera.get("/runs/2026-11").lacks(t, "does not cover") // it is still worked on
		must(t, w.store.ReleaseLease(t.Context(), run.ID))
		vera.get("/runs/2026-11").shows(t, "The run failed on", "12 Nov 2026", "The agreement with "+subCPO+" does not cover 2026-11-12")
		f, err := w.store.FailRun(t.Context(), run.ID, nil)
		must(t, err)
		vera.get("/runs/2026-11").shows(t, "reference to the log: ", f.Reference)
	})
}

func TestAMonthThatCouldNotBeginIsShownAmongTheRuns(t *testing.T) {
	w := newWorld(t)
	_, err := w.store.FailMonth(t.Context(), "2026-11", fault.List{fault.New(fault.NotReady, "feature_inactive", nil)})
	must(t, err)
	w.as("vera").get("/runs").lacks(t, "could not begin") // it is not due
	w.later(20 * 24 * time.Hour)
	w.as("vera").get("/runs").shows(t, "The scheduled run of November 2026 could not begin", "Switch them on in the settings")
}

func TestAJumpOfTheClockIsConfirmedOnThePage(t *testing.T) {
	w := newWorld(t)
	vera, felix := w.as("vera"), w.as("felix")
	felix.get("/runs").lacks(t, "jumped")
	now := w.server.Now()
	must(t, w.store.ClockJumped(t.Context(), now.Add(-5*time.Hour), now))
	felix.get("/runs").shows(t, "jumped", "begins no month until", "The clock is right")
	vera.get("/runs").lacks(t, `action="/runs/clock"`)
	felix.post("/runs/clock")
	felix.get("/runs").lacks(t, "jumped")
}

func TestMonitorsAreToldOfJobs(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		for path, want := range map[string]string{"/readyz": "ready\n", "/metrics": `creditrun_jobs_late{queue="webhook"} 0`} {
			r := httptest.NewRecorder()
			w.server.Handler().ServeHTTP(r, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
			if r.Code != http.StatusOK || !strings.Contains(r.Body.String(), want) {
				t.Errorf("%s: %d %s", path, r.Code, r.Body)
			}
		}
	})
}

func TestWhatFailsAtOnceIsToldAtOnce(t *testing.T) {
	w := newWorld(t)
	wrong := fault.New(fault.Conflict, "run_lease_lost", fault.Args{"run": "2026-10"})
	if err := w.server.month.WorkOn(t.Context(), "2026-10", func(context.Context) error { return wrong }); !errors.Is(err, wrong) {
		t.Error(err)
	}
	w.as("vera").get("/runs/2026-10").lacks(t, "taken over")
}

func TestFailedMailCanBeSentAgain(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		notes, err := w.store.RunNotes(t.Context(), w.runNamed("2026-10").ID)
		must(t, err)
		sent, err := w.store.Deliveries(t.Context(), notes[0].ID)
		must(t, err)
		must(t, w.store.Finish(t.Context(), sent[0].ID, ended(sent[0], creditnotes.RecipientRefused, "550 no such mailbox", w.clock())))
		number := notes[0].Number
		felix, vera := w.as("felix"), w.as("vera")
		vera.get("/runs/2026-10").shows(t, "550 no such mailbox", number)
		vera.get("/runs/2026-10").lacks(t, "Send again</button>")
		felix.get("/runs/2026-10").shows(t, "Send again</button>")
		felix.post("/runs/2026-10/resend", "number", number).shows(t, number+" is sent again")
		felix.get("/runs/2026-10").lacks(t, "550 no such mailbox")
		felix.post("/runs/2026-10/resend", "number", number).lacks(t, "is sent again") // it did not fail any more
		list, err := w.store.Deliveries(t.Context(), notes[0].ID)
		must(t, err)
		if len(list) != 2 || list[1].Copy != 1 {
			t.Errorf("%+v", list)
		}
	})
}

func TestAllFailedMailsOfARunAreSentAgain(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		notes, err := w.store.RunNotes(t.Context(), w.runNamed("2026-10").ID)
		must(t, err)
		end := func(i int, state creditnotes.RecipientState, reply string) (to string) {
			list, err := w.store.Deliveries(t.Context(), notes[i].ID)
			must(t, err)
			d := list[len(list)-1]
			must(t, w.store.Finish(t.Context(), d.ID, ended(d, state, reply, w.clock())))
			return d.To[0]
		}
		end(0, creditnotes.RecipientRefused, "the words of the server")
		gone := end(1, creditnotes.RecipientRefused, "550 no such mailbox")
		felix := w.as("felix")
		felix.get("/runs/2026-10").shows(t, "Send all failed ones again", gone, "550 no such mailbox")
		felix.get("/notes/"+notes[1].Number).shows(t, "refused</span> "+gone+": 550 no such mailbox")
		felix.post("/runs/2026-10/resend", "all", "true").shows(t, "2 mails are queued again")
		felix.get("/runs/2026-10").lacks(t, "Send all failed ones again")
		end(0, creditnotes.RecipientParked, "")
		felix.post("/runs/2026-10/resend", "all", "true").refuses(t, http.StatusConflict, notes[0].Number+" arrived", "Ask the recipient")
		vera := w.as("vera")
		vera.get("/runs/2026-10").lacks(t, "Send all failed ones again")
		vera.post("/runs/2026-10/resend", "all", "true").refuses(t, http.StatusForbidden)
	})
}

func TestPreviewsAreRememberedForAWhile(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	const path = "/runs/preview?month=2026-11"
	felix.eventually(path, "12 Nov 2026 11:00")
	w.later(previewLasts - time.Second)
	felix.eventually(path, "12 Nov 2026 11:00")
	w.later(2 * time.Second)
	felix.eventually(path, "12 Nov 2026 11:10")
	w.set("mail", "false")
	w.later(time.Minute)
	felix.eventually(path, "12 Nov 2026 11:11")
}

func TestPreviewIsMadeAnewWhenSomebodyAsks(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	const path = "/runs/preview?month=2026-11"
	felix.eventually(path, "12 Nov 2026 11:00")
	w.later(time.Minute)
	felix.eventually(path, "12 Nov 2026 11:00")
	felix.post("/runs/preview", "month", "2026-11")
	felix.eventually(path, "12 Nov 2026 11:01")
}

func TestRunIsFollowedInABrowserUntilItIsCompleted(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.w.charged()
		c.w.set("mail", "false")
		c.as("anna")
		c.open("/runs/new?month=2026-11")
		c.fill("input[name=confirm_password]", password)
		if c.w.clock().Day() < 30 { // the month is still running
			c.press("input[name=confirmed]")
		}
		c.press("main form button")
		c.untilShown("Run 2026-11")
		c.w.works()
		c.until("the page shows the run completed without being loaded again", "document.querySelector('#run h1 .badge.good')")
		c.open("/runs/preview?month=2026-11")
		c.untilShown("Control sheet")
		for _, path := range []string{"/runs", "/runs/2026-11", "/runs/2026-11?part=owners", "/runs/2026-11?part=notes", "/runs/2026-11?part=changes", "/runs/2026-11?part=held"} {
			c.open(path)
			for _, complaint := range c.complaints() {
				t.Errorf("%s: %s", path, complaint)
			}
		}
	})
}

func TestRunPagesSpeakGerman(t *testing.T) {
	w := newWorld(t)
	felix := w.as("felix")
	felix.post("/preferences", "language", "de", "back", "/runs")
	for path, text := range map[string]string{"/runs": "Läufe", "/runs/2026-10": "Kontrollblatt", "/runs/new": "Lauf starten", "/runs/preview?month=2026-11": "Vorschau"} {
		p := felix.get(path)
		p.shows(t, text)
		if strings.Contains(p.body, "Control sheet") {
			t.Errorf("%s speaks English", path)
		}
	}
}
