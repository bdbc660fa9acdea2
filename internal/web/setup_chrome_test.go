package web

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"creditrun/internal/intake"
)

func TestANetworkIsUploadedInABrowser(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		c.w = emptyWorld(t)
		complain := func() {
			t.Helper()
			for _, complaint := range c.complaints() {
				t.Errorf("%s: %s", ask[string](c, "location.href"), complaint)
			}
		}
		c.as("admin")
		c.untilShown("0 of 14 done")
		complain()
		for _, f := range intake.Formats()[:2] {
			content, _ := intake.Example(f.Example)
			file := filepath.Join(t.TempDir(), f.Example)
			must(t, os.WriteFile(file, content, 0o600))
			c.open("/uploads")
			c.do(chromedp.SetUploadFiles(chromedp.CSS("main input[type=file]"), []string{file}))
			c.press("main form .actions button")
			c.untilShown("What the file would do")
			complain()
			if f.Kind == intake.KindNetwork {
				c.fill("input[name=confirm_password]", password)
			}
			c.press(`form[action$="/apply"] button`)
			c.untilShown("The file was taken in.")
			complain()
		}
		c.open("/")
		c.untilShown("12 of 14 done")
		for _, path := range []string{"/stations", "/stations/new", "/stations/ALSTER-1/edit", "/stations/ALSTER-1/connectors", "/media/new", "/partners/new", "/tariffs/sales/new/edit"} {
			c.open(path)
			complain()
		}
	})
}
