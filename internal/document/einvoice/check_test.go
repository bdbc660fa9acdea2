package einvoice

import (
	"bytes"
	"strings"
	"testing"
)

func TestEverySamplePassesTheSecondImplementation(t *testing.T) {
	words := texts(t)
	for name, s := range samples() {
		for file, content := range s.write(t, name, words) {
			if err := Check(content); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

func TestCheckFindsPlantedFaults(t *testing.T) {
	words := texts(t)
	for _, c := range []struct{ name, sample, file, old, planted, rule string }{
		{"a wrong total in CII", "S", "en16931-2017/S.cii.xml", "GrandTotalAmount>20.04", "GrandTotalAmount>20.05", "BR-CO-15"},
		{"a wrong amount due in UBL", "S", "en16931-2017/S.ubl.xml", `PayableAmount currencyID="EUR">20.04`, `PayableAmount currencyID="EUR">20.05`, "BR-CO-16"},
		{"wrong tax", "S", "en16931-2017/S.cii.xml", "CalculatedAmount>3.20", "CalculatedAmount>3.21", "BR-S-09"},
		{"no buyer reference in XRechnung", "S", "xrechnung-3.0/S.cii.xml", "<ram:BuyerReference>K-1001</ram:BuyerReference>", "", "BR-DE-15"},
		{"a rate on a line outside the scope", "O", "en16931-2017/O.cii.xml", "<ram:CategoryCode>O</ram:CategoryCode>", "<ram:CategoryCode>O</ram:CategoryCode><ram:RateApplicablePercent>19</ram:RateApplicablePercent>", "BR-O-05"},
		{"no country of delivery in CII", "K", "en16931-2017/K.cii.xml", "<ram:ShipToTradeParty>", "<ram:ShipToTradePartyX>", "read the e-invoice back"},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := samples()[c.sample].write(t, c.sample, words)[c.file]
			if !bytes.Contains(content, []byte(c.old)) {
				t.Fatalf("%s does not have %s", c.file, c.old)
			}
			err := Check(bytes.Replace(content, []byte(c.old), []byte(c.planted), 1))
			if err == nil || !strings.Contains(err.Error(), c.rule) {
				t.Errorf("got %v, want %s", err, c.rule)
			}
		})
	}
}
