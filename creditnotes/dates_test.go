package creditnotes_test

import (
	"slices"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/entities"
)

// dated asks for a month with a document date.
func dated(month entities.Month, date entities.Date) creditnotes.Request {
	q := byAnna(month)
	q.DocumentDate = date
	return q
}

// dates compares the date and the number of the first note of a report, and
// when it is due.
func dates(t *testing.T, report *creditnotes.Report, number string, date, due entities.Date) {
	t.Helper()
	n := report.Notes[0]
	if n.Number != number || n.Date != date || n.Document.DueDate != due {
		t.Errorf("%s is dated %s and due on %s, want %s of %s due on %s", n.Number, n.Date, n.Document.DueDate, number, date, due)
	}
}

// domain.md §9.2.
func TestADocumentIsDatedOnTheDayOfIssueAndDueFromThen(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("payment_terms.net_days", "14")
		w.Charged(workedExample()...)
		w.Now = evening("2026-11-15")
		dates(t, w.Month("2026-10"), "GS-2026-00001", "2026-11-15", "2026-11-29")
		w.Proven()
	})
}

func TestTheDayOfIssueIsThatOfTheOperatorsZone(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Now = time.Date(2026, 10, 31, 23, 30, 0, 0, time.UTC) // half past midnight in Berlin
		dates(t, w.Month("2026-10"), "GS-2026-00001", "2026-11-01", "2026-11-01")
	})
}

// The scheduled run is dated the last day of its month, also after a review
// window and when it was missed.
func TestTheScheduledRunIsDatedTheLastDayOfTheMonth(t *testing.T) {
	for name, now := range map[string]entities.Date{"in time": "2026-10-31", "after the review window": "2026-11-03", "missed": "2027-01-20"} {
		t.Run(name, func(t *testing.T) {
			tell(t, func(t *testing.T, w *world) {
				w.Charged(workedExample()...)
				if name == "after the review window" {
					w.Set("review_days", "3")
				}
				w.Now = evening(now).Add(3*time.Hour + 30*time.Minute)
				done, err := w.Runner.RunDue(t.Context(), "schedule")
				if err != nil || len(done) == 0 || done[0].Month != "2026-10" {
					t.Fatalf("%v, %v", done, err)
				}
				dates(t, w.Report(done[0]), "GS-2026-00001", "2026-10-31", "2026-10-31")
			})
		})
	}
}

// Numbers and dates rise together without anyone to ask.
func TestTheScheduledRunIsDatedTodayAfterALaterDocument(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("review_days", "5")
		w.Charged(append(workedExample(), charge("S-7", "ST-9", "2026-09-03 10:00", "10"))...)
		w.Now = evening("2026-11-02")
		dates(t, w.Month("2026-09"), "GS-2026-00001", "2026-11-02", "2026-11-02")
		w.Now = evening("2026-11-06")
		done, err := w.Runner.RunDue(t.Context(), "schedule")
		if err != nil || len(done) != 1 {
			t.Fatalf("%v, %v", done, err)
		}
		dates(t, w.Report(done[0]), "GS-2026-00002", "2026-11-06", "2026-11-06")
	})
}

func TestADraftIsDatedOnTheDayOfItsRelease(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("release", "approve", "payment_terms.net_days", "10")
		w.Charged(workedExample()...)
		w.Now = evening("2026-12-30")
		w.Month("2026-10")
		w.Now = evening("2027-01-04")
		run, err := w.Runner.Approve(t.Context(), "2026-10", "bert")
		if err != nil {
			t.Fatal(err)
		}
		w.Render(run)
		// The number counts in the period of the date.
		dates(t, w.Report(run), "GS-2027-00001", "2027-01-04", "2027-01-14")
		stored, err := w.s.RunByName(t.Context(), "2026-10")
		if err != nil || stored.DocumentDate != "2027-01-04" || run.DocumentDate != "2027-01-04" {
			t.Errorf("the run is dated %s, stored %s, %v", run.DocumentDate, stored.DocumentDate, err)
		}
		w.Proven()
	})
}

