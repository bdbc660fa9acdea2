package mailer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	smtpd "github.com/emersion/go-smtp"

	"creditrun/creditnotes"
)

// clocked is a deliverer whose clock the test sets.
func clocked(t *testing.T, o *memory, tr Transport) (d *Deliverer, forward func(time.Duration), log *bytes.Buffer) {
	now := created.Add(time.Minute)
	log = new(bytes.Buffer)
	d = deliverer(t, o, tr)
	o.now = func() time.Time { return now }
	d.Now, d.Log = o.now, slog.New(slog.NewTextHandler(log, nil))
	return d, func(by time.Duration) { now = now.Add(by) }, log
}

func TestWhatConcernsTheServerPausesTheQueueAndCountsNoAttempt(t *testing.T) {
	refuse := func(err error) *mailServer { return &mailServer{mailFrom: func() error { return err }} }
	atData := func(code int, enhanced smtpd.EnhancedCode) *mailServer {
		return &mailServer{data: func(_ *smtpd.Conn, r io.Reader) error {
			_, _ = io.Copy(io.Discard, r)
			return &smtpd.SMTPError{Code: code, EnhancedCode: enhanced, Message: "no"}
		}}
	}
	for name, s := range map[string]*mailServer{
		"no one listens":          {addr: nowhere(t)},
		"sender put off":          refuse(says(451, "try later")),
		"sender refused":          refuse(says(550, "not from you")),
		"quota":                   refuse(&smtpd.SMTPError{Code: 550, EnhancedCode: smtpd.EnhancedCode{5, 4, 5}, Message: "daily quota exceeded"}),
		"login wanted":            refuse(says(530, "log in")),
		"full":                    atData(452, smtpd.EnhancedCode{4, 3, 1}),
		"shut down after the end": atData(421, smtpd.EnhancedCode{4, 3, 2}),
	} {
		t.Run(name, func(t *testing.T) {
			if s.addr == "" {
				s.start(t, false)
			}
			o := newMemory()
			d, forward, log := clocked(t, o, s.open(t, "smtp://", ""))
			for _, pause := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour} {
				var later *Later
				if err := d.Deliver(t.Context(), 1); !errors.As(err, &later) || !errors.As(err, new(*Paused)) {
					t.Fatalf("error %v", err)
				}
				if got := later.At.Sub(o.now()); got != pause {
					t.Fatalf("the next try comes after %s, not %s", got, pause)
				}
				forward(pause)
			}
			if o.delivery.State != creditnotes.DeliveryQueued || o.delivery.Attempts != 0 || o.pause.Said == "" {
				t.Errorf("delivery %+v, pause %+v", o.delivery, o.pause)
			}
			if n := strings.Count(log.String(), "mail is paused"); n != 1 {
				t.Errorf("the outage is logged %d times:\n%s", n, log)
			}
			working := new(mailServer).start(t, false)
			d.Transport = working.open(t, "smtp://", "")
			if err := d.Deliver(t.Context(), 1); err != nil || o.pause != nil || o.delivery.State != creditnotes.DeliverySent || len(working.inbox()) != 1 {
				t.Errorf("error %v, pause %+v, delivery %+v", err, o.pause, o.delivery)
			}
			if n := strings.Count(log.String(), "mail goes on"); n != 1 || o.delivery.Attempts != 1 {
				t.Errorf("the end is logged %d times, %d attempts:\n%s", n, o.delivery.Attempts, log)
			}
		})
	}
}

func TestAMailIsGivenUpAfterFiveDaysOfOutage(t *testing.T) {
	o := newMemory()
	tr, err := Open("smtp://" + nowhere(t))
	if err != nil {
		t.Fatal(err)
	}
	d, forward, _ := clocked(t, o, tr)
	_ = d.Deliver(t.Context(), 1)
	forward(5*24*time.Hour - time.Minute)
	if err := d.Deliver(t.Context(), 1); !errors.As(err, new(*Paused)) || o.delivery.State != creditnotes.DeliveryQueued {
		t.Fatalf("error %v, delivery %+v", err, o.delivery)
	}
	forward(time.Hour)
	if err := d.Deliver(t.Context(), 1); err != nil || o.delivery.State != creditnotes.DeliveryFailed || o.delivery.Reply == "" {
		t.Errorf("error %v, delivery %+v", err, o.delivery)
	}
}

