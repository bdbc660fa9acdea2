package datev

import (
	"strconv"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/journal"
)

// ready names what is missing for an export, or an account that DATEV would not
// take.
func ready(j *journal.Journal, config *journal.Config) error {
	if missing := journal.Places(append(j.Missing(), Missing(j, config)...)...); len(missing) > 0 {
		return fault.New(fault.Invalid, "accounting_missing", fault.Args{"month": string(j.Month), "missing": journal.ListOf(missing)})
	}
	return accounts(j, config)
}

// Missing is what the format needs and no other does: the numbers that DATEV gave,
// and the tax keys.
func Missing(j *journal.Journal, config *journal.Config) (missing []journal.Place) {
	if config.Consultant == 0 {
		missing = append(missing, journal.Place{Kind: journal.PlaceSetting, Key: "datev_consultant"})
	}
	if config.Client == 0 {
		missing = append(missing, journal.Place{Kind: journal.PlaceSetting, Key: "datev_mandant"})
	}
	sides := map[string]journal.Side{} // on which a tax account was met
	for i := range j.Entries {
		e := &j.Entries[i]
		for _, p := range e.Parts {
			if p.TaxKey == "" {
				continue
			}
			credit, debit, two := keysOf(config.TaxKeys[p.TaxKey])
			if !isKey(credit) || !isKey(debit) {
				missing = append(missing, journal.Place{Kind: journal.PlaceTax, Key: p.TaxKey, Field: "datev_key of at most 4 digits"})
			}
			if met := sides[p.TaxKey]; met != "" && met != e.Side && !two && credit != noKey {
				missing = append(missing, journal.Place{Kind: journal.PlaceTax, Key: p.TaxKey, Field: "datev_key for credit notes and fee invoices, such as 9/3"})
			}
			sides[p.TaxKey] = e.Side
		}
	}
	return journal.Places(missing...)
}

// isKey reports whether a tax key is one to four digits.
func isKey(key string) bool {
	return key != "" && len(key) <= 4 && strings.Trim(key, "0123456789") == ""
}

// accounts refuses accounts of another length than the settings say: that of the
// ledger, and one more of recipients.
func accounts(j *journal.Journal, config *journal.Config) error {
	for i := range j.Entries {
		e := &j.Entries[i]
		if len(e.Account) != config.AccountLength+1 {
			return malformed(e.Account, config.AccountLength+1)
		}
		for _, p := range e.Parts {
			if len(p.Account) > config.AccountLength || strings.Trim(p.Account, "0123456789") != "" {
				return malformed(p.Account, config.AccountLength)
			}
		}
	}
	return nil
}

func malformed(account string, length int) error {
	return fault.New(fault.Invalid, "accounting_account_malformed", fault.Args{"account": account, "digits": strconv.Itoa(length)})
}
