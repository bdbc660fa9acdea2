package api

// The elements of a network file (formats.md §1) with the names it has for
// their fields. A test reads and writes a file with every field through them.

// NetworkFile is a network file.
type NetworkFile struct {
	Operator      *Entity             `json:"operator,omitempty"`
	TaxAccounts   []TaxAccount        `json:"tax_accounts,omitempty"`
	NumberRanges  []NumberRange       `json:"number_ranges,omitempty"`
	Entities      []Entity            `json:"entities,omitempty"`
	CostRates     []CostRate          `json:"cost_rates,omitempty"`
	Community     []CommunityTariff   `json:"community_tariffs,omitempty"`
	ChargePoint   []ChargePointTariff `json:"charge_point_tariffs,omitempty"`
	Sales         []SalesTariff       `json:"sales_tariffs,omitempty"`
	Partners      []map[string]any    `json:"bilateral_partners,omitempty"`
	Stations      []Station           `json:"stations,omitempty"`
	Media         []map[string]any    `json:"media,omitempty"`
	Contracts     []map[string]any    `json:"contracts,omitempty"`
	SettingsBlock map[string]any      `json:"settings,omitempty"`
}

// Entity is the operator or a Sub-CPO.
type Entity struct {
	Key             string         `json:"key,omitempty" doc:"stable; that of the address when left out"`
	Parent          string         `json:"parent,omitempty" doc:"key of the entity above; the operator has none"`
	Name            string         `json:"name"`
	LegalName       string         `json:"legal_name,omitempty"`
	Street          string         `json:"street,omitempty"`
	Postcode        string         `json:"postcode,omitempty"`
	City            string         `json:"city,omitempty"`
	Country         string         `json:"country" example:"DE" doc:"ISO 3166-1 alpha-2"`
	VATID           string         `json:"vat_id,omitempty"`
	TaxNumber       string         `json:"tax_number,omitempty"`
	RegisterNumber  string         `json:"register_number,omitempty"`
	Emails          []string       `json:"email,omitempty" nullable:"false" doc:"where credit notes are mailed to"`
	ReplyTo         string         `json:"reply_to,omitempty"`
	Phone           string         `json:"phone,omitempty"`
	Language        string         `json:"language,omitempty"`
	Currency        string         `json:"currency,omitempty"`
	TimeZone        string         `json:"time_zone,omitempty" doc:"of the operator only: months are cut in it"`
	CustomerRef     string         `json:"customer_reference,omitempty"`
	Bank            *Bank          `json:"bank,omitempty" doc:"other data than now wait until a second person approves them; left out, they stay"`
	Taxes           []TaxTreatment `json:"tax,omitempty" nullable:"false"`
	Agreement       *Agreement     `json:"agreement,omitempty"`
	AlternateCredit string         `json:"alternate_credit_address,omitempty" doc:"key of the entity that gets this one's credit notes"`
	SessionDetail   string         `json:"session_detail,omitempty" enum:"csv,pdf,none" doc:"csv when left out"`
	Limits          *Limits        `json:"limits,omitempty" doc:"of the rules of plausibility at its stations, instead of those of the settings"`
	Active          *bool          `json:"active,omitempty" doc:"true when left out"`
}

// Limits are the limits of the rules by which sessions are held.
type Limits struct {
	FutureHours       int    `json:"max_future_hours,omitempty" minimum:"1" maximum:"8784" doc:"a session may end so long after it was received"`
	SessionDays       int    `json:"max_session_days,omitempty" minimum:"1" maximum:"366"`
	DurationTolerance int    `json:"duration_tolerance_s,omitempty" minimum:"1" maximum:"86400" doc:"a stated duration may be so much above end minus start"`
	EnergyKWh         string `json:"max_energy_kwh,omitempty" doc:"1 … 1000000, where the power of the connector is unknown"`
	MeterTolerance    string `json:"meter_tolerance_percent,omitempty" example:"1" doc:"the meter may be so much off the energy"`
	OverlapTolerance  int    `json:"overlap_tolerance_s,omitempty" minimum:"1" maximum:"86400" doc:"sessions at one connector may overlap for so long"`
}

// Bank is the account the money goes to.
type Bank struct {
	Holder string `json:"holder,omitempty"`
	IBAN   string `json:"iban,omitempty"`
	BIC    string `json:"bic,omitempty"`
}

