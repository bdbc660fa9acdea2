package web

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"creditrun/creditnotes"
	"creditrun/internal/payouts"
)

// answerTo is a notification of the bank that it executed a batch of payouts, and
// that something else was paid.
func answerTo(b *payouts.Batch) string {
	var entries strings.Builder
	for i := range b.Payouts {
		one := b.Payouts[i].JSON()
		fmt.Fprintf(&entries, `<Ntry><Amt Ccy="EUR">%s</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-13</Dt></BookgDt><AcctSvcrRef>B%d</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>%s</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>`, one.Amount, i, one.Payout)
	}
	return strings.Replace(statementOf, "</Stmt>", entries.String()+"</Stmt>", 1)
}

// another has a person log in after the one before.
func (c *chrome) another(name string) {
	c.t.Helper()
	c.enter(`form[action="/logout"] button`, "Log in")
	c.as(name)
}

// key presses a key.
func (c *chrome) key(keys string) {
	c.t.Helper()
	c.do(chromedp.KeyEvent(keys))
}

// tabTo presses the tab key until an element has the focus that a CSS selector
// finds.
func (c *chrome) tabTo(selector string) {
	c.t.Helper()
	for range 120 {
		if ask[bool](c, "document.activeElement !== document.body && document.activeElement.matches('"+selector+"')") {
			return
		}
		c.key("\t")
	}
	c.t.Fatalf("the tab key does not reach %s at %s", selector, ask[string](c, "location.pathname"))
}

// enter goes to an element by the tab key and presses enter on it.
func (c *chrome) enter(selector, shows string) {
	c.t.Helper()
	c.tabTo(selector)
	c.key("\r")
	c.untilShown(shows)
}

// Money goes from what is due to what is paid with the keyboard alone: one person
// prepares and answers for the bank's file, another one approves and exports.
func TestPayoutsArePaidWithTheKeyboard(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.as("felix")
		if os.Getenv("CREDITRUN_LOOK") != "" {
			c.fit(map[string]string{"payouts-due": "/payouts?date=" + payoutDay})
		}
		c.open("/payouts?date=" + payoutDay)
		c.enter(`form[action="/payouts/prepare"] button`, "A second person has to approve")
		c.another("anna")
		c.open("/payout-batches/1")
		c.tabTo("input[name=confirm_password]")
		c.key(password)
		c.enter(`form[action="/payout-batches/1/approve"] button`, "were approved")
		c.tabTo(`form[action="/payout-batches/1/export"] button`)
		c.key("\r")
		batch := c.exported()
		c.another("felix")
		c.open("/bank")
		c.tabTo("#upload input[type=file]")
		file := filepath.Join(t.TempDir(), "statement.xml")
		must(t, os.WriteFile(file, []byte(answerTo(batch)), 0o600))
		c.do(chromedp.SetUploadFiles(chromedp.CSS("#upload input[type=file]"), []string{file}))
		c.enter("#upload button", "What the file would do")
		upload := ask[string](c, "location.pathname")
		if os.Getenv("CREDITRUN_LOOK") != "" {
			c.fit(map[string]string{"bank-check": upload})
		}
		c.open(upload)
		c.enter(`form[action$="/apply"] button`, "The file was booked.")
		c.open("/payouts/" + batch.Payouts[0].Number)
		c.untilShown("Paid on")
		must(t, c.w.store.MarkForeign(t.Context(), "felix", 2, "rent"))
		_, err := c.w.store.UndoBankEntry(t.Context(), "anna", 2, "it was a refund")
		must(t, err)
		must(t, c.w.store.AssignBankEntry(t.Context(), "felix", 1, payouts.Target{Entity: subCPO}, "deposit"))
		c.fit(map[string]string{"bank-decided": "/bank/1", "bank-undone": "/bank/2", "bank-all": "/bank?state=all", "bank-booked": upload, "payouts": "/payouts?date=" + payoutDay, "batch": "/payout-batches/1", "payout": "/payouts/" + batch.Payouts[0].Number,
			"payouts-all": "/payouts/all", "bank": "/bank", "bank-entry": "/bank/" + lastEntry(t, c.w)})
	})
}

// exported waits until the bank file of the first batch was made.
func (c *chrome) exported() *payouts.Batch {
	c.t.Helper()
	var b *payouts.Batch
	c.until("the bank file was made", "true")
	for range 200 {
		var err error
		b, err = c.w.store.PayoutBatch(c.t.Context(), 1)
		must(c.t, err)
		if b.State == payouts.Exported {
			return b
		}
		c.do(chromedp.Sleep(50_000_000))
	}
	c.t.Fatalf("%+v", b)
	return nil
}

// lastEntry is the number of the latest entry that waits.
func lastEntry(t *testing.T, w *world) string {
	t.Helper()
	list, _, _, err := w.store.BankEntries(t.Context(), payouts.EntryFilter{State: payouts.EntryQueued}, creditnotes.Page{Limit: 1})
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return formatID(list[0].ID)
}

// fit looks at pages in two languages and on two screens: none is wider than its
// screen. For the eye there are all four pictures.
func (c *chrome) fit(paths map[string]string) {
	c.t.Helper()
	for _, look := range []struct {
		lang   string
		widths []int64
	}{{"de", []int64{400, 1400}}, {"en", []int64{1400, 400}}} {
		lang, widths := look.lang, look.widths
		if os.Getenv("CREDITRUN_LOOK") == "" {
			widths = widths[:1]
		}
		c.open("/account")
		ask[bool](c, `(() => { const b = document.querySelector('.preferences button[value=`+lang+`]'); if (b) setTimeout(() => b.click(), 0); return true })()`)
		c.until("the pages are in "+lang, `document.documentElement.lang === '`+lang+`'`)
		for _, width := range widths {
			c.do(chromedp.EmulateViewport(width, 900))
			for name, path := range paths {
				c.open(path)
				if wide := ask[int](c, "document.documentElement.scrollWidth"); int64(wide) > width {
					c.t.Errorf("%s is %d wide on a screen of %d", path, wide, width)
				}
				c.picture(fmt.Sprintf("%s-%s-%d", name, lang, width))
			}
		}
	}
	c.do(chromedp.EmulateViewport(1400, 900))
}
