package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/internal/sessions"
)

// october is a world in which S-1 was credited for October: 10 kWh at ST-1, and
// S-2 with 100 kWh keeps the later notes above nothing.
func october(t *testing.T, w *world) {
	t.Helper()
	w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
	w.tells("2026-10", `
		GS-2026-00001 a→a 3.15 + 0.60 = 3.75 EUR
		ST-1 energy 2026-10 1× 10 kWh 3.15
		received 1: credited 1 held 0 zero 0 excluded 0`)
	w.now = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)
	w.charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
}

// details lists the sessions of a note as its session file prints them.
func (w *world) details(number string) string {
	w.t.Helper()
	note, err := w.s.NoteByNumber(w.t.Context(), number)
	if err != nil {
		w.t.Fatal(err)
	}
	var b strings.Builder
	for d, err := range w.s.Details(w.t.Context(), note) {
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s v%d %s %s kWh %s %s", d.Session.ExternalID, d.Session.Version, d.Line.Kind, d.Line.Energy, d.Line.NetEnergy, d.Month)
		if d.CorrectionOf != "" {
			b.WriteString(" corrects " + d.CorrectionOf)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestCorrectedSessionIsTakenBackAndPaidAnew(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.tells("2026-11", `
			GS-2026-00002 a→a 32.13 + 6.10 = 38.23 EUR
			ST-1 energy 2026-10 1× 2 kWh 0.63 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 12 kWh 3.780000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		w.tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestSessionMayBeCorrectedTwice(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.month("2026-11")
		w.charged(charge("S-3", "ST-1", "2026-11-04 10:00", "100"), charge("S-1", "ST-1", "2026-10-03 10:00", "99"))
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "8")) // 99 kWh was never credited
		w.tells("2026-11", `
			GS-2026-00003 a→a 30.24 + 5.75 = 35.99 EUR
			ST-1 energy 2026-10 1× -4 kWh -1.26 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.details("GS-2026-00003"), `
			S-1 v2 reversal -12 kWh -3.780000 2026-10 corrects GS-2026-00002
			S-1 v4 credit 8 kWh 2.520000 2026-10 corrects GS-2026-00002
			S-3 v1 credit 100 kWh 31.500000 2026-11`)
		w.proven()
	})
}

func TestSessionCorrectedToAnotherOwnerIsTakenFromTheFirst(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.corrected(charge("S-1", "ST-9", "2026-10-03 10:00", "10"))
		w.tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			GS-2026-00003 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15 late correction
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.details("GS-2026-00002"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		same(t, w.details("GS-2026-00003"), `S-1 v2 credit 10 kWh 3.150000 2026-10 corrects GS-2026-00001`)
		w.proven()
	})
}

// The new owner's note is cancelled and made again: what it pays is a correction
// as before, for the first owner's payment stays taken back.
func TestCorrectionToAnotherOwnerStaysOneAfterACancellation(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.corrected(charge("S-1", "ST-9", "2026-10-03 10:00", "10"))
		w.month("2026-11")
		w.cancel("GS-2026-00003")
		w.tells("2026-11", `
			GS-2026-00004 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15 late correction
			received 1: credited 1 held 0 zero 0 excluded 0`)
		same(t, w.details("GS-2026-00004"), `S-1 v2 credit 10 kWh 3.150000 2026-10 corrects GS-2026-00001`)
		w.proven()
	})
}

func TestSessionCorrectedBeforeItIsCreditedIsPlain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.tells("2026-10", `
			GS-2026-00001 a→a 3.78 + 0.72 = 4.50 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78
			received 1: credited 1 held 0 zero 0 excluded 0`)
		same(t, w.details("GS-2026-00001"), `S-1 v2 credit 12 kWh 3.780000 2026-10`)
		w.proven()
	})
}

