package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/export"
	"creditrun/internal/fault"
	"creditrun/internal/journal"
	"creditrun/internal/tasks"
)

// closed closes a month, with the rates that it and those before it need.
func (w *world) closed(month entities.Month) {
	w.t.Helper()
	for _, m := range []entities.Month{month, month.AddMonths(-1), month.AddMonths(-2)} {
		must(w.t, w.store.SetExchangeRate(w.t.Context(), "test", journal.MonthRate{Currency: "CHF", Month: m, Rate: 938_700}))
	}
	_, err := w.store.ExportJournal(w.t.Context(), "test", month, journal.CSV, export.JournalFiles(journal.CSV))
	must(w.t, err)
}

// A month is closed on the pages: what is missing first, then the rate, the
// export with a confirmation, the files, and another format of the same month.
func TestAMonthIsClosedOnThePages(t *testing.T) {
	w := newWorld(t)
	felix, vera, paul := w.as("felix"), w.as("vera"), w.as("paul")
	felix.get("/accounting").shows(t, "Open months", "October 2026", "can be closed", "No month has been closed yet.", "/accounting/2026-10")
	felix.get("/accounting/2026-10").shows(t, "What is missing", "Exchange rate of CHF for October 2026", "/accounting#rate", "not exported")
	felix.get("/accounting/2099-01").shows(t, "is not over")
	felix.get("/accounting/x").refuses(t, http.StatusNotFound, "no such page")
	felix.post("/accounting/2026-10/export", "format", "datev", "confirm_password", password).refuses(t, http.StatusUnprocessableEntity, "exchange rate of CHF")
	for _, wrong := range [][3]string{{"2026-10", "EUR", "1"}, {"2026-10", "CHF", "0"}, {"2026-10", "CHF", "x"}, {"October", "CHF", "0.9387"}, {"2026-10", "CHF", ""}} {
		if p := felix.post("/accounting/rates", "month", wrong[0], "currency", wrong[1], "rate", wrong[2]); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", wrong, p.status)
		}
	}
	for _, month := range []string{"2026-08", "2026-09", "2026-10"} {
		felix.post("/accounting/rates", "month", month, "currency", "CHF", "rate", "0.9387").shows(t, "The rate of CHF", "0.9387")
	}
	felix.get("/accounting/2026-10").shows(t, "Control sums", "Export and close", "CHF")
	felix.post("/accounting/2026-10/export", "format", "datev").refuses(t, http.StatusForbidden, "password")
	felix.post("/accounting/2026-10/export", "format", "pdf", "confirm_password", password).refuses(t, http.StatusUnprocessableEntity, "Choose a format")
	if states, err := w.store.Journals(t.Context()); err != nil || len(states) != 0 {
		t.Fatalf("a refused export closed %v, %v", states, err)
	}
	felix.post("/accounting/2026-10/export", "format", "datev", "confirm_password", password).
		shows(t, "October 2026 was exported: DATEV", "locked", "Closed by felix", "EXTF_Buchungsstapel_2026-10.csv", "EXTF_Debitoren_Kreditoren_2026-10.csv", "Export in another format")
	felix.post("/accounting/2026-10/export", "format", "json", "confirm_password", password).shows(t, "journal_2026-10.json")
	done, err := w.store.LatestTask(t.Context(), "journal", "felix", "2026-10 json")
	must(t, err)
	felix.get("/accounting-work/"+done.ID).shows(t, "October 2026 was exported: Journal (JSON)", "/accounting/2026-10")
	waiting := *done
	waiting.ID, waiting.Status, waiting.Ended, waiting.Result = "WAITING", tasks.UnderWay, time.Time{}, nil
	must(t, w.store.SaveTask(t.Context(), &waiting))
	felix.get("/accounting-work/WAITING").shows(t, "goes on in the background", `hx-get="/accounting-work/WAITING"`)
	waiting.Status, waiting.Ended, waiting.Failure = tasks.Failed, waiting.Begun, fault.List{fault.New(fault.Conflict, "accounting_month_order", fault.Args{"month": "2026-09", "last": "2026-10"})}
	must(t, w.store.SaveTask(t.Context(), &waiting))
	felix.get("/accounting-work/WAITING").shows(t, "2026-09 lies before 2026-10", "Back")
	felix.get("/accounting").shows(t, "locked", "DATEV", "Journal (JSON)", "felix")
	file := vera.get("/accounting/2026-10/files/EXTF_Buchungsstapel_2026-10.csv")
	if file.status != http.StatusOK || !strings.HasPrefix(file.body, `"EXTF";700;21;"Buchungsstapel";13;`) {
		t.Errorf("%d: %.80s", file.status, file.body)
	}
	vera.get("/accounting/2026-10/files/x.csv").refuses(t, http.StatusNotFound, "x.csv")
	if p := vera.get("/accounting/2026-10"); p.status != http.StatusOK || strings.Contains(p.body, "/export") {
		t.Errorf("a visitor who only reads: %d", p.status)
	}
	if p := paul.get("/accounting"); p.status != http.StatusForbidden && p.status != http.StatusNotFound {
		t.Errorf("a Sub-CPO sees the books: %d", p.status)
	}
	again, err := w.store.ExportJournal(t.Context(), "test", "2026-10", journal.JSON, nil)
	if err != nil || !again.Copied {
		t.Errorf("%t, %v", again.Copied, err)
	}
	proof, err := creditnotes.Verify(t.Context(), w.store, creditnotes.AuditHead{})
	if err != nil || len(proof.Problems) != 0 || proof.Journals != 1 {
		t.Errorf("%d journals, %v, %v", proof.Journals, proof.Problems, err)
	}
}

// The pages of accounting fit a phone and a wide screen, with a month that is
// closed and one of which something is missing.
func TestAccountingFitsEveryScreen(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.w.closed("2026-09")
		c.as("anna")
		for _, lang := range []string{"en", "de"} {
			c.open("/account")
			ask[bool](c, `(() => { const b = document.querySelector('.preferences button[value=`+lang+`]'); if (b) setTimeout(() => b.click(), 0); return true })()`)
			c.until("the pages are in "+lang, `document.documentElement.lang === '`+lang+`'`)
			for name, path := range map[string]string{"accounting": "/accounting", "accounting-closed": "/accounting/2026-09", "accounting-open": "/accounting/2026-10"} {
				for _, width := range []int64{1400, 400} {
					c.do(chromedp.EmulateViewport(width, 900))
					c.open(path)
					if wide := ask[int](c, "document.documentElement.scrollWidth"); int64(wide) > width {
						t.Errorf("%s is %d wide on a screen of %d", path, wide, width)
					}
					c.picture(fmt.Sprintf("%s-%s-%d", name, lang, width))
				}
			}
		}
	})
}
