package main

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
)

// killed starts a command as a process, kills it after a while unless it ends
// before, and reports whether it ended well. What it left behind is there for the
// next process at once.
func (w *world) killed(after time.Duration, args ...string) (ended bool) {
	w.Helper()
	c, out := w.process(args...)
	if err := c.Start(); err != nil {
		w.Fatal(err)
	}
	gone := make(chan struct{})
	timer := time.AfterFunc(after, func() {
		select {
		case <-gone:
		default:
			_ = c.Process.Kill()
		}
	})
	err := c.Wait()
	close(gone)
	timer.Stop()
	if err != nil && c.ProcessState.Exited() {
		w.Fatalf("creditrun %v: %v\n%s", args, err, out)
	}
	return err == nil
}

// patience is how long each attempt may work before it is killed: a little
// longer every time, until one gets through.
func patience(attempt int, first time.Duration) time.Duration {
	for range attempt {
		first += first / 3
	}
	return first
}

// killedMonths are enough to be killed in.
var killedMonths = perthMonths[:2]

// killedDate dates the documents: a run that is killed often enough is issued on
// another day than the one that is not.
const killedDate = "2019-09-02"

// undisturbed runs months of Perth without any trouble.
func undisturbed(t *testing.T, db string) []creditnotes.NoteJSON {
	t.Helper()
	w := newWorld(t, db).perth()
	for _, month := range killedMonths {
		w.do("run", "--month", month, "--date", killedDate)
	}
	return comparableNotes(w.notes())
}

func TestAKilledRunIsTakenUpWhereItWas(t *testing.T) {
	t.Parallel()
	want := map[string]creditnotes.NoteJSON{}
	for _, note := range undisturbed(t, "sqlite:"+t.TempDir()+"/undisturbed.db") {
		want[*note.Number] = note
	}
	eachWorld(t, func(t *testing.T, w *world) {
		w.perth()
		kills, stages := 0, map[creditnotes.Stage]int{}
		for i, month := range killedMonths {
			// Each month is killed at other moments than the one before.
			first := 40*time.Millisecond + time.Duration(i)*9*time.Millisecond
			for attempt := 0; !w.killed(patience(attempt, first), "run", "--month", month, "--date", killedDate); attempt++ {
				kills++
				stages[w.stageOf(month)]++
			}
		}
		t.Logf("killed %d times, in the stages %v", kills, stages)
		if kills < 4 {
			t.Errorf("killed %d times only", kills)
		}
		got := map[string]creditnotes.NoteJSON{}
		for _, note := range comparableNotes(w.notes()) {
			got[*note.Number] = note
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("not the notes of an undisturbed run:\n%s", diff)
		}
		w.clean()

		kills = 0
		for attempt := 0; !w.killed(patience(attempt, 30*time.Millisecond), "deliver"); attempt++ {
			kills++
		}
		t.Logf("delivery killed %d times", kills)
		w.compareMails(w.notes(), w.outbox())
		w.clean()
	})
}

// stageOf is how far the run of a month has come; empty before it began.
func (w *world) stageOf(month string) creditnotes.Stage {
	w.Helper()
	var runs []runJSON
	w.read(&runs, "runs")
	for _, r := range runs {
		if string(r.Month) == month {
			return r.Stage
		}
	}
	return ""
}

// A process is killed while it talks to the mail server, at every step of the
// conversation. No one may get a mail twice; about one that may have arrived a
// person is asked.
func TestNoMailIsSentTwiceWhenSendingIsKilled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		place  func(s *mailServer, kill func(int) error)
		parked bool // the server may have the mail
	}{
		"when it said who sends":          {func(s *mailServer, kill func(int) error) { s.greeted = kill }, false},
		"when it named the recipient":     {func(s *mailServer, kill func(int) error) { s.addressed = kill }, false},
		"before it is told of the taking": {func(s *mailServer, kill func(int) error) { s.kept = kill }, true},
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				w.perth().do("run", "--month", "2019-06")
				w.killSending(c.place, c.parked)
			})
		})
	}
}

// killSending kills one delivery at the 3rd mail, the next at its first, then
// delivers undisturbed.
func (w *world) killSending(place func(*mailServer, func(int) error), parks bool) {
	w.Helper()
	server, victim := &mailServer{}, make(chan func(), 1)
	var firstDied, secondDies atomic.Bool
	place(server, func(n int) error {
		if n == 3 || firstDied.Load() && secondDies.CompareAndSwap(false, true) {
			(<-victim)()
		}
		return nil
	})
	w.mail = server.start(w).url()
	if !parks { // over one connection no other mail waits for its answer
		w.mail += "&connections=1"
	}
	for range 2 {
		c, out := w.process("deliver")
		if err := c.Start(); err != nil {
			w.Fatal(err)
		}
		dead := make(chan struct{})
		victim <- func() { _ = c.Process.Kill(); <-dead }
		_ = c.Wait()
		close(dead)
		firstDied.Store(true)
		if c.ProcessState.Exited() {
			w.Fatalf("the process was not killed: %s", out)
		}
	}
	if !parks {
		w.do("deliver")
	} else if said := w.fails(exitFailed, "deliver"); !strings.Contains(said, "interrupted and may have arrived") {
		w.Errorf("of the interrupted mails it says %q", said)
	}
	arrived := w.arrived(server)
	for _, note := range w.notes() {
		parked := note.Delivery == creditnotes.DeliveryParked
		if !parked && (note.Delivery != creditnotes.DeliverySent || arrived[*note.Number] != 1) {
			w.Errorf("the mail of %s is %s and arrived %d times", *note.Number, note.Delivery, arrived[*note.Number])
		}
		switch {
		case parked && !parks:
			w.Errorf("the mail of %s is parked although it was not handed over", *note.Number)
		case parked && arrived[*note.Number] == 0:
			w.do("deliveries", "settle", *note.Number, "again")
		case parked:
			w.do("deliveries", "settle", *note.Number, "arrived")
		}
	}
	w.do("deliver")
	if arrived := w.arrived(server); len(arrived) != 13 {
		w.Errorf("%d of 13 mails arrived", len(arrived))
	}
	w.clean()
}

// arrived counts the mails at the server by note; none may be there twice.
func (w *world) arrived(server *mailServer) map[string]int {
	w.Helper()
	ids, numbers := map[string]bool{}, map[string]int{}
	for _, m := range server.inbox() {
		id := openLetter(w, m.content).ID
		if ids[id] {
			w.Errorf("%s arrived twice", id)
		}
		ids[id] = true
		number, _, _ := strings.Cut(strings.TrimPrefix(id, "<"), ".")
		numbers[number]++
	}
	return numbers
}
