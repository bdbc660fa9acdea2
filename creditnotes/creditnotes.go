// Package creditnotes is the month end: what is ready, the run that drafts,
// releases and issues credit notes, the notes themselves with their positions
// and lines, taxes, cancellation, and the control sheet that proves a run. It
// says what it wants from a store and never talks to one: no database, no
// clock, no files.
package creditnotes

import (
	"time"

	"creditrun/entities"
	"creditrun/internal/money"
	"creditrun/internal/sessions"
	"creditrun/numbering"
	"creditrun/tariffs"
)

// Note is one credit note, one fee invoice (settlement.md §5), or the
// cancellation of one (domain.md §1, §9.8). A note is a draft until it has a
// number; from then on it never changes.
type Note struct {
	ID      int64
	RunID   int64
	Kind    numbering.DocumentType // credit_note, invoice or cancellation
	State   State
	Ordinal int // its place in the walk order of its run

	Number   string // empty while a draft
	Range    string // key of the number range
	Scope    string // recipient key, in a range per recipient
	Period   string // of the range's reset: "", 2026 or 2026-10
	Sequence int64

	Owners     []string // keys, in walk order; one unless consolidated
	Recipient  string   // key
	Language   string
	Currency   string
	Date       entities.Date
	PeriodFrom entities.Date // start day of the first session
	PeriodTo   entities.Date // end day of the last session

	Positions []Position
	Taxes     []TaxTotal
	Net       money.Amount
	Tax       money.Amount
	Gross     money.Amount

	Document Document   // everything printed, frozen with the draft
	Logo     []byte     // the file Document.Logo names, while the note is rendered
	Proof    *NoteProof // what its PDF carries, while the note is rendered; nil: nothing
	Cancels  int64      // id of the note this one cancels
	IssuedAt time.Time
	Hash     string // SHA-256 of the content, set when issued
	// MailedWith is the id of the note in whose mail this one goes; 0: it has a
	// mail of its own, or none.
	MailedWith int64
}

// State is where a note is on its way.
type State string

// The states of notes.
const (
	Draft   State = "draft"   // numberless, may still be thrown away
	Issued  State = "issued"  // numbered and frozen
	Zero    State = "zero"    // net 0.00 without a document; its sessions are settled
	Carried State = "carried" // negative; waits to become a position of the owner's next note
)

// Position is one printed sum on a credit note (domain.md §6.3).
type Position struct {
	Ordinal     int
	Owner       string // key
	Station     string // key; empty for a sum carried forward
	StationName string
	Component   Component
	Month       entities.Month // the sessions belong to
	Late        bool
	Correction  bool
	Sessions    int
	Energy      money.Quantity // of share, energy and own charging positions
	Sum         money.Micros   // exact
	Net         money.Amount   // Sum rounded once
	CarriedFrom int64          // id of the carried note this position brings along
	TaxAccount  string         // key of the tax account whose TaxTotal it is part of
	Tax         int            `json:",omitempty"` // slot of that TaxTotal
	Contract    string         `json:",omitempty"` // key of the contract that settles it
	Record      string         `json:",omitempty"` // key of the custom record that it prints
	Text        string         `json:",omitempty"` // of the custom record
	Quantity    int64          `json:",omitempty"` // of a fee, which is Quantity × UnitPrice
	UnitPrice   money.Micros   `json:",omitempty"`
	// CollectedLater: an earlier run held some of the sessions until their money
	// had arrived (settlement.md §3.5).
	CollectedLater bool `json:",omitempty"`
	// CreditedAgain is the number of the cancelled document that credited the
	// sessions before; empty: none did.
	CreditedAgain string `json:",omitempty"`
	// Prices are what the sessions were settled at, at most MostPrices of them;
	// FurtherPrices: there are more, which the session file shows.
	Prices        []UnitPrice `json:",omitempty"`
	FurtherPrices bool        `json:",omitempty"`
	Turn          int         `json:"-"` // of the Booking it is of, from 1; 0: of none
}

// Component is the part of the price a position adds up.
type Component string

