package creditnotes_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/creditnotes/memory"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
)

// bookOf calls fn with the reports of the books as they are now.
func (w *world) bookOf(fn func(b *creditnotes.ReportBook)) {
	w.T.Helper()
	plan, err := creditnotes.NewPlan(w.Config, "2026-11-01")
	if err != nil {
		w.T.Fatal(err)
	}
	err = w.s.Books(w.T.Context(), func(s creditnotes.VerifyStore) error {
		fn(creditnotes.NewReportBook(s, plan.Network, w.Settings()))
		return nil
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// paid gives a session a driver amount in euro.
func paid(micros int64) func(*sessions.Session) {
	return func(s *sessions.Session) { s.DriverAmount, s.Currency = new(money.Micros(micros)), "EUR" }
}

func TestAFrozenReportIsShownWithItsRecordsAndAsItIsNow(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", paid(4_900_000)), charge("S-2", "ST-2", "2026-10-04 10:00", "20", paid(9_000_000)))
		w.Month("2026-10")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", paid(4_900_000), func(s *sessions.Session) { s.CollectedAt = s.End.Add(time.Hour) }))
		frozen := &w.s.Look().Reports[0]
		run, err := w.s.RunByName(t.Context(), "2026-10")
		if err != nil {
			t.Fatal(err)
		}
		was, err := frozen.Report()
		if err != nil {
			t.Fatal(err)
		}
		w.bookOf(func(b *creditnotes.ReportBook) {
			live, err := b.Live(t.Context(), frozen, run, w.Now)
			if err != nil {
				t.Fatal(err)
			}
			if was.Totals.Awaited != "13.90" || live.Totals.Awaited != "9.00" || live.Totals.Revenue != was.Totals.Revenue {
				t.Errorf("frozen %+v\nlive %+v", was.Totals, live.Totals)
			}
			var text bytes.Buffer
			if err := b.WriteJSON(t.Context(), &text, frozen, run); err != nil {
				t.Fatal(err)
			}
			var read struct {
				Report  string           `json:"report"`
				Records []map[string]any `json:"records"`
				Before  []map[string]any `json:"collected_previous"`
			}
			if err := json.Unmarshal(text.Bytes(), &read); err != nil {
				t.Fatal(err)
			}
			if read.Report != frozen.Name || len(read.Records) != int(was.RecordCount) || len(read.Records) != 2 || len(read.Before) != 0 {
				t.Errorf("%s", text.String())
			}
			for r, err := range b.Records(t.Context(), frozen, run) { // ended early
				if err != nil || r.Session != "S-1" {
					t.Errorf("%+v, %v", r, err)
				}
				break
			}
		})
	})
}

func TestWhatWasCollectedForAPreviousPeriodIsInTheReport(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", paid(4_900_000)))
		w.Month("2026-10")
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10", paid(4_900_000), func(s *sessions.Session) { s.CollectedAt = s.End.AddDate(0, 1, 5) }))
		w.Charged(charge("S-2", "ST-1", "2026-11-03 10:00", "10", paid(4_900_000)))
		w.Month("2026-11")
		frozen := &w.s.Look().Reports[1]
		run, err := w.s.RunByName(t.Context(), "2026-11")
		if err != nil {
			t.Fatal(err)
		}
		w.bookOf(func(b *creditnotes.ReportBook) {
			var text bytes.Buffer
			if err := b.WriteJSON(t.Context(), &text, frozen, run); err != nil {
				t.Fatal(err)
			}
			var read struct {
				Before []map[string]string `json:"collected_previous"`
			}
			if err := json.Unmarshal(text.Bytes(), &read); err != nil || len(read.Before) != 1 || read.Before[0]["session"] != "S-1" || read.Before[0]["collected_at"] == "" {
				t.Errorf("%v: %s", err, text.String())
			}
		})
		w.Proven()
	})
}

func TestAReportOfWhichEverythingWasCancelledHasNoLiveView(t *testing.T) {
	tell(t, func(t *testing.T, w *world) {
		w.Charged(charge("S-1", "ST-1", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		frozen := &w.s.Look().Reports[0]
		run, err := w.s.RunByName(t.Context(), "2026-10")
		if err != nil {
			t.Fatal(err)
		}
		w.s.Tamper(func(d *memory.Data) { d.Lines, d.Notes = nil, nil })
		w.bookOf(func(b *creditnotes.ReportBook) {
			_, err := b.Live(t.Context(), frozen, run, w.Now)
			says(t, err, "report_unknown")
		})
	})
}