// A pause is older than retry_for because no process was there to try the server.
func TestNoMailIsGivenUpWhileOneTriesTheServer(t *testing.T) {
	o := newMemory()
	s := new(mailServer).start(t, false)
	d, forward, _ := clocked(t, o, s.open(t, "smtp://", ""))
	o.pause = &creditnotes.MailPause{Since: o.now(), NextProbe: o.now()}
	forward(6 * 24 * time.Hour)
	o.pause.Probing = o.now().Add(time.Minute)
	if err := d.Deliver(t.Context(), 1); !errors.As(err, new(*Paused)) || o.delivery.State != creditnotes.DeliveryQueued {
		t.Fatalf("error %v, delivery %+v", err, o.delivery)
	}
	o.pause.Probing = time.Time{} // the try came to nothing by itself
	if err := d.Deliver(t.Context(), 1); err != nil || o.delivery.State != creditnotes.DeliverySent || o.pause != nil {
		t.Errorf("error %v, delivery %+v", err, o.delivery)
	}
}

// A person who tries the server before its time does not put the next try off.
func TestAnEagerTryLeavesTheNextOne(t *testing.T) {
	o := newMemory()
	tr, err := Open("smtp://" + nowhere(t))
	if err != nil {
		t.Fatal(err)
	}
	d, forward, _ := clocked(t, o, tr)
	_ = d.Deliver(t.Context(), 1)
	next := o.pause.NextProbe
	forward(time.Second)
	for range 3 {
		if err := d.TryServer(t.Context()); !errors.As(err, new(*Paused)) || !o.pause.NextProbe.Equal(next) || o.pause.Probes != 0 {
			t.Fatalf("error %v, pause %+v", err, o.pause)
		}
	}
}

func TestWhileOneMailTriesTheServerTheOthersWait(t *testing.T) {
	o := newMemory()
	s := new(mailServer).start(t, false)
	d, _, _ := clocked(t, o, s.open(t, "smtp://", ""))
	o.pause = &creditnotes.MailPause{Since: o.now(), NextProbe: o.now(), Probing: o.now().Add(time.Minute)}
	if err := d.Deliver(t.Context(), 1); !errors.As(err, new(*Paused)) || s.connections != 0 {
		t.Errorf("%d connections, error %v", s.connections, err)
	}
	if err := d.TryServer(t.Context()); !errors.As(err, new(*Paused)) || s.connections != 0 {
		t.Errorf("%d connections, error %v", s.connections, err)
	}
}

// A mail whose content alone is refused does not stop the others.
func TestOneRefusedMailWaitsForAnotherOneToShowWhatIsMeant(t *testing.T) {
	s := (&mailServer{data: func(_ *smtpd.Conn, r io.Reader) error { _, _ = io.Copy(io.Discard, r); return says(554, "spam") }}).start(t, false)
	o := newMemory()
	o.doubts.Ready = 1
	d, forward, _ := clocked(t, o, s.open(t, "smtp://", ""))
	if err := d.Deliver(t.Context(), 1); !errors.As(err, new(*Undecided)) || o.delivery.Doubt == "" || o.pause != nil {
		t.Fatalf("error %v, delivery %+v", err, o.delivery)
	}
	o.doubts = creditnotes.MailDoubts{} // the other one has not shown it
	if err := d.Deliver(t.Context(), 1); !hasFault(err, "mail_put_off") || o.delivery.Recipients[0].State != creditnotes.RecipientDeferred {
		t.Fatalf("error %v, delivery %+v", err, o.delivery)
	}
	forward(time.Hour)
	o.doubts.Accepted = true
	if err := d.Deliver(t.Context(), 1); err != nil || o.delivery.State != creditnotes.DeliveryFailed || !strings.HasPrefix(o.delivery.Recipients[0].Reply, "554") {
		t.Errorf("error %v, delivery %+v", err, o.delivery)
	}
	o = newMemory() // was put off, others were taken since; now the server refuses what may be all
	o.delivery.Attempts, o.delivery.JudgedAt, o.doubts = 1, created, creditnotes.MailDoubts{Accepted: true, Ready: 1}
	d.Outbox = o
	if err := d.Deliver(t.Context(), 1); !errors.As(err, new(*Undecided)) || o.delivery.State != creditnotes.DeliveryQueued {
		t.Errorf("error %v, delivery %+v", err, o.delivery)
	}
	o = newMemory()
	o.doubts.Alike = 1
	d.Outbox = o
	if err := d.Deliver(t.Context(), 1); !errors.As(err, new(*Paused)) || o.pause == nil {
		t.Errorf("two mails refused alike do not pause: %v", err)
	}
}