// The components, in the order in which they are printed.
const (
	Share           Component = "share"
	Energy          Component = "energy"
	Time            Component = "time"
	Fee             Component = "fee"
	ElectricityCost Component = "electricity_cost"
	ElectricityTax  Component = "electricity_tax"
	SessionFees     Component = "session_fees"

	// Of no station (settlement.md §3.4).
	MinimumGuarantee Component = "minimum_guarantee"
	VolumeBonus      Component = "volume_bonus"
	Custom           Component = "custom"
	CarriedForward   Component = "carried_forward"
)

// The components of a fee invoice, in the order in which they are printed,
// before Custom and CarriedForward (settlement.md §3.7).
const (
	MonthlyFee    Component = "monthly_fee"
	FeePerStation Component = "fee_per_station"
	FeePerACEVSE  Component = "fee_per_ac_evse"
	FeePerDCEVSE  Component = "fee_per_dc_evse"
	OwnCharging   Component = "own_charging"
)

// Line is the settlement of one session: below the positions of its note, or
// without a note when the session is excluded. A session has at most one live
// line of a kind.
type Line struct {
	NoteID    int64 // 0: excluded or withdrawn
	OwnerID   int64
	SessionID int64
	PathID    int64
	Kind      LineKind
	// Correction says that an earlier version of the session was credited: to
	// this owner or to another one.
	Correction bool
	Tax        int // slot of the TaxTotal of its note
	Energy     money.Quantity
	Nets
	// ByDriver reports whether the settlement used the driver amount, and
	// DriverAmount and DriverFee are what it used (settlement.md §3.3).
	ByDriver     bool
	DriverAmount money.Micros
	DriverFee    money.Micros
	// Sold reports whether the sales side charges the driver, where the settlement
	// used no driver amount and the source stated none, and Sale is how much, in the
	// currency of the line and with its sign.
	Sold   bool
	Sale   money.Micros
	Reason sessions.Reason // why the session is excluded; empty: it is not
}

// Nets are the parts of what a session is settled with, net. NetEnergy, NetTime
// and NetFee are a purchase price; the others are of a contract.
type Nets struct {
	NetEnergy          money.Micros
	NetTime            money.Micros
	NetFee             money.Micros
	NetShare           money.Micros
	NetElectricityCost money.Micros
	NetElectricityTax  money.Micros
	NetSessionFees     money.Micros
}

// lineComponents are the components of a line, in the order in which they are
// printed (settlement.md §3.4).
var lineComponents = [...]Component{Share, Energy, Time, Fee, ElectricityCost, ElectricityTax, SessionFees}

// LineComponents are the components in the order of Nets.Parts.
func LineComponents() []Component { return lineComponents[:] }

// Parts are the parts in the order of LineComponents.
func (n *Nets) Parts() [len(lineComponents)]*money.Micros {
	return [...]*money.Micros{&n.NetShare, &n.NetEnergy, &n.NetTime, &n.NetFee, &n.NetElectricityCost, &n.NetElectricityTax, &n.NetSessionFees}
}

// Total is the sum of all parts.
func (n *Nets) Total() (total money.Micros) {
	for _, part := range n.Parts() {
		total += *part
	}
	return total
}

// Times returns the parts with the sign of a document: 1 or −1.
func (n Nets) Times(sign money.Micros) Nets {
	for _, part := range n.Parts() {
		*part *= sign
	}
	return n
}

// LineKind says what a line does with its session.
type LineKind string

// The kinds of lines.
const (
	LineCredit    LineKind = "credit"    // pays the session
	LineReversal  LineKind = "reversal"  // takes back what an earlier version was paid
	LineExcluded  LineKind = "excluded"  // closes the session for good, unpaid
	LineWithdrawn LineKind = "withdrawn" // closes a session that was taken back before it was credited

	LineOwnCharging LineKind = "own_charging"          // bills the session to the issuer of its medium
	LineOwnReversal LineKind = "own_charging_reversal" // takes back what an earlier version was billed with
)

