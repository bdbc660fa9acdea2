package creditnotestest

import (
	"strings"
	"testing"
	"time"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/settlement"
)

// Reported makes the world one in which October has a report that goes with the
// credit note of a, and one of b, which has fees alone.
func (w *World) Reported() (ofA, ofB *creditnotes.FrozenReport) {
	w.T.Helper()
	w.charged(
		sharing("a", func(*settlement.Contract) {}),
		settlement.Contract{Key: "kb", Owner: "b", From: "2026-10", Active: true, MonthlyFee: 7_000_000})
	w.Charged(Charge("S-1", "ST-1", "2026-10-03 10:00", "10", Driven(4_900_000)))
	w.Month("2026-10")
	return w.Frozen("a-2026-10-EUR"), w.Frozen("b-2026-10-EUR")
}

// Frozen finds a settlement report by its name.
func (w *World) Frozen(name string) *creditnotes.FrozenReport {
	w.T.Helper()
	f, err := w.Store.FrozenReport(w.T.Context(), name, nil)
	w.must(err)
	return f
}

func reportsAreMailed(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		ctx := t.Context()
		ofA, ofB := w.Reported()
		if note := w.Note("GS-2026-00001"); ofA.NoteID != note.ID || ofA.Number != note.Number || ofA.Recipient != "a" {
			t.Errorf("the report of a goes with %q to %s", ofA.Number, ofA.Recipient)
		}
		if mails, err := w.Store.ReportDeliveries(ctx, ofA.ID); err != nil || len(mails) != 0 {
			t.Errorf("a report that goes with a note has mails of its own: %+v, %v", mails, err)
		}
		files, err := w.Store.ReportFiles(ctx, ofA.ID)
		if err != nil || len(files) != 1 || files[0].Name != "a-2026-10-EUR.pdf" || !strings.Contains(string(files[0].Content), "S-1") {
			t.Errorf("files of the report: %+v, %v", files, err)
		}
		mails, err := w.Store.ReportDeliveries(ctx, ofB.ID)
		if err != nil || len(mails) != 1 || mails[0].To[0] != "b@a.example" || mails[0].State != creditnotes.DeliveryQueued || ofB.NoteID != 0 {
			t.Fatalf("the report alone: %+v, %v", mails, err)
		}
		for range 2 {
			w.must(w.Runner.RenderReport(ctx, ofB.ID, Paper{}))
		}
		if files, err = w.Store.ReportFiles(ctx, ofB.ID); err != nil || len(files) != 1 {
			t.Errorf("files of the report alone: %+v, %v", files, err)
		}
		w.Proven()
	})
}

func reportsAreMailedAgain(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		ctx := t.Context()
		ofA, ofB := w.Reported()
		again, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: ofB.Name, Who: "anna"})
		if err != nil || again.Copy != 1 || again.ReportID != ofB.ID || again.To[0] != "b@a.example" {
			t.Errorf("%+v, %v", again, err)
		}
		alone, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: ofA.Name, Addresses: creditnotes.AddressesStored, Who: "anna"})
		if err != nil || alone.Copy != 0 || alone.To[0] != "a@a.example" {
			t.Errorf("%+v, %v", alone, err)
		}
		stored, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: ofB.Name, Addresses: creditnotes.AddressesStored, Who: "anna"})
		if err != nil || stored.Copy != 2 {
			t.Errorf("%+v, %v", stored, err)
		}
		if _, err := w.Runner.Resend(ctx, creditnotes.ResendRequest{Number: "c-2026-10-EUR", Who: "anna"}); err == nil {
			t.Error("a report that is not there was mailed")
		}
		w.Proven()
	})
}

func reportsAreMailedToWhomTheSettingSays(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-9", "ST-9", "2026-10-03 10:00", "10"))
		w.Month("2026-10")
		if f := w.Frozen("b-2026-10-EUR"); f.NoteID != 0 {
			t.Error("an owner without a contract was mailed its report")
		}
		for i, mailed := range []bool{true, false} {
			month := []entities.Month{"2026-11", "2026-12"}[i]
			w.Now = Evening(month.LastDay())
			w.Entity("b").ReportMail = &mailed
			w.Save()
			w.Charged(Charge("S-"+string(month), "ST-9", string(month)+"-03 10:00", "10"))
			w.Month(month)
			if f := w.Frozen("b-" + string(month) + "-EUR"); (f.NoteID != 0) != mailed {
				t.Errorf("%s: the owner says %t, the report goes with note %d", month, mailed, f.NoteID)
			}
		}
		w.Proven()
	})
}

// The report of a month shows the movement of a top-up that was known when the
// month was run; the report of the month of the top-up shows its record.
func aTopUpMayBeKnownBeforeItsPeriod(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(Charge("S-1", "ST-9", "2026-10-03 10:00", "10"))
		w.Now = Evening("2026-11-06")
		w.Charged(Charge("S-2", "ST-9", "2026-11-03 10:00", "10"))
		one := creditnotes.TopUp{Key: "T-1", Entity: "b", User: "u", Amount: 1234, Currency: "EUR", At: w.Now.Add(-time.Hour)}
		w.must(w.Store.TakeTopUps(t.Context(), []creditnotes.TopUp{one}))
		w.Month("2026-10")
		w.Now = Evening("2026-11-30")
		w.Month("2026-11")
		before, after := w.report("b-2026-10-EUR"), w.report("b-2026-11-EUR")
		if len(before.Account.Movements) != 2 || len(before.TopUps) != 0 || len(after.Account.Movements) != 1 || len(after.TopUps) != 1 || !after.Control.Balanced {
			t.Errorf("%+v %+v", before.Account, after)
		}
		w.Proven()
	})
}

// report is the content of a settlement report.
func (w *World) report(name string) *creditnotes.SettlementReport {
	w.T.Helper()
	r, err := w.Frozen(name).Report()
	w.must(err)
	return r
}
