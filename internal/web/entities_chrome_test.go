package web

import (
	"testing"
)

func TestTreeAndFormAnswerWhileSomebodyWorks(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		complain := func() {
			t.Helper()
			for _, complaint := range c.complaints() {
				t.Errorf("%s: %s", ask[string](c, "location.href"), complaint)
			}
		}
		c.as("anna")
		c.open("/entities")
		c.press(`details[hx-get$="stadtwerke"] > summary`)
		c.untilShown("Beispielstadt Wohnen")
		c.press(`details[hx-get$="stadtwerke-wohnen"] > summary`)
		c.untilShown("WEG Quartier Hafen")
		complain()
		c.fill("#q", "innsbruck")
		c.until("the search has answered", "document.querySelector('#found table')")
		c.untilShown("Hotel Alpenmuster")
		complain()
		c.open("/entities/stadtwerke-wohnen/edit")
		c.fill("#alternate", "hotel")
		c.until("entities can be chosen", `document.querySelector('#alternate-choices option[value="hotelgruppe"]')`)
		c.fill("#alternate", "hotelgruppe")
		c.press("#name")
		c.untilShown("finance@hotelgruppe.example")
		c.untilShown("is not an ancestor of")
		complain()
		c.fill("#vat_id", "DE1")
		c.press(`main form .actions button`)
		c.untilShown("does not have the form of its country")
		complain()
		c.leave() // what was refused is not saved: the page would ask
		for _, path := range []string{"/entities/stadtwerke", "/entities/stadtwerke/statement", "/entities/musterstrom/edit"} {
			c.open(path)
			complain()
		}
	})
}
