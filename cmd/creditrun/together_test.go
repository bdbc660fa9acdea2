package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
)

func TestTwoProcessesNeverRunAMonthTwice(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.perth()
		first, firstSaid := w.process("run", "--month", "2019-06")
		second, secondSaid := w.process("run", "--month", "2019-06")
		for _, c := range []*exec.Cmd{first, second} {
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
		}
		done := 0
		for c, said := range map[*exec.Cmd]interface{ String() string }{first: firstSaid, second: secondSaid} {
			switch err := c.Wait(); {
			case err == nil:
				done++
			case c.ProcessState.ExitCode() != exitFailed || !strings.Contains(said.String(), "being worked on by another process"):
				t.Errorf("ends with %d: %s", c.ProcessState.ExitCode(), said)
			}
		}
		if done == 0 {
			t.Error("neither process carried the run out")
		}
		if got := totalsOf(w.notes()); len(got) == 0 || !strings.HasPrefix(goldenText(t, "perth.golden"), got) {
			t.Errorf("not the notes of June, once each:\n%s", got)
		}
		if out := w.do("deliver"); out != "sent 13\n" {
			t.Errorf("deliver prints %q", out)
		}
		w.clean()
	})
}

// awaiting imports the small network a while before the month end.
func (w *world) awaiting() *world {
	w.Helper()
	w.now = time.Date(2026, 10, 20, 9, 0, 0, 0, time.UTC)
	w.do("import", "testdata/network.yaml")
	w.now = time.Date(2026, 10, 31, 20, 0, 0, 0, time.UTC)
	w.do("import", "testdata/sessions.csv")
	return w
}

// theMonthEnd checks that October was run by the schedule, once, and mailed.
func (w *world) theMonthEnd(server *mailServer) {
	w.Helper()
	var runs []runJSON
	w.read(&runs, "runs")
	if len(runs) != 1 || runs[0].Run != "2026-10" || runs[0].Trigger != creditnotes.Schedule || runs[0].Stage != creditnotes.StageCompleted {
		w.Errorf("runs: %+v", runs)
	}
	if arrived := w.arrived(server); len(arrived) != 2 || len(w.notes()) != 2 {
		w.Errorf("%v arrived for %d notes", arrived, len(w.notes()))
	}
	w.clean()
}

// mailed reports whether the month end is over: two notes, both mailed.
func (w *world) mailed() bool {
	notes := w.notes()
	return len(notes) == 2 && notes[0].Delivery == creditnotes.DeliverySent && notes[1].Delivery == creditnotes.DeliverySent
}

func TestServeRunsAMissedMonthWhenItStarts(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.awaiting()
		server := (&mailServer{}).start(t)
		w.mail, w.now = server.url(), time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
		for range 2 { // the second time there is nothing left to do
			ctx, stop := context.WithCancel(t.Context())
			served := make(chan result, 1)
			serve, said := *w, &heard{}
			go func() { served <- serve.tryUntil(ctx, said, "serve") }()
			until(t, "it serves", func() bool { return strings.Contains(said.String(), "creditrun serves: scheduler, delivery, web") })
			until(t, "October is mailed", w.mailed)
			stop()
			if r := <-served; r.status != exitDone || r.stdout != "" || strings.Contains(r.stderr, "level=ERROR") {
				t.Errorf("serve ends with %d: %s%s", r.status, r.stdout, r.stderr)
			}
			w.theMonthEnd(server)
		}
	})
}

func TestTwoServersRingAtTheMonthEndAndRunItOnce(t *testing.T) {
	t.Parallel()
	eachWorld(t, func(t *testing.T, w *world) {
		w.awaiting()
		server := (&mailServer{}).start(t)
		w.mail, w.now = server.url(), time.Date(2026, 10, 31, 22, 29, 58, 0, time.UTC)
		scheduler, schedulerSaid := w.process("serve", "--only", "scheduler")
		both, bothSaid := w.process("serve")
		for _, c := range []*exec.Cmd{scheduler, both} {
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
		}
		began := time.Now()
		until(t, "October is mailed", w.mailed)
		if waited := time.Since(began); waited < time.Second {
			t.Errorf("it rang %s after the start, before half past eleven", waited)
		}
		for c, said := range map[*exec.Cmd]interface{ String() string }{scheduler: schedulerSaid, both: bothSaid} {
			if err := c.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if err := c.Wait(); err != nil {
				t.Errorf("%v: %s", err, said)
			}
			if strings.Contains(said.String(), "level=ERROR") {
				t.Errorf("%s", said)
			}
		}
		w.theMonthEnd(server)
	})
}