func TestCreditCDRTakesBackWhatWasPaid(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", reversed))
		w.tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10")) // the original once more
		w.tells("2026-11", `received 0: credited 0 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

// unpriced is of a partner with whom nothing was agreed.
func unpriced(s *sessions.Session) { s.Class = sessions.Bilateral }

// settlement.md §2: its own line on the control sheet, and nothing holds it: not
// an unknown connector, not a station without an owner, not a price that is not
// there.
func TestWhatWasTakenBackBeforeItWasCreditedIsWithdrawn(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		for _, back := range [][]func(*sessions.Session){nil, {reversed}} {
			w.charged(
				charge("S-1", "ST-1", "2026-10-03 10:00", "10", back...),
				charge("S-2", "NOWHERE", "2026-10-03 10:00", "10", back...),
				charge("S-3", "ST-1", "2026-10-04 10:00", "10", append(slices.Clone(back), unpriced)...),
				charge("S-4", "ST-9", "2026-10-04 10:00", "10"),
			)
		}
		w.set("create_zero_notes", "true")
		report := w.tells("2026-10", `
			GS-2026-00001 a→a 0.00 + 0.00 = 0.00 EUR
			GS-2026-00002 b→b 3.15 + 0.60 = 3.75 EUR
			ST-9 energy 2026-10 1× 10 kWh 3.15
			received 4: credited 1 held 0 zero 0 excluded 0 withdrawn 3`)
		if c := report.Total; !c.Balanced() || c.Withdrawn != (creditnotes.Count{Sessions: 3}) || c.Received.Energy != 10_000_000 {
			t.Errorf("%+v", c)
		}
		if got := report.JSON(nil).Control.Withdrawn.Sessions; got != 3 {
			t.Errorf("%d in the JSON", got)
		}
		list, err := w.s.ListSessions(t.Context(), creditnotes.SessionFilter{State: creditnotes.SessionWithdrawn}, creditnotes.Page{})
		if err != nil || len(list.Sessions) != 3 {
			t.Errorf("%+v, %v", list, err)
		}
		found, err := w.s.FindSessions(t.Context(), "S-1")
		if err != nil || len(found) != 2 {
			t.Fatalf("%+v, %v", found, err)
		}
		if e, err := w.runner.Explain(t.Context(), w.s, &found[0]); err != nil || e.Outcome != creditnotes.OutcomeWithdrawn {
			t.Errorf("%+v, %v", e, err)
		}
		w.tells("2026-10", "received 0: credited 0 held 0 zero 0 excluded 0")
		w.proven()
	})
}

func TestCorrectionOfACancelledNoteIsPlain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.cancel("GS-2026-00001")
		w.tells("2026-11", `
			GS-2026-00002 a→a 35.28 + 6.70 = 41.98 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78 late
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestNoteWithALaterCorrectionIsNotCancelled(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.month("2026-11")
		_, err := w.tryCancel("GS-2026-00001")
		says(t, err, "cancel_corrected")
		// The later one first, and then it goes.
		w.cancel("GS-2026-00002")
		w.cancel("GS-2026-00001")
		w.tells("2026-11", `
			GS-2026-00003 a→a 35.28 + 6.70 = 41.98 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78 late
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestCancelledCorrectionIsMadeAgain(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12"))
		w.month("2026-11")
		w.cancel("GS-2026-00002")
		w.tells("2026-11", `
			GS-2026-00003 a→a 32.13 + 6.10 = 38.23 EUR
			ST-1 energy 2026-10 1× 2 kWh 0.63 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			received 2: credited 2 held 0 zero 0 excluded 0`)
		same(t, w.details("GS-2026-00003"), `
			S-1 v1 reversal -10 kWh -3.150000 2026-10 corrects GS-2026-00001
			S-1 v2 credit 12 kWh 3.780000 2026-10 corrects GS-2026-00001
			S-2 v1 credit 100 kWh 31.500000 2026-11`)
		w.proven()
	})
}

func TestCorrectionThatIsHeldTakesBackAndPaysWhenReleased(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.charged(charge("S-1", "ST-1", "2026-10-03 10:00", "12", invalid))
		w.tells("2026-11", `
			GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			held S-1 a invalid
			received 2: credited 1 held 1 zero 0 excluded 0`)
		if err := w.s.ReleaseSession(t.Context(), "anna", w.id("S-1"), "12 it was"); err != nil {
			t.Fatal(err)
		}
		w.tells("2026-11", `
			GS-2026-00003 a→a 3.78 + 0.72 = 4.50 EUR
			ST-1 energy 2026-10 1× 12 kWh 3.78 late
			received 1: credited 1 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestCorrectedEndMovesTheSessionToItsMonth(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		october(t, w)
		w.corrected(charge("S-1", "ST-2", "2026-11-02 10:00", "10"))
		w.tells("2026-11", `
			GS-2026-00002 a→a 31.15 + 5.92 = 37.07 EUR
			ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
			ST-1 energy 2026-11 1× 100 kWh 31.50
			ST-2 energy 2026-11 1× 10 kWh 2.80 correction
			received 2: credited 2 held 0 zero 0 excluded 0`)
		w.proven()
	})
}

func TestSessionCorrectedIntoExclusionIsTakenBack(t *testing.T) {
	for name, changed := range map[string]sessions.Session{
		"before the start date": charge("S-1", "ST-1", "2026-10-01 10:00", "10"),
		"of the operator":       charge("S-1", "ST-0", "2026-10-03 10:00", "10"),
	} {
		t.Run(name, func(t *testing.T) {
			inEach(t, func(t *testing.T, w *world) {
				w.set("start_date", "2026-10-02")
				october(t, w)
				w.corrected(changed)
				w.tells("2026-11", `
					GS-2026-00002 a→a 28.35 + 5.39 = 33.74 EUR
					ST-1 energy 2026-10 1× -10 kWh -3.15 late correction
					ST-1 energy 2026-11 1× 100 kWh 31.50
					received 2: credited 1 held 0 zero 0 excluded 1`)
				w.proven()
			}, func(c *creditnotes.Configuration) { station(c, "ST-0", "op", "COM") })
		})
	}
}
