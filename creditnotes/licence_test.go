package creditnotes_test

import (
	"testing"
	"time"

	"creditrun/creditnotes"
)

func TestWithoutTheLicenceRightNothingIsCredited(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.Set("release", "approve")
		w.Month("2026-09")
		w.Set("credit_run", "false")
		_, err := w.Runner.Preview(ctx, byAnna("2026-10"))
		says(t, err, "licence_withdrawn")
		_, err = w.Runner.Run(ctx, byAnna("2026-10"))
		says(t, err, "licence_withdrawn")
		_, err = w.Runner.Approve(ctx, "2026-09", "bob")
		says(t, err, "licence_withdrawn")
		_, err = w.Runner.Cancel(ctx, creditnotes.CancelRequest{Number: "any", Reason: "x", Who: "anna"})
		says(t, err, "licence_withdrawn")
		_, err = w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: "any", Who: "anna"})
		says(t, err, "licence_withdrawn")
		w.Now = w.Now.Add(40 * 24 * time.Hour) // a month end has passed
		if done, err := w.Runner.RunDue(ctx, "schedule"); len(done) != 0 || err != nil {
			t.Errorf("%v, %v", done, err)
		}
		readiness, err := w.Runner.Readiness(ctx, "2026-10")
		if err != nil {
			t.Fatal(err)
		}
		if len(readiness.Findings) == 0 || readiness.Findings[0].Fault.Key != "licence_withdrawn" || readiness.Findings[0].Severity != creditnotes.Stops {
			t.Errorf("%+v", readiness.Findings)
		}
		w.Set("credit_run", "true")
		if _, err := w.Runner.Approve(ctx, "2026-09", "bob"); err != nil {
			t.Error(err)
		}
		if done, err := w.Runner.RunDue(ctx, "schedule"); len(done) == 0 || err != nil {
			t.Errorf("%v, %v", done, err)
		}
	})
}
