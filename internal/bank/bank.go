// Package bank writes the files that go to a bank and reads the files that come
// back: credit transfers as pain.001, and answers as camt.053, camt.054, and
// pain.002 of ISO 20022 (docs/settlement.md §10). It matches nothing and stores
// nothing: no database, no clock, no files.
package bank

import "regexp"

// SEPA limits of a credit transfer (EPC125-05, EPC132-08 of 2025).
const (
	// MaxName is the length of a name in characters of the Latin set.
	MaxName = 70
	// MaxText is the length of a remittance text in characters of the Latin set.
	MaxText = 140
	// MaxID is the length of a message id and of an end-to-end id.
	MaxID = 35
	// MaxAmount is the largest amount of one payment in euro cents:
	// 999,999,999.99 EUR. The smallest is 1 cent.
	MaxAmount = 99_999_999_999

	maxAddressLine = 70
	maxBuilding    = 16
	maxPostCode    = 16
	maxTown        = 35

	currencySEPA = "EUR"
)

var (
	// idSyntax has the characters of an identification. A slash at either end
	// and two in a row are refused apart from it.
	idSyntax      = regexp.MustCompile(`^[A-Za-z0-9/\-?:().,'+ ]{1,35}$`)
	bicSyntax     = regexp.MustCompile(`^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$`)
	countrySyntax = regexp.MustCompile(`^[A-Z]{2}$`)
)
