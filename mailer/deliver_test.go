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
	"sync/atomic"
	"testing"
	"time"

	smtpd "github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

func TestADeliveryIsSentOnceHoweverOftenItIsAskedFor(t *testing.T) {
	s := new(mailServer).start(t, true)
	o := newMemory()
	d := deliverer(t, o, s.open(t, "smtp://", ""))
	for range 3 {
		if err := d.Deliver(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.inbox()) != 1 || !strings.HasPrefix(o.delivery.Reply, "250 ") || !o.delivery.SentAt.Equal(created.Add(time.Minute)) {
		t.Errorf("%d mails, delivery %+v", len(s.inbox()), o.delivery)
	}
	want := []creditnotes.DeliveryState{creditnotes.DeliverySending, creditnotes.DeliverySent}
	if diff := cmp.Diff(want, o.states); diff != "" {
		t.Error(diff)
	}
}

func TestGreylistingIsWaitedOut(t *testing.T) {
	var n atomic.Int32
	s := (&mailServer{rcptTo: func(string) error {
		if n.Add(1) <= 2 { // both recipients
			return says(451, "come back later")
		}
		return nil
	}}).start(t, false)
	o := newMemory()
	d := deliverer(t, o, s.open(t, "smtp://", ""))
	if err := d.Deliver(t.Context(), 1); !fault.Is(err, fault.Unavailable) || !hasFault(err, "mail_put_off") {
		t.Fatalf("the job queue is not told to try again: %v", err)
	}
	if o.delivery.State != creditnotes.DeliveryQueued || !strings.Contains(o.delivery.Reply, "come back later") || len(s.inbox()) != 0 {
		t.Fatalf("%d mails, delivery %+v", len(s.inbox()), o.delivery)
	}
	if err := d.Deliver(t.Context(), 1); !errors.As(err, new(*Later)) || n.Load() != 2 {
		t.Fatalf("a mail is tried before it is due: %v", err)
	}
	d.Now = func() time.Time { return created.Add(time.Hour) }
	if err := d.Deliver(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if o.delivery.State != creditnotes.DeliverySent || o.delivery.Attempts != 2 || len(s.inbox()) != 1 {
		t.Errorf("%d mails, delivery %+v", len(s.inbox()), o.delivery)
	}
}

func TestARefusedMailFailsWithTheServersWords(t *testing.T) {
	s := (&mailServer{rcptTo: func(string) error { return says(550, "unknown") }}).start(t, false)
	o := newMemory()
	if err := deliverer(t, o, s.open(t, "smtp://", "")).Deliver(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if o.delivery.State != creditnotes.DeliveryFailed || !strings.Contains(o.delivery.Reply, "chef@mueller.example: 550") {
		t.Errorf("delivery %+v", o.delivery)
	}
}

func TestAfterTheLastAttemptThoseWhoArePutOffFail(t *testing.T) {
	s := (&mailServer{rcptTo: func(to string) error {
		if strings.HasPrefix(to, "chef@") {
			return says(452, "mailbox full")
		}
		return nil
	}}).start(t, false)
	o := newMemory()
	d := deliverer(t, o, s.open(t, "smtp://", ""))
	d.MaxAttempts = 2
	if err := d.Deliver(t.Context(), 1); !hasFault(err, "mail_put_off") {
		t.Fatal(err)
	}
	want := []creditnotes.DeliveryRecipient{
		{Address: "buchhaltung@mueller.example", State: creditnotes.RecipientAccepted, Reply: o.delivery.Recipients[0].Reply},
		{Address: "chef@mueller.example", State: creditnotes.RecipientDeferred, Reply: "452 4.0.0 mailbox full"},
	}
	if diff := cmp.Diff(want, o.delivery.Recipients); diff != "" || o.delivery.State != creditnotes.DeliveryIncomplete || !strings.HasPrefix(want[0].Reply, "250 ") {
		t.Fatalf("%s: %s", o.delivery.State, diff)
	}
	// Before its time it may be tried, but that does not count.
	d.Eager = true
	for range 5 {
		if err := d.Deliver(t.Context(), 1); !hasFault(err, "mail_put_off") || o.delivery.Attempts != 1 {
			t.Fatalf("%d attempts, error %v", o.delivery.Attempts, err)
		}
	}
	d.Now = func() time.Time { return created.Add(time.Hour) }
	if err := d.Deliver(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if len(s.inbox()) != 1 || len(s.inbox()[0].to) != 1 || o.delivery.Recipients[1].State != creditnotes.RecipientRefused || o.delivery.State != creditnotes.DeliveryIncomplete {
		t.Errorf("%d mails, delivery %+v", len(s.inbox()), o.delivery)
	}
	if deliverer(t, o, nil).maxAttempts() != DefaultAttempts {
		t.Error("no default")
	}
}

func TestAMailOfUnknownOutcomeIsParkedAndNeverSentAgain(t *testing.T) {
	var n atomic.Int32
	s := (&mailServer{data: func(c *smtpd.Conn, r io.Reader) error {
		n.Add(1)
		_, _ = io.Copy(io.Discard, r)
		return c.Conn().Close()
	}}).start(t, false)
	o := newMemory()
	d := deliverer(t, o, s.open(t, "smtp://", ""))
	for range 3 {
		if err := d.Deliver(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if o.delivery.State != creditnotes.DeliveryParked || o.delivery.Reply == "" || n.Load() != 1 {
		t.Errorf("%d mails, delivery %+v", n.Load(), o.delivery)
	}
}

func TestAfterACrashWhileSending(t *testing.T) {
	crashed := func() *memory {
		o := newMemory()
		o.delivery.State, o.delivery.Attempts, o.delivery.Handover = creditnotes.DeliverySending, 1, "lost"
		for _, to := range o.delivery.To {
			o.delivery.Recipients = append(o.delivery.Recipients, creditnotes.DeliveryRecipient{Address: to, State: creditnotes.RecipientSending})
		}
		return o
	}
	t.Run("a mail server gets nothing and a person decides", func(t *testing.T) {
		s := new(mailServer).start(t, false)
		o := crashed()
		if err := deliverer(t, o, s.open(t, "smtp://", "")).Deliver(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if o.delivery.State != creditnotes.DeliveryParked || o.delivery.Reply == "" || len(s.inbox()) != 0 {
			t.Errorf("%d mails, delivery %+v", len(s.inbox()), o.delivery)
		}
	})
	t.Run("a folder gets the same bytes again", func(t *testing.T) {
		dir := t.TempDir()
		o := newMemory()
		d := deliverer(t, o, openFolder(t, dir))
		if err := d.Deliver(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		before, err := os.ReadFile(filepath.Join(dir, "GS-2026-00001.eml"))
		if err != nil {
			t.Fatal(err)
		}
		o.delivery.State = creditnotes.DeliverySending
		for i := range o.delivery.Recipients {
			o.delivery.Recipients[i].State = creditnotes.RecipientSending
		}
		if err := d.Deliver(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		after, err := os.ReadFile(filepath.Join(dir, "GS-2026-00001.eml"))
		if err != nil || !bytes.Equal(before, after) || o.delivery.State != creditnotes.DeliverySent || o.delivery.Attempts != 2 {
			t.Errorf("error %v, same bytes %v, delivery %+v", err, bytes.Equal(before, after), o.delivery)
		}
	})
}

func TestOnlyOneOfTwoWorkersSends(t *testing.T) {
	o := newMemory()
	late := &raced{memory: o}
	dir := t.TempDir()
	if err := deliverer(t, late, openFolder(t, dir)).Deliver(t.Context(), 1); !errors.As(err, new(*Undecided)) {
		t.Fatal(err)
	}
	if len(files(t, dir)) != 0 || o.delivery.State != creditnotes.DeliverySending {
		t.Errorf("files %v, delivery %+v", files(t, dir), o.delivery)
	}
}

// raced lets another worker take the delivery after it was read.
type raced struct{ *memory }

func (r *raced) Delivery(ctx context.Context, id int64) (*creditnotes.Delivery, *creditnotes.Note, []creditnotes.File, error) {
	d, n, files, err := r.memory.Delivery(ctx, id)
	_, _ = r.HandOver(ctx, id, "", d.To)
	return d, n, files, err
}

func TestAMailThatCannotBeWrittenFailsWithTheReason(t *testing.T) {
	o := newMemory()
	o.delivery.To = []string{"nobody"}
	if err := deliverer(t, o, openFolder(t, t.TempDir())).Deliver(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if o.delivery.State != creditnotes.DeliveryFailed || !strings.Contains(o.delivery.Reply, "nobody") || o.delivery.Attempts != 0 {
		t.Errorf("delivery %+v", o.delivery)
	}
}

func TestTheOutcomeIsRecordedAlsoWhenTheProcessIsToEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := (&mailServer{data: func(_ *smtpd.Conn, r io.Reader) error {
		cancel()
		_, err := io.Copy(io.Discard, r)
		return err
	}}).start(t, false)
	o := &strict{memory: newMemory()}
	if err := deliverer(t, o, s.open(t, "smtp://", "")).Deliver(ctx, 1); err != nil {
		t.Fatal(err)
	}
	if o.delivery.State != creditnotes.DeliverySent {
		t.Errorf("delivery %+v", o.delivery)
	}
}

// strict is an outbox that heeds the context.
type strict struct{ *memory }

func (o *strict) Finish(ctx context.Context, id int64, a creditnotes.Attempt) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return o.memory.Finish(ctx, id, a)
}

func TestNoAddressIsLogged(t *testing.T) {
	for _, code := range []int{250, 451, 550} {
		s := (&mailServer{rcptTo: func(to string) error {
			if code == 250 {
				return nil
			}
			return says(code, "<"+to+"> is not known here")
		}}).start(t, false)
		var log bytes.Buffer
		d := deliverer(t, newMemory(), s.open(t, "smtp://", ""))
		d.Log = slog.New(slog.NewTextHandler(&log, nil))
		if err := d.Deliver(t.Context(), 1); err != nil {
			log.WriteString(err.Error())
		}
		if log.Len() == 0 || strings.Contains(log.String(), "example") || !strings.Contains(log.String(), "GS-2026-00001") {
			t.Errorf("%d: logged %s", code, log.String())
		}
	}
}

func TestAnErrorOfTheOutboxIsReturned(t *testing.T) {
	broken := errors.New("database is gone")
	o := &failing{memory: newMemory(), err: broken}
	d := deliverer(t, o, openFolder(t, t.TempDir()))
	d.After = func(time.Duration) <-chan time.Time { return time.After(0) }
	if err := d.Deliver(t.Context(), 1); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type failing struct {
	*memory
	err error
}

func (o *failing) Finish(context.Context, int64, creditnotes.Attempt) error {
	return o.err
}
