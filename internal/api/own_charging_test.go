package api

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"creditrun/creditnotes"
)

// The card of an owner charges at another one's station: the API shows the record
// of the open month, the fee invoice of the run with its sessions and files, and the
// same on the side of the issuer.
func TestOwnChargingGoesFromTheCardToTheFeeInvoice(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		felix := w.as("felix")
		felix.with("Content-Type", "text/csv").post("/sessions", "id;evse_id;start;end;energy_kwh;class;medium_uid;driver_amount;currency\n"+
			"own-1;DE*MST*E0101;2026-11-02T10:00:00+01:00;2026-11-02T11:00:00+01:00;10;community;04E0000001;6.00;EUR\n").is(http.StatusOK)
		_, err := (&creditnotes.OpenMonth{Runner: w.api.Runner, Store: w.store}).Refresh(t.Context())
		must(t, err)
		const records = "/records?owner=sonnenpark&month=2026-11&origin=own_charging"
		open := all[creditnotes.RecordJSON](felix, records+"&show=open")
		if len(open) != 1 || open[0].Net != "5.700000" {
			t.Fatalf("before the run: %+v", open)
		}
		felix.post("/runs", object{"month": "2026-11", "confirmed": true}).is(http.StatusAccepted)
		w.api.Close()

		var number string
		for _, n := range all[Note](felix, "/credit-notes?owner=sonnenpark&month=2026-11") {
			if n.Kind == "invoice" && n.Number != "" {
				number = n.Number
			}
		}
		if !strings.HasPrefix(number, "RE-") {
			t.Fatal("there is no fee invoice")
		}
		path := "/credit-notes/" + number
		note := read[ShownNote](felix.get(path).is(http.StatusOK))
		var billed []string
		for _, p := range note.Positions {
			if p.Component == creditnotes.OwnCharging {
				billed = append(billed, p.Net)
			}
		}
		if len(billed) != 1 || billed[0] != "5.70" {
			t.Errorf("%+v", note.Positions)
		}
		if lines := felix.get(path + "/sessions").is(http.StatusOK).body; bytes.Count(lines, []byte("\n")) != 1 || !bytes.Contains(lines, []byte(`"own-1"`)) {
			t.Errorf("%s", lines)
		}
		stored, err := w.store.NoteByNumber(t.Context(), number)
		must(t, err)
		must(t, w.api.Runner.Render(t.Context(), stored.ID, w.api.Runner.Printer.(creditnotes.Renderer)))
		if pdf := felix.get(path + "/files/pdf").is(http.StatusOK).body; !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("%.20q", pdf)
		}
		if done := all[creditnotes.RecordJSON](felix, records+"&show=documents"); len(done) != 1 || done[0].Document != number {
			t.Errorf("after the run: %+v", done)
		}
		if open := all[creditnotes.RecordJSON](felix, records+"&show=open"); len(open) != 0 {
			t.Errorf("after the run: %+v", open)
		}
		rows := all[creditnotes.IssuerRowJSON](felix, "/issuers/sonnenpark/control?month=2026-11")
		if len(rows) != 1 || rows[0].Session != "own-1" || rows[0].Finding != creditnotes.IssuerAgrees {
			t.Errorf("the issuer's side: %+v", rows)
		}
		w.as("paul").get(path).problem(http.StatusNotFound, "note_unknown")
	})
}
