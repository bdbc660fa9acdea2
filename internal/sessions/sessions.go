// Package sessions knows the charging session as we keep it: its measurements,
// its class, its validity, and whether it is plausible. It knows no prices and
// no owners, and reads nothing.
package sessions

import (
	"time"

	"creditrun/internal/money"
	"creditrun/internal/ocmf"
)

// Session is one finished charge (domain.md §3.1). A session is never changed:
// a correction is the next version under the same Source and ExternalID.
type Session struct {
	ID          int64 // of this version
	Source      string
	ExternalID  string // unique per source
	Version     int    // 1, 2, …; the latest is the current one
	ConnectorID int64
	EVSEID      string
	Connector   int // number at the EVSE; 0: the source has no number
	// OCPIConnector is the connector id in the source's own words, up to 36
	// characters. Where it is no number, Connector is 0.
	OCPIConnector string
	MediumUID     string
	Class         Class // as the source stated it; empty: derived
	Partner       string
	AuthMethod    string
	Start         time.Time
	End           time.Time
	Duration      int64 // seconds
	Energy        money.Quantity
	MeterStart    *money.Quantity
	MeterStop     *money.Quantity
	Status        Status
	Reversed      bool          // a credit CDR took the session back: it is worth nothing
	DriverAmount  *money.Micros // net
	DriverFee     *money.Micros // net; the fixed part of DriverAmount
	Currency      string        // of DriverAmount and DriverFee
	// CollectedAt is when the money of the driver arrived, and CollectionKnownAt
	// since when that is known; zero: not yet. All versions of a session have the
	// same (settlement.md §2.3).
	CollectedAt       time.Time
	CollectionKnownAt time.Time
	// SameAs is the id of the first version since which nothing but DriverAmount,
	// DriverFee and Currency changed; 0: this version.
	SameAs     int64
	UpdatedAt  time.Time // when the source last changed the record; zero: it does not say
	ReceivedAt time.Time
	Released   bool // an administrator released it in spite of its reason
	// ReusedID is the id under which the source sent the session, where another
	// session has that id (domain.md §3.4); ExternalID is that id with a suffix.
	ReusedID string
	IDReused bool    // a person has to decide what the record under ReusedID is
	Rounded  bool    // the source stated more decimals than are kept; not stored
	Signed   *Signed // nil: without signed meter data
}

// Signed is the signed meter data of a session and what its check found when
// the session was received.
type Signed struct {
	Verdict ocmf.Verdict
	Energy  *money.Quantity // that the meter signed; nil: the records do not say
	Values  []ocmf.Value    // as the source sent them; not read with lists and runs
}

// Check checks the values with the keys of the meter.
func (s *Signed) Check(keys []*ocmf.Key) {
	result := ocmf.Check(s.Values, keys)
	s.Verdict, s.Energy = result.Verdict, result.Energy
}

// Class decides the price rule of a session (domain.md §3.2).
type Class string

// The classes of sessions.
const (
	Internal  Class = "internal"  // medium of an entity of this operator
	Bilateral Class = "bilateral" // medium of a bilateral roaming partner
	Community Class = "community" // everything unknown
)

// Status is what the source says of a session's validity.
type Status string

// The statuses of sessions.
const (
	Valid   Status = "valid"
	Invalid Status = "invalid"
)

// Outcome is what a run did with a session (domain.md §3.8).
type Outcome string

// The outcomes of sessions.
const (
	Credited Outcome = "credited"
	Held     Outcome = "held"
	Zero     Outcome = "zero"
	Excluded Outcome = "excluded"
)

// Reason says why a session was held or excluded (domain.md §3.5).
type Reason string

// The reasons, in the order in which they are checked.
const (
	BeforeStartDate  Reason = "before_start_date" // excluded
	OperatorOwned    Reason = "operator_owned"    // excluded
	ReasonInvalid    Reason = "invalid"
	IDReused         Reason = "id_reused" // another session has its id
	UnknownConnector Reason = "unknown_connector"
	NoOwner          Reason = "no_owner"
	EndBeforeStart   Reason = "end_before_start"
	NegativeEnergy   Reason = "negative_energy"
	InTheFuture      Reason = "in_the_future"
	TooLong          Reason = "too_long"
	DurationMismatch Reason = "duration_mismatch"
	TooMuchEnergy    Reason = "too_much_energy"
	MeterMismatch    Reason = "meter_mismatch"
	SignatureInvalid Reason = "signature_invalid" // signed meter data that is not of the meter, or says another energy
	Overlap          Reason = "overlap"
	Unpriced         Reason = "unpriced"
	NoDriverAmount   Reason = "no_driver_amount"  // the contract needs one (settlement.md §3.5)
	ContractCurrency Reason = "contract_currency" // the amount is in another currency than the contract
	NotCollected     Reason = "not_collected"     // the contract settles what the driver has paid
	NotDue           Reason = "not_due"           // the owner is settled at the end of a longer period
	// OwnerFailed holds the sessions of an owner whose credit note could not
	// be made in this run.
	OwnerFailed Reason = "owner_failed"
)

// Releasable reports whether an administrator may release a session in spite of
// the reason. The others need corrected data or settings.
func (r Reason) Releasable() bool {
	switch r {
	case ReasonInvalid, InTheFuture, TooLong, DurationMismatch, TooMuchEnergy, MeterMismatch, SignatureInvalid, Overlap:
		return true
	}
	return false
}

// Excludes reports whether the reason closes a session for good.
func (r Reason) Excludes() bool { return r == BeforeStartDate || r == OperatorOwned }

// Collection says that the money of a driver has arrived.
type Collection struct {
	Source     string
	ExternalID string
	At         time.Time
	Amount     *money.Micros // net; nil: not stated
}
