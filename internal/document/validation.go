package document

import (
	"creditrun/creditnotes"
	"creditrun/internal/document/einvoice"
)

// paperRules are the official rules with which documents of this release were
// tested.
var paperRules = []creditnotes.RuleSet{{Name: "veraPDF PDF/A-3b", Version: "1.29"}, {Name: "veraPDF PDF/UA-1", Version: "1.29"}}

// validationOf is the record of an e-invoice that has passed its check.
func validationOf(p *einvoice.Profile) *creditnotes.Validation {
	v := &creditnotes.Validation{
		Profile: p.Name, Edition: p.Edition, Specification: p.ID,
		Checks: []creditnotes.ValidationCheck{{Name: einvoice.CheckName, Version: einvoice.CheckVersion, Result: creditnotes.ValidationPassed}},
	}
	for _, r := range p.RuleSets() {
		v.RuleSets = append(v.RuleSets, creditnotes.RuleSet(r))
	}
	return v
}
