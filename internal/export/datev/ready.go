package datev

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/fault"
	"creditrun/internal/journal"
)

// ready names what is missing for an export, or an account that DATEV would not
// take.
func ready(j *journal.Journal, config *journal.Config) error {
	missing := map[string]bool{}
	if config.Consultant == 0 {
		missing["setting datev_consultant"] = true
	}
	if config.Client == 0 {
		missing["setting datev_mandant"] = true
	}
	for _, place := range j.Missing() {
		missing[place] = true
	}
	for i := range j.Entries {
		for _, p := range j.Entries[i].Parts {
			if key := config.TaxKeys[p.TaxKey]; p.TaxKey != "" && (key == "" || len(key) > 4 || strings.Trim(key, "0123456789") != "") {
				missing["tax account "+p.TaxKey+": datev_key of at most 4 digits"] = true
			}
		}
	}
	if len(missing) > 0 {
		return fault.New(fault.Invalid, "accounting_missing", fault.Args{"month": string(j.Month), "missing": strings.Join(slices.Sorted(maps.Keys(missing)), ", ")})
	}
	return accounts(j, config)
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
