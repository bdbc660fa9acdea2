package store_test

import (
	"slices"
	"testing"

	"creditrun/creditnotes"
)

func TestOffsetToNothingIsToldByTheNextDocument(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Owing()
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "10"))
		w.Tells("2026-11", `
			zero a→a 0.00 + 0.00 = 0.00 EUR
			ST-1 energy 2026-11 1× 10 kWh 3.15
			 carried_forward 2026-11 0× 0 kWh -3.15
			received 1: credited 0 held 0 zero 1 excluded 0`)
		settled, err := w.s.SettledNotes(t.Context(), []string{"a"}, 5)
		if err != nil || len(settled) != 2 || settled[0] != (creditnotes.SettledNote{Kind: "credit_note", Month: "2026-11", State: creditnotes.Zero, Recipient: "a", Currency: "EUR", Net: 315}) {
			t.Errorf("%+v, %v", settled, err)
		}
		if settled, err := w.s.SettledNotes(t.Context(), []string{"b"}, 5); err != nil || len(settled) != 0 {
			t.Errorf("b sees %+v, %v", settled, err)
		}
		w.Charged(charge("S-3", "ST-1", "2026-11-04 10:00", "10"), charge("S-9", "ST-9", "2026-11-04 10:00", "10"))
		notes := w.Month("2026-11").Notes
		if got := notes[0].Document.Offsets; len(got) != 1 || got[0] != (creditnotes.Offset{Month: "2026-11", Credits: 315}) {
			t.Errorf("told to a: %+v", got)
		}
		if got := notes[1].Document.Offsets; got != nil {
			t.Errorf("told to b: %+v", got)
		}
		w.Charged(charge("S-4", "ST-1", "2026-11-05 10:00", "10"))
		if got := w.Month("2026-11").Notes[0].Document.Offsets; got != nil {
			t.Errorf("told twice: %+v", got)
		}
		w.Proven()
	})
}

func TestVerifyFindsASumThatIsNotTheOneCarried(t *testing.T) {
	inEach(t, func(t *testing.T, w *world) {
		w.Owing()
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "100"))
		w.Month("2026-11")
		w.unlock()
		if _, err := w.sql("UPDATE positions SET net = net - 1, sum = sum - 10000 WHERE component = 'energy' AND note_id IN (SELECT id FROM credit_notes WHERE state = 'carried')"); err != nil {
			t.Fatal(err)
		}
		if got := w.Problems(); !slices.Equal(got, []string{"verify_lines", "verify_carried", "verify_station_money", "verify_line_sums", "verify_report_balance", "verify_report_sums"}) {
			t.Error(got)
		}
	})
}