// away is an outbox whose database is gone from the end of the mail on.
type away struct {
	*memory
	gone bool
}

func (o *away) Finish(ctx context.Context, id int64, a creditnotes.Attempt) error {
	if o.gone {
		return errors.New("database is gone")
	}
	return o.memory.Finish(ctx, id, a)
}

func TestWhatTheServerAnsweredIsKeptUntilTheDatabaseHasIt(t *testing.T) {
	s := new(mailServer).start(t, false)
	o := &away{memory: newMemory(), gone: true}
	folder := filepath.Join(t.TempDir(), "journal")
	first := deliverer(t, o, s.open(t, "smtp://", ""))
	first.Journal = NewJournal(folder)
	tries := 0
	first.After = func(time.Duration) <-chan time.Time {
		tries++
		return time.After(0)
	}
	if err := first.Deliver(t.Context(), 1); err == nil || tries == 0 || o.delivery.State != creditnotes.DeliverySending {
		t.Fatalf("error %v after %d tries, delivery %+v", err, tries, o.delivery)
	}
	// The process is killed; the next one knows what was answered.
	o.gone = false
	next := deliverer(t, o, s.open(t, "smtp://", ""))
	next.Journal = NewJournal(folder)
	if n, err := next.Replay(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d mails, error %v", n, err)
	}
	if o.delivery.State != creditnotes.DeliverySent || len(s.inbox()) != 1 {
		t.Errorf("%d mails, delivery %+v", len(s.inbox()), o.delivery)
	}
	if left, _ := os.ReadDir(folder); len(left) != 0 {
		t.Errorf("the journal holds %v", left)
	}
}

func TestTheDatabaseMayComeBackWhileTheAnswerWaits(t *testing.T) {
	s := new(mailServer).start(t, false)
	o := &away{memory: newMemory(), gone: true}
	d := deliverer(t, o, s.open(t, "smtp://", ""))
	d.After = func(time.Duration) <-chan time.Time {
		o.gone = false
		return time.After(0)
	}
	if err := d.Deliver(t.Context(), 1); err != nil || o.delivery.State != creditnotes.DeliverySent || len(s.inbox()) != 1 {
		t.Errorf("error %v, %d mails, delivery %+v", err, len(s.inbox()), o.delivery)
	}
}

func TestAProcessThatDiesBeforeTheEndOfTheMailParksNothing(t *testing.T) {
	o := newMemory()
	s := (&mailServer{rcptTo: func(string) error {
		if o.delivery.State != creditnotes.DeliveryQueued {
			t.Errorf("the mail is %s before it was handed over", o.delivery.State)
		}
		return nil
	}}).start(t, false)
	deliver(t, o, s)
	if o.states[0] != creditnotes.DeliverySending || o.delivery.State != creditnotes.DeliverySent {
		t.Errorf("states %v", o.states)
	}
}

func TestAHandingOverUnderWayIsLeftToItsProcess(t *testing.T) {
	s := new(mailServer).start(t, false)
	o := newMemory()
	d, forward, _ := clocked(t, o, s.open(t, "smtp://", ""))
	d.Grace = 12 * time.Minute
	_, _, _, _ = o.Delivery(t.Context(), 1)
	if _, err := o.HandOver(t.Context(), 1, "", o.delivery.To); err != nil {
		t.Fatal(err)
	}
	if err := d.Deliver(t.Context(), 1); !errors.As(err, new(*Later)) || o.delivery.State != creditnotes.DeliverySending {
		t.Fatalf("error %v, delivery %+v", err, o.delivery)
	}
	forward(13 * time.Minute)
	if err := d.Deliver(t.Context(), 1); err != nil || o.delivery.State != creditnotes.DeliveryParked || len(s.inbox()) != 0 {
		t.Errorf("error %v, delivery %+v", err, o.delivery)
	}
}
