package web

import (
	"testing"

	"creditrun/internal/settlement"
)

func TestAContractIsCalculatedWhileItIsTyped(t *testing.T) {
	withChrome(t, func(t *testing.T, c *chrome) {
		over := shareOf("share-2025", subCPO, "2025-01")
		over.To, over.AutoRenew = "2025-12", true
		first := shareOf("share-1", subCPO, "2026-06")
		first.VolumeBonus = []settlement.BonusBand{{From: 1_000_000_000, PerKWh: 10_000_000}}
		first.MonthlyFeePerStation, first.MinimumGuarantee = 5_000_000, 30_000_000
		c.w.contracts(over, first)
		c.as("anna")
		c.open("/contracts/share-1/edit")
		c.fill("input[name=calc_energy]", "10")
		c.fill("input[name=calc_amount]", "4.90")
		c.untilShown("4.0375")
		c.fill("input[name=share_percent_ac]", "50")
		c.untilShown("3.2275")
		c.leave()
		c.open("/contracts/share-1")
		c.fill("input[name=calc_energy]", "10")
		c.fill("input[name=calc_amount]", "4.90")
		c.untilShown("4.0375")
		for _, dark := range []bool{false, true} {
			c.dark(dark)
			for _, path := range []string{"/contracts", "/contracts/new", "/contracts/share-1", "/contracts/share-1/edit", "/entities/" + subCPO + "/edit"} {
				c.open(path)
				for _, complaint := range c.complaints() {
					t.Errorf("%s, dark %t: %s", path, dark, complaint)
				}
			}
		}
	})
}
