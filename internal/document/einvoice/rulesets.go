package einvoice

// RuleSet is a published set of rules in a version.
type RuleSet struct{ Name, Version string }

// The check that runs on every e-invoice.
const (
	CheckName    = "speedata/einvoice"
	CheckVersion = "v0.0.21"
)

// ruleSets are the official rule sets with which this release was tested, by name
// and edition of the profile. All samples pass them without errors. Versions are those
// of the releases: of CEN validation-1.3.16 of 10 April 2026
// (ConnectingEurope/eInvoicing-EN16931), of KoSIT v2.5.0 of 31 January 2026, which is
// for XRechnung 3.0.x (itplr-kosit/xrechnung-schematron), and of Peppol and FNFE as
// phive-rules 432f0e9 of 20 August 2026 has them (phax/phive-rules).
var ruleSets = map[string][]RuleSet{
	"en16931 2017":           {cen},
	"xrechnung 3.0":          {cen, {"KoSIT XRechnung Schematron", "2.5.0"}},
	"peppol-selfbilling 3.0": {cen, {"Peppol BIS Self-Billing", "2026.5"}},
	"peppol-billing 3.0":     {cen, {"Peppol BIS Billing", "2026.5"}},
	"france 1.2":             {cen, {"FNFE BR-FR-Flux2 Schematron", "1.4.0.03"}},
}

var cen = RuleSet{"CEN EN 16931 validation artefacts", "1.3.16"}

// RuleSets returns the official rule sets with which a profile was tested.
func (p *Profile) RuleSets() []RuleSet { return ruleSets[p.String()] }
