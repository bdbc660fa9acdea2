package web

import (
	"fmt"
	"testing"

	"creditrun/internal/sessions"
)

// A cost rate begins too late for sessions that are held: a new version of it
// begins earlier, the page says how many get a price, and after saving they have it.
func TestANewVersionGivesHeldSessionsTheirPriceInABrowser(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		w, anna := c.w, c.w.as("anna")
		w.opened()
		unpriced := w.held(sessions.Unpriced)
		anna.post("/tariffs/rates/new", append([]string{"key", "late"}, newPrice("2027-01-01", "0.44")...)...).shows(t, "Cost rate late is saved")
		anna.submit("/tariffs/charge-point/new/edit", anna.get("/tariffs/charge-point/new/edit").form(), append(conditionFields("rate=late from=2022-01-01"), "key", "LP-LATE")...).shows(t, "Tariff LP-LATE is saved")
		page := anna.get("/sessions/held")
		form := []string{"from", "2022-01-01", "charge_point", "LP-LATE"}
		for _, box := range heldBoxes.FindAllStringSubmatch(page.body, -1) {
			form = append(form, "connector", box[1])
		}
		anna.sure(anna.post("/sessions/held/tariffs", form...)).shows(t, "have the tariff now")
		w.opened()
		if n := w.held(sessions.Unpriced); n != unpriced {
			t.Fatalf("%d of %d sessions are held for want of a price: proves nothing", n, unpriced)
		}

		c.as("anna")
		c.open("/tariffs/rates/late/edit")
		ask[bool](c, `(() => { const f = document.querySelector('[name=valid_from]'); f.value = '2022-01-01'; f.dispatchEvent(new Event('change', {bubbles: true})); return true })()`)
		c.fill("input[name=own_energy_price]", "0.42")
		c.press("main form .actions button:not(.second):not(.small)")
		c.untilShown("What this affects")
		c.untilShown("into earlier months")
		c.untilShown(fmt.Sprintf("%d sessions more get a price.", unpriced))
		for _, complaint := range c.complaints() {
			t.Error(complaint)
		}
		c.press("button[name=sure]")
		c.untilShown("Cost rate late is saved")
		w.opened()
		if n := w.held(sessions.Unpriced); n != 0 {
			t.Errorf("%d sessions are still held for want of a price", n)
		}
	})
}