func TestAGivenDateStaysUntilTheRelease(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("release", "approve")
		w.Charged(workedExample()...)
		w.Now = evening("2027-01-02")
		if _, err := w.TryAs(dated("2026-10", "2026-12-31")); err != nil {
			t.Fatal(err)
		}
		w.Now = evening("2027-01-04")
		run, err := w.Runner.Approve(t.Context(), "2026-10", "bert")
		if err != nil {
			t.Fatal(err)
		}
		dates(t, w.Report(run), "GS-2026-00001", "2026-12-31", "2026-12-31")
	})
}

// The agreement that is printed and required is that of the day of issue.
func TestTheAgreementMustCoverTheDayOfIssue(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Set("release", "approve", "require_agreement", "true")
		w.Charged(workedExample()...)
		w.Now = evening("2026-11-10")
		w.Month("2026-10")
		w.Now = evening("2026-11-12")
		_, err := w.Runner.Approve(t.Context(), "2026-10", "bert")
		says(t, err, "run_release_agreement")
		w.HasNumbers()
		w.Entity("a").Agreement.ValidUntil, w.Entity("a").Agreement.Reference = "2027-12-31", "second"
		w.Save()
		run, err := w.Runner.Approve(t.Context(), "2026-10", "bert")
		if err != nil {
			t.Fatal(err)
		}
		if got := w.Report(run).Notes[0].Document.Agreement; got != "second" {
			t.Errorf("the agreement is %q", got)
		}
	}, func(c *creditnotes.Configuration) {
		entityIn(c, "a").Agreement = entities.Agreement{ValidFrom: "2026-01-01", ValidUntil: "2026-11-11", Reference: "first"}
	})
}

func TestARunThatIsResumedAfterMidnightIsDatedThen(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Now = evening("2026-10-31").Add(3*time.Hour + 59*time.Minute)
		healthy := w.Runner
		w.Runner = w.NewRunner(creditnotestest.Breaking{Store: w.s})
		if _, err := w.Try("2026-10"); err == nil {
			t.Fatal("it went well")
		}
		w.Now = w.Now.Add(10 * time.Minute)
		w.Runner = healthy
		dates(t, w.Month("2026-10"), "GS-2026-00001", "2026-11-01", "2026-11-01")
	})
}

func TestAMonthThatHasNotBegunIsRefused(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Now = evening("2026-11-29")
		q := byAnna("2027-10")
		q.Confirmed = true
		_, err := w.TryAs(q)
		says(t, err, "run_month_not_begun")
		_, err = w.Runner.Preview(t.Context(), q)
		says(t, err, "run_month_not_begun")
		ready, err := w.Runner.Readiness(t.Context(), "2027-10")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(ready.Findings, func(f creditnotes.Finding) bool {
			return f.Severity == creditnotes.Stops && f.Fault.Key == "run_month_not_begun"
		}) {
			t.Errorf("%+v", ready.Findings)
		}
		if n := w.Count("runs"); n != 0 {
			t.Errorf("%d runs", n)
		}
		// It begins at midnight in the operator's zone.
		w.Now = time.Date(2027, 9, 30, 21, 59, 59, 0, time.UTC)
		_, err = w.TryAs(q)
		says(t, err, "run_month_not_begun")
		w.Now = w.Now.Add(time.Second)
		if _, err = w.TryAs(q); err != nil {
			t.Error(err)
		}
	})
}

