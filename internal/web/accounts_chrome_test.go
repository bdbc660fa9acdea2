package web

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"creditrun/creditnotes"
	"creditrun/internal/access"
)

func TestAccountPagesWorkInABrowser(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		_, err := c.w.store.BookPayment(t.Context(), "olga", creditnotes.Movement{Account: creditnotes.Account{Entity: subCPO, Currency: "EUR"},
			Kind: creditnotes.MovedPayment, Amount: 12345, Value: "2026-11-02", Reference: "Payment of 2 November"})
		must(t, err)
		_, err = c.w.store.ProposeAdjustment(t.Context(), "olga", creditnotes.Adjustment{Entity: subCPO, Currency: "EUR", Amount: -1250, Value: "2026-11-01", Reason: "Damage"})
		must(t, err)
		c.as("anna")
		statement := "/entities/" + subCPO + "/statement?from=2026-10-01&to=2026-11-30&section=transactions&section=machines&diff=2026-11-01T00:00"
		for language, width := range map[string]int64{"de": 1400, "en": 400} {
			must(t, c.w.store.SetLook(t.Context(), "test", c.w.user(t, "anna").ID, access.Look{Language: language}))
			_, err := chromedp.Call(c.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 1600, DeviceScaleFactor: 1})
			must(t, err)
			for page, path := range map[string]string{"accounts": "/accounts", "statement": statement, "adjust": "/entities/" + subCPO + "/adjust"} {
				c.open(path)
				c.look(page + "-" + language)
			}
		}
	})
}