// Detail is a line with its session, as the session file prints it. Amounts
// carry the sign with which they stand on the document.
type Detail struct {
	Session      sessions.Session
	Owner        string
	Line         Line         // of own charging without amounts but the driver's
	Own          money.Micros // what is billed as own charging
	Path         PathInfo
	Month        entities.Month
	Late         bool
	Tax          TaxTotal // that of the line, without its amounts
	CorrectionOf string   // number of the document that first credited the session
	// CreditedAgain is Position.CreditedAgain.
	CreditedAgain string
	// CarriedFrom is the month whose run carried the line forward onto this
	// note, and CarriedNote the id of the sum; empty for the note's own lines.
	CarriedFrom entities.Month
	CarriedNote int64
}

// Total is what the detail adds to its position.
func (d *Detail) Total() money.Micros { return d.Line.Total() + d.Own }

// PathInfo is what a detail prints of the price path.
type PathInfo struct {
	Class         sessions.Class
	EVSEID        string
	Connector     int
	ConnectorType string
	Station       string
	Zone          string // IANA
	Rule          string
	Tariff        string
	CostRate      string
	Currency      string
	Discount      money.Percent
	Contract      string // key of the contract that settles the session; empty: none
	// CollectedLater: an earlier run held the session until its money had arrived
	// (settlement.md §3.5).
	CollectedLater bool
	// UnitPriceKWh and UnitPriceHour are net of the discount; empty where
	// several prices apply, or none.
	UnitPriceKWh, UnitPriceHour string
}

// unitPrices writes the price of a kWh and of an hour, net of the discount,
// where there is one price for all of them.
func unitPrices(p *tariffs.Path) (perKWh, perHour string) {
	if p.Prices == nil {
		return "", ""
	}
	if bands := p.Prices.Energy; len(bands) == 1 {
		perKWh = discounted(bands[0].PerKWh, p.Discount)
	}
	if bands := p.Prices.Time; len(bands) == 1 {
		perHour = discounted(bands[0].PerHour, p.Discount)
	}
	return perKWh, perHour
}

// discounted writes a rate less a discount, exactly.
func discounted(rate money.Rate, discount money.Percent) string {
	const decimals = money.MicroDecimals + 4 // of the rate, and of a percentage
	return money.FormatTrimmed(int64(rate)*int64(money.Hundred-discount), decimals)
}

// PathInfoOf takes from a price path what a detail prints of it.
func PathInfoOf(p *tariffs.Path) PathInfo {
	info := PathInfo{
		Class:         p.Class,
		EVSEID:        p.EVSEID,
		Connector:     p.Connector,
		ConnectorType: p.ConnectorType,
		Station:       p.Station,
		Zone:          p.Zone,
		Rule:          string(p.Rule),
		Tariff:        p.Tariff,
		Currency:      p.Currency,
		Discount:      p.Discount,
	}
	if p.CostRate != nil {
		info.CostRate = p.CostRate.Key
	}
	if p.Contract != nil {
		info.Contract, info.CollectedLater = p.Contract.Key, p.Contract.CollectedLater
	}
	info.UnitPriceKWh, info.UnitPriceHour = unitPrices(p)
	return info
}

