package creditnotestest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/numbering"
)

func rangeContinuesWhatWasBeforeAndStartsAgainEachYear(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.EveryMonth(10, 11, 12)
		w.Backdated("2026-10")
		dated := func(month entities.Month, date entities.Date) {
			q := ByAnna(month)
			q.DocumentDate, q.Confirmed = date, true // a document of January comes before
			if _, err := w.TryAs(q); err != nil {
				t.Fatal(err)
			}
		}
		dated("2026-11", "2027-01-01")
		dated("2026-12", "2026-12-31") // issued later, counted in the old year
		w.HasNumbers("GS-2026-00042", "GS-2026-00043", "GS-2026-00044", "GS-2026-00045", "GS-2027-00001", "GS-2027-00002")
	}, func(c *creditnotes.Configuration) { c.NumberRanges[0].Next = 42 })
}

func rangeMayCountForEachRecipient(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.EveryMonth(10, 11)
		w.Backdated("2026-10")
		w.Backdated("2026-11")
		w.HasNumbers("a-26-007", "a-26-008", "b-26-007", "b-26-008")
	}, func(c *creditnotes.Configuration) {
		r := &c.NumberRanges[0]
		r.Pattern, r.Scope, r.Next = "{RECIPIENT}-{YY}-{SEQ:3}", numbering.ScopeRecipient, 7
	})
}

func numbersHaveNoGapUnderConcurrency(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.EveryMonth(1, 2, 3, 4, 5, 6, 7, 8)
		w.Set("cancellation_range", "gs")
		for m := 1; m <= 4; m++ {
			w.Month(entities.Month(fmt.Sprintf("2026-%02d", m)))
		}
		w.Set("release", "approve")
		for m := 5; m <= 8; m++ {
			w.Month(entities.Month(fmt.Sprintf("2026-%02d", m)))
		}
		var work []func() error
		for i := range 4 {
			approving, cancelling := w.NewRunner(w.Another()), w.NewRunner(w.Another())
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
		w.HasNumbers(want...)
	}, func(c *creditnotes.Configuration) {
		// One sequence for all that is issued.
		c.NumberRanges[0].Pattern, c.NumberRanges[0].Reset = "GS-{SEQ}", numbering.ResetNever
		c.NumberRanges[0].ValidFor = []numbering.DocumentType{numbering.CreditNote, numbering.Cancellation}
	})
}

func failedIssueTakesNoNumber(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.EveryMonth(10)
		w.Runner = w.NewRunner(Breaking{w.Store})
		for range 3 {
			if _, err := w.Try("2026-10"); err == nil {
				t.Fatal("it went well")
			}
		}
		w.HasNumbers()
		if n := w.Count("deliveries"); n != 0 {
			t.Errorf("%d mailings", n)
		}
		w.Runner = w.NewRunner(w.Store)
		w.Month("2026-10")
		w.Runner = w.NewRunner(Breaking{w.Store})
		if _, err := w.TryCancel("GS-2027-00001"); err == nil {
			t.Fatal("it went well")
		}
		if n := w.Count("live lines"); n != 2 {
			t.Errorf("%d lines are live", n)
		}
		w.Runner = w.NewRunner(w.Store)
		w.Cancel("GS-2027-00001")
		w.HasNumbers("GS-2027-00001", "GS-2027-00002", "ST-2027-00001")
	})
}
