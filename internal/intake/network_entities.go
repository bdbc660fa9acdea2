package intake

import (
	"slices"
	"strings"

	"creditrun/creditnotes"
	"creditrun/entities"
	"creditrun/internal/sessions"
	"creditrun/numbering"
)

// operator decodes the root of the tree. It has a time zone and no parent.
func operator(m *mapping) entities.Entity {
	m.require("key", "name", "country", "time_zone")
	e := entityFields(m)
	e.TimeZone = read(m, "time_zone", expZone, parseZone)
	return e
}

// entity decodes an entity below the operator.
func entity(m *mapping) entities.Entity {
	m.require("parent", "name", "country")
	e := entityFields(m)
	e.Parent = m.word("parent")
	e.AlternateCredit = m.word("alternate_credit_address")
	e.Limits = limits(m)
	return e
}

func entityFields(m *mapping) entities.Entity {
	detail, details := oneOf(entities.DetailCSV, entities.DetailPDF, entities.DetailNone)
	e := entities.Entity{
		Key: m.word("key"), Name: m.text("name"), LegalName: m.text("legal_name"),
		Street: m.text("street"), Postcode: m.text("postcode"), City: m.text("city"),
		Country: read(m, "country", expCountry, parseCountry),
		VATID:   m.word("vat_id"), TaxNumber: m.word("tax_number"), RegisterNumber: m.text("register_number"),
		Emails:        words(m, "email", expEmail, parseEmail),
		ReplyTo:       read(m, "reply_to", expEmail, parseEmail),
		Phone:         m.text("phone"),
		Language:      read(m, "language", expLanguage, matching[string](languageSyntax)),
		Currency:      read(m, "currency", expCurrency, parseCurrency),
		CustomerRef:   m.text("customer_reference"),
		SessionDetail: read(m, "session_detail", details, detail),
		Active:        m.truth("active", true),
	}
	if e.SessionDetail == "" {
		e.SessionDetail = entities.DetailCSV
	}
	if in, ok := m.nested("bank"); ok {
		e.Bank = bank(in)
	}
	e.Taxes = each(m, "tax", taxTreatment)
	slices.SortStableFunc(e.Taxes, func(a, b entities.TaxTreatment) int { return strings.Compare(string(a.From), string(b.From)) })
	if in, ok := m.nested("agreement"); ok {
		e.Agreement = agreement(in)
	}
	return e
}

// limits decodes the limits of the rules of plausibility that an owner or a
// roaming partner has of its own.
func limits(m *mapping) (l sessions.Limits) {
	in, ok := m.nested("limits")
	if !ok {
		return l
	}
	for _, rule := range sessions.Rules() {
		name := rule.LimitName()
		if rule.Percent() {
			l[rule] = decimal(in, name, rule.Expected(), rule.Parse)
			continue
		}
		l[rule] = read(in, name, rule.Expected(), rule.Parse)
	}
	in.done()
	return l
}

func bank(m *mapping) entities.Bank {
	b := entities.Bank{Holder: m.text("holder"), IBAN: account(m, "iban"), BIC: account(m, "bic")}
	m.done()
	return b
}

// account returns a bank identifier without the spaces it is printed with.
func account(m *mapping, key string) string {
	return read(m, key, "letters and digits", func(s string) (string, error) {
		s = strings.ToUpper(strings.ReplaceAll(s, " ", ""))
		if len(s) > 34 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" {
			return "", errSyntax
		}
		return s, nil
	})
}

func taxTreatment(m *mapping) entities.TaxTreatment {
	m.require("account")
	return entities.TaxTreatment{From: m.date("from"), Account: m.word("account")}
}

func agreement(m *mapping) entities.Agreement {
	a := entities.Agreement{
		SignedOn: m.date("signed_on"), ValidFrom: m.date("valid_from"), ValidUntil: m.date("valid_until"),
		Reference: m.text("reference"),
	}
	if !a.ValidUntil.IsZero() && a.ValidUntil.Before(a.ValidFrom) {
		m.d.add(m.line, m.at("valid_until"), "a day not before valid_from", string(a.ValidUntil))
	}
	m.done()
	return a
}

func taxAccount(m *mapping) creditnotes.TaxAccount {
	m.require("name", "category", "rates")
	category, categories := oneOf(creditnotes.StandardRate, creditnotes.ZeroRate, creditnotes.Exempt, creditnotes.ReverseCharge,
		creditnotes.IntraCommunity, creditnotes.ExportOutsideEU, creditnotes.OutsideScope)
	a := creditnotes.TaxAccount{
		Key: m.word("key"), Name: m.byLanguage("name"),
		Category:        read(m, "category", categories, category),
		Country:         read(m, "country", expCountry, parseCountry),
		LedgerAccount:   m.word("ledger_account"),
		ExemptionCode:   m.word("exemption_code"),
		ExemptionReason: m.byLanguage("exemption_reason"),
		Rates:           each(m, "rates", taxRate),
	}
	slices.SortStableFunc(a.Rates, func(x, y creditnotes.TaxRate) int { return strings.Compare(string(x.From), string(y.From)) })
	return a
}

func taxRate(m *mapping) creditnotes.TaxRate {
	m.require("percent")
	return creditnotes.TaxRate{From: m.date("from"), Percent: decimal(m, "percent", expPercent, parsePercentage)}
}

func numberRange(m *mapping) numbering.Range {
	m.require("name", "pattern", "valid_for")
	reset, resets := oneOf(numbering.ResetNever, numbering.ResetYearly, numbering.ResetMonthly)
	scope, scopes := oneOf(numbering.ScopeIssuer, numbering.ScopeRecipient)
	document, documents := oneOf(numbering.CreditNote, numbering.Cancellation, numbering.Invoice)
	r := numbering.Range{
		Key: m.word("key"), Name: m.text("name"), Pattern: m.word("pattern"),
		Next:     m.whole("next", 1, 1),
		Reset:    read(m, "reset", resets, reset),
		ValidFor: words(m, "valid_for", documents, document),
		Scope:    read(m, "scope", scopes, scope),
		Active:   m.truth("active", true),
	}
	if r.Reset == "" {
		r.Reset = numbering.ResetNever
	}
	if r.Scope == "" {
		r.Scope = numbering.ScopeIssuer
	}
	return r
}
