package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
)

// edited changes the database behind everyone's back and compares what verify
// finds.
func (w *world) edited(statement string, want ...string) {
	w.T.Helper()
	w.unlock()
	for part := range strings.SplitSeq(statement, ";") {
		if n, err := w.sql(part); err != nil || n == 0 {
			w.T.Fatalf("%s: %d rows, %v", part, n, err)
		}
	}
	w.finds(want...)
}

// derived are problems that follow from others: what a station and a settlement
// report add up.
var derived = []string{"verify_station_sessions", "verify_station_money", "verify_report_balance", "verify_report_sums", "verify_report_awaited",
	"verify_report_seal", "verify_report_gone", "verify_line_sums"}

// finds compares what verify finds; what follows from it need not be named.
func (w *world) finds(want ...string) {
	w.T.Helper()
	before := w.Ignored
	defer func() { w.Ignored = before }()
	w.Ignored = slices.DeleteFunc(slices.Concat(before, derived), func(key string) bool { return slices.Contains(want, key) })
	if got := w.Problems(); !slices.Equal(got, want) {
		w.T.Errorf("verify finds %v, want %v", got, want)
	}
}

func TestVerifyFindsAPaidLineThatIsMadeOpenAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.edited("UPDATE lines SET live = false", "verify_undone")
		w.edited("UPDATE lines SET live = true")
		w.edited("UPDATE lines SET live = false", "verify_undone")
		w.Tells("2026-10", `
			GS-2026-00002 a→a 3.15 + 0.60 = 3.75 EUR
			ST-1 energy 2026-10 1× 10 kWh 3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.finds("verify_paid_twice", "verify_undone")
	})
}

func TestVerifyFindsAPaidLineThatIsMadeOpenBeforeACorrection(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.Corrected(charge("S-1", "ST-1", "2026-10-03 10:00", "11"))
		w.edited("UPDATE lines SET live = false", "verify_undone")
		w.Month("2026-11")
		w.finds("verify_paid_twice", "verify_undone")
	})
}

func TestVerifyFindsACancelledLineThatCountsAsPaid(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.Cancel("GS-2026-00001")
		w.Proven()
		w.edited("UPDATE lines SET live = true", "verify_undone")
	})
}

func TestVerifyFindsACarriedSumThatIsMadeOpenAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Owing()
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Month("2026-11")
		w.Proven()
		w.edited("UPDATE carry_uses SET owner_id = (SELECT id FROM entities WHERE key = 'b')", "verify_carry_uses")
		w.edited("UPDATE carry_uses SET owner_id = (SELECT id FROM entities WHERE key = 'a')")
		w.edited("UPDATE carry_uses SET note_id = (SELECT id FROM credit_notes WHERE number = 'GS-2026-00001')", "verify_carry_uses", "verify_carry_uses")
		w.edited("DELETE FROM carry_uses", "verify_carry_uses")
		w.Charged(charge("S-3", "ST-1", "2026-11-04 10:00", "100"))
		w.Tells("2026-11", `
			GS-2026-00003 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-11 1× 100 kWh 31.50
			 carried_forward 2026-11 0× 0 kWh -3.15
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.finds("verify_carry_uses")
	})
}

func TestAPricePathThatIsGoneIsFound(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		s := versions(t, w.s, "S-1")[0]
		w.edited("DELETE FROM price_paths", "verify_prices", "verify_path_gone")
		_, err := w.Runner.Explain(t.Context(), w.s, &s)
		says(t, err, "explain_path_gone")
	})
}

