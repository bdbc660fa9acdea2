package main

import (
	"testing"

	"creditrun/creditnotes"
)

func TestWhatVerifyLookedAtHasSingularAndPlural(t *testing.T) {
	got := lookedAt(&creditnotes.Verification{Counters: 1, Notes: 2, Runs: 1, Journals: 1, Audit: 1, Guards: 3})
	want := "1 number counter, 2 notes, 0 files, 0 price paths, 1 run, 0 movements, 0 payouts, 1 journal, 0 reminders, 1 audit entry, 3 guards"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
