package entities_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/entities"
)

func TestDocumentsGoWhereTheyCanBeReceived(t *testing.T) {
	able := []entities.Capability{{Channel: entities.ChannelPeppol, From: "2026-06-01", Until: "2026-12-31"}}
	const pdf, xrechnung, peppol, portal = entities.ChannelPDF, entities.ChannelXRechnung, entities.ChannelPeppol, entities.ChannelPortal
	type list = []entities.Channel
	for _, c := range []struct {
		name        string
		address     entities.ElectronicAddress
		wants, gets list
		day         entities.Date
	}{
		{"nothing in particular", "", nil, nil, "2026-10-31"},
		{"Peppol", "0208:0123456749", list{peppol}, list{peppol}, "2026-10-31"},
		{"Peppol on the first day", "0208:0123456749", list{peppol, portal}, list{peppol, portal}, "2026-06-01"},
		{"Peppol the day before", "0208:0123456749", list{peppol, portal}, list{portal, pdf}, "2026-05-31"},
		{"Peppol after the last day", "0208:0123456749", list{peppol}, list{pdf}, "2027-01-01"},
		{"Peppol without an address", "", list{peppol}, list{pdf}, "2026-10-31"},
		{"what is mailed anyway", "", list{peppol, xrechnung}, list{xrechnung}, "2026-10-31"},
		{"the portal alone", "", list{portal}, list{portal}, "2026-10-31"},
	} {
		e := entities.Entity{ElectronicAddress: c.address, Delivery: c.wants, Capabilities: able}
		if diff := cmp.Diff(c.gets, e.DeliveryOn(c.day)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestElectronicAddressesAreChecked(t *testing.T) {
	for address, fine := range map[entities.ElectronicAddress]bool{
		"": true, "0208:0123456749": true, "0088:7300010000001": true, "9930:DE123456788": true, "0225:345678901_A": true,
		"0208:0123456789": false, "0088:7300010000002": false, "0208": false, "EM:a@x.example": false, "9930: DE1": false, "0208:012345674X": false,
	} {
		e := entities.Entity{ElectronicAddress: address}
		if found := e.Check(); (len(found) == 0) != fine {
			t.Errorf("%q: %v", address, found)
		}
	}
}
