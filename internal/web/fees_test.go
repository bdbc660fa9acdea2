package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"creditrun/creditnotes"
	"creditrun/creditnotes/creditnotestest"
	"creditrun/numbering"
)

// billed drafts November with a fee invoice beside every credit note.
func (w *world) billed() {
	w.t.Helper()
	config := &creditnotes.Configuration{NumberRanges: []numbering.Range{creditnotestest.NumberRange("fees", "FE-{YYYY}-{SEQ:5}", numbering.Invoice)}}
	_, err := w.store.SaveConfiguration(w.t.Context(), "test", config, []creditnotes.Setting{
		{Key: "invoice_range", Value: "fees"}, {Key: "release", Value: "approve"}})
	must(w.t, err)
	w.charged()
	w.works()
	runner := *w.server.Runner
	runner.Store = &creditnotestest.Billing{Store: w.store}
	_, err = runner.Run(w.t.Context(), creditnotes.Request{Month: "2026-11", Trigger: creditnotes.Manual, Who: "test", Confirmed: true})
	must(w.t, err)
}

// feeInvoice is the first fee invoice, issued.
func (w *world) feeInvoice() creditnotes.NoteEntry {
	w.t.Helper()
	_, err := w.server.Runner.Approve(w.t.Context(), "2026-11", "anna")
	must(w.t, err)
	list, err := w.store.ListNotes(w.t.Context(), creditnotes.NoteFilter{Kind: numbering.Invoice, Month: "2026-11", Owner: "frischmarkt"}, creditnotes.Page{Limit: 1})
	must(w.t, err)
	return list.Notes[0]
}

func TestFeeInvoicesAreShownWhereDocumentsAre(t *testing.T) {
	w := newWorld(t)
	w.billed()
	anna := w.as("anna")
	anna.get("/runs/2026-11").shows(t, "Fee invoices", "36.23")
	drafts := anna.get("/runs/2026-11?part=fees")
	drafts.shows(t, "€36.23", "/runs/2026-11/drafts/")
	_, rest, _ := strings.Cut(drafts.body, ">Frischmarkt Beispiel<")
	before := strings.TrimSuffix(drafts.body, rest)
	rest = before[strings.LastIndex(before, `href="/runs/2026-11/drafts/`)+len(`href="/runs/2026-11/drafts/`):]
	id, _, _ := strings.Cut(rest, `"`)
	id, _, _ = strings.Cut(id, "/") // the first link may be that of the PDF
	anna.get("/runs/2026-11/drafts/"+id).shows(t, "Fee per station", "5.000000", "Unit price")
	anna.get("/runs/2026-11/approve").shows(t, "Fee invoices")
	entry := w.feeInvoice()
	path := "/notes/" + entry.Number
	anna.eventually(path, "<iframe").shows(t, "Fee invoice "+entry.Number, "Monthly fee", "Contract", "25.000000", "set off against credit notes")
	if p := anna.get(path); strings.Contains(p.body, "/objections") {
		t.Error("a fee invoice can be objected to")
	}
	anna.get("/notes?kind=invoice").shows(t, entry.Number, "of fees in EUR")
	if numbers := numbersOn(anna.get("/notes?kind=credit_note")); len(numbers) == 0 || strings.Contains(strings.Join(numbers, " "), "FE-") {
		t.Errorf("credit notes: %q", numbers)
	}
	if p := anna.get("/notes?kind=receipt"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "receipt") {
		t.Errorf("an unknown kind: %d", p.status)
	}
	anna.get("/runs").shows(t, "Fees: ")
	anna.get("/").shows(t, "fee invoice")
	anna.get("/entities/"+entry.Recipient).shows(t, "Fee invoice")
	anna.get(path+"/cancel").shows(t, "own charging and records are open again")
	if p := anna.post(path+"/cancel", "reason", "wrong", "date", string(entry.Date), "confirm_password", password); p.status != http.StatusOK {
		t.Errorf("cancel: %d", p.status)
	}
	anna.get(path).shows(t, "This fee invoice was cancelled by")
}

func TestFeeInvoicesWorkInABrowser(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.w.billed()
		c.as("anna")
		c.open("/runs/2026-11?part=fees")
		c.look("run-fees")
		entry := c.w.feeInvoice()
		for name, path := range map[string]string{"note": "/notes/" + entry.Number, "notes": "/notes?kind=invoice", "run": "/runs/2026-11", "cancel": "/notes/" + entry.Number + "/cancel"} {
			c.open(path)
			c.look(name)
		}
	})
}

// look checks the page in light and dark, and keeps pictures for the eye in the
// folder that CREDITRUN_LOOK names.
func (c *chrome) look(name string) {
	c.t.Helper()
	for _, dark := range []bool{false, true} {
		c.dark(dark)
		for _, complaint := range c.complaints() {
			c.t.Errorf("%s, dark %v: %s", name, dark, complaint)
		}
		dir := os.Getenv("CREDITRUN_LOOK")
		if dir == "" {
			continue
		}
		shot, err := chromedp.Call(c.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{})
		must(c.t, err)
		if dark {
			name += "-dark"
		}
		must(c.t, os.WriteFile(filepath.Join(dir, name+".png"), shot.Data, 0o600))
	}
}
