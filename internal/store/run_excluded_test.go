package store_test

import (
	"slices"
	"testing"
)

// Why a session is not paid is as lasting as what is paid.
func TestVerifyFindsAnotherReasonOfAnExcludedSession(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-2", "ST-1", "2026-10-05 10:00", "10"))
		w.Set("start_date", "2026-10-04")
		w.Tells("2026-10", `
			GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 2: credited 1 held 0 zero 0 excluded 1`)
		w.Proven()
		if n := w.rows("audit WHERE action = 'run.excluded'"); n != 1 {
			t.Fatalf("recorded %d times", n)
		}
		const change = "UPDATE lines SET reason = 'own_station' WHERE kind = 'excluded'"
		if _, err := w.sql(change); err == nil {
			t.Error("the reason can be changed")
		}
		w.Cancel("GS-2026-00001") // its lines are undone
		for _, statement := range []string{"UPDATE lines SET reason = 'x' WHERE NOT live", "UPDATE lines SET reason = 'x'"} {
			if _, err := w.sql(statement); err == nil {
				t.Errorf("%s is possible", statement)
			}
		}
		w.Proven()
		w.unlock()
		if n, err := w.sql(change); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if got := w.Problems(); !slices.Equal(got, []string{"verify_excluded"}) {
			t.Errorf("verify finds %v", got)
		}
	})
}

func TestAnUpgradeRecordsWhatWasExcludedBefore(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Set("start_date", "2026-10-04")
		w.Month("2026-10")
		w.unlock()
		w.rechain(func(e *auditEntry) bool { return e.action != "run.excluded" })
		if got := w.Problems(); !slices.Equal(got, []string{"verify_excluded"}) {
			t.Fatalf("before the upgrade: %v", got)
		}
		for range 2 {
			if err := w.s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.rows("audit WHERE action = 'run.excluded'"); n != 1 {
			t.Errorf("recorded %d times", n)
		}
		if got := w.Problems(); len(got) > 0 {
			t.Errorf("after the upgrade: %v", got)
		}
	})
}

// The new owner is paid although the old one, who cannot be credited, still
// has the money: that waits, and is no fault until a person forgets it.
func TestASessionThatWaitsToBeTakenBackIsNotPaidTwice(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.Corrected(charge("S-1", "ST-9", "2026-10-03 10:00", "10"))
		w.Entity("a").Emails = nil
		w.Save()
		w.Tells("2026-11", `
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15 late correction
			held S-2 a owner_failed
			failed a recipient_without_email
			received 2: credited 1 held 1 zero 0 excluded 0`)
		w.Proven()

		// Once the owner can be credited again, a run has to take it back.
		w.Entity("a").Emails = []string{"a@a.example"}
		w.Save()
		if n, err := w.sql("UPDATE run_owners SET failed_key = '' WHERE failed_key <> ''"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if got := w.Problems(); !slices.Contains(got, "verify_paid_twice") {
			t.Errorf("a run that forgets it: verify finds %v", got)
		}
		w.Tells("2026-11", `
			GS-2026-00003 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.Proven()
	})
}
