package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/store/storetest"
	"creditrun/numbering"
)

// everyMonth charges 10 kWh for a and for b in some months of 2026.
func (w *world) everyMonth(months ...int) {
	w.t.Helper()
	w.now = time.Date(2027, 2, 1, 11, 0, 0, 0, time.UTC)
	for _, m := range months {
		start := fmt.Sprintf("2026-%02d-03 10:00", m)
		w.charged(charge(fmt.Sprintf("A-%02d", m), "ST-1", start, "10"), charge(fmt.Sprintf("B-%02d", m), "ST-9", start, "10"))
	}
}

func (w *world) numbers() (list []string) {
	w.t.Helper()
	for note, err := range w.s.IssuedNotes(w.t.Context()) {
		if err != nil {
			w.t.Fatal(err)
		}
		list = append(list, note.Number)
	}
	slices.Sort(list)
	return list
}

func (w *world) hasNumbers(want ...string) {
	w.t.Helper()
	if got := w.numbers(); !slices.Equal(got, want) {
		w.t.Errorf("numbers %q, want %q", got, want)
	}
	w.proven()
}

func TestRangeContinuesWhatWasBeforeAndStartsAgainEachYear(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.everyMonth(10, 11, 12)
		w.backdated("2026-10")
		dated := func(month entities.Month, date entities.Date) {
			q := byAnna(month)
			q.DocumentDate, q.Confirmed = date, true // a document of January comes before
			if _, err := w.tryAs(q); err != nil {
				t.Fatal(err)
			}
		}
		dated("2026-11", "2027-01-01")
		dated("2026-12", "2026-12-31") // issued later, counted in the old year
		w.hasNumbers("GS-2026-00042", "GS-2026-00043", "GS-2026-00044", "GS-2026-00045", "GS-2027-00001", "GS-2027-00002")
	}, func(c *creditnotes.Configuration) { c.NumberRanges[0].Next = 42 })
}

func TestRangeMayStartAgainEachMonth(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.everyMonth(10, 11)
		w.backdated("2026-10")
		w.backdated("2026-11")
		w.charged(charge("S-1", "ST-1", "2026-10-20 10:00", "10"))
		w.backdated("2026-10")
		w.hasNumbers("2026/10-1", "2026/10-2", "2026/10-3", "2026/11-1", "2026/11-2")
	}, func(c *creditnotes.Configuration) {
		c.NumberRanges[0].Pattern, c.NumberRanges[0].Reset = "{YYYY}/{MM}-{SEQ}", numbering.ResetMonthly
	})
}

func TestRangeMayCountForEachRecipient(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.everyMonth(10, 11)
		w.backdated("2026-10")
		w.backdated("2026-11")
		w.hasNumbers("a-26-007", "a-26-008", "b-26-007", "b-26-008")
	}, func(c *creditnotes.Configuration) {
		r := &c.NumberRanges[0]
		r.Pattern, r.Scope, r.Next = "{RECIPIENT}-{YY}-{SEQ:3}", numbering.ScopeRecipient, 7
	})
}

func TestCancellationsCountInTheirOwnRange(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.everyMonth(10)
		w.backdated("2026-10")
		w.cancel("GS-2026-00002")
		w.cancel("GS-2026-00001")
		w.backdated("2026-10")
		w.hasNumbers("GS-2026-00001", "GS-2026-00002", "GS-2026-00003", "GS-2026-00004", "ST-2027-00001", "ST-2027-00002")
	})
}

func TestNumbersHaveNoGapUnderConcurrency(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.everyMonth(1, 2, 3, 4, 5, 6, 7, 8)
		w.set("cancellation_range", "gs")
		for m := 1; m <= 4; m++ {
			w.month(entities.Month(fmt.Sprintf("2026-%02d", m)))
		}
		w.set("release", "approve")
		for m := 5; m <= 8; m++ {
			w.month(entities.Month(fmt.Sprintf("2026-%02d", m)))
		}
		var work []func() error
		for i := range 4 {
			approving, cancelling := w.newRunner(storetest.Open(t, w.url, w.clock)), w.newRunner(storetest.Open(t, w.url, w.clock))
			month, ctx := fmt.Sprintf("2026-%02d", 5+i), t.Context()
			work = append(work, func() error {
				_, err := approving.Approve(ctx, month, "berta")
				return err
			}, func() error {
				var errs []error
				for _, number := range []string{fmt.Sprintf("GS-%d", 2*i+1), fmt.Sprintf("GS-%d", 2*i+2)} {
					_, err := cancelling.Cancel(ctx, creditnotes.CancelRequest{Number: number, Reason: "wrong", Who: "berta"})
					errs = append(errs, err)
				}
				return errors.Join(errs...)
			})
		}
		var all sync.WaitGroup
		start := make(chan struct{})
		for _, one := range work {
			all.Go(func() {
				<-start
				if err := one(); err != nil {
					t.Error(err)
				}
			})
		}
		close(start)
		all.Wait()
		var want []string
		for i := 1; i <= 4*2+4*2+4*2; i++ {
			want = append(want, fmt.Sprintf("GS-%d", i))
		}
		slices.Sort(want)
		w.hasNumbers(want...)
	}, func(c *creditnotes.Configuration) {
		// One sequence for all that is issued.
		c.NumberRanges[0].Pattern, c.NumberRanges[0].Reset = "GS-{SEQ}", numbering.ResetNever
		c.NumberRanges[0].ValidFor = []numbering.DocumentType{numbering.CreditNote, numbering.Cancellation}
	})
}

// breaking fails at the end of every issue, when the numbers are taken.
type breaking struct{ creditnotes.Store }

func (s breaking) WriteIssue(ctx context.Context, fn func(creditnotes.IssueWriter) error) error {
	return s.Store.WriteIssue(ctx, func(w creditnotes.IssueWriter) error {
		return errors.Join(fn(w), errors.New("the disk is full"))
	})
}

func TestFailedIssueTakesNoNumber(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.everyMonth(10)
		w.runner = w.newRunner(breaking{w.s})
		for range 3 {
			if _, err := w.try("2026-10"); err == nil {
				t.Fatal("it went well")
			}
		}
		w.hasNumbers()
		if n := w.rows("deliveries"); n != 0 {
			t.Errorf("%d mailings", n)
		}
		w.runner = w.newRunner(w.s)
		w.month("2026-10")
		w.runner = w.newRunner(breaking{w.s})
		if _, err := w.tryCancel("GS-2027-00001"); err == nil {
			t.Fatal("it went well")
		}
		if n := w.rows("lines WHERE live"); n != 2 {
			t.Errorf("%d lines are live", n)
		}
		w.runner = w.newRunner(w.s)
		w.cancel("GS-2027-00001")
		w.hasNumbers("GS-2027-00001", "GS-2027-00002", "ST-2027-00001")
	})
}
