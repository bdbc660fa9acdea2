package store_test

import (
	"testing"
	"time"

	"creditrun/creditnotes"
)

func TestWithoutTheLicenceRightNothingIsCredited(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.set("release", "approve")
		w.month("2026-09")
		w.set("credit_run", "false")
		_, err := w.runner.Preview(ctx, byAnna("2026-10"))
		says(t, err, "licence_withdrawn")
		_, err = w.runner.Run(ctx, byAnna("2026-10"))
		says(t, err, "licence_withdrawn")
		_, err = w.runner.Approve(ctx, "2026-09", "bob")
		says(t, err, "licence_withdrawn")
		_, err = w.runner.Cancel(ctx, creditnotes.CancelRequest{Number: "any", Reason: "x", Who: "anna"})
		says(t, err, "licence_withdrawn")
		_, err = w.runner.Resend(ctx, creditnotes.ResendRequest{Number: "any", Who: "anna"})
		says(t, err, "licence_withdrawn")
		w.now = w.now.Add(40 * 24 * time.Hour) // a month end has passed
		if done, err := w.runner.RunDue(ctx, "schedule"); len(done) != 0 || err != nil {
			t.Errorf("%v, %v", done, err)
		}
		readiness, err := w.runner.Readiness(ctx, "2026-10")
		check(t, err)
		if len(readiness.Findings) == 0 || readiness.Findings[0].Fault.Key != "licence_withdrawn" || readiness.Findings[0].Severity != creditnotes.Stops {
			t.Errorf("%+v", readiness.Findings)
		}
		w.set("credit_run", "true")
		if _, err := w.runner.Approve(ctx, "2026-09", "bob"); err != nil {
			t.Error(err)
		}
		if done, err := w.runner.RunDue(ctx, "schedule"); len(done) == 0 || err != nil {
			t.Errorf("%v, %v", done, err)
		}
	})
}
