package web

import (
	"testing"

	"creditrun/entities"
	"creditrun/internal/store"
)

func TestUsersAuditLogAndWebhooksInABrowser(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		_, err := c.w.store.AddWebhook(t.Context(), "test", store.Webhook{URL: "https://erp.example/in", Events: store.HookEvents(), Active: true})
		must(t, err)
		c.as("anna")
		c.open("/users/vera")
		c.fill(`form[action$="/invite"] input[name=confirm_password]`, password)
		c.press(`form[action$="/invite"] button`)
		c.untilShown("vera gets a link to set a password by e-mail")
		complain(c, "a user who gets a link")
		c.open("/users/felix")
		complain(c, "a user")
		c.fill(`form[action$="/invite"] input[name=confirm_password]`, password)
		c.press(`button[formaction$="/deactivate"]`)
		c.untilShown("felix can no longer log in")
		c.open("/audit")
		c.press(`form[action="/audit/checks"] button`)
		c.untilShown("The log is sound")
		complain(c, "a check")
		_, _, err = c.w.store.ProposeBank(t.Context(), "olga", subCPO, entities.Bank{Holder: "Werk", IBAN: "DE02120300000000202051"})
		must(t, err)
		for _, path := range []string{"/audit/1", "/webhooks/1", "/changes", "/entities/" + subCPO} {
			c.open(path)
			complain(c, path)
		}
	})
}

// complain tells what axe finds on the page as it is now.
func complain(c *chrome, page string) {
	c.t.Helper()
	for _, complaint := range c.complaints() {
		c.t.Errorf("%s: %s", page, complaint)
	}
}
