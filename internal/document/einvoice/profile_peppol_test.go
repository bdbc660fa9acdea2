package einvoice

import (
	"strings"
	"testing"

	"creditrun/internal/fault"
)

func TestPeppolHasOneNoteAndTheAddressesOfTheNetwork(t *testing.T) {
	n := shortNote()
	n.Document.Mentions = []string{"Gutschrift", "Reverse Charge"}
	content := string(must(t)(UBL(n, PeppolSelfBilling30, texts(t))))
	for _, want := range []string{
		"<cbc:Note>Gutschrift; Reverse Charge</cbc:Note>",
		`<cbc:EndpointID schemeID="9930">DE987654321</cbc:EndpointID>`,
		"<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0</cbc:ProfileID>",
	} {
		if strings.Count(content, want) != 1 {
			t.Errorf("%d of %s", strings.Count(content, want), want)
		}
	}
}

func TestWhatPeppolRefuses(t *testing.T) {
	unreachable := shortNote()
	unreachable.Document.Recipient.ElectronicAddress = ""
	if _, err := UBL(unreachable, PeppolSelfBilling30, texts(t)); len(fault.Of(err)) != 1 || fault.Of(err)[0].Key != "einvoice_endpoint_missing" {
		t.Errorf("no address: %v", err)
	}
	if _, err := UBL(cancelled(shortNote(), "384"), PeppolSelfBilling30, texts(t)); len(fault.Of(err)) != 1 || fault.Of(err)[0].Key != "einvoice_profile_refuses" {
		t.Errorf("a corrected invoice: %v", err)
	}
	if PeppolSelfBilling30.Suits(feeNote()) || PeppolBilling30.Suits(shortNote()) {
		t.Error("self-billing is for credit notes, billing for fee invoices")
	}
}