// TaxTreatment names the tax account that applies from a day on.
type TaxTreatment struct {
	From    string `json:"from,omitempty" example:"2026-01-01"`
	Account string `json:"account" doc:"key of a tax account"`
}

// Agreement is the self-billing agreement.
type Agreement struct {
	SignedOn   string `json:"signed_on,omitempty" example:"2026-01-01"`
	ValidFrom  string `json:"valid_from,omitempty" example:"2026-01-01"`
	ValidUntil string `json:"valid_until,omitempty" example:"2027-12-31"`
	Reference  string `json:"reference,omitempty"`
}

// Station is a place with EVSEs.
type Station struct {
	Key        string      `json:"key,omitempty" doc:"stable; that of the address when left out"`
	Name       string      `json:"name"`
	TimeZone   string      `json:"time_zone,omitempty" example:"Europe/Berlin" doc:"IANA; the operator's when left out"`
	Address    *Address    `json:"address,omitempty"`
	Owners     []Ownership `json:"owners,omitempty" nullable:"false"`
	Connectors []Connector `json:"connectors,omitempty" nullable:"false"`
}

// Address is where a station stands.
type Address struct {
	Street   string `json:"street,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	City     string `json:"city,omitempty"`
	Country  string `json:"country,omitempty" example:"DE"`
}

// Ownership says to whom a station belongs from a moment on.
type Ownership struct {
	From   string `json:"from,omitempty" example:"2026-01-01" doc:"a day in the station's zone, or an instant"`
	Entity string `json:"entity" doc:"key"`
}

// Connector is where sessions happen.
type Connector struct {
	EVSEID     string            `json:"evse_id" example:"DE*VLT*E1001"`
	Number     int               `json:"connector,omitempty" minimum:"1" doc:"at the EVSE; 1 when left out"`
	Type       string            `json:"type,omitempty" example:"IEC_62196_T2" doc:"OCPI name"`
	PowerType  string            `json:"power_type,omitempty" enum:"AC,DC"`
	MaxPowerKW string            `json:"max_power_kw,omitempty" example:"22"`
	Tariffs    []ConnectorTariff `json:"tariffs,omitempty" nullable:"false"`
}

// ConnectorTariff says which tariffs apply at a connector, and when.
type ConnectorTariff struct {
	From        string `json:"from,omitempty" example:"2026-01-01"`
	To          string `json:"to,omitempty" example:"2027-01-01"`
	ChargePoint string `json:"charge_point,omitempty" doc:"key of a charge-point tariff"`
	Community   string `json:"community,omitempty" doc:"key of a COMMUNITY tariff"`
}

// CostRate is one version of a price construct. All prices are net.
type CostRate struct {
	Key          string          `json:"key,omitempty" doc:"stable; that of the address when left out"`
	ValidFrom    string          `json:"valid_from,omitempty" example:"2026-01-01T00:00:00+01:00"`
	Currency     string          `json:"currency" example:"EUR"`
	EnergyStepWh int64           `json:"energy_step_wh,omitempty" minimum:"0"`
	Energy       []EnergyBand    `json:"energy,omitempty" nullable:"false"`
	Time         []TimeBand      `json:"time,omitempty" nullable:"false"`
	SessionFee   *SessionFee     `json:"session_fee,omitempty"`
	Schedule     []ScheduleEntry `json:"schedule,omitempty" nullable:"false"`
}

// EnergyBand prices energy up to a bound; the last band is open.
type EnergyBand struct {
	UpToWh int64  `json:"up_to_wh"`
	PerKWh string `json:"per_kwh" example:"0.35"`
}

// TimeBand prices time up to a bound; the last band is open.
type TimeBand struct {
	UpToMin int64  `json:"up_to_min"`
	PerHour string `json:"per_hour" example:"7.20"`
}

// SessionFee is charged once for a session.
type SessionFee struct {
	Amount       string `json:"amount" example:"1.30"`
	GraceSeconds int64  `json:"grace_s,omitempty"`
	ThresholdWh  int64  `json:"threshold_wh,omitempty"`
}

// ScheduleEntry replaces the prices of a cost rate while it is in force.
type ScheduleEntry struct {
	Weekdays   []int        `json:"weekdays,omitempty" nullable:"false" doc:"1 is Monday"`
	From       string       `json:"from,omitempty" example:"22:00"`
	To         string       `json:"to,omitempty" example:"06:00"`
	Starting   string       `json:"starting,omitempty" example:"2026-12-24T00:00:00+01:00"`
	Energy     []EnergyBand `json:"energy,omitempty" nullable:"false"`
	Time       []TimeBand   `json:"time,omitempty" nullable:"false"`
	SessionFee *SessionFee  `json:"session_fee,omitempty"`
}

// CommunityTariff is a network-wide tariff that owners choose at connectors.
type CommunityTariff struct {
	Key      string             `json:"key,omitempty" doc:"stable; that of the address when left out"`
	Name     string             `json:"name"`
	Versions []CommunityVersion `json:"versions" nullable:"false"`
}

// CommunityVersion names the purchase price from a moment on.
type CommunityVersion struct {
	From     string `json:"from,omitempty" example:"2026-01-01"`
	Purchase string `json:"purchase" doc:"key of a cost rate"`
}

// ChargePointTariff says at a connector when which cost rate applies.
type ChargePointTariff struct {
	Key      string      `json:"key,omitempty" doc:"stable; that of the address when left out"`
	Name     string      `json:"name"`
	Purchase []Condition `json:"purchase,omitempty" nullable:"false"`
	Sales    []Condition `json:"sales,omitempty" nullable:"false"`
}

// SalesTariff is what the driver pays with a medium.
type SalesTariff struct {
	Key   string      `json:"key,omitempty" doc:"stable; that of the address when left out"`
	Name  string      `json:"name"`
	Sales []Condition `json:"sales,omitempty" nullable:"false"`
}

// Condition is a cost rate with filters and validity.
type Condition struct {
	Rate     string  `json:"rate" doc:"key of a cost rate"`
	From     string  `json:"from,omitempty" example:"2026-01-01"`
	To       string  `json:"to,omitempty" example:"2027-01-01"`
	When     *Filter `json:"when,omitempty"`
	Position int64   `json:"position,omitempty" minimum:"0"`
}

// Filter narrows a condition; all that is set must match.
type Filter struct {
	EVSEID           string `json:"evse_id,omitempty"`
	Station          string `json:"station,omitempty"`
	ConnectorType    string `json:"connector_type,omitempty"`
	PowerType        string `json:"power_type,omitempty" enum:"AC,DC"`
	OperatingCompany string `json:"operating_company,omitempty"`
	Weekdays         []int  `json:"weekdays,omitempty" nullable:"false"`
	From             string `json:"from,omitempty" example:"22:00"`
	To               string `json:"to,omitempty" example:"06:00"`
}

// NumberRange is a series of document numbers.
type NumberRange struct {
	Key      string   `json:"key,omitempty" doc:"stable; that of the address when left out"`
	Name     string   `json:"name"`
	Pattern  string   `json:"pattern" example:"GS-{YYYY}-{SEQ:5}"`
	Next     int64    `json:"next,omitempty" minimum:"1" doc:"the first number of a counter"`
	Reset    string   `json:"reset,omitempty" enum:"never,yearly,monthly"`
	ValidFor []string `json:"valid_for" nullable:"false" enum:"credit_note,cancellation,invoice"`
	Scope    string   `json:"scope,omitempty" enum:"issuer,recipient"`
	Active   *bool    `json:"active,omitempty" doc:"true when left out"`
}

// TaxAccount is a rate of tax with its category and ledger account.
type TaxAccount struct {
	Key             string            `json:"key,omitempty" doc:"stable; that of the address when left out"`
	Name            map[string]string `json:"name" doc:"by language"`
	Category        string            `json:"category" enum:"S,Z,E,AE,K,G,O" doc:"UNCL5305"`
	Country         string            `json:"country,omitempty" example:"DE"`
	LedgerAccount   string            `json:"ledger_account,omitempty"`
	ExemptionCode   string            `json:"exemption_code,omitempty"`
	ExemptionReason map[string]string `json:"exemption_reason,omitempty" doc:"by language"`
	Rates           []TaxRate         `json:"rates" nullable:"false"`
}

// TaxRate is the percentage from a day on.
type TaxRate struct {
	From    string `json:"from,omitempty" example:"2026-01-01"`
	Percent string `json:"percent" example:"19"`
}
