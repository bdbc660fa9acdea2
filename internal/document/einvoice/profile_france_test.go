package einvoice

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/creditnotes"
	"creditrun/internal/fault"
)

// bornes is a French recipient.
func bornes() creditnotes.Party {
	p := foreign("FR", "FR96345678901")
	p.RegisterNumber, p.ElectronicAddress, p.Phone = "345 678 901", "0225:345678901", "+33 1 00 00 00 00"
	return p
}

func frenchSamples() map[string]sample {
	credit := func(n *creditnotes.Note) *creditnotes.Note {
		return taxed(paidTo(in("fr", n), bornes()), creditnotes.StandardRate, 2000, "")
	}
	fees := func() *creditnotes.Note {
		n := feeNote()
		n.Document.Issuer = bornes()
		return taxed(n, creditnotes.StandardRate, 2000, "")
	}
	return map[string]sample{
		"FR":                  {note: credit(shortNote())},
		"FR-positions":        {note: credit(richNote())},
		"FR-AE":               {note: taxed(paidTo(shortNote(), bornes()), creditnotes.ReverseCharge, 0, "Autoliquidation")},
		"FR-empty":            {note: empty(credit(shortNote()))},
		"FR-cancellation-261": {note: cancelled(credit(shortNote()), "261")},
		"FR-cancellation-384": {note: cancelled(credit(shortNote()), "384")},
		"FR-cancellation-389": {note: cancelled(credit(shortNote()), "389")},
		"FR-fees":             {note: fees()},
		"FR-fees-cancelled":   {note: cancelledFees(fees())},
	}
}

func TestFrenchCompaniesAreKnownByTheirSIREN(t *testing.T) {
	for want, p := range map[string]creditnotes.Party{
		"345678901": bornes(),
		"345678902": {Country: "FR", RegisterNumber: "345 678 902"},
		"345678903": {Country: "FR", RegisterNumber: "RCS Lyon", ElectronicAddress: "0225:345678903_A"},
		"345678904": {Country: "fr", VATID: "FR 12 345678904"},
		"":          {Country: "DE", RegisterNumber: "345678905"},
	} {
		if got := sirenOf(&p); got != want {
			t.Errorf("%+v: %q, want %q", p, got, want)
		}
	}
}

func TestWhatTheFrenchProfileRefuses(t *testing.T) {
	unnamed := frenchSamples()["FR"].note
	unnamed.Document.Recipient.VATID, unnamed.Document.Recipient.RegisterNumber = "", "RCS Lyon"
	unnamed.Document.Recipient.TaxNumber, unnamed.Document.Recipient.ElectronicAddress = "1", ""
	francs := inCurrency(frenchSamples()["FR"].note, "CHF", 2)
	spaced := frenchSamples()["FR"].note
	spaced.Number = "GS 2026.1"
	for _, c := range []struct {
		name string
		note *creditnotes.Note
		want []string
	}{
		{"a seller without address and SIREN", unnamed, []string{"einvoice_endpoint_missing", "einvoice_siren_missing"}},
		{"another currency", francs, []string{"einvoice_profile_refuses"}},
		{"a German rate", taxed(frenchSamples()["FR"].note, creditnotes.StandardRate, 1900, ""), []string{"einvoice_profile_refuses"}},
		{"a number with a space and a point", spaced, []string{"einvoice_profile_refuses"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := CII(c.note, France12, texts(t))
			var keys []string
			for _, f := range fault.Of(err) {
				keys = append(keys, f.Key)
			}
			if diff := cmp.Diff(c.want, keys); diff != "" {
				t.Errorf("faults (-want +got), error %v:\n%s", err, diff)
			}
		})
	}
	if France12.Suits(shortNote()) {
		t.Error("a German seller has a French e-invoice")
	}
}
