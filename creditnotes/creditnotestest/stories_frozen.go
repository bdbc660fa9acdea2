package creditnotestest

import (
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/tariffs"
)

func whatIsChangedLaterChangesNoDocument(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		before := w.Everything()
		a := w.Entity("a")
		a.Name, a.Language, a.Emails, a.Country = "Another", "fr", []string{"new@a.example"}, "FR"
		w.Config.Stations[0].Name, w.Config.Stations[0].TimeZone = "Renamed", "Europe/Lisbon"
		w.Config.Stations[0].Owners[0].Entity = "b"
		w.Config.Connectors[1].EVSEID = "DE*VLT*ERENAMED"
		w.Config.Tariffs.CostRates = append(w.Config.Tariffs.CostRates, Rate("com", 900_000, time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)))
		w.Config.Tariffs.ChargePoint[0].Purchase = []tariffs.Condition{{Rate: "com"}}
		w.Config.TaxAccounts[0].Rates[0].Percent = 2500
		w.Save()
		w.Set("community_discount_percent", "50", "tax_account", "small", "language", "en", "revenue_account", "8400", "payment_terms.net_days", "90")
		if diff := gocmp.Diff(before, w.Everything()); diff != "" {
			t.Error(diff)
		}
		w.Proven()
	})
}

func documentsAreStoredOnce(t *testing.T, open Open) {
	tell(t, open, func(t *testing.T, w *World) {
		w.Charged(WorkedExample()...)
		w.Month("2026-10")
		note, err := w.Store.NoteByNumber(t.Context(), "GS-2026-00001")
		if err != nil {
			t.Fatal(err)
		}
		before := w.Everything()
		if err := w.Store.SaveFiles(t.Context(), note.ID, []creditnotes.File{{NoteID: note.ID, Kind: creditnotes.FileCSV, Name: "x", Content: []byte("x")}}); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(before, w.Everything()); diff != "" {
			t.Error(diff)
		}
		d, err := w.Runner.Resend(t.Context(), creditnotes.ResendRequest{Number: note.Number, Who: "anna"})
		if err != nil || d.Copy != 1 || !strings.Contains(d.MessageID, ".1@") {
			t.Errorf("%+v, %v", d, err)
		}
		if diff := gocmp.Diff(before, w.Everything()); diff != "" {
			t.Error(diff)
		}
	})
}
