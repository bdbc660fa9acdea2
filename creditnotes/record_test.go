package creditnotes

import (
	"testing"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// some is a configuration with two records of every section.
func some() *Configuration {
	c := &Configuration{
		NumberRanges: []numbering.Range{{Key: "a"}, {Key: "b"}},
		TaxAccounts:  []TaxAccount{{Key: "a", Name: map[string]string{"de": "x"}}, {Key: "b"}},
		Entities:     []entities.Entity{{Key: "a"}, {Key: "b"}},
		Stations:     []entities.Station{{Key: "a"}, {Key: "b"}},
		Connectors:   []entities.Connector{{EVSEID: "E1", Station: "a"}, {EVSEID: "E2", Station: "b"}},
	}
	c.Tariffs.CostRates = []tariffs.CostRate{{Key: "a", Version: 1}, {Key: "a", Version: 2}, {Key: "b", Version: 1}}
	c.Tariffs.Community = []tariffs.CommunityTariff{{Key: "a"}, {Key: "b"}}
	c.Tariffs.ChargePoint = []tariffs.ChargePointTariff{{Key: "a"}, {Key: "b"}}
	c.Tariffs.Sales = []tariffs.SalesTariff{{Key: "a"}, {Key: "b"}}
	return c
}

func TestAFingerprintChangesWithItsRecordAlone(t *testing.T) {
	for section, change := range map[string]func(c *Configuration){
		SectionRanges:      func(c *Configuration) { c.NumberRanges[0].Active = true },
		SectionTaxAccounts: func(c *Configuration) { c.TaxAccounts[0].Name = map[string]string{"de": "y"} },
		SectionEntities:    func(c *Configuration) { c.Entities[0].Emails = []string{"a@b.example"} },
		SectionRates:       func(c *Configuration) { c.Tariffs.CostRates[1].Currency = "EUR" },
		SectionCommunity:   func(c *Configuration) { c.Tariffs.Community[0].Name = "x" },
		SectionChargePoint: func(c *Configuration) { c.Tariffs.ChargePoint[0].Purchase = []tariffs.Condition{{Rate: "b"}} },
		SectionSales:       func(c *Configuration) { c.Tariffs.Sales[0].Name = "x" },
		SectionStations:    func(c *Configuration) { c.Connectors[0].MaxPowerKW = money.Quantity(1) },
	} {
		before, after := some(), some()
		change(after)
		fingerprint := func(c *Configuration, key string) string {
			text, err := c.Fingerprint(Record{section, key})
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		if fingerprint(before, "a") == fingerprint(after, "a") || fingerprint(before, "a") != fingerprint(some(), "a") {
			t.Errorf("%s: the change of a record is not seen", section)
		}
		if fingerprint(before, "b") != fingerprint(after, "b") || fingerprint(before, "b") == "" || fingerprint(before, "c") != "" {
			t.Errorf("%s: the change of another record is seen", section)
		}
	}
}

func TestBankDataAreNoPartOfAnEntitysFingerprint(t *testing.T) {
	before, after := some(), some()
	after.Entities[0].Bank.IBAN = "DE02120300000000202051"
	one, _ := before.Fingerprint(Record{SectionEntities, "a"})
	if other, _ := after.Fingerprint(Record{SectionEntities, "a"}); one != other {
		t.Error("new bank data look like a change of the form")
	}
}