// Document is what is printed and sent of a note beyond its figures: a
// snapshot, so that nothing that changes later changes an issued document.
type Document struct {
	Issuer     Party             `json:"issuer"`    // the operator, who writes it: the buyer, and of a fee invoice the seller
	Recipient  Party             `json:"recipient"` // who gets it and the money: the seller, and of a fee invoice the buyer, who pays
	OwnerNames map[string]string `json:"owner_names"`
	TimeZone   string            `json:"time_zone"` // of the operator
	Month      entities.Month    `json:"month"`     // the run's
	// PeriodBegins is the first month of the period that the run closes for an
	// owner, where that is not the month of the run (settlement.md §9).
	PeriodBegins   map[string]entities.Month `json:"period_begins,omitempty"`
	Mentions       []string                  `json:"mentions"`
	RevenueAccount string                    `json:"revenue_account,omitempty"`
	NetDays        int                       `json:"net_days"`
	DueDate        entities.Date             `json:"due_date,omitempty"`
	PaymentTerms   string                    `json:"payment_terms,omitempty"`
	SetOff         bool                      `json:"set_off,omitempty"`   // a fee invoice that is set off against credit notes
	Agreement      string                    `json:"agreement,omitempty"` // reference
	SessionDetail  string                    `json:"session_detail"`
	Delivery       []entities.Channel        `json:"delivery,omitempty"` // how it reaches the recipient; none: the PDF by mail
	Held           HeldSummary               `json:"held"`
	MailTo         []string                  `json:"mail_to,omitempty"`
	ReplyTo        string                    `json:"reply_to,omitempty"`
	CancelsNumber  string                    `json:"cancels_number,omitempty"`
	CancelsDate    entities.Date             `json:"cancels_date,omitempty"`
	CancelReason   string                    `json:"cancel_reason,omitempty"`
	CurrencyDigits int                       `json:"currency_digits"`
	TypeCode       string                    `json:"type_code"`       // of the e-invoice (UNTDID 1001): 389; of a cancellation 261, 384 or 389; of a fee invoice 380, of its cancellation 381
	Logo           string                    `json:"logo,omitempty"`  // SHA-256 of the operator's logo, a PNG or SVG
	Color          string                    `json:"color,omitempty"` // of headings and rules: #0b5563
	Layout         *PrintedLayout            `json:"layout,omitempty"`
	CarriedForward map[int]string            `json:"carried_forward,omitempty"` // run name by position ordinal
	CarriedMonths  []CarriedMonth            `json:"carried_months,omitempty"`  // what these positions are made of
	Offsets        []Offset                  `json:"offsets,omitempty"`         // what was set off since the last document
	UnitPrices     bool                      `json:"unit_prices,omitempty"`     // the positions have their prices: false for notes of earlier versions
}

// PeriodOf is the first month of the period that the run closes for an owner:
// what belongs to an earlier month is late.
func (d *Document) PeriodOf(owner string) entities.Month {
	if first := d.PeriodBegins[owner]; !first.IsZero() {
		return first
	}
	return d.Month
}

// CarriedMonth is what a sum carried forward has of the sessions of one month, those
// that are credited again apart.
type CarriedMonth struct {
	Position int            `json:"position"` // ordinal of the position that brings the sum along
	Month    entities.Month `json:"month"`
	Sessions int            `json:"sessions"`
	Energy   money.Quantity `json:"energy_kwh"`
	Net      money.Amount   `json:"net"`
	// CreditedAgain is the number of the cancelled document that credited the
	// sessions before; empty: none did.
	CreditedAgain string `json:"credited_again,omitempty"`
}

// Offset tells that sums carried forward and the credits of a month came to
// exactly 0.00, for which there is no document.
type Offset struct {
	Month   entities.Month `json:"month"` // of the run
	Credits money.Amount   `json:"credits"`
}

// Party is one side of a document as printed.
type Party struct {
	Key            string        `json:"key"`
	Name           string        `json:"name"` // legal name where known
	Street         string        `json:"street,omitempty"`
	Postcode       string        `json:"postcode,omitempty"`
	City           string        `json:"city,omitempty"`
	Country        string        `json:"country,omitempty"`
	VATID          string        `json:"vat_id,omitempty"`
	TaxNumber      string        `json:"tax_number,omitempty"`
	RegisterNumber string        `json:"register_number,omitempty"`
	Email          string        `json:"email,omitempty"`
	Phone          string        `json:"phone,omitempty"`
	CustomerRef    string        `json:"customer_ref,omitempty"`
	Bank           entities.Bank `json:"bank,omitzero"`
	// ElectronicAddress is that of a network for e-invoices, such as Peppol.
	ElectronicAddress entities.ElectronicAddress `json:"electronic_address,omitempty"`
}

// HeldSummary tells the recipient what is under review and not credited yet.
type HeldSummary struct {
	Sessions int            `json:"sessions"`
	Energy   money.Quantity `json:"energy_kwh"`
}