func TestVerifyFindsAnEditedRun(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-9", "ST-9", "2026-10-03 10:00", "10"),
			charge("H", "ST-1", "2026-10-04 10:00", "20", invalid))
		w.Month("2026-10")
		w.Now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Month("2026-11")
		w.Cancel("GS-2026-00002")
		w.Proven()
		for _, edit := range []struct{ do, undo, want string }{
			{"UPDATE runs SET month = '2026-09' WHERE id = 1", "UPDATE runs SET month = '2026-10' WHERE id = 1", "verify_run_dates"},
			{"UPDATE runs SET document_date = '2026-10-30' WHERE id = 1", "UPDATE runs SET document_date = '2026-10-31' WHERE id = 1", "verify_run_dates"},
			{"UPDATE credit_notes SET run_id = 2 WHERE number = 'GS-2026-00001'", "UPDATE credit_notes SET run_id = 1 WHERE number = 'GS-2026-00001'", "verify_run_notes verify_run_notes"},
			{"UPDATE credit_notes SET ordinal = ordinal + 5 WHERE number = 'GS-2026-00001'", "UPDATE credit_notes SET ordinal = ordinal - 5 WHERE number = 'GS-2026-00001'", "verify_run_notes"},
			{"UPDATE credit_notes SET run_id = 2 WHERE kind = 'cancellation'", "UPDATE credit_notes SET run_id = 1 WHERE kind = 'cancellation'", "verify_cancellation_run"},
			{"UPDATE run_holds SET reason = 'overlap' WHERE run_id = 1", "UPDATE run_holds SET reason = 'invalid' WHERE run_id = 1", "verify_run_held"},
			{"UPDATE sessions SET energy = energy + 1 WHERE external_id = 'H'", "UPDATE sessions SET energy = energy - 1 WHERE external_id = 'H'", "verify_control verify_control"},
			{"DELETE FROM run_holds WHERE run_id = 1", "INSERT INTO run_holds (run_id, session_id, owner_id, reason) SELECT 1, session_id, owner_id, reason FROM run_holds", "verify_control verify_run_held"},
			{"DELETE FROM sessions WHERE external_id = 'H'", "", "verify_held_gone verify_held_gone"},
		} {
			t.Log(edit.do)
			w.edited(edit.do, strings.Fields(edit.want)...)
			if edit.undo != "" {
				w.edited(edit.undo)
			}
		}
	})
}

func TestAnUpgradeRecordsWhatRunsSettledBefore(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.October()
		w.unlock()
		w.rechain(func(e *auditEntry) bool { return e.action != creditnotes.ActionSettled })
		w.finds() // an older version recorded nothing
		for range 2 {
			if err := w.s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.rows("audit WHERE action = 'run.settled'"); n != 1 {
			t.Errorf("recorded %d times", n)
		}
		w.finds()
		w.edited("UPDATE runs SET month = '2026-09'", "verify_run_dates")
	})
}

func TestVerifyFindsEditedMails(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"), charge("S-9", "ST-9", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.Cancel("GS-2026-00002")
		if _, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: "GS-2026-00001", Addresses: creditnotes.AddressesNamed,
			To: []string{"tax@adviser.example"}, Who: "anna"}); err != nil {
			t.Fatal(err)
		}
		w.Proven()
		const to = `UPDATE deliveries SET recipients = '["%s"]' WHERE `
		for _, edit := range []struct{ where, was string }{
			{"copy = 0 AND note_id = (SELECT id FROM credit_notes WHERE number = 'GS-2026-00001')", "a@a.example"},
			{"copy = 1", "tax@adviser.example"},
			{"note_id = (SELECT id FROM credit_notes WHERE kind = 'cancellation')", "b@a.example"},
		} {
			w.edited(fmt.Sprintf(to, "thief@x.example")+edit.where, "verify_mailing")
			w.edited(fmt.Sprintf(to, edit.was) + edit.where)
		}
		if _, err := w.sql("DELETE FROM delivery_recipients"); err != nil {
			t.Fatal(err)
		}
		w.edited("DELETE FROM deliveries WHERE copy = 1", "verify_mailing")
	})
}

// An older version recorded no mails, and what it resent may be recorded.
func TestMailsFromBeforeAreNoFault(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		w.unlock()
		w.rechain(func(e *auditEntry) bool {
			if e.action == creditnotes.ActionIssued {
				e.after = e.after[:strings.Index(e.after, `,"mail"`)] + "}"
			}
			return true
		})
		w.finds()
	})
}