func TestTheRunningMonthAsksWithTheConsequence(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-1", "2026-11-03 10:00", "10"))
		w.Month("2026-10")
		w.Now = evening("2026-11-10")
		w.Charged(charge("S-3", "ST-1", "2026-11-04 10:00", "10"), charge("S-4", "ST-9", "2026-11-10 10:00", "10"))
		q := byAnna("2026-11")
		_, err := w.TryAs(q)
		says(t, err, "run_month_running")
		questions, err := w.Runner.Questions(t.Context(), q)
		if err != nil || len(questions) != 1 {
			t.Fatalf("%v, %v", questions, err)
		}
		// Three sessions in ten days: six in the twenty that are left.
		same(t, questions[0].Error(), "run_month_running days=20 expected=6 last=2026-11-30 month=2026-11 open=3")
		if n := w.Count("runs"); n != 1 { // that of October
			t.Errorf("%d runs", n)
		}
		q.Confirmed = true
		report, err := w.TryAs(q)
		if err != nil {
			t.Fatal(err)
		}
		dates(t, report, "GS-2026-00002", "2026-11-10", "2026-11-10")
		// On the last day nothing is asked.
		w.Now = evening("2026-11-30")
		if questions, err := w.Runner.Questions(t.Context(), byAnna("2026-11")); err != nil || len(questions) != 0 {
			t.Errorf("%v, %v", questions, err)
		}
	})
}

func TestARunThatIsTakenUpIsNotAskedAgain(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Now = evening("2026-10-20")
		q := byAnna("2026-10")
		q.Confirmed = true
		healthy := w.Runner
		w.Runner = w.NewRunner(creditnotestest.Breaking{Store: w.s})
		if _, err := w.TryAs(q); err == nil {
			t.Fatal("it went well")
		}
		w.Runner, q.Confirmed = healthy, false
		if _, err := w.TryAs(q); err != nil {
			t.Error(err)
		}
	})
}

func TestAGivenDateLiesBetweenTheEndOfTheMonthAndToday(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(workedExample()...)
		w.Now = evening("2026-11-15")
		for date, key := range map[entities.Date]string{
			"2026-09-01": "run_date_before_month_end", "2026-10-30": "run_date_before_month_end",
			"2026-11-16": "run_date_in_future", "2031-01-01": "run_date_in_future",
		} {
			q := dated("2026-10", date)
			q.Confirmed = true
			_, err := w.TryAs(q)
			says(t, err, key)
			_, err = w.Runner.Preview(t.Context(), q)
			says(t, err, key)
		}
		if n := w.Count("runs"); n != 0 {
			t.Errorf("%d runs", n)
		}
		report, err := w.TryAs(dated("2026-10", "2026-10-31"))
		if err != nil {
			t.Fatal(err)
		}
		dates(t, report, "GS-2026-00001", "2026-10-31", "2026-10-31")
	})
}

func TestADateBeforeTheLastDocumentOfTheRangeAsks(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(append(workedExample(), charge("S-7", "ST-9", "2026-09-03 10:00", "10"))...)
		w.Now = evening("2026-11-15")
		w.Month("2026-09")
		q := dated("2026-10", "2026-11-14")
		_, err := w.TryAs(q)
		says(t, err, "run_date_before_last_document")
		q.Confirmed = true
		report, err := w.TryAs(q)
		if err != nil {
			t.Fatal(err)
		}
		dates(t, report, "GS-2026-00002", "2026-11-14", "2026-11-14")
		if _, err := w.TryAs(dated("2026-10", "2026-11-15")); err != nil {
			t.Errorf("the same day: %v", err)
		}
		w.Proven()
	})
}

// Documents that bear a date in the future from before it was refused keep
// the books clean and stop nothing.
func TestFutureDatesOfOldDocumentsStopNothing(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(append(workedExample(), charge("S-7", "ST-9", "2026-09-03 10:00", "10"))...)
		w.Now = evening("2027-10-31")
		w.Month("2026-09")
		w.Now = evening("2026-11-15")
		if ready, err := w.Runner.Readiness(t.Context(), "2026-10"); err != nil || ready.Stopped() {
			t.Errorf("%+v, %v", ready, err)
		}
		w.Charged(charge("S-8", "ST-9", "2026-10-04 10:00", "10"))
		dates(t, w.Month("2026-10"), "GS-2026-00001", "2026-11-15", "2026-11-15")
		w.Proven()
	})
}
