// Package entities knows the operator's network: the tree of entities, the
// stations with their connectors, who owned what when, who receives whose
// credit notes, and in which order the tree is walked. It computes and never
// reads: no database, no clock, no files.
package entities

import (
	"slices"
	"strings"
	"time"

	"creditrun/internal/fault"
	"creditrun/internal/money"
	"creditrun/internal/ocmf"
	"creditrun/internal/sessions"
)

// Entity is one unit of the operator's company structure (domain.md §2.2). The
// root is the operator, which issues the credit notes.
type Entity struct {
	ID              int64
	Key             string
	Parent          string // key of the parent; empty for the operator
	Name            string
	LegalName       string
	Street          string
	Postcode        string
	City            string
	Country         string // ISO 3166-1 alpha-2
	VATID           string
	TaxNumber       string
	RegisterNumber  string
	Emails          []string // where credit notes are mailed to
	ReplyTo         string
	Phone           string
	Language        string // empty: the language of the settings
	Currency        string // empty: the operator's
	TimeZone        string // the operator's only: months are cut in it
	Layout          string // key of the layout of its documents; empty: that of the settings
	CustomerRef     string
	CreditorAccount string // of the entity in the ledger, at most 15 digits
	ExternalID      string // its key in another system; unlike that of any other entity
	Bank            Bank
	Taxes           []TaxTreatment
	FeeTaxes        []TaxTreatment   // of the fees charged to it (settlement.md §5.1); none: the setting
	Reseller        []ResellerPeriod // in which it is a reseller of electricity (domain.md §7.2)
	Agreement       Agreement
	AlternateCredit string // key of the alternate credit address; empty: none
	SessionDetail   SessionDetail
	// ElectronicAddress is that of a network for e-invoices; empty: none.
	ElectronicAddress ElectronicAddress
	Delivery          []Channel    // how its documents reach it; none: the PDF by mail
	Capabilities      []Capability // what it was found able to receive
	Frequency         Frequency
	SetOff            bool          // its fee invoices are set off against its credit notes
	PaymentTerms      *PaymentTerms // nil: those of the settings
	PayoutHold        PayoutHold
	ReminderStop      ReminderStop
	// ReportMail says whether settlement reports are mailed; nil: the
	// setting decides.
	ReportMail *bool
	Limits     sessions.Limits // of the rules of plausibility at its stations
	Active     bool
}

// Check returns what looks wrong with the master data of an entity: findings
// for the readiness check, never a reason to refuse the data. What is missing
// is not reported, for whether it is needed depends on the documents. Bank
// accounts are not quoted, since findings may reach the log.
func (e *Entity) Check() []*fault.Fault {
	c := checker{entity: e}
	c.country()
	c.vatID()
	c.bank()
	c.mailAddresses()
	c.currency()
	c.taxes("tax", e.Taxes)
	c.taxes("fee_tax", e.FeeTaxes)
	c.resellers()
	c.agreement()
	c.sessionDetail()
	c.creditorAccount()
	c.externalID()
	c.delivery()
	return c.found
}

func (c *checker) externalID() {
	if id := c.entity.ExternalID; id != "" && CheckExternalID(id) != nil {
		c.add("external_id", "external_id_malformed", fault.Args{"id": printable(id)})
	}
}

func (c *checker) creditorAccount() {
	if account := c.entity.CreditorAccount; len(account) > 15 || strings.Trim(account, "0123456789") != "" {
		c.add("creditor_account", "creditor_account_malformed", fault.Args{"account": account})
	}
}

// DisplayName is the legal name where there is one, else the name.
func (e *Entity) DisplayName() string {
	if e.LegalName != "" {
		return e.LegalName
	}
	return e.Name
}

// Bank is the account the money goes to.
type Bank struct {
	Holder string `json:"holder,omitempty"`
	IBAN   string `json:"iban,omitempty"`
	BIC    string `json:"bic,omitempty"`
}

// TaxTreatment names the tax account that applies to an entity from a date on
// (domain.md §7.2), in the operator's zone.
type TaxTreatment struct {
	From    Date   `json:"from"`
	Account string `json:"account"`
}

// TaxStatedOn reports whether a tax treatment is stated for a day. Where none is,
// the operator's standard applies, and whether that is right is not known.
func (e *Entity) TaxStatedOn(day Date) bool {
	return slices.ContainsFunc(e.Taxes, func(t TaxTreatment) bool { return !day.Before(t.From) })
}

// PaymentTerms says when documents of the operator are due, and how that is put
// in words.
type PaymentTerms struct {
	NetDays int               `json:"net_days"` // days after the date of the document
	Text    map[string]string `json:"text,omitempty"`
}

// PayoutHold says since when nothing is paid out to an entity, and why. The
// zero value: it is paid.
type PayoutHold struct {
	Since  Date   `json:"since,omitzero"`
	Reason string `json:"reason,omitempty"`
}

// ReminderStop says since when an entity gets no reminders of what it owes, and
// why. The zero value: it gets them.
type ReminderStop struct {
	Since  Date   `json:"since,omitzero"`
	Reason string `json:"reason,omitempty"`
}

