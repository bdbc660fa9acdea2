package api

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"creditrun/internal/tasks"
)

func TestAMonthIsClosedByPrograms(t *testing.T) {
	w := newWorld(t)
	felix, vera := w.as("felix"), w.as("vera")
	months := all[AccountingMonth](felix, "/accounting/months")
	if len(months) == 0 || months[0].Month != "2026-08" || months[0].State != "open" || months[0].Documents == 0 {
		t.Fatalf("%+v", months)
	}
	open := read[AccountingMonth](felix.get("/accounting/months/2026-10").is(http.StatusOK))
	if open.State != "open" || open.Entries == 0 || len(open.Missing) == 0 || open.Missing[0] != "exchange rate of CHF for 2026-08" {
		t.Errorf("%+v", open)
	}
	felix.get("/accounting/months/x").is(http.StatusNotFound)
	felix.get("/accounting/months/2099-01").problem(http.StatusConflict, "accounting_month_open")
	felix.post("/accounting/months/2026-10/export", object{"format": "datev"}).problem(http.StatusUnprocessableEntity, "accounting_missing")
	felix.post("/accounting/months/2026-10/export", object{"format": "pdf"}).is(http.StatusUnprocessableEntity)
	felix.put("/accounting/exchange-rates", object{"currency": "EUR", "month": "2026-10", "rate": "1"}).problem(http.StatusUnprocessableEntity, "accounting_rate_currency")
	felix.put("/accounting/exchange-rates", object{"currency": "CHF", "month": "October", "rate": "1"}).is(http.StatusUnprocessableEntity)
	felix.put("/accounting/exchange-rates", object{"currency": "CHF", "month": "2026-10", "rate": "one"}).is(http.StatusUnprocessableEntity)
	for _, month := range []string{"2026-08", "2026-09", "2026-10"} {
		felix.put("/accounting/exchange-rates", object{"currency": "CHF", "month": month, "rate": "0.9387"}).is(http.StatusOK)
	}
	if rates := all[ExchangeRate](vera, "/accounting/exchange-rates"); len(rates) != 3 || rates[0].Rate != "0.9387" {
		t.Errorf("%+v", rates)
	}
	closed := read[AccountingMonth](felix.post("/accounting/months/2026-10/export", object{"format": "datev"}).is(http.StatusOK))
	if closed.State != "closed" || closed.ClosedBy != "felix" || len(closed.Files) < 2 || len(closed.Controls) != 2 || closed.Controls[0].Journal != closed.Controls[0].Movements {
		t.Fatalf("%+v", closed)
	}
	// While an export goes on, the month says so.
	task := &tasks.Record{ID: "UNDERWAY", Kind: "journal_asked", Subject: "2026-11", Who: "felix", Status: tasks.UnderWay, Begun: w.now, Beat: w.now, Expires: w.now.Add(time.Hour)}
	if err := w.store.SaveTask(t.Context(), task); err != nil {
		t.Fatal(err)
	}
	if month := read[AccountingMonth](felix.get("/accounting/months/2026-11").is(http.StatusOK)); month.State != "exporting" || month.Month != "2026-11" {
		t.Errorf("%+v", month)
	}
	again := read[AccountingMonth](felix.post("/accounting/months/2026-10/export", object{"format": "datev"}).is(http.StatusOK))
	if len(again.Files) != len(closed.Files) || !again.ClosedAt.Equal(*closed.ClosedAt) {
		t.Errorf("%+v", again)
	}
	name := closed.Files[0].Path[len(Base):]
	if file := felix.get(name).is(http.StatusOK); !bytes.HasPrefix(file.body, []byte(`"EXTF";700;21;`)) {
		t.Errorf("%.60s", file.body)
	}
	felix.get("/accounting/months/2026-10/files/x").problem(http.StatusNotFound, "accounting_file_unknown")
	vera.post("/accounting/months/2026-10/export", object{"format": "csv"}).is(http.StatusForbidden)
	if months := all[AccountingMonth](felix, "/accounting/months"); len(months) == 0 || months[len(months)-1].State != "closed" {
		t.Errorf("%+v", months)
	}
}
