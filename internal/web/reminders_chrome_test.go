package web

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestPagesOfWhatIsOwedFitEveryScreen(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		w := c.w
		paid := payoutsPaid(t, w)
		numbers := remindersSent(t, w, paid)
		w.later(40 * 24 * time.Hour) // the second level is due
		c.as("anna")
		widths := map[string][]int64{"en": {1400}, "de": {400}}
		if os.Getenv("CREDITRUN_LOOK") != "" {
			widths = map[string][]int64{"en": {400, 1400}, "de": {400, 1400}}
		}
		for lang := range widths {
			for _, width := range widths[lang] {
				c.open("/account")
				ask[bool](c, `(() => { const b = document.querySelector('.preferences button[value=`+lang+`]'); if (b) setTimeout(() => b.click(), 0); return true })()`)
				c.until("the pages are in "+lang, `document.documentElement.lang === '`+lang+`'`)
				c.do(chromedp.EmulateViewport(width, 900))
				for name, path := range map[string]string{
					"reminders": "/reminders", "reminder": "/reminders/" + numbers[true], "ageing": "/ageing?day=2026-11-30", "cash": "/cash?day=2026-11-30", "accruals": "/accruals?day=2026-10-15",
				} {
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
