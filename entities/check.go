package entities

import (
	"slices"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/money"
)

// HasAddress reports whether the entity can be addressed on a document: name,
// postcode, city and country. A street is not asked for: small places have
// none.
func (e *Entity) HasAddress() bool {
	return e.DisplayName() != "" && e.Postcode != "" && e.City != "" && e.Country != ""
}

type checker struct {
	entity *Entity
	found  []*fault.Fault
}

func (c *checker) add(field, key string, args fault.Args) {
	all := fault.Args{"entity": c.entity.Key}
	for k, v := range args {
		all[k] = v
	}
	c.found = append(c.found, invalid(key, all).At(field))
}

func (c *checker) country() {
	if country := c.entity.Country; country != "" && !isCountry(country) {
		c.add("country", "country_unknown", fault.Args{"country": country})
	}
}

func (c *checker) vatID() {
	id := c.entity.VATID
	if id == "" {
		return
	}
	switch checkVATID(id, c.entity.Country) {
	case vatMalformed:
		c.add("vat_id", "vat_id_malformed", fault.Args{"vat_id": id})
	case vatMistyped:
		c.add("vat_id", "vat_id_check_digit", fault.Args{"vat_id": id})
	}
}

func (c *checker) bank() { c.found = append(c.found, c.entity.Bank.Check(c.entity.Key)...) }

// Check returns what is wrong with a bank account of an entity; the faults do
// not quote the IBAN. What is missing is not reported.
func (b Bank) Check(entity string) []*fault.Fault {
	c := checker{entity: &Entity{Key: entity}}
	if b.IBAN != "" {
		if problem, args := checkIBAN(b.IBAN); problem != "" {
			c.add("bank.iban", problem, args)
		}
	}
	if b.BIC != "" && !isBIC(b.BIC) {
		c.add("bank.bic", "bic_malformed", fault.Args{"bic": b.BIC})
	}
	return c.found
}

func (c *checker) mailAddresses() {
	for _, address := range c.entity.Emails {
		if !looksLikeMail(address) {
			c.add("email", "email_malformed", fault.Args{"email": address})
		}
	}
	if a := c.entity.ReplyTo; a != "" && !looksLikeMail(a) {
		c.add("reply_to", "reply_to_malformed", fault.Args{"email": a})
	}
}

func (c *checker) currency() {
	if code := c.entity.Currency; code != "" {
		if _, ok := money.Digits(code); !ok {
			c.add("currency", "currency_unknown", fault.Args{"currency": code})
		}
	}
}

// taxes looks for two treatments from one day on: which one applies would
// depend on their order.
func (c *checker) taxes(field string, list []TaxTreatment) {
	seen := map[Date]bool{}
	for _, t := range list {
		if seen[t.From] {
			c.add(field, "tax_treatment_twice", fault.Args{"from": string(t.From)})
		}
		seen[t.From] = true
	}
}

func (c *checker) agreement() {
	a := c.entity.Agreement
	if !a.ValidUntil.IsZero() && a.ValidUntil.Before(a.ValidFrom) {
		c.add("agreement.valid_until", "agreement_ends_before_start", fault.Args{"from": string(a.ValidFrom), "until": string(a.ValidUntil)})
	}
}

func (c *checker) sessionDetail() {
	if d := c.entity.SessionDetail; !slices.Contains([]SessionDetail{"", DetailCSV, DetailXLSX, DetailPDF, DetailNone}, d) {
		c.add("session_detail", "session_detail_unknown", fault.Args{"value": string(d)})
	}
}

// looksLikeMail finds typing errors. Whether an address exists is known to the
// mail server alone.
func looksLikeMail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	if !ok || local == "" || len(s) > 254 || strings.ContainsAny(s, " \t\r\n,;<>\"") || strings.Contains(domain, "@") {
		return false
	}
	if strings.HasPrefix(local, ".") || strings.HasSuffix(local, ".") || strings.Contains(s, "..") {
		return false
	}
	_, known := ASCIIDomain(s)
	return known && domain != "" && domain[0] != '.' && domain[0] != '-' && !strings.HasSuffix(domain, ".")
}

// countryCodes are the alpha-2 codes of ISO 3166-1, and XK for Kosovo.
const countryCodes = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ " +
	"CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR " +
	"GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP " +
	"KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ " +
	"NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW " +
	"SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ " +
	"UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"

// Countries lists the countries an address can be in (ISO 3166-1 alpha-2, and
// XK for Kosovo), by code.
func Countries() []string { return strings.Fields(countryCodes) }

func isCountry(code string) bool {
	return slices.Contains(strings.Fields(countryCodes), code)
}