// Agreement is the self-billing agreement between operator and entity. Its
// dates are days in the operator's zone; ValidUntil is the last day it holds.
type Agreement struct {
	SignedOn   Date   `json:"signed_on,omitzero"`
	ValidFrom  Date   `json:"valid_from,omitzero"`
	ValidUntil Date   `json:"valid_until,omitzero"`
	Reference  string `json:"reference,omitempty"`
	// BillingPeriod is the period of credit notes that the agreement names; empty:
	// it names none.
	BillingPeriod Frequency `json:"billing_period,omitempty"`
}

// CoversDay reports whether the agreement holds on a day. An agreement without
// dates is none.
func (a Agreement) CoversDay(day Date) bool {
	if a.ValidFrom.IsZero() || day.Before(a.ValidFrom) {
		return false
	}
	return a.ValidUntil.IsZero() || !a.ValidUntil.Before(day)
}

// SessionDetail says how a recipient gets the single sessions.
type SessionDetail string

// The ways to get the sessions of a credit note.
const (
	DetailCSV  SessionDetail = "csv"  // an attached CSV file
	DetailXLSX SessionDetail = "xlsx" // an attached workbook in place of the CSV file
	DetailPDF  SessionDetail = "pdf"  // annex pages of the PDF
	DetailNone SessionDetail = "none" // not at all
)

// Station is a place with EVSEs. Its zone decides local times of conditions
// and schedules.
type Station struct {
	Key      string
	Name     string
	Kind     StationKind
	TimeZone string // IANA name
	Street   string
	Postcode string
	City     string
	Country  string
	Owners   []Ownership // sorted by From
	Until    Date        // the last day on which it is in service; empty: it has no end
}

// Ended reports whether the last day of something lies before another day. What
// has ended is offered for nothing new; what it was is priced as before.
func (d Date) Ended(day Date) bool { return !d.IsZero() && d.Before(day) }

// StationKind says what a station sells. The zero value is charging.
type StationKind string

// The kinds of stations. What other machines sell has a section of its own on
// account statements (settlement.md §6.3).
const (
	Charging StationKind = "charging"
	Machine  StationKind = "machine"
)

// Ownership says to whom a station belongs from a moment on, until the next
// one begins (domain.md §2.3).
type Ownership struct {
	From   Moment `json:"from"`
	Entity string `json:"entity"` // key
}

// Connector is where a session happened. ID is stable: sessions refer to it,
// also before any station claims the connector (Station is empty then).
type Connector struct {
	ID         int64
	EVSEID     string
	Number     int
	Station    string // key
	Type       string // OCPI name, such as IEC_62196_T2
	PowerType  PowerType
	MaxPowerKW money.Quantity // in millionths of a kW; 0: unknown
	Tariffs    []ConnectorTariff
	MeterKeys  []MeterKey
}

// MeterKey is the public key of the meter at a connector during [From, Until):
// with it the meter data of sessions is checked that start then. Where two cover
// the same moment, both are tried.
type MeterKey struct {
	Key   string `json:"key"` // as ocmf.ParseKey reads it
	From  Moment `json:"from,omitzero"`
	Until Moment `json:"until,omitzero"`
}

// Covers reports whether the key is that of the meter at an instant; its days
// begin in a zone.
func (k *MeterKey) Covers(t time.Time, zone *time.Location) bool {
	return !t.Before(k.From.In(zone)) && (k.Until.IsZero() || t.Before(k.Until.In(zone)))
}

// MeterKeysAt returns the keys of the meter at an instant; days begin in a zone.
func (c *Connector) MeterKeysAt(t time.Time, zone *time.Location) (list []*ocmf.Key) {
	for i := range c.MeterKeys {
		if key, err := ocmf.ParseKey(c.MeterKeys[i].Key); err == nil && c.MeterKeys[i].Covers(t, zone) {
			list = append(list, key)
		}
	}
	return list
}

// PowerType tells alternating from direct current.
type PowerType string

// The power types; empty is unknown.
const (
	AC PowerType = "AC"
	DC PowerType = "DC"
)

// ConnectorTariff says which tariffs apply at a connector during [From, To).
// Where two cover the same moment the later From wins.
type ConnectorTariff struct {
	From        Moment `json:"from"`
	To          Moment `json:"to,omitzero"`
	ChargePoint string `json:"charge_point,omitempty"` // key; empty: none
	Community   string `json:"community,omitempty"`    // key; empty: none
}

// Medium is an identification medium that an entity of the network issued.
type Medium struct {
	UID         string
	Issuer      string // entity key
	SalesTariff string // key; empty: none
	BillingFrom Date
	Until       Date // the last day on which it is used; empty: it has no end
}

// Partner is a roaming partner with whom the operator settles bilaterally.
type Partner struct {
	CountryCode string
	PartyID     string
	Name        string
	Limits      sessions.Limits // of the rules of plausibility for its sessions
}

// ID is the partner as sessions name it: DE*ABC.
func (p Partner) ID() string { return p.CountryCode + "*" + p.PartyID }

// OwnerAt returns the key of the entity that owned the station at the moment
// t, in the station's zone, or "" when no one did (domain.md §2.3).
func (s *Station) OwnerAt(t time.Time, zone *time.Location) string {
	owner := ""
	for _, o := range s.Owners {
		if o.From.In(zone).After(t) {
			break
		}
		owner = o.Entity
	}
	return owner
}
