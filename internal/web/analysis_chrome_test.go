package web

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// The analysis, the issuers, and what an auditor reads fit a phone and a wide
// screen: wide tables scroll by themselves and never the page.
func TestAnalysisAndIssuersFitEveryScreen(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.as("anna")
		for lang, width := range map[string]int64{"en": 1400, "de": 400} {
			c.open("/account")
			ask[bool](c, `(() => { const b = document.querySelector('.preferences button[value=`+lang+`]'); if (b) setTimeout(() => b.click(), 0); return true })()`)
			c.until("the pages are in "+lang, `document.documentElement.lang === '`+lang+`'`)
			c.do(chromedp.EmulateViewport(width, 900))
			for name, path := range map[string]string{
				"analysis": "/analysis", "stations": "/analysis?by=station", "issuers": "/issuers", "issuer": "/issuers/sonnenpark?month=2026-10&finding=all",
				"archive": "/archive", "procedure": "/procedure", "quota": "/quota?year=2026", "reprices": "/reprices",
			} {
				c.open(path)
				if wide := ask[int](c, "document.documentElement.scrollWidth"); int64(wide) > width {
					t.Errorf("%s is %d wide on a screen of %d", path, wide, width)
				}
				c.picture(fmt.Sprintf("%s-%s-%d", name, lang, width))
			}
		}
	})
}

// picture keeps the whole page for the eye, light and dark, in the folder that
// CREDITRUN_LOOK names.
func (c *chrome) picture(name string) {
	c.t.Helper()
	dir := os.Getenv("CREDITRUN_LOOK")
	for _, dark := range []bool{false, true} {
		if dir == "" {
			return
		}
		c.dark(dark)
		shot, err := chromedp.Call(c.ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: new(true)})
		must(c.t, err)
		must(c.t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-dark-%t.png", name, dark)), shot.Data, 0o600))
	}
	c.dark(false)
}
