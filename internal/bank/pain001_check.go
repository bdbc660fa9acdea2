package bank

import (
	"slices"
	"strings"
	"unicode/utf8"

	"creditrun/entities"
	"creditrun/internal/fault"
)

// sepaCountries are the countries of the IBANs that SEPA reaches (EPC409-09 of
// May 2025). Territories of France and the United Kingdom have their IBANs.
var sepaCountries = strings.Fields("AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO " +
	"PL PT RO RS SE SI SK SM VA")

// transferCheck collects what is wrong with a file of transfers.
type transferCheck struct{ faults fault.List }

func checkTransfers(t Transfers) error {
	var c transferCheck
	c.id(t.MessageID)
	if len(t.Payments) == 0 {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_payments_none", nil))
	}
	if !IsTargetDay(t.Execution) {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_day_closed",
			fault.Args{"date": string(t.Execution), "next": string(NextTargetDay(t.Execution))}).At("date"))
	}
	c.party(t.Debtor, t.Addresses)
	seen := map[string]bool{}
	for _, p := range t.Payments {
		c.payment(p, t.Addresses)
		if seen[p.EndToEndID] {
			c.faults = append(c.faults, fault.New(fault.Invalid, "bank_id_twice", fault.Args{"id": p.EndToEndID}))
		}
		seen[p.EndToEndID] = true
	}
	return c.faults.Err()
}

// CheckPayment finds what WritePain001 would refuse of one payment, with the same
// faults.
func CheckPayment(p Payment, style AddressStyle) error {
	var c transferCheck
	c.payment(p, style)
	return c.faults.Err()
}

func (c *transferCheck) payment(p Payment, style AddressStyle) {
	c.id(p.EndToEndID)
	if p.Currency != currencySEPA || p.Amount < 1 || p.Amount > MaxAmount {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_amount_invalid",
			fault.Args{"id": p.EndToEndID, "amount": p.Amount.Format(2), "currency": p.Currency}))
	}
	c.party(p.Creditor, style)
	if p.Holder != "" && !strings.ContainsFunc(Latin(p.Holder), isLetterOrDigit) {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_name_missing", fault.Args{"name": p.Holder}))
	}
	c.fits(p.Creditor.Name, p.Holder, MaxName)
	c.fits(p.Creditor.Name, p.Text, MaxText)
}

// id checks a message id or an end-to-end id (EPC125-05 chapter 1.4).
func (c *transferCheck) id(id string) {
	slashes := strings.HasPrefix(id, "/") || strings.HasSuffix(id, "/") || strings.Contains(id, "//")
	if !idSyntax.MatchString(id) || slashes || strings.TrimSpace(id) != id {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_id_invalid", fault.Args{"id": id, "most": MaxID}))
	}
}

func (c *transferCheck) party(p Party, style AddressStyle) {
	if !strings.ContainsFunc(Latin(p.Name), isLetterOrDigit) {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_name_missing", fault.Args{"name": p.Name}))
	}
	c.fits(p.Name, p.Name, MaxName)
	if iban := entities.NormalIBAN(p.IBAN); !entities.ValidIBAN(iban) || !slices.Contains(sepaCountries, iban[:2]) {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_iban_invalid",
			fault.Args{"name": p.Name, "iban": entities.LastFour(iban)}).At("bank.iban"))
	}
	if p.BIC != "" && !bicSyntax.MatchString(p.BIC) {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_bic_invalid", fault.Args{"name": p.Name, "bic": p.BIC}).At("bank.bic"))
	}
	c.address(p, style)
}

func (c *transferCheck) address(p Party, style AddressStyle) {
	a := p.Address
	if a == (Address{}) || style == AddressNone {
		return
	}
	if Latin(a.Town) == "" || !countrySyntax.MatchString(a.Country) {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_address_incomplete", fault.Args{"name": p.Name}))
	}
	c.fits(p.Name, a.PostCode, maxPostCode)
	c.fits(p.Name, a.Town, maxTown)
	if style == AddressHybrid {
		c.fits(p.Name, a.line(), maxAddressLine)
		c.fits(p.Name, a.Extra, maxAddressLine)
		return
	}
	c.fits(p.Name, a.Street, maxAddressLine)
	c.fits(p.Name, a.Building, maxBuilding)
}

// fits refuses what is longer than a bank takes; nothing is cut.
func (c *transferCheck) fits(name, text string, most int) {
	if length := utf8.RuneCountInString(Latin(text)); length > most {
		c.faults = append(c.faults, fault.New(fault.Invalid, "bank_text_long",
			fault.Args{"name": name, "text": text, "length": length, "most": most}))
	}
}

func isLetterOrDigit(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}
